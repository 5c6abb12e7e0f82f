//! Many sources that ask for one path of one platform at a steady rate each.
//!
//! Takes a [`FloodSpec`]; gives counts that can be read at any time.
//! The pace is open: each connection has fixed moments at which it asks, whatever the answers.
//! A connection has at most one request outstanding; a moment that passes meanwhile is counted as
//! missed and never made up for.
//! Never speaks TLS and never reads an answer for its content.
//! Bounds: those of [`crate::bounds`], [`CONNECTION_RATE_MAX`] and [`FLOOD_BODY_MAX`].

mod answer;
mod report;
mod sender;
mod spec;

pub use report::FloodReport;
pub use spec::{CONNECTION_RATE_MAX, ConnectionStyle, FLOOD_BODY_MAX, FloodRequest, FloodSpec};

use crate::crew::Crew;
use crate::{Chance, StageError};
use report::FloodCounters;
use sender::{Schedule, Sender};
use std::sync::Arc;
use tokio::time::Instant;

/// A running flood; dropping it ends it at once.
///
/// May be shared: every method takes `&self`.
#[derive(Debug)]
pub struct Flood {
    crew: Crew,
    counters: Arc<FloodCounters>,
}

impl Flood {
    /// Starts sending on the runtime of the caller.
    ///
    /// # Errors
    /// [`StageError::OutOfBounds`], [`StageError::OneSourceOnly`], [`StageError::Unsendable`] or
    /// [`StageError::NoRuntime`].
    pub fn start(spec: FloodSpec) -> Result<Self, StageError> {
        let spec = spec.checked()?;
        let mut crew = Crew::new()?;
        let counters = Arc::new(FloodCounters::default());
        let request = spec.request_bytes();
        let begin = Instant::now();
        let interval = spec.connection_interval();
        let mut chance = Chance::new(spec.seed);
        for source in spec.sources.addresses() {
            for _ in 0..spec.connections_per_source {
                let schedule = Schedule {
                    next: begin + interval.mul_f64(chance.unit()),
                    interval,
                    until: begin + spec.lasting,
                };
                let sender = Sender {
                    target: spec.target,
                    source,
                    style: spec.connections,
                    request: request.clone(),
                    counters: Arc::clone(&counters),
                };
                crew.add(sender.run(schedule));
            }
        }
        Ok(Self { crew, counters })
    }

    /// What has been sent and what came back.
    pub fn report(&self) -> FloodReport {
        self.counters.snapshot()
    }

    /// Waits until its time is over.
    pub async fn ended(&self) {
        self.crew.ended().await;
    }

    /// Ends it now.
    pub async fn stop(&self) {
        self.crew.stop().await;
    }
}

#[cfg(test)]
mod tests;
