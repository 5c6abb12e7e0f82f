//! How long origins worked for a request, as a chart beside traffic and pressure.
//!
//! Records hold the sum of a second, so this is a mean: how long the slowest took is not in them.

use super::chart::{HEIGHT, LEFT, WIDTH, axis, place, unseen};
use crate::case::Case;
use crate::known::{Quantity, Unit};
use maud::{Markup, html};

/// Milliseconds of work for each admitted request.
pub(super) fn work(case: &Case) -> Markup {
    let series = &case.subject().series;
    let Some(peak) = series.columns.iter().filter_map(|column| column.origin_us_each).max() else {
        return html! { p class="unknown" { "Work of the origins for each request: unknown: no second with an admitted request has a record." } };
    };
    let bottom = HEIGHT - 30;
    let tall = |us: u64| {
        let tall = u128::from(us) * u128::from(bottom - 10) / u128::from(peak.max(1));
        u64::try_from(tall).unwrap_or(0)
    };
    let said = Quantity::measured(peak, Unit::OriginMillisecondsEach);
    html! {
        figure {
            svg role="img" aria-labelledby="work-title work-desc" viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) {
                title id="work-title" { "Milliseconds that origins worked for each admitted request (measured)" }
                desc id="work-desc" {
                    "Columns of " (series.column_s) " s, each the mean of its admitted requests; the highest is "
                    (said) "; empty where none was admitted."
                }
                (unseen("unseen-work"))
                (axis(case, bottom, "unseen-work"))
                text x=(LEFT - 6) y="18" text-anchor="end" { (said.number()) }
                text x=(LEFT - 6) y=(bottom) text-anchor="end" { "0" }
                @for (at, column) in series.columns.iter().enumerate() {
                    @if let Some(us) = column.origin_us_each {
                        @let (x, width) = place(at, series);
                        @let high = tall(us);
                        rect x=(x) y=(bottom - high) width=(width) height=(high) fill="#56b4e9" {}
                    }
                }
            }
            figcaption {
                "Work of the origins, at most " (said) " in the mean of a column. Origins work for errors \
                 too, and not for what a stored copy answers; the slowest answers are not recorded. \
                 Hatched: no record."
            }
        }
    }
}
