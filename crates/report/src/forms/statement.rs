//! A letter to members and a line for the press: drafts that say no more than the evidence bears.
//!
//! Passes the check of [`crate::lint`] for its own case.

use super::sheet::BLANK;
use crate::case::{Borne, Case, PlatformView, Standing, State};
use crate::known::{Known, Quantity, Unit, thousands};
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use seawall_types::{Verdict, WallTime};
use std::fmt::Write as _;

/// The document.
pub(super) fn render(case: &Case) -> String {
    let organisation = case.about.organisation.as_ref();
    let organisation = organisation.map_or(BLANK, crate::Line::as_str);
    let contact = case.about.contact.as_ref().map_or(BLANK, crate::Line::as_str);
    let mut text = format!(
        "DRAFT from the evidence of incident {}; a person decides what is published.\n\
         This draft: {}.\n\nLETTER TO MEMBERS\n\nDear member,\n\n",
        case.id,
        case.about.label()
    );
    let mut paragraphs = vec![event(case), service(case)];
    paragraphs.extend(case.others().iter().map(other));
    paragraphs.push(how_it_stands(case));
    paragraphs.push(
        "Our record is about availability. It does not show whether data was read or changed, and \
         we make no statement about that here."
            .to_owned(),
    );
    if case.integrity.borne == Borne::NotSupported {
        paragraphs.push(
            "Some of what we watch on our services was not as usual in this time; we are looking \
             into it."
                .to_owned(),
        );
    }
    paragraphs.push("We do not know who sent the requests. Our record cannot tell.".to_owned());
    for paragraph in paragraphs {
        let _ = writeln!(text, "{paragraph}\n");
    }
    let _ = writeln!(text, "If you have questions, write to {contact}.\n\n{organisation}\n");
    let _ = writeln!(text, "LINE FOR THE PRESS\n\n{}", press(case, organisation));
    text
}

/// `2026-03-01 12:00:10 UTC`.
fn clock(at: WallTime) -> String {
    let text = rfc3339(at);
    let seconds = text.split('.').next().unwrap_or_default();
    format!("{} UTC", seconds.replace('T', " "))
}

fn what(case: &Case) -> &'static str {
    match case.kind {
        IncidentKind::Flood => "received a flood of requests, unlike its usual traffic",
        IncidentKind::Surge => "received more of its usual traffic than on other days",
        IncidentKind::Unknown => {
            "had an incident with its traffic; of which kind the requests were, we do not know"
        }
    }
}

fn until(case: &Case) -> String {
    match case.state {
        State::Open => format!("since {}", clock(case.window.from)),
        State::Closed | State::MergedInto(_) => {
            format!("from {} to {}", clock(case.window.from), clock(case.window.to))
        }
    }
}

fn event(case: &Case) -> String {
    format!(
        "{}, our service {} {}. We counted {} requests, of visitors and of others, of which {} were \
         passed to the service; the others were told to wait or turned away.{}",
        capital(&until(case)),
        case.subject().name,
        what(case),
        case.total().number(),
        case.with(Verdict::Admit).number(),
        harmed(case),
    )
}

/// Whether members were among those who were not let through.
fn harmed(case: &Case) -> String {
    match case.visitors_harmed {
        Known::Is((_, 0)) => String::new(),
        Known::Is((0, most)) => {
            format!(
                " Whether visitors were among those we do not know; at most {} were.",
                thousands(most)
            )
        }
        Known::Is((least, most)) => format!(
            " Visitors were among those: at least {}, at most {}, by our estimate.",
            thousands(least),
            thousands(most)
        ),
        Known::Unknown(_) => " Whether visitors were among those we do not know.".to_owned(),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

fn service(case: &Case) -> String {
    let platform = case.subject();
    if platform.coverage.seen_s == 0 {
        return "We have no record of how the service fared in this time.".to_owned();
    }
    let seconds = |value| Quantity::measured(value, Unit::Seconds).number();
    let mut said = format!(
        "Of {} seconds in our record, it answered nobody in {} seconds, and was slow or answered in \
         part in {} seconds.",
        thousands(platform.coverage.seen_s),
        seconds(platform.impact.unavailable_s),
        seconds(platform.impact.degraded_s),
    );
    if platform.coverage.is_whole().is_err() {
        said.push_str(" Part of this time is missing from our record, so it may have been more.");
    }
    said
}

fn other(platform: &PlatformView) -> String {
    let name = &platform.name;
    match platform.standing {
        Standing::Confirmed => format!("Our service {name} received a flood of requests too."),
        Standing::Suspected => {
            format!("Our service {name} shows unusual load in this time; we are looking into it.")
        }
        Standing::RuledOut => {
            format!("Our service {name} shows no sign of it in any second of this time.")
        }
        Standing::Unknown => {
            format!("For our service {name} our record does not suffice to say how it fared.")
        }
    }
}

fn how_it_stands(case: &Case) -> String {
    match case.clocks.at("ended_at") {
        Some(at) => format!("It ended at {}. Times are those of our own clock.", clock(at)),
        None => format!(
            "As of {} the incident goes on. Times are those of our own clock.",
            clock(case.custody.as_of)
        ),
    }
}

fn press(case: &Case, organisation: &str) -> String {
    format!(
        "{organisation}: {}, our service {} {}. We counted {} requests, of visitors and of \
         others. We do not know who sent them, and our record is about availability alone.",
        until(case),
        case.subject().name,
        what(case),
        case.total().number(),
    )
}
