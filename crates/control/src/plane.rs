//! What every request of one control listener is answered from.

use crate::sessions::Sessions;
use crate::shared::Shared;
use crate::token::Token;
use crate::tries::Tries;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Semaphore;

/// Who can reach the listener at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This machine only: probes and scrapers need no token.
    Loopback,
    /// A network: everything but the sign-in page needs one.
    Network,
}

/// The state of one control listener.
pub(crate) struct ControlPlane {
    pub(crate) shared: Arc<Shared>,
    pub(crate) token: Token,
    pub(crate) reach: Reach,
    /// One permit for each live client that may still come.
    pub(crate) live_places: Arc<Semaphore>,
    /// Reports are read one at a time: each goes through the whole log.
    pub(crate) report_place: Arc<Semaphore>,
    sessions: Mutex<Sessions>,
    tries: Mutex<Tries>,
}

impl ControlPlane {
    pub(crate) fn new(shared: Arc<Shared>, token: Token, address: IpAddr) -> Self {
        Self {
            shared,
            token,
            reach: if address.is_loopback() { Reach::Loopback } else { Reach::Network },
            live_places: Arc::new(Semaphore::new(crate::live::CLIENTS_MAX)),
            report_place: Arc::new(Semaphore::new(1)),
            sessions: Mutex::default(),
            tries: Mutex::default(),
        }
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, Sessions> {
        locked(&self.sessions)
    }

    pub(crate) fn tries(&self) -> MutexGuard<'_, Tries> {
        locked(&self.tries)
    }
}

/// Each change to these tables is whole by itself, so a panic elsewhere leaves nothing half done.
fn locked<T>(table: &Mutex<T>) -> MutexGuard<'_, T> {
    table.lock().unwrap_or_else(PoisonError::into_inner)
}
