//! Lines of the simulator and of recorded traffic.

use super::{Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

pub(super) const LINES: &[Line] = &[
    // The simulator.
    line(
        "scenarios.same",
        "the quick table comes out byte for byte of test, debug and release builds",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&["x", "scenarios", "--quick", "--check", "--all-builds"]),
    ),
    line(
        "scenarios.quick_s",
        "every scenario played once with every defence",
        (AtMost(60.0), "seconds"),
        Probe::QuickScenarios,
    ),
    line(
        "scenarios.files",
        "scenarios with their model and source",
        (AtLeast(54.0), "files"),
        Probe::ScenarioFiles,
    ),
    // Recorded traffic.
    line(
        "replay.data",
        "recordings that the project carries read to their end, every line or named",
        (AtLeast(12.0), "inputs"),
        Probe::Test("replay::data::every_recording_of_the_project_is_read_to_its_end"),
    ),
    line(
        "replay.speed",
        "two million records made of a real log, end to end on one core",
        (AtLeast(200_000.0), "records/s"),
        Probe::Test("replay::speed::two_million_records_go_through_one_core"),
    ),
    line(
        "replay.bad",
        "kinds of broken, foreign or missing input counted and named, the rest replayed",
        (AtLeast(11.0), "kinds"),
        Probe::Test("replay::bad::what_is_not_read_is_counted_and_named_and_the_rest_is_replayed"),
    ),
];
