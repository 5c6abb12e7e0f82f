//! What the ladder would have done.

use super::*;
use std::fmt::Write as _;

/// Two minutes of visitors, then a flood of one tool beside them; one in twenty of those who use the tool
/// would pass a challenge.
fn flood() -> String {
    let mut lines = String::new();
    let mut line = |t: f64, (source, path): (String, u32), (agent, solves): (String, bool)| {
        let _ = writeln!(
            lines,
            r#"{{"t":{t},"src":"{source}","method":"GET","path":"/page/{path}","ua":"{agent}","lang":"de","origin_ms":10,"solves":{solves}}}"#
        );
    };
    for n in 0..140 * 40_u32 {
        // Spread over visitors and pages by an odd step.
        let (who, page) = (n * 7_919 % 4_800, n * 31 % 40);
        let source = format!("192.0.{}.{}", who / 250, who % 250);
        line(f64::from(n) / 40.0, (source, page), (format!("Browser/{}", who % 50), true));
    }
    for n in 0..20 * 400_u32 {
        let who = n * 7_919 % 700;
        let source = format!("198.51.{}.{}", who / 250, who % 250);
        let t = 120.0 + f64::from(n) / 400.0;
        line(t, (source, 7), ("tool/1".to_owned(), who % 20 == 0));
    }
    lines
}

#[test]
fn a_flood_is_challenged_and_who_passes_comes_back_and_is_served() {
    let text = flood();
    let recorded = recorded(&[("flood.jsonl", text.as_bytes())]);
    let outcome = free(&recorded);
    let all = verdicts(&recorded, &outcome);
    let of = |is_tool: bool| {
        all.lines().zip(text.lines()).filter(move |(_, asked)| asked.contains("tool/1") == is_tool)
    };
    let count = |is_tool, word: &str| of(is_tool).filter(|(told, _)| told.contains(word)).count();
    assert_eq!(count(false, r#""verdict": "admit""#), 5_600, "visitors go about as ever");
    let stopped = 8_000 - count(true, r#""verdict": "admit""#);
    assert!(stopped > 7_800, "{stopped} of 8,000");
    assert_eq!(count(true, r#""signature": "ua=tool/1""#), stopped, "each says why");
    let returned = of(true).filter(|(told, _)| told.contains(r#""returned": true"#));
    let returned: Vec<_> = returned.map(|(_, asked)| asked.contains(r#""solves":true"#)).collect();
    assert!(returned.len() > 100 && returned.iter().all(|solves| *solves), "{}", returned.len());
    let told = json(&outcome.summary, None).unwrap();
    assert!(
        told.contains(r#""text":"ua=tool/1""#) && !told.contains(r#""rung":"watch""#),
        "{told}"
    );
    assert_eq!(verdicts(&recorded, &free(&recorded)), all, "the same again");
}

#[test]
fn a_ladder_that_is_off_stops_nobody() {
    let text = flood();
    let recorded = recorded(&[("flood.jsonl", text.as_bytes())]);
    let mut plan = Plan::without_configuration(&recorded, 1);
    plan.platforms.iter_mut().for_each(|platform| platform.acts = false);
    let outcome = play(&recorded, plan, &mut |_| {});
    assert_eq!(outcome.summary.platforms[0].not_admitted(), 0);
}
