//! How often a flood sends: its height, its shape over time, and whether its sources await answers.
//!
//! Open: requests come at random at the given rate, whatever becomes of them.
//! Closed: a source whose request has no answer yet lets its turn go by, so that a slow origin slows
//! the flood and quick refusals speed it up, up to the given rate.
//! Bounds: [`REQUESTS_PER_S_MAX`], [`BURST_MAX`], and the points of a [`RateShape`].

use crate::casting::{Miscast, Span, whole, within};
use crate::rate::RateShape;
use crate::scenario::bounds::REQUESTS_PER_S_MAX;
use serde::Deserialize;

/// Requests per second of the smallest flood: one in a quarter of an hour.
const RPS_MIN: f64 = 0.001;
/// Seconds of the shortest pulse, or rest.
const PULSE_MIN_S: f64 = 0.01;
/// Requests that one source sends at once.
pub const BURST_MAX: u32 = 1_000;
/// Pulses of one flood: four points of the line each.
const PULSES_MAX: usize = 500;

/// How often a flood sends.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// Requests per second at its height.
    pub rps: f64,
    /// Seconds in which it rises to its height; it stays there.
    #[serde(default)]
    pub ramp_s: f64,
    /// Pulses instead of a constant height.
    #[serde(default)]
    pub pulses: Option<Pulses>,
    /// Requests that one source sends at once; the rate stays what it is.
    #[serde(default = "one")]
    pub burst: u32,
    /// Whether sources wait.
    #[serde(default)]
    pub answers: Answers,
    /// Whose turn it is.
    #[serde(default)]
    pub turns: Turns,
}

/// On and off.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pulses {
    /// Seconds that it is on.
    pub on_s: f64,
    /// Seconds of rest before the next.
    pub off_s: f64,
}

/// What a source does about the answer to its last request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answers {
    /// It sends on, answered or not.
    #[default]
    Ignored,
    /// It sends again only after the answer, or after its patience is over.
    Awaited,
}

/// Which source sends next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Turns {
    /// Any: some happen to send several in a row.
    #[default]
    Random,
    /// One after the other, so that each keeps a steady rate of its own.
    Even,
}

impl Pace {
    /// `rps` from beginning to end, answers ignored, sources at random.
    pub const fn steady(rps: f64) -> Self {
        Self {
            rps,
            ramp_s: 0.0,
            pulses: None,
            burst: 1,
            answers: Answers::Ignored,
            turns: Turns::Random,
        }
    }

    /// The line of times at which somebody's turn comes, in turns per second.
    ///
    /// # Errors
    /// A sentence for a value out of bounds.
    pub fn turns_over(&self, span: Span) -> Result<RateShape, Miscast> {
        line(self.points_over(span)?)
    }

    /// The same, after `seconds` in which `count` turns come, if there are any.
    pub(super) fn turns_after(
        &self,
        seconds: f64,
        count: u32,
        span: Span,
    ) -> Result<RateShape, Miscast> {
        if seconds <= 0.0 {
            return self.turns_over(span);
        }
        let begin = span.from + seconds;
        let height = f64::from(count) / seconds;
        let mut points = vec![(span.from, height), (begin, height)];
        points.extend(self.points_over(Span { from: begin, until: span.until })?);
        line(points)
    }

    fn points_over(&self, span: Span) -> Result<Vec<(f64, f64)>, Miscast> {
        within("pace.rps", self.rps, RPS_MIN..=REQUESTS_PER_S_MAX)?;
        whole("pace.burst", self.burst, 1..=BURST_MAX)?;
        if span.from >= span.until {
            return Err(Miscast::value("until", span.until, format!("after {}", span.from)));
        }
        let height = self.rps / f64::from(self.burst);
        match self.pulses {
            Some(_) if self.ramp_s > 0.0 => {
                Err(Miscast::value("pace.ramp_s", self.ramp_s, "0 where there are pulses"))
            }
            Some(pulses) => pulses.points(height, span),
            None => self.ramp(height, span),
        }
    }

    fn ramp(&self, height: f64, span: Span) -> Result<Vec<(f64, f64)>, Miscast> {
        let lasting = span.until - span.from;
        within("pace.ramp_s", self.ramp_s, 0.0..=lasting)?;
        let top = span.from + self.ramp_s;
        let rise = (self.ramp_s > 0.0).then_some((span.from, 0.0));
        Ok(rise.into_iter().chain([(top, height), (span.until, height)]).collect())
    }
}

fn line(points: Vec<(f64, f64)>) -> Result<RateShape, Miscast> {
    RateShape::new(points).map_err(|bad| Miscast::Shape { key: "pace", bad })
}

impl Pulses {
    fn points(self, height: f64, span: Span) -> Result<Vec<(f64, f64)>, Miscast> {
        within("pulses.on_s", self.on_s, PULSE_MIN_S..=span.until)?;
        within("pulses.off_s", self.off_s, PULSE_MIN_S..=span.until)?;
        let mut points = Vec::new();
        let mut from = span.from;
        while from < span.until {
            if points.len() >= 4 * PULSES_MAX {
                let must = format!("longer: there would be more than {PULSES_MAX}");
                return Err(Miscast::value("pulses.on_s", self.on_s, must));
            }
            let until = (from + self.on_s).min(span.until);
            points.extend([(from, 0.0), (from, height), (until, height), (until, 0.0)]);
            from = until + self.off_s;
        }
        Ok(points)
    }
}

const fn one() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { from: 10.0, until: 50.0 };

    fn expected(pace: &Pace) -> f64 {
        pace.turns_over(SPAN).unwrap().expected(0.0, 100.0)
    }

    #[test]
    fn each_shape_has_the_area_that_its_words_say() {
        let steady = Pace::steady(100.0);
        let ramp = Pace { ramp_s: 40.0, ..steady.clone() };
        let pulses = Pace { pulses: Some(Pulses { on_s: 5.0, off_s: 15.0 }), ..steady.clone() };
        let bursts = Pace { burst: 50, ..steady.clone() };
        let areas = [(steady, 4_000.0), (ramp, 2_000.0), (pulses, 1_000.0), (bursts, 80.0)];
        for (pace, area) in areas {
            assert!((expected(&pace) - area).abs() < 1e-6, "{pace:?} has {}", expected(&pace));
        }
    }

    #[test]
    fn what_cannot_be_is_refused_with_its_value() {
        let steady = Pace::steady(100.0);
        let bad = [
            Pace { rps: 0.0, ..steady.clone() },
            Pace { rps: f64::NAN, ..steady.clone() },
            Pace { rps: REQUESTS_PER_S_MAX * 2.0, ..steady.clone() },
            Pace { ramp_s: 41.0, ..steady.clone() },
            Pace { burst: BURST_MAX + 1, ..steady.clone() },
            Pace { pulses: Some(Pulses { on_s: 0.01, off_s: 0.01 }), ..steady.clone() },
            Pace { pulses: Some(Pulses { on_s: 0.0, off_s: 1.0 }), ..steady.clone() },
        ];
        for pace in bad {
            assert!(pace.turns_over(SPAN).is_err(), "{pace:?}");
        }
        assert!(steady.turns_over(Span { from: 1.0, until: 1.0 }).is_err());
    }
}
