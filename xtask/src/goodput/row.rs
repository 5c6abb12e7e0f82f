//! What the script wrote of one shield in one flood, and whether that is good enough.

use super::held::HELD;
use crate::fair_share::{self, Group};
use crate::shell::Failure;
use serde_json::Value;
use std::net::Ipv4Addr;

/// Requests a second that the lab's origin can answer on the scarce page.
const SCARCE_RPS: f64 = 200.0;
/// The lab's own, as the script sends it: visitors that were here before, and new ones.
const VISITORS: Group = group([10, 40, 0, 1], 20, 256, 25.0);
const NEW: Group = group([10, 40, 100, 1], 40, 256, 25.0);

const fn group(first: [u8; 4], count: u32, stride: u32, rps: f64) -> Group {
    let [a, b, c, d] = first;
    Group { first: Ipv4Addr::new(a, b, c, d), count, stride, rps }
}

/// What asks for the scarce page in a flood; none where it asks for nothing.
fn flood(kind: &str) -> Option<Group> {
    const FIRST: [u8; 4] = [10, 16, 0, 1];
    match kind {
        "hot" => Some(group(FIRST, 1_000, 1_000, 12_000.0)),
        "cool" => Some(group(FIRST, 5_000, 200, 8_000.0)),
        "conn" => Some(group(FIRST, 2_000, 500, 5_000.0)),
        _ => None,
    }
}

/// Seconds of a run before its flood.
const BEFORE_FLOOD: usize = 3;
/// Seconds of a flood in which something may be lost: what it is must be seen first.
const AT_FIRST: usize = 3;

/// One shield in one flood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    pub(super) shield: String,
    flood: String,
    /// Share of those here before that was served on the scarce page.
    pub(super) known: f64,
    /// What they lost there, and what of that and of the static page when the flood was no longer new.
    pub(super) known_lost: f64,
    pub(super) known_late: f64,
    /// Share of new ones that was served there.
    pub(super) new: f64,
    /// What new ones would get if every /24 were treated alike.
    pub(super) fair_new: f64,
    pub(super) static_lost: f64,
    pub(super) scarce_ms: [f64; 2],
    pub(super) origin_rps: f64,
}

impl Row {
    /// The rows of a script's output.
    ///
    /// # Errors
    /// When a line is not a row.
    pub(super) fn read(text: &str) -> Result<Vec<Self>, Failure> {
        let row = |line: &str| {
            let value: Value = serde_json::from_str(line)
                .map_err(|cause| Failure::of("read a row of measure-goodput.py", cause))?;
            Self::parse(&value)
                .ok_or_else(|| Failure::new(format!("measure-goodput.py wrote {line}")))
        };
        text.lines().map(row).collect()
    }

    fn parse(value: &Value) -> Option<Self> {
        let number = |key: &str| value.get(key)?.as_f64();
        let text = |key: &str| Some(value.get(key)?.as_str()?.to_owned());
        let scarce_ms = value.get("dyn_ms")?;
        let flood = text("flood")?;
        let page = |at: usize| lost(value.get("visitors")?.get(at)?);
        let ([known_lost, scarce_late], [static_lost, static_late]) = (page(0)?, page(1)?);
        Some(Self {
            shield: text("shield")?,
            known: number("dyn_ok")?,
            known_lost,
            known_late: scarce_late + static_late,
            new: number("new_dyn_ok")?,
            fair_new: fair_new(flood.split('/').next()?),
            static_lost,
            scarce_ms: [scarce_ms.get("p50")?.as_f64()?, scarce_ms.get("p99")?.as_f64()?],
            origin_rps: number("origin_rps")?,
            flood,
        })
    }

