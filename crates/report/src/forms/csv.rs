//! For spreadsheets: every recorded second of every platform, one row each.
//!
//! A cell that a spreadsheet would take for a formula is made text; lines end as RFC 4180 says.
//! What is not known is the word `unknown`.
//! Bounds: [`crate::case::SECONDS_MAX`] rows of a platform; a last row says how many were left out.

use crate::case::{Case, Second};
use crate::line::Line;
use seawall_types::Verdict;
use seawall_types::wall::rfc3339;

/// The document.
pub(super) fn render(case: &Case) -> String {
    let mut text = String::new();
    row(&mut text, &head());
    let reporter = reporter(case);
    for platform in &case.platforms {
        for second in &platform.seconds {
            let mut cells = cells(platform.name.as_str(), platform.standing.word(), second);
            cells.extend_from_slice(&reporter);
            row(&mut text, &cells);
        }
        if platform.seconds.is_empty() || platform.seconds_unlisted > 0 {
            let more = platform.seconds_unlisted;
            let said = match more {
                0 => "unknown: no second recorded".to_owned(),
                more => format!("and {more} seconds more, not listed"),
            };
            let mut cells =
                vec![platform.name.as_str().to_owned(), platform.standing.word().to_owned(), said];
            cells.resize(head().len() - reporter.len(), "unknown".to_owned());
            cells.extend_from_slice(&reporter);
            row(&mut text, &cells);
        }
    }
    text
}

fn head() -> Vec<String> {
    let before = ["platform", "standing", "at_utc", "record"].map(str::to_owned);
    let verdicts = Verdict::ALL.map(|verdict| format!("{verdict}_requests_measured"));
    let after = [
        "origin_ms_measured",
        "sent_bytes_measured",
        "pressure_permille_of_capacity_measured",
        "in_flight_requests_measured",
        "longest_wait_ms_measured",
        "reported_by",
        "contact",
        "label",
    ];
    before.into_iter().chain(verdicts).chain(after.map(str::to_owned)).collect()
}

/// Who reports, beside each row: a row that was copied elsewhere keeps its label.
fn reporter(case: &Case) -> [String; 3] {
    let told = |line: &Option<Line>| {
        line.as_ref().map_or_else(|| "unknown".to_owned(), ToString::to_string)
    };
    [told(&case.about.organisation), told(&case.about.contact), case.about.label()]
}

fn cells(platform: &str, standing: &str, second: &Second) -> Vec<String> {
    let known = |value: Option<u32>| value.map_or("unknown".to_owned(), |value| value.to_string());
    let mut cells = vec![platform.to_owned(), standing.to_owned()];
    cells.extend([rfc3339(second.at), second.record.to_string()]);
    cells.extend(second.requests.map(|requests| requests.to_string()));
    cells.extend([
        second.origin_ms.to_string(),
        second.bytes_out.to_string(),
        known(second.pressure_permille),
        second.in_flight.to_string(),
        known(second.queue_wait_max_ms),
    ]);
    cells
}

fn row(text: &mut String, cells: &[String]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        text.push_str(&safe(cell));
    }
    text.push_str("\r\n");
}

/// A cell that is text to every spreadsheet.
fn safe(cell: &str) -> String {
    // Some programs look behind spaces and quotes too, and take full-width signs as plain ones.
    let first = cell.trim_start_matches([' ', '"', '\'', '\u{a0}', '\u{3000}']).chars().next();
    let is_formula = matches!(
        first,
        Some('=' | '+' | '-' | '@' | '|' | '%' | '\t' | '\r' | '＝' | '＋' | '－' | '＠')
    );
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r', ';', '\'']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_text_and_never_a_formula() {
        for (cell, text) in [
            ("www", "www"),
            ("=1+1", "\"'=1+1\""),
            (" =1+1", "\"' =1+1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("a,b\"c", "\"a,b\"\"c\""),
            ("＝1", "\"'＝1\""),
            ("2026-03-01T12:00:00.000Z", "2026-03-01T12:00:00.000Z"),
        ] {
            assert_eq!(safe(cell), text);
        }
    }
}
