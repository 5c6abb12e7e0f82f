//! Which of the clean descriptions is best.

use super::{Proposal, Question, is_of_client};
use crate::detect::certify::Certificate;
use crate::detect::columns::{Heft, Rows};
use crate::detect::signature::{Signature, Term};
use std::cmp::Ordering;

/// Descriptions whose worth differs by no more explain the excess equally well.
const EQUALLY_GOOD: f64 = 0.03;
/// What names a client goes before what explains more, from this part of that on.
const NEARLY_ALL: f64 = 0.9;

/// A description that is clean where it was searched.
pub(super) struct Finalist {
    pub(super) signature: Signature,
    /// Part of the excess that it removes, less what it may harm, with what earlier windows add.
    pub(super) worth: f64,
    /// What of the excess it explains.
    pub(super) excess: f64,
    /// Visitors searched on that it touches.
    pub(super) hits: u32,
    pub(super) earlier: u32,
    pub(super) terms: usize,
    pub(super) heft: Heft,
    pub(super) rows: Rows,
}

impl Finalist {
    /// What is proposed of it, of an `excess` that is all.
    pub(super) fn proposal(
        &self,
        certificate: Certificate,
        (question, excess): (&Question<'_>, f64),
    ) -> Proposal {
        Proposal {
            signature: self.signature,
            share_of_excess: (self.excess / excess).min(1.0),
            certificate,
            rows: self.heft.rows,
            cost_share: self.heft.weight / question.demand_ms_per_s.max(f64::MIN_POSITIVE),
        }
    }
}

/// Among those that explain the excess about equally well the most harmless come first, then those
/// that held before, then the shorter ones.
pub(super) fn least_harm_first(finalists: &mut [Finalist]) {
    let best = finalists.iter().map(|finalist| finalist.worth).fold(0.0, f64::max);
    let rank = |finalist: &Finalist| i32::from(finalist.worth < best - EQUALLY_GOOD);
    let within = |a: &Finalist, b: &Finalist| -> Ordering {
        a.hits
            .cmp(&b.hits)
            .then(b.earlier.cmp(&a.earlier))
            .then(a.terms.cmp(&b.terms))
            .then(b.worth.total_cmp(&a.worth))
            .then(a.signature.cmp(&b.signature))
    };
    finalists.sort_by(|a, b| {
        rank(a).cmp(&rank(b)).then_with(|| match rank(a) {
            0 => within(a, b),
            _ => b.worth.total_cmp(&a.worth).then_with(|| within(a, b)),
        })
    });
}

/// Where next to nobody is known, that none of them shows a thing says little of it: of those that
/// explain the excess about equally well those come first that name a client, and that match least
/// besides, since that is the visitors who are here now.
///
/// What explains less than another leaves the rest to be `carried`: a small part of a large excess
/// may be more than that.
pub(super) fn least_matched_first(finalists: &mut Vec<Finalist>, carried: f64) {
    let most = |named: bool| {
        let all = finalists.iter().filter(|one| !named || names_a_client(one));
        all.map(|one| one.excess).fold(0.0, f64::max)
    };
    let (best, named) = (most(false), most(true));
    let near = |best: f64| (best - carried.max(0.0)).max((1.0 - EQUALLY_GOOD) * best);
    let speaks = named >= NEARLY_ALL * best;
    let comes_first = |one: &Finalist| speaks && names_a_client(one) && one.excess >= near(named);
    finalists.retain(|one| comes_first(one) || one.excess >= near(best));
    finalists.sort_by(|a, b| {
        comes_first(b)
            .cmp(&comes_first(a))
            .then(a.heft.weight.total_cmp(&b.heft.weight))
            .then(a.terms.cmp(&b.terms))
    });
}

/// Whether one of its terms is a certain client's, not what is only new.
fn names_a_client(finalist: &Finalist) -> bool {
    let is_named = |term: Term| matches!(term, Term::Is(attribute, _) if is_of_client(attribute));
    finalist.signature.terms().any(is_named)
}
