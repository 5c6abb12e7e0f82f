//! Lines of what the shield costs, beside a peer and in counts.

use super::{Line, Probe, cost, line};
use crate::score::bar::Bar::AtMost;
use crate::score::lab::group::{DENY, IDLE, PROXY, REJECT};

pub(super) const LINES: &[Line] = &[
    // Cost beside a peer.
    cost("cost.h1", "CPU per proxied request, HTTP/1.1 keep-alive", 0.95, (&PROXY, "h1")),
    cost(
        "cost.h1-tls",
        "CPU per proxied request, HTTP/1.1 keep-alive over TLS",
        0.95,
        (&PROXY, "h1-tls"),
    ),
    cost("cost.h2-tls", "CPU per proxied request, HTTP/2 over TLS", 1.0, (&PROXY, "h2-tls")),
    cost("cost.new", "CPU per proxied request on a new connection", 0.95, (&PROXY, "new")),
    cost(
        "cost.new-tls",
        "CPU per full TLS handshake with one proxied request",
        0.8,
        (&PROXY, "new-tls"),
    ),
    cost("deny.h1", "CPU per 429, HTTP/1.1 keep-alive", 1.0, (&DENY, "h1")),
    cost("deny.new", "CPU per 429 on a new connection", 0.95, (&DENY, "new")),
    cost("reject.new", "CPU per connection reset at accept", 0.95, (&REJECT, "new")),
    line(
        "idle.plain",
        "process memory of an idle connection",
        (AtMost(20.0), "KiB"),
        Probe::Own(&IDLE, "plain"),
    ),
    line(
        "idle.tls",
        "process memory of an idle connection over TLS",
        (AtMost(28.0), "KiB"),
        Probe::Own(&IDLE, "tls"),
    ),
    // Cost in counts, which a busy machine does not change.
    line(
        "calls.h1",
        "system calls per proxied request, HTTP/1.1 keep-alive",
        (AtMost(4.2), "calls"),
        Probe::Test("counts::system_calls_of_a_proxied_http1_request_stay_in_their_budget"),
    ),
    line(
        "calls.h2-tls",
        "system calls per proxied request, HTTP/2 over TLS",
        (AtMost(2.5), "calls"),
        Probe::Test("counts::system_calls_of_a_proxied_http2_request_stay_in_their_budget"),
    ),
    line(
        "calls.new",
        "system calls per proxied request on a new connection",
        (AtMost(8.2), "calls"),
        Probe::Test("counts::system_calls_of_a_new_connection_stay_in_their_budget"),
    ),
    line(
        "calls.refused",
        "system calls per 429 on a new connection",
        (AtMost(4.1), "calls"),
        Probe::Test("counts::system_calls_of_a_refused_connection_stay_in_their_budget"),
    ),
    line(
        "instructions.h1",
        "user instructions per proxied request, HTTP/1.1 keep-alive",
        (AtMost(32_000.0), "instructions"),
        Probe::Test("counts::instructions_of_a_proxied_http1_request_stay_in_their_budget"),
    ),
    line(
        "instructions.h2-tls",
        "user instructions per proxied request, HTTP/2 over TLS",
        (AtMost(58_000.0), "instructions"),
        Probe::Test("counts::instructions_of_a_proxied_http2_request_stay_in_their_budget"),
    ),
    line(
        "bench.hot",
        "worst hot path: instructions over its budget",
        (AtMost(1.05), "x its budget"),
        Probe::Bench,
    ),
];
