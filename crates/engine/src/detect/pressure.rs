//! When it is worth looking: demand of everything that asks over what can be carried.
//!
//! Takes the demand of each tick; gives a [`Reading`].
//! A platform whose origins could serve everything is left alone, whatever its traffic looks like.
//! What is usual raises what is calm by a fifth an hour at most, but for the first ten minutes: a flood
//! that grows slowly, and is forgiven each time, does not make itself calm within hours.
//! Bounds: the ticks of one second.

use crate::admission::calm::Pace;
use seawall_types::Moment;
use std::time::Duration;

/// Ticks that make the second over which pressure is averaged.
const SECOND_TICKS: usize = 4;
/// Mean pressure over a second from which it is worth looking.
const LOOKS_AT: f64 = 0.85;
/// Pressure of a single tick from which it is worth looking.
const LOOKS_AT_ONCE: f64 = 1.2;
/// Under this everything offered could be served: nothing is enforced, and visitors may be learned.
pub const CALM_UNDER: f64 = 0.7;
/// Where more than that is usual, so many times what is usual is calm, up to all that can be carried:
/// else nobody would ever become known there.
const CALM_TIMES_USUAL: f64 = 1.5;
const CALM_AT_MOST: f64 = 1.0;
/// And a single tick of so many times all that is never calm.
const CALM_AT_ONCE_AT_MOST: f64 = 2.0;
/// Visitors are learned again when it has been calm for this many times as long as it was not: one
/// dear request before a small site must not keep its visitors unknown.
const THAWS_TIMES: u32 = 20;
/// And for this long at most.
const THAWS_AFTER: Duration = Duration::from_mins(10);
/// With no capacity known, this many times what is usual is taken for it; and a single tick of no more
/// is as usual where much of the capacity is.
const TIMES_USUAL: f64 = 3.0;

/// What one tick was asked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Load {
    /// When the tick ended.
    pub at: Moment,
    /// What everything that asked in this tick would cost, in origin-milliseconds per second.
    pub demand_ms_per_s: f64,
    /// What of that came as far as the origins' gate; what a limit or a measure stopped did not.
    pub offered_ms_per_s: f64,
    /// What the origins can carry; none while unknown.
    pub capacity_ms_per_s: Option<f64>,
}

/// What pressure tells.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each answers a question of its own")]
pub struct Reading {
    /// Mean over the last second.
    pub pressure: f64,
    /// Mean demand over the last second, in origin-milliseconds per second.
    pub demand_ms_per_s: f64,
    /// What is taken for the capacity.
    pub capacity_ms_per_s: f64,
    /// Whether it is worth looking for what asks.
    pub is_high: bool,
    /// Whether everything that was asked for could be served.
    pub is_calm: bool,
    /// Under this mean pressure all is calm.
    pub calm_under: f64,
    /// Mean over the last second of what came as far as the origins' gate.
    pub offered_pressure: f64,
    /// Whether everything that came as far as that could be served.
    pub fits: bool,
    /// Whether visitors may be learned: who is refused cannot keep others from becoming known.
    pub may_learn: bool,
}

/// The gate before everything that costs visitors something.
#[derive(Debug, Default)]
pub struct Gate {
    last: [f64; SECOND_TICKS],
    last_offered: [f64; SECOND_TICKS],
    ticks: usize,
    last_pressed: Option<Moment>,
    /// How long it was pressed since visitors were last learned.
    pressed_for: Duration,
    /// What is usual, as far as it counts for what is calm.
    pace: Pace,
}

