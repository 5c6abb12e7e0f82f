//! Charts as inline SVG: traffic by verdict, demand at the origins, the five clocks.
//!
//! Whole pixels and numbers alone; a column without a record is drawn as such, never as zero.
//! Each says in words what it shows, for who does not see it.
//! Bounds: [`crate::case::COLUMNS_MAX`] columns.

use crate::case::{COLUMNS_MAX, Case, Series};
use crate::known::{Quantity, Unit, thousands};
use maud::{Markup, html};
use seawall_types::wall::rfc3339;
use seawall_types::{Verdict, WallTime};

pub(super) const WIDTH: u64 = 900;
pub(super) const LEFT: u64 = 70;
const PLOT: u64 = 800;
pub(super) const HEIGHT: u64 = 180;
const _: () = assert!(LEFT + PLOT <= WIDTH && COLUMNS_MAX <= PLOT);

/// Colours that differ in lightness too, so that they stay apart in grey and for all eyes.
const fn colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Admit => "#009e73",
        Verdict::Limit => "#f0e442",
        Verdict::Challenge => "#56b4e9",
        Verdict::Hold => "#e69f00",
        Verdict::Refuse => "#d55e00",
        Verdict::Drop => "#5b1e6d",
        Verdict::Error => "#8a8a8a",
    }
}

/// The place of a column: its left edge and its width.
pub(super) fn place(at: usize, series: &Series) -> (u64, u64) {
    let count = series.columns.len().max(1) as u64;
    let at = at as u64;
    let (from, to) = (at * PLOT / count, (at + 1) * PLOT / count);
    (LEFT + from, (to - from).max(1))
}

pub(super) fn axis(case: &Case, bottom: u64, pattern: &'static str) -> Markup {
    let series = &case.subject().series;
    let (from, to) = (rfc3339(case.window.from), rfc3339(case.window.to));
    html! {
        line x1=(LEFT) y1=(bottom) x2=(LEFT + PLOT) y2=(bottom) stroke="#1a1a1a" {}
        text x=(LEFT) y=(bottom + 16) { (from) }
        text x=(LEFT + PLOT) y=(bottom + 16) text-anchor="end" { (to) }
        @for (at, column) in series.columns.iter().enumerate() {
            @if column.seen_s == 0 {
                @let (x, width) = place(at, series);
                rect x=(x) y="10" width=(width) height=(bottom - 10) fill=(format!("url(#{pattern})")) {}
            }
        }
    }
}

/// The pattern of what has no record; each chart has its own, ids being of the whole page.
pub(super) fn unseen(id: &'static str) -> Markup {
    html! {
        defs {
            pattern id=(id) width="6" height="6" patternUnits="userSpaceOnUse" {
                path d="M0 6 L6 0" stroke="#767676" stroke-width="1" {}
            }
        }
    }
}

/// Requests by verdict over the time of the incident.
pub(super) fn traffic(case: &Case) -> Markup {
    let series = &case.subject().series;
    let peak = series.peak_per_s();
    let bottom = HEIGHT - 30;
    let scaled = |value: u64| {
        let tall = u128::from(value) * u128::from(bottom - 10) / u128::from(peak.max(1));
        u64::try_from(tall).unwrap_or(0)
    };
    let used: Vec<_> = Verdict::ALL
        .into_iter()
        .filter(|verdict| series.columns.iter().any(|column| column.per_s[verdict.index()] > 0))
        .collect();
    let height = HEIGHT + 20;
    let said = Quantity::measured(peak, Unit::RequestsPerSecond);
    html! {
        figure {
            svg role="img" aria-labelledby="traffic-title traffic-desc" viewBox=(format!("0 0 {WIDTH} {height}")) {
                title id="traffic-title" { "Requests per second by verdict (measured)" }
                desc id="traffic-desc" {
                    "Columns of " (series.column_s) " s; the highest is " (said)
                    "; hatched where no second has a record."
                }
                (unseen("unseen-traffic"))
                (axis(case, bottom, "unseen-traffic"))
                text x=(LEFT - 6) y="18" text-anchor="end" { (thousands(peak)) }
                text x=(LEFT - 6) y=(bottom) text-anchor="end" { "0" }
                @for (at, column) in series.columns.iter().enumerate() {
                    @let (x, width) = place(at, series);
                    @let mut below = 0_u64;
                    @for verdict in &used {
                        @let value = column.per_s[verdict.index()];
                        @let (low, high) = (scaled(below), scaled(below.saturating_add(value)));
                        @if high > low {
                            rect x=(x) y=(bottom - high) width=(width) height=(high - low) fill=(colour(*verdict)) {}
                        }
                        @let () = below = below.saturating_add(value);
                    }
                }
                @for (at, verdict) in used.iter().enumerate() {
                    @let x = LEFT + at as u64 * 110;
                    rect x=(x) y=(HEIGHT) width="12" height="12" fill=(colour(*verdict)) {}
                    text x=(x + 18) y=(HEIGHT + 11) { (verdict.word()) }
                }
            }
            figcaption {
                "Requests per second by verdict, platform " (case.subject().name) ", means over "
                (series.column_s) " s (measured). Hatched: no record."
            }
        }
    }
}

