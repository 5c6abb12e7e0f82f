//! One platform's gate on one core: who goes to an origin now, who waits, who is sent away.

use super::Alarm;
use crate::clock::Clock;
use http::StatusCode;
use seawall_config::OriginUrl;
use seawall_engine::admission::{
    Class, Ending, Grant, Head, Hold, HoldReason, Offer, OriginSet, Outcome, Permit, RETRY_MIN_S,
    Ready, Report, Request, RouteKey, Share, ShareSettings, Ticket,
};
use seawall_types::Moment;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

/// A platform's gate.
#[derive(Debug)]
pub(crate) struct Gate {
    clock: Clock,
    share: RefCell<Share>,
    waiters: RefCell<HashMap<Ticket, Waiter>>,
    alarm: Rc<Alarm>,
    /// What its origins are, in their order.
    origins: Vec<OriginUrl>,
    usable: Cell<OriginSet>,
    /// Whether another stands in its place.
    is_closed: Cell<bool>,
}

/// Where the end of a wait is put.
#[derive(Debug, Default)]
struct Waiter {
    answer: Option<Result<Permit, Hold>>,
    waker: Option<Waker>,
}

/// What a request has that wants to go to an origin.
#[derive(Debug)]
pub(crate) enum Pass {
    /// A slot.
    Permit(OriginPermit),
    /// A slot that is counted and not insisted on: the platform is only observed.
    Watched(OriginPermit),
    /// None is needed.
    Free,
    /// It had one and got no other.
    Spent,
}

/// What those are told whose gate was replaced before they had a slot.
const CLOSED: Hold =
    Hold { reason: HoldReason::QueueFull, class: Class::Unknown, retry_after_s: RETRY_MIN_S };

/// What became of a request at the gate.
pub(crate) enum Entered {
    Admitted(OriginPermit),
    Waits(Waiting),
    Held(Hold),
}

impl Gate {
    /// A gate without slots: they come with the first grant.
    pub(crate) fn new(
        (clock, alarm): (Clock, Rc<Alarm>),
        origins: Vec<OriginUrl>,
        settings: ShareSettings,
    ) -> Self {
        let settings = ShareSettings { origins: origins.len(), ..settings };
        Self {
            share: RefCell::new(Share::new(clock.now(), settings)),
            waiters: RefCell::default(),
            usable: Cell::new(OriginSet::ALL),
            is_closed: Cell::new(false),
            clock,
            alarm,
            origins,
        }
    }

