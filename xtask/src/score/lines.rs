//! Every line that must hold, by name.
//!
//! A new line is one entry here and, unless the lab measures it, a system test that prints
//! `FIGURE <name> <number> <unit>`, as often as it measured.

#[cfg(test)]
mod tests;

use super::bar::Bar::{self, AtLeast, AtMost};
use super::lab::group::{DENY, Group, IDLE, PROXY, REJECT};

/// A line that must hold.
pub(super) struct Line {
    /// Stable; lines of one subject share what stands before the dot.
    pub(super) name: &'static str,
    /// What is measured.
    pub(super) what: &'static str,
    pub(super) bar: Bar,
    /// Of figure and bar.
    pub(super) unit: &'static str,
    pub(super) probe: Probe,
}

/// Where a line's figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Probe {
    /// The lab: our cost over the peer's in one mode of a group.
    OverHaproxy(&'static Group, &'static str),
    /// The lab: our own figure in one mode of a group.
    Own(&'static Group, &'static str),
    /// A system test that prints the figure.
    Test(&'static str),
    /// The exit status of a cargo command.
    Exit(&'static [&'static str]),
    /// Minutes that `cargo x test` takes with nothing built.
    ColdTest,
    /// The worst of the hot paths' instructions over their budgets.
    Bench,
    /// The fewest executions that a fuzz target survived.
    Fuzz,
    /// Seconds in which every scenario is played once.
    QuickScenarios,
    /// Scenario files; whoever plays them has read their models and sources.
    ScenarioFiles,
}

const FAULTS: &str =
    "faults::whatever_an_origin_does_visitors_get_honest_answers_and_soon_good_ones";

