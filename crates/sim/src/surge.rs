//! Many who mean well and come at once: what a shield must not take for a flood.
//!
//! Some surges are ordinary kinds with a span of their own, and have no file here: a campus that
//! wakes up is `nat` with `start = "empty"`, a new probe `monitors` with `look = "new"`, a
//! crawler's burst `crawlers`, a new browser version `browsers` with `update`.

pub mod campaign;
pub mod crowd;
pub mod day;
pub mod push;
pub mod retry_storm;
pub mod sale;
pub mod series;

use crate::casting::{Miscast, Span, within};
use crate::rate::RateShape;

/// Up to `per_second` within `rise_s` of a span's start, and down to nothing in its last `fall_s`.
fn hump(span: Span, per_second: f64, (rise_s, fall_s): (f64, f64)) -> Result<RateShape, Miscast> {
    let Span { from, until } = span;
    let length = (until - from).max(0.0);
    within("rise_s", rise_s, 0.0..=length)?;
    within("fall_s", fall_s, 0.0..=length - rise_s)?;
    let points =
        vec![(from, 0.0), (from + rise_s, per_second), (until - fall_s, per_second), (until, 0.0)];
    RateShape::new(points).map_err(|bad| Miscast::Shape { key: "rise_s and fall_s", bad })
}

#[cfg(test)]
mod tests;
