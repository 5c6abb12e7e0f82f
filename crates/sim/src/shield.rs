//! What a running node does with requests, without its sockets and clocks.
//!
//! Takes requests in the order of their times, each with what it costs its origin; gives their
//! judgements, and what the engine tells between them.
//! The judge, the table of sources and the engine are those of the running shield.
//! What it leaves out: connections, which records do not tell apart, so that each request is asked
//! as if it came on a connection of its own and `limits.source_connections` never acts; and origins
//! that get slower, since a record has its cost already.
//! Bounds: those of the parts it drives; [`EFFECTS_MAX`] effects are kept, more are counted.

mod pressures;
mod work;

use pressures::Pressures;
use seawall_engine::policy::{
    self, AtAccept, Client, Judge, Judgement, Rules, SOURCES_MAX, SourceTable, Treatment,
};
use seawall_engine::{Effect, Engine, Event, PlatformSettings, Snapshot, TICK, TableSnapshot};
use seawall_types::{
    Attribute, CheckPassed, FarEnd, MeasureId, Moment, PlatformId, Reason, RequestObservation,
    SourceKey, Trait, Traits, Verdict, moment::nanos,
};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use work::Work;

/// Effects that are kept.
pub const EFFECTS_MAX: usize = 10_000;
/// How often a core hands its counts over.
const CUT_EVERY: Duration = Duration::from_millis(100);
/// When nothing has begun or ended for this long, the engine's ticks change nothing any more: an
/// incident is over after half a minute of calm.
const AT_REST_AFTER: Duration = Duration::from_mins(1);
/// It ticks again this long before something happens, so that it looks back on what was.
const AWAKE_BEFORE: Duration = Duration::from_secs(15);

/// What a shield is made of.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The rules in force.
    pub rules: Rules,
    /// By platform index.
    pub platforms: Vec<PlatformSettings>,
    /// How clients reach it.
    pub way: Way,
    /// Keys the table of sources.
    pub seed: u64,
}

/// How clients reach the shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// On connections of their own.
    Direct,
    /// Through proxies that are trusted: nothing of theirs is reset or dropped.
    BehindProxy,
}

impl Way {
    /// What is a client's own of what a request shows: behind a proxy the connection is the proxy's.
    fn shows(self, traits: Traits) -> Traits {
        let of_connection = [Attribute::Ja4, Attribute::H2, Attribute::Protocol, Attribute::Wire];
        match self {
            Self::Direct => traits,
            Self::BehindProxy => of_connection
                .into_iter()
                .fold(traits, |traits, attribute| traits.with(attribute, Trait::UNKNOWN)),
        }
    }
}

/// One request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// When; never before the one asked last.
    pub at: Moment,
    /// Who asks.
    pub source: IpAddr,
    /// Which platform; none where none serves its host.
    pub platform: Option<PlatformId>,
    /// Its time at the origin, should it get there.
    pub cost: Duration,
    /// What it shows of itself.
    pub traits: Traits,
    /// Why the strict gate does not let it through; none when it does.
    pub fault: Option<Reason>,
    /// What speaks for whoever asks.
    pub client: Client,
    /// The measure whose challenge it has passed just now.
    pub passed: Option<MeasureId>,
}

/// A node without sockets.
#[derive(Debug)]
pub struct Shield {
    rules: Rules,
    table: SourceTable,
    way: Way,
    engine: Engine,
    work: Work,
    pressures: Pressures,
    effects: Vec<Effect>,
    effects_untold: u64,
    saturated: u64,
    next_cut: Moment,
    last_active: Moment,
    at_rest_after: Duration,
    met_last: Option<MeasureId>,
}

