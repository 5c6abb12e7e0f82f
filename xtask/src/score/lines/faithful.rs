//! Lines of passing requests and answers on unchanged.

use super::{Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

pub(super) const LINES: &[Line] = &[
    // Faithful.
    line(
        "abort.waiting",
        "from the reset of a client that waits to the end of its request at the origin",
        (AtMost(1.0), "seconds"),
        Probe::Test(
            "passage::aborts::a_client_that_vanishes_while_it_waits_is_forgotten_by_the_origin",
        ),
    ),
    line(
        "abort.answer",
        "from the reset of a client during its answer to the end of that at the origin",
        (AtMost(1.0), "seconds"),
        Probe::Test(
            "passage::aborts::a_client_that_vanishes_during_its_answer_ends_it_at_the_origin",
        ),
    ),
    line(
        "strict.answers",
        "kinds of ambiguous answer that become 502 and close their connection",
        (AtLeast(20.0), "kinds"),
        Probe::Test(
            "passage::strict::an_ambiguous_head_is_answered_with_502_and_its_connection_closed",
        ),
    ),
    // Faithful.
    line(
        "faithful.shapes",
        "shapes of request that hyper, nginx and HAProxy answer through the shield as they do straight",
        (AtLeast(80.0), "shapes"),
        Probe::Test("faithful::every_shape_comes_through_as_if_it_went_straight"),
    ),
    line(
        "desync.cases",
        "smuggling and desync cases sent before hyper, nginx, HAProxy and h11",
        (AtLeast(80.0), "cases"),
        Probe::Test("desync::no_origin_disagrees_with_the_shield_about_what_was_asked"),
    ),
    line(
        "desync.disagreements",
        "of them read in two ways: in number of requests, in a body, or answered to another client",
        (AtMost(0.0), "disagreements"),
        Probe::Test("desync::no_origin_disagrees_with_the_shield_about_what_was_asked"),
    ),
];
