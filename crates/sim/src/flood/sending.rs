//! When a flood sends and who, for every kind; what is sent is the kind's own [`Pattern`].
//!
//! Takes the time and the answers; gives requests.
//! Times, sources and contents are drawn apart, so that a flood with other contents sends at the
//! same times from the same sources.
//! Bounds: one number per source; never more than the pace says.

use super::pace::{Answers, Pace, Turns};
use super::sources::{Sources, Standing};
use crate::Chance;
use crate::agenda::Agenda;
use crate::casting::{Casting, Miscast, within};
use crate::group::{Group, Heard, Outbox, Passing, Remembered, Role};
use crate::network::Network;
use crate::rate::{RateShape, moment};
use crate::request::{Manner, Query, Referer, Request, Sender};
use crate::site::RouteId;
use crate::stack::{Look, StackId};
use seawall_types::{Moment, PlatformId};
use std::fmt::Debug;
use std::net::IpAddr;
use std::time::Duration;

/// Seconds that a source waits for an answer, at least and at most.
const PATIENCE_MIN_S: f64 = 0.001;
const PATIENCE_MAX_S: f64 = 3_600.0;

/// The shortest pause before a request is sent again.
const AGAIN_MIN: Duration = Duration::from_millis(1);

/// What the requests of one kind of flood are.
pub(super) trait Pattern: Debug + Send {
    /// Makes a source's plain request into one of this kind.
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request;

    /// Hears an answer; may send what follows from being served, or have a request sent again.
    fn heard(&mut self, _heard: &Heard<'_>, _out: &mut Outbox) -> After {
        After::Nothing
    }

    /// How a source passes a check.
    fn passes(&self, _member: u32) -> Passing {
        Passing::Never
    }

    /// The request of a source that was served before the world began, from its plain one.
    fn remembered(&self, _plain: Request) -> Option<Request> {
        None
    }
}

/// What follows an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// Nothing.
    Nothing,
    /// So many requests have been sent.
    Sent(u16),
    /// The same request, after a while that is not zero.
    Again(Duration),
}

/// When one request is made, and the draws for its content.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pub(super) now: Moment,
    pub(super) chance: &'a mut Chance,
}

/// What every kind of flood is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plan<'p> {
    pub(super) pace: &'p Pace,
    pub(super) sources: &'p Sources,
    pub(super) patience_s: f64,
}

/// Which part of the draws is for what.
#[derive(Debug, Clone, Copy)]
enum Part {
    Times = 0,
    Members = 1,
    Contents = 2,
}

/// A flood that sends requests of a pattern.
#[derive(Debug)]
pub(super) struct Sending<P> {
    group: u16,
    platform: PlatformId,
    standing: Standing,
    members: u32,
    patience: Duration,
    turns: RateShape,
    order: Turns,
    in_order_until: Moment,
    burst: u32,
    /// Unanswered requests of each source; none are counted when answers are ignored.
    unanswered: Vec<u16>,
    following: u32,
    times: Chance,
    who: Chance,
    contents: Chance,
    next: Option<Moment>,
    again: Agenda<Request>,
    pattern: P,
}

