//! One core: its runtime, its listeners, its connections and its tick.
//!
//! Everything here lives on one thread; what cores share is in [`Shared`], and only the source
//! table and a few counters of it are written to on the way of a request.

use crate::accept::{accept_all, accept_rest};
use crate::clock::Clock;
use crate::connection::{Connection, Ending};
use crate::origins::choice::{ChoiceRules, Trials};
use crate::origins::{OriginBook, PlatformOrigins, Prober};
use crate::pool::OriginPool;
use crate::recorder::{RecordedRequest, Recorder};
use crate::settings::{Platform, Settings};
use crate::tally::{Noted, Tally};
use crate::tls::Certificates;
use crate::watch::Watchlist;
use arc_swap::ArcSwap;
use seawall_config::{LogRequests, OriginUrl, Timeouts};
use seawall_engine::policy::{AtAccept, Judge, Judgement, SourceTable, Standing};
use seawall_types::{Batch, Moment, PlatformId, SourceKey, WallTime};
use seawall_wire::code::CodeKey;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, UNIX_EPOCH};
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How often a core looks at its deadlines and hands its counts over.
const TICK: Duration = Duration::from_millis(100);
/// What is read of a plain connection at accept: more than nearly every head.
const SCRATCH: usize = 8 * 1024;
/// While draining, time for the first request on a connection that was just taken.
const FIRST_WORDS: Duration = Duration::from_secs(1);
/// Idle connections that are asked to leave at once when there is no room for new ones.
const MADE_ROOM_AT_ONCE: usize = 64;
/// Ticks between two looks for origin connections that idle.
const PRUNE_EVERY: u32 = 50;

/// What all cores share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) settings: ArcSwap<Settings>,
    pub(crate) table: SourceTable,
    pub(crate) code_key: CodeKey,
    pub(crate) recorder: Recorder,
    pub(crate) counters: Counters,
    pub(crate) book: OriginBook,
    /// Connections of clients that may be open at once; the rest of the process's descriptors is
    /// for origins and for the shield itself.
    pub(crate) connections_max: u64,
}

/// Counts that are not of requests.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Handshakes that did not succeed, since start.
    pub(crate) handshakes_failed: AtomicU64,
    /// Times that no descriptor was left for a connection, since start.
    pub(crate) out_of_descriptors: AtomicU64,
    /// Open connections by listener index.
    pub(crate) open: Vec<AtomicU64>,
    /// Cores whose settings are those in force.
    pub(crate) settled: AtomicU64,
}

/// What a core is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Take connections and serve them.
    Serve,
    /// Take no more, finish what is open until this moment, then leave.
    Drain(Moment),
}

/// What a core's thread is given.
pub(crate) struct CoreSetup {
    pub(crate) index: u16,
    pub(crate) shared: Arc<Shared>,
    pub(crate) sockets: Vec<(usize, OwnedFd)>,
    pub(crate) batches: SyncSender<Batch>,
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) ready: SyncSender<io::Result<()>>,
}

/// The state of one core.
pub(crate) struct Core {
    shared: Arc<Shared>,
    view: RefCell<View>,
    tally: Tally,
    watchlist: Rc<Watchlist>,
    /// On the first core alone.
    prober: Option<Prober>,
    connections: RefCell<Slab<Rc<Connection>>>,
    scratch: RefCell<Box<[u8; SCRATCH]>>,
    coarse: Cell<Moment>,
    /// Of the last tick.
    wall: Cell<WallTime>,
    date: RefCell<String>,
}

/// The settings in force, with what this core keeps for them.
struct View {
    settings: Arc<Settings>,
    /// By platform index.
    origins: Vec<PlatformOrigins>,
    pools: HashMap<OriginUrl, Rc<OriginPool>>,
}

impl View {
    fn new(
        settings: Arc<Settings>,
        old: &HashMap<OriginUrl, Rc<OriginPool>>,
        book: &OriginBook,
    ) -> Self {
        let mut pools = HashMap::new();
        let mut origins = Vec::new();
        for (index, platform) in settings.platforms.iter().enumerate() {
            let urls = platform.as_ref().map_or(&[][..], |platform| &platform.origins);
            let of_platform = urls.iter().map(|url| {
                let pool = pools.entry(url.clone()).or_insert_with(|| {
                    let kept = old.get(url).cloned();
                    kept.unwrap_or_else(|| Rc::new(OriginPool::new(book.origin(url))))
                });
                pool.clone()
            });
            let rules = choice_rules(platform.as_ref());
            origins.push(PlatformOrigins::new(of_platform.collect(), book.budget(index), rules));
        }
        Self { settings, origins, pools }
    }

