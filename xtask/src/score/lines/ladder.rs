//! Lines of the ladder: how soon it holds, what comes through, whom it costs something, when it lets
//! go.

use super::{Example, Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

/// Floods and crowds over five seeds, three capacities and three shares of old tokens.
const PLAYED: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "ladder", words: &["--figures"] });
/// A hundred floods that end, and one that comes again.
const ENDS: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "ladder", words: &["--ends"] });
/// Tests of the engine, whose end is the figure.
const fn tests(words: &'static [&'static str]) -> Probe {
    Probe::Exit(words)
}

pub(super) const LINES: &[Line] = &[
    // 1: soon and whole.
    line(
        "ladder.effective_p50_s",
        "step floods: until a tenth of their cost comes through, median of all runs",
        (AtMost(1.0), "seconds"),
        PLAYED,
    ),
    line(
        "ladder.effective_p95_s",
        "step floods: until a tenth of their cost comes through, 95 of 100 runs",
        (AtMost(3.0), "seconds"),
        PLAYED,
    ),
    line(
        "ladder.leak",
        "floods before origins of three times normal demand: most that came through",
        (AtMost(2.0), "percent"),
        PLAYED,
    ),
    line(
        "ladder.leak_pressed",
        "floods before any origin: most that came through above 0.85 of its capacity",
        (AtMost(2.0), "percent"),
        PLAYED,
    ),
    line(
        "ladder.leak_mimicry",
        "floods that look like visitors: most that came through above 0.85 of the capacity",
        (AtMost(2.0), "percent"),
        PLAYED,
    ),
    line("ladder.overload_s", "seconds of overload in any run", (AtMost(0.0), "seconds"), PLAYED),
    line(
        "ladder.in_line",
        "requests that an origin had in its line in any run, most",
        (AtMost(0.0), "requests"),
        PLAYED,
    ),
    // 2: whom it costs something, at three times normal demand and 35 % old tokens.
    line("ladder.harm_floods", "floods: most harm to people", (AtMost(0.5), "percent"), PLAYED),
    line(
        "ladder.harm_mimicry",
        "mimicry without script, also of one country: most harm to people",
        (AtMost(1.5), "percent"),
        PLAYED,
    ),
    line(
        "ladder.harm_headless",
        "headless browsers: harm to people",
        (AtMost(3.0), "percent"),
        PLAYED,
    ),
    line(
        "ladder.harm_hijacked",
        "hijacked browsers: harm to people",
        (AtMost(1.2), "percent"),
        PLAYED,
    ),
    line(
        "ladder.harm_within",
        "crowds within capacity: most harm to people",
        (AtMost(0.1), "percent"),
        PLAYED,
    ),
    line(
        "ladder.harm_queued",
        "crowds whom a server could do all for before anybody who asked once leaves: most harm to people",
        (AtMost(0.1), "percent"),
        PLAYED,
    ),
    line(
        "ladder.harm_beyond",
        "crowds beyond capacity: most harm to people",
        (AtMost(1.2), "x the least possible"),
        PLAYED,
    ),
    // 3: who means well.
    line(
        "ladder.refused",
        "crowds and programs that mean well: most requests refused",
        (AtMost(0.0), "percent"),
        PLAYED,
    ),
    line(
        "ladder.challenged",
        "crowds and programs that mean well: most challenged while all could be carried",
        (AtMost(1.0), "percent"),
        PLAYED,
    ),
    // 4: what was predicted.
    line(
        "ladder.collateral",
        "rules within their budget touch what is predicted within half a point, 95 of 100",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "rules_touch_what_is_predicted"]),
    ),
    line(
        "ladder.budget",
        "a rule above its budget never goes past the challenge by itself",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "a_certificate_decides_how_far"]),
    ),
    // 5 and 6: letting go, and coming again.
    line(
        "ladder.ends",
        "ends of a hundred floods that are told to within ten seconds",
        (AtLeast(100.0), "trials"),
        ENDS,
    ),
    line(
        "ladder.recognised_s",
        "a hundred floods: from the end until the platform is no longer said to be in one, longest",
        (AtMost(10.0), "seconds"),
        ENDS,
    ),
    line("ladder.flaps", "incidents that open after an end, most", (AtMost(1.0), "times"), ENDS),
    line(
        "ladder.left",
        "floods after which a measure stands for more than a minute",
        (AtMost(0.0), "trials"),
        ENDS,
    ),
    line(
        "ladder.second_wave_s",
        "a flood that comes again: until a tenth of it comes through",
        (AtMost(0.25), "seconds"),
        ENDS,
    ),
    line(
        "ladder.stale",
        "a stored description that would touch more than 0.1 % of visitors now is refused",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "detect::memory::"]),
    ),
    // 8: nobody who is allowed, and mutants.
    line(
        "ladder.allowed",
        "ten thousand events of any kind that touch an allowed address",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "ten_thousand_events"]),
    ),
    line(
        "ladder.mutants",
        "faults put into the ladder that no named test notices",
        (AtMost(0.0), "as exit status"),
        tests(&["x", "mutants", "policy"]),
    ),
];