impl<P: Pattern + 'static> Sending<P> {
    /// A flood before its first request.
    pub(super) fn cast(
        plan: Plan<'_>,
        casting: Casting<'_>,
        pattern: P,
    ) -> Result<Box<dyn Group>, Miscast> {
        Self::cast_after(0.0, plan, casting, pattern)
    }

    /// A flood that begins once its sources have asked one after the other for so many seconds,
    /// each once on average.
    pub(super) fn cast_after(
        once_s: f64,
        plan: Plan<'_>,
        casting: Casting<'_>,
        pattern: P,
    ) -> Result<Box<dyn Group>, Miscast> {
        let patience = plan.patience()?;
        let Plan { pace, sources, .. } = plan;
        let Casting { group, platform, pools, span, seed, .. } = casting;
        let turns = pace.turns_after(once_s, sources.count, span)?;
        let standing = sources.stand(pools)?;
        let draws = |part: Part| Chance::for_part(seed, part as u64);
        let mut times = draws(Part::Times);
        let counted = match pace.answers {
            Answers::Ignored => 0,
            Answers::Awaited => sources.count as usize,
        };
        Ok(Box::new(Self {
            group,
            platform,
            standing,
            members: sources.count,
            patience,
            next: turns.next_arrival(Moment::default(), &mut times),
            turns,
            order: pace.turns,
            in_order_until: moment(span.from + once_s),
            burst: pace.burst,
            unanswered: vec![0; counted],
            following: 0,
            times,
            who: draws(Part::Members),
            contents: draws(Part::Contents),
            again: Agenda::default(),
            pattern,
        }))
    }

    fn member(&mut self, now: Moment) -> u32 {
        match self.order {
            _ if now < self.in_order_until => self.next_in_order(),
            Turns::Random => self.who.below(self.members),
            Turns::Even => self.next_in_order(),
        }
    }

    fn next_in_order(&mut self) -> u32 {
        let member = self.following;
        self.following = (member + 1) % self.members;
        member
    }

    fn send(&mut self, now: Moment, member: u32, out: &mut Outbox) {
        if self.unanswered.get(member as usize).is_some_and(|count| *count > 0) {
            return;
        }
        for _ in 0..self.burst {
            let Some(place) = self.standing.source(member, &mut self.contents) else {
                return;
            };
            let plain = self.plain(member, place);
            let turn = Turn { now, chance: &mut self.contents };
            out.send(self.pattern.request(plain, turn));
        }
        self.count(member, u16::try_from(self.burst).unwrap_or(u16::MAX));
    }

    fn count(&mut self, member: u32, sent: u16) {
        if let Some(count) = self.unanswered.get_mut(member as usize) {
            *count = count.saturating_add(sent);
        }
    }
}

impl<P> Sending<P> {
    /// A request with nothing of the kind's own in it yet.
    fn plain(&self, member: u32, (source, network): (IpAddr, Network)) -> Request {
        Request {
            sender: Sender { group: self.group, member },
            platform: self.platform,
            source,
            network,
            look: Look::of(StackId(0)),
            language: 0,
            route: RouteId(0),
            item: 0,
            query: Query::None,
            referer: Referer::None,
            cookie: None,
            navigates: false,
            manner: Manner::Plain,
            patience: self.patience,
        }
    }
}

impl Plan<'_> {
    fn patience(&self) -> Result<Duration, Miscast> {
        within("patience_s", self.patience_s, PATIENCE_MIN_S..=PATIENCE_MAX_S)
            .map(Duration::from_secs_f64)
    }
}

impl<P: Pattern + 'static> Group for Sending<P> {
    fn role(&self) -> Role {
        Role::Flood
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.next.into_iter().chain(self.again.next_due()).min()
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some((_, request)) = self.again.take_due(now) {
            out.send(request);
        }
        while let Some(due) = self.next.filter(|due| *due <= now) {
            let member = self.member(due);
            self.send(due, member, out);
            self.next = self.turns.next_arrival(due, &mut self.times);
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        let member = heard.request.sender.member;
        let after = self.pattern.heard(&heard, out);
        if let After::Sent(more) = after {
            self.count(member, more);
        }
        if let After::Again(pause) = after {
            // Not yet answered for good, so its source still waits.
            self.again.put(now + pause.max(AGAIN_MIN), *heard.request);
        } else if let Some(count) = self.unanswered.get_mut(member as usize) {
            *count = count.saturating_sub(1);
        }
    }

    fn remembered(&self) -> Vec<Remembered> {
        let mut chance = self.contents.clone();
        let known = (0..self.members).filter_map(|member| {
            let place = self.standing.source(member, &mut chance)?;
            self.pattern.remembered(self.plain(member, place))
        });
        known.map(|request| Remembered { request }).collect()
    }

    fn passes(&self, member: u32) -> Passing {
        self.pattern.passes(member)
    }
}
