//! Lines of the lab's floods: what visitors get, the worst of the four.

use super::{Line, Probe, line};
use crate::goodput::held;
use crate::score::bar::Bar::{self, AtLeast, AtMost};

const LAB: Probe = Probe::Said(&[
    "x",
    "goodput",
    "--figures",
    "--shields",
    "seawall:told,seawall:auto",
    "--bots",
    "new,warm-mimic",
]);

pub(super) const LINES: &[Line] = &[
    lost(
        "goodput.told.known_lost",
        "scarce pages that known visitors lose of 1,500, worst of four floods, capacity told",
        held::KNOWN_LOST_MAX,
    ),
    lost(
        "goodput.told.known_late",
        "any pages that they lose once the flood has gone on for three seconds",
        held::KNOWN_LATE_MAX,
    ),
    of(
        "goodput.told.p99_ms",
        "the slowest of a hundred of their scarce pages",
        (AtMost(held::P99_MAX_MS), "ms"),
    ),
    of("goodput.told.new", "new visitors that are served", (AtLeast(held::NEW_MIN), "of all")),
    lost(
        "goodput.told.static_lost",
        "static pages that are lost, disguised bots as well",
        held::STATIC_LOST_MAX,
    ),
    of(
        "goodput.told.origin_rps",
        "what an origin is asked that does 200 a second, disguised bots as well",
        (AtMost(held::ORIGIN_RPS_MAX), "rps"),
    ),
    of(
        "goodput.told.mimic_known",
        "known visitors served where bots look like visitors and were here before",
        (AtLeast(held::DISGUISED_KNOWN_MIN), "of all"),
    ),
    of(
        "goodput.told.mimic_p99_ms",
        "the slowest of a hundred of their scarce pages then",
        (AtMost(held::DISGUISED_P99_MAX_MS), "ms"),
    ),
    of(
        "goodput.told.mimic_new",
        "new visitors served then",
        (AtLeast(held::DISGUISED_NEW_OF_FAIR_MIN), "of the fair share"),
    ),
    lost(
        "goodput.auto.known_lost",
        "scarce pages that known visitors lose of 1,500, worst of four floods, capacity learned",
        held::KNOWN_LOST_MAX,
    ),
    lost(
        "goodput.auto.known_late",
        "any pages that they lose once the flood has gone on for three seconds",
        held::KNOWN_LATE_MAX,
    ),
    of(
        "goodput.auto.p99_ms",
        "the slowest of a hundred of their scarce pages",
        (AtMost(held::P99_MAX_MS), "ms"),
    ),
    of("goodput.auto.new", "new visitors that are served", (AtLeast(held::NEW_MIN), "of all")),
    lost(
        "goodput.auto.static_lost",
        "static pages that are lost, disguised bots as well",
        held::STATIC_LOST_MAX,
    ),
    of(
        "goodput.auto.origin_rps",
        "what an origin is asked that does 200 a second, disguised bots as well",
        (AtMost(held::ORIGIN_RPS_MAX), "rps"),
    ),
    of(
        "goodput.auto.mimic_known",
        "known visitors served where bots look like visitors and were here before",
        (AtLeast(held::DISGUISED_KNOWN_MIN), "of all"),
    ),
    of(
        "goodput.auto.mimic_p99_ms",
        "the slowest of a hundred of their scarce pages then",
        (AtMost(held::DISGUISED_P99_MAX_MS), "ms"),
    ),
    of(
        "goodput.auto.mimic_new",
        "new visitors served then",
        (AtLeast(held::DISGUISED_NEW_OF_FAIR_MIN), "of the fair share"),
    ),
];

const fn lost(name: &'static str, what: &'static str, most: f64) -> Line {
    of(name, what, (AtMost(most), "requests"))
}

const fn of(name: &'static str, what: &'static str, bar: (Bar, &'static str)) -> Line {
    line(name, what, bar, LAB)
}