impl Shield {
    /// A shield that has seen nothing; its time begins at [`Moment`] zero.
    pub fn new(setup: Setup) -> Self {
        Self {
            table: SourceTable::new([mixed(setup.seed), mixed(setup.seed ^ u64::MAX)]),
            way: setup.way,
            rules: setup.rules,
            pressures: Pressures::new(&setup.platforms),
            engine: Engine::new(Moment(0), setup.platforms),
            work: Work::new(mixed(setup.seed.rotate_left(32))),
            effects: Vec::new(),
            effects_untold: 0,
            saturated: 0,
            next_cut: Moment(0) + CUT_EVERY,
            last_active: Moment(0),
            at_rest_after: AT_REST_AFTER,
            met_last: None,
        }
    }

    /// Judges one request, and passes it on when it is admitted.
    pub fn request(&mut self, asked: &Asked) -> Judgement {
        self.advance(asked.at);
        self.last_active = asked.at;
        self.met_last = None;
        let unserved = |reason| Judgement { verdict: Verdict::Error, reason, would_have: None };
        if let Some(reason) = asked.fault {
            self.work.turned_away(reason);
            return unserved(reason);
        }
        let Some(platform) = asked.platform else {
            self.work.turned_away(Reason::Host);
            return unserved(Reason::Host);
        };
        let judgement = match self.judged(asked, platform) {
            Ok(judgement) => judgement,
            Err(reason) => {
                self.work.reset_at_accept();
                return Judgement { verdict: Verdict::Drop, reason, would_have: None };
            }
        };
        if let Some(measure) = asked.passed {
            let source = SourceKey::of(asked.source);
            self.work.passed(CheckPassed { measure, source });
        }
        let traits = self.way.shows(asked.traits);
        let (judgement, measure) = self.measured(asked, (platform, &traits), judgement);
        self.met_last = measure;
        let observation = RequestObservation {
            at: asked.at,
            platform,
            source: SourceKey::of(asked.source),
            far: FarEnd::default(),
            verdict: judgement.verdict,
            reason: judgement.reason,
            cost_us: u32::try_from(asked.cost.as_micros()).unwrap_or(u32::MAX),
            is_proven: false,
            measure,
            traits,
        };
        if let Some(verdict) = judgement.would_have {
            self.work.would_have(platform, verdict);
        }
        match judgement.verdict {
            // What bounds the work at an origin will decide here, between judge and origin.
            Verdict::Admit => self.work.begin(&observation, asked.cost),
            Verdict::Limit
            | Verdict::Challenge
            | Verdict::Hold
            | Verdict::Refuse
            | Verdict::Drop
            | Verdict::Error => self.work.stopped(&observation),
        }
        judgement
    }

    /// Tells texts of what a request shows that were not told lately.
    pub fn name(&mut self, traits: &Traits, text: impl FnMut(Attribute) -> Option<String>) {
        self.work.name(traits, text);
    }

    /// The measure that the last request met.
    pub fn met_last(&self) -> Option<MeasureId> {
        self.met_last
    }

    /// What a standing measure is about.
    pub fn measure_text(&self, id: MeasureId) -> Option<Arc<str>> {
        self.engine.standing().iter().find(|one| one.id == id).map(|one| one.text.clone())
    }

    /// Lets time pass until everything is answered and the engine is at rest.
    pub fn finish(&mut self) {
        while let Some(due) = self.work.next_due() {
            self.advance(due.max(self.engine.next_deadline()));
        }
        self.advance(self.last_active.max(self.engine.next_deadline()) + self.at_rest_after);
    }

    /// What the engine told, in order, and how much more than is kept.
    pub fn effects(&self) -> (&[Effect], u64) {
        (&self.effects, self.effects_untold)
    }

    /// What the engine knows at the end of the last tick.
    pub fn snapshot(&self) -> Snapshot {
        self.engine.snapshot(self.engine.next_deadline())
    }

    /// The judge's word, or why the connection is reset before it is asked.
    fn judged(&self, asked: &Asked, platform: PlatformId) -> Result<Judgement, Reason> {
        let judge = Judge { rules: &self.rules, table: &self.table };
        let standing = match self.way {
            Way::Direct => match judge.at_accept(asked.at, asked.source) {
                AtAccept::Serve(standing) => standing,
                AtAccept::Reset(reason) => return Err(reason),
            },
            Way::BehindProxy => judge.named(asked.at, asked.source),
        };
        let judgement = judge.request(asked.at, standing, platform);
        judge.at_close(standing);
        Ok(match self.way {
            Way::Direct => judgement,
            Way::BehindProxy => judgement.behind_proxy(),
        })
    }

