//! What a check found, for programs and for people.

use super::{Break, ClockStep, FoundGap, Verification, Witnessed};
use seawall_types::WallTime;
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// For programs.
pub fn json(found: &Verification) -> Value {
    let gap = |FoundGap { record, segment, gap }: &FoundGap| {
        json!({
            "record": record, "segment": segment, "reason": gap.reason,
            "from": rfc3339(gap.from.wall), "to": rfc3339(gap.to.wall),
            "lost": gap.lost, "detail": gap.detail,
        })
    };
    let first_break = found.first_break.as_ref().map(|Break { file, record, offset, what }| {
        json!({"file": file, "record": record, "offset": offset, "what": what.to_string()})
    });
    let span = found.span.map(|(first, last)| [rfc3339(first.wall), rfc3339(last.wall)]);
    let step = |ClockStep { record, by_ms }: &ClockStep| json!({"record": record, "by_ms": i64::try_from(*by_ms).unwrap_or(i64::MAX)});
    let seen = |Witnessed { witness, size, at }: &Witnessed| json!({"witness": witness, "size": size, "at": seconds(*at)});
    json!({
        "holds": found.holds(),
        "first_break": first_break,
        "gaps": found.gaps.iter().map(gap).collect::<Vec<_>>(),
        "gaps_unlisted": found.gaps_unlisted,
        "node": found.node,
        "key": found.key,
        "first_record": found.first,
        "next_record": found.next,
        "segments": found.segments,
        "bytes": found.bytes,
        "span": span,
        "ended": found.has_ended,
        "checkpoints": found.checkpoints,
        "signed_records": found.signed,
        "removed_before": found.removed.as_ref().map(|removed| removed.before),
        "clock_steps": found.steps.iter().map(step).collect::<Vec<_>>(),
        "clock_steps_unlisted": found.steps_unlisted,
        "witnessed": found.witnessed.iter().map(seen).collect::<Vec<_>>(),
        "unchecked": found.unchecked,
    })
}

/// For people: what was read, every gap, what was not checked, and last whether it holds.
pub fn text(found: &Verification) -> String {
    let mut text = String::new();
    let mut line = |sentence: String| {
        text.push_str(&sentence);
        text.push('\n');
    };
    let node = found.node.as_deref().unwrap_or("a node that no segment names");
    let (first, next) = (found.first, found.next);
    line(format!("evidence of {node}"));
    if let Some(key) = &found.key {
        line(format!("signed by   {key}"));
    }
    let records = next.saturating_sub(first);
    let (segments, bytes) = (found.segments, found.bytes);
    line(format!("records     {records} from {first}, in {segments} segments of {bytes} bytes"));
    if let Some((first, last)) = found.span {
        line(format!("from        {}\nto          {}", rfc3339(first.wall), rfc3339(last.wall)));
    }
    let (checkpoints, signed) = (found.checkpoints, found.signed);
    line(format!("checkpoints {checkpoints}, the newest over the records before {signed}"));
    for Witnessed { witness, size, at } in &found.witnessed {
        line(format!("witnessed   the records before {size} by {witness} at {}", seconds(*at)));
    }
    if let Some(removed) = &found.removed {
        line(format!("removed     the records before {}, by the disk budget", removed.before));
    }
    if !found.has_ended && found.holds() {
        line("open end    the last run did not end: the node runs, or was killed".to_owned());
    }
    for ClockStep { record, by_ms } in &found.steps {
        line(format!("clock step  by {by_ms} ms before record {record}"));
    }
    found.gaps.iter().for_each(|gap| line(gap_text(gap)));
    for (what, unlisted) in [("gaps", found.gaps_unlisted), ("clock steps", found.steps_unlisted)] {
        if unlisted > 0 {
            line(format!("and         {unlisted} more {what}"));
        }
    }
    found.unchecked.iter().for_each(|what| line(format!("not checked {what}")));
    match &found.first_break {
        None => line("holds".to_owned()),
        Some(Break { file, record, offset, what }) => line(format!(
            "DOES NOT HOLD at record {record}{}: {what}",
            if file.is_empty() { String::new() } else { format!(", {file} byte {offset}") }
        )),
    }
    text
}

fn gap_text(FoundGap { record, gap, .. }: &FoundGap) -> String {
    let mut text = format!("gap         at record {record}: {}", gap.reason.sentence());
    if let Some(lost) = gap.lost {
        let _ = write!(text, ", {lost} records lost");
    }
    let _ = write!(text, ", {} to {}", rfc3339(gap.from.wall), rfc3339(gap.to.wall));
    if !gap.detail.is_empty() {
        let _ = write!(text, " ({})", gap.detail);
    }
    text
}

fn seconds(at: u64) -> String {
    rfc3339(WallTime(at.saturating_mul(1_000)))
}
