//! A scenario played for real: origins of the stage, what stands before them, and everybody who sends.
//!
//! Takes a [`Trial`] and a [`RealDefence`]; gives the scores by platform, counted as the simulator
//! counts them.
//! Starts the shield as a process of its own and ends it by its own process id, also when it fails.
//! Never leaves loopback.
//! Bounds: those of [`crate::play`].

pub mod agreement;

mod papers;
mod ports;
mod shield;

pub use shield::{READY_WITHIN, ShieldFault};

use crate::play::{Before, Doors, Ledger, Play, PlayReport, PlaySpec, PlayedPlatform, SiteOrigin};
use crate::{LoopbackTarget, StageError};
use papers::{Papers, Told};
use seawall_sim::casting::Miscast;
use seawall_sim::defence::DefenceKind;
use seawall_sim::fault::Fault;
use seawall_sim::origin::{Origin, OriginSpec};
use seawall_sim::scenario::Prepared;
use seawall_sim::score::Capacity;
use seawall_sim::site::Site;
use seawall_sim::stack::Stacks;
use seawall_sim::{Group, Score, Span};
use seawall_types::PlatformId;
use shield::ShieldProcess;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Everything that takes part but what stands before the origins.
pub struct Trial {
    /// Who sends, in the order of their indices.
    pub groups: Vec<Box<dyn Group>>,
    /// What their stacks look like.
    pub stacks: Stacks,
    /// To whom.
    pub platforms: Vec<TrialPlatform>,
    /// What goes wrong with origins.
    pub faults: Vec<Fault>,
    /// The part of the time that figures are of; none for all of it.
    pub event: Option<Span>,
    /// How long.
    pub lasting: Duration,
    /// How stacks reach the shield.
    pub transport: Transport,
}

/// One platform of a trial.
#[derive(Debug, Clone)]
pub struct TrialPlatform {
    /// Its name.
    pub name: String,
    /// What it serves.
    pub site: Site,
    /// What serves it.
    pub origin: OriginSpec,
}

/// How stacks reach the shield.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Transport {
    /// Everybody over HTTP/1.1 in the clear.
    #[default]
    Plain,
    /// Each as it is: in the clear, over TLS, over TLS with HTTP/2.
    AsStacksAre,
}

/// What stands before the origins, of the defences that there are for real.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealDefence {
    /// Nothing: everybody asks the origin.
    Nothing,
    /// The shield with these lines of its table `limits`, which bounds no origin.
    Limits(&'static str),
    /// The shield, told what each platform's origins can carry.
    Shield,
}

/// What came of a trial.
#[derive(Debug, Clone)]
pub struct Tried {
    /// By platform.
    pub scores: Vec<Score>,
    /// How well reality kept up.
    pub report: PlayReport,
}

/// Why a trial did not take place.
#[derive(Debug, thiserror::Error)]
pub enum TrialError {
    /// A part of the stage did not start.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The shield did not start.
    #[error(transparent)]
    Shield(#[from] ShieldFault),
}

impl Trial {
    /// A scenario as it is prepared, with everybody in the clear.
    ///
    /// # Errors
    /// A sentence, when a group cannot be made.
    pub fn of(prepared: &Prepared, seed: u64) -> Result<Self, Miscast> {
        let (groups, pools) = prepared.cast(seed)?;
        let platforms = prepared.scenario.platforms.iter().zip(prepared.origins(None));
        let platforms = platforms.map(|(platform, origin)| TrialPlatform {
            name: platform.name.clone(),
            site: platform.site.clone(),
            origin,
        });
        Ok(Self {
            groups,
            stacks: pools.stacks().clone(),
            platforms: platforms.collect(),
            faults: prepared.faults(),
            event: prepared.event(),
            lasting: Duration::from_secs(u64::from(prepared.scenario.seconds)),
            transport: Transport::Plain,
        })
    }
}

impl RealDefence {
    /// The real counterpart of a simulated defence; none where there is none.
    pub fn of(kind: DefenceKind) -> Option<Self> {
        match kind {
            DefenceKind::Nothing => Some(Self::Nothing),
            DefenceKind::PerAddress => {
                Some(Self::Limits("source_rps = \"10 rps\"\nsource_burst = 20\n"))
            }
            DefenceKind::PerAddressStrict => {
                Some(Self::Limits("source_rps = \"2.5 rps\"\nsource_burst = 10\n"))
            }
            DefenceKind::Shield => Some(Self::Shield),
            DefenceKind::Ewma | DefenceKind::Profile | DefenceKind::ShieldLearning => None,
        }
    }
}

/// Plays `trial` once, on the runtime of the caller; `program` is the shield.
///
/// # Errors
/// [`TrialError`] when a part of it does not start.
pub async fn try_once(
    trial: Trial,
    defence: RealDefence,
    program: &Path,
) -> Result<Tried, TrialError> {
    let capacities: Vec<Capacity> =
        trial.platforms.iter().map(|platform| Origin::new(&platform.origin).capacity()).collect();
    let ledger = Arc::new(Ledger::new(&capacities, trial.event));
    let origins = trial.platforms.iter().zip(0_u16..).map(|(platform, index)| {
        SiteOrigin::start(PlatformId(index), &platform.origin, &ledger).map(Arc::new)
    });
    let origins: Vec<_> = origins.collect::<Result<_, _>>()?;
    let addresses: Vec<_> = origins.iter().map(|origin| origin.address()).collect();
    let stand = Stand::before(&trial, &addresses, (defence, program)).await?;
    let platforms = trial.platforms.iter().zip(origins).map(|(platform, origin)| PlayedPlatform {
        host: host_of(platform),
        site: platform.site.clone(),
        doors: stand.doors(&origin, trial.transport),
        origin: Some(origin),
    });
    let spec = PlaySpec {
        platforms: platforms.collect(),
        groups: trial.groups,
        stacks: trial.stacks,
        faults: trial.faults,
        lasting: trial.lasting,
    };
    let play = Play::start(spec, &ledger)?;
    play.ended().await;
    Ok(Tried { scores: ledger.scores(), report: play.report() })
}

/// A shield under way, and where it is.
struct Shielded {
    papers: Papers,
    _process: ShieldProcess,
}

/// What stands before the origins, under way.
enum Stand {
    Nothing,
    Shield(Box<Shielded>),
}

impl Stand {
    async fn before(
        trial: &Trial,
        origins: &[LoopbackTarget],
        (defence, program): (RealDefence, &Path),
    ) -> Result<Self, TrialError> {
        let told = match defence {
            RealDefence::Nothing => None,
            RealDefence::Limits(limits) => Some((limits, Told::Nothing)),
            RealDefence::Shield => Some(("", Told::Capacities)),
        };
        let Some(told) = told else {
            return Ok(Self::Nothing);
        };
        let papers = Papers::of(&trial.platforms, origins, told)?;
        let process = ShieldProcess::start(program, &papers).await?;
        Ok(Self::Shield(Box::new(Shielded { papers, _process: process })))
    }

    fn doors(&self, origin: &SiteOrigin, transport: Transport) -> Doors {
        match self {
            Self::Nothing => Doors { plain: origin.address(), tls: None, before: Before::Origin },
            Self::Shield(shielded) => {
                let papers = &shielded.papers;
                let tls = (transport == Transport::AsStacksAre)
                    .then(|| (papers.tls, papers.trust.clone()));
                Doors { plain: papers.plain, tls, before: Before::Shield }
            }
        }
    }
}

/// The name that visitors of a platform ask for.
fn host_of(platform: &TrialPlatform) -> String {
    format!("{}.example.org", platform.name)
}
