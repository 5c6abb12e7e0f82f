//! The floods of a demo, one after another, and what they counted together.
//!
//! Each is the simulator's flood by one tool, on real sockets: its sources send the form of one
//! platform one after the other, each again only after its answer.

use super::addresses::Addresses;
use super::cast::{Cast, FLOOD_PATH, FLOOD_RPS, FLOODED};
use super::stage_thread::StageThread;
use seawall_sim::casting::Miscast;
use seawall_sim::flood::one_tool;
use seawall_sim::flood::pace::{Answers, Pace, Turns};
use seawall_sim::flood::sources::Sources;
use seawall_sim::flood::tools::Tool;
use seawall_sim::score::{Capacity, Score};
use seawall_sim::site::{Method, Purpose, Route, Site};
use seawall_sim::stack::Stacks;
use seawall_sim::{Casting, Group, Pools, Role, Span};
use seawall_stage::StageError;
use seawall_stage::play::{Before, Doors, Ledger, Play, PlaySpec, PlayedPlatform};
use seawall_types::{PlatformId, Verdict};
use std::sync::Arc;
use std::time::Duration;

/// How long a source waits for its answer.
const PATIENCE_S: f64 = 5.0;

/// Every flood so far.
#[derive(Debug)]
pub(super) struct Floods {
    thread: StageThread,
    sources: u16,
    platform: PlayedPlatform,
    seed: u64,
    /// The one that runs, or ran last.
    latest: Option<Running>,
    before: FloodCount,
}

/// One flood.
#[derive(Debug)]
struct Running {
    play: Play,
    ledger: Arc<Ledger>,
}

/// What floods sent and what came of it, by their own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct FloodCount {
    pub(super) sent: u64,
    /// Answered 429.
    pub(super) limited: u64,
    /// Answered by the origin, and not with a failure.
    pub(super) served: u64,
    /// Answered otherwise.
    pub(super) otherwise: u64,
}

impl FloodCount {
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            sent: self.sent.saturating_sub(earlier.sent),
            limited: self.limited.saturating_sub(earlier.limited),
            served: self.served.saturating_sub(earlier.served),
            otherwise: self.otherwise.saturating_sub(earlier.otherwise),
        }
    }

    fn plus(&self, score: &Score) -> Self {
        let (flood, mut sum) = (Role::Flood.index(), *self);
        for second in &score.seconds {
            let limited = second.stopped[flood][Verdict::Limit.index()];
            let stopped: u32 = second.stopped[flood].iter().sum();
            sum.sent += u64::from(second.offered[flood]);
            sum.limited += u64::from(limited);
            sum.served += u64::from(second.served[flood]);
            sum.otherwise += u64::from(stopped - limited + second.failed[flood]);
        }
        sum
    }
}

impl Floods {
    /// Floods of `cast` on the platform that is to be flooded; none begins yet.
    pub(super) fn new(thread: StageThread, cast: &Cast, addresses: &Addresses) -> Self {
        let part = &cast.parts[FLOODED];
        let form = Route {
            method: Method::Post,
            path: FLOOD_PATH.to_owned(),
            purpose: Purpose::Form,
            cost: part.origin.service.form,
            bytes: 0,
            weight: 1,
        };
        let platform = PlayedPlatform {
            host: part.hosts[0].to_owned(),
            site: Site { routes: vec![form], assets_per_page: 0 },
            origin: None,
            doors: Doors { plain: addresses.plain, tls: None, before: Before::Shield },
        };
        let (sources, before) = (cast.sources, FloodCount::default());
        Self { thread, sources, platform, seed: 1, latest: None, before }
    }

    /// Begins one that ends by itself.
    ///
    /// # Errors
    /// It is out of the stage's bounds.
    pub(super) fn begin(&mut self, lasting: Duration) -> Result<(), StageError> {
        self.before = self.count();
        self.seed += 1;
        let (group, stacks) = self.group(lasting).expect("invariant: every number is in bounds");
        let spec = PlaySpec {
            groups: vec![group],
            platforms: vec![self.platform.clone()],
            stacks,
            faults: Vec::new(),
            lasting,
        };
        // What the origin carries is its own to count.
        let ledger = Arc::new(Ledger::new(&[Capacity::default()], None));
        let play = self.thread.with(|| Play::start(spec, &ledger))?;
        self.latest = Some(Running { play, ledger });
        Ok(())
    }

    fn group(&self, lasting: Duration) -> Result<(Box<dyn Group>, Stacks), Miscast> {
        let rps = f64::from(self.sources) * FLOOD_RPS;
        let flood = one_tool::Parameters {
            pace: Pace { answers: Answers::Awaited, turns: Turns::Even, ..Pace::steady(rps) },
            sources: Sources::homes(u32::from(self.sources)),
            tool: Tool::Bare,
            target: format!("POST {FLOOD_PATH}"),
            patience_s: PATIENCE_S,
        };
        let mut pools = Pools::new();
        let group = flood.cast(Casting {
            group: 0,
            platform: PlatformId(0),
            site: &self.platform.site,
            pools: &mut pools,
            span: Span { from: 0.0, until: lasting.as_secs_f64() },
            seed: self.seed,
        })?;
        Ok((group, pools.stacks().clone()))
    }

    /// What all of them sent, and what came of it.
    pub(super) fn count(&self) -> FloodCount {
        let scores = self.latest.as_ref().map(|running| running.ledger.scores());
        scores.iter().flatten().fold(self.before, |sum, score| sum.plus(score))
    }

    /// Ends the one that runs.
    pub(super) async fn stop(&self) {
        if let Some(running) = &self.latest {
            running.play.stop().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_sim::request::Fate;
    use seawall_sim::score::{Asking, Counted};
    use seawall_types::Moment;

    #[test]
    fn every_answer_of_a_flood_is_counted_once() {
        let mut score = Score::default();
        let (cost, bytes, patience_ms) = (Duration::ZERO, 0, 3_000);
        let (role, first_at, asking) = (Role::Flood, Moment(0), Asking::First);
        let counted = Counted { role, first_at, asking, cost, bytes, patience_ms };
        for fate in [
            Fate::Served,
            Fate::Served,
            Fate::Stopped(Verdict::Limit),
            Fate::Stopped(Verdict::Error),
            Fate::OriginFailed,
            Fate::GaveUp,
        ] {
            score.sent(Moment(0), &counted);
            score.ended(Moment(0), &counted, fate);
        }
        let once = FloodCount::default().plus(&score);
        assert_eq!(once, FloodCount { sent: 6, limited: 1, served: 2, otherwise: 2 });
        assert_eq!(once.plus(&score).since(&once), once);
    }
}
