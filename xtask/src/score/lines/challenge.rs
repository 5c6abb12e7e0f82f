//! Lines of checks and tokens: who comes through and how soon, what a token costs and is worth.

use super::{Example, Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

const BROWSERS: &str = "clients::browsers::browsers_pass_a_check_within_three_seconds_by_one_page_and_land_on_what_they_asked_for";
const LINE: &str =
    "challenge::browsers::browsers_without_scripts_pass_by_the_line_within_fifteen_seconds";
const TABS: &str =
    "challenge::browsers::ten_tabs_of_a_browser_see_one_page_each_at_most_and_one_of_them_solves";
const PARALLEL: &str = "challenge::browsers::fifty_requests_at_once_of_one_client_see_one_page_and_with_its_token_none";
const HOT: &str = "challenge::flood::those_who_solve_and_those_without_scripts_come_through_a_flood_of_few_busy_sources";
const COOL: &str = "challenge::flood::those_who_solve_and_those_without_scripts_come_through_a_flood_of_many_calm_sources";
const CONN: &str = "challenge::flood::those_who_solve_and_those_without_scripts_come_through_a_flood_of_new_connections";
const HANDSHAKES: &str = "challenge::flood::those_who_solve_and_those_without_scripts_come_through_a_flood_of_handshakes";
const TOKENS: Probe = Probe::Example(Example {
    package: "seawall-engine",
    name: "token_cost",
    words: &["--figures"],
});

/// Floods of the ladder's table, over five seeds, by how people pass a check.
const CHECKS: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "checks", words: &["--figures"] });

