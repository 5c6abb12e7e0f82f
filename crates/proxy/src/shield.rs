//! The shield as a whole: its cores, started, swapped and drained together.

use crate::admission::Rounds;
use crate::cache::CopyBook;
use crate::challenge::Book;
use crate::clock::Clock;
use crate::core::run::{CoreSetup, Phase, Queue, run};
use crate::core::{Counters, Shared};
use crate::lane::{Invites, LaneLook, LanesSetup, Names};
use crate::listen::Listeners;
use crate::origins::OriginBook;
use crate::proven::ProofBook;
use crate::pseudonym::Pseudonym;
use crate::recorder::{Recorder, RecorderSetup};
use crate::settings::Settings;
use crate::supervise::keep_up;
use arc_swap::ArcSwap;
use seawall_engine::policy::{Measures, SOURCES_MAX, SourceTable};
use seawall_engine::{AdmissionSnapshot, OriginSnapshot, TableSnapshot};
use seawall_types::{Batch, Moment, PlatformId};
use seawall_wire::code::CodeKey;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use tokio::sync::watch;

/// How long a core may take to start or to take up new settings.
const SETTLE_MAX: Duration = Duration::from_secs(5);
/// How often it is looked whether cores have taken settings up.
const LOOK_AGAIN: Duration = Duration::from_millis(1);
/// How long the last records may take to reach the system.
const FLUSH_MAX: Duration = Duration::from_secs(2);

/// Descriptors that neither clients nor origins get: listeners, files, the control plane.
const RESERVED_DESCRIPTORS: u64 = 64;

/// Half of what is left: every connection of a client may need one to an origin.
fn connections_max() -> u64 {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    let usable = limit.current.unwrap_or(u64::MAX).saturating_sub(RESERVED_DESCRIPTORS);
    (usable / 2).max(1)
}

/// Everything a shield is started with.
pub struct ShieldSetup {
    /// The compiled configuration.
    pub settings: Settings,
    /// Bound sockets, in the order of the configuration's listeners.
    pub listeners: Arc<Listeners>,
    /// Shared with the engine, so that both speak of the same moments.
    pub clock: Clock,
    /// Keys the hash of the source table; the shield's name in `Via` is drawn from it.
    pub seed: [u64; 2],
    /// Keys answer codes.
    pub code_key: CodeKey,
    /// Keys of tokens are drawn from it: the same over restarts, so that tokens stay valid.
    pub secret: [u8; 32],
    /// Threads that serve.
    pub workers: usize,
    /// Where observations go.
    pub batches: SyncSender<Batch>,
    /// Where records go, when the configuration wants them.
    pub records: RecordsSetup,
    /// Invitations into lanes, and who keeps them.
    pub lanes: LanesSetup,
}

/// Where records go.
pub struct RecordsSetup {
    /// Folder of the files; made when missing.
    pub folder: PathBuf,
    /// Bytes that the folder may hold.
    pub folder_max: u64,
}

/// Open connections of one listener.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionCount {
    /// Index of the listener.
    pub listener: usize,
    /// Open connections.
    pub open: u64,
}

/// A running shield.
#[derive(Debug)]
pub struct Shield {
    shared: Arc<Shared>,
    phase: watch::Sender<Phase>,
    cores: Mutex<Vec<JoinHandle<()>>>,
}

impl Shield {
    /// Starts every core; returns once all of them take connections.
    ///
    /// # Errors
    /// A core or the recorder could not start; nothing is left running.
    pub fn start(setup: ShieldSetup) -> io::Result<Self> {
        let records = setup.records;
        let files = RecorderSetup { folder: records.folder, folder_max: records.folder_max };
        let recorder = Recorder::start(files)?;
        let open = setup.listeners.addresses().iter().map(|_| AtomicU64::new(0)).collect();
        let rounds = Rounds::new(setup.clock.now(), &setup.settings.planned, setup.workers);
        let shared = Arc::new(Shared {
            clock: setup.clock,
            settings: ArcSwap::from_pointee(setup.settings),
            table: SourceTable::new(setup.seed),
            code_key: setup.code_key,
            pseudonym: Pseudonym::drawn_from(setup.seed),
            recorder,
            counters: Counters { open, ..Counters::default() },
            book: OriginBook::default(),
            proofs: ProofBook::default(),
            challenge: Book::new(setup.secret, setup.seed),
            invites: Invites::new(&setup.secret, setup.lanes),
            names: Names::start(setup.clock)?,
            rounds,
            copies: CopyBook::default(),
            measures: ArcSwap::default(),
            measures_stand: AtomicBool::new(false),
            seed: setup.seed,
            connections_max: connections_max(),
        });
        let (phase, _) = watch::channel(Phase::Serve);
        let (ready, started) = sync_channel(setup.workers);
        let mut cores = Vec::new();
        for core in 0..setup.workers {
            let index = u16::try_from(core).unwrap_or(u16::MAX);
            let core_setup = CoreSetup {
                index,
                shared: shared.clone(),
                sockets: setup.listeners.of_core(core, setup.workers)?.into(),
                batches: setup.batches.clone(),
                phase: phase.subscribe(),
                ready: ready.clone(),
            };
            cores.push(start_core(core_setup)?);
        }
        drop(ready);
        for _ in 0..setup.workers {
            started.recv_timeout(SETTLE_MAX).map_err(io::Error::other)??;
        }
        Ok(Self { shared, phase, cores: Mutex::new(cores) })
    }

