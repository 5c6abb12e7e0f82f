//! What it came to: a table as Markdown, or the figures of the lines that must hold.

use crate::Row;
use crate::watch::Kind;
use std::fmt::Write as _;

/// One row for each flood: what was never served of each kind, and how many of them were challenged.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from("| scenario | bound, % |");
    for kind in Kind::ALL {
        let _ = write!(text, " {}: harm, % | challenged |", kind.words());
    }
    let _ = write!(text, "\n|{}\n", " --- |".repeat(2 + 2 * Kind::COUNT));
    for Row { scenario, bound, kinds } in rows {
        let _ = write!(text, "| {scenario} | {bound} |");
        for of in kinds {
            let _ = write!(text, " {:.2} | {} |", of.harm(), of.challenged);
        }
        text.push('\n');
    }
    text
}

/// The most harm to each kind, as a part of what the ladder may do to people there.
///
/// # Errors
/// Fewer floods than `wanted` were played, or a kind asked for nothing in all of them: what nobody saw
/// holds no line.
pub(crate) fn lines(rows: &[Row], wanted: usize) -> Result<String, String> {
    if rows.is_empty() || rows.len() < wanted {
        return Err(format!("{} floods were played and {wanted} are wanted", rows.len()));
    }
    let mut text = String::new();
    let kinds =
        [("solving", Kind::Solves), ("scriptless", Kind::Waits), ("programs", Kind::Program)];
    for (name, kind) in kinds {
        if rows.iter().all(|row| row.kinds[kind as usize].asked == 0) {
            return Err(format!("{name} asked for nothing"));
        }
        let parts = rows.iter().map(|row| row.kinds[kind as usize].harm() / row.bound);
        let worst = parts.fold(0.0, f64::max);
        let _ = writeln!(text, "FIGURE challenge.ladder.{name} {worst} x the ladder's bound");
    }
    Ok(text)
}
