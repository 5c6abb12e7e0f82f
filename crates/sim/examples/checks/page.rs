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

/// The most harm to each kind of people, as a part of what the ladder may do there, and to programs.
pub(crate) fn lines(rows: &[Row]) -> String {
    let mut text = String::new();
    let worst = |kind: Kind, part: fn(&Row) -> f64| {
        let harm = rows.iter().map(|row| row.kinds[kind as usize].harm() / part(row));
        harm.fold(0.0, f64::max)
    };
    for (name, kind) in [("solving", Kind::Solves), ("scriptless", Kind::Waits)] {
        let worst = worst(kind, |row| row.bound);
        let _ = writeln!(text, "FIGURE challenge.ladder.{name} {worst} x the ladder's bound");
    }
    let programs = worst(Kind::Program, |_| 1.0);
    let _ = writeln!(text, "FIGURE challenge.ladder.programs {programs} percent");
    text
}
