//! What is usual on a platform: demand of late, by the hour of the week, and where it left that.
//!
//! Takes the demand of each tick; tells the demand to expect, and since when it has been above it.
//! Medians and their deviations throughout, so that what was a flood an hour ago does not become
//! what is usual.
//! Never triggers anything by itself.
//! Bounds: [`SECONDS`] seconds of late, [`CELLS`] hours of a week.

use seawall_types::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// Calm seconds of late that are remembered.
const SECONDS: usize = 120;
/// Fewer calm seconds tell nothing.
const SECONDS_MIN: usize = 5;
/// Ticks in which an onset is looked for.
const TICKS: usize = 480;
/// Hours of a week.
const CELLS: usize = 168;
/// What a single week may move an hour's median by, as a log ratio: a half more or less.
const MOVES_AT_MOST: f64 = 0.405;
/// Deviations above what is usual that a tick of a step must be.
const STEP_SIGMAS: f64 = 4.0;
/// A normal distribution's deviation over its median absolute deviation.
const MAD_TO_SIGMA: f64 = 1.4826;
/// Least deviation of the log of a second's demand: nothing is steadier than a twentieth.
const SIGMA_MIN: f64 = 0.05;
/// Deviations that a ramp must gain in sum.
const RAMP_AT: f64 = 8.0;
/// Deviations a second that are let pass.
const RAMP_SLACK: f64 = 1.0;
/// Growth that has harmed nobody for this long is how things are now.
const RAMP_FORGIVEN: Duration = Duration::from_mins(5);

/// What is usual on one platform.
#[derive(Debug, Clone, Default)]
pub(super) struct Baseline {
    /// Demand of calm seconds, the newest last.
    seconds: VecDeque<f64>,
    /// Ticks with their demand, the newest last, calm or not.
    ticks: VecDeque<(Moment, f64)>,
    /// The second under way: ticks and their sum.
    under_way: (u32, f64),
    ramp: Ramp,
    season: Season,
}

/// Demand that grows too slowly for any single second to stand out: a CUSUM of its log.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Ramp {
    gained: f64,
    began_at: Option<Moment>,
}

impl Baseline {
    /// Takes a tick's demand; what is not calm moves nothing that is usual.
    pub(super) fn observe(&mut self, at: Moment, demand_ms_per_s: f64, is_calm: bool) {
        self.ticks.push_back((at, demand_ms_per_s));
        if self.ticks.len() > TICKS {
            self.ticks.pop_front();
        }
        let (count, sum) = (self.under_way.0 + 1, self.under_way.1 + demand_ms_per_s);
        if count < 4 {
            self.under_way = (count, sum);
            return;
        }
        self.under_way = (0, 0.0);
        let second = sum / f64::from(count);
        self.ramp_on(at, second);
        let grows_long = self.ramp.began_at.is_some_and(|began| at.since(began) >= RAMP_FORGIVEN);
        if is_calm && grows_long {
            self.ramp = Ramp::default();
            self.seconds.clear();
        }
        // While it grows, what it grows to is not usual.
        if is_calm && self.ramp.gained < RAMP_AT {
            self.seconds.push_back(second);
            if self.seconds.len() > SECONDS {
                self.seconds.pop_front();
            }
            self.season.observe(at, second);
        }
    }

    /// The hour of the week at moment zero, in seconds since Monday's midnight.
    pub(super) fn set_calendar(&mut self, seconds_into_week: u32) {
        self.season.offset_s = u64::from(seconds_into_week);
    }

    /// Demand to expect at a moment, in origin-milliseconds per second; none before anything was
    /// seen.
    ///
    /// Shortly after a start it is what this hour of the week had before.
    pub(super) fn usual_ms_per_s(&self, at: Moment) -> Option<f64> {
        if self.seconds.len() >= SECONDS_MIN {
            return Some(median(self.seconds.iter().copied()));
        }
        let cell = self.season.cell(at);
        (cell.weeks > 0).then(|| libm::exp(cell.log_median))
    }

    /// Whether demand grows steadily.
    pub(super) fn is_ramping(&self) -> bool {
        self.ramp.gained >= RAMP_AT
    }

    /// The end of the last tick that was as usual, found backwards from now.
    ///
    /// A step is seen within its tick; a ramp from when its sum began to grow.
    pub(super) fn onset(&self, now: Moment) -> Moment {
        let (Some(usual), sigma) = (self.usual_ms_per_s(now), self.sigma()) else {
            return now;
        };
        // A tick is a quarter of a second, so its demand deviates by twice as much.
        let over = usual * libm::exp((STEP_SIGMAS * 2.0 * sigma).min(0.7));
        let quiet = self.ticks.iter().rev().find(|(_, demand)| *demand <= over);
        let stepped = quiet.map_or(now, |(at, _)| *at);
        match self.ramp.began_at {
            Some(began) if self.is_ramping() => stepped.min(began),
            _ => stepped,
        }
    }