    /// What was judged, or what a standing measure asks for of who would be admitted.
    ///
    /// Nothing is held back here, so that who is served last is served.
    fn measured(
        &mut self,
        asked: &Asked,
        (platform, traits): (PlatformId, &Traits),
        judgement: Judgement,
    ) -> (Judgement, Option<MeasureId>) {
        if judgement.verdict != Verdict::Admit {
            return (judgement, None);
        }
        let measures = self.engine.measures();
        let address = asked.source;
        let question = policy::Asked { platform, address, target: "/", traits };
        let met =
            measures.stand_on(platform).then(|| self.rules.meet(measures, asked.at, &question));
        let Some(met) = met.flatten() else { return (judgement, None) };
        let verdict = match met.treatment(asked.client) {
            Treatment::Served | Treatment::ServedLast => None,
            Treatment::Stopped(verdict) => Some(verdict),
        };
        self.work.met(met.measure, verdict);
        let judgement = verdict.map_or(judgement, |verdict| {
            let stopped = Judgement { verdict, reason: met.reason(), would_have: None };
            match self.way {
                Way::Direct => stopped,
                Way::BehindProxy => stopped.behind_proxy(),
            }
        });
        (judgement, Some(met.measure))
    }

    /// Hands counts over and runs the engine's ticks up to `now`; a long rest is passed over in one
    /// step of each.
    fn advance(&mut self, now: Moment) {
        loop {
            let (cut, tick) = (self.next_cut, self.engine.next_deadline());
            let next = cut.min(tick);
            if next > now {
                return;
            }
            let is_at_rest = next.since(self.last_active) >= self.at_rest_after;
            let happens = self.work.next_due().map_or(now, |due| due.min(now));
            let rest = happens.since(next).saturating_sub(AWAKE_BEFORE);
            let passing = if is_at_rest { rest } else { Duration::ZERO };
            if cut <= tick {
                self.cut(cut + whole(passing, CUT_EVERY));
            } else {
                self.tick(tick + whole(passing, TICK));
            }
        }
    }

    fn cut(&mut self, now: Moment) {
        self.next_cut = now + CUT_EVERY;
        if let Some(ended) = self.work.end_until(now) {
            self.last_active = self.last_active.max(ended);
        }
        let batch = self.work.cut(now);
        self.pressures.add(&batch.platforms);
        self.engine.observe(now, Event::Observed(batch));
    }

    fn tick(&mut self, now: Moment) {
        let saturated = self.table.saturated();
        if saturated != self.saturated {
            self.saturated = saturated;
            let table = TableSnapshot {
                name: "sources",
                entries: self.table.entries(now),
                capacity: SOURCES_MAX as u64,
                saturated,
            };
            self.engine.observe(now, Event::Table(table));
        }
        self.engine.observe(now, Event::Admission(self.pressures.look(now)));
        self.engine.on_deadline(now);
        while let Some(effect) = self.engine.poll_effect() {
            if self.effects.len() < EFFECTS_MAX {
                self.effects.push(effect);
            } else {
                self.effects_untold += 1;
            }
        }
    }
}

/// The part of `span` that is whole steps.
fn whole(span: Duration, step: Duration) -> Duration {
    Duration::from_nanos(nanos(span) / nanos(step) * nanos(step))
}

/// Spreads a seed over all bits, so that neighbouring seeds make unlike keys.
///
/// Source: the finaliser of `SplitMix64` (Steele, Lea and Flood, 2014).
fn mixed(seed: u64) -> u64 {
    let a = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let b = (a ^ (a >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let c = (b ^ (b >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    c ^ (c >> 31)
}

#[cfg(test)]
mod tests;
