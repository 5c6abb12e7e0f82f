//! Small recordings, played whole.

mod bounds;
mod ladder;
mod order;
mod unread;

use super::*;
use crate::shield::Way;
use expect_test::{Expect, expect};
use seawall_engine::PlatformSettings;
use seawall_engine::policy::{AddressSet, OverRate, Rules, SourceBudget};
use seawall_types::{Mode, PlatformId, RequestRate};

fn recorded(inputs: &[(&str, &[u8])]) -> Recorded {
    let mut recording = Recording::new();
    for (name, bytes) in inputs {
        recording.add(name, *bytes).unwrap();
    }
    recording.finish()
}

fn free(recorded: &Recorded) -> Outcome {
    play(recorded, Plan::without_configuration(recorded, 1), &mut |_| {})
}

/// One request a second and two at once for each source, of the platform `www`.
fn limited(seed: u64) -> Plan<'static> {
    let rate = RequestRate::new(1.0).unwrap();
    Plan {
        platforms: vec![PlatformSettings { name: "www".to_owned(), capacity: None, acts: false }],
        rules: Rules {
            allow: AddressSet::default(),
            source_budget: Some(SourceBudget::new(rate, 2, OverRate::Refuse)),
            source_connections: u32::MAX,
            modes: vec![Mode::Protect],
        },
        way: Way::Direct,
        seed,
        place: Box::new(|named| named.platform.is_none().then_some(PlatformId(0))),
    }
}

fn verdicts(recorded: &Recorded, outcome: &Outcome) -> String {
    let mut lines = Vec::new();
    outcome.write_verdicts(recorded, &mut lines).unwrap();
    String::from_utf8(lines).unwrap()
}

fn check(text: &str, expected: &Expect) {
    expected.assert_eq(text);
}

