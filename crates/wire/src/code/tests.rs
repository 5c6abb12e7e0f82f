use super::*;
use proptest::prelude::*;
use seawall_types::{Reason, SourceKey};

fn key() -> CodeKey {
    CodeKey::new(&std::array::from_fn(|index| u8::try_from(index).unwrap()))
}

const CAPSULE: Capsule =
    Capsule { at_secs: 1_767_225_600, platform: 0xabc, mitigation: 0x12345, source: 0x00c0_ffee };

fn capsules() -> impl Strategy<Value = Capsule> {
    (any::<u32>(), 0..1_u16 << 12, 0..1_u32 << 20, 0..1_u32 << 24).prop_map(
        |(at_secs, platform, mitigation, source)| Capsule { at_secs, platform, mitigation, source },
    )
}

fn reasons() -> impl Strategy<Value = Reason> {
    (0..Reason::COUNT).prop_map(|index| Reason::ALL[index])
}

#[test]
fn a_code_is_a_reason_a_dot_and_26_characters() {
    // Computed by another implementation of SipHash-2-4 and base32.
    let code = seal(&key(), Reason::Rate, &CAPSULE);
    assert_eq!(code.as_str(), "rate.NFK3SAFLYERULQH753ADMMJGME");
}

#[test]
fn a_capsule_in_lower_case_opens_and_a_word_in_upper_case_does_not() {
    let code = seal(&key(), Reason::Host, &CAPSULE);
    let lower = code.as_str().to_ascii_lowercase();
    assert_eq!(open(&key(), &lower), Ok((Reason::Host, CAPSULE)));
    let upper = code.as_str().to_ascii_uppercase();
    assert_eq!(open(&key(), &upper), Err(CodeFault::Reason));
}

#[test]
fn another_key_or_another_reason_does_not_open() {
    let code = seal(&key(), Reason::Rate, &CAPSULE);
    assert_eq!(open(&CodeKey::new(&[9; 32]), code.as_str()), Err(CodeFault::Tag));
    let other = code.as_str().replace("rate.", "slow.");
    assert_eq!(open(&key(), &other), Err(CodeFault::Tag));
}

#[test]
fn a_text_of_another_shape_does_not_open() {
    let code = seal(&key(), Reason::Rate, &CAPSULE);
    let text = code.as_str();
    for (name, text, fault) in [
        ("empty", String::new(), CodeFault::Shape),
        ("no dot", text.replace('.', ""), CodeFault::Shape),
        ("too short", text[..30].to_owned(), CodeFault::Shape),
        ("too long", format!("{text}A"), CodeFault::Shape),
        ("padded", format!("{text}======"), CodeFault::Shape),
        ("no base32", format!("{}1", &text[..30]), CodeFault::Shape),
        ("above ASCII", format!("{}é", &text[..29]), CodeFault::Shape),
        ("unknown word", text.replace("rate", "rat"), CodeFault::Reason),
    ] {
        assert_eq!(open(&key(), &text), Err(fault), "{name}");
    }
}

#[test]
fn the_two_bits_to_spare_must_be_zero() {
    let code = seal(&key(), Reason::Rate, &CAPSULE);
    let (front, last) = code.as_str().split_at(30);
    let place = ALPHABET.find(last).unwrap();
    assert_eq!(place % 4, 0);
    for spare in 1..4 {
        let text = format!("{front}{}", &ALPHABET[place + spare..=place + spare]);
        assert_eq!(open(&key(), &text), Err(CodeFault::SpareBits));
    }
}

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

#[test]
fn tags_of_names_and_sources_differ_by_key_and_stay_in_their_bits() {
    let source = |text: &str| SourceKey::of(text.parse().unwrap());
    let near = source_tag(&key(), source("192.0.2.1"));
    assert_ne!(near, source_tag(&key(), source("192.0.2.2")));
    assert_eq!(near, source_tag(&key(), source("::ffff:192.0.2.1")));
    assert_ne!(near, source_tag(&CodeKey::new(&[9; 32]), source("192.0.2.1")));
    assert!(near < 1 << 24);
    let www = platform_tag(&key(), "www");
    assert_ne!(www, platform_tag(&key(), "donate"));
    assert_eq!(www, platform_tag(&key(), "www"));
    assert!(www < 1 << 12);
}

#[test]
fn a_key_does_not_show_itself() {
    assert_eq!(format!("{:?}", key()), "CodeKey");
}

proptest! {
    #[test]
    fn what_is_sealed_opens(reason in reasons(), capsule in capsules()) {
        let code = seal(&key(), reason, &capsule);
        prop_assert!(code.as_str().len() <= CODE_BYTES_MAX);
        prop_assert_eq!(open(&key(), code.as_str()), Ok((reason, capsule)));
    }

    #[test]
    fn every_bit_flip_is_refused(reason in reasons(), capsule in capsules()) {
        let code = seal(&key(), reason, &capsule);
        for place in 0..code.as_str().len() {
            for bit in 0..8 {
                let mut bytes = code.as_str().as_bytes().to_vec();
                bytes[place] ^= 1 << bit;
                let Ok(flipped) = String::from_utf8(bytes) else { continue };
                // A letter of the capsule in the other case is the same code.
                let same = place > reason.word().len()
                    && flipped.eq_ignore_ascii_case(code.as_str());
                prop_assert_eq!(open(&key(), &flipped).is_ok(), same, "{}", flipped);
            }
        }
    }

    #[test]
    fn bits_that_are_not_carried_change_nothing(capsule in capsules()) {
        let more = Capsule {
            platform: capsule.platform | 0xf000,
            mitigation: capsule.mitigation | 0xfff0_0000,
            source: capsule.source | 0xff00_0000,
            ..capsule
        };
        let sealed = seal(&key(), Reason::Rate, &capsule);
        prop_assert_eq!(sealed, seal(&key(), Reason::Rate, &more));
    }
}
