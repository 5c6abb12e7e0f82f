//! A sale at the hour: everybody sits on the page with the form, reloads it, and sends it when it
//! opens.
//!
//! People who want tickets are stubborn: after an error, or silence, they try again.
//! Bounds: [`MEMBERS_MAX`] people; [`TRIES_MAX`] requests for a page of each.

use crate::Chance;
use crate::agenda::Agenda;
use crate::casting::{Casting, Miscast, whole, within};
use crate::group::{Group, Heard, Outbox, Passing, Role};
use crate::people::MEMBERS_MAX;
use crate::people::homes::{Cast, Homes};
use crate::people::visitors::{
    Brings, Habits, Itinerary, Landing, Mood, NO_TICKET, Reaction, Step, passes,
};
use crate::rate::moment;
use crate::request::{Fate, Manner, Query, Referer, Request, Sender, Ticket};
use crate::site::RouteId;
use seawall_types::{Moment, PlatformId};
use serde::Deserialize;
use std::time::Duration;

/// Requests for a page or a form that one person makes before giving up.
const TRIES_MAX: u8 = 60;
/// How late a person is at the hour, on average.
const LATE: Duration = Duration::from_millis(700);
/// How long a person takes to fill in the form, on average, after the least time.
const FILLING: Duration = Duration::from_secs(4);
const FILLING_LEAST: Duration = Duration::from_secs(2);

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// How many want something.
    pub people: u32,
    /// Seconds after the start of the span at which the sale opens; all come in that time.
    pub opens_s: f64,
    /// Seconds between two reloads of one person, on average.
    pub reload_s: f64,
    /// The page with the form, as the site's table writes it.
    pub page: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { people: 2_000, opens_s: 30.0, reload_s: 8.0, page: "/donate".to_owned() }
    }
}

impl Parameters {
    /// The group, before the first has come.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let itinerary = Itinerary::new(casting.site)?;
        let page = Landing::at(casting.site, &self.page)?.route;
        let form = itinerary.form_on(page);
        let form = form.ok_or_else(|| Miscast::site(format!("form on page {}", self.page)))?;
        let opens = within("opens_s", self.opens_s, 0.0..=86_400.0)?;
        let people = whole("people", self.people, 1..=MEMBERS_MAX)?;
        let mut due = Agenda::default();
        let buyers = (0..people).map(|member| {
            let mut chance = Chance::for_part(casting.seed ^ 0x7361_6c65, u64::from(member));
            due.put(moment(casting.span.from + opens * chance.unit()), member);
            Buyer {
                chance,
                wants: Wants::Page,
                cookie: false,
                tries: 0,
                missed: false,
                waiting: NO_TICKET,
            }
        });
        let buyers = buyers.collect();
        let cast = Cast {
            homes: Homes::spread(casting.pools),
            lots: casting.pools.lots().clone(),
            seed: casting.seed,
        };
        Ok(Box::new(Sale {
            group: casting.group,
            platform: casting.platform,
            cast,
            itinerary,
            page,
            form,
            hour: moment(casting.span.from + opens),
            until: moment(casting.place().span.until),
            reload: Duration::from_secs_f64(within("reload_s", self.reload_s, 0.5..=3_600.0)?),
            buyers,
            due,
        }))
    }
}

/// Everybody at a sale.
#[derive(Debug)]
struct Sale {
    group: u16,
    platform: PlatformId,
    cast: Cast,
    itinerary: Itinerary,
    page: RouteId,
    form: RouteId,
    hour: Moment,
    until: Moment,
    reload: Duration,
    buyers: Vec<Buyer>,
    due: Agenda<u32>,
}

/// One person at a sale.
#[derive(Debug, Clone)]
struct Buyer {
    chance: Chance,
    wants: Wants,
    cookie: bool,
    tries: u8,
    /// Whether the last request brought nothing.
    missed: bool,
    waiting: Ticket,
}

