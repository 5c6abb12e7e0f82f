//! From an excess of demand to certified descriptions of it.
//!
//! A beam of conjunctions grows term by term over the window and the known-good visitors that may
//! be searched on; the most fitting ones are certified on the visitors that the search never saw.
//! What a description explains is taken out, and the rest is searched again.
//! Nothing is described whose senders look like the known-good visitors: a crowd that all asks for
//! one page has as much in common as a flood has, but its clients are the usual ones.
//! Never says what is to be done; never reads a clock or draws chance.
//! Bounds: [`PROPOSALS_MAX`] descriptions, [`FINALISTS_EACH`] tried on unseen visitors for each; a beam
//! of [`BEAM`], and at most [`super::signature::TERMS_MAX`] terms.

mod beam;
mod looks;
mod rank;

use super::certify::{Certificate, NETWORKS_MIN, Touched};
use super::columns::{Rows, Window};
use super::names::Names;
use super::promises::Promises;
use super::reservoir::{Part, Reservoirs, ones};
use super::row::Row;
use super::signature::Signature;
use beam::{Ground, OVERWHELMS};
pub(super) use looks::is_of_client;
use rank::least_matched_first;
use std::collections::BTreeSet;

/// Descriptions of one answer.
pub const PROPOSALS_MAX: usize = 5;
/// Conjunctions of one length that are made longer.
pub const BEAM: usize = 10;
/// Of each description, tried in their order until one is clean.
pub const FINALISTS_EACH: usize = 3;

/// A description stands for at least this part of the excess, and of what can be carried.
pub const SUPPORT: f64 = 0.1;
/// Demand under this share of what can be carried needs no explanation.
pub const FITS_UNDER: f64 = 0.7;
/// An excess below this part of what is normal is no excess.
const EXCESS_OF_NORMAL: f64 = 0.35;
/// And is seen in at least so many rows, of as many sources: fewer may be one visitor's habit.
pub const ROWS_MIN: u32 = 20;
/// Earlier windows that count for a description, and what each adds to its part of the excess.
const PERSISTENCE_MAX: u32 = 5;
const PERSISTENCE: f64 = 0.02;
/// What explains less than this leaves it to [`PUT_LAST_BUDGET`].
const COVERED_ENOUGH: f64 = 0.5;
/// Greatest bound of a description that may be more than the budget: of one thing of the client that
/// overwhelms, which a few percent of the visitors who are known show too, as when the flood itself
/// was among them before. Whoever acts on it by its bound can do no more than put it last.
pub const PUT_LAST_BUDGET: f64 = 0.1;
/// Greatest bound of the one description that is made where too few visitors are known to promise the
/// budget, as when a flood comes seconds after a first start: five who do not show it are enough.
/// It touches none of them, and whoever acts on it by its bound can do no more than put it last.
pub const FIRST_BUDGET: f64 = 0.6;
/// Signatures that an answer lists as clean.
pub const CLEAN_MAX: usize = 64;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// Sampled rows of the last second; rows that active signatures match are not among them.
    pub window: &'a [Row],
    /// What each stands for, in any unit of cost.
    pub weights: &'a [f64],
    /// Whom a description must not touch.
    pub known: &'a Reservoirs,
    /// What the rows of the window together ask for, in origin-milliseconds per second.
    pub demand_ms_per_s: f64,
    /// What is usual at this time.
    pub normal_ms_per_s: f64,
    /// What can be carried; 0 while unknown.
    pub capacity_ms_per_s: f64,
    /// Earlier windows of the same episode in which a signature was clean as well.
    pub persistence: &'a dyn Fn(&Signature) -> u32,
    /// Greatest sum of all bounds, but for one description of the last resort ([`PUT_LAST_BUDGET`]).
    pub budget: f64,
    /// Whether so few are known, and nothing is described yet, that [`FIRST_BUDGET`] stands in for it.
    pub is_first: bool,
}

/// A description with what it explains and whom it touches.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proposal {
    /// What its requests have in common.
    pub signature: Signature,
    /// Part of the excess that it explains and those before it do not.
    pub share_of_excess: f64,
    /// Whom it touches.
    pub certificate: Certificate,
    /// Rows of the sample that it matches.
    pub rows: u32,
    /// Part of all demand of the window that it matches.
    pub cost_share: f64,
}

impl Proposal {
    /// The whole sentence.
    pub fn sentence(&self, names: &Names) -> String {
        let expression = self.signature.text(names);
        // Rounded down: it must not say that all is explained when something is not.
        let percent = libm::floor(self.share_of_excess * 1e3 + 1e-9) / 10.0;
        let whom = self.certificate.text();
        format!("{expression}: {percent:.1} % of the excess, {whom}")
    }
}

