//! Lines of admission: origins are never overrun, and who is served.

use super::{Line, Probe, line, passes};
use crate::score::bar::Bar::{AtLeast, AtMost};

const ISOLATION: &str = "isolation::a_flood_of_one_platform_is_not_felt_on_the_others";

const EVASIVE: &str =
    "bodies::slow_bodies_that_cannot_be_read_ahead_keep_nobody_who_is_known_and_few_strangers";

pub(super) const LINES: &[Line] = &[
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
        "bodies.slow.served",
        "served of staff, feeds, visitors and forms, the least of them, beside 200 bodies at a byte a second, eight slots",
        (AtLeast(0.999), "of all"),
        Probe::Test(
            "bodies::two_hundred_bodies_at_a_byte_a_second_keep_nobody_from_an_origin_of_eight_slots",
        ),
    ),
    line(
        "bodies.evasive.known",
        "served of staff beside bodies that cannot be read ahead: in chunks, invited, or large at once",
        (AtLeast(0.999), "of all"),
        Probe::Test(EVASIVE),
    ),
    line(
        "bodies.evasive.strangers",
        "the same of feeds, visitors and forms, the least of them",
        (AtLeast(0.999), "of all"),
        Probe::Test(EVASIVE),
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
        "admission.learned.recovery",
        "from the end of a flood to the last visitor that is held, started in the middle of it",
        (AtMost(5.0), "s"),
        Probe::Test(
            "admission::learned::a_shield_that_starts_in_the_middle_of_a_flood_finds_what_the_origin_can_do",
        ),
    ),
    line(
        "admission.learned.follows",
        "least that is done of what 8, then 4, then 12 workers can do, seconds after each change",
        (AtLeast(0.85), "x"),
        Probe::Test(
            "admission::learned::the_limit_follows_an_origin_that_loses_half_of_its_workers_and_gets_more",
        ),
    ),
    line(
        "admission.learned.hang",
        "until an origin that hangs without closing is asked for no more than four at once",
        (AtMost(5.0), "s"),
        Probe::Test(
            "admission::learned::an_origin_that_hangs_without_closing_is_given_little_and_comes_back",
        ),
    ),
    passes(
        "admission.simulated",
        "over 20 seeds three models of an origin do 0.9 of their most at 20 times it, in bounds",
        &["test", "-q", "-p", "seawall-engine", "--lib", "admission::tests::limit::"],
    ),
    passes(
        "admission.traces",
        "over 10,000 traces no class starves, no slot leaks and no limit is below one",
        &["test", "-q", "-p", "seawall-engine", "--lib", "admission::tests::traces::"],
    ),
    passes(
        "isolation.simulated",
        "visitors of two platforms wait at most 1.1 times as long while a third is flooded",
        &["test", "-q", "-p", "seawall-sim", "--lib", "scenario::tests::isolation::"],
    ),
];
