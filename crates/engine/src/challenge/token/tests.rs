use super::*;
use crate::admission::Prefix;
use crate::challenge::{Family, PlatformMark};
use proptest::prelude::*;

const NOW: u32 = 1_795_000_000;
const DAY: u32 = SPAN_SECS;

fn keys(now_secs: u32) -> Keys {
    Keys::new(&[7; 32], now_secs)
}

fn bound(platform: &str, address: &str, agent: &str) -> Bound {
    Bound {
        platform: PlatformMark::of(platform),
        prefix: Prefix::of(address.parse().unwrap()),
        family: Family::of(agent.as_bytes(), b""),
    }
}

fn www() -> Bound {
    bound("www", "192.0.2.1", "Mozilla/5.0 Firefox/140.0")
}

fn text(token: Token, issued_secs: u32) -> TokenText {
    token.sealed(&keys(issued_secs), &www()).unwrap()
}

#[test]
fn a_token_opens_for_whom_it_was_issued_and_for_nobody_else() {
    let token = Token::fresh(9, NOW);
    let text = text(token, NOW);
    let open = |bound: &Bound| Token::open((&keys(NOW), NOW), bound, text.as_str().as_bytes());
    assert_eq!(open(&www()), Ok(token));
    assert_eq!(open(&bound("www", "192.0.2.77", "Mozilla/5.0 Firefox/141.0")), Ok(token));
    for other in [
        bound("donate", "192.0.2.1", "Mozilla/5.0 Firefox/140.0"),
        bound("www", "198.51.100.1", "Mozilla/5.0 Firefox/140.0"),
        bound("www", "192.0.2.1", "python-requests/2.32"),
    ] {
        assert_eq!(open(&other), Err(TokenFault::Forged));
    }
    let stranger = Keys::new(&[8; 32], NOW);
    let text = text.as_str().as_bytes();
    assert_eq!(Token::open((&stranger, NOW), &www(), text), Err(TokenFault::Forged));
}

#[test]
fn a_token_lives_for_seven_days_whoever_holds_the_secret_by_then() {
    let token = Token::fresh(9, NOW);
    let text = text(token, NOW);
    let open = |now| Token::open((&keys(now), now), &www(), text.as_str().as_bytes());
    assert_eq!(open(NOW + LIFE_SECS), Ok(token));
    assert_eq!(open(NOW + LIFE_SECS + 1), Err(TokenFault::Expired));
    assert_eq!(open(NOW - 1), Err(TokenFault::Expired));
    let mut followed = keys(NOW);
    followed.follow(NOW + DAY);
    let opened = Token::open((&followed, NOW + DAY), &www(), text.as_str().as_bytes());
    assert_eq!(opened, Ok(token));
}

#[test]
fn a_token_ages_by_being_brought_back_on_other_days_and_not_by_lying_about() {
    let fresh = Token::fresh(9, NOW);
    assert_eq!(fresh.renewed(NOW + RENEW_AFTER_SECS - 1), None);
    let next = fresh.renewed(NOW + 5 * DAY).unwrap();
    assert_eq!((next.clean_days, next.is_old(), next.has_history()), (1, false, true));
    assert_eq!(next.renewed(NOW + 5 * DAY + 60), None);
    let old = next.renewed(NOW + 6 * DAY).unwrap();
    assert_eq!((old.id, old.first_secs, old.is_old()), (9, NOW, true));
    let oldest = Token { clean_days: u8::MAX, ..old };
    assert_eq!(oldest.renewed(NOW + 7 * DAY).unwrap().clean_days, u8::MAX);
}

#[test]
fn what_does_not_look_like_a_token_is_none() {
    for junk in ["", "a", &"=".repeat(TEXT_BYTES), &"A".repeat(TEXT_BYTES + 1)] {
        let opened = Token::open((&keys(NOW), NOW), &www(), junk.as_bytes());
        assert_eq!(opened, Err(TokenFault::Form), "{junk}");
    }
}

proptest! {
    #[test]
    fn no_letter_of_a_token_can_be_changed(at in 0..TEXT_BYTES, letter in "[A-Za-z0-9_-]") {
        let token = text(Token::fresh(9, NOW), NOW);
        let mut changed = token.as_str().to_owned();
        changed.replace_range(at..=at, &letter);
        let opened = Token::open((&keys(NOW), NOW), &www(), changed.as_bytes());
        prop_assert_eq!(opened.is_ok(), changed == token.as_str());
    }
}
