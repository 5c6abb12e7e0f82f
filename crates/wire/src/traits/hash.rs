//! A stable 32-bit number for a text: quick, the same everywhere and forever, without a key.
//!
//! Eight bytes a step by a widening multiplication, whose halves are folded together.
//! It mixes well enough to tell texts apart; it keeps nobody from making two meet.

use seawall_types::Trait;

/// Bytes of a value that are looked at; beyond, only its length counts.
pub const HASHED_BYTES_MAX: usize = 512;

const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
const LAST: u64 = 0xd6e8_feb8_6659_fd93;
/// Makes ASCII letters one case, and of other bytes of names at most two one.
const ONE_CASE: u64 = 0x2020_2020_2020_2020;

/// The value of a text.
pub(super) fn value(text: &[u8]) -> Trait {
    finish(absorb::<0>(LAST, text))
}

/// Adds a name in any case.
pub(super) fn add_name(state: u64, name: &[u8]) -> u64 {
    absorb::<ONE_CASE>(state, name)
}

/// The value of what was added; marked, so that it meets no member of a closed set.
pub(super) fn finish(state: u64) -> Trait {
    let [.., a, b, c, d] = fold(state ^ LAST, STEP).to_le_bytes();
    Trait::new(u32::from_le_bytes([a, b, c, d]) | 1 << 31)
}

fn absorb<const CASE: u64>(state: u64, text: &[u8]) -> u64 {
    let looked_at = &text[..text.len().min(HASHED_BYTES_MAX)];
    let mut state = fold(state ^ text.len() as u64, LAST);
    let (words, rest) = looked_at.as_chunks::<8>();
    for word in words {
        state = fold(state ^ (u64::from_le_bytes(*word) | CASE), STEP);
    }
    if rest.is_empty() { state } else { fold(state ^ (last_word(looked_at) | CASE), STEP) }
}

/// The last eight bytes, or all where there are fewer; those told apart by the length.
fn last_word(text: &[u8]) -> u64 {
    if let Some(word) = text.last_chunk::<8>() {
        return u64::from_le_bytes(*word);
    }
    match (text.first_chunk::<4>(), text.last_chunk::<4>()) {
        (Some(front), Some(back)) => {
            u64::from(u32::from_le_bytes(*front)) << 32 | u64::from(u32::from_le_bytes(*back))
        }
        _ => text.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    }
}

fn fold(a: u64, b: u64) -> u64 {
    let wide = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
    let (low, high) = (wide as u64, (wide >> 64) as u64);
    low ^ high
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_text_has_the_number_that_it_had_before() {
        // What was learned is kept on disk by these numbers.
        for (text, bits) in [
            ("", 0xf53c_0d8c),
            ("GET", 0xba8d_b054),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", 0xda56_a2aa),
        ] {
            assert_eq!(value(text.as_bytes()).to_bits(), bits, "{text}");
        }
    }

    #[test]
    fn texts_that_differ_in_length_case_or_one_byte_have_numbers_of_their_own() {
        let mut texts = BTreeSet::new();
        for length in 0..40 {
            texts.insert("a".repeat(length));
            texts.insert("\0".repeat(length));
            for at in 0..length {
                let mut bytes = vec![b'a'; length];
                bytes[at] = b'A';
                texts.insert(String::from_utf8(bytes).unwrap());
            }
        }
        let numbers: BTreeSet<_> = texts.iter().map(|text| value(text.as_bytes())).collect();
        assert_eq!(numbers.len(), texts.len());
    }

    #[test]
    fn numbers_spread_over_all_bits() {
        let bits = (0..4_096_u32).map(|n| value(format!("/{n}").as_bytes()).to_bits());
        let mut ones = [0_u32; 31];
        for number in bits {
            for (bit, ones) in ones.iter_mut().enumerate() {
                *ones += number >> bit & 1;
            }
        }
        assert!(ones.iter().all(|ones| (1_850..2_250).contains(ones)), "{ones:?}");
    }

    #[test]
    fn names_are_the_same_in_any_case() {
        let order = |names: [&str; 2]| {
            finish(names.iter().fold(LAST, |state, name| add_name(state, name.as_bytes())))
        };
        assert_eq!(order(["Accept-Language", "TE"]), order(["accept-language", "te"]));
        assert_ne!(order(["te", "accept-language"]), order(["accept-language", "te"]));
        assert_ne!(order(["ab", "c"]), order(["a", "bc"]));
    }
}
