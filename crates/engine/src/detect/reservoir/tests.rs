use super::crowd::{OF_PREFIX_LEAST, OF_SOURCE_LEAST};
use super::side::{Part, ones};
use super::*;
use crate::detect::signature::Term;
use seawall_types::{SourceKey, Trait, Traits};
use std::net::Ipv4Addr;

const DAY: Duration = Duration::from_hours(24);

fn row(visitor: u32, route: u32, ja4: u32) -> Row {
    let traits = Traits::default()
        .with(Attribute::Route, Trait::new(route))
        .with(Attribute::Ja4, Trait::new(ja4));
    // Sixteen homes a network, so that no network is crowded.
    let source = SourceKey::of(Ipv4Addr::from(((visitor / 16) << 8) | (visitor % 16)).into());
    Row { traits, source, cost_us: 1_000 + route, is_proven: true }
}

fn filled(visitors: std::ops::Range<u32>, now: Moment) -> Reservoirs {
    let mut reservoirs = Reservoirs::new([1, 2]);
    for visitor in visitors {
        reservoirs.learn(now, &row(visitor, 1, visitor % 5 + 1));
    }
    reservoirs
}

fn visitors_showing(reservoirs: &Reservoirs, side: &Side, term: Term, part: Part) -> usize {
    let column = side.column(term, reservoirs.known(), part);
    let mut places: Vec<usize> = column.chunks(side.words().max(1)).flat_map(ones).collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}

#[test]
fn a_visitor_goes_to_one_side_and_stays_there() {
    let now = Moment(0);
    let mut reservoirs = filled(0..2_000, now);
    let (searched, certified) = (reservoirs.visitors_searched(), reservoirs.visitors());
    assert_eq!(searched + certified, 2_000);
    assert!((900..1_100).contains(&certified), "{certified} of 2,000 are on one side");
    for visitor in 0..2_000 {
        reservoirs.learn(now + DAY, &row(visitor, 2, visitor % 5 + 1));
    }
    assert_eq!((reservoirs.visitors_searched(), reservoirs.visitors()), (searched, certified));
}

#[test]
fn few_visitors_are_divided_evenly_and_stay_where_they_are_whatever_the_seed() {
    for seed in 0..100 {
        let mut reservoirs = Reservoirs::new([seed, 2]);
        for visitor in 0..21 {
            reservoirs.learn(Moment(0), &row(visitor, 1, visitor % 5 + 1));
        }
        let sides = |known: &Reservoirs| (known.visitors_searched(), known.visitors());
        let (searched, apart) = sides(&reservoirs);
        assert_eq!((searched.min(apart), searched + apart), (10, 21), "seed {seed}");
        for visitor in 0..21 {
            reservoirs.learn(Moment(0), &row(visitor, 2, visitor % 5 + 1));
        }
        assert_eq!(sides(&reservoirs), (searched, apart), "seed {seed}");
    }
}

#[test]
fn four_requests_of_a_visitor_are_kept_and_the_same_one_once() {
    let mut reservoirs = Reservoirs::new([1, 2]);
    for route in [1, 1, 2, 1, 2, 3] {
        reservoirs.learn(Moment(0), &row(7, route, 1));
    }
    let routes = |reservoirs: &Reservoirs| -> usize {
        let side = [&reservoirs.searched, &reservoirs.certified];
        let side = side.into_iter().find(|side| side.visitors() == 1).unwrap();
        (0..PLANES).filter_map(|plane| side.row(plane, 0, &reservoirs.known)).count()
    };
    assert_eq!(routes(&reservoirs), 3);
    (4..2_000).for_each(|route| {
        reservoirs.learn(Moment(0), &row(7, route, 1));
    });
    assert_eq!(routes(&reservoirs), 4);
}

#[test]
fn each_different_request_of_a_visitor_is_kept_with_about_the_same_chance() {
    let mut kept = [0_u32; 20];
    for visitor in 0..3_000 {
        let mut reservoirs = Reservoirs::new([1, 2]);
        (0..20).for_each(|route| {
            reservoirs.learn(Moment(0), &row(visitor, route + 1, 1));
        });
        let side = [&reservoirs.searched, &reservoirs.certified];
        let side = side.into_iter().find(|side| side.visitors() == 1).unwrap();
        for (traits, _) in (0..PLANES).filter_map(|plane| side.row(plane, 0, &reservoirs.known)) {
            kept[traits.get(Attribute::Route).to_bits() as usize - 1] += 1;
        }
    }
    // 600 each are expected; five standard deviations are 110.
    assert!(kept.iter().all(|times| times.abs_diff(600) < 110), "{kept:?}");
}

