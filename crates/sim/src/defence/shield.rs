//! The shield itself without its sockets: judge, rules, admission and engine as a node runs them.
//!
//! Requests are judged as on one core; what happened is handed to the engine ten times a second,
//! as a core does it.
//! Bounds: those of the judge, of admission and of the engine.

mod admission;
mod desk;
mod lanes;
mod ledger;
mod proven;
mod told;
mod treat;

use super::notices::Notices;
use super::per_address::{rules, table, table_size};
use super::{
    Arrival, Check, Decision, Defence, Ended, Headed, Holding, Kept, Pass, Passing, Protected,
    Setup, Stopped, Turn,
};
use crate::group::Remembered;
use crate::origin::FlightId;
use crate::request::Request;
use crate::scenario::record::host_of;
use crate::score::{Deed, Match, Said, TableSize};
use crate::shows::{Occasion, Shows};
use admission::{Admission, outcome};
use desk::Desk;
use lanes::Lanes;
use ledger::{Entry, Ledger};
use proven::Visitors;
use seawall_engine::admission::{Class, Prefix};
use seawall_engine::challenge::Origins;
use seawall_engine::detect::FindingChange;
use seawall_engine::lane;
use seawall_engine::policy::{AtAccept, Judge, Judgement, Rules, SourceTable};
use seawall_engine::{Effect, Engine, Event, PlatformSettings};
use seawall_types::{
    CheckPassed, Moment, OriginCapacity, PlatformId, Reason, RequestRate, SourceKey, Verdict,
};
use std::time::Duration;
use told::Told;

/// How often a core hands its counts over.
const BATCH: Duration = Duration::from_millis(100);
/// Why a request is held.
const HELD: Reason = Reason::Overload;

/// The settings of the shield that a world can choose.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShieldSettings {
    /// `limits.source_rps` and `limits.source_burst`; off by default.
    pub source_limit: Option<(RequestRate, u32)>,
    /// `platform.capacity`.
    pub capacity: KnownCapacity,
    /// Whether the origins' load is bounded.
    pub admission: AdmissionMode,
    /// Whether the ladder acts on what is described.
    pub acts: bool,
}

/// What the shield is told of its origins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KnownCapacity {
    /// Nothing (`"auto"`).
    Auto,
    /// What they can carry.
    Told,
}

/// Whether the origins' load is bounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdmissionMode {
    /// Everything that the judge lets pass goes to its origin.
    Off,
    /// What the operator says that an origin can carry is kept to, or else what is learned.
    On,
}

impl ShieldSettings {
    /// Nobody says what origins can carry: it is learned.
    pub const LEARNING: Self = Self { capacity: KnownCapacity::Auto, ..Self::TOLD };
    /// As a node runs by its defaults otherwise, told what its origins can carry.
    pub const TOLD: Self = Self {
        source_limit: None,
        capacity: KnownCapacity::Told,
        admission: AdmissionMode::On,
        acts: true,
    };
}

impl Default for ShieldSettings {
    fn default() -> Self {
        Self::TOLD
    }
}

/// The shield itself.
#[derive(Debug)]
pub struct Shield {
    seed: u64,
    chosen: ShieldSettings,
    settings: Vec<PlatformSettings>,
    rules: Rules,
    table: SourceTable,
    engine: Engine,
    admission: Option<Admission>,
    visitors: Visitors,
    ledger: Ledger,
    shows: Shows,
    /// By platform index.
    hosts: Vec<String>,
    next_batch: Moment,
    now: Moment,
    notices: Notices,
    told: Told,
    /// Whether what the engine describes matches the request that arrived last.
    matched: Match,
    desk: Desk,
    lanes: Lanes,
}