/// What a person at a sale is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wants {
    /// The page, and the form on it once it is open.
    Page,
    /// The answer to the form.
    Bought,
    /// Nothing any more.
    Nothing,
}

impl Sale {
    fn request(&self, member: u32, step: Step) -> Request {
        let who = self.cast.identity(member, 0);
        let cookie = self.buyers[member as usize].cookie;
        Request {
            sender: Sender { group: self.group, member },
            platform: self.platform,
            source: who.source,
            network: who.network,
            look: who.look,
            language: who.language,
            route: step.route,
            item: step.item,
            query: step.query,
            referer: step.referer,
            cookie: cookie.then(|| crate::world::cookie_of(self.group, member)),
            navigates: false,
            manner: Manner::Plain,
            patience: Habits::default().patience * 3,
        }
    }

    fn ask(&mut self, member: u32, out: &mut Outbox) {
        let (route, referer) = match self.buyers[member as usize].wants {
            Wants::Page => (self.page, Referer::None),
            Wants::Bought => (self.form, Referer::Own(self.page)),
            Wants::Nothing => return,
        };
        let step = Step { route, item: 0, query: Query::None, referer };
        let request = Request { navigates: true, ..self.request(member, step) };
        let buyer = &mut self.buyers[member as usize];
        buyer.tries = buyer.tries.saturating_add(1);
        let again = std::mem::take(&mut buyer.missed);
        buyer.waiting = if again { out.send_again(request) } else { out.send(request) };
    }

    /// What a person does who has got what was asked for.
    fn got(&mut self, now: Moment, member: u32) {
        let (hour, reload) = (self.hour, self.reload);
        let buyer = &mut self.buyers[member as usize];
        match buyer.wants {
            Wants::Page if now >= hour => {
                buyer.wants = Wants::Bought;
                buyer.tries = 0;
                let filled = now + FILLING_LEAST + buyer.chance.exponential(FILLING);
                self.due.put(filled, member);
            }
            Wants::Page => {
                // Whoever would reload after the hour looks at the clock and reloads at the hour.
                let next = now + buyer.chance.exponential(reload) + Duration::from_millis(200);
                let at_the_hour = hour + buyer.chance.exponential(LATE);
                self.due.put(if next < hour { next } else { at_the_hour.max(now) }, member);
            }
            Wants::Bought | Wants::Nothing => buyer.wants = Wants::Nothing,
        }
    }

    fn missed(&mut self, now: Moment, heard: Heard<'_>) {
        let member = heard.request.sender.member;
        let reload = self.reload;
        let buyer = &mut self.buyers[member as usize];
        if buyer.tries >= TRIES_MAX {
            buyer.wants = Wants::Nothing;
            return;
        }
        buyer.missed = true;
        let after = match Mood::default().react(&heard.answer, &mut buyer.chance) {
            Reaction::Again(after) => after,
            Reaction::Leave => reload.div_f64(2.0) + buyer.chance.exponential(reload.div_f64(2.0)),
        };
        self.due.put(now + after, member);
    }
}

impl Group for Sale {
    fn role(&self) -> Role {
        Role::Person
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.due.next_due().filter(|due| *due < self.until)
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some((at, member)) = self.due.take_due(now) {
            if at < self.until {
                self.ask(member, out);
            }
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        let member = heard.request.sender.member;
        let Some(buyer) = self.buyers.get_mut(member as usize) else { return };
        let first = heard.answer.set_cookie.is_some() && !buyer.cookie;
        buyer.cookie |= first;
        if buyer.waiting != heard.ticket {
            return;
        }
        if heard.answer.fate != Fate::Served {
            self.missed(now, heard);
            return;
        }
        if first {
            let route = heard.request.route;
            let page = Step { route, item: 0, query: Query::None, referer: Referer::None };
            for part in self.itinerary.parts(page, Brings::Everything) {
                out.send(self.request(member, part));
            }
        }
        self.got(now, member);
    }

    fn passes(&self, member: u32) -> Passing {
        passes(self.cast.seed, member)
    }
}