#[test]
fn a_full_side_takes_newcomers_with_the_chance_that_their_number_gives_them() {
    let many = 4 * u32::try_from(VISITORS_MAX).unwrap();
    let reservoirs = filled(0..many, Moment(0));
    let full = u32::try_from(VISITORS_MAX).unwrap();
    assert_eq!((reservoirs.visitors_searched(), reservoirs.visitors()), (full, full));
    // Half of all visitors are kept; which ones does not depend on when they came.
    let side = &reservoirs.certified;
    let early = Reservoirs::new([1, 2]);
    let keys: Vec<u64> =
        (0..many / 2).map(|visitor| early.visitor(&row(visitor, 1, visitor % 5 + 1)).key).collect();
    let kept = keys.iter().filter(|key| **key & 1 == 1 && side.holds(**key)).count();
    assert!(kept.abs_diff(VISITORS_MAX / 2) < 250, "{kept} of {VISITORS_MAX} came early");
}

#[test]
fn who_was_here_lately_is_kept_rather_than_who_was_not_for_weeks() {
    let full = 4 * u32::try_from(VISITORS_MAX).unwrap();
    let later = Moment(0) + 4 * HALF_LIFE;
    let mut reservoirs = filled(0..full, Moment(0));
    for visitor in full..2 * full {
        reservoirs.learn(later, &row(visitor, 2, 1));
    }
    let old = visitors_showing(
        &reservoirs,
        &reservoirs.certified,
        Term::Is(Attribute::Route, Trait::new(1)),
        Part::Apart,
    );
    // Four half-lives: a sixteenth of the weight, so about a seventeenth of the places, or a little
    // more because heavy ones cannot be drawn twice.
    assert!((350..900).contains(&old), "{old} of {VISITORS_MAX} are from four half-lives ago");
}

#[test]
fn a_value_is_new_when_nobody_searched_on_showed_it() {
    let reservoirs = filled(0..1_000, Moment(0));
    let known = reservoirs.known();
    assert!(known.is_novel(Attribute::Ja4, Trait::new(77)));
    assert!(!known.is_novel(Attribute::Ja4, Trait::new(3)));
    assert!(!known.is_novel(Attribute::Ja4, Trait::UNKNOWN));
    // Nobody's language was ever measured: then none can be called new.
    assert!(!known.is_novel(Attribute::Language, Trait::new(77)));
}

#[test]
fn a_value_that_one_visitor_alone_shows_is_new_for_that_visitor() {
    let mut reservoirs = filled(0..1_000, Moment(0));
    for visitor in 5_000..5_100 {
        reservoirs.learn(Moment(0), &row(visitor, 1, visitor));
        reservoirs.learn(Moment(0), &row(visitor, 2, visitor));
    }
    let term = Term::Novel(Attribute::Ja4);
    let side = &reservoirs.searched;
    let alone = visitors_showing(&reservoirs, side, term, Part::OfKnown);
    let of_certified = visitors_showing(&reservoirs, &reservoirs.certified, term, Part::Apart);
    assert_eq!(alone + of_certified, 100);
    assert!(alone > 20 && of_certified > 20, "{alone} and {of_certified}");
}

#[test]
fn what_is_new_is_looked_up_again_once_something_was_learned() {
    let mut reservoirs = filled(0..1_000, Moment(0));
    let term = Term::Novel(Attribute::Ja4);
    let new = |reservoirs: &Reservoirs| -> u32 {
        reservoirs.column(Part::Apart, term).iter().map(|word| word.count_ones()).sum()
    };
    assert_eq!(new(&reservoirs), 0);
    for visitor in 6_000..6_100 {
        reservoirs.learn(Moment(0), &row(visitor, 1, visitor));
    }
    assert!(new(&reservoirs) > 20);
}

#[test]
fn what_is_known_is_what_the_searched_side_holds_after_any_history() {
    let mut reservoirs = Reservoirs::new([3, 4]);
    for step in 0..60_000_u32 {
        let now = Moment(u64::from(step) * 30_000_000_000);
        let visitor = step.wrapping_mul(2_654_435_761) % 30_000;
        reservoirs.learn(now, &row(visitor, step % 40 + 1, visitor % 700 + 1));
    }
    let side = &reservoirs.searched;
    assert_eq!(side.cost_us(&side.everything()), side.everything_cost_us());
    let mut fresh = Known::new(9);
    for place in 0..side.visitors() as usize {
        let rows = (0..PLANES).filter_map(|plane| side.row(plane, place, reservoirs.known()));
        rows.for_each(|(traits, _)| {
            fresh.take_in(Part::OfKnown, &traits);
        });
    }
    for attribute in Attribute::ALL {
        let sorted = |known: &Known| {
            let mut values: Vec<_> = known.values(attribute).collect();
            values.sort_unstable();
            (values, known.shown(attribute))
        };
        assert_eq!(sorted(reservoirs.known()), sorted(&fresh), "{attribute}");
    }
}

