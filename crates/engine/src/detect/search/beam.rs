//! The beam: conjunctions that grow by one term at a time.

use super::looks::{Looks, is_of_client};
use super::rank::{Finalist, least_harm_first};
use super::visitors;
use super::{BEAM, CLEAN_MAX, Declined, PERSISTENCE, PERSISTENCE_MAX, Question, ROWS_MIN, SUPPORT};
use crate::detect::columns::{Column, Heft, Rows, Window};
use crate::detect::reservoir::{Part, Planes, Side, ones};
use crate::detect::signature::{Signature, TERMS_MAX, Term};
use std::collections::BTreeSet;

/// Its rows show it so much more than known-good requests do, by cost.
pub(super) const LIFT: f64 = 3.0;
/// Conjunctions of one length that are looked at closely.
const CLOSE_MAX: usize = 24;
/// A description that explains so much leaves nothing that is worth another term.
const ENOUGH: f64 = 0.97;

/// A thing of the client that is to be put last, though visitors show it too, explains at least this
/// part of what is left.
const MOST: f64 = 0.5;
/// And is so many times as frequent there as it may be among visitors.
pub(super) const OVERWHELMS: f64 = 10.0;

/// What does not change while the excess is taken apart.
pub(super) struct Ground<'a> {
    pub(super) question: &'a Question<'a>,
    pub(super) window: &'a Window<'a>,
    pub(super) columns: Vec<Column>,
    /// By column: the requests of visitors that show it.
    pub(super) shown: Vec<Planes>,
    everyone: Planes,
    everyone_cost_us: f64,
    pub(super) side: &'a Side,
    looks: Looks,
}

/// A conjunction with the rows and requests that show it.
pub(super) struct Branch {
    /// Columns, ascending.
    pub(super) columns: Vec<u16>,
    pub(super) rows: Rows,
    planes: Planes,
}

/// A conjunction that is one term longer than a branch.
struct Shoot {
    branch: usize,
    column: u16,
    heft: Heft,
    hits: u32,
    excess: f64,
}

/// What one search of the excess came to.
#[derive(Default)]
pub(super) struct Round {
    /// Best first.
    pub(super) finalists: Vec<Finalist>,
    pub(super) clean: Vec<Signature>,
    pub(super) tried: u32,
    stood_out: bool,
    looked_usual: bool,
}

impl Round {
    /// Why none of it is described.
    pub(super) fn declined(&self) -> Declined {
        match (self.looked_usual, self.stood_out) {
            (true, _) => Declined::LooksLikeKnownGood,
            (false, true) => Declined::TouchesKnownGood,
            (false, false) => Declined::NothingStandsOut,
        }
    }
}

impl<'a> Ground<'a> {
    pub(super) fn new(question: &'a Question<'a>, window: &'a Window<'a>) -> Self {
        let known = question.known.known();
        let side = question.known.searched();
        let all = window.everything();
        let excess = window.heft(&all, &all).weight - question.normal_ms_per_s;
        // The least that any round asks for: a round ends below a tenth of the first excess.
        let least = (SUPPORT * SUPPORT * excess).max(SUPPORT * question.capacity_ms_per_s);
        let columns = window.columns(known, least, question.known.table_seed());
        let shown = columns.iter().map(|column| question.known.column(Part::OfKnown, column.term));
        let shown = shown.collect();
        Self {
            looks: Looks::new(window, known),
            everyone_cost_us: float(side.everything_cost_us()),
            question,
            window,
            columns,
            shown,
            everyone: side.everything(),
            side,
        }
    }

    /// Searches what is `left`, of which `excess` is too much.
    pub(super) fn round(&self, left: &Rows, excess: f64, budget: f64) -> Round {
        let mut round = Round::default();
        let root =
            Branch { columns: Vec::new(), rows: left.clone(), planes: self.everyone.clone() };
        let mut beam = vec![root];
        for _ in 0..TERMS_MAX {
            let shoots = self.grow(&beam, excess, &mut round);
            self.look_closely((&beam, &shoots), (left, excess, budget), &mut round);
            let best = round
                .finalists
                .iter()
                .map(|f| (f.excess, f.hits))
                .fold((0.0, u32::MAX), |best, next| if next.0 > best.0 { next } else { best });
            if shoots.is_empty() || (best.0 > ENOUGH * excess && best.1 == 0) {
                break;
            }
            beam = self.lengthened(&beam, shoots);
        }
        least_harm_first(&mut round.finalists);
        round
    }