impl Shield {
    /// A shield that has just been started.
    pub fn new(setup: &Setup<'_>, chosen: ShieldSettings) -> Self {
        let told = |platform: &Protected| PlatformSettings {
            name: platform.name.clone(),
            capacity: match chosen.capacity {
                KnownCapacity::Auto => None,
                KnownCapacity::Told => platform.capacity_ms_per_s.and_then(OriginCapacity::new),
            },
            acts: chosen.acts,
        };
        let settings: Vec<_> = setup.platforms.iter().map(told).collect();
        let platforms = settings.len();
        let (rate, burst) =
            chosen.source_limit.map_or((None, 0), |(rate, burst)| (Some(rate), burst));
        Self {
            seed: setup.seed,
            chosen,
            rules: rules(rate, burst, platforms),
            table: table(setup.seed),
            engine: Engine::seeded(Moment(0), settings.clone(), setup.seed),
            admission: admission(Moment(0), chosen, (&settings, setup.seed)),
            visitors: Visitors::new(Moment(0), platforms, setup.seed),
            ledger: Ledger::new(platforms, setup.seed),
            hosts: settings.iter().map(|platform| host_of(&platform.name)).collect(),
            shows: Shows::new(setup.stacks),
            settings,
            next_batch: Moment(0) + BATCH,
            now: Moment(0),
            notices: Notices::new(platforms),
            told: Told::new(platforms),
            matched: Match::None,
            desk: Desk::new(setup.platforms.iter().map(|one| one.name.clone()), setup.seed),
            lanes: Lanes::by_default(setup.seed),
        }
    }

    fn judge(&self, now: Moment, arrival: Arrival<'_>) -> Judgement {
        let judge = Judge { rules: &self.rules, table: &self.table };
        let standing = match judge.at_accept(now, arrival.request.source) {
            AtAccept::Serve(standing) => standing,
            AtAccept::Reset(reason) => {
                return Judgement { verdict: Verdict::Drop, reason, would_have: None };
            }
        };
        let judgement = judge.request(now, standing, arrival.request.platform);
        judge.at_close(standing);
        judgement
    }

    /// Somebody passed a check.
    fn passes(&mut self, request: &Request, check: Check) {
        if let Some(measure) = check.measure {
            let source = SourceKey::of(request.source);
            self.ledger.passed(CheckPassed { measure, source });
        }
    }

    /// Has the memory of visitors know how much is asked for.
    fn weigh(&self, now: Moment) {
        for (platform, pressure) in self.admission.iter().flat_map(Admission::pressures).enumerate()
        {
            self.visitors.weigh(now, platform, pressure);
        }
    }

    /// What a request shows and what it would cost, with texts told that were not lately.
    fn shown(&mut self, arrival: Arrival<'_>, is_proven: bool) -> Entry {
        let Arrival { request, site, .. } = arrival;
        let host = self.hosts.get(request.platform.index()).map_or("", String::as_str);
        let occasion = Occasion { request, site, host };
        let traits = self.shows.traits(occasion);
        self.ledger.name(&traits, |attribute| self.shows.text(occasion, attribute));
        let cost_us = match &mut self.admission {
            Some(admission) => admission.cost_us(request, site),
            None => self.ledger.mean_us(request.platform),
        };
        Entry {
            at: self.now,
            platform: request.platform,
            source: SourceKey::of(request.source),
            is_proven,
            traits,
            cost_us,
            is_asked: false,
            measure: None,
        }
    }

    fn hear_engine(&mut self) {
        while let Some(effect) = self.engine.poll_effect() {
            match effect {
                Effect::MitigationBegan(began) => self.notices.add(began.platform, began.at),
                Effect::Finding(change) => {
                    let finding = change.finding();
                    let is_over = matches!(change, FindingChange::Ended(_));
                    if let FindingChange::Began(_) = change {
                        self.notices.add(finding.platform, finding.at);
                    }
                    self.told.take(finding, is_over);
                }
                Effect::Incident { platform, change } => {
                    self.told.incident(platform, self.now, &change);
                }
                Effect::Measure(change) => {
                    let platform = change.measure().platform;
                    let standing = self.engine.standing().iter();
                    let rungs = standing.filter(|one| one.platform == platform).map(|one| one.rung);
                    self.told.measures(platform, self.now, rungs);
                }
                Effect::Relieved(_)
                | Effect::MitigationEnded(_)
                | Effect::TableSaturated { .. } => {}
            }
        }
    }
}

/// Admission as it was chosen.
fn admission(
    now: Moment,
    chosen: ShieldSettings,
    (settings, seed): (&[PlatformSettings], u64),
) -> Option<Admission> {
    match chosen.admission {
        AdmissionMode::Off => None,
        AdmissionMode::On => {
            let capacities: Vec<_> = settings.iter().map(|platform| platform.capacity).collect();
            Some(Admission::new(now, &capacities, seed))
        }
    }
}