/// Every line.
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
    // The origin lock.
    line(
        "lock.ways",
        "kinds of way around the shield that check-origin finds in a real set-up",
        (AtLeast(4.0), "kinds"),
        Probe::Test("lock::check_origin_finds_every_kind_of_way_around_a_real_set_up"),
    ),
    // Evidence.
    line(
        "evidence.tamper",
        "changes to evidence that `verify` finds, of a thousand of seven kinds",
        (AtLeast(1_000.0), "changes"),
        Probe::Test("evidence::tamper::a_thousand_changes_to_evidence_are_all_found"),
    ),
    line(
        "evidence.crash",
        "kills at any moment after which the log holds up to its last sync and names the gap",
        (AtLeast(100.0), "kills"),
        Probe::Test("evidence::crash::a_log_killed_at_a_hundred_moments_holds_up_to_its_last_sync"),
    ),
    line(
        "evidence.disk",
        "kinds of disk (full, read-only, broken) that fail no caller and whose loss is counted",
        (AtLeast(3.0), "kinds"),
        Probe::Test("evidence::disk::no_disk_fails_a_caller_and_every_loss_is_counted"),
    ),
    line(
        "evidence.verify",
        "evidence checked by `verify`",
        (AtLeast(200.0), "MB/s"),
        Probe::Test("evidence::speed::evidence_is_checked_faster_than_it_could_be_sent"),
    ),
    line(
        "evidence.note",
        "checkpoints that hold for Go's sumdb/note and sumdb/tlog",
        (AtLeast(1.0), "checkpoints"),
        Probe::Test("evidence::go::checkpoints_hold_for_another_implementation"),
    ),
    // An origin is never overrun.
    line(
        "admission.at_once",
        "most requests at an origin at once, over its told capacity",
        (AtMost(1.0), "x"),
        Probe::Test(
            "admission::an_origin_is_asked_no_more_at_once_than_its_capacity_says_and_stays_busy",
        ),
    ),
    line(
        "admission.goodput",
        "requests served over what the origin can serve, at sixteen clients for each slot",
        (AtLeast(0.9), "x"),
        Probe::Test(
            "admission::an_origin_is_asked_no_more_at_once_than_its_capacity_says_and_stays_busy",
        ),
    ),
    line(
        "admission.learned.goodput",
        "requests served at twenty times what an origin does, over that, where its capacity is learned",
        (AtLeast(0.9), "x"),
        Probe::Test(
            "admission::learned::an_origin_nobody_told_of_does_nine_tenths_of_its_most_at_twenty_times_that",
        ),
    ),
    line(
        "admission.learned.midflood",
        "the same where the shield starts in the middle of the flood",
        (AtLeast(0.9), "x"),
        Probe::Test(
            "admission::learned::a_shield_that_starts_in_the_middle_of_a_flood_finds_what_the_origin_can_do",
        ),
    ),
    line(
        "admission.learned.held_calm",
        "calm requests held where capacity is learned and every core is busy with other programs",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "admission::learned::a_calm_site_holds_nobody_while_other_programs_keep_every_processor_busy",
        ),
    ),
    line(
        "admission.added",
        "what admission adds to the median of requests, beside the same program that only observes",
        (AtMost(100.0), "us"),
        Probe::Test("admission::added::admission_adds_less_than_a_tenth_of_a_millisecond"),
    ),
    line(
        "admission.held_in_days",
        "requests held in three simulated days with room for all, told and learning",
        (AtMost(0.0), "requests"),
        Probe::Test("admission::simulated::three_days_on_which_there_is_room_for_all_hold_nobody"),
    ),
    line(
        "admission.held_of_nat",
        "requests held of 3,000 people behind one address at 900 a second, told and learning",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "admission::simulated::three_thousand_people_behind_one_address_are_not_held_while_there_is_room",
        ),
    ),
    line(
        "admission.crowd_loss",
        "work of a crowd that is lost, over what the origin cannot do, told and learning",
        (AtMost(1.2), "x the least possible"),
        Probe::Test(
            "admission::simulated::a_crowd_beyond_capacity_loses_little_more_work_than_the_origin_cannot_do",
        ),
    ),
    line(
        "admission.pages_beside_downloads",
        "pages served beside a flood for one big file, of a platform whose capacity is told in work",
        (AtLeast(0.99), "x"),
        Probe::Test(
            "admission::line::pages_come_through_beside_a_flood_for_a_large_file_where_work_alone_is_told",
        ),
    ),
    line(
        "isolation.p50",
        "median of visitors of two platforms while a third is flooded",
        (AtMost(1.2), "x calm"),
        Probe::Test(ISOLATION),
    ),
    line(
        "isolation.p99",
        "what the slowest of a hundred of them wait longer than in calm",
        (AtMost(25.0), "ms more"),
        Probe::Test(ISOLATION),
    ),
    line(
        "proof.served",
        "visitors served that browsed before a flood from their own network",
        (AtLeast(0.9), "of all"),
        Probe::Test("proof::who_browsed_before_a_flood_of_the_same_network_is_served_through_it"),
    ),
    line(
        "evidence.shield_kills",
        "shields killed under load whose log holds and names the gap",
        (AtLeast(8.0), "kills"),
        Probe::Test(
            "evidence::running::a_shield_that_is_killed_at_any_moment_under_load_leaves_a_gap_and_nothing_else",
        ),
    ),
    line(
        "evidence.disk_failed_requests",
        "requests that fail while the disk of the evidence is full",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "evidence::running::a_disk_that_is_full_under_load_fails_no_request_and_loses_nothing_once_there_is_room",
        ),
    ),
    line(
        "incidents.told_alike",
        "ways of asking for an incident that tell the same",
        (AtLeast(7.0), "ways"),
        Probe::Test(
            "incidents::a_flood_is_told_alike_by_everyone_who_is_asked_and_the_other_platform_has_no_incident",
        ),
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
        "memory that 900 reloads add",
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

const ISOLATION: &str = "isolation::a_flood_of_one_platform_is_not_felt_on_the_others";
const HANDOVERS: &str = "continuity::twenty_binary_handovers_under_load_lose_no_request";
const RELOADS: &str = "continuity::a_thousand_reloads_under_load_lose_no_request";

const fn line(
    name: &'static str,
    what: &'static str,
    (bar, unit): (Bar, &'static str),
    probe: Probe,
) -> Line {
    Line { name, what, bar, unit, probe }
}

/// A cost that may be at most `most` times the peer's.
const fn cost(
    name: &'static str,
    what: &'static str,
    most: f64,
    (group, mode): (&'static Group, &'static str),
) -> Line {
    let probe = Probe::OverHaproxy(group, mode);
    line(name, what, (AtMost(most), "x HAProxy"), probe)
}

impl Line {
    /// The group of the lab and the mode that give the figure, if the lab does.
    pub(super) fn in_lab(&self) -> Option<(&'static Group, &'static str)> {
        match self.probe {
            Probe::OverHaproxy(group, mode) | Probe::Own(group, mode) => Some((group, mode)),
            Probe::Test(_)
            | Probe::Exit(_)
            | Probe::ColdTest
            | Probe::Bench
            | Probe::Fuzz
            | Probe::QuickScenarios
            | Probe::ScenarioFiles => None,
        }
    }

    /// What a person would type to see the figure come about.
    pub(super) fn command(&self) -> String {
        match self.probe {
            Probe::OverHaproxy(group, mode) | Probe::Own(group, mode) => {
                format!("{} {}", group.script, group.words(&[mode], 0).join(" "))
            }
            Probe::Test(test) => format!("cargo test --profile system --test system {test}"),
            Probe::Exit(words) => format!("cargo {}", words.join(" ")),
            Probe::ColdTest => "cargo x test".to_owned(),
            Probe::Bench => "cargo x bench".to_owned(),
            Probe::Fuzz => "cargo x fuzz".to_owned(),
            Probe::QuickScenarios | Probe::ScenarioFiles => "cargo x scenarios --quick".to_owned(),
        }
    }

    /// Whether `word` names this line or its subject.
    pub(super) fn is_named(&self, word: &str) -> bool {
        self.name == word || self.name.split('.').next() == Some(word)
    }
}
