//! People who come, read a page with what it is made of, think, and read on: any group of browsers.
//!
//! Takes a [`Plan`]; behaves alike for a campus, a crowd or an ordinary evening.
//! What a visit wants to see is drawn from the visit's own seed, so a flood beside it, or another
//! defence, changes nothing of it before the first refusal.
//! Bounds: [`super::MEMBERS_MAX`] people; one visit of a person at a time.

mod itinerary;
mod mood;
mod plan;
mod trail;
mod visit;

pub(crate) use itinerary::{Brings, Entry, ITEMS, Itinerary, Landing, Step, pick};
pub(crate) use mood::{Mood, Reaction, passes};
pub(crate) use plan::{Habits, Plan, Update};
pub(crate) use trail::Trail;

use crate::Chance;
use crate::agenda::Agenda;
use crate::casting::{Miscast, Place};
use crate::group::{Group, Heard, Outbox, Passing, Remembered, Role};
use crate::people::Begin;
use crate::rate::moment;
use crate::request::{Fate, Manner, Referer, Request, Sender, Ticket};
use crate::stack::Look;
use seawall_types::{Moment, PlatformId};
use visit::{Next, Visit};

/// Places tried when the person drawn is in the middle of a visit.
const TRIES: u32 = 64;

/// People who visit a site.
#[derive(Debug)]
pub(crate) struct Visitors {
    group: u16,
    platform: PlatformId,
    plan: Plan,
    itinerary: Itinerary,
    /// When the next visit begins, and apart from it, whose it is.
    arrivals: Chance,
    faces: Chance,
    next_visit: Option<Moment>,
    due: Agenda<Due>,
    visits: Vec<Visit>,
    newcomers: u32,
}

/// What a person does next, unless the visit is over by then.
#[derive(Debug, Clone, Copy)]
struct Due {
    member: u32,
    visit: u32,
    next: Next,
}

impl Visitors {
    /// People before the first visit of their span.
    pub(crate) fn new(plan: Plan, place: Place<'_>) -> Result<Self, Miscast> {
        plan.check()?;
        let from = moment(place.span.from);
        let mut arrivals = Chance::for_part(plan.cast.seed, 0x6172_7269);
        let mut visitors = Self {
            group: place.group,
            platform: place.platform,
            itinerary: Itinerary::new(place.site)?,
            next_visit: plan.visits.next_arrival(Moment::default(), &mut arrivals),
            arrivals,
            faces: Chance::for_part(plan.cast.seed, 0x6661_6365),
            due: Agenda::default(),
            visits: vec![Visit::default(); plan.people as usize],
            newcomers: 0,
            plan,
        };
        if visitors.plan.start == Begin::Settled {
            visitors.settle(from, place.span.from);
        }
        Ok(visitors)
    }

    /// Puts as many people into the middle of a visit as there always are.
    ///
    /// Visits end and thoughts last without memory, so what is left of both is as at their start.
    fn settle(&mut self, from: Moment, second: f64) {
        let reading = self.plan.visits.at(second) * self.plan.reading_s();
        let mut left = reading + self.faces.unit();
        while left >= 1.0 {
            left -= 1.0;
            let Some(member) = self.begin() else { return };
            let visit = &mut self.visits[member as usize];
            visit.cookie = true;
            (visit.step, visit.trail) = self.itinerary.first(self.plan.entry, &mut visit.chance);
            visit.trail = visit.trail.and_then(|_| Trail::midway(&mut visit.chance));
            let thinking = visit.chance.exponential(self.plan.habits.thinking);
            let due = Due { member, visit: visit.number, next: Next::Read };
            self.due.put(from + thinking, due);
        }
    }

    /// Chooses somebody who is not here and begins their visit; none when all are here.
    fn begin(&mut self) -> Option<u32> {
        let regulars = self.plan.regulars();
        let newcomers = self.plan.people - regulars;
        let returns = newcomers == 0 || self.faces.unit() < self.plan.returning;
        let (base, count, start) = if returns && regulars > 0 {
            (0, regulars, self.faces.below(regulars))
        } else {
            self.newcomers = (self.newcomers + 1) % newcomers.max(1);
            (regulars, newcomers, self.newcomers)
        };
        let candidates = (0..TRIES.min(count)).map(|step| base + (start + step) % count);
        let member =
            { candidates }.find(|member| self.visits[*member as usize].next == Next::Away)?;
        let visit = &mut self.visits[member as usize];
        visit.begin(Chance::for_part(self.plan.cast.seed ^ 0x7669_7369, u64::from(member)));
        visit.cookie = returns;
        Some(member)
    }

    fn arrive(&mut self, at: Moment, out: &mut Outbox) {
        let Some(member) = self.begin() else { return };
        let updated = self.plan.update.as_ref().and_then(|update| update.look_of(member, at));
        let visit = &mut self.visits[member as usize];
        visit.first = !visit.cookie;
        visit.updated = updated;
        (visit.step, visit.trail) = self.itinerary.first(self.plan.entry, &mut visit.chance);
        self.navigate(member, out);
    }

