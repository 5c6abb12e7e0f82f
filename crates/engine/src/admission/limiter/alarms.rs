//! What makes the limit fall besides lateness: silence and errors.

use super::super::sums::whole;
use super::{ANSWERS_FEW, ERRORS_ALARM, FAULTS_DOWN, LIMIT_FLOODED, Limiter, SILENCE, Seen};
use seawall_types::Moment;
use std::time::Duration;

impl Limiter {
    /// An origin that has work and gives nothing back is not given more.
    pub(super) fn hear_silence(&mut self, now: Moment, seen: &Seen) -> bool {
        let (least, most) = SILENCE;
        let usual = Duration::from_micros(whole(8.0 * self.took_us));
        // An origin whose every answer takes long is not silent between two of them.
        let slow = Duration::from_micros(whole(2.0 * self.took_us));
        let patience = if self.took_us > 0.0 { usual.clamp(least, most).max(slow) } else { most };
        let waits = seen.waiting > 0 || f64::from(seen.in_flight) >= self.limit.floor();
        if !waits || now.since(self.silent_since) < patience {
            return false;
        }
        self.silent_since = now;
        let knew = self.quick_until.is_finite() && self.quick_until > self.limit;
        let quick_until = if knew { self.quick_until } else { self.limit * 0.8 };
        self.fall(now, 8.0, None);
        self.limit = (self.limit / 4.0).max(1.0);
        // When it is itself again it is given quickly what it carried before.
        self.quick_until = quick_until;
        true
    }

    /// Errors beyond the usual make the limit fall, unless falls do not help.
    pub(super) fn hear_errors(&mut self, now: Moment) -> bool {
        let errors = self.round.failed + self.round.faulted;
        let all = errors + self.round.answers.count;
        if all < self.answers_wanted().min(ANSWERS_FEW * 4) {
            return false;
        }
        let share = f64::from(errors) / f64::from(all);
        let is_down = f64::from(self.round.faulted) / f64::from(all) > FAULTS_DOWN;
        if share <= self.usual_errors + ERRORS_ALARM && !is_down {
            self.usual_errors += (share - self.usual_errors).min(0.0) / 32.0;
            self.errors_before = None;
            return false;
        }
        let carried = f64::from(self.carried.most(now));
        let floor = if is_down { 1.0 } else { carried.max(LIMIT_FLOODED).min(self.limit) };
        let before = self.errors_before.filter(|(_, before)| share > 0.7 * before && !is_down);
        if let Some((limit, _)) = before.filter(|_| self.limit <= floor) {
            // Far fewer at once did not help: it errs for a reason of its own.
            self.errors_before = None;
            self.usual_errors = share;
            self.quick_until = limit;
            self.rise_to(now, limit);
            return true;
        }
        self.errors_before = before.or(Some((self.limit, share)));
        self.fall(now, if is_down { 2.0 } else { 1.4 }, None);
        self.limit = self.limit.max(floor);
        true
    }
}
