//! The text of each kind of line: what happened, then who counted what.

use crate::demo::cast::{Cast, FLOODED, Part};
use crate::demo::look::{Judged, Look, Span};
use crate::demo::words::{count, demand, latency, per_second, rate, seconds};
use seawall_engine::effect::{MitigationBegan, MitigationEnded, Relieved};
use seawall_types::Rung;
use std::time::Duration;

/// Nothing is wrong anywhere.
pub(super) fn calm(cast: &Cast, span: &Span) -> String {
    let of = |(part, judged): (&Part, &Judged)| {
        format!("{} {}", part.name, rate(judged.all(), span.shield_lasting))
    };
    let platforms: Vec<_> = cast.parts.iter().zip(&span.shield).map(of).collect();
    let mut text = format!("shield: {} rps", platforms.join(", "));
    let stopped: u64 = span.shield.iter().map(|judged| judged.stopped).sum();
    if stopped > 0 {
        text.push_str(&format!(", {} requests stopped", count(stopped)));
    }
    text.push_str(&format!(" | visitors ok: {}", span.visitors_of_all()));
    let flooded = &cast.parts[FLOODED];
    if let Some(busy) = span.busy(FLOODED, flooded.origin.workers) {
        text.push_str(&format!(" | origin of {}: {busy} busy", flooded.name));
    }
    text
}

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
    let mut text = format!(
        "{name}: per-source limit acts, {what} to {sources} | shield: {} rps stopped",
        per_second(began.stopped_rps)
    );
    if let Some(pressure) = began.pressure {
        text.push_str(&format!(", demand {}", demand(pressure)));
    }
    let platform = began.platform.index();
    if let (Some(busy), Some(wait)) = (overrun.busy(platform, workers), overrun.mean_wait(platform))
    {
        text.push_str(&format!(" | its origin: {busy} busy, {} in line", latency(wait)));
    }
    text
}

/// It acts still.
pub(super) fn goes_on(name: &str, (now, span): (&Look, &Span), platform: usize) -> String {
    let judged = span.shield.get(platform).copied().unwrap_or_default();
    let mut text = format!(
        "{name} | shield: {} rps stopped, {} rps admitted",
        rate(judged.stopped, span.shield_lasting),
        rate(judged.admitted, span.shield_lasting),
    );
    if let Some(pressure) = now.pressure(platform) {
        text.push_str(&format!(", demand {}", demand(pressure)));
    }
    text.push_str(&format!(" | its visitors ok: {}", span.visitors_of(platform)));
    if platform == FLOODED && span.flood.sent > 0 {
        let sent = rate(span.flood.sent, span.lasting);
        text.push_str(&format!(" | flood: {sent} rps sent"));
    }
    text
}

/// Demand is back where the origin can carry it; `before` is the calm, `meanwhile` what followed.
pub(super) fn relieved(
    name: &str,
    relieved: &Relieved,
    (before, meanwhile): (&Span, &Span),
) -> String {
    let platform = relieved.platform.index();
    let took = relieved.at.since(relieved.began_at);
    let mut text = format!(
        "{name}: demand back in its bound {} after the limit began to act | shield: {} | its \
         visitors ok: {}",
        seconds(took),
        demand(relieved.pressure),
        meanwhile.visitors_of(platform),
    );
    if let Some(p99) = before.p99_of(platform) {
        text.push_str(&format!(" (in calm {})", latency(p99)));
    }
    text
}

/// There has been nothing to stop for a while.
pub(super) fn ended(
    name: &str,
    (ended, since): (&MitigationEnded, Duration),
    during: Option<(&Span, &Cast)>,
) -> String {
    let mut text = format!(
        "{name}: nothing to stop since {} | shield: {} stopped, {} admitted, peak {} rps stopped",
        seconds(since),
        count(ended.stopped),
        count(ended.admitted),
        per_second(ended.peak_stopped_rps),
    );
    if let Some((during, cast)) = during {
        let of = |(index, part): (usize, &Part)| {
            format!("{} {}", part.name, during.share_of_platform(index))
        };
        let platforms: Vec<_> = cast.parts.iter().enumerate().map(of).collect();
        text.push_str(&format!(" | visitors ok: {}", platforms.join(", ")));
    }
    text
}
