//! For a terminal: everything, in lines.
//!
//! Safe for any terminal, since every text of a case is a [`crate::Line`].

use super::{says, whence};
use crate::case::{Case, Level, PHASE_TERMS, PlatformView, Reading, SCALE_TERMS, TERMS};
use crate::finding::SIGNATURES_MAX;
use crate::known::{Known, thousands};
use crate::place::CAVEAT;
use seawall_types::Verdict;
use seawall_types::wall::rfc3339;
use std::fmt::Write as _;

/// Title of what is judged rather than counted.
const ASSESSED: &str = "Assessed, not counted";
/// Title of what got through between the clocks.
const PHASES: &str = "Between the clocks: what was admitted and whom a measure harmed";
/// Title of the scales of size.
const SCALES: &str = "Size, variety and persistence";
/// Title of what is said of integrity.
const INTEGRITY: &str = "Integrity: what was watched";

/// The document.
pub(super) fn render(case: &Case) -> String {
    let mut text = String::new();
    head(&mut text, case);
    section(&mut text, "What happened", says::summary(case));
    times(&mut text, case);
    section(&mut text, PHASES, says::phases(case));
    let _ = writeln!(text, "  {PHASE_TERMS}");
    platforms(&mut text, case);
    numbers(&mut text, case);
    signatures(&mut text, case);
    places(&mut text, case);
    section(&mut text, ASSESSED, whence::assessed(case));
    section(&mut text, INTEGRITY, case.integrity.sentences());
    severity(&mut text, case);
    section(&mut text, SCALES, case.scales.iter().map(Reading::sentence));
    let _ = writeln!(text, "  {SCALE_TERMS}");
    actions(&mut text, case);
    evidence(&mut text, case);
    let unseen = Case::out_of_sight().map(str::to_owned);
    section(&mut text, "What the shield cannot see", unseen);
    text
}

fn head(text: &mut String, case: &Case) {
    let _ =
        writeln!(text, "INCIDENT {} on {}   {}", case.id, case.subject().name, case.about.label());
    let told = |line: &Option<crate::Line>| {
        line.as_ref().map_or("unknown: nobody told the shield".to_owned(), ToString::to_string)
    };
    let _ = writeln!(text, "reported by {}", told(&case.about.organisation));
    let _ = writeln!(text, "contact     {}", told(&case.about.contact));
    let _ = writeln!(text, "as of       {}", rfc3339(case.custody.as_of));
    let _ = writeln!(text, "{}", says::evidence(case));
}

fn title(text: &mut String, title: &str) {
    let _ = writeln!(text, "\n{title}");
}

fn section(text: &mut String, name: &str, lines: impl IntoIterator<Item = String>) {
    title(text, name);
    for line in lines {
        let _ = writeln!(text, "  {line}");
    }
}

fn times(text: &mut String, case: &Case) {
    title(text, "Times (measured; offset from detection)");
    for clock in &case.clocks.five {
        let _ = writeln!(
            text,
            "  {:<24} {:<34} {:<34} {}",
            clock.name,
            says::at(&clock.at),
            says::distance(&clock.from_detection_ms),
            clock.source,
        );
    }
    let _ = writeln!(text, "  {}", says::clock(case));
}

fn platforms(text: &mut String, case: &Case) {
    title(text, "Platforms: was a flood seen?");
    for PlatformView { name, standing, because, coverage, .. } in &case.platforms {
        let _ =
            writeln!(text, "  {:<10} {name}: {because}; {}", standing.word(), coverage.phrase());
    }
    if case.platforms_unlisted > 0 {
        let _ = writeln!(text, "  and {} more platforms, not listed", case.platforms_unlisted);
    }
    title(text, "Service in this time (measured)");
    for platform in &case.platforms {
        let _ = writeln!(text, "  {}", says::service(platform));
    }
}

fn numbers(text: &mut String, case: &Case) {
    title(text, "Numbers of the incident");
    for verdict in Verdict::ALL {
        let _ = writeln!(text, "  {:<36} {}", format!("got verdict {verdict}"), case.with(verdict));
    }
    for (name, value) in case.figures() {
        let _ = writeln!(text, "  {name:<36} {value}");
    }
    title(text, "Requests by verdict and reason (measured)");
    for ((verdict, reason), requests) in &case.subject().impact.reasons {
        let _ = writeln!(
            text,
            "  {:<36} {} requests",
            format!("{verdict}, {reason}"),
            thousands(*requests)
        );
    }
    if case.subject().impact.reasons.is_empty() {
        let _ = writeln!(text, "  unknown: no second of it was recorded");
    }
}