    /// Every conjunction that is one term longer and stands for enough, most telling first.
    fn grow(&self, beam: &[Branch], excess: f64, round: &mut Round) -> Vec<Shoot> {
        let least = (SUPPORT * excess).max(SUPPORT * self.question.capacity_ms_per_s);
        let words = self.side.words();
        let visitors = f64::from(self.side.visitors());
        let mut shoots = Vec::new();
        let mut seen = BTreeSet::new();
        for (branch_at, branch) in beam.iter().enumerate() {
            let taken: Vec<_> = branch.columns.iter().map(|c| self.attribute(*c)).collect();
            for (column, at) in self.columns.iter().zip(0_u16..) {
                if taken.contains(&column.term.attribute()) || !seen.insert(with(branch, at)) {
                    continue;
                }
                round.tried += 1;
                let heft = self.window.heft(&branch.rows, &column.rows);
                if heft.weight < least || heft.rows < ROWS_MIN {
                    continue;
                }
                let hits = hits(&branch.planes, &self.shown[usize::from(at)], words);
                let share = f64::from(hits) / visitors;
                let excess = heft.weight - self.question.normal_ms_per_s * share;
                if excess >= least {
                    shoots.push(Shoot { branch: branch_at, column: at, heft, hits, excess });
                }
            }
        }
        let telling = |shoot: &Shoot| {
            let spared = 1.0 - f64::from(shoot.hits) / visitors;
            shoot.excess * spared * spared
        };
        shoots.sort_by(|a, b| {
            telling(b)
                .total_cmp(&telling(a))
                .then_with(|| (a.hits, a.branch, a.column).cmp(&(b.hits, b.branch, b.column)))
        });
        shoots
    }

    /// The next beam: one conjunction for each set of rows.
    fn lengthened(&self, beam: &[Branch], shoots: Vec<Shoot>) -> Vec<Branch> {
        let mut sets = BTreeSet::new();
        let distinct = shoots.into_iter().filter(|shoot| {
            sets.insert((shoot.heft.rows, shoot.heft.weight.to_bits(), shoot.hits))
        });
        distinct.take(BEAM).map(|shoot| self.branch(beam, &shoot)).collect()
    }

    fn branch(&self, beam: &[Branch], shoot: &Shoot) -> Branch {
        let branch = &beam[shoot.branch];
        let column = usize::from(shoot.column);
        Branch {
            columns: with(branch, shoot.column),
            rows: both(&branch.rows, &self.columns[column].rows),
            planes: both(&branch.planes, &self.shown[column]),
        }
    }

    /// Adds those that touch few enough, are lifted, and whose senders do not look as usual.
    fn look_closely(
        &self,
        (beam, shoots): (&[Branch], &[Shoot]),
        (left, excess, budget): (&Rows, f64, f64),
        round: &mut Round,
    ) {
        let visitors = self.side.visitors();
        let all = self.window.heft(left, left).weight;
        let half_lift = shoots.iter().any(|shoot| {
            shoot.heft.weight / all >= LIFT * f64::from(shoot.hits) / f64::from(visitors)
        });
        round.stood_out |= half_lift;
        let few = |shoot: &&Shoot| screened(shoot.hits, visitors) <= budget;
        for shoot in shoots.iter().filter(few).take(CLOSE_MAX) {
            let branch = self.branch(beam, shoot);
            let part = float(self.side.cost_us(&branch.planes)) / self.everyone_cost_us.max(1.0);
            let lifted = shoot.heft.weight / all / part.max(1.0 / f64::from(visitors));
            let sources = self.window.sources(ones(&branch.rows), ROWS_MIN);
            if lifted < LIFT || sources < ROWS_MIN {
                continue;
            }
            if !self.looks.depart(self, &branch, left) {
                round.looked_usual = true;
                continue;
            }
            let Some(signature) = self.signature(&branch.columns) else { continue };
            let explained = shoot.heft.weight - self.question.normal_ms_per_s * part;
            let harm = 2.0 * self.question.normal_ms_per_s * screened(shoot.hits, visitors);
            let earlier = (self.question.persistence)(&signature).min(PERSISTENCE_MAX);
            if explained > excess / 2.0 && round.clean.len() < CLEAN_MAX {
                round.clean.push(signature);
            }
            round.finalists.push(Finalist {
                worth: (explained - harm) / excess + PERSISTENCE * f64::from(earlier),
                excess: explained.min(excess),
                hits: shoot.hits,
                earlier,
                terms: branch.columns.len(),
                heft: shoot.heft,
                rows: branch.rows,
                signature,
            });
        }
    }

