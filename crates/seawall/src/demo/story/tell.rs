//! The text of each kind of line: what happened, then who counted what.

use crate::demo::cast::{Cast, FLOODED, Part};
use crate::demo::look::{Judged, Look, Span};
use crate::demo::words::{count, demand, latency, per_second, rate, seconds};
use seawall_engine::MeasureChange;
use seawall_engine::detect::Finding;
use seawall_engine::effect::{MitigationBegan, MitigationEnded, Relieved};
use seawall_types::Rung;
use std::time::Duration;

/// Stands between what one and what another counted.
const NEXT: &str = " | ";

/// Nothing is wrong anywhere.
pub(super) fn calm(cast: &Cast, span: &Span) -> String {
    let of = |(part, judged): (&Part, &Judged)| {
        format!("{} {}", part.name, rate(judged.all(), span.shield_lasting))
    };
    let platforms: Vec<_> = cast.parts.iter().zip(&span.shield).map(of).collect();
    let stopped = match span.shield.iter().map(|judged| judged.stopped).sum() {
        0 => String::new(),
        some => format!(", {} requests stopped", count(some)),
    };
    let mut told = vec![
        format!("shield: {} rps{stopped}", platforms.join(", ")),
        format!("visitors ok: {}", span.visitors_of_all()),
    ];
    let flooded = &cast.parts[FLOODED];
    let busy = span.busy(FLOODED, flooded.origin.workers);
    told.extend(busy.map(|busy| format!("origin of {}: {busy} busy", flooded.name)));
    told.join(NEXT)
}

/// The detector has said something.
pub(super) fn found(name: &str, finding: &Finding) -> String {
    let kind = finding.kind.word();
    let mut told = vec![format!("{name}: {kind}: {}", finding.why.sentence())];
    told.extend(finding.signatures.iter().take(DESCRIBED).map(|one| one.text.clone()));
    told.extend(finding.undescribed.clone().filter(|_| finding.signatures.is_empty()));
    told.join(NEXT)
}

/// Descriptions that one line tells; the log tells all.
const DESCRIBED: usize = 2;

/// A limit has begun to act; `overrun` is what came since it was calm.
pub(super) fn began(
    name: &str,
    began: &MitigationBegan,
    (overrun, workers): (&Span, u16),
) -> String {
    let sources = match began.sources {
        1 => "1 source".to_owned(),
        several => format!("{} sources", count(several.into())),
    };
    let what = match began.rung {
        Rung::Refuse => "403",
        Rung::Drop => "a reset",
        Rung::Watch | Rung::Lane | Rung::Limit | Rung::Challenge => "429",
    };
    let stopped = per_second(began.stopped_rps);
    let mut told = vec![
        format!("{name}: per-source limit acts, {what} to {sources}"),
        format!("shield: {stopped} rps stopped{}", and_demand(began.pressure)),
    ];
    let platform = began.platform.index();
    let busy = overrun.busy(platform, workers);
    let origin = busy.zip(overrun.mean_wait(platform));
    told.extend(
        origin.map(|(busy, wait)| format!("its origin: {busy} busy, {} in line", latency(wait))),
    );
    told.join(NEXT)
}

/// It acts still.
pub(super) fn goes_on(name: &str, (now, span): (&Look, &Span), platform: usize) -> String {
    let judged = span.shield.get(platform).copied().unwrap_or_default();
    let mut told = vec![
        name.to_owned(),
        format!(
            "shield: {} rps stopped, {} rps admitted{}",
            rate(judged.stopped, span.shield_lasting),
            rate(judged.admitted, span.shield_lasting),
            and_demand(now.pressure(platform)),
        ),
        format!("its visitors ok: {}", span.visitors_of(platform)),
    ];
    if platform == FLOODED && span.flood.sent > 0 {
        told.push(format!("flood: {} rps sent", rate(span.flood.sent, span.lasting)));
    }
    told.join(NEXT)
}

/// Demand is back where the origin can carry it; `before` is the calm, `meanwhile` what followed.
pub(super) fn relieved(
    name: &str,
    relieved: &Relieved,
    (before, meanwhile): (&Span, &Span),
) -> String {
    let platform = relieved.platform.index();
    let took = seconds(relieved.at.since(relieved.began_at));
    let in_calm = before
        .p99_of(platform)
        .map_or_else(String::new, |p99| format!(" (in calm {})", latency(p99)));
    [
        format!("{name}: demand back in its bound {took} after the limit began to act"),
        format!("shield: {}", demand(relieved.pressure)),
        format!("its visitors ok: {}{in_calm}", meanwhile.visitors_of(platform)),
    ]
    .join(NEXT)
}

/// There has been nothing to stop for a while.
pub(super) fn ended(
    name: &str,
    (ended, since): (&MitigationEnded, Duration),
    during: Option<(&Span, &Cast)>,
) -> String {
    let mut told = vec![
        format!("{name}: nothing to stop since {}", seconds(since)),
        format!(
            "shield: {} stopped, {} admitted, peak {} rps stopped",
            count(ended.stopped),
            count(ended.admitted),
            per_second(ended.peak_stopped_rps),
        ),
    ];
    if let Some((during, cast)) = during {
        let of = |(index, part): (usize, &Part)| {
            format!("{} {}", part.name, during.share_of_platform(index))
        };
        let platforms: Vec<_> = cast.parts.iter().enumerate().map(of).collect();
        told.push(format!("visitors ok: {}", platforms.join(", ")));
    }
    told.join(NEXT)
}

fn and_demand(pressure: Option<f64>) -> String {
    pressure.map_or_else(String::new, |pressure| format!(", demand {}", demand(pressure)))
}

/// What became of a standing measure.
pub(super) fn measure(platform: &str, change: &MeasureChange) -> String {
    let measure = change.measure();
    let (id, rung, by) = (measure.id, measure.rung.word(), measure.by.word());
    let begins = format!("measure {id} on {platform} ({rung}, by the {by}): ");
    // It may hold what senders chose.
    let about = || measure.text.chars().filter(|c| !c.is_control()).collect::<String>();
    let totals = measure.totals;
    let counted = || format!("it met {} requests and stopped {}", totals.met, totals.stopped);
    match change {
        MeasureChange::Began(_) => format!("{begins}stands for {}", about()),
        MeasureChange::Changed { was, .. } => format!("{begins}it was {} before", was.word()),
        MeasureChange::Lifted { .. } => format!("{begins}lifted; {}", counted()),
        MeasureChange::Expired { .. } => format!("{begins}expired; {}", counted()),
    }
}
