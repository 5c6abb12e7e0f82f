//! Whether the excess comes from a few kinds of client that visitors have, and is what such clients
//! always ask for: an app that asks too often, a crawler that reads the whole site again.
//!
//! Takes what is asked now and what known visitors have asked for; gives what both have in common.
//! Of browsers it says nothing: they are more kinds than [`KINDS_MAX`], and their manners tell.
//! Never says that they mean well: whoever imitates such a client in everything looks the same.
//! Bounds: [`KINDS_MAX`] kinds of client, those that ask for most.

use super::finding::Habit;
use super::reservoir::Reservoirs;
use super::row::Row;
use super::sample::Weighted;
use seawall_types::{Attribute, Trait};
use std::collections::BTreeMap;

/// Kinds of client that are looked at.
const KINDS_MAX: usize = 4;
/// A kind has a habit when at least so many of its requests are known, and as many are seen.
const REQUESTS_MIN: u32 = 20;
/// Of what a kind asks for so much must be more than usual: else the usual part looks as ever,
/// whatever the rest is.
const MOSTLY_EXCESS: f64 = 2.0 / 3.0;
/// What two samples of one habit differ by, for each route and request.
const BY_CHANCE: f64 = 0.4;
/// And at most: with more than that no two samples could be told apart.
const BY_CHANCE_MOST: f64 = 0.3;

/// What one kind of client asks for now.
#[derive(Debug, Default)]
struct Asks {
    /// What it would cost, in any unit.
    cost: f64,
    /// What of that is described, or all where nothing is.
    meant: f64,
    rows: u32,
}

/// What the excess has in common with the habits of its clients; none when they have none.
///
/// `usual` is the part of all that is asked that is asked at such times anyway, from 0 to 1.
pub(super) fn of(
    now: &Weighted,
    known: &Reservoirs,
    usual: f64,
    is_meant: impl Fn(&Row) -> bool,
) -> Option<Habit> {
    let all: f64 = now.weights.iter().sum();
    let mut kinds: Vec<_> = by_kind(now, is_meant).into_iter().collect();
    kinds.retain(|(_, asks)| asks.meant > 0.0);
    kinds.sort_by(|(a, asks), (b, other)| other.meant.total_cmp(&asks.meant).then(a.cmp(b)));
    let meant_of_others: f64 = kinds.iter().skip(KINDS_MAX).map(|(_, asks)| asks.meant).sum();
    let (mut others, mut usual_of_others) = (all, usual * all);
    let (mut excess, mut alike, mut requests) = (0.0, 0.0, 0);
    for (agent, asks) in kinds.iter().take(KINDS_MAX) {
        let asked = known.asked_by(*agent);
        let own = asks.cost - usual * all * asked.share_of_cost;
        others -= asks.cost;
        usual_of_others -= usual * all * asked.share_of_cost;
        if own <= 0.0 {
            continue;
        }
        excess += own;
        let is_few = asks.rows.min(asked.requests) < REQUESTS_MIN;
        if is_few || !agent.is_known() || own < MOSTLY_EXCESS * asks.cost {
            continue;
        }
        requests += asked.requests;
        let seen = routes(now, *agent);
        alike += own * in_common((&seen, asks.rows), (&asked.routes, asked.requests));
    }
    // What kinds ask for too much that are not looked at has nothing in common with anything.
    excess += (others - usual_of_others).min(meant_of_others).max(0.0);
    (requests > 0).then(|| Habit { in_common: alike / excess, known: requests })
}

fn by_kind(now: &Weighted, is_meant: impl Fn(&Row) -> bool) -> BTreeMap<Trait, Asks> {
    let mut kinds: BTreeMap<Trait, Asks> = BTreeMap::new();
    for (row, weight) in now.rows.iter().zip(&now.weights) {
        let asks = kinds.entry(row.traits.get(Attribute::Agent)).or_default();
        asks.cost += weight;
        asks.meant += if is_meant(row) { *weight } else { 0.0 };
        asks.rows += 1;
    }
    kinds
}

/// How often one kind asks for each route, in any unit.
fn routes(now: &Weighted, agent: Trait) -> BTreeMap<Trait, f64> {
    let mut routes = BTreeMap::new();
    let rows = now.rows.iter().zip(&now.weights);
    for (row, weight) in rows.filter(|(row, _)| row.traits.get(Attribute::Agent) == agent) {
        // A sample by cost holds more of what is dear: each row stands for so many like it.
        let requests = weight / f64::from(row.cost_us.max(1));
        *routes.entry(row.traits.get(Attribute::Route)).or_default() += requests;
    }
    routes
}

