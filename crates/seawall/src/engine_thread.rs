//! Drives the engine: batches and orders in, effects, snapshots and standing measures out, on a thread
//! of its own.

use crate::kept_measures::KeptMeasures;
use crate::learned::Learned;
use crate::measures::Asked;
use seawall_engine::policy::{BookFault, Measure, Measures};
use seawall_engine::{
    AdmissionSnapshot, Effect, Engine, Event, IntegritySeen, OriginSnapshot, PlatformSettings,
    RingSeen, Snapshot, SourcesSeen, TableSnapshot,
};
use seawall_proxy::Clock;
use seawall_types::{Batch, MeasureId, Moment, PlatformId};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, channel, sync_channel};
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
    /// Key of the marks of sources, the same in every run.
    pub(crate) source_keys: [u64; 2],
    /// What was learned before, and where it is kept.
    pub(crate) learned: Learned,
    /// What an operator set before, and where it is kept.
    pub(crate) kept: KeptMeasures,
    /// Platforms of the configuration.
    pub(crate) present: Vec<(PlatformId, String)>,
    pub(crate) batches: Receiver<Batch>,
    /// Sees every batch before the engine does.
    pub(crate) witness: Witness,
    /// Looks at the bounded tables.
    pub(crate) tables: LookAtTables,
    /// Looks at the origins, by platform index.
    pub(crate) origins: LookAtOrigins,
    /// Looks at admission, by platform index.
    pub(crate) admission: LookAtAdmission,
    /// Told of every snapshot, and of every effect after the snapshot that it goes with.
    pub(crate) outlet: Box<dyn Outlet>,
}

/// Sees a batch of a core.
pub(crate) type Witness = Box<dyn Fn(&Batch) + Send>;

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
    /// What stands now, in both forms; told when it changed, and what it met at every tick.
    fn measures(&mut self, compiled: &Arc<Measures>, standing: &[Measure]);
    /// What an incident began with.
    fn ring(&mut self, ring: &RingSeen);
    /// The sources of an incident as far as they are counted.
    fn sources(&mut self, seen: SourcesSeen);
    /// What was seen of a change that nobody ordered, or that none was.
    fn integrity(&mut self, seen: &IntegritySeen);
    /// Nothing more will come.
    fn end(&mut self);
}

/// What the engine is told from outside.
pub(crate) enum Order {
    /// The platforms changed.
    Configure {
        /// By platform index.
        platforms: Vec<PlatformSettings>,
        /// Those of the configuration; what stands on another is lifted.
        present: Vec<(PlatformId, String)>,
    },
    /// Take a measure up.
    Add(Asked, AddReply),
    /// Take a measure away.
    Lift(MeasureId, LiftReply),
}

/// Told what stands now, once every core can look it up.
pub(crate) type AddReply = Box<dyn FnOnce(Result<Measure, BookFault>) + Send>;

/// Told whether it stood, once no core looks it up any more.
pub(crate) type LiftReply = Box<dyn FnOnce(bool) + Send>;

/// The running engine.
pub(crate) struct EngineThread {
    orders: Sender<Order>,
    thread: JoinHandle<()>,
}

impl EngineThread {
    /// Starts the thread, which ends when the last sender of batches is gone; what an operator set
    /// before acts again when this returns.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(setup: EngineSetup) -> io::Result<Self> {
        let (orders, ordered) = channel();
        let (begun, whether_begun) = sync_channel(1);
        let builder = thread::Builder::new().name("engine".to_owned());
        let thread = builder.spawn(move || drive(setup, (&ordered, &begun)))?;
        // One that broke has said so, and the shield goes on without it.
        let _ = whether_begun.recv();
        Ok(Self { orders, thread })
    }

    /// Tells the engine something, which it hears with the next batch: within a tenth of a second.
    pub(crate) fn order(&self, order: Order) {
        // An engine that is gone needs no telling; whoever waits for its reply learns that at once.
        let _ = self.orders.send(order);
    }

    /// Waits until everything that was handed over is concluded.
    pub(crate) fn finish(self) {
        let _ = self.thread.join();
    }
}

/// The engine with everything that it is asked and told.
struct Driver {
    engine: Engine,
    clock: Clock,
    learned: Learned,
    kept: KeptMeasures,
    present: Vec<(PlatformId, String)>,
    outlet: Box<dyn Outlet>,
    /// Of the measures that were told last.
    told: u64,
}

