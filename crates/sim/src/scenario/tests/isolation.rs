//! A flood of one platform, and what the others behind the same shield notice of it.

use super::super::{Prepared, Scenario, Setting};
use crate::defence::DefenceKind;
use std::time::Duration;

/// Three platforms, the first of which is flooded so often a second.
fn played(flood_rps: u32) -> Vec<[Duration; 2]> {
    let platform = |name| format!("[[platform]]\nname = \"{name}\"\ncapacity = 3.0\n");
    let people = |name| {
        // Programs, whose requests cost about the same: a median that lies between two kinds of
        // request would move with every draw.
        format!(
            "[[people]]\nkind = \"apps\"\nname = \"{name}\"\nplatform = \"{name}\"\nrps = 100\n"
        )
    };
    let names = ["www", "shop", "forum"];
    let text = format!(
        "model = \"Three platforms\"\nsource = \"made up\"\nseconds = 60\nlearn = 20\n{}{}\
         [[flood]]\nkind = \"one-tool\"\nplatform = \"www\"\nfrom = 25\nuntil = 40\n\
         pace = {{ rps = {flood_rps} }}\nsources = {{ count = 500 }}\n",
        names.map(platform).concat(),
        names.map(people).concat()
    );
    let scenario = Scenario::parse(&text, "isolation").unwrap_or_else(|faults| panic!("{faults}"));
    let prepared = Prepared::new(scenario).unwrap();
    let setting = Setting { seed: 1, defence: DefenceKind::Shield, times_normal: None };
    let others = prepared.play(setting).unwrap().into_iter().skip(1);
    let figures = others.map(|score| {
        let summary = score.summary();
        assert!(summary.harm_programs < Some(0.001), "{summary:?}");
        [summary.p50.unwrap(), summary.p99.unwrap()]
    });
    figures.collect()
}

#[test]
fn a_flood_of_one_platform_is_not_felt_on_the_others() {
    for (calm, flooded) in played(1).into_iter().zip(played(2_000)) {
        for (calm, flooded) in calm.into_iter().zip(flooded) {
            println!("{calm:?} in calm, {flooded:?} beside a flood");
            assert!(flooded <= calm.mul_f64(1.1), "{calm:?} became {flooded:?}");
        }
    }
}
