//! Finite workers and the line before them.
//!
//! Work once begun goes on when its client has left, as that of most real servers does.

use super::load::{LoadMeter, Present};
use super::stand::Phase;
use super::{OriginSpec, PageClass, ServiceTimes};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};
use tokio::time::{Instant, sleep};

/// The line is as long as it may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct LineFull;

/// The workers of one life of an origin: a kill ends them, and a revival brings new ones.
#[derive(Debug)]
pub(super) struct Workers {
    free: Arc<Semaphore>,
    places: u16,
    service: ServiceTimes,
    meter: Arc<LoadMeter>,
    phase: watch::Receiver<Phase>,
}

impl Workers {
    pub(super) fn new(
        spec: &OriginSpec,
        meter: Arc<LoadMeter>,
        phase: watch::Receiver<Phase>,
    ) -> Self {
        Self {
            free: Arc::new(Semaphore::new(usize::from(spec.workers))),
            places: spec.queue,
            service: spec.service,
            meter,
            phase,
        }
    }

    /// Gives a request to a worker or puts it in line; the receiver hears when it is done.
    ///
    /// The line is served in order of arrival.
    pub(super) fn take(&self, class: PageClass) -> Result<oneshot::Receiver<()>, LineFull> {
        let free = Arc::clone(&self.free);
        let turn = if let Ok(worker) = Arc::clone(&free).try_acquire_owned() {
            Turn::Now(worker)
        } else if let Some(place) = Present::in_line(&self.meter, self.places) {
            Turn::Later { place, free }
        } else {
            self.meter.refuse();
            return Err(LineFull);
        };
        let job = Job {
            class,
            service: self.service.of(class),
            meter: Arc::clone(&self.meter),
            phase: self.phase.clone(),
        };
        let (done, hear) = oneshot::channel();
        let mut life = self.phase.clone();
        tokio::spawn(async move {
            tokio::select! {
                // A client that has left hears nothing, and the work was done all the same.
                () = job.run(turn) => drop(done.send(())),
                () = end_of(&mut life) => {}
            }
        });
        Ok(hear)
    }
}

/// When a request gets its worker.
#[derive(Debug)]
enum Turn {
    Now(OwnedSemaphorePermit),
    Later { place: Present, free: Arc<Semaphore> },
}

/// One request as a worker sees it.
#[derive(Debug)]
struct Job {
    class: PageClass,
    service: Duration,
    meter: Arc<LoadMeter>,
    phase: watch::Receiver<Phase>,
}

impl Job {
    async fn run(mut self, turn: Turn) {
        let worker = match turn {
            Turn::Now(worker) => worker,
            Turn::Later { place, free } => {
                let since = Instant::now();
                let Ok(worker) = free.acquire_owned().await else {
                    return;
                };
                drop(place);
                self.meter.waited(since.elapsed());
                worker
            }
        };
        let present = Present::at_worker(&self.meter);
        let since = Instant::now();
        if !self.service.is_zero() {
            sleep(self.service).await;
        }
        let going = self.phase.wait_for(|phase| *phase != Phase::Stalled).await.is_ok();
        if going {
            self.meter.served(self.class, since.elapsed());
        }
        drop(present);
        drop(worker);
    }
}

/// Returns when the life that `phase` belongs to is over.
async fn end_of(phase: &mut watch::Receiver<Phase>) {
    while phase.changed().await.is_ok() {}
}