impl Defence for Shield {
    fn name(&self) -> &'static str {
        match self.chosen.capacity {
            KnownCapacity::Told => "shield",
            KnownCapacity::Auto => "shield, learning",
        }
    }

    fn holding(&self) -> Holding {
        match self.admission {
            Some(_) => Holding::SHIELD,
            // Nothing is read ahead where there is no slot to ask for.
            None => Holding { bodies: Passing::AsItComes, ..Holding::SHIELD },
        }
    }

    fn hurries_readers(&self, platform: PlatformId) -> bool {
        self.admission.as_ref().is_some_and(|admission| admission.downloads_press(platform))
    }

    fn spares_one(&self, platform: PlatformId) -> bool {
        self.admission.as_ref().is_some_and(|admission| admission.spares_one(platform))
    }

    fn hurries_bodies(&self, now: Moment, platform: PlatformId) -> bool {
        self.admission.as_ref().is_some_and(|admission| admission.bodies_press(now, platform))
    }

    fn remember(&mut self, remembered: &[Remembered]) {
        self.visitors.remember(remembered);
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        self.now = now;
        let Judgement { verdict, reason, .. } = self.judge(now, arrival);
        // A rate of its source is not a lane's own.
        let may_enter = verdict == Verdict::Admit || reason == Reason::Rate;
        let asked = (arrival.request, arrival.site);
        let keeps_its_rate = verdict != Verdict::Admit && self.lanes.is_open(asked);
        let may_enter = may_enter && !keeps_its_rate;
        let lane = may_enter.then(|| self.lanes.let_in(now, asked)).flatten();
        let (verdict, reason) =
            if lane.is_some() { (Verdict::Admit, Reason::Lane) } else { (verdict, reason) };
        let mut visit = self.visitors.look(arrival);
        // Who only asks for a feed is no better known by it.
        let holds_lane = matches!(lane, Some((lane::Entry::Held, _)));
        let mut entry = self.shown(arrival, visit.is_proven() || holds_lane);
        let is_described = self.engine.is_described(entry.platform, &entry.traits);
        self.matched = if is_described { Match::Described } else { Match::None };
        if verdict != Verdict::Admit {
            self.ledger.stopped(entry, (verdict, reason));
            let retry_after = (verdict == Verdict::Limit).then_some(Duration::from_secs(1));
            return Decision::Stop(Stopped::of(verdict, retry_after));
        }
        let treated = match lane {
            Some((lane::Entry::Held, _)) => Ok(Class::Lane),
            Some((lane::Entry::Open, _)) => Ok(visit.class().min(Class::Proven)),
            None => self.treat(arrival, (&mut entry, &visit)),
        };
        let class = match treated {
            Ok(class) => class,
            Err((stopped, reason)) => {
                self.ledger.stopped(entry, (stopped.verdict, reason));
                return Decision::Stop(stopped);
            }
        };
        self.ledger.offered(&entry);
        let network = lane.map_or_else(|| Prefix::of(arrival.request.source), |(_, turn)| turn);
        let decision = match &mut self.admission {
            Some(admission) => {
                if !holds_lane {
                    self.visitors.comes(now, &mut visit);
                }
                admission.offer(now, arrival, (class, network, visit.call()))
            }
            None => Decision::Admit,
        };
        match decision {
            Decision::Admit => self.ledger.admitted(arrival.flight, entry, reason),
            Decision::Wait => self.ledger.waits(arrival.flight, entry),
            Decision::Stop(stopped) => self.ledger.stopped(entry, (stopped.verdict, HELD)),
        }
        self.visitors.decided(now, &visit, decision);
        if !matches!(decision, Decision::Stop(_)) {
            self.visitors.admitted(arrival.flight, visit);
        }
        decision
    }

    fn let_in(&mut self, groups: &[u16]) {
        self.lanes.open_to(groups);
    }

    fn passed_before(&mut self, request: &Request) -> Option<Pass> {
        self.desk.passed_before(&self.shows, request)
    }

    fn answered(&mut self, now: Moment, request: &Request, check: Check) -> Option<Pass> {
        let pass = self.desk.pass((now, &self.shows), (request, check.id))?;
        self.passes(request, check);
        Some(pass)
    }

    fn joins(&mut self, now: Moment, request: &Request) -> Option<Turn> {
        let has_room = self.visitors.learns(now, request.platform);
        let origins = if has_room { Origins::HaveRoom } else { Origins::ArePressed };
        self.desk.join((now, &self.shows), (request, origins))
    }

    fn turn_came(
        &mut self,
        now: Moment,
        request: &Request,
        (turn, check): (Turn, Check),
    ) -> Option<Pass> {
        let pass = self.desk.waited((now, &self.shows), (request, turn))?;
        self.passes(request, check);
        Some(pass)
    }

    fn headed(&mut self, now: Moment, headed: Headed) {
        if let Some(admission) = &mut self.admission {
            admission.headed(now, headed);
        }
    }

    fn finished(&mut self, now: Moment, ended: Ended) {
        self.now = now;
        self.ledger.finished(&ended);
        self.visitors.finished(now, &ended);
        if let Some(admission) = &mut self.admission {
            admission.over(now, ended.flight, outcome(&ended));
        }
    }

    fn left(&mut self, now: Moment, flight: FlightId) {
        self.now = now;
        self.ledger.forget(flight);
        self.visitors.forget(flight);
        if let Some(admission) = &mut self.admission {
            admission.left(now, flight);
        }
    }

    fn next_deadline(&self) -> Option<Moment> {
        let admission = self.admission.as_ref().and_then(Admission::next_deadline);
        [Some(self.next_batch), Some(self.engine.next_deadline()), admission]
            .into_iter()
            .flatten()
            .min()
    }

    fn on_deadline(&mut self, now: Moment) {
        self.now = now;
        if let Some(admission) = &mut self.admission {
            admission.on_deadline(now);
        }
        if self.next_batch <= now {
            self.engine.observe(now, Event::Observed(self.ledger.hand_over(now)));
            self.next_batch = now + BATCH;
            self.desk.follow(now);
            self.weigh(now);
        }
        if self.engine.next_deadline() <= now {
            let look = self.admission.as_ref().map(Admission::look).unwrap_or_default();
            self.engine.observe(now, Event::Admission(look));
            self.engine.on_deadline(now);
            for (platform, _) in (0..).map(PlatformId).zip(&self.settings) {
                self.told.called(platform, now, self.engine.state(now, platform));
            }
        }
        self.hear_engine();
    }

    fn poll_release(&mut self) -> Option<(FlightId, Decision)> {
        let (flight, decision) = self.admission.as_mut()?.poll_release()?;
        if let Some(entry) = self.ledger.forget(flight) {
            self.visitors.released(self.now, flight, decision);
            match decision {
                Decision::Admit => self.ledger.admitted(flight, entry, Reason::Clear),
                Decision::Stop(stopped) => {
                    self.visitors.forget(flight);
                    self.ledger.stopped(entry, (stopped.verdict, HELD));
                }
                Decision::Wait => {}
            }
        }
        Some((flight, decision))
    }

    fn restarted(&mut self, now: Moment, kept: Kept) {
        self.table = table(self.seed);
        let before = Engine::seeded(now, self.settings.clone(), self.seed);
        let before = std::mem::replace(&mut self.engine, before);
        if kept == Kept::Disk {
            for platform in before.platform_names() {
                let learned = before.learned(now, &platform);
                // What was just written is whole.
                let _ = learned.map(|bytes| self.engine.restore(now, &platform, &bytes));
            }
        }
        self.admission = admission(now, self.chosen, (&self.settings, self.seed));
        self.visitors = Visitors::new(now, self.settings.len(), self.seed);
        self.ledger = Ledger::new(self.settings.len(), self.seed);
        self.desk.restarted(self.seed);
        self.next_batch = now + BATCH;
    }

    fn noticed(&self, platform: PlatformId, since: Moment) -> Option<Moment> {
        self.notices.first_since(platform, since)
    }

    fn matched_last(&self) -> Match {
        self.matched
    }

    fn said(&self, platform: PlatformId) -> &[Said] {
        self.told.of(platform)
    }

    fn deeds(&self, platform: PlatformId) -> &[Deed] {
        self.told.done_on(platform)
    }

    fn tables(&self, now: Moment) -> Vec<TableSize> {
        vec![table_size(&self.table, now)]
    }
}
