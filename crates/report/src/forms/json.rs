//! For programs: everything that a case holds, as `docs/reports/report.schema.json` describes it.
//!
//! A number is `{"value", "unit", "basis", "bound"}`, what is not known is `{"unknown", "why"}`.

mod measure;
mod places;

use super::says;
use crate::assess::{OPERATOR, yardstick};
use crate::case::{Borne, Case, Check, Level, PlatformView, State, TERMS};
use crate::finding::Signature;
use crate::known::{Known, Quantity, Unit, Why};
use seawall_types::wall::rfc3339;
use seawall_types::{Verdict, WallTime};
use serde_json::{Map, Value, json};

/// Changes when a field's meaning does.
const FORMAT: u32 = 1;

/// The document.
pub(super) fn render(case: &Case) -> String {
    format!("{:#}\n", value(case))
}

fn value(case: &Case) -> Value {
    let merged_into = match &case.state {
        State::MergedInto(other) => Some(other),
        State::Open | State::Closed => None,
    };
    json!({
        "format": FORMAT,
        "id": case.id,
        "platform": case.subject().name.as_str(),
        "kind": case.kind.word(),
        "state": case.state.word(),
        "merged_into": merged_into,
        "merged": case.merged,
        "summary": says::summary(case),
        "reporter": {
            "organisation": told(case.about.organisation.as_ref().map(|line| line.as_str().into())),
            "contact": told(case.about.contact.as_ref().map(|line| line.as_str().into())),
            "tlp": told(case.about.tlp.map(|tlp| tlp.word().into())),
            "aware_at": told(case.about.aware_at.map(|at| rfc3339(at).into())),
        },
        "window": {
            "from": rfc3339(case.window.from), "to": rfc3339(case.window.to),
            "seconds": quantity(&Quantity::measured(case.window.seconds(), Unit::Seconds)),
        },
        "clocks": clocks(case),
        "phases": measure::phases(case),
        "requests": by_verdict(&case.requests),
        "measured": measured(case),
        "visitors_harmed": known(&case.visitors_harmed, |(least, most)| {
            json!({"least": least, "most": most, "unit": "visitors", "basis": "estimated"})
        }),
        "severity": severity(case),
        "scales": measure::scales(case),
        "platforms": case.platforms.iter().map(platform).collect::<Vec<_>>(),
        "platforms_unlisted": case.platforms_unlisted,
        "signatures": case.signatures.iter().map(signature).collect::<Vec<_>>(),
        "places": known(&case.places, places::value),
        "sealed": known(&case.seal, |seal| {
            json!({"sources": seal.sources, "root": seal.root.as_str(), "record": seal.record})
        }),
        "assessed": {
            "likenesses": case.likenesses.iter().map(|one| json!({
                "incident": one.other, "shared": quantity(&one.shared),
                "probability": quantity(&one.probability),
                "likelihood": yardstick(one.probability.value / 1_000),
                "confidence": one.confidence.word(),
            })).collect::<Vec<_>>(),
            "operator": {"word": "not_assessable", "why": OPERATOR},
        },
        "integrity": integrity(case),
        "actions": case.actions.iter().map(|action| json!({
            "at": rfc3339(action.at), "record": action.record,
            "deed": action.deed.word(), "what": action.what.as_str(),
        })).collect::<Vec<_>>(),
        "actions_unlisted": case.actions_unlisted,
        "evidence": evidence(case),
        "out_of_sight": Case::out_of_sight(),
        "sender": says::NO_SENDER,
    })
}

/// A number with its unit, basis and bound.
pub(super) fn quantity(quantity: &Quantity) -> Value {
    #[expect(clippy::cast_precision_loss, reason = "pressures and shares are far below 2^53")]
    let value = if quantity.unit.in_thousandths() {
        json!(quantity.value as f64 / 1_000.0)
    } else {
        json!(quantity.value)
    };
    json!({
        "value": value, "unit": quantity.unit.word(), "basis": quantity.basis.word(),
        "bound": quantity.bound.word(),
    })
}

fn known<T>(known: &Known<T>, shape: impl Fn(&T) -> Value) -> Value {
    match known {
        Known::Is(value) => shape(value),
        Known::Unknown(why) => unknown(*why),
    }
}

fn unknown(why: Why) -> Value {
    json!({"unknown": why.word(), "why": why.sentence()})
}

fn told(value: Option<Value>) -> Value {
    value.unwrap_or_else(|| unknown(Why::NotTold))
}

fn clocks(case: &Case) -> Value {
    let mut clocks = Map::new();
    for clock in &case.clocks.five {
        let shape = json!({
            "at": known(&clock.at, |at: &WallTime| rfc3339(*at).into()),
            "from_detection_ms": known(&clock.from_detection_ms, |ms| json!(ms)),
            "source": clock.source,
        });
        clocks.insert(clock.word.to_owned(), shape);
    }
    let steps = case.clocks.steps;
    clocks.insert(
        "clock".to_owned(),
        json!({
            "offset_ms": known(&case.clocks.offset_ms, |ms| json!(ms)),
            "steps": steps.count, "largest_step_ms": steps.largest_ms,
        }),
    );
    clocks.into()
}

fn by_verdict(requests: &[u64; Verdict::COUNT]) -> Value {
    let each = Verdict::ALL.into_iter().zip(requests);
    let mut shape: Map<String, Value> =
        each.map(|(verdict, requests)| (verdict.word().to_owned(), json!(requests))).collect();
    shape.insert("unit".to_owned(), "requests".into());
    shape.insert("basis".to_owned(), "measured".into());
    shape.into()
}

