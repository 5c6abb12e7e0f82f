//! People who ask for one thing that takes long: a file, a connection held open.
//!
//! Bounds: [`super::MEMBERS_MAX`] people; what the rate brings at once.

use super::Begin;
use super::homes::Cast;
use super::visitors::{Mood, NO_TICKET, Reaction, passes, pick};
use crate::Chance;
use crate::agenda::Agenda;
use crate::casting::Place;
use crate::group::{Group, Heard, Outbox, Passing, Role};
use crate::rate::{RateShape, moment};
use crate::request::{Fate, Manner, Query, Referer, Request, Sender, Ticket};
use crate::site::RouteId;
use seawall_types::{Moment, PlatformId};
use std::time::Duration;

/// What a group of them is.
#[derive(Debug, Clone)]
pub(crate) struct Wanting {
    /// Those who come, per second.
    pub(crate) arrivals: RateShape,
    /// How many different people there are; each comes in turn.
    pub(crate) people: u32,
    /// Who they are.
    pub(crate) cast: Cast,
    /// What they ask for, with weights.
    pub(crate) routes: Vec<(RouteId, u16)>,
    /// What takes long.
    pub(crate) wish: Wish,
    /// Whether some are at it already when the span begins.
    pub(crate) start: Begin,
}

/// What takes long.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Wish {
    /// A connection held as long as this on average.
    Hold(Duration),
    /// A file, read at the speed of a line: at least and at most so many bytes a second.
    File(u32, u32),
}

/// How long anybody waits for a file.
const FILE_PATIENCE: Duration = Duration::from_mins(10);
/// How much longer than it is held anybody waits for a connection's end.
const HOLD_PATIENCE: Duration = Duration::from_secs(10);

/// People who ask for one thing.
#[derive(Debug)]
pub(crate) struct Singles {
    group: u16,
    platform: PlatformId,
    wanting: Wanting,
    arrivals: Chance,
    next: Option<Moment>,
    turn: u32,
    members: Vec<Member>,
    again: Agenda<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Member {
    visit: u32,
    mood: Mood,
    waiting: Ticket,
}

impl Singles {
    /// Before the first of them.
    pub(crate) fn new(wanting: Wanting, place: Place<'_>) -> Self {
        let mut arrivals = Chance::for_part(wanting.cast.seed, 0x7369_6e67);
        let nobody = Member { visit: 0, mood: Mood::default(), waiting: NO_TICKET };
        let next = wanting.arrivals.next_arrival(Moment::default(), &mut arrivals);
        let mut singles = Self {
            group: place.group,
            platform: place.platform,
            members: vec![nobody; wanting.people as usize],
            turn: 0,
            again: Agenda::default(),
            arrivals,
            next,
            wanting,
        };
        if let (Begin::Settled, Wish::Hold(mean)) = (singles.wanting.start, singles.wanting.wish) {
            let rate = singles.wanting.arrivals.at(place.span.from);
            singles.settle(moment(place.span.from), rate * mean.as_secs_f64());
        }
        singles
    }

    /// Opens as many connections at once as are always held; what is left of each is drawn alike,
    /// since holds end without memory.
    fn settle(&mut self, from: Moment, held: f64) {
        let mut left = held + self.arrivals.unit();
        while left >= 1.0 {
            left -= 1.0;
            let member = self.take_turn();
            // Not all in one moment: what draws them in does so over the first half second.
            let after = Duration::from_millis(u64::from(self.arrivals.below(500)));
            self.again.put(from + after, member);
        }
    }

    fn take_turn(&mut self) -> u32 {
        let member = self.turn;
        self.turn = (self.turn + 1) % self.wanting.people;
        let state = &mut self.members[member as usize];
        *state = Member { visit: state.visit + 1, mood: Mood::default(), waiting: NO_TICKET };
        member
    }

    fn ask(&mut self, member: u32, out: &mut Outbox) {
        let state = &mut self.members[member as usize];
        let who = self.wanting.cast.identity(member, state.visit);
        let mut own = Chance::for_part(
            self.wanting.cast.seed ^ 0x7769_7368,
            u64::from(member) << 32 | u64::from(state.visit),
        );
        let Some(route) = pick(&mut own, &self.wanting.routes) else { return };
        let (manner, patience) = match self.wanting.wish {
            Wish::Hold(mean) => {
                let held = own.exponential(mean);
                (Manner::Socket(held), held + HOLD_PATIENCE)
            }
            Wish::File(least, most) => {
                let speed = least + own.below(most.saturating_sub(least).saturating_add(1));
                (Manner::SlowRead(speed), FILE_PATIENCE)
            }
        };
        let again = state.mood != Mood::default();
        let request = Request {
            sender: Sender { group: self.group, member },
            platform: self.platform,
            source: who.source,
            network: who.network,
            look: who.look,
            language: who.language,
            route,
            item: own.below(20),
            query: Query::None,
            referer: Referer::Own(RouteId(0)),
            cookie: Some(crate::world::cookie_of(self.group, member)),
            navigates: false,
            manner,
            patience,
        };
        state.waiting = if again { out.send_again(request) } else { out.send(request) };
    }
}

impl Group for Singles {
    fn role(&self) -> Role {
        Role::Person
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.next.into_iter().chain(self.again.next_due()).min()
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some(at) = self.next.filter(|due| *due <= now) {
            let member = self.take_turn();
            self.ask(member, out);
            self.next = self.wanting.arrivals.next_arrival(at, &mut self.arrivals);
        }
        while let Some((_, member)) = self.again.take_due(now) {
            self.ask(member, out);
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, _out: &mut Outbox) {
        let member = heard.request.sender.member;
        let Some(state) = self.members.get_mut(member as usize) else { return };
        let ended = matches!(heard.answer.fate, Fate::Served | Fate::Cancelled);
        if state.waiting != heard.ticket || ended {
            return;
        }
        if let Reaction::Again(after) = state.mood.react(&heard.answer, &mut self.arrivals) {
            self.again.put(now + after, member);
        }
    }

    fn passes(&self, member: u32) -> Passing {
        passes(self.wanting.cast.seed, member)
    }
}
