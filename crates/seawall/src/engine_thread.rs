//! Drives the engine: batches in, effects and snapshots out, on a thread of its own.

use crate::learned::Learned;
use seawall_engine::{
    AdmissionSnapshot, Effect, Engine, Event, OriginSnapshot, PlatformSettings, Snapshot,
    TableSnapshot,
};
use seawall_proxy::Clock;
use seawall_types::{Batch, Moment};
use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How often the bounded tables are looked at; their saturation is told within this time.
const TABLE_EVERY: Duration = Duration::from_millis(750);

/// What the engine's thread is given.
pub(crate) struct EngineSetup {
    pub(crate) clock: Clock,
    pub(crate) platforms: Vec<PlatformSettings>,
    /// Keys what no sender should be able to aim at.
    pub(crate) seed: u64,
    /// What was learned before, and where it is kept.
    pub(crate) learned: Learned,
    pub(crate) batches: Receiver<Batch>,
    /// Looks at the bounded tables.
    pub(crate) tables: LookAtTables,
    /// Looks at the origins, by platform index.
    pub(crate) origins: LookAtOrigins,
    /// Looks at admission, by platform index.
    pub(crate) admission: LookAtAdmission,
    /// Told of every snapshot, and of every effect after the snapshot that it goes with.
    pub(crate) outlet: Box<dyn Outlet>,
}

/// Looks at the origins, by platform index.
pub(crate) type LookAtOrigins = Box<dyn Fn(Moment) -> Vec<Vec<OriginSnapshot>> + Send>;

/// Looks at the bounded tables; one that is not told of stays as it was.
pub(crate) type LookAtTables = Box<dyn Fn(Moment) -> Vec<TableSnapshot> + Send>;

/// Looks at admission, by platform index.
pub(crate) type LookAtAdmission = Box<dyn Fn() -> Vec<Option<AdmissionSnapshot>> + Send>;

/// Where the engine's conclusions go.
pub(crate) trait Outlet: Send {
    /// What the engine knows now.
    fn publish(&mut self, snapshot: Snapshot);
    /// What the engine wants done or told.
    fn announce(&mut self, effect: &Effect);
    /// Nothing more will come.
    fn end(&mut self);
}

/// The running engine.
pub(crate) struct EngineThread {
    configured: Sender<Vec<PlatformSettings>>,
    thread: JoinHandle<()>,
}

impl EngineThread {
    /// Starts the thread; it ends when the last sender of batches is gone.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(setup: EngineSetup) -> io::Result<Self> {
        let (configured, changes) = channel();
        let builder = thread::Builder::new().name("engine".to_owned());
        let thread = builder.spawn(move || drive(setup, &changes))?;
        Ok(Self { configured, thread })
    }

    /// Tells the engine of changed platforms.
    pub(crate) fn configure(&self, platforms: Vec<PlatformSettings>) {
        // An engine that is gone needs no telling.
        let _ = self.configured.send(platforms);
    }

    /// Waits until everything that was handed over is concluded.
    pub(crate) fn finish(self) {
        let _ = self.thread.join();
    }
}

fn drive(setup: EngineSetup, changes: &Receiver<Vec<PlatformSettings>>) {
    let EngineSetup {
        clock,
        platforms,
        seed,
        mut learned,
        batches,
        tables,
        origins,
        admission,
        mut outlet,
    } = setup;
    let mut engine = Engine::seeded(clock.now(), platforms, seed);
    learned.restore(clock.now(), &mut engine);
    let mut table_due = clock.now();
    loop {
        let wait = engine.next_deadline().since(clock.now());
        let received = batches.recv_timeout(wait);
        let now = clock.now();
        for platforms in changes.try_iter() {
            engine.observe(now, Event::Configured(platforms));
        }
        match received {
            Ok(batch) => engine.observe(now, Event::Observed(batch)),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                // Evidence first: it must not wait for what is learned to be written.
                outlet.end();
                return learned.end(now, &engine);
            }
        }
        if now < engine.next_deadline() {
            continue;
        }
        if now >= table_due {
            for table in tables(now) {
                engine.observe(now, Event::Table(table));
            }
            table_due = now + TABLE_EVERY;
        }
        engine.observe(now, Event::Origins(origins(now)));
        engine.observe(now, Event::Admission(admission()));
        engine.on_deadline(now);
        learned.keep(now, &engine);
        outlet.publish(engine.snapshot(now));
        while let Some(effect) = engine.poll_effect() {
            outlet.announce(&effect);
        }
    }
}