impl Gate {
    /// Reads a tick; `usual_ms_per_s` stands in for a capacity that nobody knows.
    ///
    /// None while there is neither.
    pub fn read(&mut self, load: &Load, usual_ms_per_s: Option<f64>) -> Option<Reading> {
        self.last[self.ticks % SECOND_TICKS] = load.demand_ms_per_s;
        self.last_offered[self.ticks % SECOND_TICKS] = load.offered_ms_per_s;
        self.ticks += 1;
        let capacity = load.capacity_ms_per_s.or(usual_ms_per_s.map(|usual| TIMES_USUAL * usual))?;
        if capacity <= 0.0 {
            return None;
        }
        let demand = self.mean(&self.last);
        let (pressure, at_once) = (demand / capacity, load.demand_ms_per_s / capacity);
        let offered_pressure = self.mean(&self.last_offered) / capacity;
        let is_whole = self.ticks >= SECOND_TICKS;
        let usual = usual_ms_per_s.map_or(0.0, |usual| self.pace.follow(load.at, usual / capacity));
        let calm_under = (CALM_TIMES_USUAL * usual).clamp(CALM_UNDER, CALM_AT_MOST);
        let calm_at_once = (TIMES_USUAL * usual).clamp(LOOKS_AT_ONCE, CALM_AT_ONCE_AT_MOST);
        let is_calm = |mean: f64, tick: f64| mean < calm_under && tick < calm_at_once;
        let offered_at_once = load.offered_ms_per_s / capacity;
        let fits = is_calm(offered_pressure, offered_at_once);
        if !fits {
            self.last_pressed = Some(load.at);
            let pressed_now =
                if offered_at_once >= calm_under { crate::TICK } else { Duration::ZERO };
            self.pressed_for = (self.pressed_for + pressed_now).min(THAWS_AFTER);
        }
        let thaws_after = (self.pressed_for * THAWS_TIMES).min(THAWS_AFTER);
        let is_thawed =
            self.last_pressed.is_none_or(|pressed| load.at.since(pressed) >= thaws_after);
        if fits && is_thawed {
            (self.last_pressed, self.pressed_for) = (None, Duration::ZERO);
        }
        Some(Reading {
            pressure,
            demand_ms_per_s: demand,
            capacity_ms_per_s: capacity,
            is_high: (is_whole && pressure >= LOOKS_AT) || at_once >= LOOKS_AT_ONCE,
            is_calm: is_calm(pressure, at_once),
            calm_under,
            offered_pressure,
            fits,
            may_learn: fits && is_thawed,
        })
    }