/// Demand over what the origins can carry.
pub(super) fn pressure(case: &Case) -> Markup {
    let series = &case.subject().series;
    let peak = series.columns.iter().filter_map(|column| column.pressure_permille).max();
    let Some(peak) = peak else {
        return html! { p class="unknown" { "Demand at the origins: unknown: no capacity is known, so load cannot be judged." } };
    };
    let bottom = HEIGHT - 30;
    let top = u64::from(peak).max(1_200);
    let tall = |permille: u64| permille * (bottom - 10) / top;
    let said = Quantity::measured(u64::from(peak), Unit::TimesCapacity);
    html! {
        figure {
            svg role="img" aria-labelledby="pressure-title pressure-desc" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
                title id="pressure-title" { "Demand over what the origins can carry (measured)" }
                desc id="pressure-desc" {
                    "Columns of " (series.column_s) " s, each the highest of its seconds; the highest is "
                    (said) "; the line is what the origins can carry."
                }
                (unseen("unseen-pressure"))
                (axis(case, bottom, "unseen-pressure"))
                @for (at, column) in series.columns.iter().enumerate() {
                    @if let Some(permille) = column.pressure_permille {
                        @let (x, width) = place(at, series);
                        @let high = tall(u64::from(permille));
                        rect x=(x) y=(bottom - high) width=(width) height=(high) fill="#0072b2" {}
                    }
                }
                @let full = bottom - tall(1_000);
                line x1=(LEFT) y1=(full) x2=(LEFT + PLOT) y2=(full) stroke="#1a1a1a" stroke-dasharray="6 3" {}
                text x=(LEFT - 6) y=(full + 4) text-anchor="end" { "capacity" }
                text x=(LEFT - 6) y=(bottom) text-anchor="end" { "0" }
            }
            figcaption { "Demand, at most " (said) ". Dashed: what the origins can carry." }
        }
    }
}

/// The five clocks on one line.
pub(super) fn timeline(case: &Case) -> Markup {
    let span = (case.window.to.0 - case.window.from.0).max(1);
    let x = |at: WallTime| {
        let since = u128::from(at.0.saturating_sub(case.window.from.0).min(span));
        LEFT + u64::try_from(since * u128::from(PLOT) / u128::from(span)).unwrap_or(PLOT)
    };
    let known =
        case.clocks.five.iter().filter_map(|clock| clock.at.value().map(|at| (clock.name, *at)));
    let known: Vec<_> = known.collect();
    html! {
        figure {
            svg role="img" aria-labelledby="line-title line-desc" viewBox=(format!("0 0 {WIDTH} 150")) {
                title id="line-title" { "Times of the incident" }
                desc id="line-desc" {
                    @for (name, at) in &known { (name) " " (rfc3339(*at)) "; " }
                    "clocks that are not known are left out."
                }
                line x1=(LEFT) y1="130" x2=(LEFT + PLOT) y2="130" stroke="#1a1a1a" {}
                @for (row, (name, at)) in known.iter().enumerate() {
                    @let y = 20 + row as u64 * 22;
                    @let x = x(*at);
                    line x1=(x) y1=(y) x2=(x) y2="130" stroke="#767676" {}
                    circle cx=(x) cy="130" r="4" fill="#1a1a1a" {}
                    @if x > WIDTH / 2 {
                        text x=(x - 5) y=(y + 4) text-anchor="end" { (name) }
                    } @else {
                        text x=(x + 5) y=(y + 4) { (name) }
                    }
                }
            }
            figcaption { "Clocks that are not known are left out here and named in the table." }
        }
    }
}
