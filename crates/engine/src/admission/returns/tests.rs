use super::*;
use crate::admission::MarkSeed;
use seawall_types::SourceKey;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const TOLD: Duration = Duration::from_secs(4);
const PAGE: Option<Fetch> = Some(Fetch::Navigation);
const PART: Option<Fetch> = Some(Fetch::SubResource);

fn at(ms: u64) -> Moment {
    Moment(1_000_000_000_000 + ms * 1_000_000)
}

fn mark(address: impl Into<IpAddr>) -> CallerMark {
    with(address.into(), b"an agent")
}

fn with(address: IpAddr, agent: &[u8]) -> CallerMark {
    let seed = MarkSeed([1, 2]);
    seed.caller(Prefix::of(address), seed.stack(SourceKey::of(address), [b"", agent]))
}

fn visitor(number: u32) -> CallerMark {
    mark(Ipv4Addr::from(0x0A00_0000 + (number << 8)))
}

/// Who was sent away at the start, and told to come back after [`TOLD`].
fn sent_away(returns: &Returns, who: CallerMark) {
    returns.sent_away(at(0), (who, PAGE), (Call::First, TOLD));
}

#[test]
fn who_comes_back_as_told_goes_before_others_once() {
    for (ms, comes_again) in
        [(10, false), (3_700, false), (4_000, true), (64_000, true), (64_300, false)]
    {
        let returns = Returns::new(64);
        sent_away(&returns, visitor(1));
        assert_eq!(returns.call(at(ms), visitor(2), PAGE), Call::First, "somebody else");
        let call = returns.call(at(ms), visitor(1), PAGE);
        assert_eq!(matches!(call, Call::Again { .. }), comes_again, "after {ms} ms: {call:?}");
        assert_eq!(returns.call(at(ms), visitor(1), PAGE), Call::First, "a second request");
    }
}

#[test]
fn who_is_sent_away_again_has_waited_since_the_first_time_and_a_minute_at_most() {
    let returns = Returns::new(64);
    sent_away(&returns, visitor(1));
    for round in 1..=20_u64 {
        let now = at(round * 4_000);
        let call = returns.call(now, visitor(1), None);
        let Call::Again { waited } = call else { panic!("{call:?} in round {round}") };
        assert_eq!(waited, Duration::from_secs((round * 4).min(60)), "round {round}");
        returns.sent_away(now, (visitor(1), None), (call, TOLD));
    }
}

/// How often one that asks so often for a minute goes before others, and the longest that counts.
fn asks_on_and_on(every_ms: u64) -> (u32, Duration) {
    let returns = Returns::new(64);
    let (mut went_before, mut longest) = (0, Duration::ZERO);
    for number in 0..60_000 / every_ms {
        let now = at(number * every_ms);
        let call = returns.call(now, visitor(1), PAGE);
        if let Call::Again { waited } = call {
            went_before += 1;
            longest = longest.max(waited);
        }
        returns.sent_away(now, (visitor(1), PAGE), (call, TOLD));
    }
    (went_before, longest)
}

#[test]
fn who_asks_on_and_on_is_never_early_and_who_is_half_a_second_early_is_once_in_two() {
    assert_eq!(asks_on_and_on(100), (0, Duration::ZERO));
    assert_eq!(asks_on_and_on(1_000), (0, Duration::ZERO));
    assert_eq!(asks_on_and_on(2_500), (0, Duration::ZERO));
    // At 3.5 s in vain, and at 7.0 as late as one may be.
    assert_eq!(asks_on_and_on(3_500), (8, 8 * TOLD));
    assert_eq!(asks_on_and_on(4_100), (13, 13 * TOLD));
}

#[test]
fn who_asks_before_his_time_waits_anew_but_not_in_the_last_second() {
    for (early_ms, then_ms) in [(500, 4_500), (2_750, 6_750), (3_250, 4_000)] {
        let returns = Returns::new(64);
        sent_away(&returns, visitor(1));
        assert_eq!(returns.call(at(early_ms), visitor(1), PAGE), Call::First);
        returns.sent_away(at(early_ms), (visitor(1), PAGE), (Call::First, TOLD));
        assert_eq!(returns.call(at(then_ms - 250), visitor(1), PAGE), Call::First, "{early_ms}");
        let call = returns.call(at(then_ms), visitor(1), PAGE);
        assert_eq!(call, Call::Again { waited: TOLD }, "at {early_ms} ms");
    }
}

#[test]
fn of_two_who_share_an_address_and_a_program_and_come_together_one_goes_before_others() {
    let returns = Returns::new(64);
    let mut went_before = 0;
    for round in 0..15 {
        for late_ms in [0, 500] {
            let now = at(round * 4_000 + late_ms);
            let call = returns.call(now, visitor(1), PAGE);
            went_before += u32::from(call != Call::First);
            returns.sent_away(now, (visitor(1), PAGE), (call, TOLD));
        }
    }
    assert_eq!(went_before, 14);
}

#[test]
fn nobody_gains_by_coming_late() {
    for late_ms in [0, 1_000, 30_000, 59_000] {
        let returns = Returns::new(64);
        sent_away(&returns, visitor(1));
        let call = returns.call(at(4_000 + late_ms), visitor(1), PAGE);
        assert_eq!(call, Call::Again { waited: TOLD }, "{late_ms} ms late");
    }
}