    /// Swaps the settings whole; returns once every core uses them.
    ///
    /// False when a core did not take them up in time; the others did, and it will.
    #[must_use]
    pub fn apply(&self, settings: Settings) -> bool {
        self.shared.counters.settled.store(0, Relaxed);
        self.shared.rounds.follow(self.shared.clock.now(), &settings.planned);
        self.shared.settings.store(Arc::new(settings));
        // A core that is gone needs no telling.
        let _ = self.phase.send(Phase::Serve);
        let cores = self.cores().len() as u64;
        let deadline = std::time::Instant::now() + SETTLE_MAX;
        while self.shared.counters.settled.load(Relaxed) < cores {
            if std::time::Instant::now() > deadline {
                return false;
            }
            thread::sleep(LOOK_AGAIN);
        }
        true
    }

    /// Replaces the standing measures whole; the next request on any core meets these.
    pub fn publish(&self, measures: Arc<Measures>) {
        let stand = !measures.are_none();
        self.shared.measures.store(measures);
        self.shared.measures_stand.store(stand, Relaxed);
    }

    /// Invitations into lanes.
    pub fn invites(&self) -> &Invites {
        &self.shared.invites
    }

    /// What is seen of every lane.
    pub fn lanes(&self) -> Vec<LaneLook> {
        self.shared.settings.load().lanes.look()
    }

    /// Whether links may lead into the lane of that name on a platform.
    pub fn invites_to(&self, lane: &str, platform: PlatformId) -> bool {
        self.shared.settings.load().lanes.invites_to(lane, platform)
    }

    /// Takes no more connections, lets open requests finish for at most `span`, and ends once what
    /// is recorded of them has been written.
    ///
    /// Who waits in a `queue` of ours is served first.
    pub fn drain(&self, span: Duration, queue: Queue) {
        let until = self.shared.clock.now() + span;
        // A core that is gone needs no telling.
        let _ = self.phase.send(Phase::Drain(until, queue));
        let cores = std::mem::take(&mut *self.cores());
        for core in cores {
            // A core that panicked has ended as well.
            let _ = core.join();
        }
        self.shared.recorder.flush(FLUSH_MAX);
    }

    fn cores(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.cores.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Open connections of every listener.
    pub fn connections(&self) -> Vec<ConnectionCount> {
        let open = self.shared.counters.open.iter().enumerate();
        open.map(|(listener, open)| ConnectionCount { listener, open: open.load(Relaxed) })
            .collect()
    }

    /// The bounded tables and how full they are; walks them.
    pub fn tables(&self, now: Moment) -> [TableSnapshot; 7] {
        let sources = TableSnapshot {
            name: "sources",
            entries: self.shared.table.entries(now),
            capacity: SOURCES_MAX as u64,
            saturated: self.shared.table.saturated(),
        };
        let [passes, answers] = self.shared.challenge.tables(now);
        let copies = self.shared.copies.table();
        let [visits, returns] = self.shared.proofs.tables(now);
        [sources, visits, returns, passes, answers, copies, self.shared.names.table()]
    }

    /// Every origin by platform index; only one thread may ask, since looking ages the latencies.
    pub fn origins(&self, now: Moment) -> Vec<Vec<OriginSnapshot>> {
        let settings = self.shared.settings.load();
        let told = settings.platforms.iter().map(|platform| {
            let platform = platform.as_ref()?;
            let states = platform.origins.iter().filter_map(|place| self.shared.book.known(place));
            Some(states.map(|state| state.snapshot(now, platform.slow_start)).collect())
        });
        told.map(Option::unwrap_or_default).collect()
    }

    /// What is known of each platform's admission, by its index.
    pub fn admission(&self) -> Vec<Option<AdmissionSnapshot>> {
        self.shared.rounds.look()
    }

    /// Records that were lost since the start.
    pub fn records_lost(&self) -> u64 {
        self.shared.recorder.lost()
    }

    /// Times that a core broke and was started again, since the start.
    pub fn restarts(&self) -> u64 {
        self.shared.counters.restarts.load(Relaxed)
    }

    /// Connections of trusted proxies that were closed for want of a PROXY header, since the start.
    pub fn unannounced(&self) -> u64 {
        self.shared.counters.unannounced.load(Relaxed)
    }

    /// TLS handshakes that failed since the start.
    pub fn handshakes_failed(&self) -> u64 {
        self.shared.counters.handshakes_failed.load(Relaxed)
    }
}

/// A thread that runs a core for as long as the shield lives.
fn start_core(setup: CoreSetup) -> io::Result<JoinHandle<()>> {
    let name = format!("core-{}", setup.index);
    let shared = setup.shared.clone();
    thread::Builder::new().name(name.clone()).spawn(move || {
        let wanted = || setup.phase.has_changed().is_ok();
        keep_up(&name, &shared.counters.restarts, wanted, || run(&setup));
    })
}