    /// Whether this gate stands before just these origins.
    pub(crate) fn stands_before<'a>(
        &self,
        mut origins: impl Iterator<Item = &'a OriginUrl>,
    ) -> bool {
        self.origins.iter().all(|origin| origins.next() == Some(origin)) && origins.next().is_none()
    }

    /// Whether it bounds anything: one of a platform that a reload took away does not.
    pub(crate) fn bounds(&self) -> bool {
        !self.origins.is_empty()
    }

    /// What a request of this route would cost an origin, in microseconds.
    pub(crate) fn cost_us(&self, route: RouteKey) -> u32 {
        self.share.borrow().cost_us(route)
    }

    /// Asks for a slot at an origin.
    pub(crate) fn enter(self: &Rc<Self>, now: Moment, request: &Request) -> Entered {
        if self.is_closed.get() {
            // Nobody would call who waits here.
            return Entered::Held(CLOSED);
        }
        let offer = self.share.borrow_mut().offer(now, request);
        let entered = match offer {
            Offer::Admit(permit) => {
                return Entered::Admitted(OriginPermit::new(self.clone(), permit));
            }
            Offer::Wait(ticket) => {
                self.waiters.borrow_mut().insert(ticket, Waiter::default());
                self.alarm.ring();
                Entered::Waits(Waiting { gate: self.clone(), ticket })
            }
            Offer::Hold(hold) => Entered::Held(hold),
        };
        // Another may have been sent away for it.
        self.deliver();
        entered
    }

    /// Sends away all who wait: another gate stands in its place from now on.
    pub(crate) fn close(&self) {
        self.is_closed.set(true);
        let tickets: Vec<_> = self.waiters.borrow().keys().copied().collect();
        for ticket in tickets {
            self.share.borrow_mut().cancelled(self.clock.now(), ticket);
            if let Some(waiter) = self.waiters.borrow_mut().get_mut(&ticket)
                && waiter.answer.is_none()
            {
                waiter.answer = Some(Err(CLOSED));
                waiter.waker.take().into_iter().for_each(Waker::wake);
            }
        }
    }

    /// Sends away who has waited too long and frees slots that are too old.
    pub(crate) fn on_deadline(&self, now: Moment) {
        self.share.borrow_mut().on_deadline(now);
        self.deliver();
    }

    /// When the first wait ends; none while nobody waits.
    pub(crate) fn next_wait_ends(&self) -> Option<Moment> {
        if self.waiters.borrow().is_empty() {
            return None;
        }
        self.share.borrow().next_deadline()
    }

    /// Takes over what was granted.
    pub(crate) fn accept(&self, now: Moment, grant: &Grant) {
        self.share.borrow_mut().accept(now, grant);
        self.deliver();
    }

    /// Requests go to these origins alone, as long as there is one.
    pub(crate) fn use_origins(&self, now: Moment, usable: OriginSet) {
        if self.usable.replace(usable) != usable {
            self.share.borrow_mut().use_origins(now, usable);
            self.deliver();
        }
    }

    /// Whether large answers have all the slots that there are for them, and more are wanted.
    pub(crate) fn downloads_press(&self) -> bool {
        self.share.borrow().downloads_press()
    }

    /// Whether a slot can be spared for a request of whose body next to nothing has come.
    pub(crate) fn spares_one(&self) -> bool {
        self.share.borrow().spares_one()
    }

    /// Whether others wait, or did just now, for slots that are held by bodies that come.
    pub(crate) fn bodies_press(&self, now: Moment) -> bool {
        self.share.borrow().bodies_press(now)
    }

    /// What was seen since the last report.
    pub(crate) fn report(&self, now: Moment) -> Report {
        self.share.borrow_mut().report(now)
    }

    /// Tells those whose wait is over.
    fn deliver(&self) {
        loop {
            let ready = self.share.borrow_mut().poll_ready();
            let Some(Ready { ticket, answer }) = ready else { return };
            match self.waiters.borrow_mut().get_mut(&ticket) {
                Some(waiter) => {
                    waiter.answer = Some(answer);
                    waiter.waker.take().into_iter().for_each(Waker::wake);
                }
                // Nobody waits for it any more, which whoever left has told: nothing comes here.
                None => self.give_up(answer),
            }
        }
    }

    fn give_up(&self, answer: Result<Permit, Hold>) {
        if let Ok(permit) = answer {
            let left = Outcome::of(Ending::Left);
            self.share.borrow_mut().finished(self.clock.now(), permit, left);
        }
    }

    fn finished(&self, permit: Permit, outcome: Outcome) {
        self.share.borrow_mut().finished(self.clock.now(), permit, outcome);
        self.deliver();
    }
}

/// A request that waits at a gate; leaves it when dropped.
pub(crate) struct Waiting {
    gate: Rc<Gate>,
    ticket: Ticket,
}

impl Future for Waiting {
    type Output = Result<OriginPermit, Hold>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut waiters = self.gate.waiters.borrow_mut();
        let Some(waiter) = waiters.get_mut(&self.ticket) else {
            return Poll::Pending;
        };
        let Some(answer) = waiter.answer.take() else {
            waiter.waker = Some(cx.waker().clone());
            return Poll::Pending;
        };
        waiters.remove(&self.ticket);
        Poll::Ready(answer.map(|permit| OriginPermit::new(self.gate.clone(), permit)))
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let waiter = self.gate.waiters.borrow_mut().remove(&self.ticket);
        let Some(waiter) = waiter else { return };
        match waiter.answer {
            Some(answer) => self.gate.give_up(answer),
            None => self.gate.share.borrow_mut().cancelled(self.gate.clock.now(), self.ticket),
        }
        self.gate.deliver();
    }
}

