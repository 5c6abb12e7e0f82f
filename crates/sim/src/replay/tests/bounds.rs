use super::*;

fn broken(bounds: &str) -> Vec<String> {
    let text = burst();
    let recorded = recorded(&[("burst.jsonl", text.as_bytes())]);
    let outcome = play(&recorded, limited(1), &mut |_| {});
    match Bounds::parse(bounds.as_bytes()).and_then(|bounds| bounds.broken(&outcome.summary)) {
        Ok(broken) => broken,
        Err(fault) => vec![format!("wrong: {fault}")],
    }
}

#[test]
fn bounds_that_hold_say_nothing() {
    let bounds = r#"{"incidents": {"max": 1}, "records": {"min": 30, "max": 30}, "seed": 1,
        "verdicts": {"www": {"refuse": {"min": 1, "max": 18}}}, "captures": [],
        "not_admitted_share": {"max": 0.7}, "overload_seconds": {"www": {"max": 0}}}"#;
    assert!(broken(bounds).is_empty(), "{:?}", broken(bounds));
}

#[test]
fn each_bound_that_does_not_hold_is_named_with_value_and_bound() {
    for (bounds, expected) in [
        (
            r#"{"incidents": {"min": 2}}"#,
            expect!["incidents has the length 1; it must be at least 2"],
        ),
        (
            r#"{"records": {"max": 5}, "unread": 2}"#,
            expect![[r"
            records is 30; it must be at most 5
            unread is 0; expected 2"]],
        ),
        (
            r#"{"verdicts": {"www": {"refuse": {"max": 0}, "nod": {"max": 0}}}}"#,
            expect![[r#"
            verdicts.www.nod is not in the summary; expected {"max":0}
            verdicts.www.refuse is 18; it must be at most 0"#]],
        ),
        (
            r#"{"not_admitted_share": {"max": 0.001}}"#,
            expect!["not_admitted_share is 0.6; it must be at most 0.001"],
        ),
        (
            r#"{"captures": [{"spoofed": "likely"}], "decisions_hash": {"max": 1}}"#,
            expect![[r#"
            captures[0] is not in the summary; expected {"spoofed":"likely"}
            decisions_hash is "sha256:917d84fcadda31733669ddf05a2a442640e4760e9014fc1820d6beac47229ab2", which has no range; expected {"max":1}"#]],
        ),
        (
            r#"{"incident": {"max": 0}}"#,
            expect![
                "wrong: incident is nothing that a summary holds; there are: capacity_ms_per_s, captures, decisions_hash, incidents, not_admitted_share, overload_seconds, records, seed, unread, verdicts"
            ],
        ),
        (
            "[]",
            expect![[
                r#"wrong: not a JSON object of bounds such as {"incidents": {"max": 0}}: invalid type: sequence, expected a map at line 1 column 0"#
            ]],
        ),
    ] {
        check(&broken(bounds).join("\n"), &expected);
    }
}
