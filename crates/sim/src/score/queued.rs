//! What of the work that honest senders asked for could be done while they wait for it.
//!
//! A server that knows of every deadline does what is due first, never rests while anybody waits, and
//! may do a quarter's work before all of it has come: no server leaves less undone.
//! Nobody asks again here: who was not served within the patience of one asking is lost.
//! Bounds: a row for each quarter of a second of a run and each patience that there is.

use super::Quarter;
use seawall_types::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

const QUARTER_NS: u64 = 250_000_000;

/// Work in origin-milliseconds, by the quarters in which it came and until which its sender waits.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Wanted(BTreeMap<(u64, u64), f64>);

/// What waits until one quarter: within the event, and outside of it.
#[derive(Debug, Clone, Copy, Default)]
struct Waits {
    of_event: f64,
    other: f64,
}

impl Wanted {
    /// Counts work that was asked for just now by somebody who waits for so long.
    pub(super) fn add(&mut self, now: Moment, (ms, patience): (f64, Duration)) {
        let until = (now + patience).0 / QUARTER_NS;
        *self.0.entry((now.0 / QUARTER_NS, until)).or_default() += ms;
    }

    /// The share of what was asked for in some seconds that is left undone at least, before origins that
    /// carry what the quarters say, and after the last one what that says.
    pub(super) fn undone(&self, quarters: &[Quarter], (from, until): (usize, usize)) -> f64 {
        let event = 4 * from as u64..4 * until as u64;
        let carries = |at: u64| {
            let at = usize::try_from(at).unwrap_or(usize::MAX).min(quarters.len().max(1) - 1);
            quarters.get(at).map_or(0.0, |quarter| quarter.capacity_ms)
        };
        let mut waiting: BTreeMap<u64, Waits> = BTreeMap::new();
        let (mut asked, mut undone) = (0.0, 0.0);
        let last = self.0.keys().map(|(_, until)| *until).max().unwrap_or_default();
        for at in 0..=last {
            while let Some(entry) = waiting.first_entry().filter(|entry| *entry.key() < at) {
                undone += entry.remove().of_event;
            }
            for ((_, due), ms) in self.0.range((at, 0)..=(at, u64::MAX)) {
                let waits = waiting.entry(*due).or_default();
                if event.contains(&at) {
                    waits.of_event += ms;
                    asked += ms;
                } else {
                    waits.other += ms;
                }
            }
            let mut left = carries(at);
            while let Some(mut entry) = waiting.first_entry().filter(|_| left > 0.0) {
                let Waits { of_event, other } = *entry.get();
                let all = of_event + other;
                if all > left {
                    let stays = 1.0 - left / all;
                    *entry.get_mut() = Waits { of_event: of_event * stays, other: other * stays };
                    break;
                }
                left -= all;
                entry.remove();
            }
        }
        undone += waiting.into_values().map(|waits| waits.of_event).sum::<f64>();
        // What rounding leaves of nothing is nothing.
        if asked > 0.0 && undone > 1e-6 * asked { undone / asked } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 10 ms every 5 ms for so long, before an origin that does 1,000 a second, by people who wait
    /// for 3 s: each second half of what comes is left.
    fn undone(crowd_s: u64, event: (usize, usize)) -> f64 {
        let mut wanted = Wanted::default();
        for ms in (0..crowd_s * 1_000).step_by(5) {
            wanted.add(Moment(ms * 1_000_000), (10.0, Duration::from_secs(3)));
        }
        let quarters = vec![Quarter { capacity_ms: 250.0, ..Quarter::default() }; 400];
        wanted.undone(&quarters, event)
    }

    #[test]
    fn what_can_wait_is_done_and_what_cannot_is_left() {
        // In 3 s so much too much comes as can be done in 3 s more.
        for (crowd_s, least, most) in
            [(1, 0.0, 0.0), (3, 0.0, 0.0), (4, 0.07, 0.13), (30, 0.44, 0.45)]
        {
            let undone = undone(crowd_s, (0, 100));
            assert!((least..=most).contains(&undone), "{crowd_s} s: {undone}");
        }
    }

    #[test]
    fn only_what_was_asked_for_in_the_event_counts() {
        assert!(undone(30, (0, 2)) <= 0.0);
        assert!(undone(30, (20, 25)) > 0.45);
        assert!(undone(30, (50, 60)) <= 0.0);
    }

    #[test]
    fn who_waits_longer_goes_without_less() {
        let undone = [1, 3, 40].map(|patience_s| {
            let mut wanted = Wanted::default();
            for ms in (0..20_000).step_by(5) {
                wanted.add(Moment(ms * 1_000_000), (10.0, Duration::from_secs(patience_s)));
            }
            wanted.undone(&[Quarter { capacity_ms: 250.0, ..Quarter::default() }], (0, 20))
        });
        assert!(undone[0] > undone[1] && undone[1] > 0.3 && undone[2] <= 0.0, "{undone:?}");
    }
}
