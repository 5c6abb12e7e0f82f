//! What the lab's scripts wrote, and the figures in it.

use crate::score::figure::Figure;
use crate::shell::Failure;
use serde_json::Value;

/// One shield in one mode in one round.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::score) struct Row {
    /// Without its profile.
    shield: String,
    mode: String,
    /// In the group's unit.
    cost: f64,
    /// Why the figure does not count, if it does not.
    trouble: Option<String>,
}

impl Row {
    /// The row that a script wrote as `value`, or none when it lacks something.
    pub(super) fn parse(value: &Value, trouble: Option<String>) -> Option<Self> {
        Some(Self {
            shield: text(value, "shield")?.split('/').next()?.to_owned(),
            mode: text(value, "mode")?.to_owned(),
            cost: number(value, "cpu_us").or_else(|| number(value, "kib_conn"))?,
            trouble,
        })
    }
}

/// A number in a row.
pub(super) fn number(row: &Value, key: &str) -> Option<f64> {
    row.get(key)?.as_f64()
}

fn text<'a>(row: &'a Value, key: &str) -> Option<&'a str> {
    row.get(key)?.as_str()
}

/// Our cost over `peer`'s in `mode`: median and range of the rounds' ratios.
///
/// # Errors
/// When a round lacks a row, or saw something other than what it prices.
pub(in crate::score) fn ratio(rows: &[Row], mode: &str, peer: &str) -> Result<Figure, Failure> {
    let ours = sound(rows, "seawall", mode)?;
    let theirs = sound(rows, peer, mode)?;
    if ours.len() != theirs.len() {
        return Err(Failure::new(format!("a round lacks seawall or {peer} in {mode}")));
    }
    let ratios: Vec<_> =
        ours.iter().zip(&theirs).map(|(ours, theirs)| ours.cost / theirs.cost).collect();
    Figure::of(&ratios).ok_or_else(|| "the lab gave no finite ratio".into())
}

/// Our own cost in `mode`: median and range of the rounds.
///
/// # Errors
/// As [`ratio`].
pub(in crate::score) fn own(rows: &[Row], mode: &str) -> Result<Figure, Failure> {
    let costs: Vec<_> = sound(rows, "seawall", mode)?.iter().map(|row| row.cost).collect();
    Figure::of(&costs).ok_or_else(|| "the lab gave no finite figure".into())
}

/// The median cost of `shield` in `mode`; none when it was not measured.
pub(super) fn median(rows: &[Row], shield: &str, mode: &str) -> Option<f64> {
    let costs: Vec<_> = of(rows, shield, mode).map(|row| row.cost).collect();
    Figure::of(&costs).map(|figure| figure.median)
}

fn of<'a>(rows: &'a [Row], shield: &'a str, mode: &'a str) -> impl Iterator<Item = &'a Row> {
    rows.iter().filter(move |row| row.shield == shield && row.mode == mode)
}

/// The rows of `shield` in `mode`, if there are any and every one counts.
fn sound<'a>(rows: &'a [Row], shield: &'a str, mode: &'a str) -> Result<Vec<&'a Row>, Failure> {
    let found: Vec<_> = of(rows, shield, mode).collect();
    if found.is_empty() {
        return Err(Failure::new(format!("the lab did not measure {shield} in {mode}")));
    }
    match found.iter().find_map(|row| row.trouble.as_ref()) {
        Some(trouble) => Err(Failure::new(format!("{shield} in {mode}: {trouble}"))),
        None => Ok(found),
    }
}

#[cfg(test)]
mod tests {
    use super::super::group::{DENY, Group, IDLE, PROXY};
    use super::*;

    /// Rows as the scripts write them, one text a round.
    fn rows(group: &Group, rounds: &[&str]) -> Vec<Row> {
        let read = |text: &&str| group.read(text).expect("rows");
        rounds.iter().flat_map(read).collect()
    }

    const FIRST: &str = r#"{"shield": "seawall/clean", "mode": "h1", "cpu_us": 30.0, "success": 1.0}
{"shield": "haproxy/clean", "mode": "h1", "cpu_us": 40.0, "success": 1.0}"#;
    const SECOND: &str = r#"{"shield": "haproxy/clean", "mode": "h1", "cpu_us": 20.0, "success": 1.0}
{"shield": "seawall/clean", "mode": "h1", "cpu_us": 19.0, "success": 1.0}"#;

    #[test]
    fn a_ratio_is_taken_within_a_round() {
        let rows = rows(&PROXY, &[FIRST, SECOND]);
        let figure = ratio(&rows, "h1", "haproxy").expect("both were measured");
        assert_eq!((figure.median, figure.low, figure.high), (0.85, 0.75, 0.95));
        assert_eq!(own(&rows, "h1").map(|figure| figure.median), Ok(24.5));
        assert_eq!(median(&rows, "haproxy", "h1"), Some(30.0));
        assert_eq!(median(&rows, "nginx", "h1"), None);
    }

    #[test]
    fn a_round_without_the_peer_is_no_figure() {
        let alone = SECOND.lines().nth(1).expect("two lines");
        let rows = rows(&PROXY, &[FIRST, alone]);
        let failure = ratio(&rows, "h1", "haproxy").expect_err("round 2 lacks it");
        assert_eq!(failure.to_string(), "a round lacks seawall or haproxy in h1");
        let failure = ratio(&rows, "h2", "haproxy").expect_err("h2 was not asked for");
        assert_eq!(failure.to_string(), "the lab did not measure seawall in h2");
    }

    #[track_caller]
    fn check_trouble(group: &Group, row: &str, expected: Option<&str>) {
        let rows = rows(group, &[row]);
        let failure = own(&rows, "new").err().map(|failure| failure.to_string());
        assert_eq!(failure.as_deref(), expected);
    }

    #[test]
    fn a_shield_that_did_not_do_its_work_has_no_cost() {
        check_trouble(
            &PROXY,
            r#"{"shield": "seawall/clean", "mode": "new", "cpu_us": 1.0, "success": 0.5}"#,
            Some("seawall in new: only 0.500 of requests were served"),
        );
        check_trouble(
            &DENY,
            r#"{"shield": "seawall/deny", "mode": "new", "cpu_us": 1.0, "answers": {"429": 10, "connect_err": 90}}"#,
            Some("seawall in new: only 10 of 100 answers were 429"),
        );
        check_trouble(
            &DENY,
            r#"{"shield": "seawall/deny", "mode": "new", "cpu_us": 1.0, "answers": {"429": 95, "200": 5}}"#,
            None,
        );
        check_trouble(
            &IDLE,
            r#"{"shield": "seawall/clean", "mode": "new", "kib_conn": 1.0, "held": 8499}"#,
            Some("seawall in new: only 8499 connections were held"),
        );
    }

    #[test]
    fn a_row_without_a_figure_is_an_error() {
        let failure = PROXY.read(r#"{"shield": "seawall/clean", "mode": "h1"}"#);
        assert!(failure.expect_err("no cost").to_string().contains("strange row"));
    }

    #[test]
    fn each_mode_runs_by_itself_and_the_shields_order_turns() {
        let runs = PROXY.runs(&["h1", "new"]);
        assert_eq!(runs.len(), 10, "five rounds of two modes");
        assert_eq!(
            runs[1].join(" "),
            "--shield haproxy:clean --shield nginx:clean --shield xtask/lab/peer.sh:clean \
             --repeat 1 --secs 4 --modes h1"
        );
        let runs = IDLE.runs(&["plain", "tls"]);
        assert_eq!(runs.len(), 3, "three rounds of both modes");
        assert!(!runs[0].contains(&"--modes".to_owned()));
    }
}
