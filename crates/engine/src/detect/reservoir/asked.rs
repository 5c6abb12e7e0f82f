//! What known visitors ask for who come with one kind of client.
//!
//! Both sets are looked at, since nothing is certified by it.
//! Bounds: the requests that the two sets keep.

use super::Reservoirs;
use seawall_types::{Attribute, Trait};
use std::collections::BTreeMap;

/// What visitors with one kind of client asked for.
#[derive(Debug, Default)]
pub(in crate::detect) struct AskedBy {
    /// By route.
    pub(in crate::detect) routes: BTreeMap<Trait, u32>,
    /// All of them together.
    pub(in crate::detect) requests: u32,
    /// Their part of what all requests of known visitors cost, from 0 to 1.
    pub(in crate::detect) share_of_cost: f64,
}

impl Reservoirs {
    /// What visitors asked for whose client tells this of itself.
    #[expect(clippy::cast_precision_loss, reason = "microseconds of a few ten thousand requests")]
    pub(in crate::detect) fn asked_by(&self, agent: Trait) -> AskedBy {
        let mut asked = AskedBy::default();
        let Some(agent) = self.known.code(Attribute::Agent, agent) else { return asked };
        let (mut own_us, mut all_us) = (0_u64, 0_u64);
        for side in [&self.searched, &self.certified] {
            all_us += side.everything_cost_us();
            for (route, cost_us) in side.asked(Attribute::Agent, agent) {
                own_us += u64::from(cost_us);
                asked.requests += 1;
                *asked.routes.entry(self.known.value(Attribute::Route, route)).or_default() += 1;
            }
        }
        asked.share_of_cost = own_us as f64 / (all_us as f64).max(1.0);
        asked
    }
}