    fn judge<'a>(&'a self, table: &'a SourceTable) -> Judge<'a> {
        Judge { rules: &self.settings.rules, table }
    }
}

fn choice_rules(platform: Option<&Platform>) -> ChoiceRules {
    let is_probed = platform.is_some_and(|platform| platform.check.path.is_some());
    ChoiceRules {
        slow_start: platform.and_then(|platform| platform.slow_start),
        trials: if is_probed { Trials::Needless } else { Trials::Allowed },
    }
}

/// A connection that is counted, until this is dropped.
pub(crate) struct Held {
    core: Rc<Core>,
    connection: Rc<Connection>,
    key: usize,
}

impl Held {
    pub(crate) fn connection(&self) -> &Rc<Connection> {
        &self.connection
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.core.connections.borrow_mut().remove(self.key);
        self.core.at_close(self.connection.standing);
        if let Some(open) = self.core.shared.counters.open.get(self.connection.listener) {
            open.fetch_sub(1, Relaxed);
        }
    }
}

/// Runs one core until it is told to drain.
pub(crate) fn run(setup: CoreSetup) {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    match runtime {
        Ok(runtime) => {
            runtime.block_on(serve(setup));
            // A look for a name may hang for as long as the system's resolver does.
            runtime.shutdown_background();
        }
        // The thread that waits for it gives up the start.
        Err(cause) => drop(setup.ready.send(Err(cause))),
    }
}

async fn serve(setup: CoreSetup) {
    let CoreSetup { index, shared, sockets, batches, mut phase, ready } = setup;
    let core = Rc::new(Core::new(index, shared, batches));
    let mut accepting: Vec<JoinHandle<io::Result<()>>> = Vec::new();
    let mut copies = Vec::new();
    for (listener, socket) in sockets {
        match socket.try_clone() {
            Ok(copy) => copies.push((listener, copy)),
            Err(cause) => return drop(ready.send(Err(cause))),
        }
        accepting.push(tokio::task::spawn_local(accept_all(core.clone(), listener, socket)));
    }
    // Whoever started us may have given up waiting.
    let _ = ready.send(Ok(()));
    drop(ready);
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut ticks = 0_u32;
    let drained_by = loop {
        tokio::select! {
            _ = tick.tick() => { core.tick(ticks); ticks = ticks.wrapping_add(1); }
            changed = phase.changed() => match (changed, *phase.borrow()) {
                (Ok(()), Phase::Serve) => {}
                (Ok(()), Phase::Drain(until)) => break until,
                (Err(_), _) => break core.now(),
            },
        }
    };
    accepting.iter().for_each(JoinHandle::abort);
    for (listener, socket) in &copies {
        accept_rest(&core, *listener, socket);
    }
    drop(copies);
    let silent_until = core.now() + FIRST_WORDS;
    while core.now() < drained_by && core.finish_open(silent_until) > 0 {
        tick.tick().await;
        core.tick(ticks);
        ticks = ticks.wrapping_add(1);
    }
    core.tally.cut(core.now());
}

impl Core {
    fn new(index: u16, shared: Arc<Shared>, batches: SyncSender<Batch>) -> Self {
        let settings = shared.settings.load_full();
        shared.counters.settled.fetch_add(1, Relaxed);
        let view = View::new(settings, &HashMap::new(), &shared.book);
        let prober = (index == 0).then(Prober::default);
        if let Some(prober) = &prober {
            prober.follow(&view.settings, &view.origins);
        }
        Self {
            view: RefCell::new(view),
            prober,
            tally: Tally::new(index, batches),
            watchlist: Rc::default(),
            connections: RefCell::default(),
            scratch: RefCell::new(Box::new([0; SCRATCH])),
            coarse: Cell::new(shared.clock.now()),
            wall: Cell::new(shared.clock.wall()),
            date: RefCell::new(http_date(shared.clock.wall())),
            shared,
        }
    }