    /// Deviation of the log of a calm second's demand.
    fn sigma(&self) -> f64 {
        let logs = || self.seconds.iter().map(|second| libm::log(second.max(1.0)));
        if self.seconds.is_empty() {
            return SIGMA_MIN;
        }
        let middle = median(logs());
        (median(logs().map(|log| (log - middle).abs())) * MAD_TO_SIGMA).max(SIGMA_MIN)
    }

    fn ramp_on(&mut self, at: Moment, second: f64) {
        let Some(usual) = self.usual_ms_per_s(at) else {
            return;
        };
        let above = libm::log(second.max(1.0) / usual.max(1.0)) / self.sigma();
        let gained = (self.ramp.gained + above.min(RAMP_AT) - RAMP_SLACK).max(0.0);
        self.ramp.began_at = match self.ramp.began_at {
            _ if gained <= 0.0 => None,
            None => Some(at - Duration::from_secs(1)),
            began => began,
        };
        // A little more than the alarm is remembered, so that it ends soon after what it is about.
        self.ramp.gained = gained.min(2.0 * RAMP_AT);
    }
}

/// Demand by the hour of the week.
#[derive(Debug, Clone)]
struct Season {
    cells: Vec<Cell>,
    offset_s: u64,
    /// The hour under way: its number since moment zero, and a minute's demand each.
    hour: u64,
    minutes: Vec<f64>,
    minute: (u64, u32, f64),
}

/// One hour of the week.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Cell {
    log_median: f64,
    log_mad: f64,
    weeks: u8,
}

impl Default for Season {
    fn default() -> Self {
        let cells = vec![Cell::default(); CELLS];
        Self { cells, offset_s: 0, hour: 0, minutes: Vec::new(), minute: (0, 0, 0.0) }
    }
}

impl Season {
    fn observe(&mut self, at: Moment, second: f64) {
        let seconds = at.0 / 1_000_000_000 + self.offset_s;
        let (minute, hour) = (seconds / 60, seconds / 3_600);
        if minute != self.minute.0 {
            let (_, count, sum) = std::mem::replace(&mut self.minute, (minute, 0, 0.0));
            if count > 0 && self.minutes.len() < 60 {
                self.minutes.push(sum / f64::from(count));
            }
        }
        if hour != self.hour {
            self.close(self.hour);
            self.hour = hour;
        }
        self.minute.1 += 1;
        self.minute.2 += second;
    }

    /// An hour is over; a half of it must have been calm to count.
    fn close(&mut self, hour: u64) {
        let minutes = std::mem::take(&mut self.minutes);
        if minutes.len() < 30 {
            return;
        }
        let logs = || minutes.iter().map(|demand| libm::log(demand.max(1.0)));
        let middle = median(logs());
        let mad = median(logs().map(|log| (log - middle).abs()));
        let cell = &mut self.cells[position(hour)];
        if cell.weeks == 0 {
            *cell = Cell { log_median: middle, log_mad: mad, weeks: 1 };
            return;
        }
        cell.weeks = (cell.weeks + 1).min(4);
        let share = 1.0 / f64::from(cell.weeks);
        let moved = (middle - cell.log_median).clamp(-MOVES_AT_MOST, MOVES_AT_MOST);
        cell.log_median += share * moved;
        cell.log_mad += share * (mad.max(moved.abs()) - cell.log_mad);
    }

    fn cell(&self, at: Moment) -> Cell {
        self.cells[position((at.0 / 1_000_000_000 + self.offset_s) / 3_600)]
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder of a small number")]
fn position(hour: u64) -> usize {
    (hour % CELLS as u64) as usize
}

/// The median; 0 of nothing.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    let middle = values.len() / 2;
    if values.is_empty() {
        return 0.0;
    }
    *values.select_nth_unstable_by(middle, f64::total_cmp).1
}

/// Bytes of a cell.
const CELL_BYTES: usize = 9;

impl Baseline {
    /// What the hours of the week have taught.
    pub(super) fn put_season(&self, out: &mut Vec<u8>) {
        for cell in &self.season.cells {
            #[expect(clippy::cast_possible_truncation, reason = "logs of small numbers")]
            let (median, mad) = (cell.log_median as f32, cell.log_mad as f32);
            out.extend(median.to_le_bytes());
            out.extend(mad.to_le_bytes());
            out.push(cell.weeks);
        }
    }

    /// Takes that back; the bytes behind it, or none when it is cut or senseless.
    pub(super) fn take_season<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let (own, rest) = bytes.split_at_checked(CELLS * CELL_BYTES)?;
        let mut cells = Vec::with_capacity(CELLS);
        for cell in own.chunks_exact(CELL_BYTES) {
            let median = f32::from_le_bytes(cell[..4].try_into().ok()?);
            let mad = f32::from_le_bytes(cell[4..8].try_into().ok()?);
            if !(median.is_finite() && mad.is_finite() && cell[8] <= 4) {
                return None;
            }
            let (log_median, log_mad) = (f64::from(median), f64::from(mad));
            cells.push(Cell { log_median, log_mad, weeks: cell[8] });
        }
        self.season.cells = cells;
        Some(rest)
    }
}

#[cfg(test)]
mod tests;