fn drive(setup: EngineSetup, (orders, begun): (&Receiver<Order>, &SyncSender<()>)) {
    let EngineSetup {
        clock, platforms, seed, batches, witness, tables, origins, admission, ..
    } = setup;
    let mut driver = Driver {
        engine: Engine::seeded(clock.now(), platforms, seed),
        clock,
        learned: setup.learned,
        kept: setup.kept,
        present: setup.present,
        outlet: setup.outlet,
        told: 0,
    };
    driver.engine.mark_sources_by(setup.source_keys);
    driver.begin();
    // Whoever started us waits for it.
    let _ = begun.send(());
    let mut table_due = clock.now();
    loop {
        let wait = driver.engine.next_deadline().since(clock.now());
        let received = batches.recv_timeout(wait);
        let now = clock.now();
        driver.obey(now, orders);
        let engine = &mut driver.engine;
        match received {
            Ok(batch) => {
                witness(&batch);
                engine.observe(now, Event::Observed(batch));
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return driver.end(now),
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
        driver.tick(now);
    }
}

impl Driver {
    /// What was known before is known again, and acts, before anything is heard.
    fn begin(&mut self) {
        let now = self.clock.now();
        self.learned.restore(now, &mut self.engine);
        self.kept.restore(now, (&mut self.engine, &self.present));
        self.tell_measures(now);
    }

    fn tick(&mut self, now: Moment) {
        self.engine.on_deadline(now);
        self.learned.keep(now, &self.engine);
        self.outlet.publish(self.engine.snapshot(now));
        self.tell_measures(now);
        while let Some(effect) = self.engine.poll_effect() {
            self.outlet.announce(&effect);
        }
        // After the effects: an incident must be known before what it began with, and its sources.
        for ring in self.engine.rings() {
            self.outlet.ring(&ring);
        }
        for seen in self.engine.sources_due(now) {
            self.outlet.sources(seen);
        }
        for seen in self.engine.integrity_due(now) {
            self.outlet.integrity(&seen);
        }
    }

    /// Does what is ordered; whoever waits is told when it acts.
    fn obey(&mut self, now: Moment, orders: &Receiver<Order>) {
        let mut replies: Vec<Box<dyn FnOnce()>> = Vec::new();
        for order in orders.try_iter() {
            match order {
                Order::Configure { platforms, present } => {
                    self.engine.observe(now, Event::Configured(platforms));
                    self.follow(now, present);
                }
                Order::Add(asked, reply) => {
                    let wanted = asked.wanted(&self.engine);
                    let added = self.engine.add_measure(now, wanted);
                    let stands = added.and_then(|id| {
                        let mut standing = self.engine.standing().iter();
                        standing.find(|one| one.id == id).cloned().ok_or(BookFault::Full)
                    });
                    replies.push(Box::new(move || reply(stands)));
                }
                Order::Lift(id, reply) => {
                    let stood = self.engine.lift_measure(now, id);
                    replies.push(Box::new(move || reply(stood)));
                }
            }
        }
        if !replies.is_empty() {
            // Whoever is told looks next, and finds what it was told of, by its platform's name.
            self.outlet.publish(self.engine.snapshot(now));
            self.tell_measures(now);
            for reply in replies {
                reply();
            }
        }
    }

    /// What stands on a platform that is gone is lifted.
    fn follow(&mut self, now: Moment, present: Vec<(PlatformId, String)>) {
        let is_gone = |id: &PlatformId| !present.iter().any(|(known, _)| known == id);
        let gone: Vec<_> = self.present.iter().map(|(id, _)| *id).filter(is_gone).collect();
        for platform in gone {
            self.engine.lift_measures_on(now, platform);
        }
        self.present = present;
        self.tell_measures(now);
    }

    fn tell_measures(&mut self, now: Moment) {
        let (compiled, standing) = (self.engine.measures(), self.engine.standing());
        let has_changed = compiled.version() != self.told;
        if has_changed || !standing.is_empty() {
            self.outlet.measures(compiled, standing);
        }
        if has_changed {
            self.told = compiled.version();
            self.kept.keep(now, (standing, &self.present));
        }
    }

    fn end(mut self, now: Moment) {
        // Evidence first: it must not wait for what is learned to be written.
        for seen in self.engine.sources_of_open(now) {
            self.outlet.sources(seen);
        }
        self.outlet.end();
        self.kept.end();
        self.learned.end(now, &self.engine);
    }
}
