//! The very groups of the simulator, let loose on real sockets of loopback.
//!
//! Takes groups, the doors of their platforms and a [`Ledger`]; the ledger then holds the same
//! [`seawall_sim::Score`] that the simulator gives, so that the two can be laid side by side.
//! A request that is due late is sent at once, and nothing that was due is left out; how late the
//! latest was stands in the [`PlayReport`].
//! Every request bears [`TICKET_FIELD`], honest ones and floods alike, by which the origin finds what
//! it costs.
//! Never sends to an address that is not loopback: a door is a [`crate::LoopbackTarget`].
//! Bounds: [`IN_FLIGHT_MAX`] requests at once, [`SOCKETS_MAX`] kept open, [`PLAY_LASTING_MAX`],
//! [`TICKETS_MAX`] requests in all.

mod address;
mod carrier;
mod check;
mod conductor;
mod door;
mod fields;
mod idle;
mod ledger;
mod link;
mod link_h2;
mod manner;
mod message;
mod origin;
mod reply;

pub use conductor::PlayReport;
pub use door::{Before, Doors};
pub use ledger::{Ledger, TICKETS_MAX};
pub use message::TICKET_FIELD;
pub use origin::SiteOrigin;

use crate::StageError;
use crate::bounds::within;
use crate::crew::Crew;
use carrier::Carrier;
use conductor::Conductor;
use seawall_sim::Group;
use seawall_sim::fault::Fault;
use seawall_sim::site::Site;
use seawall_sim::stack::Stacks;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// Requests under way at once; each holds a socket here and up to three at the shield and the origin.
pub const IN_FLIGHT_MAX: usize = 4_000;
/// Connections kept open between requests.
pub const SOCKETS_MAX: usize = 3_000;
/// How long one play lasts at most.
pub const PLAY_LASTING_MAX: Duration = Duration::from_mins(30);

/// Everyone who takes part.
pub struct PlaySpec {
    /// Who sends, in the order of their indices.
    pub groups: Vec<Box<dyn Group>>,
    /// To whom, by [`seawall_types::PlatformId`].
    pub platforms: Vec<PlayedPlatform>,
    /// What their stacks look like.
    pub stacks: Stacks,
    /// What goes wrong with origins, and when.
    pub faults: Vec<Fault>,
    /// How long, at most [`PLAY_LASTING_MAX`].
    pub lasting: Duration,
}

/// A platform as its visitors know it.
#[derive(Debug, Clone)]
pub struct PlayedPlatform {
    /// The host that is asked for.
    pub host: String,
    /// What it serves.
    pub site: Site,
    /// What serves it, for the troubles that befall it; none where it has no origin of the stage.
    pub origin: Option<Arc<SiteOrigin>>,
    /// Where it is reached: the shield, or its origin where nothing stands before that.
    pub doors: Doors,
}

/// A running play; dropping it ends it at once.
#[derive(Debug)]
pub struct Play {
    crew: Crew,
    report: Arc<Mutex<PlayReport>>,
}

impl Play {
    /// Begins, on the runtime of the caller; the first second of `ledger` is now.
    ///
    /// # Errors
    /// [`StageError::OutOfBounds`] for a time that is too long, [`StageError::NoRuntime`], and
    /// [`StageError::Begun`] for a ledger that another play has written, and
    /// [`StageError::Certificate`] for one that cannot be trusted, and
    /// [`StageError::NodeFault`] for a fault of the shield's own node.
    pub fn start(spec: PlaySpec, ledger: &Arc<Ledger>) -> Result<Self, StageError> {
        within("time of a play", spec.lasting, Duration::ZERO..=PLAY_LASTING_MAX)?;
        let mut crew = Crew::new()?;
        let report = Arc::<Mutex<PlayReport>>::default();
        let carrier = Arc::new(Carrier::new(spec.platforms, spec.stacks)?);
        let conductor = Conductor::new(spec.groups, carrier, Arc::clone(ledger));
        let conductor = conductor.with_faults(spec.faults)?;
        ledger.begin()?;
        crew.add(conductor.run(spec.lasting, Arc::clone(&report)));
        Ok(Self { crew, report })
    }

    /// Waits until its time is over.
    pub async fn ended(&self) {
        self.crew.ended().await;
    }

    /// Ends it now; requests under way are not counted.
    pub async fn stop(&self) {
        self.crew.stop().await;
    }

    /// How well reality kept up so far.
    pub fn report(&self) -> PlayReport {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
