//! One core: its runtime, its listeners, its connections and its tick.
//!
//! Everything here lives on one thread; what cores share is in [`Shared`], and only the source
//! table and a few counters of it are written to on the way of a request.

mod gates;
mod proxies;
mod records;
mod room;
pub(crate) mod run;

use crate::admission::{Alarm, Gate, Rounds};
use crate::cache::{Copies, CopyBook};
use crate::challenge::{Asks, Book, Side};
use crate::client::Via;
use crate::clock::Clock;
use crate::connection::{Connection, Watched, rest};
use crate::forward::Lingering;
use crate::lane::{Invites, Lanes, Names};
use crate::location::{Location, Locations};
use crate::origins::choice::{ChoiceRules, Trials};
use crate::origins::{OriginBook, PlatformOrigins, Prober};
use crate::own::Own;
use crate::pool::OriginPool;
use crate::proven::ProofBook;
use crate::pseudonym::Pseudonym;
use crate::recorder::{Recorder, Sheet};
use crate::settings::{Platform, Settings};
use crate::shown::Shown;
use crate::tally::{Noted, Tally};
use crate::tls::Certificates;
use crate::upstream::place::Worth;
use crate::watch::Watchlist;
use arc_swap::ArcSwap;
use gates::Site;
use seawall_config::Timeouts;
use seawall_engine::admission::Proofs;
use seawall_engine::policy::{AtAccept, Judge, Judgement, Measures, Rules, SourceTable, Standing};
use seawall_types::{Batch, Mode, Moment, PlatformId, UseKind, WallTime};
use seawall_wire::code::CodeKey;
use slab::Slab;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, UNIX_EPOCH};

/// What is read of a plain connection at accept: more than nearly every head.
const SCRATCH: usize = 8 * 1024;
/// Ticks between two looks for origin connections that idle.
const PRUNE_EVERY: u32 = 50;

/// What all cores share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) clock: Clock,
    pub(crate) settings: ArcSwap<Settings>,
    pub(crate) table: SourceTable,
    pub(crate) code_key: CodeKey,
    pub(crate) pseudonym: Pseudonym,
    pub(crate) recorder: Recorder,
    pub(crate) counters: Counters,
    pub(crate) book: OriginBook,
    pub(crate) proofs: ProofBook,
    pub(crate) challenge: Book,
    pub(crate) invites: Invites,
    pub(crate) names: Names,
    pub(crate) rounds: Rounds,
    pub(crate) copies: CopyBook,
    /// What stands, as the engine published it last.
    pub(crate) measures: ArcSwap<Measures>,
    /// Whether any of them does: one look, where otherwise all of them would be taken hold of.
    pub(crate) measures_stand: AtomicBool,
    /// Keys the hashes of admission.
    pub(crate) seed: [u64; 2],
    /// Connections of clients that may be open at once; the rest of the process's descriptors is
    /// for origins and for the shield itself.
    pub(crate) connections_max: u64,
}

/// Counts that are not of requests.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    /// Handshakes that did not succeed, since start.
    pub(crate) handshakes_failed: AtomicU64,
    /// Connections of trusted proxies that did not announce a client, since start.
    pub(crate) unannounced: AtomicU64,
    /// Times that no descriptor was left for a connection, since start.
    pub(crate) out_of_descriptors: AtomicU64,
    /// Open connections by listener index.
    pub(crate) open: Vec<AtomicU64>,
    /// Times that a core, or a task of it that takes connections, broke and was started again.
    pub(crate) restarts: AtomicU64,
    /// Cores whose settings are those in force.
    pub(crate) settled: AtomicU64,
}

/// The state of one core.
pub(crate) struct Core {
    shared: Arc<Shared>,
    view: RefCell<View>,
    tally: Tally,
    watchlist: Rc<Watchlist>,
    pub(crate) index: u16,
    alarm: Rc<Alarm>,
    /// What checks need.
    side: Side,
    lingering: Lingering,
    /// Bodies of webhooks that are being read.
    hooks_reading: Cell<usize>,
    /// Bytes of bodies that are read ahead.
    bodies_read: Cell<usize>,
    /// On the first core alone.
    prober: Option<Prober>,
    connections: RefCell<Slab<Watched>>,
    scratch: RefCell<Box<[u8; SCRATCH]>>,
    coarse: Cell<Moment>,
    /// Of the last tick.
    wall: Cell<WallTime>,
    date: RefCell<String>,
    /// Requests that are recorded.
    sheet: RefCell<Sheet>,
    /// Whether connections are still taken.
    stage: Cell<Stage>,
    /// Times that a core found no room for a new connection, as of the last tick.
    no_room_told: Cell<u64>,
}

