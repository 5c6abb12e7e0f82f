//! Lines of the detector: how soon it speaks, what it says, whom that touches, what it costs.

use super::{Example, Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

/// Every scenario over five seeds.
const BRAIN: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "brain", words: &["--figures"] });
/// A day of 24 hours, over five seeds.
const DAY: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "brain", words: &["--day"] });
/// What it may cost.
const BOUNDS: Probe =
    Probe::Example(Example { package: "seawall-stage", name: "detect_bounds", words: &[] });
/// A recorded incident, replayed.
const REPLAY: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "replay_speed", words: &[] });
/// Tests of the engine, whose end is the figure.
const fn tests(words: &'static [&'static str]) -> Probe {
    Probe::Exit(words)
}

pub(super) const LINES: &[Line] = &[
    // 1: floods.
    line(
        "brain.detect_s",
        "step floods: said after the onset, of all seeds",
        (AtMost(1.0), "seconds"),
        BRAIN,
    ),
    line(
        "brain.onset_s",
        "step floods: the onset that is said is wrong by",
        (AtMost(0.5), "seconds"),
        BRAIN,
    ),
    line(
        "brain.ramp_s",
        "ramps: said after 0.85 of the capacity was asked for",
        (AtMost(5.0), "seconds"),
        BRAIN,
    ),
    line(
        "brain.recall",
        "step floods: least part of a flood's work that is described",
        (AtLeast(0.97), "of the flood's work"),
        BRAIN,
    ),
    line(
        "brain.precision",
        "step floods: least part of the flood in what is described",
        (AtLeast(0.999), "of what is described"),
        BRAIN,
    ),
    line(
        "brain.invented",
        "floods that look like visitors in everything: runs with a description",
        (AtMost(0.0), "runs"),
        BRAIN,
    ),
    // 2: crowds.
    line(
        "brain.surges_called",
        "crowds called a surge, or nothing",
        (AtLeast(1.0), "of the runs"),
        BRAIN,
    ),
    line(
        "brain.surges_flood",
        "crowds that were ever called a flood",
        (AtMost(0.0), "runs"),
        BRAIN,
    ),
    line(
        "brain.surges_over_budget",
        "times that a crowd was described by more than the budget",
        (AtMost(0.0), "signatures"),
        BRAIN,
    ),
    // 3: the promise.
    line(
        "brain.promise",
        "promises about visitors hold on made-up visitors and on a real log, 300 trials each",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "promises_are_kept"]),
    ),
    // 4: calm.
    line(
        "brain.calm_findings",
        "findings on a plain day, a World Cup and behind a plain NAT",
        (AtMost(0.0), "findings"),
        BRAIN,
    ),
    line(
        "brain.day_findings",
        "findings on a plain day of 86,400 s, five of them",
        (AtMost(0.0), "findings"),
        DAY,
    ),
    line(
        "brain.day_measures",
        "measures on a plain day of 86,400 s that do more than watch, five of them",
        (AtMost(0.0), "measures"),
        DAY,
    ),
    // 5: the first day, and the second wave.
    line(
        "brain.first_day_detect_s",
        "step floods 30 s after a start: said after the onset",
        (AtMost(1.0), "seconds"),
        BRAIN,
    ),
    line(
        "brain.first_day_recall",
        "step floods 30 s after a start: least part that is described",
        (AtLeast(0.97), "of the flood's work"),
        BRAIN,
    ),
    line(
        "brain.second_wave_s",
        "a second wave of the same look: described after its onset",
        (AtMost(0.25), "seconds"),
        BRAIN,
    ),
    // 6: bounds.
    line(
        "brain.observe_ns",
        "a request of one of ten million sources",
        (AtMost(60.0), "ns"),
        BOUNDS,
    ),
    line(
        "brain.memory_mib",
        "ten platforms with full sets of visitors after ten million sources",
        (AtMost(64.0), "MiB"),
        BOUNDS,
    ),
    line(
        "brain.tick_median_ms",
        "a tick of one platform under floods, median",
        (AtMost(1.5), "ms"),
        BOUNDS,
    ),
    line(
        "brain.tick_worst_ms",
        "a tick of one platform under floods, worst",
        (AtMost(5.0), "ms"),
        BOUNDS,
    ),
    line(
        "brain.heavy_recall",
        "sources with a hundredth of a second's work that its sample names",
        (AtLeast(0.99), "of all"),
        BOUNDS,
    ),
    line(
        "brain.saturated_s",
        "from the first source without room in the table until that is told",
        (AtMost(1.0), "seconds"),
        BOUNDS,
    ),
    line("brain.replay_x", "replay of a recorded incident", (AtLeast(50.0), "x real time"), REPLAY),
    // 7: the same again, and mutants.
    line(
        "brain.same",
        "the same input and seed give the same findings and bytes",
        (AtMost(0.0), "as exit status"),
        tests(&[
            "test",
            "-q",
            "-p",
            "seawall-engine",
            "--lib",
            "the_same_input_gives_the_same_findings",
        ]),
    ),
    line(
        "brain.merge",
        "samples of windows join in any order to the same",
        (AtMost(0.0), "as exit status"),
        tests(&["test", "-q", "-p", "seawall-engine", "--lib", "detect::sample::"]),
    ),
    line(
        "brain.mutants",
        "faults put into the detector that no named test notices",
        (AtMost(0.0), "as exit status"),
        tests(&["x", "mutants", "detect"]),
    ),
];
