//! One page for a browser and for paper: self-contained, no script, nothing loaded.
//!
//! The first sheet is for who decides; the rest is for who checks.
//! Every text of a case passes the escape of the page's writer; no attribute holds one.

mod chart;
mod measure;
mod origin;
mod places;
mod style;
mod tables;

use super::{says, whence};
use crate::case::{Case, Check, PHASE_TERMS, SCALE_TERMS, Standing, TERMS};
use crate::known::Known;
use maud::{DOCTYPE, Markup, html};
use seawall_types::wall::rfc3339;

/// The document.
pub(super) fn render(case: &Case) -> String {
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="referrer" content="no-referrer";
                title { "Incident " (case.id) " on " (case.subject().name) }
                style { (maud::PreEscaped(style::STYLE)) }
            }
            body {
                (head(case))
                main { (first_sheet(case)) (rest(case)) }
                (foot(case))
            }
        }
    };
    let mut text = page.into_string();
    text.push('\n');
    text
}

fn head(case: &Case) -> Markup {
    html! {
        header {
            p class="label" { (case.about.label()) }
            h1 { "Incident " (case.id) " on " (case.subject().name) }
            p {
                "Reported by " (told(case.about.organisation.as_ref()))
                "; contact " (told(case.about.contact.as_ref()))
                "; as of " (rfc3339(case.custody.as_of)) "."
            }
            @if matches!(case.custody.check, Check::Broken { .. }) {
                p class="alarm" role="note" { (says::evidence(case)) }
            }
        }
    }
}

fn told(line: Option<&crate::Line>) -> Markup {
    html! {
        @if let Some(line) = line { (line) }
        @else { span class="unknown" { "unknown: nobody told the shield" } }
    }
}

fn first_sheet(case: &Case) -> Markup {
    html! {
        section class="first" aria-labelledby="short" {
            h2 id="short" { "In short" }
            ul { @for sentence in says::summary(case) { li { (sentence) } } }
            p class="level" { "Severity " strong { (case.severity.sentence()) } }
            table {
                caption { "Was a flood seen? One row for each platform" }
                thead { tr {
                    th scope="col" { "Platform" } th scope="col" { "Answer" }
                    th scope="col" { "Seen of this time, s (measured)" }
                } }
                tbody {
                    @for platform in &case.platforms {
                        tr {
                            th scope="row" { (platform.name) }
                            td class=(mark(platform.standing)) { (platform.standing.word()) }
                            td { (platform.coverage.phrase()) }
                        }
                    }
                }
            }
            @if case.platforms_unlisted > 0 {
                p { "And " (case.platforms_unlisted) " more platforms, not listed." }
            }
            (chart::traffic(case))
            p { (says::evidence(case)) " " (says::losses(case)) " " (says::NO_SENDER) }
        }
    }
}

/// Classes are a closed list, so no attribute holds a text of the case.
const fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Confirmed => "confirmed",
        Standing::Suspected => "suspected",
        Standing::RuledOut => "ruled-out",
        Standing::Unknown => "unknown",
    }
}

fn rest(case: &Case) -> Markup {
    html! {
        section aria-labelledby="times" {
            h2 id="times" { "Times" }
            (chart::timeline(case))
            (tables::times(case))
            p { (says::clock(case)) }
            (measure::phases(case))
            p { (PHASE_TERMS) }
        }
        section aria-labelledby="service" {
            h2 id="service" { "Service" }
            (chart::pressure(case))
            (origin::work(case))
            ul { @for platform in &case.platforms { li { (says::service(platform)) } } }
            p { (says::harmed(case)) }
            (tables::proofs(case))
        }
        section aria-labelledby="severity" {
            h2 id="severity" { "The scale of severity" }
            (tables::scale())
            p { (TERMS) " The scale is of this report and of no authority." }
        }
        section aria-labelledby="scales" {
            h2 id="scales" { "Size, variety and persistence" }
            (measure::scales(case))
            p { (SCALE_TERMS) }
        }
        section aria-labelledby="numbers" {
            h2 id="numbers" { "Numbers" }
            (tables::numbers(case))
            (tables::reasons(case))
        }
        section aria-labelledby="described" {
            h2 id="described" { "What detection described" }
            (tables::signatures(case))
        }
        section aria-labelledby="places" {
            h2 id="places" { "Where traffic entered from" }
            (places::section(case))
            p { (says::NO_SENDER) }
        }
        section aria-labelledby="assessed" {
            h2 id="assessed" { "Assessed, not counted" }
            @for said in whence::assessed(case) { p { (said) } }
        }
        section aria-labelledby="integrity" {
            h2 id="integrity" { "Integrity: what was watched" }
            (tables::integrity(case))
        }
        section aria-labelledby="done" {
            h2 id="done" { "What was done" }
            (tables::actions(case))
        }
        section aria-labelledby="evidence" {
            h2 id="evidence" { "Evidence" }
            (tables::evidence(case))
        }
        section aria-labelledby="unseen" {
            h2 id="unseen" { "What the shield cannot see" }
            ul { @for what in Case::out_of_sight() { li { (what) } } }
        }
    }
}

fn foot(case: &Case) -> Markup {
    html! {
        footer {
            p {
                (case.about.label()) ". Made by Seawall from records " (case.custody.first_record)
                " to " (case.custody.last_record) " of node " (case.custody.node)
                "; the same records give the same page."
            }
        }
    }
}

/// A value, or why it is not known, marked as such.
fn known<T: std::fmt::Display>(value: &Known<T>) -> Markup {
    match value {
        Known::Is(value) => html! { (value) },
        Known::Unknown(_) => html! { span class="unknown" { (value) } },
    }
}