pub(super) const LINES: &[Line] = &[
    // 1: people.
    within(
        "challenge.Chromium.http",
        "Chromium, from the page to what was asked for",
        3.0,
        BROWSERS,
    ),
    within("challenge.Chromium.https", "Chromium over TLS, the same", 3.0, BROWSERS),
    within("challenge.Firefox.http", "Firefox, the same", 3.0, BROWSERS),
    within("challenge.Firefox.https", "Firefox over TLS, the same", 3.0, BROWSERS),
    within(
        "challenge.slow",
        "Chromium on a sixth of a processor, the same",
        8.0,
        "challenge::browsers::a_browser_on_a_sixth_of_a_processor_passes_within_eight_seconds",
    ),
    within("challenge.line.chromium", "Chromium without scripts, by the line", 15.0, LINE),
    within("challenge.line.w3m", "w3m, by the line", 15.0, LINE),
    line(
        "challenge.tabs.pages",
        "pages that any of ten tabs of one browser sees",
        (AtMost(1.0), "pages"),
        Probe::Test(TABS),
    ),
    line(
        "challenge.tabs.solved",
        "puzzles that ten tabs solve over TLS",
        (AtMost(1.0), "puzzles"),
        Probe::Test(TABS),
    ),
    line(
        "challenge.parallel.pages",
        "pages that fifty requests at once of one client see, a navigation and its parts",
        (AtMost(1.0), "pages"),
        Probe::Test(PARALLEL),
    ),
    line(
        "challenge.parallel.served",
        "of fifty requests at once with one token, served",
        (AtLeast(50.0), "requests"),
        Probe::Test(PARALLEL),
    ),
    line(
        "challenge.axe",
        "pages, in eight languages, light and dark, in which axe-core finds something",
        (AtMost(0.0), "pages"),
        Probe::Test(
            "challenge::looks::pages_of_a_check_break_no_rule_of_accessibility_in_any_language_light_or_dark",
        ),
    ),
    line(
        "challenge.keyboard",
        "controls of the pages that a keyboard reaches, which is all of them",
        (AtLeast(2.0), "controls"),
        Probe::Test(
            "challenge::looks::a_keyboard_reaches_everything_and_who_keeps_no_cookie_is_told_whom_to_write_to",
        ),
    ),
    line(
        "challenge.pictures",
        "pictures of the pages: light, dark, phone, right to left, line",
        (AtLeast(5.0), "pictures"),
        Probe::Test(
            "challenge::looks::pages_of_a_check_are_pictured_light_dark_on_a_phone_and_from_right_to_left",
        ),
    ),
    // 2: tokens.
    line(
        "tokens.verify_us",
        "a token of ours, its bearer's kind of software included",
        (AtMost(2.0), "us"),
        TOKENS,
    ),
    line(
        "tokens.junk_core",
        "100,000 forged tokens a second",
        (AtMost(20.0), "% of a core"),
        TOKENS,
    ),
    line(
        "tokens.junk_answers_core",
        "100,000 forged answers to puzzles a second",
        (AtMost(20.0), "% of a core"),
        TOKENS,
    ),
    line(
        "challenge.solver_rps",
        "requests of a program that solves everything, from one network",
        (AtMost(10.0), "requests/s"),
        Probe::Test(
            "challenge::ration::a_program_that_solves_everything_gets_ten_requests_a_second_from_its_network",
        ),
    ),
    line(
        "tokens.nat",
        "five hundred visitors with a clean day behind one network see no refusal",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&["test", "-q", "-p", "seawall-engine", "--lib", "five_hundred_visitors"]),
    ),
    line(
        "tokens.replayed",
        "requests that come through with a token from another network, program or TLS stack",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "challenge::a_token_is_worth_nothing_from_another_network_program_or_tls_stack",
        ),
    ),
    // 3: programs.
    line(
        "challenge.by_looks",
        "requests, aiohttp, an imitation of Chrome, a stealth browser: let through as they are",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "challenge::programs::no_program_comes_through_by_what_it_looks_like_and_the_sum_buys_what_a_token_is_worth",
        ),
    ),
    // 7: the ladder's table, whose lines stand among the ladder's, by how people pass.
    line(
        "challenge.ladder.solving",
        "floods of the ladder's table: most harm to people whose browsers solve",
        (AtMost(1.0), "x the ladder's bound"),
        CHECKS,
    ),
    line(
        "challenge.ladder.scriptless",
        "the same to people whose browsers run no scripts, and who wait in the line",
        (AtMost(1.0), "x the ladder's bound"),
        CHECKS,
    ),
    line(
        "challenge.ladder.programs",
        "the same to programs",
        (AtMost(1.0), "x the ladder's bound"),
        CHECKS,
    ),
    // 7: the lab's floods, a tenth of each, before the real check; each looks like its visitors.
    served(
        "challenge.flood.hot.solving",
        "100 sources that ask 1,200 times a second: pages of visitors that solve, once they have",
        HOT,
    ),
    served("challenge.flood.hot.scriptless", "the same of visitors without scripts", HOT),
    within(
        "challenge.flood.hot.solving_s",
        "the same: the last of those who solve is served after",
        8.0,
        HOT,
    ),
    within(
        "challenge.flood.hot.scriptless_s",
        "the same: the last of those without scripts",
        15.0,
        HOT,
    ),
    line(
        "challenge.flood.hot.leak",
        "the same: requests of the flood that come through",
        (AtMost(0.0), "requests"),
        Probe::Test(HOT),
    ),
    served(
        "challenge.flood.cool.solving",
        "500 sources, 800 times a second: pages of visitors that solve, once they have",
        COOL,
    ),
    served("challenge.flood.cool.scriptless", "the same of visitors without scripts", COOL),
    within(
        "challenge.flood.cool.solving_s",
        "the same: the last of those who solve is served after",
        8.0,
        COOL,
    ),
    within(
        "challenge.flood.cool.scriptless_s",
        "the same: the last of those without scripts",
        15.0,
        COOL,
    ),
    line(
        "challenge.flood.cool.leak",
        "the same: requests of the flood that come through",
        (AtMost(0.0), "requests"),
        Probe::Test(COOL),
    ),
    served(
        "challenge.flood.conn.solving",
        "200 sources, 500 new connections a second: pages of visitors that solve, once they have",
        CONN,
    ),
    served("challenge.flood.conn.scriptless", "the same of visitors without scripts", CONN),
    within(
        "challenge.flood.conn.solving_s",
        "the same: the last of those who solve is served after",
        8.0,
        CONN,
    ),
    within(
        "challenge.flood.conn.scriptless_s",
        "the same: the last of those without scripts",
        15.0,
        CONN,
    ),
    line(
        "challenge.flood.conn.leak",
        "the same: requests of the flood that come through",
        (AtMost(0.0), "requests"),
        Probe::Test(CONN),
    ),
    served(
        "challenge.flood.tls.solving",
        "200 sources, 150 handshakes a second: pages of visitors that solve, once they have",
        HANDSHAKES,
    ),
    served("challenge.flood.tls.scriptless", "the same of visitors without scripts", HANDSHAKES),
    within(
        "challenge.flood.tls.solving_s",
        "the same: the last of those who solve is served after",
        8.0,
        HANDSHAKES,
    ),
    within(
        "challenge.flood.tls.scriptless_s",
        "the same: the last of those without scripts",
        15.0,
        HANDSHAKES,
    ),
    // 8: why.
    line(
        "explain.share",
        "refusals of a million whose code is explained",
        (AtLeast(1.0), "of all"),
        Probe::Test("answers::explained::the_code_of_every_refusal_is_explained"),
    ),
    line(
        "challenge.no_remedy",
        "a check that no path may show is an error of the configuration",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&[
            "test",
            "-q",
            "-p",
            "seawall-config",
            "--test",
            "faults",
            "a_check_that_no_path",
        ]),
    ),
    line(
        "challenge.fallback",
        "requests let through where a measure asks for a check that cannot be shown",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "challenge::where_no_check_can_be_shown_a_measure_that_asks_for_one_holds_and_lets_nobody_through",
        ),
    ),
    // 5: calm.
    line(
        "challenge.calm",
        "challenges in 24 plain hours",
        (AtMost(0.0), "challenges"),
        Probe::Test("challenge::calm::twenty_four_plain_hours_challenge_nobody"),
    ),
    line(
        "challenge.calm.added",
        "fields that calm answers have through the shield and not straight, a cookie included",
        (AtMost(0.0), "fields"),
        Probe::Test("challenge::calm::calm_answers_have_no_field_that_they_had_not_at_the_origin"),
    ),
];

const fn within(name: &'static str, what: &'static str, most: f64, test: &'static str) -> Line {
    line(name, what, (AtMost(most), "s"), Probe::Test(test))
}

const fn served(name: &'static str, what: &'static str, test: &'static str) -> Line {
    line(name, what, (AtLeast(0.995), "of all"), Probe::Test(test))
}
