//! Records into tables.

use crate::line::{Line, Place};
use crate::segment;
use rusqlite::{Connection, Result, named_params, params};
use seawall_types::evidence::{Bookkeeping, Fact, Gap, Incident, IncidentId, PlatformSecond};
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
        "incident_opened" | "incident_changed" | "incident_closed" | "incident_merged"
        | "platform_second" => match line.fact() {
            Some(fact) => add_fact(database, place, &fact)?,
            None => return Ok(false),
        },
        _ => {}
    }
    Ok(true)
}

fn add_fact(database: &Connection, place: &Place<'_>, fact: &Fact) -> Result<()> {
    match fact {
        Fact::IncidentOpened(incident) | Fact::IncidentChanged(incident) => {
            add_incident(database, place, (incident, "open"))
        }
        Fact::IncidentClosed(incident) => add_incident(database, place, (incident, "closed")),
        Fact::IncidentMerged { incident, into } => merge(database, place, (incident, into)),
        Fact::PlatformSecond(second) => add_second(database, place, second),
        Fact::NodeStarted { .. }
        | Fact::NodeStopped
        | Fact::ConfigurationApplied { .. }
        | Fact::OriginStanding { .. }
        | Fact::CarryLearned { .. }
        | Fact::TableSaturated { .. } => Ok(()),
    }
}

fn add_incident(
    database: &Connection,
    place: &Place<'_>,
    (incident, state): (&Incident, &str),
) -> Result<()> {
    let text = serde_json::to_string(incident);
    let text = text.map_err(|cause| rusqlite::Error::ToSqlConversionFailure(Box::new(cause)))?;
    database.prepare_cached(
        "INSERT INTO incidents VALUES
         (:id, :platform, :kind, :state, NULL, :wall, :wall, :record, :record, :text)
         ON CONFLICT (id) DO UPDATE SET kind = :kind, state = :state, changed_ms = :wall,
         last_record = :record, incident = :text",
    )?
    .execute(named_params! {
        ":id": incident.id.as_str(), ":platform": incident.platform, ":kind": incident.kind.word(),
        ":state": state, ":wall": wall(place), ":record": number(place.number), ":text": text,
    })?;
    Ok(())
}

fn merge(
    database: &Connection,
    place: &Place<'_>,
    (incident, into): (&IncidentId, &IncidentId),
) -> Result<()> {
    database.execute(
        "UPDATE incidents SET state = 'merged', merged_into = ?2, changed_ms = ?3, last_record = ?4
         WHERE id = ?1",
        params![incident.as_str(), into.as_str(), wall(place), number(place.number)],
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
    let reason = serde_json::to_value(gap.reason).ok();
    let reason = reason.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    database.execute(
        "INSERT INTO gaps VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        params![
            number(place.number),
            reason,
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
