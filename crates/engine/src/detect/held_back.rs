//! Requests of calm seconds, kept back before their visitors count as known.
//!
//! What came shortly before pressure rose may be the beginning of what raised it, so it is thrown
//! away then; what stayed calm long enough is handed on.
//! Bounds: [`ROWS_MAX`] rows; when full, a half of the visitors is left out, chosen by a keyed hash,
//! so that those who stay are a fair sample.

use super::row::Row;
use seawall_types::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// Rows that are kept back.
const ROWS_MAX: usize = 8_192;
/// How long.
const KEPT_BACK: Duration = Duration::from_secs(10);
/// A step is seen within this: four ticks.
const STEP_SEEN_AFTER: Duration = Duration::from_secs(1);

/// Rows that are kept back.
#[derive(Debug)]
pub(super) struct HeldBack {
    rows: VecDeque<Held>,
    /// Visitors whose hash is above are left out.
    up_to: u64,
}

#[derive(Debug)]
struct Held {
    at: Moment,
    visitor: u64,
    row: Row,
}

impl Default for HeldBack {
    fn default() -> Self {
        Self { rows: VecDeque::new(), up_to: u64::MAX }
    }
}

impl HeldBack {
    /// Keeps a row back; `visitor` is a keyed hash of whose it is.
    pub(super) fn put(&mut self, at: Moment, visitor: u64, row: Row) {
        if visitor > self.up_to {
            return;
        }
        if self.rows.len() >= ROWS_MAX {
            self.up_to /= 2;
            let up_to = self.up_to;
            self.rows.retain(|held| held.visitor <= up_to);
            if visitor > up_to || self.rows.len() >= ROWS_MAX {
                return;
            }
        }
        self.rows.push_back(Held { at, visitor, row });
    }

    /// The next row that has been calm for long enough.
    pub(super) fn release(&mut self, now: Moment) -> Option<Row> {
        let first = self.rows.front()?;
        if now.since(first.at) < KEPT_BACK {
            return None;
        }
        if self.rows.len() < ROWS_MAX / 4 {
            self.up_to = self.up_to.saturating_mul(2).saturating_add(1);
        }
        self.rows.pop_front().map(|held| held.row)
    }

    /// The next row from before the first traffic of a step that is seen now.
    pub(super) fn release_from_before(&mut self, now: Moment) -> Option<Row> {
        let first = self.rows.front()?;
        if now.since(first.at) < STEP_SEEN_AFTER {
            return None;
        }
        self.rows.pop_front().map(|held| held.row)
    }

    /// Throws everything away.
    pub(super) fn discard(&mut self) {
        self.rows.clear();
    }
}