/// Where a core is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stage {
    Serving,
    /// It takes no more connections and lets those go that it has.
    Leaving,
}

/// The settings in force, with what this core keeps for them.
struct View {
    settings: Arc<Settings>,
    /// By platform index.
    origins: Vec<PlatformOrigins>,
    pools: HashMap<Worth, Rc<OriginPool>>,
    /// By platform index.
    gates: Vec<Rc<Gate>>,
    /// By platform index; none where nothing is bounded.
    proofs: Vec<Option<Arc<Proofs>>>,
    /// By platform index; none where nothing is kept.
    copies: Vec<Option<Arc<Copies>>>,
    /// None where no table is configured.
    locations: Option<Locations>,
}

/// What of a view outlives a reload.
#[derive(Default)]
struct Kept {
    pools: HashMap<Worth, Rc<OriginPool>>,
    gates: Vec<Rc<Gate>>,
}

impl View {
    fn new(settings: Arc<Settings>, kept: Kept, (shared, site): (&Shared, &Site)) -> Self {
        let Kept { pools: old, gates } = kept;
        let book = &shared.book;
        let mut pools = HashMap::new();
        let mut origins = Vec::new();
        for (index, platform) in settings.platforms.iter().enumerate() {
            let places = platform.as_ref().map_or(&[][..], |platform| &platform.origins);
            let of_platform = places.iter().map(|place| {
                let worth = place.worth();
                let kept = old.get(&worth).cloned();
                let pool = pools.entry(worth).or_insert_with(|| {
                    let state = book.origin(place);
                    kept.unwrap_or_else(|| Rc::new(OriginPool::new(place.clone(), state)))
                });
                pool.clone()
            });
            let rules = choice_rules(platform.as_ref());
            origins.push(PlatformOrigins::new(of_platform.collect(), book.budget(index), rules));
        }
        let gates = site.gates(shared, &settings, &gates);
        let proofs = Site::proofs(shared, &gates);
        let rules = |platform: &Option<Platform>| platform.as_ref()?.keeps.clone();
        let rules = settings.platforms.iter().map(rules).enumerate();
        let copies = rules.map(|(index, rules)| shared.copies.of(index, rules.as_ref())).collect();
        let locations = settings.located_by.clone().map(Locations::new);
        Self { settings, origins, pools, gates, proofs, copies, locations }
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
        self.connection.counted().for_each(|client| self.core.at_close(client.standing));
        if let Some(open) = self.core.shared.counters.open.get(self.connection.listener) {
            open.fetch_sub(1, Relaxed);
        }
    }
}

impl Core {
    fn new(index: u16, shared: Arc<Shared>, batches: SyncSender<Batch>) -> Self {
        let settings = shared.settings.load_full();
        shared.counters.settled.fetch_add(1, Relaxed);
        let alarm = Rc::<Alarm>::default();
        let site = Site { core: index, alarm: alarm.clone() };
        let view = View::new(settings, Kept::default(), (&shared, &site));
        let prober = (index == 0).then(Prober::default);
        if let Some(prober) = &prober {
            prober.follow(&view.settings, &view.origins);
        }
        Self {
            view: RefCell::new(view),
            prober,
            tally: Tally::new(index, shared.seed[0] ^ u64::from(index), batches),
            watchlist: Rc::default(),
            no_room_told: Cell::new(0),
            index,
            alarm,
            side: Side::new(
                &shared.challenge,
                (index, shared.clock.wall().as_secs_u32()),
                shared.clock.now(),
            ),
            lingering: Lingering::default(),
            hooks_reading: Cell::new(0),
            bodies_read: Cell::new(0),
            connections: RefCell::default(),
            scratch: RefCell::new(Box::new([0; SCRATCH])),
            coarse: Cell::new(shared.clock.now()),
            wall: Cell::new(shared.clock.wall()),
            date: RefCell::new(http_date(shared.clock.wall())),
            sheet: RefCell::new(Sheet::new(
                shared.recorder.clone(),
                (shared.clock.wall(), shared.clock.now()),
            )),
            stage: Cell::new(Stage::Serving),
            shared,
        }
    }

