//! What a check of an archive found, for programs and for people.

use super::check::{Checked, Fault};
use crate::verify::Witnessed;
use seawall_types::WallTime;
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};

/// For programs.
pub fn json(found: &Result<Checked, Fault>) -> Value {
    match found {
        Err(fault) => json!({"holds": false, "first_break": {"what": fault.to_string()}}),
        Ok(checked) => {
            let seen = |Witnessed { witness, size, at }: &Witnessed| json!({"witness": witness, "size": size, "at": seconds(*at)});
            json!({
                "holds": true, "first_break": null, "incident": checked.incident,
                "node": checked.node, "key": checked.key, "records": checked.records,
                "runs": checked.runs, "signed_records": checked.signed, "gaps": checked.gaps,
                "witnessed": checked.witnessed.iter().map(seen).collect::<Vec<_>>(),
                "unchecked": checked.unchecked,
            })
        }
    }
}

/// For people; last whether it holds.
pub fn text(found: &Result<Checked, Fault>) -> String {
    let checked = match found {
        Err(fault) => return format!("DOES NOT HOLD: {fault}\n"),
        Ok(checked) => checked,
    };
    let runs = checked.runs.iter().map(|(first, last)| {
        if first == last { first.to_string() } else { format!("{first} to {last}") }
    });
    let runs: Vec<_> = runs.collect();
    let mut lines = vec![
        format!("bundle of   incident {}", checked.incident),
        format!("evidence of {}", checked.node),
        format!("signed by   {}", checked.key),
        format!("records     {}, numbers {}", checked.records, runs.join(", ")),
        format!("checkpoint  over the records before {}", checked.signed),
        format!("gaps        {} among the records", checked.gaps),
    ];
    lines.extend(checked.witnessed.iter().map(|Witnessed { witness, size, at }| {
        format!("witnessed   the records before {size} by {witness} at {}", seconds(*at))
    }));
    lines.extend(checked.unchecked.iter().map(|what| format!("not checked {what}")));
    lines.push("holds".to_owned());
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn seconds(at: u64) -> String {
    rfc3339(WallTime(at.saturating_mul(1_000)))
}