    /// The one thing of a client that most of what is `left` shows, so much more than known-good
    /// visitors do that no sample of them explains it, though some of them show it too.
    pub(super) fn one_client(&self, left: &Rows, excess: f64) -> Option<(Signature, Heft)> {
        let all = self.window.heft(left, left).weight;
        let visitors = self.side.visitors();
        let mut best: Option<(f64, Term, Heft)> = None;
        let columns = self.columns.iter().zip(&self.shown);
        for (column, shown) in columns.filter(|(one, _)| is_of_client(one.term.attribute())) {
            let heft = self.window.heft(left, &column.rows);
            let share = screened(hits(&self.everyone, shown, self.side.words()), visitors);
            let explained = heft.weight - self.question.normal_ms_per_s * share;
            let is_overwhelming = explained >= MOST * excess
                && heft.weight / all >= OVERWHELMS * share
                && self.window.sources(ones(&both(left, &column.rows)), ROWS_MIN) >= ROWS_MIN;
            if is_overwhelming && best.is_none_or(|(known, ..)| explained > known) {
                best = Some((explained, column.term, heft));
            }
        }
        best.and_then(|(_, term, heft)| Some((Signature::new(&[term])?, heft)))
    }

    pub(super) fn term(&self, column: u16) -> Term {
        self.columns[usize::from(column)].term
    }

    fn attribute(&self, column: u16) -> seawall_types::Attribute {
        self.term(column).attribute()
    }

    fn signature(&self, columns: &[u16]) -> Option<Signature> {
        let terms: Vec<Term> = columns.iter().map(|column| self.term(*column)).collect();
        Signature::new(&terms)
    }

    /// Known-good visitors of whom any request shows all of the columns.
    pub(super) fn touched(&self, columns: impl Iterator<Item = u16>) -> u32 {
        let planes = columns.fold(self.everyone.clone(), |planes, column| {
            both(&planes, &self.shown[usize::from(column)])
        });
        visitors(&planes, self.side.words())
    }
}

fn with(branch: &Branch, column: u16) -> Vec<u16> {
    let mut columns = branch.columns.clone();
    columns.push(column);
    columns.sort_unstable();
    columns
}

fn both(a: &[u64], b: &[u64]) -> Vec<u64> {
    a.iter().zip(b).map(|(a, b)| a & b).collect()
}

/// Visitors of whom any request is in both.
fn hits(a: &[u64], b: &[u64], words: usize) -> u32 {
    let plane = |at: usize| (&a[at * words..][..words], &b[at * words..][..words]);
    let [first, second, third, fourth] = std::array::from_fn(plane);
    let mut hits = 0;
    for word in 0..words {
        let any = (first.0[word] & first.1[word])
            | (second.0[word] & second.1[word])
            | (third.0[word] & third.1[word])
            | (fourth.0[word] & fourth.1[word]);
        hits += any.count_ones();
    }
    hits
}

/// About the upper bound that `hits` of `visitors` would be certified with; the certificate decides.
fn screened(hits: u32, visitors: u32) -> f64 {
    let hits = f64::from(hits);
    (hits + 3.0 + 2.0 * hits.sqrt()) / f64::from(visitors)
}

#[expect(clippy::cast_precision_loss, reason = "shares need no 53 bits")]
fn float(number: u64) -> f64 {
    number as f64
}
