//! What the script wrote of one shield in one flood, and whether that is good enough.

use crate::fair_share::{self, Group};
use crate::shell::Failure;
use serde_json::Value;
use std::net::Ipv4Addr;

/// Requests a second that the lab's origin can answer on the scarce page.
const SCARCE_RPS: f64 = 200.0;
/// The lab's own, as the script sends it: visitors that were here before, and new ones.
const VISITORS: Group = group([10, 40, 0, 1], 20, 256, 25.0);
const NEW: Group = group([10, 40, 100, 1], 40, 256, 25.0);

/// Of visitors that were here before so many must be served on the scarce page; where the flood was
/// here before as well, nothing tells them apart, and they must get of their fair share what new
/// ones must.
const HERE_BEFORE_MIN: f64 = 0.9;
/// How long the slowest of them may take.
const SCARCE_P99_MAX_MS: f64 = 700.0;
/// Requests for the static page that may be lost.
const STATIC_LOST_MAX: f64 = 5.0;
/// Of the fair share that visitors must get.
const OF_FAIR_MIN: f64 = 0.8;
/// Requests a second that the origin may be asked.
const ORIGIN_RPS_MAX: f64 = 225.0;

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

/// One shield in one flood.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    shield: String,
    flood: String,
    here_before: f64,
    new: f64,
    /// What those here before and new ones would get if every /24 were treated alike.
    fair: [f64; 2],
    static_ok: f64,
    static_lost: f64,
    scarce_ms: [f64; 2],
    origin_rps: f64,
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
        let scarce = value.get("dyn_ms")?;
        let flood = text("flood")?;
        // The second of the two is that of the static page.
        let lost = value.get("visitors")?.get(1)?;
        let by_second = lost.get("bad_by_sec")?.as_array()?.iter().filter_map(Value::as_f64);
        Some(Self {
            shield: text("shield")?,
            here_before: number("dyn_ok")?,
            new: number("new_dyn_ok")?,
            fair: fair(flood.split('/').next()?),
            static_ok: number("static_ok")?,
            static_lost: by_second.sum::<f64>() + lost.get("missed")?.as_f64()?,
            scarce_ms: [scarce.get("p50")?.as_f64()?, scarce.get("p99")?.as_f64()?],
            origin_rps: number("origin_rps")?,
            flood,
        })
    }

    /// Names it in the table.
    pub(super) fn name(&self) -> String {
        format!("{}, {}", self.flood, self.shield)
    }

    /// What of it is not good enough; peers are not judged.
    pub(super) fn misses(&self) -> impl Iterator<Item = String> {
        let is_ours = self.shield.starts_with("seawall");
        let ([_, p99], [_, fair_new]) = (self.scarce_ms, self.fair);
        let bars = [
            (self.static_lost <= STATIC_LOST_MAX, format!("{} static lost", self.static_lost)),
            (
                self.here_before >= self.here_before_min(),
                format!("{} of those here before", percent(self.here_before)),
            ),
            (p99 < SCARCE_P99_MAX_MS, format!("p99 {p99:.0} ms")),
            (
                self.new >= OF_FAIR_MIN * fair_new,
                format!("new {} of {}", percent(self.new), percent(fair_new)),
            ),
            (self.origin_rps <= ORIGIN_RPS_MAX, format!("{:.0} at the origin", self.origin_rps)),
        ];
        bars.into_iter().filter(move |(holds, _)| is_ours && !holds).map(|(_, why)| why)
    }

    /// As a row of the table, without date and machine.
    pub(super) fn cells(&self) -> Vec<String> {
        let ([p50, p99], [_, fair_new]) = (self.scarce_ms, self.fair);
        vec![
            self.name(),
            percent(self.here_before),
            percent(self.new),
            percent(fair_new),
            percent(self.static_ok),
            format!("{:.0}", self.static_lost),
            format!("{p50:.0} / {p99:.0}"),
            format!("{:.0}", self.origin_rps),
            self.verdict(),
        ]
    }

    /// For the screen.
    pub(super) fn text(&self) -> String {
        self.cells().join(" | ")
    }

    fn here_before_min(&self) -> f64 {
        let [fair, _] = self.fair;
        let is_warm = self.flood.ends_with("/warm");
        if is_warm { OF_FAIR_MIN * fair } else { HERE_BEFORE_MIN }
    }

    fn verdict(&self) -> String {
        if !self.shield.starts_with("seawall") {
            return "-".to_owned();
        }
        let misses: Vec<_> = self.misses().collect();
        if misses.is_empty() {
            "holds".to_owned()
        } else {
            format!("misses: {}", misses.join(", "))
        }
    }
}

/// What visitors here before and new ones get if every /24 that asks for the scarce page is treated
/// alike.
fn fair(kind: &str) -> [f64; 2] {
    let groups: Vec<_> = [Some(VISITORS), Some(NEW), flood(kind)].into_iter().flatten().collect();
    let parts = fair_share::of(SCARCE_RPS, &groups);
    [0, 1].map(|at| parts.get(at).copied().unwrap_or(1.0))
}

fn percent(part: f64) -> String {
    format!("{:.1} %", part * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row as the script writes it, with what a test is about put in.
    fn row(shield: &str, new: f64, lost: u32) -> Row {
        let line = format!(
            r#"{{"shield": "{shield}", "flood": "hot/warm", "dyn_ok": 0.96, "new_dyn_ok": {new},
            "static_ok": 1.0, "dyn_ms": {{"p50": 41.0, "p99": 420.0}}, "origin_rps": 219.0, "visitors":
            [{{"bad_by_sec": [9, 9], "missed": 3}}, {{"bad_by_sec": [0, {lost}], "missed": 1}}]}}"#
        );
        let rows = Row::read(&line.replace('\n', "")).expect("a row");
        rows.into_iter().next().expect("one")
    }

    #[test]
    fn a_row_that_is_good_enough_holds_and_one_that_is_not_says_why() {
        let good = row("seawall/told", 0.25, 4);
        assert_eq!(good.verdict(), "holds");
        assert_eq!(good.cells()[1..6], ["96.0 %", "25.0 %", "30.2 %", "100.0 %", "5"]);
        let bad = row("seawall/told", 0.24, 5);
        assert_eq!(bad.verdict(), "misses: 6 static lost, new 24.0 % of 30.2 %");
        assert_eq!(row("nginx/strict", 0.0, 99).verdict(), "-");
    }

    #[test]
    fn what_is_fair_follows_from_how_many_networks_ask() {
        let shares = ["hot", "cool", "conn", "tls"].map(|kind| fair(kind).map(percent).join(" "));
        assert_eq!(shares, ["15.1 % 30.2 %", "4.0 % 8.1 %", "7.8 % 15.5 %", "100.0 % 100.0 %"]);
    }

    #[test]
    fn a_line_that_lacks_something_is_a_sentence() {
        assert!(Row::read(r#"{"shield": "x"}"#).is_err());
        assert!(Row::read("not a row").is_err());
    }
}