/// Why nothing, or nothing more, is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Declined {
    /// No more is asked for than usual.
    NoExcess,
    /// No visitor is known to be good, so no harm can be bounded.
    NobodyKnown,
    /// So few are known that even a description that touches none of them could touch too many.
    TooFewKnown,
    /// Nothing that enough of the excess shows is seldom among known-good visitors.
    NothingStandsOut,
    /// What stands out would touch too many known-good visitors.
    TouchesKnownGood,
    /// What stands out is shown by clients that look like the known-good visitors.
    LooksLikeKnownGood,
}

/// What was found, and what was tried for it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answer {
    /// The descriptions, in the order in which they were found.
    pub proposals: Vec<Proposal>,
    /// Part of the excess that they explain together.
    pub covered: f64,
    /// Why the rest is not described; none when enough is.
    pub declined: Option<Declined>,
    /// Signatures that stood for half of the excess and were clean where they were searched: what
    /// the next question's persistence is counted from. At most [`CLEAN_MAX`].
    pub clean: Vec<Signature>,
    /// Conjunctions that were looked at.
    pub tried: u32,
    /// Descriptions that were tried on unseen visitors.
    pub finalists: u32,
}

impl Answer {
    /// Why nothing is described, and what was tried, in one sentence.
    pub fn refusal(&self) -> Option<String> {
        let why = match self.declined? {
            Declined::NoExcess => "no more is asked for than usual",
            Declined::NobodyKnown => "no visitor is known to be good, so harm cannot be bounded",
            Declined::TooFewKnown => "too few visitors are known to be good to bound harm",
            Declined::NothingStandsOut => "nothing that much of it shows is seldom otherwise",
            Declined::TouchesKnownGood => "what stands out is shown by known-good visitors too",
            Declined::LooksLikeKnownGood => "what stands out is asked for by the usual clients",
        };
        let tried = self.tried;
        Some(format!("no description touches the excess alone: {why} ({tried} tried)"))
    }
}

/// Descriptions of the excess, and what was tried; `promises` are those of the same episode.
pub fn answer(question: &Question<'_>, promises: &mut Promises) -> Answer {
    let mut answer = Answer::default();
    let total: f64 = question.weights.iter().sum();
    let scale = if total > 0.0 { question.demand_ms_per_s / total } else { 0.0 };
    let rows = question.window.iter().zip(question.weights);
    let strangers = rows.filter(|(row, _)| !row.is_proven);
    let window = Window::new(strangers.map(|(row, weight)| (row, weight * scale)));
    let mut left = window.everything();
    let all = window.heft(&left, &left).weight;
    let excess = all - question.normal_ms_per_s;
    let least = (EXCESS_OF_NORMAL * question.normal_ms_per_s)
        .max(SUPPORT * question.capacity_ms_per_s.max(0.0));
    if excess <= least {
        answer.declined = Some(Declined::NoExcess);
        return answer;
    }
    let (budget, is_first) = match ground_to_promise(question, promises) {
        Ok(ground) => ground,
        Err(why) => {
            answer.declined = Some(why);
            return answer;
        }
    };
    let ground = Ground::new(question, &window);
    let mut spent = 0.0;
    while answer.proposals.len() < PROPOSALS_MAX {
        let rest = window.heft(&left, &left).weight - question.normal_ms_per_s;
        if rest <= least.max(SUPPORT * excess) {
            break;
        }
        let mut round = ground.round(&left, rest, budget - spent);
        if is_first {
            let carried = FITS_UNDER * question.capacity_ms_per_s - question.normal_ms_per_s;
            least_matched_first(&mut round.finalists, carried);
        }
        answer.tried += round.tried;
        for signature in &round.clean {
            if answer.clean.len() < CLEAN_MAX && !answer.clean.contains(signature) {
                answer.clean.push(*signature);
            }
        }
        let found = round.finalists.iter().take(FINALISTS_EACH).find_map(|finalist| {
            answer.finalists += 1;
            let certificate = certified(&finalist.signature, question.known, promises);
            let is_clean = !is_first || certificate.hits == 0;
            (is_clean && certificate.bound <= budget - spent).then_some((finalist, certificate))
        });
        let Some((finalist, certificate)) = found else {
            answer.declined = Some(round.declined());
            break;
        };
        spent += certificate.bound;
        answer.covered += finalist.excess / excess;
        answer.proposals.push(finalist.proposal(certificate, (question, excess)));
        take_out(&mut left, &finalist.rows);
    }
    if answer.declined.is_some() && answer.covered < COVERED_ENOUGH {
        let rest = window.heft(&left, &left).weight - question.normal_ms_per_s;
        let all = (rest, excess, window.heft(&left, &left).weight);
        if let Some(proposal) = put_last(&ground, (&left, all), promises) {
            answer.covered += proposal.share_of_excess;
            answer.finalists += 1;
            answer.proposals.push(proposal);
        }
    }
    answer.covered = answer.covered.min(1.0);
    answer
}

