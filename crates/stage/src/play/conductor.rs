//! Lets groups send when they are due, and tells them what became of it.
//!
//! Groups are told the moments that they asked for, not those at which the machine came to it, as
//! the virtual world does: their draws and their pace are then the same.

use super::IN_FLIGHT_MAX;
use super::carrier::Carrier;
use super::ledger::{Ledger, Sent};
use crate::StageError;
use seawall_sim::fault::{Fault, What};
use seawall_sim::group::Heard;
use seawall_sim::origin::Trouble;
use seawall_sim::request::{Answer, Request, Ticket};
use seawall_sim::{Group, Outbox};
use seawall_types::{Moment, PlatformId};
use std::cmp::Reverse;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::sleep_until;

/// How well reality kept up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PlayReport {
    /// Requests sent.
    pub sent: u64,
    /// Requests that were not sent because [`IN_FLIGHT_MAX`] were under way or the ledger was full;
    /// their senders never hear of them. With any of these the figures are not to be trusted.
    pub overrun: u64,
    /// How much later than it was due the latest was sent.
    pub latest: Duration,
    /// Connections that could not be opened for a reason of this machine's.
    pub unconnected: u64,
}

/// A request whose end is known.
#[derive(Debug)]
struct Returned {
    ticket: Ticket,
    request: Request,
    answer: Answer,
}

/// Drives the groups of one play.
pub(super) struct Conductor {
    groups: Vec<(Box<dyn Group>, Outbox)>,
    carrier: Arc<Carrier>,
    ledger: Arc<Ledger>,
    under_way: usize,
    tell: mpsc::Sender<Returned>,
    hear: mpsc::Receiver<Returned>,
    report: PlayReport,
    /// Those of origins, latest first.
    faults: Vec<(Moment, PlatformId, Trouble)>,
}

impl Conductor {
    pub(super) fn new(
        groups: Vec<Box<dyn Group>>,
        carrier: Arc<Carrier>,
        ledger: Arc<Ledger>,
    ) -> Self {
        let groups =
            (0_u16..).zip(groups).map(|(index, group)| (group, Outbox::of_group(index))).collect();
        let (tell, hear) = mpsc::channel(IN_FLIGHT_MAX);
        let report = PlayReport::default();
        Self { groups, carrier, ledger, under_way: 0, tell, hear, report, faults: Vec::new() }
    }

    /// With what goes wrong on the way.
    pub(super) fn with_faults(mut self, faults: Vec<Fault>) -> Result<Self, StageError> {
        let of_origin = |fault: Fault| match fault.what {
            What::Origin(platform, trouble) => Ok((fault.at, platform, trouble)),
            What::NodeLeaves(_) | What::NodeRestarts(_) => Err(StageError::NodeFault),
        };
        self.faults = faults.into_iter().map(of_origin).collect::<Result<_, _>>()?;
        self.faults.sort_by_key(|(at, ..)| Reverse(*at));
        Ok(self)
    }

    /// Until `lasting` has passed; what is under way then is not waited for.
    pub(super) async fn run(mut self, lasting: Duration, published: Arc<Mutex<PlayReport>>) {
        let end = Moment::default() + lasting;
        loop {
            let now = self.ledger.now();
            while let Some((_, platform, trouble)) = self.faults.pop_if(|(at, ..)| *at <= now) {
                self.carrier.trouble(platform, trouble);
            }
            self.send_due(now.min(end));
            self.report.unconnected = self.carrier.unconnected();
            *published.lock().unwrap_or_else(PoisonError::into_inner) = self.report;
            if now >= end {
                return;
            }
            let wake = self.next_due().map_or(end, |due| due.min(end));
            tokio::select! {
                () = sleep_until(self.ledger.instant(wake)) => {}
                Some(returned) = self.hear.recv() => self.returned(returned),
            }
        }
    }

    fn next_due(&self) -> Option<Moment> {
        let groups = self.groups.iter().filter_map(|(group, _)| group.next_deadline());
        groups.chain(self.faults.last().map(|(at, ..)| *at)).min()
    }

    fn send_due(&mut self, now: Moment) {
        for index in 0..self.groups.len() {
            let (group, outbox) = &mut self.groups[index];
            while let Some(due) = group.next_deadline().filter(|due| *due <= now) {
                group.on_deadline(due, outbox);
                self.report.latest = self.report.latest.max(now.since(due));
            }
            self.dispatch(now, index);
        }
    }

    /// This answer, and those that came with it.
    fn returned(&mut self, first: Returned) {
        let now = self.ledger.now();
        // What was due before is sent before, so that no group's clock goes back.
        self.send_due(now);
        let mut next = Some(first);
        while let Some(Returned { ticket, request, answer }) = next {
            self.under_way -= 1;
            self.tell_sender(now, Heard { ticket, request: &request, answer });
            next = self.hear.try_recv().ok();
        }
    }

    fn tell_sender(&mut self, now: Moment, heard: Heard<'_>) {
        self.ledger.ended(now, heard.ticket, heard.answer.fate);
        let index = usize::from(heard.request.sender.group);
        if let Some((group, outbox)) = self.groups.get_mut(index) {
            group.on_answer(now, heard, outbox);
            self.dispatch(now, index);
        }
    }

    fn dispatch(&mut self, now: Moment, index: usize) {
        let sent: Vec<_> = self.groups[index].1.drain().collect();
        for (ticket, request) in sent {
            self.send(now, ticket, request);
        }
    }

    fn send(&mut self, now: Moment, ticket: Ticket, request: Request) {
        let group = &self.groups[usize::from(request.sender.group)].0;
        let (role, passes) = (group.role(), group.passes(request.sender.member));
        let Some(site) = self.carrier.site(&request) else {
            return;
        };
        // A full channel would make answers wait for each other, so it is never filled.
        let room = self.under_way < IN_FLIGHT_MAX;
        if !room || !self.ledger.sent(ticket, &request, Sent { now, role, site }) {
            self.report.overrun += 1;
            return;
        }
        self.report.sent += 1;
        self.under_way += 1;
        let (carrier, tell) = (Arc::clone(&self.carrier), self.tell.clone());
        tokio::spawn(async move {
            let answer = carrier.carry((ticket, &request), passes).await;
            // Without a conductor the play is over.
            let _ = tell.send(Returned { ticket, request, answer }).await;
        });
    }
}
