//! The demo while it runs: who plays, when floods come, and what is told.

use super::cast::Cast;
use super::crowd::Crowd;
use super::floods::Floods;
use super::look::Look;
use super::print;
use super::schedule::Cue;
use super::story::{Line, Story};
use crate::failure::Failure;
use crate::node::Node;
use crate::signals::{Asked, Signals};
use seawall_control::{Command, Shared};
use seawall_engine::Effect;
use seawall_stage::{Origin, StageError};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep, sleep_until};

/// How often something is told when nothing happens.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// How long the shield's counts may lag behind the traffic: a core's tick and the engine's.
const COUNTS_LAG: Duration = Duration::from_millis(500);
/// How often a count that lags is looked at again.
const LOOK_AGAIN: Duration = Duration::from_millis(20);
/// How long the last counts are waited for.
const COUNTS_PATIENCE: Duration = Duration::from_secs(3);

/// Everyone who plays.
pub(super) struct Players {
    pub(super) cast: Cast,
    pub(super) node: Node,
    pub(super) origins: Vec<Origin>,
    pub(super) crowd: Crowd,
    pub(super) floods: Floods,
}

/// What comes from outside while the demo runs.
pub(super) struct Outside {
    pub(super) signals: Signals,
    /// From the control plane.
    pub(super) commands: mpsc::Receiver<Command>,
    /// From the engine.
    pub(super) effects: mpsc::Receiver<Effect>,
}

/// When what happens, from `ready` on.
pub(super) struct Course<C> {
    pub(super) floods: C,
    /// When the demo ends by itself.
    pub(super) lasting: Option<Duration>,
}

impl Players {
    /// Plays until the time is over or somebody asks to leave.
    ///
    /// # Errors
    /// The stage does not do what the course asks for.
    pub(super) async fn play<C: Iterator<Item = Cue>>(
        &mut self,
        outside: &mut Outside,
        mut course: Course<C>,
    ) -> Result<(), Failure> {
        let begin = Instant::now();
        let shared = self.node.control();
        let mut story = Story::new(self.cast.clone(), self.look(&shared));
        let mut ticks = interval_at(begin + TELL_EVERY, TELL_EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut cue = course.floods.next();
        loop {
            tokio::select! {
                biased;
                asked = outside.signals.next() => match asked {
                    Asked::Leave => return Ok(()),
                    // There is no file that could have changed.
                    Asked::Reload => {}
                },
                Some(command) = outside.commands.recv() => self.obey(command),
                Some(effect) = outside.effects.recv() => {
                    tell(story.hear(&effect, self.look(&shared)));
                }
                _ = ticks.tick() => tell(story.tick(self.look(&shared))),
                () = at(begin, course.lasting) => return Ok(()),
                () = at(begin, cue.map(|cue| cue.at)) => {
                    story.flood_begins(self.look(&shared));
                    if let Some(Cue { lasting, .. }) = cue {
                        self.floods.begin(lasting).map_err(failed)?;
                    }
                    cue = course.floods.next();
                }
                () = self.crowd.ended() => self.crowd.renew().map_err(failed)?,
            }
        }
    }

    /// Ends flood and visits; gives the last counts, once they are all in.
    pub(super) async fn leave(&self) -> Look {
        self.floods.stop().await;
        self.crowd.stop().await;
        let shared = self.node.control();
        let quiet = shared.identity().now();
        let complete = async {
            while self.look(&shared).shield.at < quiet + COUNTS_LAG {
                sleep(LOOK_AGAIN).await;
            }
        };
        // An engine that is that late is told of with what it has counted.
        let _ = tokio::time::timeout(COUNTS_PATIENCE, complete).await;
        self.look(&shared)
    }

    fn look(&self, shared: &Arc<Shared>) -> Look {
        Look {
            at: shared.identity().now(),
            shield: shared.snapshot(),
            visitors: self.crowd.report(),
            origins: self.origins.iter().map(Origin::load).collect(),
            flood: self.floods.count(),
        }
    }

    /// Whoever asked may be gone before the answer is there.
    fn obey(&self, command: Command) {
        match command {
            Command::Reload { reply } => drop(reply.send(Err(vec![
                "the demo keeps the configuration that it started with; `seawall run -c FILE` \
                 reloads"
                    .to_owned(),
            ]))),
            Command::Packet { order, reply } => self.node.packet(order, reply),
            Command::Explain { code, reply } => drop(reply.send(self.node.explain(&code))),
            Command::AddMitigation { wanted, reply } => self.node.add_mitigation(&wanted, reply),
            Command::LiftMitigation { id, reply } => self.node.lift_mitigation(id, reply),
            Command::Invite { wanted, reply } => self.node.invite(&wanted, reply),
            Command::Lanes { reply } => drop(reply.send(self.node.lanes())),
            Command::RevokeInvite { id, reply } => self.node.revoke_invite(id, reply),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it stands where an error is turned into ours")]
pub(super) fn failed(cause: StageError) -> Failure {
    Failure::caused_by(&cause)
}

fn tell(lines: impl IntoIterator<Item = Line>) {
    for line in lines {
        print(&format!("{line}\n"));
    }
}

/// Waits until `span` after `begin`; for ever when there is none.
async fn at(begin: Instant, span: Option<Duration>) {
    match span.and_then(|span| begin.checked_add(span)) {
        Some(due) => sleep_until(due).await,
        None => std::future::pending().await,
    }
}
