//! Questions to the tables.
//!
//! Bounds: [`SECONDS_MAX`] seconds of one incident are given, the newest.

use super::{Index, IndexFault};
use rusqlite::{OptionalExtension as _, Row, params};
use seawall_types::WallTime;
use seawall_types::evidence::Incident;

/// Seconds of one incident that are given: a day.
pub const SECONDS_MAX: usize = 86_400;

/// An incident as the log left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// What was recorded last.
    pub incident: Incident,
    /// Whether it goes on.
    pub state: CaseState,
    /// When it was first recorded.
    pub opened_at: WallTime,
    /// When it was last recorded.
    pub changed_at: WallTime,
    /// Number of its first record.
    pub first_record: u64,
    /// Number of its last record.
    pub last_record: u64,
}

/// Whether an incident goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaseState {
    /// Nothing says that it is over.
    Open,
    /// It was closed.
    Closed,
    /// It is part of another.
    MergedInto(String),
}

impl CaseState {
    /// For people and programs.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Closed => "closed",
            Self::MergedInto(_) => "merged",
        }
    }
}

/// One second of an incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecondRow {
    /// Its record.
    pub record: u64,
    /// When it ended.
    pub at: WallTime,
    /// Requests that the origins answered.
    pub admitted: u64,
    /// All others.
    pub not_admitted: u64,
    /// Milliseconds that origins worked.
    pub origin_ms: u64,
    /// Bytes sent to clients.
    pub bytes_out: u64,
    /// Demand let through over capacity, in thousandths.
    pub pressure_permille: Option<u32>,
}

/// A gap of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GapRow {
    /// The record that tells it.
    pub record: u64,
    /// The word of its reason.
    pub reason: String,
    /// The last instant before it that is known.
    pub from: WallTime,
    /// The first instant after it that is known.
    pub to: WallTime,
    /// Records that are lost.
    pub lost: Option<u64>,
}

const CASE: &str = "SELECT incident, state, merged_into, opened_ms, changed_ms, first_record, \
                    last_record FROM incidents";

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

    /// One incident.
    ///
    /// # Errors
    /// The database fails.
    pub fn case(&self, id: &str) -> Result<Option<Case>, IndexFault> {
        let row = self.database.query_row(&format!("{CASE} WHERE id = ?1"), [id], raw_case);
        row.optional()?.map(case).transpose()
    }

    /// The seconds of an incident, in their order.
    ///
    /// # Errors
    /// The database fails.
    pub fn seconds(&self, id: &str) -> Result<Vec<SecondRow>, IndexFault> {
        let mut query = self.database.prepare(
            "SELECT record, wall_ms, admitted, not_admitted, origin_ms, bytes_out, pressure_permille
             FROM seconds WHERE incident = ?1 ORDER BY record DESC LIMIT ?2",
        )?;
        let most = i64::try_from(SECONDS_MAX).unwrap_or(i64::MAX);
        let rows = query.query_map(params![id, most], |row| {
            Ok(SecondRow {
                record: count(row, 0)?,
                at: WallTime(count(row, 1)?),
                admitted: count(row, 2)?,
                not_admitted: count(row, 3)?,
                origin_ms: count(row, 4)?,
                bytes_out: count(row, 5)?,
                pressure_permille: row.get(6)?,
            })
        })?;
        let mut seconds = rows.collect::<Result<Vec<_>, _>>()?;
        seconds.reverse();
        Ok(seconds)
    }

    /// The gaps that touch the time between two instants.
    ///
    /// # Errors
    /// The database fails.
    pub fn gaps(&self, from: WallTime, to: WallTime) -> Result<Vec<GapRow>, IndexFault> {
        let mut query = self.database.prepare(
            "SELECT record, reason, from_ms, to_ms, lost FROM gaps
             WHERE from_ms <= ?2 AND to_ms >= ?1 ORDER BY record",
        )?;
        let bound = |wall: WallTime| i64::try_from(wall.0).unwrap_or(i64::MAX);
        let rows = query.query_map(params![bound(from), bound(to)], |row| {
            Ok(GapRow {
                record: count(row, 0)?,
                reason: row.get(1)?,
                from: WallTime(count(row, 2)?),
                to: WallTime(count(row, 3)?),
                lost: row.get::<_, Option<i64>>(4)?.map(i64::unsigned_abs),
            })
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    }
}

/// A row before its incident was read.
type RawCase = (String, CaseState, [u64; 4]);

fn raw_case(row: &Row<'_>) -> rusqlite::Result<RawCase> {
    let state = match row.get::<_, String>(1)?.as_str() {
        "merged" => CaseState::MergedInto(row.get::<_, Option<String>>(2)?.unwrap_or_default()),
        "closed" => CaseState::Closed,
        _ => CaseState::Open,
    };
    Ok((row.get(0)?, state, [count(row, 3)?, count(row, 4)?, count(row, 5)?, count(row, 6)?]))
}

fn case((text, state, [opened, changed, first, last]): RawCase) -> Result<Case, IndexFault> {
    Ok(Case {
        incident: serde_json::from_str(&text)?,
        state,
        opened_at: WallTime(opened),
        changed_at: WallTime(changed),
        first_record: first,
        last_record: last,
    })
}

/// A number that was never below zero.
fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get(column).map(i64::unsigned_abs)
}
