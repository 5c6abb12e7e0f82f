//! Pictures of the pages of a check, and the table of what programs gain there, into `docs/challenge.md`.
//!
//! Both come from system tests, run against an optimised build of the tests' own profile.

use crate::shell::{self, Failure, cargo};
use std::path::Path;

/// Tests that leave something in the folder of documents.
const TESTS: [&str; 2] = [
    "challenge::looks::pages_of_a_check_are_pictured_light_dark_on_a_phone_and_from_right_to_left",
    "challenge::programs::no_program_comes_through_by_what_it_looks_like_and_the_sum_buys_what_a_token_is_worth",
];

/// Runs them.
pub(crate) fn chore(root: &Path) -> Result<(), Failure> {
    let mut command = cargo();
    command
        .current_dir(root)
        .args(["test", "--profile", "system", "-p", "seawall", "--test", "system", "--"])
        .args(["--exact", "--nocapture", "--test-threads", "1"])
        .args(TESTS)
        .env("SEAWALL_DOCS", root.join("docs"))
        .env("SEAWALL_REQUIRE_ALL", "1");
    shell::run(&mut command)
}