    fn tick(&self, ticks: u32) {
        let now = self.now();
        self.follow_settings();
        let wall = self.shared.clock.wall();
        if wall.as_secs_u32() != self.wall.replace(wall).as_secs_u32() {
            *self.date.borrow_mut() = http_date(wall);
        }
        self.watchlist.ring(now);
        if let Some(prober) = &self.prober {
            prober.look(now, self.shared.clock);
        }
        let send = self.timeouts().send;
        for (_, connection) in self.connections.borrow().iter() {
            connection.look(now, send);
        }
        if ticks.is_multiple_of(PRUNE_EVERY) {
            self.view.borrow().pools.values().for_each(|pool| pool.prune(now));
        }
        self.tally.cut(now);
    }

    /// Takes up settings that were swapped since the last tick.
    fn follow_settings(&self) {
        let current = self.shared.settings.load_full();
        let mut view = self.view.borrow_mut();
        if !Arc::ptr_eq(&view.settings, &current) {
            let pools = std::mem::take(&mut view.pools);
            *view = View::new(current, &pools, &self.shared.book);
            if let Some(prober) = &self.prober {
                prober.follow(&view.settings, &view.origins);
            }
            self.shared.counters.settled.fetch_add(1, Relaxed);
        }
    }

    /// Asks every connection to finish; how many are worth waiting for.
    ///
    /// Those that have not said a word are, until `silent_until`.
    fn finish_open(&self, silent_until: Moment) -> usize {
        let silent_count = self.now() < silent_until;
        let connections = self.connections.borrow();
        connections
            .iter()
            .inspect(|(_, connection)| connection.end(Ending::Graceful))
            .filter(|(_, connection)| silent_count || connection.has_spoken())
            .count()
    }

    /// Whether clients hold as many connections as they may.
    pub(crate) fn is_full(&self) -> bool {
        let open = self.shared.counters.open.iter().map(|open| open.load(Relaxed));
        open.sum::<u64>() >= self.shared.connections_max
    }

    /// Has connections leave that carry nothing, so that others find room.
    pub(crate) fn make_room(&self) {
        let connections = self.connections.borrow();
        let idle = connections.iter().filter(|(_, connection)| connection.has_answered_all());
        for (_, connection) in idle.take(MADE_ROOM_AT_ONCE) {
            connection.make_room(self.coarse_now());
        }
    }

    /// Counts a connection in.
    pub(crate) fn hold(self: &Rc<Self>, connection: Rc<Connection>) -> Held {
        if let Some(open) = self.shared.counters.open.get(connection.listener) {
            open.fetch_add(1, Relaxed);
        }
        let key = self.connections.borrow_mut().insert(connection.clone());
        Held { core: self.clone(), connection, key }
    }

    /// The time, read afresh.
    pub(crate) fn now(&self) -> Moment {
        let now = self.shared.clock.now();
        self.coarse.set(now);
        now
    }

    /// The time when it was last read: at most a tick old.
    pub(crate) fn coarse_now(&self) -> Moment {
        self.coarse.get()
    }

    /// Seconds since 1970, at most a tick old.
    pub(crate) fn wall_secs(&self) -> u32 {
        self.wall.get().as_secs_u32()
    }

    /// Looks at the present as an HTTP date (RFC 9110 §5.6.7), at most a tick old.
    pub(crate) fn with_date<T>(&self, look: impl FnOnce(&str) -> T) -> T {
        look(&self.date.borrow())
    }

    #[expect(clippy::cast_precision_loss, reason = "milliseconds since 1970 fit for ages")]
    pub(crate) fn wall_secs_f64(&self) -> f64 {
        self.shared.clock.wall().0 as f64 / 1e3
    }

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.view.borrow().settings.timeouts
    }

    pub(crate) fn body_max(&self) -> u64 {
        self.view.borrow().settings.body_max
    }

    pub(crate) fn watchlist(&self) -> &Rc<Watchlist> {
        &self.watchlist
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    pub(crate) fn code_key(&self) -> &CodeKey {
        &self.shared.code_key
    }

    pub(crate) fn with_scratch<T>(&self, read: impl FnOnce(&mut [u8]) -> T) -> T {
        read(&mut self.scratch.borrow_mut()[..])
    }
}

