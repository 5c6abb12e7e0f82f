//! Where one person is in a visit.

use super::itinerary::Step;
use super::mood::Mood;
use super::trail::Trail;
use crate::Chance;
use crate::request::{Query, Referer, Ticket};
use crate::site::RouteId;
use crate::stack::Look;

/// What happens next in a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Nothing: the person is not here.
    Away,
    /// The answer to a page comes.
    Answer,
    /// The person has read, and opens the next page.
    Read,
    /// The person asks for the same page again.
    Reload,
}

/// One person's visit, or the rest of the last one.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    /// Counts the person's visits.
    pub(super) number: u32,
    /// What this visit's wishes are drawn from.
    pub(super) chance: Chance,
    /// The page that is read, or asked for.
    pub(super) step: Step,
    /// Where in a recorded visit this one is, when it follows one.
    pub(super) trail: Option<Trail>,
    /// What happens next.
    pub(super) next: Next,
    /// The page asked for, while [`Next::Answer`].
    pub(super) waiting: Ticket,
    /// Whether the browser bears the origin's cookie, and has the site's parts in its cache.
    pub(super) cookie: bool,
    /// Whether the browser has nothing of the site yet.
    pub(super) first: bool,
    /// The look of a newer version, where the person has it.
    pub(super) updated: Option<Look>,
    /// What refusals have come to so far.
    pub(super) mood: Mood,
}

const _: () = assert!(size_of::<Visit>() <= 96, "MEMBERS_MAX says how much memory that is");

impl Default for Visit {
    fn default() -> Self {
        let (route, item) = (RouteId(0), 0);
        Self {
            number: 0,
            chance: Chance::new(0),
            step: Step { route, item, query: Query::None, referer: Referer::None },
            trail: None,
            next: Next::Away,
            waiting: super::NO_TICKET,
            cookie: false,
            first: false,
            updated: None,
            mood: Mood::default(),
        }
    }
}

impl Visit {
    /// Begins the next visit of the person whose draws are given.
    pub(super) fn begin(&mut self, mut own: Chance) {
        self.number += 1;
        self.chance = Chance::for_part(own.next_u64(), u64::from(self.number));
        self.next = Next::Read;
        self.waiting = super::NO_TICKET;
        self.first = false;
        self.updated = None;
        self.mood = Mood::default();
    }
}
