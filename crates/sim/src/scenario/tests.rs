mod files;
mod isolation;
mod properties;

use super::{Prepared, Scenario, Setting};
use crate::defence::DefenceKind;
use expect_test::{Expect, expect};

const SMALL: &str = r#"
model = "A small flood"
source = "made up for this test"
seconds = 40
learn = 20

[[platform]]
name = "www"
capacity = 3.0

[[people]]
kind = "browsers"
rps = 60.0

[[flood]]
kind = "one-tool"
from = 25
until = 35
pace = { rps = 500 }
sources = { count = 100 }

[[expect]]
defence = "nothing"
harm_to_people = { min = 5 }
"#;

#[track_caller]
fn faults(text: &str, expected: &Expect) {
    let faults = Scenario::parse(text, "x").expect_err("it has faults");
    expected.assert_eq(&faults.to_string());
}

#[test]
fn every_fault_of_a_file_is_told_with_its_line() {
    faults(
        r#"
model = " "
secnds = 20

[[platform]]
name = "www"
capacity = "3 apples"

[[people]]
kind = "brwsers"

[[flood]]
kind = "one-tool"
from = 9
until = 30
pace = { rps = "many" }
sources = { count = -1 }
source = 7

[expect]
defence = "nothing"
"#,
        &expect![[r#"
            x.toml:1: the scenario: missing field `source`
            x.toml:3: the scenario: unknown field `secnds`, expected one of `model`, `source`, `seconds`, `learn`
            x.toml:7: platform: "3 apples" is no capacity; write `3.0` for three times normal demand (above 0, at most 1000), or `"800 ms/s"` (above 0, at most 1000000)
            x.toml:9: people: no kind of people is called brwsers; did you mean browsers?
            x.toml:16: flood one-tool: pace: invalid type: string "many", expected f64
            x.toml:17: flood one-tool: sources: invalid value: integer `-1`, expected u32
            x.toml:18: flood one-tool: unknown field `source`, expected one of `pace`, `sources`, `tool`, `target`, `patience_s`
            x.toml:20: expect is no list; write [[expect]] for each"#]],
    );
}

#[test]
fn a_flood_harms_people_where_nothing_stands_before_the_origin() {
    let scenario = Scenario::parse(SMALL, "small").unwrap();
    let prepared = Prepared::new(scenario).unwrap();
    assert!((prepared.normal[0].requests_per_s - 60.0).abs() < 12.0, "{:?}", prepared.normal);
    let setting = Setting { seed: 1, defence: DefenceKind::Nothing, times_normal: None };
    let played = prepared.play(setting).unwrap();
    let summary = played[0].summary();
    assert!(summary.harm_people > Some(0.05), "{summary:?}");
    assert_eq!(prepared.play(setting).unwrap(), played);
}
