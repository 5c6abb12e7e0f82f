//! A report for people and for programs.

use super::{GapRow, Report, SecondRow};
use crate::incidents::{Incident, or_unknown, show, thousandths};
use crate::verify::{Break, Verification};
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};
use std::fmt::Write as _;

impl Report {
    /// For programs.
    pub fn json(&self) -> Value {
        let second = |second: &SecondRow| {
            json!({
                "at": rfc3339(second.at), "record": second.record, "admitted": second.admitted,
                "not_admitted": second.not_admitted, "origin_ms": second.origin_ms,
                "bytes_out": second.bytes_out, "pressure_permille": second.pressure_permille,
            })
        };
        let gap = |GapRow { record, gap }: &GapRow| {
            json!({
                "record": record, "reason": gap.reason, "lost": gap.lost,
                "from": rfc3339(gap.from.wall), "to": rfc3339(gap.to.wall), "detail": gap.detail,
            })
        };
        let records = self.case.records.map(|(first, last)| json!({"first": first, "last": last}));
        json!({
            "incident": Incident::from(&self.case),
            "records": records,
            "evidence": evidence(&self.verification),
            "seconds": self.seconds.iter().map(second).collect::<Vec<_>>(),
            "seconds_left_off": self.seconds_left_off,
            "gaps": self.gaps.iter().map(gap).collect::<Vec<_>>(),
        })
    }

    /// For people.
    pub fn text(&self) -> String {
        let mut text = warning(&self.verification);
        text.push_str(&show(&Incident::from(&self.case)));
        if let Some((first, last)) = self.case.records {
            let _ = writeln!(text, "  {:<28} {first} to {last}", "records");
        }
        text.push_str(&standing(&self.verification));
        if self.gaps.is_empty() {
            text.push_str("no gap is recorded during this time\n");
        }
        for GapRow { gap, .. } in &self.gaps {
            let (from, to) = (rfc3339(gap.from.wall), rfc3339(gap.to.wall));
            let (lost, why) = (or_unknown(gap.lost), gap.reason.sentence());
            let _ =
                writeln!(text, "gap in the evidence: {why}, records lost: {lost}, {from} to {to}");
        }
        self.seconds_text(&mut text);
        text
    }

    fn seconds_text(&self, text: &mut String) {
        if self.seconds.is_empty() {
            text.push_str("\nno second of it was recorded\n");
            return;
        }
        text.push_str(
            "\nsecond                       admitted      others   origin ms  pressure\n",
        );
        if self.seconds_left_off > 0 {
            let _ = writeln!(text, "({} earlier ones are left off)", self.seconds_left_off);
        }
        for second in &self.seconds {
            let _ = writeln!(
                text,
                "{}  {:>11} {:>11} {:>11}  {}",
                rfc3339(second.at),
                second.admitted,
                second.not_admitted,
                second.origin_ms,
                or_unknown(second.pressure_permille.map(thousandths)),
            );
        }
    }
}

/// What the report stands on, for programs.
fn evidence(found: &Verification) -> Value {
    let first_break = found.first_break.as_ref().map(|Break { file, record, offset, what }| {
        json!({"file": file, "record": record, "offset": offset, "what": what.to_string()})
    });
    json!({
        "holds": found.holds(), "first_break": first_break, "node": found.node, "key": found.key,
        "records": found.next.saturating_sub(found.first), "signed_records": found.signed,
        "unchecked": found.unchecked,
    })
}

/// First of all, when the log does not hold.
fn warning(found: &Verification) -> String {
    let Some(Break { record, what, .. }) = &found.first_break else { return String::new() };
    format!(
        "THE EVIDENCE OF THIS REPORT DOES NOT HOLD at record {record}: {what}.\n\
         What follows is what the files say now; it is not shown that the shield recorded it.\n\n"
    )
}

/// What the report stands on, for people.
fn standing(found: &Verification) -> String {
    let mut text = "\n".to_owned();
    match &found.first_break {
        None => {
            let (signed, key) = (found.signed, found.key.as_deref().unwrap_or("nobody"));
            let _ = writeln!(
                text,
                "the evidence holds, checked when this report was made: the records before \
                 {signed} are signed by {key}"
            );
        }
        Some(_) => text.push_str("the evidence does not hold; `seawall verify` tells where\n"),
    }
    for what in &found.unchecked {
        let _ = writeln!(text, "not checked: {what}");
    }
    text
}
