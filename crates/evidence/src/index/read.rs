//! Questions to the tables.

use super::{Index, IndexFault};
use crate::cases::{Case, CaseState};
use rusqlite::{OptionalExtension as _, Row};
use seawall_types::WallTime;

const CASE: &str = "SELECT incident, state, merged_into, opened_ms, changed_ms, first_record, \
                    last_record, measures, measures_left_off FROM incidents";

impl Index {
    /// Every incident, the newest first.
    ///
    /// # Errors
    /// The database fails.
    pub fn cases(&self) -> Result<Vec<Case>, IndexFault> {
        let mut query =
            self.database.prepare(&format!("{CASE} ORDER BY opened_ms DESC, id DESC"))?;
        let rows = query.query_map([], raw_case)?;
        rows.map(|row| case(row?)).collect()
    }

    /// How many incidents are older than those that are listed.
    ///
    /// # Errors
    /// The database fails.
    pub fn older(&self) -> Result<u64, IndexFault> {
        let older =
            self.database.query_row("SELECT older_incidents FROM source", [], |row| count(row, 0));
        Ok(older?)
    }

    /// One incident.
    ///
    /// # Errors
    /// The database fails.
    pub fn case(&self, id: &str) -> Result<Option<Case>, IndexFault> {
        let row = self.database.query_row(&format!("{CASE} WHERE id = ?1"), [id], raw_case);
        row.optional()?.map(case).transpose()
    }
}

/// A row before its incident was read.
type RawCase = ((String, String), CaseState, [u64; 5]);

fn raw_case(row: &Row<'_>) -> rusqlite::Result<RawCase> {
    let state = match row.get::<_, String>(1)?.as_str() {
        "merged" => CaseState::MergedInto(row.get::<_, Option<String>>(2)?.unwrap_or_default()),
        "closed" => CaseState::Closed,
        "interrupted" => CaseState::Interrupted,
        _ => CaseState::Open,
    };
    let count = |column| count(row, column);
    let counts = [count(3)?, count(4)?, count(5)?, count(6)?, count(8)?];
    Ok(((row.get(0)?, row.get(7)?), state, counts))
}

fn case(
    ((text, measures), state, [opened, changed, first, last, measures_left_off]): RawCase,
) -> Result<Case, IndexFault> {
    Ok(Case {
        incident: serde_json::from_str(&text)?,
        state,
        opened_at: WallTime(opened),
        changed_at: WallTime(changed),
        records: Some((first, last)),
        measures: serde_json::from_str(&measures)?,
        measures_left_off,
    })
}

/// A number that was never below zero.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::unsigned_abs)
}
