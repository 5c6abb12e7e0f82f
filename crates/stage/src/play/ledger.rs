//! What is known of every request, and the score that follows: one book for senders and origins.
//!
//! Senders write when a request is sent and how it ended for them; origins look up what a request
//! that reaches them costs, and write that it came.
//! Bounds: [`TICKETS_MAX`] requests; the next is neither sent nor counted.

use crate::StageError;
use seawall_sim::request::{Fate, Manner, Request, Ticket};
use seawall_sim::score::{Asking, Capacity, Counted, Peaks};
use seawall_sim::site::Site;
use seawall_sim::world::wants::Wants;
use seawall_sim::{Role, Score, Span};
use seawall_types::{Moment, PlatformId};
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// Requests of one ledger: a quarter of an hour of 500 a second, some 200 bytes each.
pub const TICKETS_MAX: usize = 500_000;

/// The book of one play.
#[derive(Debug)]
pub struct Ledger {
    begun: OnceLock<Instant>,
    book: Mutex<Book>,
}

#[derive(Debug)]
struct Book {
    scores: Vec<Score>,
    entries: HashMap<Ticket, Entry>,
    wants: Wants,
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    pub(super) request: Request,
    pub(super) counted: Counted,
}

impl Ledger {
    /// A book for platforms of such capacities, with figures of `event` alone where there is one.
    pub fn new(capacities: &[Capacity], event: Option<Span>) -> Self {
        let scores = capacities.iter().map(|capacity| Score::new(*capacity, event)).collect();
        let book = Book { scores, entries: HashMap::new(), wants: Wants::default() };
        Self { begun: OnceLock::new(), book: Mutex::new(book) }
    }

    /// The scores so far, by platform.
    pub fn scores(&self) -> Vec<Score> {
        self.book().scores.clone()
    }

    pub(super) fn begin(&self) -> Result<(), StageError> {
        self.begun.set(Instant::now()).map_err(|_| StageError::Begun)
    }

    /// Time since the play began; zero before.
    pub(super) fn now(&self) -> Moment {
        let since = self.begun.get().map_or(Duration::ZERO, Instant::elapsed);
        Moment::default() + since
    }

    /// A moment of the play on the machine's clock.
    pub(super) fn instant(&self, moment: Moment) -> Instant {
        let begun = self.begun.get().copied().unwrap_or_else(Instant::now);
        begun + moment.since(Moment::default())
    }

    /// Writes that a request is sent to a site; false when the book is full.
    pub(super) fn sent(&self, ticket: Ticket, request: &Request, sent: Sent<'_>) -> bool {
        let Sent { now, role, site } = sent;
        let mut book = self.book();
        let platform = request.platform.index();
        if book.entries.len() >= TICKETS_MAX || book.scores.len() <= platform {
            return false;
        }
        let since = ticket.is_again().then(|| book.wants.again(now, request)).flatten();
        let asking = if since.is_some() { Asking::Again } else { Asking::First };
        let (cost, bytes) = asked_of(site, request);
        let first_at = since.unwrap_or(now);
        let patience_ms = u32::try_from(request.patience.as_millis()).unwrap_or(u32::MAX);
        let counted = Counted { role, first_at, asking, cost, bytes, patience_ms };
        book.scores[platform].sent(now, &counted);
        book.entries.insert(ticket, Entry { request: *request, counted });
        true
    }

    /// Writes how a request ended for its sender.
    pub(super) fn ended(&self, now: Moment, ticket: Ticket, fate: Fate) {
        let mut book = self.book();
        let Some(Entry { request, counted }) = book.entries.get(&ticket).copied() else {
            return;
        };
        book.scores[request.platform.index()].ended(now, &counted, fate);
        if counted.role.is_honest() && fate != Fate::Served {
            book.wants.unmet(now, &request, counted.first_at);
        }
    }

    /// Writes that a request has reached the origin of `platform`.
    pub(super) fn reached(&self, ticket: Ticket, platform: PlatformId) -> Option<Entry> {
        let now = self.now();
        let mut book = self.book();
        let entry = book.entries.get(&ticket).copied();
        let entry = entry.filter(|entry| entry.request.platform == platform)?;
        book.scores[platform.index()].admitted(now, &entry.counted);
        Some(entry)
    }

    /// Writes how much an origin has at once.
    pub(super) fn saw(&self, platform: PlatformId, peaks: Peaks) {
        if let Some(score) = self.book().scores.get_mut(platform.index()) {
            score.saw(peaks);
        }
    }

    /// Writes what an origin carries from now on.
    pub(super) fn carries(&self, platform: PlatformId, capacity: Capacity) {
        let now = self.now();
        if let Some(score) = self.book().scores.get_mut(platform.index()) {
            score.carries(now, capacity);
        }
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Who sends to what, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) now: Moment,
    pub(super) role: Role,
    pub(super) site: &'a Site,
}

/// Work and bytes that a request asks of an origin.
fn asked_of(site: &Site, request: &Request) -> (Duration, u64) {
    if request.manner == Manner::Handshake {
        return (Duration::ZERO, 0);
    }
    let route = site.route(request.route);
    route.map_or((Duration::ZERO, 0), |route| (route.cost, route.bytes))
}
