//! Lines of identity lanes: who is known goes on as in calm.

use super::{Example, Line, Probe, line};
use crate::score::bar::Bar::{AtLeast, AtMost};

const FLOOD: &str = "lanes::flood::during_a_flood_everyone_in_a_lane_is_served_as_in_calm";

/// Every flood of the scenarios, over five seeds.
const SCENARIOS: Probe =
    Probe::Example(Example { package: "seawall-sim", name: "lanes", words: &["--figures"] });

pub(super) const LINES: &[Line] = &[
    served("lanes.staff.served", "requests of staff that are served during a flood"),
    served("lanes.monitor.served", "requests of monitors that are served during a flood"),
    served("lanes.webhook.served", "signed webhooks that are served during a flood"),
    served("lanes.crawler.served", "requests of verified crawlers that are served during a flood"),
    served("lanes.feed.served", "requests of readers of feeds that are served during a flood"),
    in_scenarios("lanes.scenarios.staff", "every flood of the scenarios: least served of staff"),
    in_scenarios("lanes.scenarios.monitor", "the same of monitors"),
    in_scenarios("lanes.scenarios.webhook", "the same of signed webhooks"),
    in_scenarios("lanes.scenarios.crawler", "the same of verified crawlers"),
    in_scenarios("lanes.scenarios.feed", "the same of readers of feeds"),
    line(
        "lanes.certificates.forged",
        "requests let in by no certificate, one that is over, another authority's, a server's",
        (AtMost(0.0), "requests"),
        Probe::Test(
            "lanes::certificates::staff_come_by_a_certificate_and_no_other_certificate_opens_or_closes_anything",
        ),
    ),
    line(
        "lanes.crawlers.misjudged",
        "of three real and three forged Googlebot addresses, judged wrong by the published list",
        (AtMost(0.0), "addresses"),
        Probe::Test("lanes::crawlers::a_published_list_confirms_without_asking_anybody"),
    ),
    added("lanes.staff.added", "what a flood adds to the median of staff"),
    added("lanes.monitor.added", "what a flood adds to the median of monitors"),
    added("lanes.webhook.added", "what a flood adds to the median of signed webhooks"),
    added("lanes.crawler.added", "what a flood adds to the median of verified crawlers"),
    added("lanes.feed.added", "what a flood adds to the median of readers of feeds"),
];

const fn served(name: &'static str, what: &'static str) -> Line {
    line(name, what, (AtLeast(0.999), "of all"), Probe::Test(FLOOD))
}

const fn in_scenarios(name: &'static str, what: &'static str) -> Line {
    line(name, what, (AtLeast(0.999), "of all"), SCENARIOS)
}

const fn added(name: &'static str, what: &'static str) -> Line {
    line(name, what, (AtMost(10.0), "%"), Probe::Test(FLOOD))
}