/// A slot at an origin; given back when dropped, with what became of it until then.
#[derive(Debug)]
pub(crate) struct OriginPermit {
    gate: Rc<Gate>,
    permit: Option<Permit>,
    ending: Cell<Ending>,
    bytes_out: Cell<u64>,
    /// When the client was given what it has not yet asked beyond.
    given_at: Cell<Option<Moment>>,
    reader: Cell<Duration>,
}

impl OriginPermit {
    fn new(gate: Rc<Gate>, permit: Permit) -> Self {
        let (ending, bytes_out) = (Cell::new(Ending::Left), Cell::new(0));
        let (given_at, reader) = (Cell::new(None), Cell::new(Duration::ZERO));
        Self { gate, permit: Some(permit), ending, bytes_out, given_at, reader }
    }

    /// Position of its origin in the platform.
    pub(crate) fn origin(&self) -> Option<usize> {
        self.permit.as_ref().map(Permit::origin)
    }

    /// The same for another origin of the platform; what came of this one is told.
    ///
    /// # Errors
    /// This one, when the other origin has no room.
    pub(crate) fn move_to(mut self, origin: usize) -> Result<Self, Self> {
        if self.origin() == Some(origin) {
            return Ok(self);
        }
        let outcome = self.outcome();
        let Some(permit) = self.permit.take() else { return Err(self) };
        let now = self.gate.clock.now();
        let moved = self.gate.share.borrow_mut().move_to(now, (permit, outcome), origin);
        self.gate.deliver();
        match moved {
            Ok(permit) => Ok(Self::new(self.gate.clone(), permit)),
            Err(permit) => {
                self.permit = Some(permit);
                Err(self)
            }
        }
    }

    /// The head of the answer is there.
    pub(crate) fn answered(&self, now: Moment, status: StatusCode, head: Head) {
        let ending = match status {
            StatusCode::NOT_FOUND => Ending::Unfound,
            status if status.is_server_error() => Ending::Failed,
            _ => Ending::Answered,
        };
        self.ending.set(ending);
        if let Some(permit) = &self.permit {
            self.gate.share.borrow_mut().headed(now, permit, head);
        }
        self.gate.deliver();
    }

    /// There is no answer, or no whole one.
    pub(crate) fn failed(&self) {
        self.ending.set(Ending::Faulted);
    }

    /// No connection came about.
    pub(crate) fn unreached(&self) {
        self.ending.set(Ending::Unreached);
    }

    /// The client takes more: until now the answer waited for it and not for the origin.
    ///
    /// A time that is as old as a tick will do: readers that keep an answer waiting do so for longer.
    pub(crate) fn asked(&self, now: Moment) {
        if let Some(given) = self.given_at.take() {
            self.reader.set(self.reader.get() + now.since(given));
        }
    }

    /// Bytes of the answer came and go to the client.
    pub(crate) fn count(&self, now: Moment, bytes: usize) {
        self.bytes_out.set(self.bytes_out.get() + bytes as u64);
        self.given_at.set(Some(now));
    }

    fn outcome(&self) -> Outcome {
        let (ending, bytes_out) = (self.ending.get(), self.bytes_out.get());
        let reader_us = u32::try_from(self.reader.get().as_micros()).unwrap_or(u32::MAX);
        Outcome { ending, bytes_out, reader_us }
    }
}

impl Drop for OriginPermit {
    fn drop(&mut self) {
        if let Some(permit) = self.permit.take() {
            self.gate.finished(permit, self.outcome());
        }
    }
}
