//! Programs that ask again and again: each has its routes, its pace and its conduct when refused.
//!
//! A member has one request on its way at a time; the next is planned when it is sent, so that slow
//! answers do not slow the pace unless they take longer than it.
//! Bounds: [`super::MEMBERS_MAX`] members.

mod conduct;

pub(crate) use conduct::Conduct;

use super::Known;
use super::homes::{HOSTS, Identity};
use super::visitors::pick;
use crate::Chance;
use crate::agenda::Agenda;
use crate::casting::Place;
use crate::group::{Group, Heard, Outbox, Remembered, Role};
use crate::network::Network;
use crate::rate::moment;
use crate::request::{Fate, Manner, Query, Referer, Request, Sender};
use crate::site::RouteId;
use crate::stack::{Look, StackId};
use conduct::{Retry, Standing};
use seawall_types::{Moment, PlatformId};
use std::time::Duration;

/// The soonest that a program sends again.
const SOONEST: Duration = Duration::from_millis(1);

/// What a group of programs is.
#[derive(Debug, Clone)]
pub(crate) struct Calling {
    /// How many there are.
    pub(crate) members: u32,
    /// What they ask for, with weights.
    pub(crate) routes: Vec<(RouteId, u16)>,
    /// Numbers in the paths that have one.
    pub(crate) items: u32,
    /// How their requests are spaced.
    pub(crate) pace: Pace,
    /// What they do when refused.
    pub(crate) conduct: Conduct,
    /// How long they wait for an answer.
    pub(crate) patience: Duration,
    /// Where they stand.
    pub(crate) networks: Vec<Network>,
    /// What they look like; a member has one of them.
    pub(crate) stacks: Vec<StackId>,
    /// Row of [`crate::request::LANGUAGES`].
    pub(crate) language: u8,
    /// Whether they were here before the world began.
    pub(crate) known: Known,
    /// Fixes every draw.
    pub(crate) seed: u64,
}

/// How one member's requests are spaced.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Evenly.
    Even(Duration),
    /// At random, so far apart on average.
    Random(Duration),
}

impl Pace {
    /// So that `members` together come to `rps`.
    pub(crate) fn period_of(members: u32, rps: f64) -> Duration {
        Duration::try_from_secs_f64(f64::from(members) / rps.max(1e-6)).unwrap_or(Duration::MAX)
    }

    fn wait(self, slowness: f64, chance: &mut Chance) -> Duration {
        match self {
            Self::Even(period) => period.mul_f64(slowness),
            Self::Random(mean) => chance.exponential(mean.mul_f64(slowness)),
        }
    }
}

/// Programs that ask again and again.
#[derive(Debug)]
pub(crate) struct Callers {
    group: u16,
    platform: PlatformId,
    until: Moment,
    calling: Calling,
    members: Vec<Member>,
    due: Agenda<u32>,
}

/// One program.
#[derive(Debug, Clone)]
struct Member {
    chance: Chance,
    standing: Standing,
    planned: Moment,
    asked: Option<RouteId>,
    item: u32,
}

impl Callers {
    /// Programs before their first request; each begins somewhere in its period.
    pub(crate) fn new(calling: Calling, place: Place<'_>) -> Self {
        let from = moment(place.span.from);
        let mut due = Agenda::default();
        let members = (0..calling.members).map(|index| {
            let mut chance = Chance::for_part(calling.seed, u64::from(index));
            let wait = match calling.pace {
                Pace::Even(period) => period.mul_f64(chance.unit()),
                Pace::Random(mean) => chance.exponential(mean),
            };
            due.put(from + wait, index);
            let standing = Standing::default();
            Member { chance, standing, planned: from + wait, asked: None, item: 0 }
        });
        Self {
            group: place.group,
            platform: place.platform,
            until: moment(place.span.until),
            members: members.collect(),
            due,
            calling,
        }
    }

    fn identity(&self, index: u32) -> Option<Identity> {
        let calling = &self.calling;
        let count = calling.networks.len();
        let network = calling.networks.get(index as usize % count.max(1)).copied()?;
        let stack = calling.stacks.get(index as usize % calling.stacks.len().max(1)).copied()?;
        let host = index / u32::try_from(count).unwrap_or(1).max(1);
        let source = network.v4(host % HOSTS);
        Some(Identity { network, source, look: Look::of(stack), language: calling.language })
    }

    fn ask(&mut self, now: Moment, index: u32, out: &mut Outbox) {
        let Some(who) = self.identity(index) else { return };
        let (calling, member) = (&self.calling, &mut self.members[index as usize]);
        let route = member.asked.or_else(|| pick(&mut member.chance, &calling.routes));
        let Some(route) = route else { return };
        let first = member.asked.replace(route).is_none();
        if first {
            member.item = member.chance.below(calling.items);
            let wait = calling.pace.wait(member.standing.slowness(), &mut member.chance);
            member.planned = member.planned.max(now) + wait;
        }
        let request = self.request(index, who, (route, self.members[index as usize].item));
        if first {
            out.send(request)
        } else {
            out.send_again(request)
        };
    }

    fn request(&self, index: u32, who: Identity, (route, item): (RouteId, u32)) -> Request {
        Request {
            sender: Sender { group: self.group, member: index },
            platform: self.platform,
            source: who.source,
            network: who.network,
            look: who.look,
            language: who.language,
            route,
            item,
            query: Query::None,
            referer: Referer::None,
            cookie: None,
            navigates: false,
            manner: Manner::Plain,
            patience: self.calling.patience,
        }
    }
}

impl Group for Callers {
    fn role(&self) -> Role {
        Role::Program
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.due.next_due().filter(|due| *due < self.until)
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some((at, index)) = self.due.take_due(now) {
            if at < self.until {
                self.ask(at, index, out);
            }
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, _out: &mut Outbox) {
        let index = heard.request.sender.member;
        let Some(member) = self.members.get_mut(index as usize) else { return };
        let soonest = now + SOONEST;
        let retry = if heard.answer.fate == Fate::Served {
            member.standing.served();
            Retry::Never
        } else {
            member.standing.refused(self.calling.conduct, &heard.answer, &mut member.chance)
        };
        let due = match retry {
            Retry::After(wait) => now + wait,
            Retry::NextTurn(told) => {
                let slowness = member.standing.slowness();
                let turn = self.calling.pace.wait(slowness, &mut member.chance);
                member.planned.max(now + turn.max(told))
            }
            Retry::Never => {
                member.asked = None;
                member.planned
            }
        };
        self.due.put(due.max(soonest), index);
    }

    fn remembered(&self) -> Vec<Remembered> {
        let route = self.calling.routes.first().map(|(route, _)| *route);
        let Some(route) = route.filter(|_| self.calling.known == Known::Usual) else {
            return Vec::new();
        };
        let member = |index| {
            let request = self.request(index, self.identity(index)?, (route, 0));
            Some(Remembered { request })
        };
        (0..self.calling.members).filter_map(member).collect()
    }
}