/// What two mixes of routes have in common, from 0 to 1, with what chance alone may have taken away.
fn in_common(
    (asked, rows): (&BTreeMap<Trait, f64>, u32),
    (known, of): (&BTreeMap<Trait, u32>, u32),
) -> f64 {
    let all: f64 = asked.values().sum();
    let both = asked.iter().map(|(route, requests)| {
        let usual = known.get(route).map_or(0.0, |usual| f64::from(*usual) / f64::from(of));
        usual.min(requests / all)
    });
    let alike: f64 = both.sum();
    // Routes that nobody is known to ask for are whoever asks' to add, so they allow for nothing.
    let routes = f64::from(u32::try_from(known.len()).unwrap_or(u32::MAX));
    let samples = 1.0 / f64::from(rows) + 1.0 / f64::from(of);
    let by_chance = BY_CHANCE * libm::sqrt((routes - 1.0).max(0.0) * samples);
    (alike + by_chance.min(BY_CHANCE_MOST)).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::{Moment, SourceKey, Traits};
    use std::net::Ipv4Addr;

    const APP: u32 = 7;
    const BROWSER: u32 = 8;

    fn row(source: u32, agent: u32, route: u32) -> Row {
        let traits = Traits::default()
            .with(Attribute::Agent, Trait::new(agent))
            .with(Attribute::Route, Trait::new(route));
        let source = SourceKey::of(Ipv4Addr::from(source << 8).into());
        Row { traits, source, cost_us: 1_000 * route, is_proven: false }
    }

    /// Visitors with an app that asks for two things, and with ten kinds of browser that ask for a
    /// page (9) and four of its parts.
    fn known() -> Reservoirs {
        let mut known = Reservoirs::new([1, 2]);
        for visitor in 0..200 {
            for route in [3, 4] {
                known.learn(Moment(1), &row(visitor, APP, route));
            }
            for route in [9, 11, 12, 13, 14] {
                let agent = BROWSER + visitor % 10;
                known.learn(Moment(1), &row(1_000 + visitor, agent, route));
            }
        }
        known
    }

    fn asked(rows: impl Iterator<Item = Row>) -> Weighted {
        let rows: Vec<Row> = rows.collect();
        Weighted { weights: rows.iter().map(|row| f64::from(row.cost_us)).collect(), rows }
    }

    fn in_common(now: &Weighted, usual: f64) -> f64 {
        of(now, &known(), usual, |_| true).map_or(0.0, |habit| habit.in_common)
    }

    #[test]
    fn whoever_asks_for_ever_other_things_has_no_habit_by_chance() {
        let now = asked((0..4_000).map(|n| row(n % 200, APP, 100 + n)));
        assert!(in_common(&now, 0.1) < 0.4, "{}", in_common(&now, 0.1));
    }

    #[test]
    fn an_app_that_asks_for_more_of_what_it_always_asks_for_has_its_habit() {
        let now = asked((0..300).map(|n| row(n % 200, APP, 3 + n % 2)));
        assert!(in_common(&now, 0.1) > 0.95);
        let one_thing = asked((0..300).map(|n| row(n % 200, APP, 4)));
        assert!(in_common(&one_thing, 0.1) < 0.7, "one of two is not what it always asks for");
    }

    #[test]
    fn pages_alone_are_no_habit_of_browsers_that_load_parts() {
        let now = asked((0..300).map(|n| row(5_000 + n, BROWSER, 9)));
        assert!(in_common(&now, 0.1) < 0.5);
    }

    #[test]
    fn a_client_that_nobody_has_or_that_hardly_asks_has_no_habit() {
        let strange = asked((0..300).map(|n| row(n, 99, 3 + n % 2)));
        assert_eq!(of(&strange, &known(), 0.1, |_| true), None);
        let few = asked((0..REQUESTS_MIN - 1).map(|n| row(n, APP, 3 + n % 2)));
        assert_eq!(of(&few, &known(), 0.1, |_| true), None);
        let many_kinds = asked((0..500).map(|n| row(n, APP + 100 * (n % 5), 3 + n % 2)));
        assert!(in_common(&many_kinds, 0.0) < 0.3, "what others ask for is not like it");
    }

    #[test]
    fn the_usual_visitors_beside_it_are_no_part_of_the_excess() {
        let app = (0..300).map(|n| row(n % 200, APP, 3 + n % 2));
        let others = (0..100).map(|n| row(1_000 + n, BROWSER + n % 10, 11 + n % 4));
        let now = asked(app.chain(others));
        // Browsers ask for more than half of it, which is what they always ask for.
        assert!(in_common(&now, 0.6) > 0.9);
        assert!(in_common(&now, 0.0) < 0.6, "where nothing is usual all of it is too much");
    }

    #[test]
    fn what_is_usual_of_a_kind_is_no_excess_of_it() {
        let now = asked((0..300).map(|n| row(n % 200, APP, 3 + n % 2)));
        // Apps stand for an eighth of what known visitors ask for.
        assert_eq!(of(&now, &known(), 5.0, |_| true), None);
    }
}
