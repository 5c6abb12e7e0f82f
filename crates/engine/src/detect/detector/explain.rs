//! Looking for what an excess has in common, while it is pressed.
//!
//! Takes the last second's rows, after a while in vain those of the last seconds; remembers what was
//! found of what no active signature explains.
//! Where next to nobody is known what is found promises little, and is looked for anew in everything
//! as long as it leaves more than can be carried: seen in the first moments of a flood, it may be
//! narrower than the flood.
//! Bounds: [`FIRST_MAX`] descriptions of that kind at a time.

use super::{Detector, Now};
use crate::detect::memory::Found;
use crate::detect::row::Row;
use crate::detect::sample::Weighted;
use crate::detect::search::{Answer, FITS_UNDER, Question, answer};
use crate::detect::signature::Signature;

/// Ticks of pressure without a description after which more seconds are looked at, every other time.
const WIDENS_AFTER: u32 = 8;
/// Searches that came to nothing are followed by pauses of so many ticks.
const PAUSE_TICKS: u32 = 2;
/// Visitors to certify on under which a first description is made although it can promise little.
const FEW_FIRST: u32 = 100;
/// Descriptions that are made so.
const FIRST_MAX: usize = 4;

impl Detector {
    /// Looks for descriptions of what no active signature explains; whether there is a new one.
    pub(super) fn look(&mut self, now: &Now) -> bool {
        // Where much is usual what is high may be calm, too.
        if !now.reading.is_high || now.reading.is_calm {
            self.in_vain = 0;
            return false;
        }
        self.in_vain += 1;
        if self.in_vain > WIDENS_AFTER && !self.in_vain.is_multiple_of(PAUSE_TICKS + 1) {
            return false;
        }
        let is_wide =
            self.in_vain >= WIDENS_AFTER && !(self.in_vain / (PAUSE_TICKS + 1)).is_multiple_of(2);
        if !is_wide {
            let second = self.window.last_second();
            return self.explain(now, &second, 1.0);
        }
        let (seconds, count) = self.window.last_seconds();
        #[expect(clippy::cast_precision_loss, reason = "at most eight")]
        let count = count.max(1) as f64;
        self.explain(now, &seconds, count)
    }

    /// Searches the rows of some seconds.
    fn explain(&mut self, now: &Now, rows: &Weighted, seconds: f64) -> bool {
        let Some(reservoirs) = self.visitors.reservoirs() else {
            return false;
        };
        let known = reservoirs.known();
        let budget = self.budget();
        let bounds: Vec<_> = self.memory.active().iter().map(|one| one.certificate.bound).collect();
        let active: Vec<_> = self.memory.active().iter().map(|one| one.signature).collect();
        let all: f64 = rows.weights.iter().sum::<f64>() / 1e3 / seconds;
        // What admission sees of what asks and what is listed may differ: shares are kept.
        let scale = if all > 0.0 { now.reading.demand_ms_per_s / all / seconds } else { 0.0 };
        let is_open = |row: &Row| !active.iter().any(|one| one.matches(&row.traits, known));
        let unexplained = scaled(rows, scale, is_open);
        let left = demand_of(&unexplained);
        let capacity = now.reading.capacity_ms_per_s;
        if left < FITS_UNDER * capacity {
            if seconds <= 1.0 && !active.is_empty() {
                // All of it is explained: what comes next is looked for at once.
                self.in_vain = 0;
            }
            return false;
        }
        let are_first = bounds.len() < FIRST_MAX && bounds.iter().all(|bound| *bound > budget);
        let is_first = are_first && reservoirs.visitors() < FEW_FIRST;
        let window = if is_first { scaled(rows, scale, |_| true) } else { unexplained };
        let demand = demand_of(&window);
        // What is more than the whole of it is put last at most, and spends nothing.
        let spent: f64 = bounds.into_iter().filter(|bound| *bound <= budget).sum();
        let persistence = |signature: &Signature| self.memory.persistence(signature);
        let question = Question {
            window: &window.rows,
            weights: &window.weights,
            known: reservoirs,
            demand_ms_per_s: demand,
            normal_ms_per_s: now.usual_ms_per_s,
            capacity_ms_per_s: capacity,
            persistence: &persistence,
            budget: (budget - spent).max(0.0),
            is_first,
        };
        let mut answer = answer(&question, &mut self.promises);
        answer.proposals.retain(|proposal| !active.contains(&proposal.signature));
        self.take(now, &answer, (demand - now.usual_ms_per_s).max(0.0))
    }

    /// Remembers what was found; whether there was anything.
    fn take(&mut self, now: &Now, answer: &Answer, left_ms_per_s: f64) -> bool {
        self.memory.was_clean(now.at, &answer.clean);
        self.refusal = answer.refusal();
        let excess = (now.reading.demand_ms_per_s - now.usual_ms_per_s).max(1.0);
        for proposal in &answer.proposals {
            let ms_per_s = proposal.share_of_excess * left_ms_per_s;
            let found = Found {
                signature: proposal.signature,
                certificate: proposal.certificate,
                share_of_excess: (ms_per_s / excess).min(1.0),
                ms_per_s,
            };
            self.memory.found(now.at, &found);
        }
        if answer.proposals.is_empty() {
            return false;
        }
        self.in_vain = 0;
        true
    }
}

/// Rows of those who are not known that `are` of a kind, with what each stands for.
fn scaled(rows: &Weighted, scale: f64, are: impl Fn(&Row) -> bool) -> Weighted {
    let mut window = Weighted::default();
    for (row, weight) in rows.rows.iter().zip(&rows.weights) {
        if !row.is_proven && are(row) {
            window.rows.push(*row);
            window.weights.push(weight * scale);
        }
    }
    window
}

/// In origin-milliseconds per second.
fn demand_of(window: &Weighted) -> f64 {
    window.weights.iter().sum::<f64>() / 1e3
}
