//! The event loop: groups send, a defence judges, origins work, and everything is counted.
//!
//! Order of one moment: what came first goes first; at equal times faults, origins, the defence, what
//! is due of single requests, then groups by index, so that a freed worker is seen before the next
//! request asks for it.
//! Answers given at once wait in a queue: nothing here calls itself.
//! Bounds: [`ANSWERS_OF_A_MOMENT_MAX`].

mod bodies;
mod checks;
mod flights;
mod passage;
mod telling;
pub mod wants;
mod witness;

pub use telling::cookie_of;
pub use witness::{Witness, Witnessed};

use crate::agenda::Agenda;
use crate::casting::Span;
use crate::clock::NodeClock;
use crate::defence::{Defence, EndsTls, Holding, Kept};
use crate::fault::{Fault, What};
use crate::group::{Group, Outbox, Role};
use crate::origin::{Origin, OriginSpec, Trouble};
use crate::rate::moment;
use crate::request::{Fate, Request, Ticket};
use crate::score::{Peaks, Said, Score};
use crate::site::Site;
use checks::{Checks, has_passed_before};
use flights::{Flights, Named, Place};
use seawall_types::{Moment, PlatformId, Verdict};
use std::collections::VecDeque;
use std::time::Duration;
use telling::Told;
use wants::Wants;

/// Answers that are heard in one moment; further ones are heard [`LATER`], so that a group that
/// asks again whenever it is refused cannot stop the world.
pub const ANSWERS_OF_A_MOMENT_MAX: u32 = 1_000_000;
/// When that is.
const LATER: Duration = Duration::from_millis(1);

/// One platform of a world.
#[derive(Debug)]
pub struct WorldPlatform {
    /// What it serves.
    pub site: Site,
    /// What serves it.
    pub origin: Origin,
}

impl WorldPlatform {
    /// A platform whose origin is idle.
    pub fn new(site: Site, origin: &OriginSpec) -> Self {
        Self { site, origin: Origin::new(origin) }
    }
}

/// A world in motion.
pub struct World {
    groups: Vec<(Box<dyn Group>, Outbox)>,
    platforms: Vec<WorldPlatform>,
    scores: Vec<Score>,
    defence: Box<dyn Defence>,
    holding: Holding,
    clock: NodeClock,
    faults: VecDeque<Fault>,
    flights: Flights,
    due: Agenda<Due>,
    told: VecDeque<Told>,
    sending: Vec<(Ticket, Request)>,
    wants: Wants,
    checks: Checks,
    /// Requests that the defence holds, by platform.
    held: Vec<u32>,
    node: Node,
    now: Moment,
    answers_of_moment: u32,
    /// What a witness will be told; none without a witness.
    seen: Option<Vec<Witnessed>>,
}

/// What is due of a single request, or of the node.
#[derive(Debug, Clone, Copy)]
enum Due {
    /// Its sender waits no longer.
    Patience(Named),
    /// Its head or body has come whole.
    Whole(Named),
    /// The defence waits no longer for its head or body, or for its answer to be read.
    Cut(Named),
    /// It is looked whether a reader that takes too little is borne any longer.
    SlowRead { named: Named, since: Moment },
    /// It is looked whether a body that has not come is waited for any longer.
    Ahead(Named),
    /// It is looked whether a body that holds a place is borne any longer; by then it has come.
    SlowBody { named: Named, until: Moment },
    /// Its sender goes on with the check of that number.
    Check(u64),
    /// The defence's node is back.
    NodeBack(Kept),
}

/// Whether the defence is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Here,
    Away,
}

impl World {
    /// A world before its first moment.
    pub fn new(
        groups: Vec<Box<dyn Group>>,
        platforms: Vec<WorldPlatform>,
        defence: Box<dyn Defence>,
    ) -> Self {
        let groups =
            (0_u16..).zip(groups).map(|(index, group)| (group, Outbox::of_group(index))).collect();
        let scores = platforms.iter().map(|platform| Score::new(platform.origin.capacity(), None));
        Self {
            groups,
            scores: scores.collect(),
            held: vec![0; platforms.len()],
            platforms,
            holding: defence.holding(),
            defence,
            clock: NodeClock::default(),
            faults: VecDeque::new(),
            flights: Flights::default(),
            due: Agenda::default(),
            told: VecDeque::new(),
            sending: Vec::new(),
            wants: Wants::default(),
            checks: Checks::default(),
            node: Node::Here,
            now: Moment(0),
            answers_of_moment: 0,
            seen: None,
        }
    }

