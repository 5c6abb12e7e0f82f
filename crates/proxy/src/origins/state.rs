//! What all cores know of one origin.

use super::addresses::Addresses;
use super::health::{Fault, Health, Others};
use super::latency::Latency;
use seawall_config::OriginUrl;
use seawall_engine::{OriginSnapshot, OriginStanding};
use seawall_types::Moment;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// One origin of the configuration, whoever names it.
#[derive(Debug)]
pub(crate) struct OriginState {
    name: Arc<str>,
    pub(crate) addresses: Addresses,
    pub(crate) health: Health,
    in_flight: AtomicU32,
    latency: Latency,
    faults: AtomicU64,
    ejections: AtomicU64,
}

impl OriginState {
    pub(crate) fn new(url: &OriginUrl) -> Self {
        Self {
            name: url.to_string().into(),
            addresses: Addresses::of(url),
            health: Health::default(),
            in_flight: AtomicU32::new(0),
            latency: Latency::default(),
            faults: AtomicU64::new(0),
            ejections: AtomicU64::new(0),
        }
    }

    /// Requests that are at it, of all cores.
    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Relaxed)
    }

    pub(super) fn begin(&self) {
        self.in_flight.fetch_add(1, Relaxed);
    }

    pub(super) fn end(&self) {
        self.in_flight.fetch_sub(1, Relaxed);
    }

    /// A request that began at `began` got its answer's head.
    pub(super) fn answered(&self, now: Moment, began: Moment) {
        self.latency.add(now.since(began));
        if let Some(out) = self.health.answered(now, began) {
            self.tell_return(out);
        }
    }

    /// It did something wrong.
    pub(crate) fn fault(&self, now: Moment, fault: Fault, others: Others) {
        self.faults.fetch_add(1, Relaxed);
        if self.health.fault(now, fault, others) {
            self.ejections.fetch_add(1, Relaxed);
            let (origin, reason) = (&*self.name, fault.sentence());
            tracing::warn!(origin, reason, "an origin is out");
        }
    }

    /// A probe found it well.
    pub(super) fn check_was_good(&self, now: Moment) {
        if let Some(out) = self.health.check_was_good(now) {
            self.tell_return(out);
        }
    }

    fn tell_return(&self, out: Duration) {
        tracing::info!(origin = &*self.name, seconds = out.as_secs_f64(), "an origin is back");
    }

    /// For people and programs outside; one thread alone asks.
    pub(crate) fn snapshot(&self, now: Moment, slow_start: Option<Duration>) -> OriginSnapshot {
        let quantiles = self.latency.quantiles_ms(now, [0.5, 0.99]);
        let whole = self.health.share(now, slow_start) == super::health::SHARE_WHOLE;
        OriginSnapshot {
            origin: self.name.clone(),
            standing: match (self.health.is_healthy(), whole) {
                (false, _) => OriginStanding::Out,
                (true, false) => OriginStanding::Returning,
                (true, true) => OriginStanding::Healthy,
            },
            in_flight: self.in_flight(),
            p50_ms: quantiles.map(|[median, _]| median),
            p99_ms: quantiles.map(|[_, high]| high),
            faults: self.faults.load(Relaxed),
            ejections: self.ejections.load(Relaxed),
        }
    }
}
