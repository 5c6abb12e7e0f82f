//! What must hold of our rows, and the worst of what was measured.
//!
//! Where bots can be told from visitors both who is known and who is new must hardly notice; where
//! they are disguised who is known is served, and new ones get their fair share.

use super::row::{Row, percent};
use std::fmt::Write as _;

/// Requests for the scarce page that visitors who are known may lose, of 1,500.
pub(crate) const KNOWN_LOST_MAX: f64 = 15.0;
/// What they may lose of any page when the flood has gone on for three seconds.
pub(crate) const KNOWN_LATE_MAX: f64 = 0.0;
/// How long the slowest of a hundred of them may take.
pub(crate) const P99_MAX_MS: f64 = 500.0;
/// Share of new visitors that must be served.
pub(crate) const NEW_MIN: f64 = 0.95;
/// Requests for the static page that may be lost.
pub(crate) const STATIC_LOST_MAX: f64 = 5.0;
/// Requests a second that the origin may be asked.
pub(crate) const ORIGIN_RPS_MAX: f64 = 225.0;
/// Share of those who are known that must be served where bots are disguised.
pub(crate) const DISGUISED_KNOWN_MIN: f64 = 0.9;
/// How long the slowest of a hundred of them may take then.
pub(crate) const DISGUISED_P99_MAX_MS: f64 = 700.0;
/// Of their fair share that new ones must get then.
pub(crate) const DISGUISED_NEW_OF_FAIR_MIN: f64 = 0.8;

/// One thing that must hold.
pub(super) struct Held {
    /// As a figure is called.
    name: &'static str,
    unit: &'static str,
    floods: Floods,
    bar: Bar,
    of: fn(&Row) -> f64,
    /// What a row says that misses it.
    said: fn(f64) -> String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Floods {
    All,
    /// Whose bots do not look like visitors, and were not here before.
    Plain,
    /// Whose bots do either.
    Disguised,
}

#[derive(Clone, Copy)]
enum Bar {
    AtMost(f64),
    AtLeast(f64),
}

/// All of it.
pub(super) const HELD: [Held; 9] = [
    Held {
        name: "known_lost",
        unit: "requests",
        floods: Floods::Plain,
        bar: Bar::AtMost(KNOWN_LOST_MAX),
        of: |row| row.known_lost,
        said: |lost| format!("{lost} known lost"),
    },
    Held {
        name: "known_late",
        unit: "requests",
        floods: Floods::Plain,
        bar: Bar::AtMost(KNOWN_LATE_MAX),
        of: |row| row.known_late,
        said: |late| format!("{late} known lost late"),
    },
    Held {
        name: "p99_ms",
        unit: "ms",
        floods: Floods::Plain,
        bar: Bar::AtMost(P99_MAX_MS),
        of: |row| row.scarce_ms[1],
        said: |p99| format!("p99 {p99:.0} ms"),
    },
    Held {
        name: "new",
        unit: "of all",
        floods: Floods::Plain,
        bar: Bar::AtLeast(NEW_MIN),
        of: |row| row.new,
        said: |new| format!("{} of new", percent(new)),
    },
    Held {
        name: "static_lost",
        unit: "requests",
        floods: Floods::All,
        bar: Bar::AtMost(STATIC_LOST_MAX),
        of: |row| row.static_lost,
        said: |lost| format!("{lost} static lost"),
    },
    Held {
        name: "origin_rps",
        unit: "rps",
        floods: Floods::All,
        bar: Bar::AtMost(ORIGIN_RPS_MAX),
        of: |row| row.origin_rps,
        said: |rps| format!("{rps:.0} at the origin"),
    },
    Held {
        name: "mimic_known",
        unit: "of all",
        floods: Floods::Disguised,
        bar: Bar::AtLeast(DISGUISED_KNOWN_MIN),
        of: |row| row.known,
        said: |known| format!("{} of known", percent(known)),
    },
    Held {
        name: "mimic_p99_ms",
        unit: "ms",
        floods: Floods::Disguised,
        bar: Bar::AtMost(DISGUISED_P99_MAX_MS),
        of: |row| row.scarce_ms[1],
        said: |p99| format!("p99 {p99:.0} ms"),
    },
    Held {
        name: "mimic_new",
        unit: "of the fair share",
        floods: Floods::Disguised,
        bar: Bar::AtLeast(DISGUISED_NEW_OF_FAIR_MIN),
        of: |row| row.new / row.fair_new,
        said: |new| format!("{} of the fair share of new", percent(new)),
    },
];

impl Held {
    /// Whether it must hold of this row.
    pub(super) fn is_about(&self, row: &Row) -> bool {
        match self.floods {
            Floods::All => true,
            Floods::Plain => !row.is_disguised(),
            Floods::Disguised => row.is_disguised(),
        }
    }

    pub(super) fn holds(&self, row: &Row) -> bool {
        let value = (self.of)(row);
        match self.bar {
            Bar::AtMost(most) => value <= most,
            Bar::AtLeast(least) => value >= least,
        }
    }

    /// What a row says of it.
    pub(super) fn text(&self, row: &Row) -> String {
        (self.said)((self.of)(row))
    }

    fn worst<'a>(&self, rows: impl Iterator<Item = &'a Row>) -> Option<f64> {
        let values = rows.filter(|row| self.is_about(row)).map(self.of);
        values.reduce(match self.bar {
            Bar::AtMost(_) => f64::max,
            Bar::AtLeast(_) => f64::min,
        })
    }
}

/// The worst of each of our shields in whatever was measured, a figure a line.
pub(super) fn figures(rows: &[Row]) -> String {
    let mut shields: Vec<&str> =
        rows.iter().filter(|row| row.is_ours()).map(|row| &*row.shield).collect();
    shields.sort_unstable();
    shields.dedup();
    let mut out = String::new();
    for shield in shields {
        let name = shield.rsplit('/').next().unwrap_or(shield);
        for held in &HELD {
            if let Some(worst) = held.worst(rows.iter().filter(|row| row.shield == shield)) {
                let _ =
                    writeln!(out, "FIGURE goodput.{name}.{} {worst:.4} {}", held.name, held.unit);
            }
        }
    }
    out
}