    fn tick(&self, ticks: u32) {
        let now = self.now();
        self.follow_settings();
        let wall = self.shared.clock.wall();
        if wall.as_secs_u32() != self.wall.replace(wall).as_secs_u32() {
            *self.date.borrow_mut() = http_date(wall);
            self.side.follow(wall.as_secs_u32());
        }
        self.watchlist.ring(now);
        self.turn_round(now);
        if let Some(prober) = &self.prober {
            prober.look(now, self.shared.clock);
        }
        let rest = rest(&self.timeouts());
        for (_, watched) in self.connections.borrow().iter() {
            watched.look((now, rest), |connection| self.send_span(connection));
        }
        if ticks.is_multiple_of(PRUNE_EVERY) {
            self.view.borrow().pools.values().for_each(|pool| pool.prune(now));
        }
        self.make_room_for_others();
        let mut sheet = self.sheet.borrow_mut();
        sheet.follow(wall, now);
        sheet.hand_over();
        drop(sheet);
        self.tally.cut(now);
    }

    /// Takes up settings that were swapped since the last tick.
    fn follow_settings(&self) {
        let current = self.shared.settings.load_full();
        let mut view = self.view.borrow_mut();
        if !Arc::ptr_eq(&view.settings, &current) {
            let (pools, gates) = (std::mem::take(&mut view.pools), std::mem::take(&mut view.gates));
            let site = Site { core: self.index, alarm: self.alarm.clone() };
            *view = View::new(current, Kept { pools, gates }, (&self.shared, &site));
            if let Some(prober) = &self.prober {
                prober.follow(&view.settings, &view.origins);
            }
            self.shared.counters.settled.fetch_add(1, Relaxed);
        }
    }

    /// Where the core is in its life.
    pub(crate) fn stage(&self) -> Stage {
        self.stage.get()
    }

    /// Whether clients hold as many connections as they may.
    pub(crate) fn is_full(&self) -> bool {
        let open = self.shared.counters.open.iter().map(|open| open.load(Relaxed));
        open.sum::<u64>() >= self.shared.connections_max
    }

