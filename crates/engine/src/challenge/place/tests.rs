use super::*;
use crate::admission::Prefix;
use crate::challenge::{Family, PlatformMark};

const NOW: u32 = 1_795_000_000;
const NOW_MS: u64 = 1_795_000_000_000;

fn bound(address: &str) -> Bound {
    Bound {
        platform: PlatformMark::of("www"),
        prefix: Prefix::of(address.parse().unwrap()),
        family: Family::of(b"w3m/0.5.3", b""),
    }
}

#[test]
fn turns_come_one_behind_the_other_and_a_line_that_is_too_long_takes_nobody() {
    let line = Line::default();
    let turns: Vec<_> = (0..3).map(|_| line.join(NOW_MS, 200).unwrap() - NOW_MS).collect();
    assert_eq!(turns, [0, 200, 400]);
    assert_eq!(line.join(NOW_MS + 9_000, 200), Some(NOW_MS + 9_000));
    let full = Line::default();
    let most = u64::from(WAIT_MAX_SECS) * 1_000;
    assert_eq!(full.join(NOW_MS, most), Some(NOW_MS));
    assert_eq!(full.join(NOW_MS, 1), Some(NOW_MS + most));
    assert_eq!(full.join(NOW_MS, 1), None);
    assert_eq!(full.join(NOW_MS + 1, 1), Some(NOW_MS + most + 1));
}

#[test]
fn a_place_is_worth_a_token_at_its_turn_and_neither_before_nor_long_after() {
    let keys = Keys::new(&[7; 32], NOW);
    let place = Place { joined_secs: NOW, turn_secs: NOW + 9 };
    let mine = bound("192.0.2.1");
    let text = place.sealed(&keys, &mine).unwrap();
    let open = |now, bound: &Bound| Place::open((&keys, now), bound, text.as_str().as_bytes());
    assert_eq!(open(NOW + 8, &mine), Err(PlaceFault::Early(place)));
    let token = open(NOW + 9, &mine).unwrap();
    assert_eq!(open(NOW + 9 + GRACE_SECS, &mine), Ok(token));
    assert_eq!(open(NOW + 10 + GRACE_SECS, &mine), Err(PlaceFault::Missed));
    assert_eq!(open(NOW + 9, &bound("198.51.100.1")), Err(PlaceFault::Forged));
    let mut forged = text.as_str().as_bytes().to_vec();
    forged[9] ^= 1;
    let opened = Place::open((&keys, NOW + 9), &mine, &forged);
    assert!(matches!(opened, Err(PlaceFault::Forged | PlaceFault::Form)));
    assert_eq!(Place::open((&keys, NOW), &mine, b"short"), Err(PlaceFault::Form));
}