    /// Names it in the table.
    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.flood, self.shield)
    }

    /// Whether its bots look like visitors or were here before them.
    pub(super) fn is_disguised(&self) -> bool {
        self.flood.contains('/')
    }

    /// Whether it is one of ours; peers are not judged.
    pub(super) fn is_ours(&self) -> bool {
        self.shield.starts_with("seawall")
    }

    /// What of it is not good enough.
    pub(super) fn misses(&self) -> Vec<String> {
        let held = HELD.iter().filter(|held| self.is_ours() && held.is_about(self));
        held.filter(|held| !held.holds(self)).map(|held| held.text(self)).collect()
    }

    /// As a row of the table, without date and machine.
    pub(super) fn cells(&self) -> Vec<String> {
        let [p50, p99] = self.scarce_ms;
        vec![
            self.name(),
            percent(self.known),
            format!("{:.0}", self.known_lost),
            format!("{:.0}", self.known_late),
            format!("{p50:.0} / {p99:.0}"),
            percent(self.new),
            percent(self.fair_new),
            format!("{:.0}", self.static_lost),
            format!("{:.0}", self.origin_rps),
            self.verdict(),
        ]
    }

    /// For the screen.
    pub(super) fn text(&self) -> String {
        self.cells().join(" | ")
    }

    fn verdict(&self) -> String {
        if !self.is_ours() {
            return "-".to_owned();
        }
        let misses = self.misses();
        if misses.is_empty() {
            "holds".to_owned()
        } else {
            format!("misses: {}", misses.join(", "))
        }
    }
}

/// What was lost of a page, and what of that when the flood was no longer new; what its sender could
/// not send has no second, and counts as both.
fn lost(page: &Value) -> Option<[f64; 2]> {
    let by_second: Vec<_> =
        page.get("bad_by_sec")?.as_array()?.iter().filter_map(Value::as_f64).collect();
    let missed = page.get("missed")?.as_f64()?;
    let late: f64 = by_second.iter().skip(BEFORE_FLOOD + AT_FIRST).sum();
    Some([by_second.iter().sum::<f64>() + missed, late + missed])
}

/// What new visitors get if every /24 that asks for the scarce page is treated alike.
fn fair_new(kind: &str) -> f64 {
    let groups: Vec<_> = [Some(NEW), Some(VISITORS), flood(kind)].into_iter().flatten().collect();
    fair_share::of(SCARCE_RPS, &groups).first().copied().unwrap_or(1.0)
}

pub(super) fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as the script writes it, with what a test is about put in.
    fn row((shield, flood): (&str, &str), new: f64, lost: [u32; 4]) -> Row {
        let [scarce, late, of_static, missed] = lost;
        let line = format!(
            r#"{{"shield": "{shield}", "flood": "{flood}", "dyn_ok": 0.96, "new_dyn_ok": {new},
            "static_ok": 1.0, "dyn_ms": {{"p50": 41.0, "p99": 420.0}}, "origin_rps": 219.0, "visitors":
            [{{"bad_by_sec": [0, 0, 0, 0, 0, {scarce}, {late}], "missed": {missed}}},
            {{"bad_by_sec": [0, {of_static}], "missed": 0}}]}}"#
        );
        let rows = Row::read(&line.replace('\n', "")).expect("a row");
        rows.into_iter().next().expect("one")
    }

    #[test]
    fn a_row_that_is_good_enough_holds_and_one_that_is_not_says_why() {
        let good = row(("seawall/told", "hot"), 0.95, [12, 0, 4, 0]);
        assert_eq!(good.verdict(), "holds");
        let told = ["96.0 %", "12", "0", "41 / 420", "95.0 %", "30.2 %", "4", "219"];
        assert_eq!(good.cells()[1..9], told);
        let bad = row(("seawall/told", "hot"), 0.94, [12, 1, 6, 3]);
        let why = "misses: 16 known lost, 4 known lost late, 94.0 % of new, 6 static lost";
        assert_eq!(bad.verdict(), why);
        assert_eq!(row(("nginx/strict", "hot"), 0.0, [99; 4]).verdict(), "-");
    }

    #[test]
    fn disguised_bots_leave_visitors_who_are_known_theirs_and_new_ones_their_fair_share() {
        let row = |new| row(("seawall/auto", "hot/mimic/warm"), new, [60, 60, 0, 0]).verdict();
        assert_eq!(row(0.25), "holds");
        assert_eq!(row(0.24), "misses: 79.5 % of the fair share of new");
    }

    #[test]
    fn what_is_fair_follows_from_how_many_networks_ask() {
        let shares = ["hot", "cool", "conn", "tls"].map(|kind| percent(fair_new(kind)));
        assert_eq!(shares, ["30.2 %", "8.1 %", "15.5 %", "100.0 %"]);
    }

    #[test]
    fn a_line_that_lacks_something_is_a_sentence() {
        assert!(Row::read(r#"{"shield": "x"}"#).is_err());
        assert!(Row::read("not a row").is_err());
    }
}
