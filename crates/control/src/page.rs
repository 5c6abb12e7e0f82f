//! The status page and the sign-in form, for a person with a browser.
//!
//! No script: the page asks for itself again every few seconds.
//! Every text from elsewhere goes through the template's escaping; none is ever markup.

use crate::api::{EvidenceStatus, Incidents, PlatformStatus, Status};
use crate::text;
use maud::{DOCTYPE, Markup, html};
use seawall_engine::{Snapshot, TableSnapshot};
use seawall_types::Verdict;
use std::collections::BTreeMap;

/// The one style sheet, served as `/style.css`.
pub(crate) const STYLE: &str = include_str!("page/style.css");

/// Seconds until the page asks for itself again.
const REFRESH_S: u8 = 5;

/// What the sign-in form has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notice {
    /// Nothing.
    None,
    /// The token was wrong.
    Wrong,
    /// There were too many wrong ones.
    TooMany,
}

impl Notice {
    const fn sentence(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Wrong => Some("That is not the control token of this shield."),
            Self::TooMany => Some("Too many wrong tokens came from this address; wait a minute."),
        }
    }
}

/// The sign-in form.
pub(crate) fn sign_in(notice: Notice) -> String {
    let body = html! {
        form method="post" action="/sign-in" {
            h1 { "Seawall" }
            @if let Some(sentence) = notice.sentence() {
                p.notice role="status" { (sentence) }
            }
            label for="token" { "Control token" }
            input #token type="password" name="token" autocomplete="current-password" required autofocus;
            p.hint { "It is in the file that " code { "control.token_file" } " names; by default "
                code { "control.token" } " in " code { "state_dir" } "." }
            button type="submit" { "Sign in" }
        }
    };
    document("Sign in: Seawall", None, &body).into_string()
}

/// The status page.
pub(crate) fn status(status: &Status, snapshot: &Snapshot, known: &Incidents) -> String {
    let uptime = text::duration(status.uptime_s);
    let body = html! {
        header {
            h1 { "Seawall" }
            p { "Node " b { (status.node) } ", version " (status.version) ", up " (uptime) }
            form method="post" action="/sign-out" { button type="submit" { "Sign out" } }
        }
        section aria-labelledby="platforms" {
            h2 #platforms { "Platforms" }
            @if status.platforms.is_empty() {
                p { "The shield has said nothing yet: it is starting, or no platform is configured." }
            } @else {
                (platforms(&status.platforms))
                (origins(&status.platforms))
            }
        }
        section aria-labelledby="incidents" {
            h2 #incidents { "Incidents" }
            (incidents(known))
        }
        section aria-labelledby="shield" {
            h2 #shield { "The shield itself" }
            @for departure in &status.integrity {
                p.notice role="alert" { (text::departed(departure)) }
            }
            @if let Some(log) = &status.evidence { (evidence(log)) }
            (tables(&snapshot.tables))
            (losses(snapshot))
        }
    };
    document("Status: Seawall", Some(REFRESH_S), &body).into_string()
}

fn document(title: &str, refresh_s: Option<u8>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                @if let Some(seconds) = refresh_s {
                    meta http-equiv="refresh" content=(seconds);
                }
                title { (title) }
                link rel="stylesheet" href="/style.css";
            }
            body { main { (body) } }
        }
    }
}

fn platforms(platforms: &[PlatformStatus]) -> Markup {
    html! {
        div.scroll { table {
            caption { "Requests per second over the last second, by verdict" }
            thead { tr {
                th scope="col" { "Platform" }
                th scope="col" { "State" }
                @for verdict in Verdict::ALL { th.number scope="col" { (verdict.word()) } }
                th.number scope="col" { "Pressure" }
                th.number scope="col" { "At origin" }
                th.number scope="col" { "p50" }
                th.number scope="col" { "p99" }
                th.number scope="col" { "Origins up" }
            } }
            tbody { @for platform in platforms { (row(platform)) } }
        } }
    }
}

fn row(platform: &PlatformStatus) -> Markup {
    let origin = &platform.origin;
    html! {
        tr {
            th scope="row" { (platform.name) }
            td { span class={ "state " (platform.state.word()) } { (platform.state.word()) } }
            @for verdict in Verdict::ALL {
                td.number { (text::rate(platform.rps.of(verdict))) }
            }
            td.number { (text::ratio(platform.pressure)) }
            td.number { (text::of_limit(origin.in_flight, origin.limit)) }
            td.number { (text::millis(origin.p50_ms)) }
            td.number { (text::millis(origin.p99_ms)) }
            td.number { (text::count(origin.healthy)) }
        }
    }
}

