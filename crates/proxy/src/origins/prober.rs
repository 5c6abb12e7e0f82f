//! Sees that probes and looks for names happen: on one core, as tasks of its own.
//!
//! Driven by the core's tick.
//! Bounds: one probe under way for each origin; it ends with the reload that drops the origin.

use super::PlatformOrigins;
use super::addresses::Addresses;
use super::check::{Check, probe};
use crate::clock::Clock;
use crate::pool::OriginPool;
use crate::settings::Settings;
use seawall_types::Moment;
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Between two probes of an origin that is out, whatever its back-off.
const PROBE_EVERY: Duration = Duration::from_millis(500);

/// Every origin of the settings in force.
#[derive(Debug, Default)]
pub(crate) struct Prober {
    watched: RefCell<Vec<Watched>>,
}

#[derive(Debug)]
struct Watched {
    pool: Rc<OriginPool>,
    check: Rc<Check>,
    began: Cell<Option<Moment>>,
    running: RefCell<Option<JoinHandle<()>>>,
}

impl Prober {
    /// Watches the origins of `settings` from now on, and no others.
    pub(crate) fn follow(&self, settings: &Settings, origins: &[PlatformOrigins]) {
        let mut wanted: Vec<(Rc<OriginPool>, Check)> = Vec::new();
        for (platform, origins) in settings.platforms.iter().zip(origins) {
            let Some(platform) = platform else { continue };
            for pool in &origins.pools {
                match wanted.iter_mut().find(|(known, _)| Rc::ptr_eq(known, pool)) {
                    // The first platform that knows how to ask an origin asks for all.
                    Some((_, check)) if check.path.is_none() => *check = platform.check.clone(),
                    Some(_) => {}
                    None => wanted.push((pool.clone(), platform.check.clone())),
                }
            }
        }
        let mut old = self.watched.take();
        let kept = wanted.into_iter().map(|(pool, check)| {
            let same = |old: &Watched| Rc::ptr_eq(&old.pool, &pool) && *old.check == check;
            match old.iter().position(same) {
                Some(index) => old.swap_remove(index),
                None => Watched::new(pool, check),
            }
        });
        *self.watched.borrow_mut() = kept.collect();
    }

    /// Begins whatever is due.
    pub(crate) fn look(&self, now: Moment, clock: Clock) {
        for watched in self.watched.borrow().iter() {
            watched.look_for_name(now, clock);
            watched.probe(now, clock);
        }
    }
}

impl Watched {
    fn new(pool: Rc<OriginPool>, check: Check) -> Self {
        let (began, running) = (Cell::new(None), RefCell::new(None));
        Self { pool, check: Rc::new(check), began, running }
    }

    fn look_for_name(&self, now: Moment, clock: Clock) {
        let state = self.pool.state();
        let Addresses::Named(name) = &state.addresses else { return };
        if name.is_due(now) {
            let state = state.clone();
            tokio::task::spawn_blocking(move || {
                if let Addresses::Named(name) = &state.addresses {
                    name.look(clock);
                }
            });
        }
    }

    fn probe(&self, now: Moment, clock: Clock) {
        let every = match (self.pool.state().health.is_healthy(), &self.check.path) {
            (true, None) => return,
            (true, Some(_)) => self.check.every,
            (false, _) => PROBE_EVERY,
        };
        let mut running = self.running.borrow_mut();
        let is_running = running.as_ref().is_some_and(|task| !task.is_finished());
        if is_running || self.began.get().is_some_and(|began| now.since(began) < every) {
            return;
        }
        self.began.set(Some(now));
        let task = probe(self.pool.clone(), self.check.clone(), clock);
        *running = Some(tokio::task::spawn_local(task));
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if let Some(task) = self.running.take() {
            task.abort();
        }
    }
}
