//! Known answers of notes, keys and cosignatures.

use super::{BadNote, Note, Signature};
use crate::cosignature::{Seen, message, seen};
use crate::key::{KeyKind, KnownKey, NodeKey};
use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signer as _, SigningKey};

/// Key and note with which Go's `sumdb/note` is tested.
const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n\
    \n\
    \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

#[test]
fn the_note_that_other_implementations_are_tested_with_holds() {
    let key: KnownKey = PETER.parse().unwrap();
    assert_eq!(key.to_string(), PETER);
    let note = Note::parse(NOTE).unwrap();
    assert!(note.is_signed_by(&key));
    assert_eq!(note.to_string(), NOTE);
    let changed = Note::parse(&NOTE.replace("answer", "Answer")).unwrap();
    assert!(!changed.is_signed_by(&key));
}

#[test]
fn a_key_with_any_character_changed_is_none() {
    for at in 0..PETER.len() {
        let mut bytes = PETER.as_bytes().to_vec();
        bytes[at] = bytes[at].wrapping_add(1);
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.parse::<KnownKey>().is_err(), "{text}");
    }
}

#[test]
fn a_text_that_is_no_note_says_why() {
    let check = |text: &str, why: BadNote| assert_eq!(Note::parse(text), Err(why), "{text:?}");
    check("text\n", BadNote::NoSignatures);
    check("text\n\n\u{2014} a b\n", BadNote::BadSignature);
    check(NOTE.trim_end(), BadNote::BadSignature);
    check(&NOTE.replace("If", "\tIf"), BadNote::Control);
    check(&NOTE.replace("\u{2014} ", "- "), BadNote::BadSignature);
    check(&"x".repeat(super::NOTE_MAX + 1), BadNote::Long);
}

/// RFC 8032 §7.1, tests 1 to 3: secret, public, message, signature.
const ED25519: [(&str, &str, &str, &str); 3] = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
];

#[test]
fn signatures_are_those_of_rfc_8032() {
    let bytes = |hex: &str| HEXLOWER.decode(hex.as_bytes()).unwrap();
    for (secret, public, message, signature) in ED25519 {
        let key = SigningKey::from_bytes(&bytes(secret).try_into().unwrap());
        assert_eq!(key.verifying_key().as_bytes().as_slice(), bytes(public));
        assert_eq!(key.sign(&bytes(message)).to_bytes().as_slice(), bytes(signature));
    }
}

#[test]
fn two_nodes_of_one_name_are_two_logs() {
    let key = |secret| NodeKey::of_node("a".parse().unwrap(), &[secret; 32]);
    assert_ne!(key(1).known().name(), key(2).known().name());
    assert_eq!(key(1).known(), key(1).known());
    let note = Note { text: "x\n".to_owned(), signatures: vec![key(1).sign("x\n")] };
    assert!(note.is_signed_by(key(1).known()));
    assert!(!note.is_signed_by(key(2).known()));
}

/// A witness made for a test, and the line with which it signs.
fn witness(secret: u8) -> (SigningKey, KnownKey) {
    let signing = SigningKey::from_bytes(&[secret; 32]);
    let public = signing.verifying_key().to_bytes();
    let known = KnownKey::new("witness.example.org/w1", KeyKind::Cosignature, &public);
    (signing, known.unwrap())
}

#[test]
fn a_cosignature_holds_for_its_time_and_its_text_alone() {
    let (signing, known) = witness(7);
    assert_eq!(known.kind(), KeyKind::Cosignature);
    let text = "seawall/a/00000000\n1\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    let seconds: u64 = 1_679_315_147;
    let mut bytes = seconds.to_be_bytes().to_vec();
    bytes.extend_from_slice(&signing.sign(message(text, seconds).as_bytes()).to_bytes());
    let line = Signature { name: known.name().to_owned(), id: known.id(), bytes };
    let note = Note { text: text.to_owned(), signatures: vec![line] };
    assert_eq!(seen(&note, &known), Seen::At(seconds));
    assert_eq!(seen(&note, &witness(8).1), Seen::Never);
    let mut moved = note.clone();
    moved.signatures[0].bytes[7] ^= 1;
    assert_eq!(seen(&moved, &known), Seen::Forged);
    let changed = Note { text: text.replace("\n1\n", "\n2\n"), ..note };
    assert_eq!(seen(&changed, &known), Seen::Forged);
}

#[test]
fn the_example_of_the_cosignature_standard_has_the_form_that_is_read() {
    let line = "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==";
    let bytes = BASE64.decode(line.as_bytes()).unwrap();
    assert_eq!(bytes.len(), 4 + 8 + 64);
    assert_eq!(u64::from_be_bytes(bytes[4..12].try_into().unwrap()), 1_679_315_147);
}
