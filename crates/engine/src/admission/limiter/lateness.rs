//! How late answers are: over what they take where nothing waits, and over what is due.

use super::super::sums::Answers;
use super::{ANSWERS_FEW, CONFIRMED_FOR, Limiter, TOLERANCE, float};
use seawall_types::Moment;

impl Limiter {
    /// Takes the last round's answers for how it is now.
    pub(super) fn look_at_lateness(&mut self) {
        let answers = self.round.answers;
        if let Some(ratio) = self.ratio_of(&answers) {
            self.ratio = ratio;
            self.over_base = float(answers.took_us) / self.base_us(&answers).max(1.0);
        }
    }

    /// What `answers` would have taken with nothing waiting.
    pub(super) fn base_us(&self, answers: &Answers) -> f64 {
        float(answers.base_us) * self.scale
    }

    /// The same with the lateness that is no sign of load; where an answer takes four times as long
    /// as that, [`TOLERANCE`] is more than it already.
    pub(super) fn due_us(&self, answers: &Answers) -> f64 {
        let base = self.base_us(answers);
        base.max((2.0 - TOLERANCE) * base + self.noise.us() * f64::from(answers.count))
    }

    /// Latency over what is due; none without answers.
    pub(super) fn ratio_of(&self, answers: &Answers) -> Option<f64> {
        (answers.count > 0).then(|| float(answers.took_us) / self.due_us(answers))
    }

    /// How far the ratio of `answers` may lie from what it stands for.
    pub(super) fn doubt(&self, answers: &Answers) -> f64 {
        doubt_us(answers) / self.due_us(answers).max(1.0)
    }

    /// The most that latency over base may be, whatever is due.
    pub(super) fn most_over_base(&self, answers: &Answers) -> f64 {
        let base = self.base_us(answers).max(1.0);
        let (ratio, doubt) = (float(answers.took_us) / base, doubt_us(answers) / base);
        ratio + doubt.min(0.5 * ratio)
    }

    /// Faster than its base: half of the way, since what made it so may pass.
    pub(super) fn correct_base(&mut self, answers: &Answers) {
        let most = self.most_over_base(answers);
        if most < 1.0 {
            self.scale *= f64::midpoint(1.0, most);
        }
    }

    /// Slower by itself and not by what is sent to it.
    pub(super) fn rebase(&mut self, now: Moment, answers: &Answers, limit: f64) {
        let ratio = float(answers.took_us) / self.base_us(answers).max(1.0);
        self.scale *= ratio.max(0.5);
        self.confirmed_until = now + CONFIRMED_FOR;
        self.rise = None;
        self.ratio = 1.0;
        self.over_base = 1.0;
        self.quick_until = limit;
        self.fell_from = limit;
        self.rise_to(now, limit);
    }

    /// With slots to spare, answers tell what they take when nothing waits, and how late they are
    /// for no reason of the origin's.
    pub(super) fn learn_calm(&mut self, answers: &Answers, peak: f64) {
        if answers.count < ANSWERS_FEW || peak * 2.0 > self.limit {
            return;
        }
        if self.scale > 1.0 {
            self.correct_base(answers);
            self.scale = self.scale.max(1.0);
        }
        let late = float(answers.took_us) - self.base_us(answers) - doubt_us(answers);
        self.noise.observe(late / f64::from(answers.count));
    }
}

/// How far the time of `answers` may lie from what it stands for, in microseconds: twice the standard
/// error, as that of a ratio of sums (Cochran, Sampling Techniques, ch. 6).
fn doubt_us(answers: &Answers) -> f64 {
    let ratio = float(answers.took_us) / float(answers.base_us.max(1));
    let [took_squared, took_base, base_squared] = answers.squares;
    let residue = took_squared - 2.0 * ratio * took_base + ratio * ratio * base_squared;
    2.0 * residue.max(0.0).sqrt()
}
