//! Of many who miss the same answer one goes to the origin, and the others wait for what it brings.
//!
//! Bounds: [`FLIGHTS_MAX`] at once; beyond, nobody waits for anybody.

use super::heads::Key;
use super::kept::Kept;
use super::store::Store;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// Answers of one platform that are waited for at once.
const FLIGHTS_MAX: usize = 4_096;

/// What came of a flight.
#[derive(Debug, Clone)]
pub(super) enum Landed {
    /// An answer that others may have.
    Kept(Arc<Kept>),
    /// One that is for who asked alone.
    Own,
}

/// Flights under way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    table: Mutex<HashMap<Key, watch::Receiver<Option<Landed>>>>,
}

/// A flight, in the hands of who leads it; dropped before it has landed, another may lead.
#[derive(Debug)]
pub(super) struct Flight {
    store: Arc<Store>,
    pub(super) key: Key,
    sender: watch::Sender<Option<Landed>>,
}

/// What somebody does who misses an answer.
pub(super) enum Joined {
    Leads(Flight),
    Waits(watch::Receiver<Option<Landed>>),
    /// Too many flights are under way.
    Alone,
}

impl Flights {
    fn with<T>(
        &self,
        change: impl FnOnce(&mut HashMap<Key, watch::Receiver<Option<Landed>>>) -> T,
    ) -> T {
        // Each change is whole by itself.
        change(&mut self.table.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The flight for this answer, if there is one.
    pub(super) fn under_way(&self, key: &Key) -> Option<watch::Receiver<Option<Landed>>> {
        self.with(|table| table.get(key).cloned())
    }
}

impl Flight {
    /// Joins the flight for an answer, or begins it.
    pub(super) fn join(store: &Arc<Store>, key: &Key) -> Joined {
        store.flights.with(|table| {
            if let Some(receiver) = table.get(key) {
                return Joined::Waits(receiver.clone());
            }
            if table.len() >= FLIGHTS_MAX {
                return Joined::Alone;
            }
            let (sender, receiver) = watch::channel(None);
            table.insert(key.clone(), receiver);
            Joined::Leads(Self { store: store.clone(), key: key.clone(), sender })
        })
    }

    /// Tells everyone who waits what came of it.
    pub(super) fn land(self, landed: Landed) {
        self.sender.send_replace(Some(landed));
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.store.flights.with(|table| table.remove(&self.key));
    }
}
