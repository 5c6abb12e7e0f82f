//! One run second by second, as text: what was asked, what the origin had to carry, what was served.
//!
//! `timeline/svg.rs` draws the same.

mod svg;

pub use svg::svg;

use super::Scenario;
use super::kinds::Party;
use crate::casting::Span;
use crate::group::Role;
use crate::score::{Score, Second};
use seawall_types::Verdict;
use std::fmt::Write as _;

/// Characters of a bar.
const BAR: f64 = 16.0;
/// Parts of a character that a bar can end in.
const PARTS: [char; 8] = ['▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];

/// One run on one platform.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a> {
    /// What is written above it.
    pub title: &'a str,
    /// The run.
    pub score: &'a Score,
    /// What begins and ends when, as [`happenings`] gives it.
    pub happenings: &'a [Happening],
}

/// Something that begins or ends in a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct Happening {
    /// Second of the world.
    pub at: u32,
    /// What it is, in few words.
    pub words: String,
}

/// What begins and ends on a platform, in order of time.
pub fn happenings(scenario: &Scenario, platform: usize) -> Vec<Happening> {
    let mut happenings = Vec::new();
    let mut add = |span: Span, name: &str| {
        for (at, verb) in [(span.from, "begins"), (span.until, "ends")] {
            happenings.push(Happening { at: whole(at), words: format!("{name} {verb}") });
        }
    };
    for group in scenario.groups.iter().filter(|group| usize::from(group.platform) == platform) {
        if let Some(span) = group.span.filter(|_| group.party != Party::People) {
            add(span, &format!("{} {}", group.party.word(), group.name));
        }
    }
    for mishap in scenario.mishaps.iter().filter(|mishap| usize::from(mishap.platform) == platform)
    {
        add(mishap.span, &format!("fault {}", mishap.what.words()));
    }
    happenings.sort_by_key(|happening| happening.at);
    happenings
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds of a scenario"
)]
fn whole(second: f64) -> u32 {
    second.max(0.0) as u32
}

/// One second, as both forms show it.
#[derive(Debug, Clone, Copy, Default)]
struct Row {
    honest_per_s: f64,
    flood_per_s: f64,
    /// Work that reached the origin over what it can carry.
    load: f64,
    /// Share of honest requests of this second that were served, sooner or later.
    served: f64,
}

impl Row {
    fn of(second: &Second) -> Self {
        let honest = |of: &[u32; Role::COUNT]| {
            let roles = Role::ALL.into_iter().filter(|role| role.is_honest());
            f64::from(roles.map(|role| of[role.index()]).sum::<u32>())
        };
        let offered = honest(&second.offered);
        let carried = second.capacity.ms_per_s;
        Self {
            honest_per_s: offered,
            flood_per_s: f64::from(second.offered[Role::Flood.index()]),
            load: if carried > 0.0 {
                second.admitted_ms.iter().sum::<f64>() / carried
            } else {
                0.0
            },
            served: if offered > 0.0 { honest(&second.served) / offered } else { 1.0 },
        }
    }
}

/// The run as lines of text.
pub fn text(shown: Shown<'_>) -> String {
    let rows: Vec<_> = shown.score.seconds.iter().map(Row::of).collect();
    let most = |of: fn(&Row) -> f64| rows.iter().map(of).fold(1.0, f64::max);
    let most_asked = most(|row| row.honest_per_s).max(most(|row| row.flood_per_s));
    let most_load = most(|row| row.load);
    let mut text = format!("{}\n\n", shown.title);
    let _ = writeln!(
        text,
        "{:>6} {:>7} {:16} {:>7} {:16} {:>6} {:16} {:>6}  stopped",
        "second", "honest", "requests/s", "flood", "requests/s", "load", "of capacity", "served"
    );
    for (row, (second, at)) in rows.iter().zip(shown.score.seconds.iter().zip(0_u32..)) {
        let line = format!(
            "{at:>6} {:>7.0} {:16} {:>7.0} {:16} {:>5.0}% {:16} {:>5.1}%  {}",
            row.honest_per_s,
            bar(row.honest_per_s / most_asked),
            row.flood_per_s,
            bar(row.flood_per_s / most_asked),
            100.0 * row.load,
            bar(row.load / most_load),
            100.0 * row.served,
            notes(shown, (at, second))
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// What begins or ends in a second, and what was stopped in it.
fn notes(shown: Shown<'_>, (at, second): (u32, &Second)) -> String {
    let happens = shown.happenings.iter().filter(|happening| happening.at == at);
    let happens = happens.map(|happening| happening.words.clone());
    happens.chain(stopped(second)).collect::<Vec<_>>().join("; ")
}

/// What was stopped, by verdict, of honest senders and of floods.
fn stopped(second: &Second) -> Vec<String> {
    let of = |roles: &[Role], verdict: Verdict| -> u32 {
        roles.iter().map(|role| second.stopped[role.index()][verdict.index()]).sum()
    };
    let mut said = Vec::new();
    for verdict in Verdict::ALL {
        let honest = of(&[Role::Person, Role::Program], verdict);
        let flood = of(&[Role::Flood], verdict);
        if honest + flood > 0 {
            said.push(format!("{} {honest} honest, {flood} flood", verdict.word()));
        }
    }
    said
}

/// A bar for a share of the whole width.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the bar")]
fn bar(share: f64) -> String {
    let eighths = (share.clamp(0.0, 1.0) * BAR * 8.0).round() as usize;
    let mut bar: String = std::iter::repeat_n(PARTS[7], eighths / 8).collect();
    if let Some(last) = (eighths % 8).checked_sub(1) {
        bar.push(PARTS[last]);
    }
    bar
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1.0), "█".repeat(16));
        assert_eq!(bar(0.5), "█".repeat(8));
        assert_eq!(bar(1.0 / 32.0), "▌");
        assert_eq!(bar(7.0), "█".repeat(16));
    }
}
