//! Lines of the two commands and of real clients.

use super::{Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

pub(super) const LINES: &[Line] = &[
    // The two commands.
    line(
        "house.cold",
        "`cargo x test` with nothing built",
        (AtMost(15.0), "minutes"),
        Probe::ColdTest,
    ),
    line(
        "demo.exit",
        "`demo --for 60s` ends",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&["run", "--release", "--", "demo", "--for", "60s"]),
    ),
    // Clients.
    line(
        "clients.served",
        "kinds of real client (h2load, wrk, curl, Python, Chromium) served plain and over TLS",
        (AtLeast(5.0), "clients"),
        Probe::Test("clients::real_clients_are_served_plain_and_over_tls"),
    ),
    line(
        "clients.shapes",
        "kinds of real client with every valid shape of theirs served, plain and over TLS",
        (AtLeast(10.0), "clients"),
        Probe::Test("clients::shapes::no_valid_shape_of_real_clients_is_refused"),
    ),
    line(
        "clients.browsers",
        "browsers that make the same of a page through the shield as going straight",
        (AtLeast(2.0), "browsers"),
        Probe::Test(
            "clients::browsers::browsers_make_the_same_of_a_page_through_the_shield_as_going_straight",
        ),
    ),
    line(
        "ja4.clients",
        "real clients whose JA4 is the known one",
        (AtLeast(5.0), "clients"),
        Probe::Test("clients::the_ja4_of_real_clients_is_the_known_one"),
    ),
    line(
        "h2.fingerprints",
        "real clients whose HTTP/2 fingerprint is the known one",
        (AtLeast(3.0), "clients"),
        Probe::Test("clients::the_http2_fingerprint_of_real_clients_is_the_known_one"),
    ),
    line(
        "grpc.kinds",
        "kinds of gRPC call that pass, over h2c and over TLS",
        (AtLeast(4.0), "kinds"),
        Probe::Test(
            "grpc::all_four_kinds_of_grpc_call_pass_with_metadata_status_deadlines_and_cancellation",
        ),
    ),
    line(
        "websocket.messages",
        "WebSocket messages that come back whole, beside a silence that outlives every deadline",
        (AtLeast(10_000.0), "messages"),
        Probe::Test(
            "websocket::ten_thousand_messages_of_every_kind_come_back_and_silence_outlives_every_deadline",
        ),
    ),
    line(
        "bulk.growth",
        "memory that the shield gains while four bodies of 2 GiB pass",
        (AtMost(32.0), "MiB"),
        Probe::Test("bulk::two_gibibytes_up_and_down_pass_whole_and_the_shield_does_not_grow"),
    ),
];
