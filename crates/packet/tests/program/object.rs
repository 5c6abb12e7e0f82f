//! The committed object is what the committed source compiles to.

use crate::loaded;
use seawall_packet::object::{object, recorded};
use sha2::{Digest as _, Sha256};
use std::fs;
use std::path::Path;

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

#[test]
fn the_object_was_made_of_this_source() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bpf");
    let source: Vec<u8> = ["kernel.h", "abi.h", "seawall.c"]
        .iter()
        .flat_map(|name| fs::read(folder.join(name)).unwrap())
        .collect();
    let remedy = "rebuild it with `cargo x bpf`";
    assert_eq!(recorded("source"), Some(digest(&source).as_str()), "{remedy}");
    assert_eq!(recorded("object"), Some(digest(object()).as_str()), "{remedy}");
}

#[test]
fn the_verifier_walks_fewer_than_fifty_thousand_instructions() {
    let Some(mut kernel) = loaded("the_verifier_walks_fewer_than_fifty_thousand_instructions")
    else {
        return;
    };
    if let Some(walked) = kernel.verified_instructions() {
        println!("{walked} instructions verified");
        assert!((1..50_000).contains(&walked), "{walked}");
    }
}