fn measured(case: &Case) -> Value {
    let figures = case.figures().into_iter();
    let named =
        figures.map(|(name, value)| json!({"name": name, "value": known(&value, quantity)}));
    named.collect::<Vec<_>>().into()
}

fn severity(case: &Case) -> Value {
    let level = |level: &Level| json!({"level": level.number(), "word": level.word(), "meaning": level.meaning()});
    json!({
        "level": known(&case.severity.level, level),
        "at_least": case.severity.at_least.as_ref().map(level),
        "scale": Level::ALL.iter().map(level).collect::<Vec<_>>(),
        "terms": TERMS,
        "authority": "none: a scale of this report",
    })
}

fn platform(platform: &PlatformView) -> Value {
    let (impact, coverage) = (&platform.impact, &platform.coverage);
    let seconds = |value| quantity(&Quantity::measured(value, Unit::Seconds));
    let reasons = impact.reasons.iter().map(|((verdict, reason), requests)| {
        json!({"verdict": verdict, "reason": reason, "requests": requests})
    });
    let pressure = Known::measured(impact.peak_pressure_permille.map(u64::from));
    let wait = Known::measured(impact.queue_wait_max_ms.map(u64::from));
    let series = platform.series.columns.iter().map(|column| {
        json!({
            "at": rfc3339(column.at), "seen_s": column.seen_s,
            "per_s": Verdict::ALL.map(|verdict| column.per_s[verdict.index()]),
            "pressure_permille": column.pressure_permille,
            "origin_us_each": column.origin_us_each,
        })
    });
    json!({
        "name": platform.name.as_str(),
        "standing": platform.standing.word(),
        "because": platform.because.as_str(),
        "coverage": {
            "seen": seconds(coverage.seen_s), "expected": seconds(coverage.expected_s),
            "doubt": coverage.doubt.map(unknown),
        },
        "incident": platform.incident.as_ref().map(|(id, kind)| json!({"id": id, "kind": kind.word()})),
        "requests": by_verdict(&impact.requests),
        "reasons": reasons.collect::<Vec<_>>(),
        "unavailable": seconds(impact.unavailable_s),
        "degraded": seconds(impact.degraded_s),
        "over_capacity": seconds(impact.over_capacity_s),
        "peak_requests": quantity(&Quantity::measured(impact.peak_requests, Unit::RequestsPerSecond)),
        "peak_pressure": known(&pressure, |value| quantity(&Quantity::measured(*value, Unit::TimesCapacity))),
        "longest_wait": known(&wait, |value| quantity(&Quantity::measured(*value, Unit::Milliseconds))),
        "series": {
            "column_s": platform.series.column_s, "verdicts": Verdict::ALL, "unit": "requests/s",
            "basis": "measured", "columns": series.collect::<Vec<_>>(),
        },
    })
}

fn signature(signature: &Signature) -> Value {
    json!({
        "text": signature.text.as_str(),
        "at": rfc3339(signature.at),
        "rung": signature.rung,
        "share_of_excess": known(&signature.share_of_excess, quantity),
        "known_good": known(&signature.known_good, |(hits, of)| {
            json!({"hits": hits, "of": of, "unit": "visitors", "basis": "measured"})
        }),
        "predicted_collateral": known(&signature.collateral_most, quantity),
        "measured_collateral": known(&signature.collateral_measured, quantity),
    })
}

fn integrity(case: &Case) -> Value {
    let integrity = &case.integrity;
    let rows = integrity.rows.iter().map(|row| {
        let departures = row.departures.iter().map(|departure| {
            json!({
                "at": rfc3339(departure.at), "record": departure.record,
                "how": departure.how.as_str(),
            })
        });
        json!({
            "platform": row.platform.as_ref().map(crate::Line::as_str),
            "aspect": row.aspect.word(), "from": rfc3339(row.span.0), "to": rfc3339(row.span.1),
            "looks": row.looks, "worst": row.worst.word(), "detail": row.detail.as_str(),
            "departures": departures.collect::<Vec<_>>(),
        })
    });
    let why = match integrity.borne {
        Borne::Unknown(why) => Some(why.word()),
        Borne::Supported | Borne::NotSupported => None,
    };
    json!({
        "statement": integrity.borne.word(), "unknown": why, "says": integrity.sentences(),
        "watched": rows.collect::<Vec<_>>(), "unlisted": integrity.unlisted,
    })
}

fn evidence(case: &Case) -> Value {
    let custody = &case.custody;
    let check = match &custody.check {
        Check::Holds { signed_before } => json!({"word": "holds", "signed_before": signed_before}),
        Check::Broken { what } => json!({"word": "does_not_hold", "what": what.as_str()}),
        Check::NotMade => json!({"word": "not_checked"}),
    };
    let gaps = custody.gaps.iter().map(|gap| {
        json!({
            "record": gap.record, "from": rfc3339(gap.from), "to": rfc3339(gap.to),
            "lost": known(&gap.lost, quantity), "reason": gap.why.as_str(),
        })
    });
    json!({
        "node": custody.node.as_str(),
        "version": known(&custody.version, |line| line.as_str().into()),
        "configuration": known(&custody.configuration, |line| line.as_str().into()),
        "records": {"first": custody.first_record, "last": custody.last_record},
        "as_of": rfc3339(custody.as_of),
        "check": check,
        "unread": custody.unread,
        "gaps": gaps.collect::<Vec<_>>(),
        "gaps_unlisted": custody.gaps_unlisted,
        "removed_before": custody.removed_before,
    })
}
