//! How often something happens over time, as a line through given points.
//!
//! Gives arrivals at random with just that rate (an inhomogeneous Poisson process, by inversion of
//! the integral of the line), or evenly spaced ones.
//! Bounds: [`POINTS_MAX`] points.

use crate::Chance;
use seawall_types::Moment;
use std::time::Duration;

/// Points of one line: enough for a day by minutes.
pub const POINTS_MAX: usize = 2_048;

/// A rate per second over time: straight lines between points, zero after the last.
#[derive(Debug, Clone, PartialEq)]
pub struct RateShape {
    /// Seconds and rate per second; seconds rise.
    points: Vec<(f64, f64)>,
}

/// The points of a line are not usable.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadShape {
    /// None, or too many.
    #[error("{0} points; there must be 1 to {POINTS_MAX}")]
    Count(usize),
    /// Times must rise, and rates must be finite and not negative.
    #[error("point {0}: seconds must rise, and the rate must be finite and not negative")]
    Point(usize),
}

impl RateShape {
    /// The line through `points`, each seconds and rate per second.
    pub fn new(points: Vec<(f64, f64)>) -> Result<Self, BadShape> {
        if points.is_empty() || points.len() > POINTS_MAX {
            return Err(BadShape::Count(points.len()));
        }
        let usable = |(at, rate): (f64, f64)| at.is_finite() && rate.is_finite() && rate >= 0.0;
        let mut before = f64::NEG_INFINITY;
        for (index, point) in points.iter().enumerate() {
            if !usable(*point) || point.0 < before {
                return Err(BadShape::Point(index));
            }
            before = point.0;
        }
        Ok(Self { points })
    }

    /// `per_second` from `from` to `until`, nothing outside.
    pub fn flat(per_second: f64, from: f64, until: f64) -> Result<Self, BadShape> {
        Self::new(vec![(from, per_second), (until, per_second)])
    }

    /// The same line, `factor` times as high.
    #[must_use]
    pub fn times(mut self, factor: f64) -> Self {
        for point in &mut self.points {
            point.1 *= factor;
        }
        self
    }

    /// The part of the line between two seconds, and nothing outside.
    #[must_use]
    pub fn clipped(&self, from: f64, until: f64) -> Self {
        let inside = self.points.iter().filter(|(at, _)| *at > from && *at < until);
        let mut points = vec![(from, self.at(from))];
        points.extend(inside);
        points.push((until.max(from), self.before(until)));
        Self { points }
    }

    /// The rate that the line comes to at a second from the left.
    fn before(&self, second: f64) -> f64 {
        let next = self.points.partition_point(|(at, _)| *at < second);
        match (next.checked_sub(1).map(|left| self.points[left]), self.points.get(next)) {
            (Some(left), Some(right)) => {
                left.1 + (second - left.0) / (right.0 - left.0) * (right.1 - left.1)
            }
            _ => 0.0,
        }
    }

    /// The rate at a second; zero before the first point and after the last.
    pub fn at(&self, second: f64) -> f64 {
        let next = self.points.partition_point(|(at, _)| *at <= second);
        match (next.checked_sub(1).map(|left| self.points[left]), self.points.get(next)) {
            (Some(left), Some(right)) => {
                left.1 + (second - left.0) / (right.0 - left.0) * (right.1 - left.1)
            }
            _ => 0.0,
        }
    }

    /// The highest rate at any second.
    pub fn highest(&self) -> f64 {
        self.points.iter().map(|(_, rate)| *rate).fold(0.0, f64::max)
    }

    /// The first moment after `now` by which `amount` more have come; none when so many never do.
    pub fn after(&self, now: Moment, amount: f64) -> Option<Moment> {
        let mut from = now.as_secs_f64();
        let mut left = amount;
        let begin = self.points.partition_point(|(at, _)| *at <= from).saturating_sub(1);
        for pair in self.points[begin..].windows(2) {
            let (start, end) = (pair[0], pair[1]);
            if end.0 <= from || end.0 <= start.0 {
                continue;
            }
            from = from.max(start.0);
            let slope = (end.1 - start.1) / (end.0 - start.0);
            let height = start.1 + slope * (from - start.0);
            let whole = 0.5 * (height + end.1) * (end.0 - from);
            if left <= whole {
                return Some(moment(from + within(height, slope, left)).max(Moment(now.0 + 1)));
            }
            left -= whole;
            from = end.0;
        }
        None
    }

