//! Lines of the packet layer; all need root and a kernel that takes programs.

use super::{Example, Line, Probe, line, passes};
use crate::score::bar::Bar::{AtLeast, AtMost};

/// The measuring of the crate, by its first word.
const fn figures(words: &'static [&'static str]) -> Probe {
    Probe::Example(Example { package: "seawall-packet", name: "figures", words })
}

const RUN: Probe = figures(&["run"]);
const DROP: Probe = figures(&["drop"]);
const COOKIES: Probe = figures(&["cookies"]);
const FIRST: Probe = figures(&["first"]);

const KILLED: Probe =
    Probe::Test("packet::a_killed_shield_leaves_drops_until_they_end_and_its_successor_takes_over");

pub(super) const LINES: &[Line] = &[
    line(
        "packet.instructions",
        "instructions of the program that the verifier walked through",
        (AtMost(50_000.0), "instructions"),
        RUN,
    ),
    passes(
        "packet.reasons",
        "every reason by test run of the program, and cookies of 1, 2 and 8 listeners",
        &["test", "--profile", "system", "-p", "seawall-packet", "--test", "program"],
    ),
    passes(
        "packet.model",
        "a million random and mutated frames, decided as the model in Rust does",
        &[
            "test",
            "--profile",
            "system",
            "-p",
            "seawall-packet",
            "--test",
            "program",
            "--",
            "--exact",
            "differential::the_program_decides_a_million_frames_as_its_model_does",
        ],
    ),
    passes(
        "packet.captures",
        "three real floods: at most 3 signatures cover 99 % of each, and none drops what honest systems send",
        &["test", "--profile", "system", "-p", "seawall-sim", "--lib", "vectors::captures"],
    ),
    line(
        "packet.honest_dropped",
        "packets of an honest browser that are dropped",
        (AtMost(0.0), "packets"),
        Probe::Test("packet::honest::no_packet_of_an_honest_browser_is_dropped"),
    ),
    line(
        "packet.memory",
        "memory of the tables with 1,000,000 hosts, 200,000 prefixes and 256 signatures",
        (AtMost(200.0), "MiB"),
        RUN,
    ),
    line(
        "packet.drop_ns",
        "a drop by the table of hosts, over 4,096 different packets",
        (AtMost(150.0), "ns"),
        RUN,
    ),
    line("packet.pass_64_ns", "a pass with 64 signatures", (AtMost(350.0), "ns"), RUN),
    line("packet.pass_256_ns", "a pass with 256 signatures", (AtMost(450.0), "ns"), RUN),
    line("packet.entries", "hosts blocked", (AtLeast(200_000.0), "entries/s"), RUN),
    line("packet.lifts", "hosts let go", (AtLeast(200_000.0), "entries/s"), RUN),
    line(
        "packet.over_nft",
        "a dropped packet, native, over nft's set of the same sources",
        (AtMost(0.5), "x nft"),
        DROP,
    ),
    line(
        "packet.syn_over_kernel",
        "a forged SYN over one that the kernel answers with a cookie of its own",
        (AtMost(0.167), "x the kernel's"),
        COOKIES,
    ),
    line(
        "packet.syn_rate",
        "forged SYNs that are answered beside honest connects",
        (AtLeast(190_000.0), "SYN/s"),
        COOKIES,
    ),
    line(
        "packet.connects",
        "honest connects that are tried beside them",
        (AtLeast(1_000.0), "connects"),
        COOKIES,
    ),
    line("packet.connects_lost", "those of them that are lost", (AtMost(0.0), "connects"), COOKIES),
    line(
        "packet.established_lost",
        "exchanges on an established connection that fail then",
        (AtMost(0.0), "exchanges"),
        COOKIES,
    ),
    passes(
        "packet.forged",
        "a million packets forged in the name of a visitor change nothing for him",
        &[
            "test",
            "--profile",
            "system",
            "-p",
            "seawall-packet",
            "--test",
            "program",
            "--",
            "--exact",
            "layer::packets_forged_in_the_name_of_a_visitor_change_nothing",
        ],
    ),
    passes(
        "packet.exempt",
        "10,000 events in any order block nobody who is exempt",
        &["test", "--profile", "system", "-p", "seawall-packet", "--lib", "hosts::"],
    ),
    line(
        "packet.first_drop",
        "from a decision to the first packet that is dropped",
        (AtMost(10.0), "ms"),
        FIRST,
    ),
    line(
        "packet.hot_s",
        "until a flood of 1,000 sources is in the kernel, from its first refusal",
        (AtMost(1.0), "s"),
        Probe::Test("packet::a_flood_of_refused_sources_is_in_the_kernel_within_a_second"),
    ),
    line(
        "packet.hot_over_haproxy",
        "shield and receiving during the rest of it, over HAProxy that drops in silence",
        (AtMost(0.2), "x HAProxy"),
        Probe::Test("packet::price::a_flood_in_the_kernel_costs_a_fifth_of_the_silence_of_haproxy"),
    ),
    line(
        "packet.adopted_s",
        "until the next shield has what a killed one left pinned, from its start",
        (AtMost(1.0), "s"),
        KILLED,
    ),
    line(
        "packet.left_behind",
        "programs that are left of a shield that was killed without a pin",
        (AtMost(0.0), "programs"),
        Probe::Test("packet::without_a_pin_nothing_is_left_of_a_killed_shield"),
    ),
    line(
        "packet.fallbacks",
        "things that are missing, each with one sentence and the next way, traffic going on",
        (AtLeast(7.0), "fallbacks"),
        Probe::Test(
            "packet::missing::each_thing_that_is_missing_is_one_sentence_and_traffic_goes_on",
        ),
    ),
    passes(
        "packet.guard",
        "ARP, neighbour discovery, path MTU and whoever is guarded pass, whatever is blocked",
        &[
            "test",
            "--profile",
            "system",
            "-p",
            "seawall-packet",
            "--test",
            "program",
            "--",
            "--exact",
            "stages::what_must_always_pass_passes",
            "layer::who_is_guarded_passes_whatever_is_blocked",
        ],
    ),
    line(
        "packet.rollback_s",
        "until an arming that nobody confirms is undone",
        (AtMost(61.0), "s"),
        Probe::Test("packet::an_arming_that_nobody_confirms_is_undone_after_a_minute"),
    ),
    line(
        "packet.kernels",
        "other kernels, emulated, on which every reason and the cookies are tested: 6.1 and 6.12",
        (AtLeast(2.0), "kernels"),
        Probe::Said(&["x", "kernels"]),
    ),
];
