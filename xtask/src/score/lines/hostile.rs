//! Lines of forged addresses, failing origins, bad input, restarts and slow clients.

use super::{Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

const FAULTS: &str =
    "faults::whatever_an_origin_does_visitors_get_honest_answers_and_soon_good_ones";
const HANDOVERS: &str = "continuity::twenty_binary_handovers_under_load_lose_no_request";
const RELOADS: &str = "continuity::a_thousand_reloads_under_load_lose_no_request";

pub(super) const LINES: &[Line] = &[
    // The client's address.
    line(
        "address.combinations",
        "combinations of forged client addresses and PROXY headers with the right client",
        (AtLeast(40.0), "combinations"),
        Probe::Test("address::the_client_is_right_whatever_is_forged"),
    ),
    // Origins that fail.
    line(
        "faults.kinds",
        "ways of an origin to fail, alone and beside a healthy one, with honest answers",
        (AtLeast(7.0), "kinds"),
        Probe::Test(FAULTS),
    ),
    line(
        "faults.amplification",
        "most requests at origins while one fails",
        (AtMost(1.1), "x what visitors asked"),
        Probe::Test(FAULTS),
    ),
    line(
        "faults.recovery",
        "longest from the end of a fault until the origin is asked and nobody is sent away",
        (AtMost(2.0), "seconds"),
        Probe::Test(FAULTS),
    ),
    // Bad input.
    line(
        "config.faults",
        "kinds of configuration fault told at once with place, value and remedy",
        (AtLeast(7.0), "kinds"),
        Probe::Test("bad_input::every_configuration_fault_is_told_at_once"),
    ),
    line(
        "ports.taken",
        "kinds of holder (a stranger, another shield) whose port a refused start names",
        (AtLeast(2.0), "kinds"),
        Probe::Test("bad_input::a_port_in_use_is_named_whoever_holds_it"),
    ),
    line(
        "hostile.served",
        "visitors served while hostile bytes arrive",
        (AtLeast(1.0), "of all"),
        Probe::Test("bad_input::hostile_bytes_are_refused_while_visitors_are_served"),
    ),
    line(
        "fuzz.executions",
        "fewest executions without a crash over all fuzz targets",
        (AtLeast(1e6), "executions"),
        Probe::Fuzz,
    ),
    // Standing.
    line(
        "restart.kill9",
        "from start to the first answer, after kill -9 under load",
        (AtMost(1.0), "seconds"),
        Probe::Test("standing::a_shield_killed_under_load_serves_again_within_a_second"),
    ),
    line(
        "continuity.failed",
        "requests lost or reset by 20 binary hand-overs under load",
        (AtMost(0.0), "requests"),
        Probe::Test(HANDOVERS),
    ),
    line(
        "continuity.retried",
        "requests that had to be asked again around 20 binary hand-overs",
        (AtMost(0.0), "requests"),
        Probe::Test(HANDOVERS),
    ),
    line(
        "continuity.handovers",
        "binary hand-overs under load without a lost request",
        (AtLeast(20.0), "hand-overs"),
        Probe::Test(HANDOVERS),
    ),
    line(
        "continuity.reloads",
        "reloads under load without a lost request",
        (AtLeast(1_000.0), "reloads"),
        Probe::Test(RELOADS),
    ),
    line(
        "continuity.growth",
        "memory that 1,000 reloads add",
        (AtMost(8.0), "MiB"),
        Probe::Test(RELOADS),
    ),
    line(
        "continuity.certificates",
        "certificates swapped under load without a lost request",
        (AtLeast(100.0), "certificates"),
        Probe::Test("continuity::a_hundred_certificates_swapped_under_load_lose_no_request"),
    ),
    line(
        "slow.header",
        "between its deadline and the close of a header sent at a byte a second",
        (AtMost(1.0), "seconds"),
        Probe::Test("standing::a_header_at_a_byte_a_second_is_closed_by_its_deadline"),
    ),
    line(
        "hold.visitors",
        "visitors served beside 1,000 idle and 1,000 half-sent connections",
        (AtLeast(1.0), "of all"),
        Probe::Test("standing::idle_and_half_sent_connections_harm_no_visitor"),
    ),
];
