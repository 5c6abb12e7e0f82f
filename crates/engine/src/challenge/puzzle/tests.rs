use super::*;
use crate::admission::Prefix;
use crate::challenge::{Family, PlatformMark};

const NOW: u32 = 1_795_000_000;
const TASK: Task = Task { difficulty: Difficulty::LEAST, measure: 7, nonce: 1 };

fn bound(address: &str) -> Bound {
    Bound {
        platform: PlatformMark::of("www"),
        prefix: Prefix::of(address.parse().unwrap()),
        family: Family::of(b"Mozilla/5.0", b""),
    }
}

fn keys() -> Keys {
    Keys::new(&[7; 32], NOW)
}

/// As a browser does: it knows nothing but what was set.
fn solved(puzzle: &Puzzle) -> u64 {
    let is_it = |number: &u64| {
        let found = Sha256::digest(format!("{}{number}", puzzle.salt));
        HEXLOWER.encode(&found) == puzzle.challenge
    };
    (0..=u64::from(puzzle.number_max)).find(is_it).expect("every puzzle has an answer")
}

fn answer(puzzle: &Puzzle, number: u64) -> Answer<'_> {
    let Puzzle { challenge, salt, signature, .. } = puzzle;
    Answer { challenge, salt, number, signature }
}

#[test]
fn whoever_finds_the_number_in_time_has_solved_it() {
    let set = bound("192.0.2.1");
    let puzzle = Puzzle::set((&keys(), NOW), &set, TASK).unwrap();
    assert!(puzzle.salt.len() <= SALT_MAX);
    let number = solved(&puzzle);
    let check = |now, bound: &Bound| answer(&puzzle, number).check((&keys(), now), bound);
    let first = check(NOW, &set).unwrap();
    assert_eq!(first.measure, 7);
    assert_eq!(check(NOW + LIFE_SECS, &bound("192.0.2.99")), Ok(first));
    assert_eq!(check(NOW + LIFE_SECS + 1, &set), Err(Unsolved::Late));
    assert_eq!(check(NOW, &bound("198.51.100.1")), Err(Unsolved::Elsewhere));
    let wrong = answer(&puzzle, number + 1).check((&keys(), NOW), &set);
    assert_eq!(wrong, Err(Unsolved::Wrong));
}

#[test]
fn a_puzzle_cannot_be_made_longer_lived_or_easier_by_its_bearer() {
    let set = bound("192.0.2.1");
    let puzzle = Puzzle::set((&keys(), NOW), &set, TASK).unwrap();
    let number = solved(&puzzle);
    let later = puzzle.salt.replace(&(NOW + LIFE_SECS).to_string(), &(NOW + 9_999).to_string());
    let changed = Answer { salt: &later, ..answer(&puzzle, number) };
    assert_eq!(changed.check((&keys(), NOW), &set), Err(Unsolved::Wrong));
    let easy = Puzzle { challenge: HEXLOWER.encode(&hash(&puzzle.salt, 0)), ..puzzle.clone() };
    assert_eq!(answer(&easy, 0).check((&keys(), NOW), &set), Err(Unsolved::Elsewhere));
    // The first digit of the number as the last of the salt hashes to the same.
    let digits = number.to_string();
    let salt = format!("{}{}", puzzle.salt, &digits[..1]);
    let moved =
        Answer { salt: &salt, number: digits[1..].parse().unwrap_or(0), ..answer(&puzzle, 0) };
    assert_eq!(moved.check((&keys(), NOW), &set), Err(Unsolved::Form));
    for (salt, signature) in [("", &*puzzle.signature), (&puzzle.salt, "00"), (&puzzle.salt, "zz")]
    {
        let junk = Answer { salt, signature, ..answer(&puzzle, number) };
        assert_eq!(junk.check((&keys(), NOW), &set), Err(Unsolved::Form));
    }
}

#[test]
fn a_puzzle_set_before_midnight_can_be_answered_after_it() {
    let midnight = NOW / 86_400 * 86_400 + 86_400;
    let before = Keys::new(&[7; 32], midnight - 1);
    let set = bound("192.0.2.1");
    let puzzle = Puzzle::set((&before, midnight - 1), &set, TASK).unwrap();
    let after = Keys::new(&[7; 32], midnight + 9);
    assert!(answer(&puzzle, solved(&puzzle)).check((&after, midnight + 9), &set).is_ok());
}

#[test]
fn a_network_that_passes_all_the_time_works_sixteen_times_as_much() {
    let told =
        [0, 7, 8, 15, 16, 32, 64, 128, u32::MAX].map(|lately| Difficulty::after(lately).bits());
    assert_eq!(told, [14, 14, 15, 15, 16, 17, 18, 18, 18]);
    assert_eq!((Difficulty::LEAST.number_max(), Difficulty::MOST.number_max()), (16_383, 262_143));
}
