//! What it came to: a table as Markdown, or the figures of the lines that must hold.

use crate::Row;
use crate::cast::Party;
use crate::served::Served;
use std::fmt::Write as _;

/// One row for each flood: how much of each party's requests was served, and what the flood added to
/// half of them.
pub(crate) fn table(rows: &[Row]) -> String {
    let mut text = String::from("| scenario |");
    for party in Party::ALL {
        let _ = write!(text, " {}, % served | median later, ms |", party.word());
    }
    let _ = write!(text, "\n|{}\n", " --- |".repeat(1 + 2 * Party::COUNT));
    for Row { scenario, parties } in rows {
        let _ = write!(text, "| {scenario} |");
        for served in parties {
            match share(served) {
                Some(share) => {
                    let added =
                        added(served).map_or("–".to_owned(), |added| format!("{added:.1}"));
                    let _ = write!(text, " {:.2} of {} | {added} |", 100.0 * share, served.asked);
                }
                None => text.push_str(" – | – |"),
            }
        }
        text.push('\n');
    }
    text
}

/// The least that was served of each party in any flood.
///
/// # Errors
/// Fewer floods than `wanted` were played, or a party asked for nothing in all of them: what nobody saw
/// holds no line.
pub(crate) fn lines(rows: &[Row], wanted: usize) -> Result<String, String> {
    if rows.is_empty() || rows.len() < wanted {
        return Err(format!("{} floods were played and {wanted} are wanted", rows.len()));
    }
    let mut text = String::new();
    for party in Party::ALL {
        if rows.iter().all(|row| row.parties[party as usize].asked == 0) {
            return Err(format!("{} asked for nothing", party.word()));
        }
        let all = rows.iter().filter_map(|row| share(&row.parties[party as usize]));
        let least = all.fold(f64::INFINITY, f64::min);
        let asked: u64 = rows.iter().map(|row| row.parties[party as usize].asked).sum();
        let served: u64 = rows.iter().map(|row| row.parties[party as usize].served).sum();
        let name = party.word();
        let _ = writeln!(text, "FIGURE lanes.scenarios.{name} {least} of all");
        let _ = writeln!(text, "{name}: {served} of {asked} in {} floods", rows.len());
    }
    Ok(text)
}

fn share(served: &Served) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "requests of a minute")]
    let share = |served: &Served| served.served as f64 / served.asked as f64;
    (served.asked > 0).then(|| share(served))
}

/// By how many milliseconds a flood lengthens what half of them take.
fn added(served: &Served) -> Option<f64> {
    let [calm, flooded] =
        [&served.calm, &served.flooded].map(|times| Some(times.quantile(500)?.as_secs_f64()));
    Some(1e3 * (flooded? - calm?))
}
