//! Lines of reports: what they say, whom they keep out, what other people's readers make of them.

use super::{Line, Probe, line, passes};
use crate::score::bar::Bar::{AtLeast, AtMost};

/// Random incidents whose truth was drawn first.
const TRUTH: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-report",
    "--test",
    "reports",
    "--",
    "--nocapture",
    "truth::",
]);
/// Other people's validators over two hundred incidents.
const VALIDATORS: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-report",
    "--test",
    "reports",
    "--",
    "--ignored",
    "--nocapture",
    "validators::",
]);
/// Five random incidents of the real program before real origins.
const REALITY: Probe =
    Probe::Test("reality::five_random_incidents_of_the_real_program_are_reported_as_they_were");
/// Campaigns of botnets whose truth was drawn first.
const CALIBRATION: Probe =
    Probe::Said(&["test", "-q", "-p", "seawall-report", "--lib", "--", "--nocapture", "assess::"]);
/// Crowds whose groups were drawn first.
const CLUSTERS: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-evidence",
    "--lib",
    "--",
    "--nocapture",
    "sources::clusters::",
]);
/// Planted claims and sober statements.
const LINT: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-report",
    "--test",
    "reports",
    "--",
    "--nocapture",
    "lint::",
]);
/// Incidents by what they cost the service.
const SEVERITY: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-report",
    "--test",
    "reports",
    "--",
    "--nocapture",
    "six_incidents_stand",
    "what_lay_between_two_clocks",
]);
/// The reports of the founding case with records left out one kind after another.
const TRACED: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-report",
    "--test",
    "reports",
    "--",
    "--nocapture",
    "traced::",
]);
/// Plain hours and what is planted, under a virtual clock.
const CALM: Probe = Probe::Said(&[
    "test",
    "-q",
    "-p",
    "seawall-engine",
    "--lib",
    "--",
    "--nocapture",
    "integrity::",
]);
/// The real program before an origin of the test's own.
const PLANTED: Probe =
    Probe::Test("integrity::what_is_planted_behind_a_flood_turns_the_statement_within_a_minute");
/// The real program under a flood from a thousand addresses.
const SEALED: Probe = Probe::Test(
    "sealed::a_thousand_addresses_stand_only_where_sources_are_named_and_one_is_erased_at_once",
);
/// The real program under valgrind, with the record of requests and without.
const LOGGING: Probe = Probe::Test("counts::the_record_of_requests_costs_little_beside_them");

