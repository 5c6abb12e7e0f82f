//! Seconds drawn together to as many columns as a chart can show.
//!
//! Bounds: [`COLUMNS_MAX`] columns whatever the length of the window.

use super::{Second, Window};
use seawall_types::{Verdict, WallTime};

/// Columns of a chart.
pub const COLUMNS_MAX: u64 = 200;

/// One column: the seconds from `at` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Column {
    /// Its beginning.
    pub at: WallTime,
    /// Seconds in it that have a record.
    pub seen_s: u64,
    /// Mean requests a second by verdict, over the seconds that have a record, rounded down.
    pub per_s: [u64; Verdict::COUNT],
    /// Highest pressure in thousandths.
    pub pressure_permille: Option<u32>,
    /// Milliseconds that origins worked for each admitted request, in thousandths, in the mean.
    pub origin_us_each: Option<u64>,
}

/// Seconds drawn together.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Series {
    /// Seconds in one column.
    pub column_s: u64,
    /// Columns in order.
    pub columns: Vec<Column>,
}

impl Series {
    /// Of the seconds of one platform.
    pub(super) fn of(seconds: &[Second], window: Window) -> Self {
        let column_s = window.seconds().div_ceil(COLUMNS_MAX).max(1);
        let count = window.seconds().div_ceil(column_s);
        let column = |at: u64| Column {
            at: WallTime(window.from.0.saturating_add(at * column_s * 1_000)),
            ..Column::default()
        };
        let mut drawn: Vec<_> = (0..count).map(column).collect();
        let mut worked_ms = vec![0_u64; drawn.len()];
        for second in seconds {
            // A record tells of the second before it; its middle says to which column it belongs,
            // however late the tick came.
            let middle = second.at.0.saturating_sub(window.from.0).saturating_sub(500);
            let since = middle / 1_000 / column_s;
            let last = drawn.len().saturating_sub(1);
            let at = usize::try_from(since).unwrap_or(last).min(last);
            let Some(column) = drawn.get_mut(at) else { continue };
            column.seen_s += 1;
            for (sum, requests) in column.per_s.iter_mut().zip(second.requests) {
                *sum = sum.saturating_add(requests);
            }
            column.pressure_permille = column.pressure_permille.max(second.pressure_permille);
            worked_ms[at] = worked_ms[at].saturating_add(second.origin_ms);
        }
        for (column, worked_ms) in drawn.iter_mut().zip(worked_ms) {
            let admitted = column.per_s[Verdict::Admit.index()];
            column.origin_us_each = worked_ms.saturating_mul(1_000).checked_div(admitted);
            for sum in &mut column.per_s {
                *sum /= column.seen_s.max(1);
            }
        }
        Self { column_s, columns: drawn }
    }

    /// The highest column.
    pub fn peak_per_s(&self) -> u64 {
        let sum = |column: &Column| column.per_s.iter().fold(0_u64, |a, b| a.saturating_add(*b));
        self.columns.iter().map(sum).max().unwrap_or(0)
    }
}
