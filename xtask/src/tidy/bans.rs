//! Crates that must replay carry a `clippy.toml` with every ban.
//!
//! A crate's file replaces the root's, so each must repeat all of them.

use super::layers;
use super::tree::Tree;
use super::{Finding, Weight};

/// What would make the same input give another answer, or touch the world.
const BANNED: [&str; 13] = [
    "std::time::Instant::now",
    "std::time::Instant::elapsed",
    "std::time::SystemTime::now",
    "std::thread::spawn",
    "std::fs::read",
    "std::fs::write",
    "std::fs::read_to_string",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::net::TcpStream",
    "std::net::TcpListener",
    "std::net::UdpSocket",
    "std::fs::File",
];

/// Settings of the root's file that would be lost.
const REPEATED: [&str; 2] = ["too-many-lines-threshold = 70", "too-many-arguments-threshold = 4"];

/// Adds every ban that a crate of `tree` lacks.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    let folders = tree
        .files()
        .filter_map(|file| file.path.strip_prefix("crates/")?.strip_suffix("/Cargo.toml"))
        .filter(|folder| layers::must_replay(folder));
    for folder in folders {
        let path = format!("crates/{folder}/clippy.toml");
        let text = tree.file(&path).map_or("", |file| &file.text);
        let bans = BANNED.map(|ban| format!("path = \"{ban}\""));
        let needed = bans.iter().map(String::as_str).chain(REPEATED);
        findings.extend(needed.filter(|line| !text.contains(line)).map(|line| Finding {
            path: path.clone(),
            line: 1,
            weight: Weight::Fault,
            what: format!("a crate that must replay lacks `{line}`"),
            remedy: "repeat it as the other pure crates do".to_owned(),
        }));
    }
}
