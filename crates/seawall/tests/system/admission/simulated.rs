//! What the simulator says of admission where a real run would take too long.

use crate::fixtures::figure::figure;
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::{Prepared, Scenario, Setting};
use seawall_sim::score::Summary;

/// Told of what the origin carries, and learning it.
pub(crate) const DEFENCES: [DefenceKind; 2] = [DefenceKind::Shield, DefenceKind::ShieldLearning];

/// Programs that come every day.
pub(crate) const PROGRAMS: &str = r#"
[[people]]
kind = "apps"
rps = 2
clients = 100

[[people]]
kind = "feeds"
readers = 60

[[people]]
kind = "monitors"
probes = 10

[[people]]
kind = "crawlers"
rps = 0.5
"#;

pub(crate) fn prepared(text: &str) -> Prepared {
    let scenario = Scenario::parse(text, "admission").expect("it has no fault");
    Prepared::new(scenario).expect("its groups fit")
}

pub(crate) fn play(prepared: &Prepared, seed: u64, defence: DefenceKind) -> Summary {
    let setting = Setting { seed, defence, times_normal: None };
    prepared.play(setting).expect("its groups fit")[0].summary()
}

/// Requests that were held, whether they were served later or not.
#[expect(clippy::cast_precision_loss, reason = "counts of one run")]
fn held(summary: &Summary) -> f64 {
    let offered: u64 = summary.offered.iter().sum();
    summary.stopped.unwrap_or(0.0) * offered as f64
}

/// Twenty-four hours of a site, second by second.
pub(crate) fn day(capacity: &str, besides: &str) -> String {
    format!(
        "model = \"A day from one night to the next.\"\nsource = \"43-plain-day\"\n\
         seconds = 86400\nlearn = 40\n\
         [[platform]]\nname = \"www\"\ncapacity = {capacity}\n\
         [[people]]\nkind = \"day\"\nrps = 8\nday_s = 86400\npeople = 20000\n{besides}"
    )
}

#[test]
fn three_days_on_which_there_is_room_for_all_hold_nobody() {
    // The hour of two football matches, a fiftieth of its height: what came above its first minute.
    let match_hour = "[[surge]]\nkind = \"series\"\nfrom = 68400\nuntil = 72000\nminute_s = 60\n\
                      counts = [0, 20, 20, 54, 4, 60, 43, 56, 45, 74, 46, 105, 102, 129, 142, 183, \
                      235, 379, 488, 674, 839, 953, 993, 1010, 1065, 1111, 1190, 1304, 1200, 900, \
                      600, 300, 100, 50, 20, 0]\n";
    let days =
        [day("\"400 ms/s\"", ""), day("\"600 ms/s\"", PROGRAMS), day("\"800 ms/s\"", match_hour)];
    let mut sum = 0.0;
    for (text, seed) in days.iter().zip(1..) {
        let prepared = prepared(text);
        for defence in DEFENCES {
            let summary = play(&prepared, seed, defence);
            println!(
                "day {seed}, {defence:?}: {:?} asked, {} held",
                summary.offered,
                held(&summary)
            );
            sum += held(&summary);
        }
    }
    figure("admission.held_in_days", sum, "requests");
    assert!(sum < 0.5, "{sum} held");
}

#[test]
fn three_thousand_people_behind_one_address_are_not_held_while_there_is_room() {
    let prepared = prepared(
        r#"
model = "A campus behind one address asks for nine hundred pages a second."
source = "RFC 6269: carrier-grade NATs put thousands of subscribers behind one address"
seconds = 80
learn = 20

[[platform]]
name = "www"
capacity = 3.0

[[people]]
kind = "browsers"
rps = 100
people = 20000

[[people]]
kind = "nat"
name = "campus"
rps = 900
people = 3000
"#,
    );
    let held: f64 = DEFENCES.iter().map(|defence| held(&play(&prepared, 1, *defence))).sum();
    figure("admission.held_of_nat", held, "requests");
    assert!(held < 0.5, "{held} held");
}

#[test]
fn a_crowd_beyond_capacity_loses_little_more_work_than_the_origin_cannot_do() {
    let file = include_str!("../../../../../scenarios/22-election-night-x30.toml");
    let prepared = prepared(file);
    let capacity = prepared.origins(None)[0].capacity_ms_per_s();
    let mut worst = 0.0_f64;
    for defence in DEFENCES {
        let summary = play(&prepared, 1, defence);
        let least = summary.least_harm_work;
        // What is asked in a second is the capacity over the part of it that there is room for.
        let lost = 1.0 - summary.goodput_ms_per_s * (1.0 - least) / capacity;
        println!("{defence:?}: {lost:.3} of the work lost, {least:.3} at least");
        worst = worst.max(lost / least);
    }
    figure("admission.crowd_loss", format!("{worst:.3}"), "x the least possible");
    assert!(worst <= 1.2, "{worst}");
}
