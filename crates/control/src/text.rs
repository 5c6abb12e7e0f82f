//! A status as text for a terminal, and how its numbers are written everywhere.
//!
//! What is not known is a dash.

mod lanes;

pub use lanes::lanes_text;

use crate::api::{Departure, EvidenceStatus, PlatformStatus, SingleOriginStatus, Status};
use seawall_types::Verdict;
use std::fmt::Write as _;

const HEADINGS: [&str; 9] =
    ["platform", "state", "admit/s", "stopped/s", "error/s", "pressure", "at origin", "p50", "p99"];

/// What `seawall status` prints: one line about the shield, then one line for each platform, and
/// below it what is being stopped, when something is, what there was since start, and each of its
/// origins.
pub fn status_text(status: &Status) -> String {
    let mut out = format!(
        "seawall {} on {}, up {}\n",
        printable(&status.version),
        printable(&status.node),
        duration(status.uptime_s)
    );
    if let Some(sentence) = status.evidence.as_ref().and_then(evidence_trouble) {
        out.push_str(&sentence);
        out.push('\n');
    }
    for departure in &status.integrity {
        out.push_str(&departed(departure));
        out.push('\n');
    }
    if status.platforms.is_empty() {
        out.push_str("no platform has been reported yet\n");
        return out;
    }
    let rows: Vec<_> = status.platforms.iter().map(cells).collect();
    let mut widths = HEADINGS.map(str::len);
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    out.push('\n');
    line(&mut out, &widths, &HEADINGS.map(str::to_owned));
    for (row, platform) in rows.iter().zip(&status.platforms) {
        line(&mut out, &widths, row);
        stopped(&mut out, platform);
        mitigations(&mut out, platform);
        finding(&mut out, platform);
        since_start(&mut out, platform);
        platform.origins.iter().for_each(|single| origin(&mut out, single));
    }
    out
}

/// That something watched is not as before, or was not for a while.
pub(crate) fn departed(departure: &Departure) -> String {
    let Departure { platform, aspect, first_at, last_at, times, stands, detail } = departure;
    let whose = platform.as_deref().map_or("the shield".to_owned(), printable);
    let (aspect, detail) = (printable(aspect), printable(detail));
    let when = format!("first {}, last {}", printable(first_at), printable(last_at));
    if *stands {
        return format!("NOT AS BEFORE: {aspect} of {whose}: {detail} ({when}; {times} times)");
    }
    format!("was not as before: {aspect} of {whose}: {detail} ({when}; {times} times)")
}

/// That evidence is not written, or that some of it was lost; none when all is well.
pub(crate) fn evidence_trouble(evidence: &EvidenceStatus) -> Option<String> {
    let lost = match evidence.lost {
        0 => String::new(),
        lost => format!("{lost} records lost since start"),
    };
    let Some(failing) = &evidence.failing else {
        return (!lost.is_empty()).then(|| format!("evidence: {lost}; it is written again"));
    };
    let (since, waiting) = (&failing.since, evidence.waiting);
    if failing.reason == "occupied" {
        return Some(format!(
            "evidence waits since {since} until the shield that ran before has ended its own; \
             {waiting} records wait"
        ));
    }
    let and_lost = if lost.is_empty() { lost } else { format!(", {lost}") };
    let (why, detail) = (&failing.sentence, printable(&failing.detail));
    Some(format!(
        "EVIDENCE IS NOT BEING WRITTEN since {since}: {why} ({detail}); {waiting} records wait\
         {and_lost}"
    ))
}

fn cells(platform: &PlatformStatus) -> [String; HEADINGS.len()] {
    let origin = &platform.origin;
    [
        printable(&platform.name),
        platform.state.word().to_owned(),
        rate(platform.rps.admit),
        rate(platform.rps.stopped()),
        rate(platform.rps.error),
        ratio(platform.pressure),
        of_limit(origin.in_flight, origin.limit),
        millis(origin.p50_ms),
        millis(origin.p99_ms),
    ]
}

/// Words to the left, numbers to the right.
fn line(out: &mut String, widths: &[usize], cells: &[String]) {
    const WORDS: usize = 2;
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let fill = " ".repeat(width.saturating_sub(cell.chars().count()));
        let gap = if column == 0 { "" } else { "  " };
        out.push_str(gap);
        if column < WORDS {
            out.extend([cell.as_str(), &fill]);
        } else {
            out.extend([&fill, cell.as_str()]);
        }
    }
    out.push('\n');
}