/// Ten seconds of one visitor, with a burst from another source in between.
fn burst() -> String {
    let visitor = (0..10).map(|second| (f64::from(second), "192.0.2.1"));
    let burst = (0..20).map(|n| (4.0 + f64::from(n) / 100.0, "198.51.100.7"));
    let mut lines = String::new();
    for (t, source) in visitor.chain(burst) {
        use std::fmt::Write as _;
        let _ = writeln!(lines, r#"{{"t":{t},"src":"{source}","path":"/a","origin_ms":20}}"#);
    }
    lines
}

#[test]
fn a_burst_over_the_limit_is_refused_and_the_visitor_is_not() {
    let text = burst();
    let recorded = recorded(&[("burst.jsonl", text.as_bytes())]);
    let outcome = play(&recorded, limited(1), &mut |_| {});
    check(
        &json(&outcome.summary, None).unwrap(),
        &expect![[
            r#"{"records":30,"unread":0,"seed":1,"decisions_hash":"sha256:917d84fcadda31733669ddf05a2a442640e4760e9014fc1820d6beac47229ab2","capacity_ms_per_s":{"www":60.0},"verdicts":{"www":{"admit":12,"limit":0,"challenge":0,"hold":0,"refuse":18,"drop":0}},"overload_seconds":{"www":0},"captures":[],"incidents":[{"id":"www-1","platform":"www","kind":"unknown","vectors":[],"onset_at":4.0,"detected_at":4.25,"mitigated_at":4.25,"relieved_at":4.5,"ended_at":4.25,"peak_pressure":8.75,"signatures":[]}]}"#
        ]],
    );
    let all = verdicts(&recorded, &outcome);
    check(
        &all.lines().skip(9).take(4).collect::<Vec<_>>().join("\n"),
        &expect![[r#"
        {"n": 10, "verdict": "admit", "reason": "clear", "signature": null, "cost_admitted_ms": 20.0, "returned": false}
        {"n": 11, "verdict": "admit", "reason": "clear", "signature": null, "cost_admitted_ms": 20.0, "returned": false}
        {"n": 12, "verdict": "admit", "reason": "clear", "signature": null, "cost_admitted_ms": 20.0, "returned": false}
        {"n": 13, "verdict": "refuse", "reason": "rate", "signature": null, "cost_admitted_ms": 0.0, "returned": false}"#]],
    );
    check(
        &super::text(&recorded, &outcome, None),
        &expect![[r"
            30 records over 9.00 s, seed 1; all lines read

            platform  records  admit  limit  refuse  drop  not admitted  origin work  capacity  overload
            www            30     12      0      18     0        60.0 %        0.2 s   60 ms/s       0 s

            seconds from the first record
                  4.02 s  www: limits begin to act (refuse): 18 stopped a second, from 1 source
                  4.25 s  www: incident 1, since 4.00 s: more is asked than can be carried
                  4.50 s  www: demand at the origins is back in its bound
                  4.19 s  www: limits have nothing more to do: 18 stopped, 8 admitted
                  4.25 s  www: incident 1 is over: up to 8.8 times what can be carried

            decisions sha256:917d84fcadda31733669ddf05a2a442640e4760e9014fc1820d6beac47229ab2
        "]],
    );
}

#[test]
fn a_second_configuration_shows_who_is_treated_differently() {
    let text = burst();
    let recorded = recorded(&[("burst.jsonl", text.as_bytes())]);
    let [first, second] = [free(&recorded), play(&recorded, limited(1), &mut |_| {})];
    let comparison = compare(&recorded, &first, &second);
    check(
        &serde_json::to_string(&comparison.platforms).unwrap(),
        &expect![[
            r#"{"www":{"admitted_ms":[600.0,240.0],"not_admitted":[0,18],"overload_seconds":[1,0],"only_first_admits":18,"only_second_admits":0,"sources_changed":1,"most_changed":[["198.51.100.7",18]]}}"#
        ]],
    );
    check(
        &super::text(&recorded, &first, Some(&comparison)),
        &expect![[r"
            30 records over 9.00 s, seed 1; all lines read

            platform  records  admit  limit  refuse  drop  not admitted  origin work  capacity  overload
            www            30     30      0       0     0         0.0 %        0.6 s   60 ms/s       1 s

            seconds from the first record
                  4.25 s  www: incident 1, since 4.00 s: more is asked than can be carried
                  4.25 s  www: incident 1 is over: up to 8.8 times what can be carried

            compared                                            first  second
            www: work let through to origins (most that leaks)  0.6 s   0.2 s
            www: requests not admitted (most that are harmed)       0      18
            www: overload                                         1 s     0 s
            www: requests that it alone admits                     18       0
            www: 1 source treated differently, most of all 198.51.100.7 (18)

            decisions sha256:abb3ef0ea81f7c0c741ef59a6aab9c9385d567cb7dbd5d5c5912c3381d8354c3
        "]],
    );
    let same = compare(&recorded, &first, &free(&recorded));
    assert_eq!(same.platforms["www"].sources_changed, 0);
    assert_eq!(same.decisions_hash, first.summary.decisions_hash);
}

#[test]
fn a_request_costs_what_it_says_else_the_median_of_its_class_so_far_else_ten() {
    let lines = br#"{"t":1,"src":"192.0.2.1","path":"/item/1"}
{"t":2,"src":"192.0.2.1","path":"/item/2","origin_ms":30.5}
{"t":3,"src":"192.0.2.1","path":"/item/3","origin_ms":50}
{"t":4,"src":"192.0.2.1","path":"/item/4?q=1"}
{"t":5,"src":"192.0.2.1","path":"/item/5","origin_ms":700,"cache":"hit"}
{"t":6,"src":"192.0.2.1","path":"/other"}
{"t":2.5,"src":"192.0.2.1","path":"/item/7"}
"#;
    let recorded = recorded(&[("costs.jsonl", lines)]);
    let outcome = free(&recorded);
    let costs: Vec<f64> = verdicts(&recorded, &outcome)
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| line["cost_admitted_ms"].as_f64().unwrap())
        .collect();
    assert_eq!(costs, [10.0, 30.5, 50.0, 40.25, 0.0, 10.0, 30.5]);
}

#[test]
fn platforms_are_those_that_records_name_and_the_default_for_the_rest() {
    let lines = br#"{"t":1,"src":"192.0.2.1","path":"/","platform":"shop"}
{"t":2,"src":"192.0.2.1","path":"/","platform":"shop","host":"shop.example.org"}
{"t":3,"src":"192.0.2.1","path":"/","host":"anything.example.org"}
"#;
    let recorded = recorded(&[("named.jsonl", lines)]);
    let outcome = free(&recorded);
    let counts: Vec<_> = outcome
        .summary
        .platforms
        .iter()
        .map(|known| (known.name.as_str(), known.records()))
        .collect();
    assert_eq!(counts, [("shop", 2), ("www", 1)]);
    let configured = play(&recorded, limited(1), &mut |_| {});
    assert_eq!((configured.summary.unserved, configured.summary.platforms[0].records()), (2, 1));
}

#[test]
fn demand_over_capacity_is_told_in_seconds() {
    let line =
        |t: f64| format!("{{\"t\":{t},\"src\":\"192.0.2.1\",\"path\":\"/\",\"origin_ms\":100}}\n");
    let quiet = (0..90).map(|n| line(f64::from(n)));
    let flood = (0..10).map(|n| line(200.0 + f64::from(n) / 4.0));
    let text: String = quiet.chain(flood).collect();
    let recorded = recorded(&[("flood.jsonl", text.as_bytes())]);
    let outcome = free(&recorded);
    let www = &outcome.summary.platforms[0];
    // Capacity is 3 x 100 ms/s; of the flood two seconds hold four requests, the last two.
    assert_eq!((www.capacity_ms_per_s.to_string(), www.overload_seconds), ("300".to_owned(), 2));
}

#[test]
fn a_faulty_request_line_is_an_error_that_costs_the_origin_nothing() {
    let log = br#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "\x16\x03\x01" 400 157 "-" "-"
192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 157 "-" "-"
"#;
    let recorded = recorded(&[("access.log", log)]);
    let outcome = free(&recorded);
    check(
        &verdicts(&recorded, &outcome),
        &expect![[r#"
        {"n": 1, "verdict": "error", "reason": "malformed", "signature": null, "cost_admitted_ms": 0.0, "returned": false}
        {"n": 2, "verdict": "admit", "reason": "clear", "signature": null, "cost_admitted_ms": 10.0, "returned": false}
    "#]],
    );
    let summary = serde_json::to_value(&outcome.summary).unwrap();
    check(
        &summary["verdicts"].to_string(),
        &expect![[
            r#"{"www":{"admit":1,"challenge":0,"drop":0,"error":1,"hold":0,"limit":0,"refuse":0}}"#
        ]],
    );
}
