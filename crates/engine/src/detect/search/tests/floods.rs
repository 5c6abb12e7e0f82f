//! Planted floods of every structure, which must be described without touching visitors.

use super::world::{
    Chance, ELECTION, GET, LOGIN, POST, SEARCH, asked, client, placed, reservoirs, tool,
};
use super::world::{usual_request, visitor};
use super::*;
use crate::detect::signature::Term;
use seawall_types::{Attribute, Moment, Trait};
use std::collections::{BTreeMap, BTreeSet};

/// A member of a flood, somewhere; its client as it likes.
fn member(traits: Traits, chance: &mut Chance) -> (Traits, seawall_types::SourceKey) {
    placed(traits.with(Attribute::Language, Trait::new(50)), chance.below(1_500), chance.next())
}

fn flood(rows: u32, mut one: impl FnMut(&mut Chance) -> Row) -> Vec<Row> {
    let mut chance = Chance(3);
    (0..rows).map(|_| one(&mut chance)).collect()
}

fn one_tool(number: u32, rows: u32, what: (u32, u32)) -> Vec<Row> {
    flood(rows, |chance| asked(member(tool(number), chance), what, chance))
}

/// Every fingerprint drawn anew, on the paths that visitors ask for.
fn random_fingerprints(rows: u32) -> Vec<Row> {
    flood(rows, |chance| {
        let number = chance.next() >> 8;
        let who = member(tool(number), chance);
        usual_request(who, chance)
    })
}

#[test]
fn a_flood_of_one_tool_is_described_by_the_tool_alone() {
    let outcome = ask(&reservoirs(8_000, 1), &one_tool(1, 3_000, (GET, 1)), &never);
    outcome.must_describe("one tool");
    let [proposal] = outcome.answer.proposals.as_slice() else { panic!("one is enough") };
    assert_eq!((proposal.signature.terms().count(), proposal.certificate.hits), (1, 0));
    assert!(proposal.share_of_excess > 0.97 && proposal.cost_share > 0.85);
    let sentence = proposal.sentence(&Names::default());
    let whom = proposal.certificate.text();
    assert!(sentence.ends_with(&format!(" % of the excess, {whom}")), "{sentence}");
}

#[test]
fn a_flood_whose_tool_visitors_use_too_is_described_by_more_than_the_tool() {
    // The client of one visitor in thirty.
    let excess = flood(3_000, |chance| {
        let who = member(client(30, chance.below(40)), chance);
        let who = (who.0.with(Attribute::Headers, Trait::new(0x7777)), who.1);
        asked(who, (POST, SEARCH), chance)
    });
    let mut known = reservoirs(7_200, 1);
    let mut chance = Chance(8);
    for number in 50_000..50_240 {
        let (traits, source) = visitor(number);
        let who = (traits.with(Attribute::Headers, Trait::new(0x7777)), source);
        known.learn(Moment(0), &usual_request(who, &mut chance));
    }
    let outcome = ask(&known, &excess, &never);
    outcome.must_describe("a tool that is used by visitors, posting searches");
    assert!(outcome.answer.proposals[0].signature.terms().count() >= 2);
}

#[test]
fn a_costly_search_at_a_low_rate_is_described() {
    let excess = one_tool(2, 160, (GET, SEARCH));
    ask(&reservoirs(8_000, 2), &excess, &never).must_describe("costly search");
}

#[test]
fn random_fingerprints_on_real_paths_are_described_as_new() {
    let outcome = ask(&reservoirs(8_000, 3), &random_fingerprints(3_000), &never);
    outcome.must_describe("random fingerprints");
    let terms: Vec<_> = outcome.answer.proposals[0].signature.terms().collect();
    assert!(matches!(terms[..], [Term::Novel(_)]), "{terms:?}");
}

#[test]
fn posts_to_the_login_with_a_copied_user_agent_are_described() {
    let excess = flood(3_000, |chance| {
        let copied = visitor(chance.below(20_000)).0.get(Attribute::Agent);
        let who = member(tool(4).with(Attribute::Agent, copied), chance);
        asked(who, (POST, LOGIN), chance)
    });
    ask(&reservoirs(8_000, 4), &excess, &never).must_describe("login posts");
}

