//! Sentences that several forms share, so that no two of them tell a case differently.
//!
//! Only counts, times and the reasons why something is unknown; nothing that a sender chose.

use crate::case::{Case, Check, Phase, PlatformView, Standing, State};
use crate::finding::Signature;
use crate::known::{Known, Quantity, Unit, thousands};
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use seawall_types::{Rung, Verdict, WallTime};
use std::fmt::Write as _;

/// The instant, or why it is not known.
pub(super) fn at(known: &Known<WallTime>) -> String {
    match known {
        Known::Is(at) => rfc3339(*at),
        Known::Unknown(why) => format!("unknown: {}", why.sentence()),
    }
}

/// `-1.250 s` from milliseconds.
pub(super) fn offset(ms: i64) -> String {
    let sign = if ms < 0 { "-" } else { "+" };
    let size = ms.unsigned_abs();
    format!("{sign}{}.{:03} s", thousands(size / 1_000), size % 1_000)
}

/// The distance from detection, or why it is not known.
pub(super) fn distance(known: &Known<i64>) -> String {
    match known {
        Known::Is(ms) => offset(*ms),
        Known::Unknown(why) => format!("unknown: {}", why.sentence()),
    }
}

/// What can be said of the nature of a case, in one sentence.
pub(super) const fn kind(kind: IncidentKind) -> &'static str {
    match kind {
        IncidentKind::Flood => "Kind flood: traffic unlike the platform's own was shown.",
        IncidentKind::Surge => "Kind surge: more of the platform's own kind of traffic was shown.",
        IncidentKind::Unknown => "Kind unknown: neither a flood nor a crowd of visitors was shown.",
    }
}

/// Stands in every report.
pub(super) const NO_SENDER: &str = "Nothing here says who sent the traffic, and nothing here can.";

/// What the check of the evidence said, in one sentence.
pub(super) fn evidence(case: &Case) -> String {
    match &case.custody.check {
        Check::Holds { signed_before } => {
            format!(
                "The evidence holds: records before {} are signed with the node's own key.",
                thousands(*signed_before)
            )
        }
        Check::Broken { what } => {
            format!("THE EVIDENCE DOES NOT HOLD ({what}): nothing below is proven.")
        }
        Check::NotMade => "The evidence was not checked for this report.".to_owned(),
    }
}

/// What is lost, in one sentence.
pub(super) fn losses(case: &Case) -> String {
    let custody = &case.custody;
    let gaps = custody.gaps.len() as u64 + custody.gaps_unlisted;
    let mut said = match gaps {
        0 => match unseen(case) {
            names if names.is_empty() => "The log names no gap in this time.".to_owned(),
            names => format!(
                "The log names no gap in this time, and yet has no record of some seconds of {}.",
                names.join(", ")
            ),
        },
        gaps => format!("The log names gaps in this time: {}.", thousands(gaps)),
    };
    if custody.unread > 0 {
        let _ = write!(said, " {} records could not be read.", thousands(custody.unread));
    }
    said
}

/// Platforms of which seconds have no record.
fn unseen(case: &Case) -> Vec<&str> {
    let is_unseen = |platform: &&PlatformView| {
        let coverage = &platform.coverage;
        coverage.seen_s < coverage.expected_s
    };
    case.platforms.iter().filter(is_unseen).map(|platform| platform.name.as_str()).collect()
}

/// Stands where nothing is listed that was done.
pub(super) const NO_CHANGE: &str = "No record of this time tells of a start, a new configuration, a \
    standing measure, an origin that left or came back, a learned capacity or a full table.";

/// What was done about what a signature describes.
pub(super) fn rung(signature: &Signature) -> &'static str {
    signature.rung.map_or("no record of this time tells of one", Rung::word)
}

/// Whom verdicts kept out and why, in one sentence.
pub(super) fn not_admitted(case: &Case) -> String {
    let spared = [Verdict::Admit, Verdict::Error];
    let reasons = case.subject().impact.reasons.iter();
    let stopped: Vec<_> = reasons
        .filter(|((verdict, _), requests)| !spared.contains(verdict) && **requests > 0)
        .map(|((verdict, reason), requests)| {
            format!("{verdict}, {reason} {}", thousands(*requests))
        })
        .collect();
    if stopped.is_empty() {
        return "No second of the record tells of a request that was not admitted.".to_owned();
    }
    format!(
        "Requests that were not admitted, by verdict and reason: {} (measured).",
        stopped.join("; ")
    )
}

/// The facts of a case, one sentence each; what a reader needs first.
pub(super) fn summary(case: &Case) -> Vec<String> {
    let (from, to) = (rfc3339(case.window.from), rfc3339(case.window.to));
    let seconds = Quantity::measured(case.window.seconds(), Unit::Seconds).short();
    let goes_on = match &case.state {
        State::Open => " and goes on as far as the records go",
        State::Closed | State::MergedInto(_) => "",
    };
    let mut said = vec![
        format!(
            "From {from} to {to} ({seconds}){goes_on}, platform {} got {}, of visitors and of others.",
            case.subject().name,
            case.total()
        ),
        kind(case.kind).to_owned(),
        verdicts(case),
        service(case.subject()),
        reaction(case),
        others(case),
        harmed(case),
    ];
    if let State::MergedInto(other) = &case.state {
        said.push(format!("It was found to be part of incident {other}."));
    }
    said
}