    /// The same world with faults.
    #[must_use]
    pub fn with_faults(mut self, mut faults: Vec<Fault>) -> Self {
        faults.sort_by_key(|fault| fault.at);
        self.faults = faults.into();
        self
    }

    /// The same world with a node whose clocks run like that.
    #[must_use]
    pub fn with_clock(mut self, clock: NodeClock) -> Self {
        self.clock = clock;
        self
    }

    /// The same world where a share of the people who were here before passed a challenge then.
    #[must_use]
    pub fn with_old_tokens(mut self, share: f64) -> Self {
        let people = self.groups.iter().filter(|(group, _)| group.role() == Role::Person);
        for remembered in people.flat_map(|(group, _)| group.remembered()) {
            let request = remembered.request;
            if has_passed_before(request.sender, share)
                && let Some(pass) = self.defence.passed_before(&request)
            {
                self.checks.give(request.sender, pass);
            }
        }
        self
    }

    /// The same world where members of these groups hold what an operator gave them to be known by.
    #[must_use]
    pub fn with_lanes(mut self, groups: &[u16]) -> Self {
        self.defence.let_in(groups);
        self
    }

    /// The same world with figures of that part alone.
    #[must_use]
    pub fn with_event(mut self, event: Span) -> Self {
        for score in &mut self.scores {
            score.event = Some(event);
        }
        self
    }

    /// Runs until nothing is due before `end`; gives the scores by platform.
    pub fn run(mut self, end: Moment) -> Vec<Score> {
        while let Some(now) = self.next_due().filter(|due| *due < end) {
            self.step(now);
        }
        self.scores_at(end)
    }

    /// Runs like [`Self::run`] and tells a witness what happens.
    pub fn run_before(mut self, witness: &mut dyn Witness, end: Moment) -> Vec<Score> {
        self.seen = Some(Vec::new());
        while let Some(now) = self.next_due().filter(|due| *due < end) {
            let faults = self.faults.iter().take_while(|fault| fault.at <= now);
            faults.for_each(|fault| witness.fault(fault));
            self.step(now);
            let seen = self.seen.as_mut().into_iter().flat_map(|seen| seen.drain(..));
            seen.for_each(|ended| witness.ended(&ended));
        }
        self.scores_at(end)
    }

    fn scores_at(mut self, end: Moment) -> Vec<Score> {
        let node_end = self.clock.monotonic(end);
        let tables = self.defence.tables(node_end);
        for (score, platform) in self.scores.iter_mut().zip(0_u16..) {
            let since = score.event.map_or(Moment(0), |event| moment(event.from));
            let noticed = self.defence.noticed(PlatformId(platform), self.clock.monotonic(since));
            score.detected_at = noticed.map(|at| self.clock.world(at));
            score.tables.clone_from(&tables);
            let since = self.clock.monotonic(since);
            let said = self.defence.said(PlatformId(platform)).iter();
            let said = said.filter(|said| said.at >= since).cloned().map(|said| Said {
                at: self.clock.world(said.at),
                onset_at: self.clock.world(said.onset_at),
                ..said
            });
            score.detection.said = said.collect();
            let deeds = self.defence.deeds(PlatformId(platform)).iter();
            score.deeds = deeds.map(|deed| deed.by(|at| self.clock.world(at))).collect();
        }
        self.scores
    }

    fn next_due(&self) -> Option<Moment> {
        let origins = self.platforms.iter().filter_map(|platform| platform.origin.next_deadline());
        let groups = self.groups.iter().filter_map(|(group, _)| group.next_deadline());
        let defence = match self.node {
            Node::Here => self.defence.next_deadline().map(|due| self.clock.world(due)),
            Node::Away => None,
        };
        let unheard = (!self.told.is_empty()).then(|| self.now + LATER);
        let due = origins
            .chain(groups)
            .chain(defence)
            .chain(unheard)
            .chain(self.due.next_due())
            .chain(self.faults.front().map(|fault| fault.at))
            .min()?;
        // What became due while its server hung, or its node was away, is late.
        Some(due.max(self.now))
    }

