use super::*;
use std::time::Duration;

fn at(ms: u64) -> Moment {
    Moment(0) + Duration::from_millis(ms)
}

/// How many of `each_ms` wishes over `span_ms` are granted.
fn granted(pace: Pace, (each_ms, span_ms): (u64, u64)) -> usize {
    let table = Spend::new([1, 2]);
    let wish = |nth: u64| table.take(at(nth * each_ms), (Purpose::Token, 9), pace);
    (0..span_ms / each_ms).filter(|nth| wish(*nth) == Taken::Within).count()
}

#[test]
fn a_token_asks_for_twenty_pages_at_once_and_two_a_second_from_then_on() {
    assert_eq!(granted(TOKEN, (1, 400)), 20);
    assert_eq!(granted(TOKEN, (10, 30_000)), 79);
}

#[test]
fn a_network_without_history_gets_ten_a_second_over_half_a_minute_however_fast_it_solves() {
    let granted = granted(NETWORK, (1, 30_000));
    assert!((295..=300).contains(&granted), "{granted}");
}

/// Refusals of 500 visitors of one network, each of whom looks at a page of ten parts every ten seconds.
fn refused_behind_one_network(clean_days: u8) -> usize {
    let table = Spend::new([1, 2]);
    let mut refused = 0;
    for tick in 0..3_000_u64 {
        // Ten visitors in each fifth of a second.
        for visitor in (0..500).filter(|visitor| visitor % 50 == tick % 50) {
            let token = Token { clean_days, ..Token::fresh(visitor, 0) };
            let ask = |fetch| table.charge(at(tick * 200), (token, 7), fetch);
            let parts = (0..10).map(|_| ask(Fetch::SubResource));
            let told = parts.chain([ask(Fetch::Navigation)]).collect::<Vec<_>>();
            refused += told.into_iter().filter(|told| *told == Taken::Over).count();
        }
    }
    refused
}

#[test]
fn five_hundred_visitors_with_a_clean_day_behind_one_network_see_no_refusal() {
    assert_eq!(refused_behind_one_network(1), 0);
    assert!(refused_behind_one_network(0) > 100_000, "without a history they are one party");
}

#[test]
fn what_may_happen_once_happens_once() {
    let table = Spend::new([1, 2]);
    let use_it = |ms| table.take(at(ms), (Purpose::Once, 77), ONCE);
    assert_eq!([use_it(0), use_it(1), use_it(600_000)], [Taken::Within, Taken::Over, Taken::Over]);
    assert_eq!(table.take(at(2), (Purpose::Once, 78), ONCE), Taken::Within);
    assert_eq!(table.take(at(2), (Purpose::Token, 77), TOKEN), Taken::Within);
}

#[test]
fn what_was_taken_is_told_until_it_has_come_back() {
    let table = Spend::new([1, 2]);
    for _ in 0..40 {
        let _ = table.take(at(0), (Purpose::Passes, 5), PASSES);
    }
    let told = |ms| table.taken(at(ms), (Purpose::Passes, 5), PASSES);
    assert_eq!([told(0), told(100_000), told(400_000)], [40, 30, 0]);
    assert_eq!(table.taken(at(0), (Purpose::Passes, 6), PASSES), 0);
}

#[test]
fn a_full_table_keeps_what_it_has_says_so_and_takes_others_once_that_has_come_back() {
    let table = Spend::new([1, 2]);
    let wish = |ms, key| table.take(at(ms), (Purpose::Once, key), ONCE);
    let keys = 0..2 * BUCKETS_MAX as u64;
    let kept = keys.clone().filter(|key| wish(0, *key) == Taken::Within).count();
    assert!((BUCKETS_MAX * 98 / 100..=BUCKETS_MAX).contains(&kept), "{kept}");
    assert_eq!(table.saturated(), (2 * BUCKETS_MAX - kept) as u64);
    assert_eq!(table.entries(at(1)), kept as u64);
    let again = keys.clone().filter(|key| wish(1, *key) == Taken::Over).count();
    assert_eq!(again, kept);
    assert_eq!(table.entries(at(1_000_001)), 0);
    assert_eq!(wish(1_000_001, u64::MAX), Taken::Within);
    assert_eq!(table.entries(at(1_000_001)), 1);
}
