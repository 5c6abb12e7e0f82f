//! What is drawn of an incident before it is made, and how far a number may be from it.

use seawall_types::wall::of_rfc3339;
use serde_json::Value;
use std::time::Duration;

/// A flood of one platform.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flood {
    pub(super) sources: u32,
    /// Between an answer and the next request of one source.
    pub(super) pause: Duration,
}

/// What is going to happen.
#[derive(Debug)]
pub(super) struct Truth {
    /// By platform; one at least is flooded, and one at least is not.
    pub(super) floods: [Option<Flood>; 3],
    pub(super) lasts: Duration,
}

impl Truth {
    /// Of the incident of that number.
    pub(super) fn drawn(number: u64) -> Self {
        let mut draws = Draws(number);
        let which = 1 + draws.below(6);
        let flood = |at: u32| {
            let sources = 64 + draws.below(64);
            let pause = Duration::from_millis((20 + draws.below(80)).into());
            ((which >> at) & 1 > 0).then_some(Flood { sources, pause })
        };
        let floods = [0, 1, 2].map(flood);
        Self { floods, lasts: Duration::from_millis((12_000 + draws.below(6_000)).into()) }
    }
}

/// Numbers that follow from a seed (splitmix64).
struct Draws(u64);

impl Draws {
    fn below(&mut self, bound: u32) -> u32 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u32::try_from((mixed ^ (mixed >> 31)) % u64::from(bound)).expect("below the bound")
    }
}

/// Milliseconds since 1970 of a time of a report.
pub(super) fn ms(at: &Value) -> u64 {
    let text = at.as_str().unwrap_or_else(|| panic!("no time: {at}"));
    of_rfc3339(text).unwrap_or_else(|| panic!("no time: {text}")).0
}

/// How far a number is from the truth, in percent of that.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
pub(super) fn off(told: u64, truth: u64) -> f64 {
    100.0 * told.abs_diff(truth) as f64 / truth.max(1) as f64
}