    fn step(&mut self, now: Moment) {
        if now > self.now {
            self.now = now;
            self.answers_of_moment = 0;
        }
        while let Some(fault) = self.faults.pop_front_if(|fault| fault.at <= now) {
            self.befall(now, fault.what);
        }
        for platform in &mut self.platforms {
            if platform.origin.next_deadline().is_some_and(|due| due <= now) {
                platform.origin.on_deadline(now);
            }
        }
        let node_now = self.clock.monotonic(now);
        if self.node == Node::Here
            && self.defence.next_deadline().is_some_and(|due| due <= node_now)
        {
            self.defence.on_deadline(node_now);
        }
        self.carry_on(now);
        while let Some((_, due)) = self.due.take_due(now) {
            self.come_due(now, due);
            self.carry_on(now);
        }
        for index in 0..self.groups.len() {
            let (group, outbox) = &mut self.groups[index];
            if group.next_deadline().is_some_and(|due| due <= now) {
                group.on_deadline(now, outbox);
                self.dispatch(now, index);
                self.carry_on(now);
            }
        }
    }

    fn come_due(&mut self, now: Moment, due: Due) {
        match due {
            Due::Patience(named) => self.leave(now, named, Fate::GaveUp),
            Due::Whole(named) => self.whole(now, named),
            Due::SlowRead { named, since } => self.look_at_reader(now, (named, since)),
            Due::Cut(named) => self.leave(now, named, Fate::Stopped(Verdict::Error)),
            Due::Ahead(named) => self.look_ahead(now, named),
            Due::SlowBody { named, until } => self.look_at_body(now, (named, until)),
            Due::Check(number) => self.check_is_due(now, number),
            Due::NodeBack(kept) => {
                self.node = Node::Here;
                self.defence.restarted(self.clock.monotonic(now), kept);
            }
        }
    }

    /// Sends what a group has put into its outbox.
    fn dispatch(&mut self, now: Moment, group: usize) {
        let mut sending = std::mem::take(&mut self.sending);
        sending.extend(self.groups[group].1.drain());
        for (ticket, request) in sending.drain(..) {
            self.arrive(now, ticket, request);
        }
        self.sending = sending;
    }

    /// Hands on what origins have finished, what the defence lets go and what senders are told,
    /// until there is nothing of it left.
    fn carry_on(&mut self, now: Moment) {
        loop {
            let mut is_quiet = true;
            for index in 0..self.platforms.len() {
                while let Some(flight) = self.platforms[index].origin.poll_head() {
                    self.head(now, flight);
                }
                while let Some(done) = self.platforms[index].origin.poll_done() {
                    is_quiet = false;
                    self.settle(now, done);
                }
            }
            while let Some((flight, decision)) = self.defence.poll_release() {
                is_quiet = false;
                self.release(now, flight, decision);
            }
            while self.answers_of_moment < ANSWERS_OF_A_MOMENT_MAX
                && let Some(told) = self.told.pop_front()
            {
                is_quiet = false;
                self.answers_of_moment += 1;
                self.hear(now, &told);
            }
            if is_quiet {
                return;
            }
        }
    }

    fn befall(&mut self, now: Moment, what: What) {
        match what {
            What::Origin(platform, trouble) => self.trouble(now, platform, trouble),
            What::NodeLeaves(until) => self.node_leaves(now, until, Kept::Nothing),
            What::NodeRestarts(until) => self.node_leaves(now, until, Kept::Disk),
        }
    }

    fn node_leaves(&mut self, now: Moment, until: Moment, kept: Kept) {
        // There is no node where there is no defence.
        if self.holding.tls != EndsTls::Defence {
            return;
        }
        self.node = Node::Away;
        self.due.put(until.max(now), Due::NodeBack(kept));
        for flight in self.flights.present() {
            self.drop_with_node(now, flight);
        }
    }

    fn trouble(&mut self, now: Moment, platform: PlatformId, trouble: Trouble) {
        let at = platform.index();
        if let (Some(platform), Some(score)) = (self.platforms.get_mut(at), self.scores.get_mut(at))
        {
            platform.origin.trouble(now, trouble);
            score.carries(now, platform.origin.capacity());
        }
    }

    /// Notes how much there is on a platform at once.
    fn look(&mut self, platform: usize) {
        let origin = &self.platforms[platform].origin;
        self.scores[platform].saw(Peaks {
            at_origin: origin.present(),
            in_line: origin.in_line(),
            held: self.held[platform],
        });
    }
}

#[cfg(test)]
mod tests;
