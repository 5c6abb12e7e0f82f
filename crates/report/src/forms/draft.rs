//! Drafts of the notifications that EU NIS2 Article 23 asks for, and the UK's bill alike: early
//! warning, notification, final report.
//!
//! Whether a duty applies is for a person to say; the record gives the facts and the terms.

use super::sheet::{BLANK, Sheet};
use super::term::{HOURS_24, HOURS_72, MONTH, Term, due};
use super::{says, whence};
use crate::case::{Case, TERMS};
use crate::known::{Known, Quantity, Unit};
use crate::place::CAVEAT;
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;

/// Countries that a draft names; the other forms have more.
const COUNTRIES_SHOWN: usize = 5;

/// Within 24 hours.
pub(super) fn early_warning(case: &Case) -> String {
    let mut sheet = begin(case, ("Draft: early warning", HOURS_24));
    sheet.ask("What is known so far?", says::summary(case));
    sheet.ask("Is it suspected to be caused by unlawful or malicious acts?", [malicious(case)]);
    sheet.ask("Could it have an effect across borders?", [border()]);
    end(sheet, case)
}

/// Within 72 hours.
pub(super) fn notification(case: &Case) -> String {
    let mut sheet = begin(case, ("Draft: incident notification", HOURS_72));
    sheet.ask("What changed since the early warning?", [BLANK.to_owned()]);
    sheet.ask("What is known?", says::summary(case));
    sheet.ask("How severe is it?", severity(case));
    sheet.ask("Which impact does it have?", impact(case));
    sheet.ask("Which indicators of compromise are there?", indicators(case));
    sheet.ask("Is it suspected to be caused by unlawful or malicious acts?", [malicious(case)]);
    sheet.ask("Could it have an effect across borders?", [border()]);
    end(sheet, case)
}

/// Within a month.
pub(super) fn final_report(case: &Case) -> String {
    let mut sheet = begin(case, ("Draft: final report", MONTH));
    let mut told = says::summary(case);
    told.extend(case.clocks.five.iter().map(|clock| {
        let (at, distance) = (says::at(&clock.at), says::distance(&clock.from_detection_ms));
        format!("{}: {at}; from detection {distance}; {}", clock.name, clock.source)
    }));
    sheet.ask("What happened, in full?", told);
    sheet.ask("How severe was it?", severity(case));
    sheet.ask("Which impact did it have?", impact(case));
    let why = [
        says::kind(case.kind).to_owned(),
        says::NO_SENDER.to_owned(),
        format!("root cause: {BLANK}"),
    ];
    sheet.ask("Which threat or root cause is likely to have caused it?", why);
    sheet.ask("Which measures were taken and go on?", super::ncsc::done(case));
    sheet.ask("Which effect did it have across borders?", [border(), places(case)]);
    sheet.ask("What does the technical analysis show?", super::ncsc::analysis(case));
    end(sheet, case)
}

fn begin(case: &Case, (title, term): (&str, Term)) -> Sheet {
    let notes = [
        case.about.label(),
        format!(
            "incident {} on {}, as of {}",
            case.id,
            case.subject().name,
            rfc3339(case.custody.as_of)
        ),
        "Check whether the duty applies to you, and to whom it is owed.".to_owned(),
    ];
    let mut sheet = Sheet::new(title, &notes);
    sheet.ask(
        &format!("When is it due? ({} after a person became aware)", term.name),
        due(case, term),
    );
    let told =
        |line: &Option<crate::Line>| line.as_ref().map_or(BLANK.to_owned(), ToString::to_string);
    let (organisation, contact) = (told(&case.about.organisation), told(&case.about.contact));
    sheet.ask("Who reports?", [organisation, format!("contact: {contact}")]);
    sheet
}

fn end(mut sheet: Sheet, case: &Case) -> String {
    sheet.ask("How sure is this?", [says::evidence(case), says::losses(case), says::clock(case)]);
    sheet.text()
}

fn malicious(case: &Case) -> String {
    let measured = match case.kind {
        IncidentKind::Flood => {
            "traffic unlike the platform's own was shown; what its senders want is not measured"
        }
        IncidentKind::Surge => {
            "more of the platform's own kind of traffic was shown; nothing here speaks for malice"
        }
        IncidentKind::Unknown => "unknown: neither a flood nor a crowd was shown",
    };
    format!("{measured}; assessment: {BLANK}")
}

fn border() -> String {
    format!("unknown: the shield does not know where the service's users are; {BLANK}")
}

fn severity(case: &Case) -> [String; 2] {
    [
        format!(
            "On the scale of this report, which is of no authority: {}.",
            case.severity.sentence()
        ),
        TERMS.to_owned(),
    ]
}

fn impact(case: &Case) -> Vec<String> {
    let minutes = |seconds: u64| {
        let seconds = Quantity::measured(seconds, Unit::Seconds);
        format!("{seconds}, begun minutes: {}", seconds.value.div_ceil(60))
    };
    let subject = case.subject();
    let mut lines: Vec<_> = case.platforms.iter().map(says::service).collect();
    let unavailable = match subject.coverage.is_whole() {
        Ok(()) => minutes(subject.impact.unavailable_s),
        Err(why) => {
            format!("at least {}; {}", minutes(subject.impact.unavailable_s), why.sentence())
        }
    };
    lines.push(format!("unavailable: {unavailable}"));
    lines.push(says::harmed(case));
    lines.push(format!("share of users limited: unknown: users are not counted; {BLANK}"));
    lines.push(format!("financial loss: {BLANK}"));
    lines
}

fn indicators(case: &Case) -> Vec<String> {
    if case.signatures.is_empty() {
        return vec!["none of compromise; no record holds a description of the traffic".to_owned()];
    }
    let mut lines = vec!["none of compromise; descriptions of the traffic:".to_owned()];
    lines.extend(case.signatures.iter().map(|signature| {
        format!("{}: share of the excess {}", signature.text, signature.share_of_excess)
    }));
    lines
}

fn places(case: &Case) -> String {
    match &case.places {
        Known::Unknown(why) => format!("where traffic entered from: unknown: {}", why.sentence()),
        Known::Is(places) => {
            let said = whence::sentences(places).join(" ");
            let (_, crowd) = places.shown();
            let Known::Is(split) = &crowd.countries else { return format!("{said} {CAVEAT}") };
            let rows = crowd.rows(split).0;
            let shown = rows.iter().take(COUNTRIES_SHOWN);
            let rows: Vec<_> = shown
                .map(|row| format!("{} {}", row.place, whence::interval(&row.by_sources)))
                .collect();
            format!("{said} Apparent countries by sources: {}. {CAVEAT}", rows.join(", "))
        }
    }
}
