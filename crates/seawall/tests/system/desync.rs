//! No two parsers disagree where a request ends, whatever is sent.
//!
//! Each case sends a probe, a marker behind it on the same connection, and a marker of another
//! client, which would find a connection to the origin that the probe has poisoned.
//! Then what the shield let through by its own records must be what the origin counted, bodies
//! that arrived whole must be those that the gate read, and each client must have got the answers
//! to its own requests and no others.

mod answers;
mod case;
mod cases;
mod judge;
mod liar;
mod run;

use crate::fixtures::program::{PYTHON, skip};
use crate::fixtures::{figure, needs};
use crate::origins::{Kind, PROGRAMS};
use case::Case;
use std::process::Command;
use std::thread;

#[test]
fn no_origin_disagrees_with_the_shield_about_what_was_asked() {
    let test = "desync::no_origin_disagrees_with_the_shield_about_what_was_asked";
    if !needs(test, &PROGRAMS) {
        return;
    }
    let h11 = Command::new(PYTHON).args(["-c", "import h11"]).status();
    if !h11.is_ok_and(|status| status.success()) {
        return skip(test, "not installed: h11 for Python");
    }
    let cases: Vec<Case> = cases::all().into_iter().filter(|case| is_chosen(&case.name)).collect();
    let lies: Vec<_> = answers::all().into_iter().filter(|lie| is_chosen(lie.name)).collect();
    let found: Vec<String> = thread::scope(|scope| {
        let (cases, lies) = (&cases, &lies);
        let lying = scope.spawn(move || liar::against(lies));
        let running = Kind::ALL.map(|kind| scope.spawn(move || run::against(kind, cases)));
        let running = running.into_iter().chain([lying]);
        running.flat_map(|one| one.join().expect("a fault was told")).collect()
    });
    figure("desync.cases", cases.len() + lies.len(), "cases");
    figure("desync.disagreements", found.len(), "disagreements");
    assert!(found.is_empty(), "{} disagreements:\n{}", found.len(), found.join("\n"));
}

/// Every case, unless the environment variable `CASE` names a part of some names.
fn is_chosen(name: &str) -> bool {
    std::env::var("CASE").map_or(true, |part| name.contains(&part))
}
