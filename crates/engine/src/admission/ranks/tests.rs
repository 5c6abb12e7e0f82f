//! Whose turn it is.

use super::*;

fn prefix(number: u32) -> Prefix {
    Prefix::of(std::net::IpAddr::V6(std::net::Ipv6Addr::from(
        0x2001_0db8_u128 << 96 | u128::from(number) << 80,
    )))
}

fn at(second: u64) -> Moment {
    Moment(second * 1_000_000_000)
}

#[test]
fn who_had_least_is_next_and_a_prefix_of_history_had_least_for_its_weight() {
    let mut ranks = Ranks::new(1_024, [1, 2]);
    let [usual, new] = [prefix(1), prefix(2)].map(|prefix| ranks.place(prefix));
    for second in 0..20 {
        ranks.remember(at(second), usual, 400_000);
    }
    let first = ranks.charge(new, 40_000);
    ranks.serve(first);
    let second = ranks.charge(new, 40_000);
    // Four hundred times the weight: what one request is to the other, hundreds are to it.
    for _ in 0..100 {
        let turn = ranks.charge(usual, 40_000);
        assert!(turn.finish < second.finish, "{turn:?} {second:?}");
        ranks.serve(turn);
    }
}

#[test]
fn the_first_second_of_a_flood_is_no_history() {
    let mut ranks = Ranks::new(1_024, [1, 2]);
    let [flood, usual] = [prefix(1), prefix(2)].map(|prefix| ranks.place(prefix));
    ranks.remember(at(5), usual, 40_000);
    ranks.remember(at(6), usual, 40_000);
    for _ in 0..100 {
        ranks.remember(at(10), flood, 40_000);
    }
    let step = |ranks: &mut Ranks, place| {
        let turn = ranks.charge(place, 40_000);
        turn.finish - turn.start
    };
    assert!(step(&mut ranks, flood) > 10 * step(&mut ranks, usual));
}

#[test]
fn who_looked_around_once_does_not_return_by_the_first_second_of_its_flood() {
    let mut ranks = Ranks::new(1_024, [1, 2]);
    let [looked, returned] = [prefix(1), prefix(2)].map(|prefix| ranks.place(prefix));
    for (second, place) in [(5, looked), (5, returned), (7, returned), (10, looked), (10, returned)]
    {
        ranks.remember(at(second), place, 1_000);
    }
    let step = |ranks: &mut Ranks, place| {
        let turn = ranks.charge(place, 40_000);
        turn.finish - turn.start
    };
    assert_eq!(step(&mut ranks, looked), WEIGHT_RETURNED * step(&mut ranks, returned));
}

#[test]
fn a_request_of_any_cost_has_its_turn_at_once_after_a_pause() {
    let mut ranks = Ranks::new(1_024, [1, 2]);
    let busy = ranks.place(prefix(1));
    for _ in 0..1_000 {
        let turn = ranks.charge(busy, 100_000);
        ranks.serve(turn);
    }
    let next = ranks.charge(busy, 1);
    let seldom = ranks.place(prefix(2));
    assert!(ranks.charge(seldom, 30_000_000).finish < next.finish);
}

#[test]
fn a_full_table_forgets_who_has_no_history_and_counts_it() {
    let mut ranks = Ranks::new(WAYS, [1, 2]);
    let usual = ranks.place(prefix(0));
    for second in 0..10 {
        ranks.remember(at(second), usual, 50_000);
    }
    for number in 1..1_000 {
        ranks.place(prefix(number));
    }
    assert_eq!(ranks.place(prefix(0)), usual);
    assert_eq!(ranks.saturated(), 1_000 - WAYS as u64);
    // While all its places are held by requests that wait, others share the last.
    for number in 1_000..1_000 + u32::try_from(WAYS).unwrap() {
        let place = ranks.place(prefix(number));
        ranks.waits(place, Waits::OneMore);
    }
    assert_eq!(ranks.place(prefix(5_000)), ranks.place(prefix(6_000)));
}
