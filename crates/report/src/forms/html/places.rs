//! Sources and their places on the page: sentences, bars with their intervals, tables.

use super::super::whence;
use crate::case::Case;
use crate::known::{Known, Quantity};
use crate::place::{CAVEAT, Crowd, Row, Split};
use maud::{Markup, html};

/// Countries that have a bar; the table has more.
const BARS_MAX: usize = 12;
const WIDTH: u64 = 900;
const LEFT: u64 = 70;
const PLOT: u64 = 760;
const STEP: u64 = 30;

pub(super) fn section(case: &Case) -> Markup {
    let places = match &case.places {
        Known::Is(places) => places,
        Known::Unknown(why) => {
            return html! { p class="unknown" { "unknown: " (why.sentence()) } };
        }
    };
    html! {
        p { (CAVEAT) }
        @for said in whence::sentences(places) { p { (said) } }
        @if let (_, crowd @ Crowd { countries: Known::Is(split), .. }) = places.shown() {
            (bars(crowd, split))
        }
        @for (name, split, crowd) in whence::splits(places) {
            @match split {
                Known::Unknown(why) => {
                    p class="unknown" { (name) ": unknown: " (why.sentence()) }
                }
                Known::Is(split) => {
                    (table(name, crowd, split))
                }
            }
        }
    }
}

/// Apparent countries as bars; the dark line is the interval.
fn bars(crowd: &Crowd, split: &Split) -> Markup {
    let (rows, _) = crowd.rows(split);
    let shown = &rows[..rows.len().min(BARS_MAX)];
    if shown.is_empty() {
        return html! {};
    }
    let height = shown.len() as u64 * STEP + 34;
    html! {
        figure {
            svg role="img" aria-labelledby="whence-title whence-desc" viewBox=(format!("0 0 {WIDTH} {height}")) {
                title id="whence-title" { "Apparent countries by share of distinct sources (" (crowd.basis().word()) ")" }
                desc id="whence-desc" {
                    @for row in shown {
                        (row.place) " " (row.by_sources.share.number()) " %, interval "
                        (row.by_sources.least.number()) " to " (row.by_sources.most.number()) " %; "
                    }
                }
                @for (at, row) in shown.iter().enumerate() { (bar(at as u64 * STEP + 8, row)) }
                @let bottom = height - 22;
                line x1=(LEFT) y1=(bottom) x2=(LEFT + PLOT) y2=(bottom) stroke="#1a1a1a" {}
                text x=(LEFT) y=(bottom + 16) { "0 %" }
                text x=(LEFT + PLOT) y=(bottom + 16) text-anchor="end" { "100 %" }
            }
            figcaption {
                "Share of distinct sources by apparent country (" (crowd.basis().word())
                "). Dark line: 95 % interval."
            }
        }
    }
}

fn bar(top: u64, row: &Row) -> Markup {
    // Shares are thousandths of a percent.
    let wide = |share: &Quantity| share.value.min(100_000) * PLOT / 100_000;
    let (least, most) = (LEFT + wide(&row.by_sources.least), LEFT + wide(&row.by_sources.most));
    let middle = top + 9;
    html! {
        text x=(LEFT - 6) y=(top + 13) text-anchor="end" { (row.place) }
        rect x=(LEFT) y=(top) width=(wide(&row.by_sources.share)) height="18" fill="#56b4e9" {}
        line x1=(least) y1=(middle) x2=(most) y2=(middle) stroke="#1a1a1a" stroke-width="3" {}
        line x1=(least) y1=(top + 4) x2=(least) y2=(top + 14) stroke="#1a1a1a" {}
        line x1=(most) y1=(top + 4) x2=(most) y2=(top + 14) stroke="#1a1a1a" {}
    }
}

fn table(name: &str, crowd: &Crowd, split: &Split) -> Markup {
    let (rows, left) = crowd.rows(split);
    html! {
        table {
            caption {
                (name) ", shares of sources and of requests, each with its 95 % interval ("
                (crowd.basis().word()) ")"
            }
            thead { tr {
                th scope="col" { "Place" } th scope="col" { "Sources" }
                th scope="col" { "Interval" } th scope="col" { "Requests" }
                th scope="col" { "Interval" }
            } }
            tbody {
                @for row in &rows {
                    tr {
                        th scope="row" { (row.place) }
                        @for share in [&row.by_sources, &row.by_requests] {
                            td class="number" { (share.share.number()) " %" }
                            td { (share.least.number()) " to " (share.most.number()) " %" }
                        }
                    }
                }
            }
        }
        p { (whence::rest(left, split)) "." }
    }
}