    /// The next arrival at random.
    pub fn next_arrival(&self, now: Moment, chance: &mut Chance) -> Option<Moment> {
        self.after(now, -libm::log(1.0 - chance.unit()))
    }

    /// Arrivals to be expected between two seconds.
    pub fn expected(&self, from: f64, until: f64) -> f64 {
        let mut sum = 0.0;
        for pair in self.points.windows(2) {
            let (start, end) = (pair[0].0.max(from), pair[1].0.min(until));
            if end > start {
                let slope = (pair[1].1 - pair[0].1) / (pair[1].0 - pair[0].0);
                let height = |at: f64| pair[0].1 + slope * (at - pair[0].0);
                sum += 0.5 * (height(start) + height(end)) * (end - start);
            }
        }
        sum
    }
}

/// How far into a line of `height` and `slope` an area of `amount` reaches.
fn within(height: f64, slope: f64, amount: f64) -> f64 {
    // The stable root of slope/2 x² + height x = amount.
    let root = (height * height + 2.0 * slope * amount).max(0.0).sqrt();
    if height + root > 0.0 { 2.0 * amount / (height + root) } else { 0.0 }
}

/// Seconds since the start of the world as a moment.
pub fn moment(seconds: f64) -> Moment {
    Moment::default() + Duration::try_from_secs_f64(seconds.max(0.0)).unwrap_or(Duration::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_arrive_as_the_line_says() {
        let line = RateShape::new(vec![(10.0, 0.0), (20.0, 100.0), (30.0, 100.0)]).unwrap();
        let (mut chance, mut now, mut count) = (Chance::new(3), Moment(0), 0.0);
        while let Some(next) = line.next_arrival(now, &mut chance) {
            assert!(next > now);
            now = next;
            count += 1.0;
        }
        let expected = line.expected(0.0, 100.0);
        assert!((expected - 1_500.0).abs() < 1e-6);
        assert!((count - expected).abs() < 4.0 * expected.sqrt(), "{count} of {expected}");
    }

    #[test]
    fn nothing_comes_before_the_first_point_or_after_the_last() {
        let line = RateShape::flat(10.0, 5.0, 6.0).unwrap();
        assert!(line.after(Moment(0), 0.5).unwrap() > moment(5.0));
        assert_eq!(line.after(Moment(0), 10.5), None);
        assert!((line.at(5.5) - 10.0).abs() < 1e-9);
        assert!(line.at(6.5) < 1e-9);
    }

    #[test]
    fn a_clipped_line_is_as_the_whole_one_inside_and_nothing_outside() {
        let line = RateShape::new(vec![(0.0, 0.0), (10.0, 100.0), (20.0, 0.0)]).unwrap();
        let part = line.clipped(5.0, 15.0);
        assert!((part.expected(0.0, 100.0) - line.expected(5.0, 15.0)).abs() < 1e-9);
        for second in [5.0, 9.0, 10.0, 14.9] {
            assert!((part.at(second) - line.at(second)).abs() < 1e-9, "{second}");
        }
        assert!(part.at(4.9) < 1e-9 && part.at(15.0) < 1e-9);
    }

    #[test]
    fn points_that_go_back_or_are_not_numbers_are_refused() {
        assert_eq!(RateShape::new(vec![]), Err(BadShape::Count(0)));
        assert_eq!(RateShape::new(vec![(1.0, 1.0), (0.5, 1.0)]), Err(BadShape::Point(1)));
        assert_eq!(RateShape::new(vec![(1.0, f64::NAN)]), Err(BadShape::Point(0)));
    }
}
