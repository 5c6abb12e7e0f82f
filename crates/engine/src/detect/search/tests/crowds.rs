//! What must not be described: crowds, and floods that look like visitors.

use super::world::{Chance, ELECTION, GET, POST, SEARCH, asked, placed, reservoirs};
use super::world::{usual_request, visitor};
use super::*;
use seawall_types::{Attribute, Trait};

/// New visitors with the usual browsers, all on one page.
pub(super) fn on_one_page(rows: u32) -> Vec<Row> {
    crowd(rows, |number, chance| asked(visitor(number), (GET, ELECTION), chance))
}

fn crowd(rows: u32, mut one: impl FnMut(u32, &mut Chance) -> Row) -> Vec<Row> {
    let mut chance = Chance(17);
    (0..rows).map(|number| one(2_000_000 + number, &mut chance)).collect()
}

#[test]
fn a_flash_crowd_on_one_page_is_not_described() {
    for seed in 1..=3 {
        for rows in [1_000, 6_000] {
            let outcome = ask(&reservoirs(8_000, seed), &on_one_page(rows), &never);
            outcome.must_decline("flash crowd", Declined::LooksLikeKnownGood);
        }
    }
}

#[test]
fn a_campaign_that_brings_mostly_phones_is_not_described() {
    let excess = crowd(2_500, |number, chance| {
        // Two in three have one of the ten most frequent browsers, instead of fewer than half.
        let mut number = number;
        while chance.below(3) > 0 && !is_frequent(visitor(number).0) {
            number += 10_000;
        }
        let mut row = asked(visitor(number), (GET, 40), chance);
        row.traits.set(Attribute::Query, Trait::new(9));
        row.traits.set(Attribute::Referer, Trait::new(9));
        row.traits.set(Attribute::Cookie, Trait::new(1));
        row
    });
    for seed in 1..=3 {
        let outcome = ask(&reservoirs(8_000, seed), &excess, &never);
        outcome.must_decline("campaign", Declined::LooksLikeKnownGood);
    }
}

fn is_frequent(traits: Traits) -> bool {
    traits.get(Attribute::Headers) < Trait::new(3_010)
}

#[test]
fn a_campus_behind_one_network_is_not_described() {
    let excess = crowd(3_000, |number, chance| {
        let someone = placed(visitor(number).0, 1_498, number);
        usual_request(someone, chance)
    });
    let outcome = ask(&reservoirs(8_000, 2), &excess, &never);
    outcome.must_decline("campus", Declined::LooksLikeKnownGood);
}

#[test]
fn a_crowd_that_posts_a_form_is_not_described() {
    let excess = crowd(3_000, |number, chance| asked(visitor(number), (POST, SEARCH), chance));
    let outcome = ask(&reservoirs(8_000, 3), &excess, &never);
    outcome.must_decline("voters", Declined::LooksLikeKnownGood);
}

#[test]
fn more_of_the_usual_is_not_described() {
    for seed in 1..=3 {
        let excess = crowd(3_000, |number, chance| usual_request(visitor(number), chance));
        let outcome = ask(&reservoirs(8_000, seed), &excess, &never);
        assert!(outcome.answer.proposals.is_empty(), "{:?}", outcome.answer.proposals);
        assert!(outcome.answer.declined.is_some());
    }
}

#[test]
fn nothing_is_described_while_nobody_is_known_or_too_few_are() {
    let excess = on_one_page(3_000);
    let outcome = ask(&reservoirs(0, 1), &excess, &never);
    outcome.must_decline("nobody", Declined::NobodyKnown);
    let outcome = ask(&reservoirs(600, 1), &excess, &never);
    outcome.must_decline("too few", Declined::TooFewKnown);
}

#[test]
fn an_attribute_that_was_never_measured_among_visitors_describes_nothing() {
    // The known ones came without fingerprints of TLS and HTTP/2: then nobody's can be called new.
    let mut known = Reservoirs::new([1, 2]);
    let mut chance = Chance(1);
    for number in 0..8_000 {
        let mut row = usual_request(visitor(number), &mut chance);
        for attribute in [Attribute::Ja4, Attribute::H2] {
            row.traits.set(attribute, Trait::UNKNOWN);
        }
        known.learn(seawall_types::Moment(0), &row);
    }
    let outcome = ask(&known, &on_one_page(3_000), &never);
    outcome.must_decline("unmeasured", Declined::LooksLikeKnownGood);
}