pub(super) const LINES: &[Line] = &[
    // 1: the truth.
    line(
        "report.truth",
        "platforms of 50 random incidents that are judged right",
        (AtLeast(98.0), "%"),
        TRUTH,
    ),
    line(
        "report.truth.ruled-out",
        "platforms of them that were hit and are ruled out",
        (AtMost(0.0), "platforms"),
        TRUTH,
    ),
    line(
        "report.truth.requests",
        "sums of requests against those that were sent, at worst off by",
        (AtMost(0.1), "%"),
        TRUTH,
    ),
    passes(
        "report.sources",
        "sources are counted within 5 %, few of them exactly, and a sample favours nobody",
        &["test", "-q", "-p", "seawall-engine", "--lib", "sources::"],
    ),
    line(
        "report.reality",
        "platforms of five random incidents of the real program that are judged right",
        (AtLeast(98.0), "%"),
        REALITY,
    ),
    line(
        "report.reality.ruled-out",
        "platforms of them that were hit and are ruled out",
        (AtMost(0.0), "platforms"),
        REALITY,
    ),
    line(
        "report.reality.requests",
        "requests of them against those that were sent, at worst off by",
        (AtMost(0.1), "%"),
        REALITY,
    ),
    line(
        "report.reality.sources",
        "sources of them against those that asked, at worst off by",
        (AtMost(5.0), "%"),
        REALITY,
    ),
    line(
        "report.reality.onset",
        "onset of them against the first request of the flood, at worst off by",
        (AtMost(500.0), "ms"),
        REALITY,
    ),
    // 2: the forms.
    line(
        "report.validators",
        "documents of 200 simulated incidents that other people's validators refuse",
        (AtMost(0.0), "documents"),
        VALIDATORS,
    ),
    line(
        "report.validators.incidents",
        "simulated incidents of which they read each form",
        (AtLeast(200.0), "incidents"),
        VALIDATORS,
    ),
    // 3: how it is read.
    line(
        "report.seconds",
        "the slowest form of an incident of ten million requests, each the same when asked for again",
        (AtMost(5.0), "s"),
        Probe::Test(
            "evidence::reports::a_report_of_ten_million_requests_takes_seconds_and_is_the_same_when_\
             asked_for_again",
        ),
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
    // 4: what is judged.
    line(
        "report.brier",
        "Brier score of \"the same botnet\" over 200 campaigns of 20 botnets that lend 30 %",
        (AtMost(0.10), "score"),
        CALIBRATION,
    ),
    line(
        "report.intervals",
        "intervals of countries that hold the truth",
        (AtLeast(90.0), "%"),
        CALIBRATION,
    ),
    line(
        "report.clusters",
        "groups of sources against the botnets that were drawn, over 50 crowds (1 is \"the same\")",
        (AtLeast(0.95), "adjusted-rand"),
        CLUSTERS,
    ),
    line(
        "report.clusters.visitors",
        "visitors who are taken for machines of a group",
        (AtMost(1.0), "%"),
        CLUSTERS,
    ),
    line(
        "report.operator",
        "reports that say \"not assessable\" of who operates a botnet",
        (AtLeast(100.0), "%"),
        LINT,
    ),
    line("report.lint", "planted over-claims that are found", (AtLeast(50.0), "claims"), LINT),
    line(
        "report.lint.sober",
        "sober statements of 20 that are objected to",
        (AtMost(0.0), "statements"),
        LINT,
    ),
    line(
        "report.severity",
        "scripted incidents that stand in the right order",
        (AtLeast(6.0), "incidents"),
        SEVERITY,
    ),
    line(
        "report.scales",
        "scripted incidents that stand in the right order on every scale of size",
        (AtLeast(6.0), "incidents"),
        SEVERITY,
    ),
    line(
        "report.phases",
        "phases of 200 simulated incidents whose truth is outside of their bounds",
        (AtMost(0.0), "phases"),
        SEVERITY,
    ),
    // 5: integrity.
    line(
        "report.calm",
        "signs that 24 plain hours turn, at worst of five",
        (AtMost(0.0), "departures"),
        CALM,
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
    line(
        "report.planted.upload",
        "a program that is put on the platform behind a flood turns the statement after",
        (AtMost(60.0), "s"),
        PLANTED,
    ),
    // 6: privacy.
    line(
        "report.planted.addresses",
        "of 1,000 addresses that flood, those that stand where no source is named",
        (AtMost(0.0), "addresses"),
        SEALED,
    ),
    line(
        "report.erase",
        "one address is out of everything that was put aside, and proofs hold, after",
        (AtMost(60.0), "s"),
        SEALED,
    ),
    // 7: logging and hostile texts.
    line(
        "report.logging",
        "instructions that a sampled record of requests adds to a request",
        (AtMost(3.0), "%"),
        LOGGING,
    ),
    line(
        "report.logging.all",
        "instructions that a record of every request adds to a request",
        (AtMost(3.0), "%"),
        LOGGING,
    ),
    passes(
        "report.injection",
        "500 hostile texts change no shape, reach no terminal and become no formula",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "injection::"],
    ),
    // 8: the founding case.
    passes(
        "report.founding",
        "the founding case is told as it was, with 60 % of its sources in one country",
        &["test", "-q", "-p", "seawall-report", "--test", "reports", "founding::"],
    ),
    line(
        "report.traced",
        "sentences of the founding case's reports that follow from no record",
        (AtMost(0.0), "sentences"),
        TRACED,
    ),
];