#[test]
fn a_network_has_64_places_whatever_addresses_and_software_ask() {
    let network = |n: u16| Ipv6Addr::new(0x2001, 0xdb8, 7, n, 0, 0, 0, 1).into();
    let v6: BTreeSet<_> = (0..5_000).map(|n| with(network(n), b"a").0).collect();
    let v4 = |n: u8| with(Ipv4Addr::new(192, 0, 2, 1).into(), &[n]).0;
    let v4: BTreeSet<_> = (1..=250).flat_map(|n| [v4(n), v4(n)]).collect();
    assert_eq!(v6.len(), 64);
    assert!((60..=64).contains(&v4.len()), "{}", v4.len());
    assert!(v4.is_disjoint(&v6));
}

#[test]
fn a_page_brings_32_parts_within_ten_seconds_and_nothing_else() {
    let returns = Returns::new(64);
    returns.page_went(at(0), visitor(1));
    assert_eq!(returns.call(at(1), visitor(1), PAGE), Call::First);
    let parts = (0..40).filter(|_| returns.call(at(1), visitor(1), PART) == Call::Part).count();
    assert_eq!(parts, 32);
    returns.page_went(at(2), visitor(1));
    assert_eq!(returns.call(at(10_002), visitor(1), PART), Call::Part);
    assert_eq!(returns.call(at(10_500), visitor(1), PART), Call::First);
    assert_eq!(returns.call(at(2), visitor(2), PART), Call::First, "of a page that did not go");
}

#[test]
fn a_part_that_is_sent_away_is_promised_nothing() {
    let returns = Returns::new(64);
    returns.sent_away(at(0), (visitor(1), PART), (Call::Part, TOLD));
    assert_eq!(returns.call(at(4_000), visitor(1), PAGE), Call::First);
}

#[test]
fn a_full_table_says_so_and_has_room_again_when_somebody_does_not_come() {
    let returns = Returns::new(WAYS);
    (1..=4).for_each(|number| sent_away(&returns, visitor(number)));
    assert_eq!(returns.saturated(), 0);
    sent_away(&returns, visitor(5));
    assert_eq!(returns.saturated(), 1);
    assert_eq!(returns.fill(at(1)), [4, 4]);
    assert_eq!(returns.call(at(4_000), visitor(5), PAGE), Call::First);
    assert!(matches!(returns.call(at(4_000), visitor(4), PAGE), Call::Again { .. }));
    // The others are not here in time.
    let later = at(9_250);
    for number in [5, 6] {
        returns.sent_away(later, (visitor(number), PAGE), (Call::First, TOLD));
    }
    assert!(matches!(returns.call(at(13_250), visitor(6), PAGE), Call::Again { .. }));
}

#[test]
fn nothing_is_kept_of_anybody_a_minute_after_the_last_was_sent_away() {
    let returns = Returns::new(64);
    assert!(!returns.is_busy(at(0)));
    let told = Duration::from_secs(30);
    returns.sent_away(at(0), (visitor(1), PAGE), (Call::First, told));
    returns.page_went(at(0), visitor(1));
    assert!(returns.is_busy(at(59_999)) && !returns.is_busy(at(60_000)));
    assert_eq!((returns.fill(at(59_999))[0], returns.fill(at(60_000))[0]), (1, 0));
    // Who was told 30 s might come still, had somebody else been sent away meanwhile.
    returns.sent_away(at(61_000), (visitor(2), PAGE), (Call::First, TOLD));
    assert_eq!(returns.fill(at(61_000))[0], 1);
    assert_eq!(returns.call(at(61_000), visitor(1), PAGE), Call::First);
    let Notes(pages) = &returns.pages;
    assert!(pages.iter().all(|word| word.load(Relaxed) == 0));
}

#[test]
fn whose_time_is_over_is_not_counted_and_his_place_is_anybodys_for_hours() {
    for hours in [0, 1, 2, 3, 4] {
        let returns = Returns::new(WAYS);
        (1..=4).for_each(|number| sent_away(&returns, visitor(number)));
        let late = at(hours * 3_600_000 + 65_000);
        // Somebody is sent away all that time.
        returns.busy_until.store(late.0 + 1, Relaxed);
        assert_eq!(returns.fill(late), [0, 4], "{hours} hours");
        returns.sent_away(late, (visitor(5), PAGE), (Call::First, TOLD));
        assert_eq!((returns.fill(late)[0], returns.saturated()), (1, 0), "{hours} hours");
        returns.sent_away(late, (visitor(4), PAGE), (Call::First, TOLD));
        let call = returns.call(late + TOLD, visitor(4), PAGE);
        assert_eq!(call, Call::Again { waited: TOLD }, "{hours} hours");
    }
}

#[test]
fn time_that_begins_anew_forgets_nobody() {
    let returns = Returns::new(64);
    // A second before the steps of four and a half hours begin anew.
    let now = Moment(65_536 * 250_000_000 - 1_000_000_000);
    returns.sent_away(now, (visitor(1), PAGE), (Call::First, TOLD));
    let call = returns.call(now + TOLD, visitor(1), PAGE);
    assert_eq!(call, Call::Again { waited: TOLD });
}
