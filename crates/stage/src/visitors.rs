//! Synthetic people with browsers, who read pages, follow links and fill in forms.
//!
//! Takes a [`VisitorsSpec`]; gives a [`VisitorReport`] at any time.
//! Each person has a loopback address, a browser, a language, a door and cookies of their own, and
//! does what the pages say: no path is asked for that no page named, but for the entrances.
//! Never asks faster because an answer is slow, and never solves a challenge.
//! Bounds: those of [`crate::bounds`], [`PLATFORMS_MAX`] platforms, [`PAGE_MAX`] an answer.

mod browser;
mod client;
mod doors;
mod link;
mod markup;
mod person;
mod report;
mod spec;

pub use link::PAGE_MAX;
pub use report::{PlatformOutcome, VisitorReport};
pub use spec::{Door, PLATFORMS_MAX, Pace, Transport, VisitedPlatform, VisitorsSpec};

use crate::crew::Crew;
use crate::{Chance, StageError};
use client::World;
use doors::OpenDoor;
use person::Person;
use report::VisitorCounters;
use std::sync::Arc;
use tokio::time::Instant;

/// Running visitors; dropping it ends them at once.
///
/// May be shared: every method takes `&self`.
#[derive(Debug)]
pub struct Visitors {
    crew: Crew,
    world: Arc<World>,
}

impl Visitors {
    /// Lets them come, on the runtime of the caller.
    ///
    /// # Errors
    /// [`StageError`] for whatever in the specification is out of bounds, empty or not usable.
    pub fn start(spec: VisitorsSpec) -> Result<Self, StageError> {
        let spec = spec.checked()?;
        let mut crew = Crew::new()?;
        let doors: Vec<_> = spec.doors.iter().map(OpenDoor::of).collect::<Result<_, _>>()?;
        let until = Instant::now() + spec.lasting;
        let people = spec.people;
        let counters = VisitorCounters::for_platforms(&spec.platforms);
        let world = Arc::new(World { spec, doors, counters });
        for (index, source) in (0_u64..).zip(people.addresses()) {
            let chance = Chance::for_part(world.spec.seed, index);
            crew.add(Person::new(Arc::clone(&world), source, chance).live(until));
        }
        Ok(Self { crew, world })
    }

    /// What they have met so far, by platform.
    pub fn report(&self) -> VisitorReport {
        self.world.counters.snapshot()
    }

    /// Waits until their time is over and the last has left.
    pub async fn ended(&self) {
        self.crew.ended().await;
    }

    /// Ends their visits now; requests under way are not counted.
    pub async fn stop(&self) {
        self.crew.stop().await;
    }
}

#[cfg(test)]
mod tests;
