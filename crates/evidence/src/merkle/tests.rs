//! Known answers, and properties against the recursive definition.

use super::proof::{consistency, grew, includes, inclusion, root};
use super::{Hash, Peaks, leaf, node};
use data_encoding::HEXLOWER;
use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

/// The eight inputs on which implementations of RFC 6962 are compared.
const INPUTS: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Heads over the first 1, 2, … 8 of them.
const HEADS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hash(hex: &str) -> Hash {
    Hash(HEXLOWER.decode(hex.as_bytes()).unwrap().try_into().unwrap())
}

fn leaves() -> Vec<Hash> {
    INPUTS.iter().map(|hex| leaf(&HEXLOWER.decode(hex.as_bytes()).unwrap())).collect()
}

#[test]
fn the_head_of_no_records_is_the_hash_of_nothing() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Peaks::default().root(), hash(empty));
}

#[test]
fn heads_are_the_known_ones() {
    let leaves = leaves();
    let mut peaks = Peaks::default();
    for (leaf, head) in leaves.iter().zip(HEADS) {
        peaks.push(*leaf);
        assert_eq!(peaks.root(), hash(head), "over {}", peaks.size());
    }
}

#[test]
fn a_path_of_inclusion_is_the_known_one() {
    let path = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion(&leaves(), 5).unwrap(), path.map(hash));
}

#[test]
fn paths_of_consistency_are_the_known_ones() {
    let path = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency(&leaves(), 6).unwrap(), path.map(hash));
    let path = [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ];
    assert_eq!(consistency(&leaves()[..5], 2).unwrap(), path.map(hash));
}

#[test]
fn peaks_that_do_not_fit_their_size_are_refused() {
    let some = leaf(b"x");
    assert!(Peaks::new(3, vec![some, some]).is_some());
    assert!(Peaks::new(3, vec![some]).is_none());
    assert!(Peaks::new(0, vec![some]).is_none());
}

/// The definition of RFC 6962 §2.1, word by word.
fn defined(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => Hash(Sha256::digest([]).into()),
        [one] => *one,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            node(&defined(left), &defined(right))
        }
    }
}

proptest! {
    #[test]
    fn proofs_hold_for_their_tree_and_for_no_other(
        size in 1_usize..200, a in any::<prop::sample::Index>(), b in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let leaves: Vec<_> = (0..size).map(|n| leaf(&n.to_be_bytes())).collect();
        let head = defined(&leaves);
        prop_assert_eq!(root(&leaves), head);
        let index = a.index(size);
        let path = inclusion(&leaves, index).unwrap();
        let place = (index as u64, size as u64);
        prop_assert!(includes(leaves[index], place, (&path, head)));
        let mut other = leaves[index];
        other.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!includes(other, place, (&path, head)));
        let earlier = 1 + b.index(size);
        let grown = consistency(&leaves, earlier).unwrap();
        let before = (earlier as u64, defined(&leaves[..earlier]));
        prop_assert!(grew(before, (size as u64, head), &grown));
        let mut wrong = before.1;
        wrong.0[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(!grew((before.0, wrong), (size as u64, head), &grown));
    }
}