fn origins(platforms: &[PlatformStatus]) -> Markup {
    html! {
        @if platforms.iter().any(|platform| !platform.origins.is_empty()) {
            div.scroll { table {
                caption { "Origins" }
                thead { tr {
                    th scope="col" { "Platform" }
                    th scope="col" { "Origin" }
                    th scope="col" { "Standing" }
                    th.number scope="col" { "At it" }
                    th.number scope="col" { "p50" }
                    th.number scope="col" { "p99" }
                    th.number scope="col" { "Faults" }
                    th.number scope="col" { "Times out" }
                } }
                tbody { @for platform in platforms { @for origin in &platform.origins { tr {
                    th scope="row" { (platform.name) }
                    td { (place(&origin.origin)) }
                    td { (origin.standing.word()) }
                    td.number { (origin.in_flight) }
                    td.number { (text::millis(origin.p50_ms)) }
                    td.number { (text::millis(origin.p99_ms)) }
                    td.number { (origin.faults) }
                    td.number { (origin.ejections) }
                } } } }
            } }
        }
    }
}

/// `10.0.0.5:8080 over http`: a page that asks for nothing from elsewhere shows no URL either.
fn place(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, place)) => format!("{place} over {scheme}"),
        None => url.to_owned(),
    }
}

/// Incidents that the page shows.
pub(crate) const INCIDENTS_SHOWN: usize = 20;

fn incidents(known: &Incidents) -> Markup {
    let shown = &known.incidents;
    let or_dash = |at: &Option<String>| at.clone().unwrap_or_else(|| "-".to_owned());
    html! {
        @if shown.is_empty() {
            p { "None is open, and none is known from before." }
        } @else {
            div.scroll { table {
                caption { "The newest " (shown.len()) ", open ones and earlier ones" }
                thead { tr {
                    th scope="col" { "Incident" }
                    th scope="col" { "Platform" }
                    th scope="col" { "State" }
                    th scope="col" { "Kind" }
                    th scope="col" { "Detected" }
                    th scope="col" { "Relieved" }
                    th scope="col" { "Ended" }
                    th.number scope="col" { "Admitted" }
                    th.number scope="col" { "Not admitted" }
                } }
                tbody { @for incident in shown { tr {
                    th scope="row" { (incident.id) }
                    td { (incident.platform) }
                    td { @if incident.state == "open" {
                        span class="state incident" { "open" }
                    } @else { (incident.state) } }
                    td { (incident.kind.word()) }
                    td { (or_dash(&incident.detected_at)) }
                    td { (or_dash(&incident.relieved_at)) }
                    td { (or_dash(&incident.ended_at)) }
                    td.number { (incident.requests.get(&Verdict::Admit).unwrap_or(&0)) }
                    td.number { (not_admitted(&incident.requests)) }
                } } }
            } }
            @if known.older > 0 { p { "And " (known.older) " older ones." } }
        }
    }
}

fn not_admitted(requests: &BTreeMap<Verdict, u64>) -> u64 {
    requests.iter().filter(|(verdict, _)| **verdict != Verdict::Admit).map(|(_, n)| n).sum()
}

fn evidence(log: &EvidenceStatus) -> Markup {
    html! {
        @if let Some(sentence) = text::evidence_trouble(log) {
            p.notice role="alert" { (sentence) }
        }
        dl {
            dt { "Records of evidence" } dd { (log.records) }
            dt { "Bytes of evidence on disk" } dd { (log.disk_bytes) }
            dt { "Evidence last synced" } dd { (log.synced_at.as_deref().unwrap_or("never")) }
        }
    }
}

fn tables(tables: &[TableSnapshot]) -> Markup {
    html! {
        @if !tables.is_empty() {
            div.scroll { table {
                caption { "Bounded tables" }
                thead { tr {
                    th scope="col" { "Table" }
                    th.number scope="col" { "Entries" }
                    th.number scope="col" { "Room for" }
                    th.number scope="col" { "Times full" }
                } }
                tbody { @for table in tables { tr {
                    th scope="row" { (table.name) }
                    td.number { (table.entries) }
                    td.number { (table.capacity) }
                    td.number { (table.saturated) }
                } } }
            } }
        }
    }
}

fn losses(snapshot: &Snapshot) -> Markup {
    let no_platform: u64 = snapshot.no_platform.iter().sum();
    let would_have = snapshot.platforms.iter().map(|platform| {
        let count: u64 = platform.would_have.iter().sum();
        (&platform.name, count)
    });
    html! {
        dl {
            dt { "Requests for no platform of ours" } dd { (no_platform) }
            dt { "Connections reset at accept" } dd { (snapshot.resets_at_accept) }
            dt { "Requests counted but not looked at one by one" }
            dd { (snapshot.observations_dropped) }
            @for (name, count) in would_have.filter(|(_, count)| *count > 0) {
                dt { "Verdicts only observed, not carried out, on " (name) } dd { (count) }
            }
        }
    }
}

#[cfg(test)]
mod tests;