    /// Counts a connection in.
    pub(crate) fn hold(self: &Rc<Self>, connection: Rc<Connection>) -> Held {
        if let Some(open) = self.shared.counters.open.get(connection.listener) {
            open.fetch_add(1, Relaxed);
        }
        let key = self.connections.borrow_mut().insert(Watched::new(connection.clone()));
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

    pub(crate) fn timeouts(&self) -> Timeouts {
        self.view.borrow().settings.timeouts
    }

    pub(crate) fn body_max(&self) -> u64 {
        self.view.borrow().settings.body_max
    }

    /// What checks need that all cores share.
    pub(crate) fn book(&self) -> &Book {
        &self.shared.challenge
    }

    /// What checks need of this core's own.
    pub(crate) fn side(&self) -> &Side {
        &self.side
    }

    /// Invitations into lanes.
    pub(crate) fn invites(&self) -> &Invites {
        &self.shared.invites
    }

    /// Which addresses are crawlers of whom.
    pub(crate) fn names(&self) -> &Names {
        &self.shared.names
    }

    /// Whom to ask for names; none for whom the system asks.
    pub(crate) fn resolver(&self) -> Option<SocketAddr> {
        self.view.borrow().settings.resolver
    }

    /// Looks at the lanes in force.
    pub(crate) fn with_lanes<T>(&self, look: impl FnOnce(&Lanes) -> T) -> T {
        look(&self.view.borrow().settings.lanes)
    }

    /// Bodies of webhooks that are being read on this core.
    pub(crate) fn hooks_reading(&self) -> &Cell<usize> {
        &self.hooks_reading
    }

    pub(crate) fn lingering(&self) -> &Lingering {
        &self.lingering
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

    pub(crate) fn pseudonym(&self) -> &Pseudonym {
        &self.shared.pseudonym
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
        (standing, via): (Standing, Via),
        platform: PlatformId,
    ) -> Judgement {
        let judgement =
            self.view.borrow().judge(&self.shared.table).request(now, standing, platform);
        match via {
            Via::Socket => judgement,
            Via::Proxy | Via::Announced | Via::Named => judgement.behind_proxy(),
        }
    }

    /// Looks at the rules of now: a reload may have changed them since a connection came.
    pub(crate) fn with_rules<T>(&self, look: impl FnOnce(&Rules) -> T) -> T {
        look(&self.view.borrow().settings.rules)
    }

    pub(crate) fn is_over(&self, now: Moment, standing: Standing) -> bool {
        self.view.borrow().judge(&self.shared.table).is_over(now, standing)
    }

    /// Whether a platform's verdicts are carried out.
    pub(crate) fn mode(&self, platform: PlatformId) -> Mode {
        self.view.borrow().settings.rules.mode(platform)
    }

    /// Whether any measure stands anywhere.
    pub(crate) fn measures_stand(&self) -> bool {
        self.shared.measures_stand.load(Relaxed)
    }

    /// Looks at what stands.
    pub(crate) fn with_measures<T>(&self, look: impl FnOnce(&Measures) -> T) -> T {
        look(&self.shared.measures.load())
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

    /// Where tables place an address; nothing where there are none.
    pub(crate) fn location(&self, address: IpAddr) -> Location {
        self.view.borrow().locations.as_ref().map_or_else(Location::default, |it| it.of(address))
    }

    pub(crate) fn platform_tag(&self, platform: Option<PlatformId>) -> u16 {
        let view = self.view.borrow();
        let known = platform.and_then(|id| view.settings.platforms.get(id.index())?.as_ref());
        known.map_or(0, |platform: &Platform| platform.tag)
    }

    /// Asks what a platform says in its own name; nothing for one that is gone.
    pub(crate) fn own<T>(&self, platform: PlatformId, ask: impl FnOnce(&Own) -> T) -> Option<T> {
        let view = self.view.borrow();
        let platform = view.settings.platforms.get(platform.index())?.as_ref()?;
        Some(ask(&platform.own))
    }

    /// What a request to a platform uses of what is watched there.
    pub(crate) fn uses(&self, platform: PlatformId, sends: bool, path: &str) -> Option<UseKind> {
        let view = self.view.borrow();
        view.settings.platforms.get(platform.index())?.as_ref()?.watched.used(sends, path)
    }

    /// Asks what the operator said of checks on a platform; nothing for one that is gone.
    pub(crate) fn asks<T>(&self, platform: PlatformId, ask: impl FnOnce(&Asks) -> T) -> Option<T> {
        let view = self.view.borrow();
        let platform = view.settings.platforms.get(platform.index())?.as_ref()?;
        Some(ask(&platform.asks))
    }

    /// Whether every visitor of a platform is asked for a check.
    pub(crate) fn asks_always(&self, platform: PlatformId) -> bool {
        self.asks(platform, |asks| asks.always).unwrap_or(false)
    }

    /// Whether the operator has taken a platform out of service for a while.
    pub(crate) fn is_in_maintenance(&self, platform: PlatformId) -> bool {
        self.own(platform, |own| own.maintenance.is_some()).unwrap_or(false)
    }

    /// Looks at the origins of a platform; none for one that a reload took away.
    pub(crate) fn with_origins<T>(
        &self,
        platform: PlatformId,
        look: impl FnOnce(&PlatformOrigins) -> T,
    ) -> Option<T> {
        self.view.borrow().origins.get(platform.index()).map(look)
    }

    /// Whether every origin of a platform is out.
    pub(crate) fn origins_are_out(&self, platform: PlatformId) -> bool {
        self.with_origins(platform, PlatformOrigins::are_out).unwrap_or(false)
    }

    /// What a platform keeps of its origins' answers; none where that is nothing.
    pub(crate) fn copies(&self, platform: PlatformId) -> Option<Arc<Copies>> {
        self.view.borrow().copies.get(platform.index())?.clone()
    }

    /// Looks at what all platforms keep.
    pub(crate) fn with_copies<T>(&self, look: impl FnOnce(&[Option<Arc<Copies>>]) -> T) -> T {
        look(&self.view.borrow().copies)
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
    /// Counts and lists a request that got its verdict without an origin.
    pub(crate) fn note(&self, noted: &Noted, shown: &Shown) {
        self.tally.count(noted);
        self.tally.list(noted, shown);
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
