//! What is assessed rather than counted: whether the machines of one incident took part in another.
//!
//! Compares marks of sources, which are hashes under a key of the node: the share of the smaller
//! crowd that stands in the other one gives a probability, by a curve that was fitted to simulated
//! campaigns and is checked by a test.
//! Likelihood and confidence are two scales and never stand in one word.
//! Never says who operates or pays for anything: no evidence of a shield bears that.
//! Bounds: [`LIKENESSES_MAX`] earlier incidents; a mark list has at most 256.
//!
//! Sources: Z. Bar-Yossef and others, "Counting distinct elements in a data stream", 2002, for crowds
//! by their smallest hashes; the UK's Professional Head of Intelligence Assessment for the yardstick.

use crate::known::{Basis, Quantity, Unit};
use crate::place::Crowd;
use seawall_types::evidence::IncidentId;
use std::collections::BTreeSet;

/// Earlier incidents that a case is compared with in its report, the likest first.
pub const LIKENESSES_MAX: usize = 10;
/// Marks below which nothing is compared.
pub const MARKS_LEAST: usize = 20;
/// Stands in every report.
pub const OPERATOR: &str = "Who operated or paid for these machines: not assessable. Machines are \
                            rented, lent and taken over, and nothing that a shield sees leads from \
                            them to a person, a group or a state.";
/// Share of the smaller crowd at which either is as likely, in thousandths; and how steep the curve
/// is there, for each thousandth.
const EVEN_PERMILLE: f64 = 410.0;
const STEEPNESS: f64 = 0.05;

/// How like an earlier incident is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The earlier one.
    pub other: IncidentId,
    /// The share of the smaller crowd that stands in the other one.
    pub shared: Quantity,
    /// That the same group of machines took part in both.
    pub probability: Quantity,
    /// How much that rests on.
    pub confidence: Confidence,
}

/// How much an assessment rests on; says nothing of how likely it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confidence {
    /// Few sources were compared.
    Low,
    /// Some dozens were.
    Moderate,
    /// Hundreds were.
    High,
}

impl Confidence {
    /// One word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Moderate => "moderate",
            Self::High => "high",
        }
    }

    const fn of(marks: usize) -> Self {
        match marks {
            0..60 => Self::Low,
            60..200 => Self::Moderate,
            _ => Self::High,
        }
    }
}

/// The yardstick's words; a number between two bands gets the less certain one.
pub const fn yardstick(percent: u64) -> &'static str {
    match percent {
        0..=5 => "a remote chance",
        6..=20 => "highly unlikely",
        21..=35 => "unlikely",
        36..=54 => "a realistic possibility",
        55..=79 => "likely",
        80..=94 => "highly likely",
        _ => "almost certain",
    }
}

/// How like two crowds are; none where too few are known of either.
pub(crate) fn likeness(other: &IncidentId, (one, two): (&Crowd, &Crowd)) -> Option<Likeness> {
    let compared = one.marks.len().min(two.marks.len());
    if compared < MARKS_LEAST {
        return None;
    }
    let shared = shared_permille((one, two));
    let percent = |thousandths: f64| Quantity::measured(rounded(thousandths), Unit::Percent);
    let probability = 1.0 / (1.0 + (-STEEPNESS * (shared - EVEN_PERMILLE)).exp());
    Some(Likeness {
        other: other.clone(),
        shared: percent(shared * 100.0).by(Basis::Estimated),
        // Whole percents, and never all or nothing: the curve bears no more.
        probability: percent((probability * 100.0).round().clamp(1.0, 99.0) * 1_000.0)
            .by(Basis::Estimated),
        confidence: Confidence::of(compared),
    })
}

/// The share of the smaller crowd that stands in the other, in thousandths.
#[expect(clippy::cast_precision_loss, reason = "crowds are far below 2^53")]
fn shared_permille((one, two): (&Crowd, &Crowd)) -> f64 {
    let all: BTreeSet<u64> = one.marks.iter().chain(&two.marks).copied().collect();
    let least = one.marks.len().min(two.marks.len());
    // The smallest of both are the smallest of their union.
    let smallest = all.into_iter().take(least);
    let is_in_both =
        |mark: &u64| one.marks.binary_search(mark).is_ok() && two.marks.binary_search(mark).is_ok();
    let jaccard = smallest.filter(is_in_both).count() as f64 / least.max(1) as f64;
    let (a, b) = (one.sources.value as f64, two.sources.value as f64);
    let both = jaccard * (a + b) / (1.0 + jaccard);
    (1_000.0 * both / a.min(b).max(1.0)).clamp(0.0, 1_000.0)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "thousandths of a percent"
)]
fn rounded(value: f64) -> u64 {
    value.round().clamp(0.0, 100_000.0) as u64
}

impl Likeness {
    /// The assessment in one sentence; the confidence stands in another.
    pub fn sentences(&self) -> [String; 2] {
        let word = yardstick(self.probability.value / 1_000);
        [
            format!(
                "Assessed: it is {word} ({}) that the same group of machines took part in {}; they \
                 share {} of the smaller crowd.",
                self.probability, self.other, self.shared
            ),
            format!("Confidence in that: {}.", self.confidence.word()),
        ]
    }
}

#[cfg(test)]
mod tests;
