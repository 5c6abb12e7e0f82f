//! Records into tables.

use crate::cases::{Case, CaseState, is_about_cases};
use crate::line::{Line, Place};
use crate::segment;
use rusqlite::{Connection, Result, params};
use seawall_types::evidence::{Bookkeeping, Fact, Gap, IncidentId, PlatformSecond};
use seawall_types::{Verdict, WallTime};

/// Adds what a segment says; gives how many of its lines could not be read.
pub(super) fn segment(database: &Connection, bytes: &[u8]) -> Result<u64> {
    let mut unread = 0;
    for (_, bytes) in segment::lines(bytes).0 {
        match Line::read(bytes) {
            Some(line) => unread += u64::from(!record(database, &line)?),
            None => unread += 1,
        }
    }
    Ok(unread)
}

/// Adds what a record says; tells whether it could be read.
fn record(database: &Connection, line: &Line<'_>) -> Result<bool> {
    let place = &line.place;
    match line.word {
        "gap" => match line.bookkeeping() {
            Some(Bookkeeping::Gap(gap)) => add_gap(database, place, &gap)?,
            _ => return Ok(false),
        },
        "platform_second" => match line.fact() {
            Some(Fact::PlatformSecond(second)) => add_second(database, place, &second)?,
            _ => return Ok(false),
        },
        _ if is_about_cases(line) => return Ok(line.fact().is_some()),
        _ => {}
    }
    Ok(true)
}

/// Adds an incident as its last record leaves it.
pub(super) fn add_case(database: &Connection, case: &Case) -> Result<()> {
    let incident = &case.incident;
    let text = serde_json::to_string(incident);
    let text = text.map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))?;
    let measures = serde_json::to_string(&case.measures);
    let measures =
        measures.map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))?;
    let merged_into = match &case.state {
        CaseState::MergedInto(other) => Some(other),
        CaseState::Open | CaseState::Closed | CaseState::Interrupted => None,
    };
    let (first, last) = case.records.unwrap_or_default();
    database.execute(
        "INSERT INTO incidents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        params![
            incident.id.as_str(),
            incident.platform,
            incident.kind.word(),
            case.state.word(),
            merged_into,
            number(case.opened_at.0),
            number(case.changed_at.0),
            number(first),
            number(last),
            text,
            measures,
            number(case.measures_left_off),
        ],
    )?;
    Ok(())
}

fn add_second(database: &Connection, place: &Place<'_>, second: &PlatformSecond) -> Result<()> {
    let counts = second.requests.by_verdict();
    let admitted = second.requests.with(Verdict::Admit);
    let all = counts.values().fold(0_u64, |sum, requests| sum.saturating_add(*requests));
    let text = serde_json::to_string(&second.requests);
    let text = text.map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))?;
    database
        .prepare_cached("INSERT INTO seconds VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12,?13)")?
        .execute(params![
            number(place.number),
            wall(place),
            second.platform,
            second.incident.as_ref().map(IncidentId::as_str),
            number(admitted),
            number(all.saturating_sub(admitted)),
            number(second.origin_ms),
            number(second.bytes_out),
            second.pressure_permille,
            second.limit,
            second.in_flight,
            second.queue_wait_max_ms,
            text,
        ])?;
    Ok(())
}

fn add_gap(database: &Connection, place: &Place<'_>, gap: &Gap) -> Result<()> {
    let ms = |wall: WallTime| number(wall.0);
    database.execute(
        "INSERT INTO gaps VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            number(place.number),
            gap.reason.word(),
            ms(gap.from.wall),
            ms(gap.to.wall),
            gap.lost.map(number),
            gap.detail,
        ],
    )?;
    Ok(())
}

fn wall(place: &Place<'_>) -> i64 {
    number(place.stamp.wall.0)
}

/// The database counts to 2^63 − 1.
fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