fn signatures(text: &mut String, case: &Case) {
    title(text, "What detection described");
    if case.signatures.is_empty() {
        let _ = writeln!(text, "  unknown: no record holds a description");
    }
    for signature in case.signatures.iter().take(SIGNATURES_MAX) {
        let _ = writeln!(text, "  {}", signature.text);
        let rung = says::rung(signature);
        let _ = writeln!(text, "    since {}, measure: {rung}", rfc3339(signature.at));
        let known_good = match signature.known_good {
            Known::Is((hits, of)) => {
                format!("{} of {} known-good visitors (measured)", thousands(hits), thousands(of))
            }
            Known::Unknown(why) => format!("unknown: {}", why.sentence()),
        };
        let _ = writeln!(text, "    share of the excess: {}", signature.share_of_excess);
        let _ = writeln!(text, "    would touch: {known_good}");
        let _ = writeln!(text, "    at 95 % certainty: {}", signature.collateral_most);
        let _ = writeln!(text, "    touched in fact: {}", signature.collateral_measured);
    }
    if let Some(more) = case.signatures.len().checked_sub(SIGNATURES_MAX).filter(|more| *more > 0) {
        let _ = writeln!(text, "  and {more} more, not listed");
    }
}

fn places(text: &mut String, case: &Case) {
    title(text, "Where traffic entered from");
    match &case.places {
        Known::Unknown(why) => {
            let _ = writeln!(text, "  unknown: {}", why.sentence());
        }
        Known::Is(places) => {
            let _ = writeln!(text, "  {CAVEAT}");
            for said in whence::sentences(places) {
                let _ = writeln!(text, "  {said}");
            }
            for (name, split, crowd) in whence::splits(places) {
                match split {
                    Known::Unknown(why) => {
                        let _ = writeln!(text, "  {name}: unknown: {}", why.sentence());
                    }
                    Known::Is(split) => {
                        let _ = writeln!(text, "  {name}, share of sources, share of requests");
                        let (rows, left) = crowd.rows(split);
                        for row in &rows {
                            let (sources, requests) = (
                                whence::interval(&row.by_sources),
                                whence::interval(&row.by_requests),
                            );
                            let _ = writeln!(
                                text,
                                "    {:<12} {sources}; {requests}",
                                row.place.as_str()
                            );
                        }
                        let _ = writeln!(text, "    {}", whence::rest(left, split));
                    }
                }
            }
        }
    }
    let _ = writeln!(text, "  {}", says::NO_SENDER);
}

fn severity(text: &mut String, case: &Case) {
    title(text, "Severity");
    let _ = writeln!(text, "  {}", case.severity.sentence());
    let _ = writeln!(text, "  The scale, which is of this report and of no authority:");
    for level in Level::ALL {
        let _ = writeln!(text, "    {} {:<9} {}", level.number(), level.word(), level.meaning());
    }
    let _ = writeln!(text, "  {TERMS}");
}

fn actions(text: &mut String, case: &Case) {
    title(text, "What was done");
    if case.actions.is_empty() {
        let _ = writeln!(text, "  {}", says::NO_CHANGE);
    }
    let _ = writeln!(text, "  {}", says::not_admitted(case));
    for action in &case.actions {
        let _ =
            writeln!(text, "  {}  record {}: {}", rfc3339(action.at), action.record, action.what);
    }
    if case.actions_unlisted > 0 {
        let _ = writeln!(text, "  and {} more, not listed", thousands(case.actions_unlisted));
    }
}

fn evidence(text: &mut String, case: &Case) {
    let custody = &case.custody;
    title(text, "Evidence");
    let _ = writeln!(text, "  {}", says::evidence(case));
    let _ = writeln!(text, "  {}", says::losses(case));
    for gap in &custody.gaps {
        let (from, to) = (rfc3339(gap.from), rfc3339(gap.to));
        let _ = writeln!(
            text,
            "  gap, record {}: {from} to {to}, {}; lost: {}",
            gap.record, gap.why, gap.lost
        );
    }
    let (first, last) = (custody.first_record, custody.last_record);
    let _ = writeln!(text, "  node {}, version {}", custody.node, custody.version);
    let _ = writeln!(text, "  configuration {}", custody.configuration);
    let _ = writeln!(text, "  records {first} to {last} tell of the incident itself");
    let _ = writeln!(text, "  {}", says::sealed(case));
    if let Some(before) = custody.removed_before {
        let _ = writeln!(text, "  records before {before} were removed to keep to the disk budget");
    }
}