fn verdicts(case: &Case) -> String {
    let others = Verdict::ALL.into_iter().filter(|verdict| *verdict != Verdict::Admit);
    let parts: Vec<_> = others
        .filter(|verdict| case.with(*verdict).value > 0)
        .map(|verdict| format!("{verdict} {}", case.with(verdict).number()))
        .collect();
    let admitted = case.with(Verdict::Admit);
    if parts.is_empty() {
        format!("{admitted} were admitted; none got another verdict.")
    } else {
        format!(
            "{admitted} were admitted; the others by verdict: {} requests (measured).",
            parts.join(", ")
        )
    }
}

/// What the service of a platform went through, in one sentence.
pub(super) fn service(platform: &PlatformView) -> String {
    let coverage = platform.coverage.phrase();
    if platform.coverage.seen_s == 0 {
        return format!("Service of {}: unknown: {coverage}.", platform.name);
    }
    let seconds = |value| Quantity::measured(value, Unit::Seconds).short();
    let refused = platform.impact.not_admitted_permille();
    let doubt = match platform.coverage.is_whole() {
        Ok(()) => String::new(),
        Err(why) => format!("; in the rest unknown: {}", why.sentence()),
    };
    format!(
        "Service of {}: {} unavailable, {} degraded, {}.{} % of judged requests not admitted \
         (measured), {coverage}{doubt}.",
        platform.name,
        seconds(platform.impact.unavailable_s),
        seconds(platform.impact.degraded_s),
        refused / 10,
        refused % 10,
    )
}

fn reaction(case: &Case) -> String {
    let between = |earlier: &str, later: &str| {
        let distance = |word| {
            case.clocks.clock(word).and_then(|clock| clock.from_detection_ms.value().copied())
        };
        distance(earlier).zip(distance(later)).map(|(earlier, later)| offset(later - earlier))
    };
    let said = |span: Option<String>| {
        span.map_or("unknown".to_owned(), |span| format!("{span} (measured)"))
    };
    format!(
        "Detected after its first traffic by {}; first measure after detection by {}; load back \
         in its bound after detection by {}.",
        said(between("onset_at", "detected_at")),
        said(between("detected_at", "mitigated_at")),
        said(between("detected_at", "relieved_at")),
    )
}

fn others(case: &Case) -> String {
    if case.others().is_empty() {
        return "No other platform is named in the records.".to_owned();
    }
    let parts: Vec<_> = Standing::ALL
        .into_iter()
        .filter_map(|standing| {
            let names: Vec<_> = case
                .others()
                .iter()
                .filter(|platform| platform.standing == standing)
                .map(|platform| platform.name.as_str())
                .collect();
            (!names.is_empty()).then(|| format!("{} {}", standing.word(), names.join(", ")))
        })
        .collect();
    format!("Other platforms: {}.", parts.join("; "))
}

/// What came between each two clocks, one sentence each.
pub(super) fn phases(case: &Case) -> Vec<String> {
    match case.phases.as_slice() {
        [] => vec!["unknown: no two different clock times are known".to_owned()],
        phases => phases.iter().map(Phase::sentence).collect(),
    }
}

/// How many visitors a measure harmed, in one sentence.
pub(super) fn harmed(case: &Case) -> String {
    match case.visitors_harmed {
        Known::Is((least, most)) => {
            let most = Quantity::measured(most, Unit::Visitors);
            format!(
                "Legitimate visitors that a measure harmed: {} to {} (estimated).",
                thousands(least),
                most.short()
            )
        }
        Known::Unknown(why) => {
            format!("Legitimate visitors that a measure harmed: unknown: {}.", why.sentence())
        }
    }
}

/// What is known of the machine's clock, in one sentence.
pub(super) fn clock(case: &Case) -> String {
    let offset = match case.clocks.offset_ms {
        Known::Is(ms) => format!("{} (measured)", offset(ms)),
        Known::Unknown(why) => format!("unknown: {}", why.sentence()),
    };
    let steps = case.clocks.steps;
    let stepped = match steps.count {
        0 => "no step over 2 s was seen in this time".to_owned(),
        count => format!(
            "{} steps over 2 s, the largest {} ms (measured)",
            thousands(count),
            thousands(steps.largest_ms)
        ),
    };
    format!("Times are those of the node's own clock; offset to UTC {offset}; {stepped}.")
}

/// What is kept of addresses, apart from the log.
pub(super) fn sealed(case: &Case) -> String {
    match &case.seal {
        Known::Is(seal) => format!(
            "Addresses of {} sources were put aside, apart from the log, which shows whether that list \
             was changed (record {}).",
            thousands(seal.sources),
            seal.record
        ),
        Known::Unknown(_) => "No record tells that addresses of sources were put aside.".to_owned(),
    }
}
