//! A plain day, told faster: the people of a site from one night to the next.
//!
//! The height of each hour is assumed: a third at four in the morning, half as much again as the
//! mean at eight in the evening.

use crate::casting::{Casting, Miscast, within};
use crate::group::Group;
use crate::people::browsers;
use serde::Deserialize;

/// Each hour's part of the day's mean, in percent; they add up to 24 times 100.
const HOURS: [u16; 24] = [
    62, 47, 38, 33, 32, 38, 55, 82, 104, 116, 122, 125, 128, 124, 120, 120, 122, 128, 138, 148,
    150, 142, 125, 101,
];
const HOURS_OF_A_DAY: f64 = 24.0;

/// What a scenario says of it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Requests per second on the day's average.
    pub rps: f64,
    /// Seconds of the world that a day lasts; below 240 an hour would be shorter than a visit.
    pub day_s: f64,
    /// The hour at which the group's span begins.
    pub hour: f64,
    /// How many different people there are.
    pub people: u32,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
}

impl Default for Parameters {
    fn default() -> Self {
        let browsers::Parameters { rps, people, returning, .. } = browsers::Parameters::default();
        Self { rps, day_s: 1_440.0, hour: 0.0, people, returning }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let Self { rps, people, returning, .. } = *self;
        let hour_s = within("day_s", self.day_s, 240.0..=1e6)? / HOURS_OF_A_DAY;
        let first = within("hour", self.hour, 0.0..=HOURS_OF_A_DAY)?;
        let from = casting.span.from - first * hour_s;
        let mut line = Vec::new();
        let mut hour = 0_u16;
        while from + f64::from(hour) * hour_s <= casting.span.until + hour_s {
            let percent = HOURS[usize::from(hour) % HOURS.len()];
            line.push((from + f64::from(hour) * hour_s, f64::from(percent) / 100.0));
            hour = hour.checked_add(1).ok_or_else(|| {
                Miscast::value("day_s", self.day_s, "longer: so many days do not fit the span")
            })?;
        }
        browsers::Parameters { rps, line, people, returning, ..Default::default() }.cast(casting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hours_of_a_day_average_to_its_mean() {
        assert_eq!(HOURS.iter().copied().sum::<u16>(), 2_400);
    }
}