    fn navigate(&mut self, member: u32, out: &mut Outbox) {
        let step = self.visits[member as usize].step;
        let navigates = self.itinerary.opens(step);
        let request = Request { navigates, ..self.request(member, step) };
        let visit = &mut self.visits[member as usize];
        let again = std::mem::replace(&mut visit.next, Next::Answer) == Next::Reload;
        visit.waiting = if again { out.send_again(request) } else { out.send(request) };
    }

    fn request(&self, member: u32, step: Step) -> Request {
        let visit = &self.visits[member as usize];
        let who = self.plan.cast.identity(member, visit.number);
        Request {
            sender: Sender { group: self.group, member },
            platform: self.platform,
            source: who.source,
            network: who.network,
            look: visit.updated.unwrap_or(who.look),
            language: who.language,
            route: step.route,
            item: step.item,
            query: step.query,
            referer: step.referer,
            cookie: visit.cookie.then(|| crate::world::cookie_of(self.group, member)),
            navigates: false,
            manner: Manner::Plain,
            patience: self.plan.habits.patience,
        }
    }

    fn served(&mut self, now: Moment, member: u32, out: &mut Outbox) {
        let visit = &mut self.visits[member as usize];
        let page = visit.step;
        let first = std::mem::replace(&mut visit.first, false);
        let leaves = visit.chance.unit() < self.plan.habits.leaving;
        let leaves = visit.trail.map_or(leaves, |trail| trail.next().is_none());
        let thinking = visit.chance.exponential(self.plan.habits.thinking);
        let brings = match visit.trail {
            Some(trail) => Brings::AsRecorded(trail.stop().parts),
            None if first => Brings::Everything,
            None => Brings::WhatIsNew,
        };
        for part in self.itinerary.parts(page, brings) {
            out.send(self.request(member, part));
        }
        if leaves {
            self.visits[member as usize].next = Next::Away;
        } else {
            self.put(now + thinking, member, Next::Read);
        }
    }

    /// The next page of a visit.
    fn turn(&mut self, member: u32) {
        let visit = &mut self.visits[member as usize];
        visit.mood = Mood::default();
        visit.trail = visit.trail.and_then(Trail::next);
        visit.step = match visit.trail {
            Some(trail) => {
                let referer = Referer::Own(visit.step.route);
                Step { referer, ..self.itinerary.recorded(trail) }
            }
            None => self.itinerary.after(visit.step, &self.plan.habits, &mut visit.chance),
        };
    }

    fn put(&mut self, at: Moment, member: u32, next: Next) {
        let visit = &mut self.visits[member as usize];
        visit.next = next;
        self.due.put(at, Due { member, visit: visit.number, next });
    }

    fn react(&mut self, now: Moment, heard: Heard<'_>) {
        let member = heard.request.sender.member;
        let visit = &mut self.visits[member as usize];
        match visit.mood.react(&heard.answer, &mut visit.chance) {
            Reaction::Leave => visit.next = Next::Away,
            Reaction::Again(after) => self.put(now + after, member, Next::Reload),
        }
    }
}

impl Group for Visitors {
    fn role(&self) -> Role {
        Role::Person
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.next_visit.into_iter().chain(self.due.next_due()).min()
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some(at) = self.next_visit.filter(|due| *due <= now) {
            self.arrive(at, out);
            self.next_visit = self.plan.visits.next_arrival(at, &mut self.arrivals);
        }
        while let Some((_, Due { member, visit: number, next })) = self.due.take_due(now) {
            let visit = &self.visits[member as usize];
            if visit.number != number || visit.next != next {
                continue;
            }
            if next == Next::Read {
                self.turn(member);
            }
            self.navigate(member, out);
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        let member = heard.request.sender.member;
        let Some(visit) = self.visits.get_mut(member as usize) else { return };
        visit.cookie |= heard.answer.set_cookie.is_some();
        if visit.next != Next::Answer || visit.waiting != heard.ticket {
            return;
        }
        match heard.answer.fate {
            Fate::Served => self.served(now, member, out),
            Fate::Cancelled => visit.next = Next::Away,
            Fate::Stopped(_) | Fate::OriginFailed | Fate::GaveUp => self.react(now, heard),
        }
    }

    fn remembered(&self) -> Vec<Remembered> {
        let mut chance = Chance::new(self.plan.cast.seed);
        let (step, _) = self.itinerary.first(Entry::Anywhere, &mut chance);
        let cookie = |member| Some(crate::world::cookie_of(self.group, member));
        let known = (0..self.plan.regulars()).map(|member| Remembered {
            request: Request {
                cookie: cookie(member),
                navigates: true,
                ..self.request(member, step)
            },
        });
        known.collect()
    }

    fn passes(&self, member: u32) -> Passing {
        passes(self.plan.cast.seed, member)
    }
}

/// A look that some people have from a moment on.
impl Update {
    fn look_of(&self, member: u32, at: Moment) -> Option<Look> {
        let mut own = Chance::for_part(0x7570_6461, u64::from(member));
        (at >= self.at && own.unit() < self.share).then_some(self.look)
    }
}

/// A ticket that no request has, for a visit that waits for nothing.
pub(crate) const NO_TICKET: Ticket = Ticket(u64::MAX);