    #[expect(clippy::cast_precision_loss, reason = "at most four")]
    fn mean(&self, last: &[f64; SECOND_TICKS]) -> f64 {
        let known = self.ticks.clamp(1, SECOND_TICKS);
        last[..known].iter().sum::<f64>() / known as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads demands of consecutive ticks before origins that carry 1,000 ms/s.
    fn readings(demands: &[f64]) -> Vec<Reading> {
        let mut gate = Gate::default();
        let mut at = Moment(0);
        let read = |demand: &f64| {
            at = at + crate::TICK;
            gate.read(&load(at, (*demand, *demand)), None).unwrap()
        };
        demands.iter().map(read).collect()
    }

    fn load(at: Moment, (demand_ms_per_s, offered_ms_per_s): (f64, f64)) -> Load {
        Load { at, demand_ms_per_s, offered_ms_per_s, capacity_ms_per_s: Some(1_000.0) }
    }

    #[test]
    fn one_tick_far_over_capacity_is_enough_to_look_and_a_mean_near_it_is_too() {
        let high = |demands: &[f64]| readings(demands).last().unwrap().is_high;
        assert!(high(&[300.0, 300.0, 300.0, 1_200.0]));
        assert!(high(&[850.0; 4]));
        assert!(!high(&[300.0, 300.0, 300.0, 1_190.0]));
        assert!(!high(&[840.0; 8]));
        assert!(!high(&[900.0; 3]), "three ticks are no second");
    }

    #[test]
    fn visitors_are_learned_before_pressure_and_not_for_ten_minutes_after_it() {
        let mut demands = vec![600.0; 8];
        demands.extend([800.0; 30 * 4]);
        demands.extend(vec![100.0; 10 * 60 * 4 + 4]);
        let learned: Vec<_> = readings(&demands).iter().map(|reading| reading.may_learn).collect();
        assert!(learned[..8].iter().all(|learns| *learns));
        assert!(learned[11..].iter().take(10 * 60 * 4 - 4).all(|learns| !learns));
        assert!(learned.last().unwrap());
    }

    #[test]
    fn one_tick_of_pressure_keeps_visitors_unknown_for_seconds_alone() {
        let mut demands = vec![300.0; 8];
        demands.push(2_000.0);
        demands.extend([300.0; 40]);
        let learned: Vec<_> = readings(&demands).iter().map(|reading| reading.may_learn).collect();
        assert!(learned[..8].iter().all(|learns| *learns));
        let again = (8..learned.len()).find(|tick| learned[*tick]).unwrap();
        // Four ticks until the mean is low, and 5 s.
        assert!((28..=32).contains(&again), "{again}");
        assert!(learned[again..].iter().all(|learns| *learns));
    }

    #[test]
    fn where_two_thirds_of_the_capacity_are_usual_visitors_are_learned_up_to_all_of_it() {
        let mut gate = Gate::default();
        let mut learns = |tick: u64, asked: f64| {
            let load = load(Moment(0) + u32::try_from(tick).unwrap() * crate::TICK, (asked, asked));
            gate.read(&load, Some(667.0)).unwrap()
        };
        let noisy = (0..400).map(|tick| learns(tick, if tick % 4 == 3 { 1_500.0 } else { 600.0 }));
        assert!(noisy.skip(4).all(|reading| reading.may_learn && reading.is_calm));
        let flooded: Vec<_> = (400..500).map(|tick| learns(tick, 1_100.0)).collect();
        assert!(flooded[4..].iter().all(|reading| !reading.may_learn && !reading.is_calm));
        assert!(!learns(504, 600.0).may_learn, "nor shortly after it");
    }

    #[test]
    fn a_flood_that_grows_by_forgiven_steps_does_not_make_itself_calm() {
        let mut gate = Gate::default();
        let minute = 60 * 4;
        let read = |tick: u32| {
            // A third for half an hour, then two thirds are called usual.
            let usual = if tick < 30 * minute { 333.0 } else { 667.0 };
            let load = load(Moment(0) + tick * crate::TICK, (usual, usual));
            gate.read(&load, Some(usual)).unwrap().calm_under
        };
        let under: Vec<_> = (0..60 * minute).map(read).collect();
        assert!((under[30 * minute as usize] - 0.7).abs() < 1e-3);
        assert!(*under.last().unwrap() < 0.8, "{}", under.last().unwrap());
    }

    #[test]
    fn twice_what_can_be_carried_in_one_tick_is_never_calm() {
        let calm = |asked: f64| {
            let mut gate = Gate::default();
            let ticks = [200.0, 200.0, 200.0, asked].into_iter().zip(0_u32..);
            let calm = ticks.map(|(asked, tick)| {
                let load = load(Moment(0) + tick * crate::TICK, (asked, asked));
                gate.read(&load, Some(800.0)).unwrap().is_calm
            });
            calm.last().unwrap()
        };
        assert!(calm(1_990.0));
        assert!(!calm(2_000.0));
    }

    #[test]
    fn what_a_limit_stops_is_looked_at_and_keeps_nobody_from_being_learned() {
        let mut gate = Gate::default();
        let refused = (1..=8).map(|tick| {
            gate.read(&load(Moment(0) + tick * crate::TICK, (5_000.0, 300.0)), None).unwrap()
        });
        let refused: Vec<_> = refused.collect();
        assert!(refused.iter().all(|reading| reading.is_high && !reading.is_calm));
        assert!(refused.iter().all(|reading| reading.fits && reading.may_learn));
    }

    #[test]
    fn without_a_capacity_three_times_what_is_usual_stands_in_and_without_both_nothing_is_said() {
        let mut gate = Gate::default();
        let load = Load { capacity_ms_per_s: None, ..load(Moment(1), (400.0, 400.0)) };
        assert_eq!(gate.read(&load, None), None);
        let reading = gate.read(&load, Some(100.0)).unwrap();
        assert!((reading.capacity_ms_per_s - 300.0).abs() < 1e-9);
        assert!(reading.is_high);
    }
}