/// How many measures stand.
fn mitigations(out: &mut String, platform: &PlatformStatus) {
    let rungs = &platform.mitigations;
    if rungs.is_empty() {
        return;
    }
    let parts: Vec<_> = rungs.iter().map(|(rung, n)| format!("{} {n}", printable(rung))).collect();
    let all: u32 = rungs.values().sum();
    let _ = writeln!(out, "  measures: {all} ({})", parts.join(", "));
}

/// What the detector says, each description on a line of its own.
fn finding(out: &mut String, platform: &PlatformStatus) {
    let Some(said) = &platform.finding else {
        return;
    };
    let (kind, why) = (printable(&said.kind), printable(&said.why));
    let _ = writeln!(out, "  finding: {kind}: {why} ({})", printable(&said.footing));
    for signature in &said.signatures {
        let _ = writeln!(out, "    {}", printable(&signature.text));
    }
    if let Some(undescribed) = &said.undescribed {
        let _ = writeln!(out, "    {}", printable(undescribed));
    }
}

fn stopped(out: &mut String, platform: &PlatformStatus) {
    const STOPPING: [Verdict; 5] =
        [Verdict::Limit, Verdict::Challenge, Verdict::Hold, Verdict::Refuse, Verdict::Drop];
    let parts: Vec<_> = STOPPING
        .into_iter()
        .map(|verdict| (verdict, platform.rps.of(verdict)))
        .filter(|(_, rps)| *rps > 0.0)
        .map(|(verdict, rps)| format!("{verdict} {}", rate(rps)))
        .collect();
    if !parts.is_empty() {
        out.push_str("  stopped/s: ");
        out.push_str(&parts.join(", "));
        out.push('\n');
    }
}

/// Requests since start by verdict, those that there were.
fn since_start(out: &mut String, platform: &PlatformStatus) {
    let parts: Vec<_> = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict, platform.totals.of(verdict)))
        .filter(|(verdict, count)| *count > 0 || *verdict == Verdict::Admit)
        .map(|(verdict, count)| format!("{verdict} {count}"))
        .collect();
    out.push_str("  since start: ");
    out.push_str(&parts.join(", "));
    out.push('\n');
}

fn origin(out: &mut String, origin: &SingleOriginStatus) {
    let name = printable(&origin.origin);
    let (standing, in_flight) = (origin.standing.word(), origin.in_flight);
    let (p50, p99) = (millis(origin.p50_ms), millis(origin.p99_ms));
    let (faults, times_out) = (origin.faults, origin.ejections);
    let written = writeln!(
        out,
        "  origin {name}: {standing}, {in_flight} at it, p50 {p50}, p99 {p99}, faults {faults}, \
         out {times_out} times"
    );
    written.expect("invariant: a string takes every write");
}

/// Text from elsewhere without anything that could steer a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// Requests per second.
pub(crate) fn rate(rps: f64) -> String {
    format!("{rps:.1}")
}

/// A ratio, or a dash.
pub(crate) fn ratio(value: Option<f64>) -> String {
    value.map_or_else(dash, |value| format!("{value:.2}"))
}

/// Milliseconds, or a dash.
pub(crate) fn millis(value: Option<f64>) -> String {
    value.map_or_else(dash, |value| format!("{value:.1} ms"))
}

/// A number, or a dash.
pub(crate) fn count(value: Option<u32>) -> String {
    value.map_or_else(dash, |value| value.to_string())
}

/// `9 of 64`, or `9` where nothing bounds it.
pub(crate) fn of_limit(value: u32, limit: Option<u32>) -> String {
    limit.map_or_else(|| value.to_string(), |limit| format!("{value} of {limit}"))
}

/// The two largest units of a span.
pub(crate) fn duration(seconds: u64) -> String {
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60);
    let mut out = String::new();
    let written = match (days, hours, minutes) {
        (0, 0, 0) => write!(out, "{seconds} s"),
        (0, 0, _) => write!(out, "{minutes} min {} s", seconds % 60),
        (0, _, _) => write!(out, "{hours} h {minutes} min"),
        (_, _, _) => write!(out, "{days} d {hours} h"),
    };
    written.expect("invariant: a string takes every write");
    out
}

fn dash() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests;
