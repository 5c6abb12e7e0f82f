//! What is promised about visitors in an episode is kept: on a made-up population, and on a real log.
//!
//! The share that was seen, without the margin of its bound, is broken far too often, which shows
//! that these trials can fail.

use super::world::{Chance, usual_request, visitor};
use super::*;
use crate::detect::certify::ALPHA;
use seawall_types::{Attribute, Moment, SourceKey, Trait};
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::Hasher as _;
use std::io::Read as _;

const TRIALS: u32 = 300;
/// Different floods of one episode, each asked about on the same visitors.
const FLOODS: u32 = 4;

/// A visitor's requests, at most four: what a promise is about.
pub(super) type Visits = Vec<Row>;

/// Episodes in which a promise was made, and those in which any was broken.
#[derive(Debug, Default)]
struct Tried {
    promised: u32,
    broken: u32,
    /// Episodes in which the share that was seen was exceeded.
    broken_without_margin: u32,
}

/// Learns from one half of the population, describes an episode's excesses, and looks at the other.
fn try_out(population: &[Visits]) -> Tried {
    let mut tried = Tried::default();
    for trial in 0..TRIALS {
        let mut chance = Chance(u64::from(trial) << 32 | 5);
        let (mut known, mut others) = (Reservoirs::new([trial.into(), 77]), Vec::new());
        for visits in population {
            if chance.is_one_in(2) {
                others.push(visits);
            } else {
                for row in visits {
                    known.learn(Moment(0), row);
                }
            }
        }
        let (mut promises, mut proposals) = (Promises::default(), Vec::new());
        for _ in 0..FLOODS {
            let excess = excess_like(population, &mut chance);
            let weights = vec![1.0; excess.len()];
            let question = Question {
                window: &excess,
                weights: &weights,
                known: &known,
                demand_ms_per_s: 10_000.0,
                normal_ms_per_s: 100.0,
                capacity_ms_per_s: 1_000.0,
                persistence: &never,
                budget: 0.5,
                is_first: false,
            };
            proposals.extend(answer(&question, &mut promises).proposals);
        }
        let (mut broken, mut without_margin) = (false, false);
        for proposal in &proposals {
            let is_touched = |row: &Row| proposal.signature.matches(&row.traits, known.known());
            let touched = others.iter().filter(|visits| visits.iter().any(is_touched)).count();
            let share = ratio(touched, others.len());
            broken |= share > proposal.certificate.bound;
            let Certificate { hits, visitors, .. } = proposal.certificate;
            without_margin |= share > f64::from(hits) / f64::from(visitors);
        }
        tried.promised += u32::from(!proposals.is_empty());
        tried.broken += u32::from(broken);
        tried.broken_without_margin += u32::from(without_margin);
    }
    tried
}

/// Rows that share some traits with a request of the population and are strange in others.
pub(super) fn excess_like(population: &[Visits], chance: &mut Chance) -> Vec<Row> {
    let pick = |chance: &mut Chance| {
        let visits = &population[chance.below(u32::try_from(population.len()).unwrap()) as usize];
        visits[chance.below(u32::try_from(visits.len()).unwrap()) as usize].traits
    };
    let (pattern, shared) = (pick(chance), chance.next() | 1 << Attribute::Agent.index());
    (0..2_000)
        .map(|_| {
            let mut traits = pick(chance);
            for attribute in Attribute::ALL {
                if shared >> attribute.index() & 1 == 1 {
                    traits.set(attribute, pattern.get(attribute));
                }
            }
            let source = SourceKey::of(std::net::Ipv4Addr::from(chance.next()).into());
            Row { traits, source, cost_us: 1_000, is_proven: false }
        })
        .collect()
}

pub(super) fn ratio(part: usize, whole: usize) -> f64 {
    f64::from(u32::try_from(part).unwrap()) / f64::from(u32::try_from(whole).unwrap())
}

/// At most 5 % of the episodes, and enough were made to tell.
fn promises_are_kept(tried: &Tried) {
    println!("{tried:?}");
    let allowed = ALPHA * f64::from(tried.promised);
    assert!(tried.promised > TRIALS / 2, "{tried:?}");
    assert!(f64::from(tried.broken) <= allowed, "{tried:?}");
    assert!(f64::from(tried.broken_without_margin) > 3.0 * allowed, "{tried:?}");
}

#[test]
fn promises_are_kept_on_a_made_up_population() {
    promises_are_kept(&try_out(&made_up(4_000)));
}

/// So many visitors of a small world.
pub(super) fn made_up(visitors: u32) -> Vec<Visits> {
    let mut chance = Chance(11);
    let visits = |number| {
        (0..=chance.below(4)).map(|_| usual_request(visitor(number), &mut chance)).collect()
    };
    (0..visitors).map(visits).collect()
}

#[test]
fn promises_are_kept_on_a_real_log() {
    let population = of_real_log();
    assert_eq!(population.len(), 965);
    promises_are_kept(&try_out(&population));
}

/// The visitors of a real blog, by address, with the first four different requests of each.
pub(super) fn of_real_log() -> Vec<Visits> {
    let bytes = include_bytes!("../../../../../../data/logs/apache-first-5000.log.gz");
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut text).unwrap();
    let mut visitors: BTreeMap<String, Visits> = BTreeMap::new();
    for line in String::from_utf8_lossy(&text).lines() {
        let mut quoted = line.split('"');
        let address = quoted.next().unwrap().split(' ').next().unwrap();
        let request = quoted.next().unwrap();
        let referer = quoted.nth(1).unwrap_or("-");
        let agent = quoted.nth(1).unwrap_or("-");
        let mut words = request.split(' ');
        let method = words.next().unwrap_or_default();
        let (path, query) = {
            let target = words.next().unwrap_or_default();
            target.split_once('?').unwrap_or((target, ""))
        };
        let site = referer.split('/').nth(2).unwrap_or("-");
        let traits = Traits::default()
            .with(Attribute::Method, number(method))
            .with(Attribute::Route, number(path))
            .with(Attribute::Query, number(query))
            .with(Attribute::Referer, number(site))
            .with(Attribute::Agent, number(agent))
            .with(Attribute::Protocol, number(words.next().unwrap_or_default()))
            .with(Attribute::Prefix, number(address.rsplit_once('.').unwrap_or(("", "")).0));
        let hashed = number(address).to_bits();
        let source = SourceKey::of(std::net::Ipv4Addr::from(hashed).into());
        let row = Row { traits, source, cost_us: 10_000, is_proven: true };
        let visits = visitors.entry(address.to_owned()).or_default();
        if visits.len() < 4 && !visits.contains(&row) {
            visits.push(row);
        }
    }
    visitors.into_values().collect()
}

fn number(text: &str) -> Trait {
    let mut hasher = SipHasher13::new();
    hasher.write(text.as_bytes());
    Trait::new(u32::try_from(hasher.finish() >> 33).unwrap().max(1))
}
