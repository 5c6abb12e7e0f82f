//! A database of what the log says about incidents, made from the log whenever it does not fit.
//!
//! An operator can open it; nobody needs it: the log is the truth and the database can be thrown
//! away at any time.
//! Where the file cannot be written the database is made in memory.
//! Trusts the log as it is: whether it holds is for [`crate::verify`] to say.
//! Bounds: one segment in memory at a time; the incidents of [`Cases`].

mod fill;
mod read;
#[cfg(test)]
pub(crate) mod tests;

use crate::cases::{Cases, read_segment};
use crate::segment::{self, SegmentName};
use crate::store::Folder;
use data_encoding::HEXLOWER;
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use std::fs;
use std::io;
use std::path::Path;
use thiserror::Error;

/// Changes when the tables do, so that an older database is made anew.
const SCHEMA: &str = "3";

const TABLES: &str = "
    DROP TABLE IF EXISTS source; DROP TABLE IF EXISTS incidents;
    DROP TABLE IF EXISTS seconds; DROP TABLE IF EXISTS gaps;
    CREATE TABLE source (fingerprint TEXT NOT NULL, older_incidents INTEGER NOT NULL);
    CREATE TABLE incidents (
        id TEXT PRIMARY KEY, platform TEXT NOT NULL, kind TEXT NOT NULL, state TEXT NOT NULL,
        merged_into TEXT, opened_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL,
        first_record INTEGER NOT NULL, last_record INTEGER NOT NULL, incident TEXT NOT NULL,
        measures TEXT NOT NULL, measures_left_off INTEGER NOT NULL);
    CREATE TABLE seconds (
        record INTEGER PRIMARY KEY, wall_ms INTEGER NOT NULL, platform TEXT NOT NULL,
        incident TEXT, admitted INTEGER NOT NULL, not_admitted INTEGER NOT NULL,
        origin_ms INTEGER NOT NULL, bytes_out INTEGER NOT NULL, pressure_permille INTEGER,
        limit_requests INTEGER, in_flight INTEGER NOT NULL, queue_wait_max_ms INTEGER,
        requests TEXT NOT NULL);
    CREATE INDEX seconds_of_incident ON seconds (incident, wall_ms);
    CREATE TABLE gaps (
        record INTEGER PRIMARY KEY, reason TEXT NOT NULL, from_ms INTEGER NOT NULL,
        to_ms INTEGER NOT NULL, lost INTEGER, detail TEXT NOT NULL);
";

/// Why there is no index.
#[derive(Debug, Error)]
pub enum IndexFault {
    /// The log cannot be read.
    #[error("cannot read the evidence ({file})")]
    Log {
        /// What of it.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The database does not do what it is asked.
    #[error("the index cannot be used; remove index.sqlite, it is made anew from the evidence")]
    Database(#[from] rusqlite::Error),
    /// What the database holds is not what was put there.
    #[error(
        "the index holds an incident that cannot be read; remove index.sqlite, it is made anew"
    )]
    Content(#[from] serde_json::Error),
}

/// Incidents, seconds and gaps of one log.
#[derive(Debug)]
pub struct Index {
    database: Connection,
    /// Records that could not be read when it was made.
    unread: u64,
}

impl Index {
    /// The index of the log in `folder`, kept at `path`; made anew when it does not fit the log.
    ///
    /// # Errors
    /// The log cannot be read, or there is no memory for a database.
    pub fn open(folder: &mut impl Folder, path: &Path) -> Result<Self, IndexFault> {
        let fault = |source| IndexFault::Log { file: "its folder".to_owned(), source };
        let names = segment::in_order(folder).map_err(fault)?;
        let fingerprint = fingerprint(folder, &names)?;
        if let Some(database) = kept(path, &fingerprint) {
            return Ok(Self { database, unread: 0 });
        }
        // What is there is stale, no database, or not there: none of it is worth keeping.
        let _ = fs::remove_file(path);
        let made = Connection::open(path).map_err(IndexFault::from);
        let made = made.and_then(|database| Self::make(database, folder, (&names, &fingerprint)));
        match made {
            Err(IndexFault::Database(_)) => {
                Self::make(Connection::open_in_memory()?, folder, (&names, &fingerprint))
            }
            other => other,
        }
    }

    /// Records that could not be read when it was made; 0 when it was there already.
    pub fn unread(&self) -> u64 {
        self.unread
    }

    fn make(
        mut database: Connection,
        folder: &mut impl Folder,
        (names, fingerprint): (&[SegmentName], &str),
    ) -> Result<Self, IndexFault> {
        let whole = database.transaction()?;
        whole.execute_batch(TABLES)?;
        let (mut unread, mut cases) = (0, Cases::default());
        for name in names {
            let bytes = read(folder, name)?;
            cases.add_segment(&bytes);
            unread += fill::segment(&whole, &bytes)?;
        }
        for case in cases.newest_first() {
            fill::add_case(&whole, case)?;
        }
        let older = i64::try_from(cases.forgotten()).unwrap_or(i64::MAX);
        whole.execute("INSERT INTO source VALUES (?1, ?2)", (fingerprint, older))?;
        whole.commit()?;
        Ok(Self { database, unread })
    }
}

/// What the database must have been made from: every byte of every segment, so that a record that
/// was changed in its place is not told from an older database.
fn fingerprint(folder: &mut impl Folder, names: &[SegmentName]) -> Result<String, IndexFault> {
    let mut digest = Sha256::new().chain_update(SCHEMA);
    for name in names {
        let bytes = read(folder, name)?;
        digest.update(format!("\n{name} {}\n", bytes.len()));
        digest.update(&bytes);
    }
    Ok(HEXLOWER.encode(&digest.finalize()))
}

fn read(folder: &mut impl Folder, name: &SegmentName) -> Result<Vec<u8>, IndexFault> {
    read_segment(folder, name).map_err(|source| IndexFault::Log { file: name.to_string(), source })
}

/// The database at `path`, if it was made from this log.
fn kept(path: &Path, fingerprint: &str) -> Option<Connection> {
    let database = path.is_file().then(|| Connection::open(path).ok()).flatten()?;
    let made_from = database.query_row("SELECT fingerprint FROM source", [], |row| row.get(0));
    let fits = made_from.is_ok_and(|made_from: String| made_from == fingerprint);
    fits.then_some(database)
}
