//! Lines of reports: what they say, whom they keep out, what other people's readers make of them.

use super::{Line, Probe, line, passes};
use crate::score::bar::Bar::AtMost;

pub(super) const LINES: &[Line] = &[
    passes(
        "report.truth",
        "platforms of 50 random incidents are judged right, none is ruled out wrongly, sums exact",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "truth::"],
    ),
    passes(
        "report.sources",
        "sources are counted within 5 %, few of them exactly, and a sample favours nobody",
        &["test", "-q", "-p", "seawall-engine", "--lib", "sources::"],
    ),
    passes(
        "report.validators",
        "other people's validators take every document of the simulated incidents",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "validators::"],
    ),
    passes(
        "report.same",
        "the same records give the same bytes, however they are cut",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "streamed::"],
    ),
    passes(
        "report.page",
        "a page in a browser runs nothing, asks for nothing and breaks no rule of axe",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "browser::"],
    ),
    passes(
        "report.calibration",
        "over 200 campaigns of 20 botnets: Brier score at most 0.10, intervals of countries hold",
        &["test", "-q", "-p", "seawall-report", "--lib", "assess::"],
    ),
    passes(
        "report.lint",
        "50 planted over-claims are found, 20 sober statements pass",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "lint::"],
    ),
    passes(
        "report.calm",
        "24 plain hours turn no sign of integrity; what is planted turns one within a minute",
        &["test", "-q", "-p", "seawall-engine", "--lib", "integrity::"],
    ),
    passes(
        "report.privacy",
        "a thousand addresses stand in no record of sources and in no ring",
        &["test", "-q", "-p", "seawall-evidence", "--lib", "sources::"],
    ),
    passes(
        "report.injection",
        "500 hostile texts change no shape, reach no terminal and become no formula",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "injection::"],
    ),
    passes(
        "report.founding",
        "the founding case is told as it was, with 60 % of its sources in one country",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "founding::"],
    ),
    line(
        "report.planted.content",
        "a defacement behind a flood turns the statement after",
        (AtMost(60.0), "s"),
        PLANTED,
    ),
    line(
        "report.planted.admin",
        "an admin from a new place behind a flood turns the statement after",
        (AtMost(60.0), "s"),
        PLANTED,
    ),
    line(
        "report.planted.egress",
        "50 MB that leave behind a flood turn the statement after",
        (AtMost(60.0), "s"),
        PLANTED,
    ),
];

/// The real program before an origin of the test's own.
const PLANTED: Probe =
    Probe::Test("integrity::what_is_planted_behind_a_flood_turns_the_statement_within_a_minute");