/// Questions to the rules in force.
impl Core {
    pub(crate) fn at_accept(&self, now: Moment, address: IpAddr) -> AtAccept {
        self.view.borrow().judge(&self.shared.table).at_accept(now, address)
    }

    pub(crate) fn at_close(&self, standing: Standing) {
        self.view.borrow().judge(&self.shared.table).at_close(standing);
    }

    pub(crate) fn judge_request(
        &self,
        now: Moment,
        standing: Standing,
        platform: PlatformId,
    ) -> Judgement {
        self.view.borrow().judge(&self.shared.table).request(now, standing, platform)
    }

    pub(crate) fn is_over(&self, now: Moment, standing: Standing) -> bool {
        self.view.borrow().judge(&self.shared.table).is_over(now, standing)
    }

    /// Whether single sources have a rate to keep.
    pub(crate) fn limits_sources(&self) -> bool {
        self.view.borrow().settings.rules.source_budget.is_some()
    }

    pub(crate) fn closes_over_rate(&self) -> bool {
        self.view.borrow().settings.rules.closes_over_rate()
    }

    pub(crate) fn platform(&self, authority: &str) -> Option<PlatformId> {
        self.view.borrow().settings.hosts.platform(authority)
    }

    pub(crate) fn platform_tag(&self, platform: Option<PlatformId>) -> u16 {
        let view = self.view.borrow();
        let known = platform.and_then(|id| view.settings.platforms.get(id.index())?.as_ref());
        known.map_or(0, |platform: &Platform| platform.tag)
    }

    /// Looks at the origins of a platform; none for one that a reload took away.
    pub(crate) fn with_origins<T>(
        &self,
        platform: PlatformId,
        look: impl FnOnce(&PlatformOrigins) -> T,
    ) -> Option<T> {
        self.view.borrow().origins.get(platform.index()).map(look)
    }

    pub(crate) fn redirects(&self, listener: usize) -> bool {
        self.listener(listener, |listener| listener.redirect_https).unwrap_or(false)
    }

    pub(crate) fn offers_h2(&self, listener: usize) -> bool {
        self.listener(listener, |listener| listener.http2).unwrap_or(false)
    }

    pub(crate) fn speaks_tls(&self, listener: usize) -> bool {
        self.listener(listener, |listener| listener.certificates.is_some()).unwrap_or(false)
    }

    pub(crate) fn certificates(&self, listener: usize) -> Option<Arc<Certificates>> {
        self.listener(listener, |listener| listener.certificates.clone()).flatten()
    }

    fn listener<T>(
        &self,
        index: usize,
        ask: impl FnOnce(&crate::settings::Listener) -> T,
    ) -> Option<T> {
        self.view.borrow().settings.listeners.get(index).map(ask)
    }
}

/// What is told to others.
impl Core {
    /// Counts a request that got its verdict without an origin.
    pub(crate) fn note(&self, noted: &Noted) {
        self.tally.request(noted, Duration::ZERO);
    }

    /// Whether requests of this source are recorded.
    pub(crate) fn records(&self, source: SourceKey) -> bool {
        match self.view.borrow().settings.log {
            LogRequests::Off => false,
            LogRequests::Sampled => is_sampled(source),
            LogRequests::All => true,
        }
    }

    pub(crate) fn record(&self, request: Box<RecordedRequest>) {
        self.shared.recorder.put(request);
    }

    pub(crate) fn handshake_failed(&self) {
        self.shared.counters.handshakes_failed.fetch_add(1, Relaxed);
    }

    pub(crate) fn out_of_descriptors(&self) {
        let before = self.shared.counters.out_of_descriptors.fetch_add(1, Relaxed);
        if before == 0 {
            tracing::error!(
                "no file descriptor is left for new connections; raise the limit (ulimit -n, LimitNOFILE=)"
            );
        }
    }
}

fn http_date(wall: WallTime) -> String {
    httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_millis(wall.0))
}

/// One source in a hundred, whole.
fn is_sampled(source: SourceKey) -> bool {
    // Multiplying by a large odd number mixes neighbouring addresses apart.
    (source.to_bits().wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32).is_multiple_of(100)
}