#[test]
fn three_vectors_at_once_are_described_one_by_one() {
    let mut excess = one_tool(5, 1_200, (GET, 1));
    excess.extend(one_tool(6, 300, (GET, SEARCH)));
    excess.extend(random_fingerprints(1_500));
    let outcome = ask(&reservoirs(8_000, 5), &excess, &never);
    outcome.must_describe("three vectors");
    assert!(outcome.answer.proposals.len() <= 3, "{:?}", outcome.answer.proposals);
    let shares: f64 = outcome.answer.proposals.iter().map(|p| p.share_of_excess).sum();
    assert!(shares <= 1.001, "{shares}");
}

#[test]
fn a_flood_from_one_network_with_one_tool_is_described() {
    let excess = flood(3_000, |chance| {
        let who = placed(tool(7), 1_499, chance.next());
        usual_request(who, chance)
    });
    ask(&reservoirs(8_000, 6), &excess, &never).must_describe("one network");
}

#[test]
fn a_flood_beside_a_crowd_is_described_and_the_crowd_is_not() {
    let known = reservoirs(8_000, 7);
    let mut excess = one_tool(8, 3_000, (GET, ELECTION));
    let crowd = crowds::on_one_page(3_000);
    excess.extend(&crowd);
    let outcome = ask(&known, &excess, &never);
    let is_matched = |row: &&Row| {
        let proposals = &outcome.answer.proposals;
        proposals.iter().any(|p| p.signature.matches(&row.traits, known.known()))
    };
    assert!(excess[..3_000].iter().filter(is_matched).count() > 2_950);
    assert!(crowd.iter().filter(is_matched).count() < 30, "{:?}", outcome.answer.proposals);
}

#[test]
fn under_rotation_what_held_before_is_preferred_to_what_is_true_for_a_moment() {
    let known = reservoirs(8_000, 8);
    let mut seen: BTreeMap<Signature, u32> = BTreeMap::new();
    let mut proposed = BTreeSet::new();
    for second in 0..12 {
        let excess = one_tool(100 + second, 3_000, (GET, 1));
        let outcome = ask(&known, &excess, &|signature| seen.get(signature).copied().unwrap_or(0));
        outcome.must_describe("rotation");
        for signature in &outcome.answer.clean {
            *seen.entry(*signature).or_default() += 1;
        }
        if second > 1 {
            proposed.extend(outcome.answer.proposals.iter().map(|p| p.signature));
        }
    }
    assert!(proposed.len() <= 2, "{proposed:?}");
}

#[test]
fn a_poisoned_reservoir_promises_no_more_than_it_holds() {
    for (visitors, in_a_thousand) in [(8_000_u32, 30), (8_000, 2)] {
        let mut known = reservoirs(visitors, 9);
        let mut chance = Chance(4);
        for number in 0..visitors * in_a_thousand / 1_000 {
            let traits = tool(9).with(Attribute::Language, Trait::new(50));
            let who = placed(traits, number % 1_500, 2_000 + number);
            known.learn(Moment(0), &asked(who, (GET, 1), &mut chance));
        }
        let outcome = ask(&known, &one_tool(9, 3_000, (GET, 1)), &never);
        let bounds: f64 = outcome.answer.proposals.iter().map(|p| p.certificate.bound).sum();
        assert!(outcome.harm <= bounds, "{:?}", outcome.answer);
        if in_a_thousand == 30 {
            // Most of it is told from those who came before it by nothing: it may be put last.
            let (last, within) = outcome.answer.proposals.split_last().unwrap();
            assert!(within_budget(within), "{:?}", outcome.answer);
            assert!(within.iter().map(|one| one.share_of_excess).sum::<f64>() < 0.5);
            let bound = last.certificate.bound;
            assert!(bound > 0.03 && bound <= PUT_LAST_BUDGET, "{bound}");
            assert!(outcome.answer.covered > 0.97 && outcome.answer.declined.is_some());
            continue;
        }
        outcome.must_describe("0.2 % poisoned");
        let certificate = outcome.answer.proposals[0].certificate;
        assert!(certificate.hits > 0 && certificate.bound > 0.002, "{certificate:?}");
    }
}