#[test]
fn bytes_bring_back_what_was_learned_and_anything_else_is_refused() {
    let now = Moment(0) + DAY;
    let mut reservoirs = filled(0..600, now);
    for visitor in 0..300 {
        reservoirs.learn(now, &row(visitor, 9, visitor % 5 + 1));
    }
    let bytes = reservoirs.to_bytes(now + DAY);
    let back = Reservoirs::from_bytes(Moment(5), &bytes).unwrap();
    assert_eq!(back.to_bytes(Moment(5)), bytes);
    assert_eq!(back.oldest(Moment(5)), DAY);
    assert!(back.known().is_novel(Attribute::Ja4, Trait::new(77)));
    assert!(!back.known().is_novel(Attribute::Route, Trait::new(9)));
    for at in (0..bytes.len()).step_by(97) {
        let mut spoiled = bytes.clone();
        spoiled[at] ^= 1;
        assert!(Reservoirs::from_bytes(now, &spoiled).is_none(), "byte {at} was changed");
        assert!(Reservoirs::from_bytes(now, &bytes[..at]).is_none(), "cut at {at}");
    }
    let mut longer = bytes;
    longer.push(0);
    assert!(Reservoirs::from_bytes(now, &longer).is_none());
}

#[test]
fn full_reservoirs_are_within_what_bytes_may_be() {
    let mut reservoirs = Reservoirs::new([1, 2]);
    for visitor in 0..60_000 {
        for route in 1..=4 {
            reservoirs.learn(Moment(0), &row(visitor, route, 1));
        }
    }
    let bytes = reservoirs.to_bytes(Moment(0));
    assert_eq!(bytes.len(), bytes::BYTES_MAX);
    assert!(Reservoirs::from_bytes(Moment(0), &bytes).is_some());
}

/// How many visitors of a set came from one place, of others and of those who crowd in.
fn crowding(rows: impl Iterator<Item = Row>) -> (u32, u32) {
    let mut reservoirs = filled(0..1_000, Moment(0));
    let before = (reservoirs.visitors_searched(), reservoirs.visitors());
    rows.for_each(|row| {
        reservoirs.learn(Moment(0), &row);
    });
    (reservoirs.visitors_searched() - before.0, reservoirs.visitors() - before.1)
}

#[test]
fn one_address_that_rotates_its_clients_is_no_crowd_of_visitors() {
    let came = crowding((0..5_000).map(|ja4| row(1 << 20, 1, 1_000 + ja4)));
    assert_eq!(came, (OF_SOURCE_LEAST, OF_SOURCE_LEAST));
}

#[test]
fn one_network_that_rotates_addresses_and_clients_is_not_much_of_a_crowd_either() {
    let v6 =
        |host: u32| std::net::Ipv6Addr::from(0x2001_0db8_0001_u128 << 80 | u128::from(host) << 64);
    let rotates =
        |host: u32| Row { source: SourceKey::of(v6(host).into()), ..row(7, 1, 1_000 + host) };
    let came = crowding((0..5_000).map(rotates));
    assert_eq!(came, (OF_PREFIX_LEAST, OF_PREFIX_LEAST));
}

#[test]
fn all_visitors_of_a_campus_are_enough_to_be_over_the_budget() {
    let many = 2 * u32::try_from(VISITORS_MAX).unwrap();
    let mut reservoirs = filled(0..many, Moment(0));
    (0..2_000).for_each(|ja4| {
        reservoirs.learn(Moment(0), &row(1 << 20, 99, 1_000 + ja4));
    });
    let campus = Term::Is(Attribute::Route, Trait::new(99));
    let hits = visitors_showing(&reservoirs, &reservoirs.certified, campus, Part::Apart);
    let visitors = reservoirs.visitors();
    assert!(hits <= (visitors / OF_SOURCE_PART) as usize, "{hits} of {visitors}");
    let hits = u32::try_from(hits).unwrap();
    assert!(
        crate::detect::Certificate::with(0.003, (hits, visitors)).bound > 0.01,
        "{hits} of {visitors}"
    );
}

#[test]
fn who_goes_makes_room_for_others_of_the_same_address() {
    let many = 4 * u32::try_from(VISITORS_MAX).unwrap();
    let mut reservoirs = filled(0..many, Moment(0));
    (0..100).for_each(|ja4| {
        reservoirs.learn(Moment(0) + DAY, &row(1 << 20, 1, 1_000 + ja4));
    });
    // Ten half-lives later everybody else is new, and the address has its places again.
    let later = Moment(0) + 10 * HALF_LIFE;
    for visitor in many..2 * many {
        reservoirs.learn(later, &row((1 << 22) + visitor, 1, visitor % 5 + 1));
    }
    let before = reservoirs.to_bytes(later);
    (0..400).for_each(|ja4| {
        reservoirs.learn(later, &row(1 << 20, 1, 9_000 + ja4));
    });
    assert_ne!(reservoirs.to_bytes(later), before);
}
