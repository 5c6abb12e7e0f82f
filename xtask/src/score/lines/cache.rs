//! Lines of answers that are kept: the origin is spared, and stood in for.

use super::{Line, Probe, line};
use crate::score::bar::Bar::AtMost;

const STAND_IN: &str =
    "cache::essential_pages_stand_in_with_their_age_while_the_origin_is_down_and_live_ones_follow";

pub(super) const LINES: &[Line] = &[
    line(
        "cache.coalesced",
        "requests that reach the origin when a thousand miss one page at once",
        (AtMost(1.0), "requests"),
        Probe::Test("cache::a_thousand_who_miss_one_page_at_once_cost_the_origin_one_request"),
    ),
    line(
        "cache.stand_in",
        "until an essential page is answered right after its origin was killed",
        (AtMost(1.0), "s"),
        Probe::Test(STAND_IN),
    ),
    line(
        "cache.back",
        "until a page is live again after its origin is back",
        (AtMost(2.0), "s"),
        Probe::Test(STAND_IN),
    ),
    line(
        "cache.rules",
        "the tables of RFC 9111 and RFC 5861 hold, at least 80 cases",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&["test", "-q", "-p", "seawall-wire", "--lib", "cache::"]),
    ),
    line(
        "cache.poisoned",
        "none of at least 20 tricks of cache poisoning has its answer kept for others",
        (AtMost(0.0), "as exit status"),
        Probe::Exit(&["test", "-q", "-p", "seawall-wire", "--lib", "cache::tests::poison"]),
    ),
];