#[test]
fn the_same_question_gives_the_same_answer_in_any_order_of_rows() {
    let known = reservoirs(8_000, 5);
    let mut rows = usual_rows(300, &mut Chance(1));
    rows.extend(one_tool(1, 2_000, (GET, 1)));
    rows.extend(random_fingerprints(1_000));
    let told = |rows: &[Row]| {
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.cost_us)).collect();
        let question = Question {
            window: rows,
            weights: &weights,
            known: &known,
            demand_ms_per_s: 33_000.0,
            normal_ms_per_s: NORMAL,
            capacity_ms_per_s: CAPACITY,
            persistence: &never,
            budget: 0.01,
            is_first: false,
        };
        format!("{:?}", answer(&question, &mut Promises::default()))
    };
    let first = told(&rows);
    assert_eq!(first, told(&rows));
    rows.reverse();
    assert_eq!(first, told(&rows));
}

#[test]
fn requests_of_proven_visitors_are_not_searched() {
    let mut excess = one_tool(1, 3_000, (GET, 1));
    for row in &mut excess {
        row.is_proven = true;
    }
    let outcome = ask(&reservoirs(8_000, 1), &excess, &never);
    outcome.must_decline("proven", Declined::NoExcess);
}

#[test]
fn few_sources_are_no_flood_to_describe() {
    let mut excess = one_tool(1, 3_000, (GET, 1));
    for (row, number) in excess.iter_mut().zip(0..) {
        row.source = placed(row.traits, 1, number % (ROWS_MIN - 1)).1;
    }
    let outcome = ask(&reservoirs(8_000, 1), &excess, &never);
    assert!(outcome.answer.proposals.is_empty(), "{:?}", outcome.answer.proposals);
    for (row, number) in excess.iter_mut().zip(0..) {
        row.source = placed(row.traits, 1, number % ROWS_MIN).1;
    }
    ask(&reservoirs(8_000, 1), &excess, &never).must_describe("as many as are needed");
}

#[test]
fn bounds_are_spent_once_over_all_descriptions() {
    // A thousand unseen visitors bound harm at 0.58 %: the budget allows one description.
    let mut excess = one_tool(5, 1_500, (GET, 1));
    excess.extend(one_tool(6, 1_500, (GET, 2)));
    for row in &mut excess {
        row.traits.set(Attribute::Protocol, Trait::new(2));
    }
    let outcome = ask(&reservoirs(2_000, 1), &excess, &never);
    let bounds: Vec<f64> = outcome.answer.proposals.iter().map(|p| p.certificate.bound).collect();
    assert!(!bounds.is_empty() && bounds.iter().sum::<f64>() <= 0.01, "{bounds:?}");
}

#[test]
fn a_description_that_unseen_visitors_contradict_is_not_given() {
    let mut known = reservoirs(8_000, 1);
    let mut chance = Chance(21);
    let mut learned = 0;
    // The tool is one that many of the visitors certified on use, and none of those searched on.
    while learned < 200 {
        let row = asked(member(tool(1), &mut chance), (GET, 1), &mut chance);
        let mut apart = Reservoirs::new([1, 2]);
        apart.learn(Moment(0), &row);
        if apart.visitors() == 1 {
            known.learn(Moment(0), &row);
            learned += 1;
        }
    }
    let outcome = ask(&known, &one_tool(1, 3_000, (GET, 1)), &never);
    assert!(outcome.answer.finalists > 0, "something was tried");
    // What is left is the last resort, with what they do show.
    let proposals = &outcome.answer.proposals;
    let within = proposals.iter().filter(|one| one.certificate.hits < 150);
    assert!(within_budget(&within.copied().collect::<Vec<_>>()), "{proposals:?}");
    assert_eq!(outcome.answer.declined, Some(Declined::TouchesKnownGood), "{proposals:?}");
}

fn within_budget(proposals: &[Proposal]) -> bool {
    proposals.iter().map(|one| one.certificate.bound).sum::<f64>() <= 0.01
}