/// The budget that can be kept on whoever is known, and whether it is [`FIRST_BUDGET`].
fn ground_to_promise(
    question: &Question<'_>,
    promises: &Promises,
) -> Result<(f64, bool), Declined> {
    let known = question.known;
    if known.visitors_searched() == 0 || known.visitors() == 0 {
        return Err(Declined::NobodyKnown);
    }
    let least_bound = promises.least_bound(known.visitors());
    let is_first = question.is_first && least_bound > question.budget;
    let budget = if is_first { FIRST_BUDGET } else { question.budget };
    if least_bound > budget { Err(Declined::TooFewKnown) } else { Ok((budget, is_first)) }
}

/// The description of the last resort of what is `left`.
fn put_last(
    ground: &Ground<'_>,
    (left, (rest, excess, all)): (&Rows, (f64, f64, f64)),
    promises: &mut Promises,
) -> Option<Proposal> {
    let (signature, heft) = ground.one_client(left, rest)?;
    let certificate = certified(&signature, ground.question.known, promises);
    let overwhelms = heft.weight / all >= OVERWHELMS * certificate.bound;
    let demand = ground.question.demand_ms_per_s.max(f64::MIN_POSITIVE);
    let explained = heft.weight - ground.question.normal_ms_per_s * certificate.bound;
    (overwhelms && certificate.bound <= PUT_LAST_BUDGET).then(|| Proposal {
        signature,
        share_of_excess: (explained / excess).clamp(0.0, 1.0),
        certificate,
        rows: heft.rows,
        cost_share: heft.weight / demand,
    })
}

/// The certificate of a signature on the visitors that no search ever saw.
pub(super) fn certified(
    signature: &Signature,
    known: &Reservoirs,
    promises: &mut Promises,
) -> Certificate {
    promises.certificate(signature, known.learned(), || counted(signature, known))
}

/// Visitors that a signature touches, of those that no search ever saw, and how many those are.
pub(super) fn touched(signature: &Signature, known: &Reservoirs) -> (u32, u32) {
    (
        shown_by(signature, known).iter().map(|bits| bits.count_ones()).sum(),
        known.certified().visitors(),
    )
}

/// The same, and how much of it are visitors who came back.
fn counted(signature: &Signature, known: &Reservoirs) -> Touched {
    let side = known.certified();
    let shown_by = shown_by(signature, known);
    let (mut hits, mut returning) = (0, 0);
    let mut networks = BTreeSet::new();
    for place in ones(&shown_by) {
        hits += 1;
        if let Some(network) = side.came_back_from(place) {
            returning += 1;
            if networks.len() < NETWORKS_MIN {
                networks.insert(network);
            }
        }
    }
    let touched = if networks.len() < NETWORKS_MIN { 0 } else { returning };
    Touched { hits, visitors: side.visitors(), returning: (touched, side.came_back()) }
}

/// By visitor, whether any request of one that no search ever saw shows all of a signature.
fn shown_by(signature: &Signature, known: &Reservoirs) -> Vec<u64> {
    let side = known.certified();
    let mut planes = side.everything();
    for term in signature.terms() {
        let column = known.column(Part::Apart, term);
        planes.iter_mut().zip(column).for_each(|(word, more)| *word &= more);
    }
    any_layer(&planes, side.words())
}

fn take_out(left: &mut Rows, rows: &Rows) {
    for (left, taken) in left.iter_mut().zip(rows) {
        *left &= !taken;
    }
}

/// Visitors of whom any request is in `planes`.
fn visitors(planes: &[u64], words: usize) -> u32 {
    any_layer(planes, words).iter().map(|bits| bits.count_ones()).sum()
}

/// By visitor, whether any of its requests is in `planes`.
fn any_layer(planes: &[u64], words: usize) -> Vec<u64> {
    let layers = |word: usize| planes.iter().skip(word).step_by(words.max(1));
    (0..words).map(|word| layers(word).fold(0, |any, bits| any | bits)).collect()
}

#[cfg(test)]
mod tests;
