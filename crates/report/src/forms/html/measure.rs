//! What came between the clocks, and the scales of size, as tables of the page.

use super::known;
use crate::case::{Case, Edge};
use crate::known::Known;
use maud::{Markup, html};
use seawall_types::wall::rfc3339;

pub(super) fn phases(case: &Case) -> Markup {
    if case.phases.is_empty() {
        return html! { p class="unknown" { "unknown: no two different clock times are known" } };
    }
    html! {
        table {
            caption { "Between the clocks: requests to " (case.subject().name) ", and visitors harmed" }
            thead { tr {
                th scope="col" { "From" } th scope="col" { "To" }
                th scope="col" { "Admitted" } th scope="col" { "Beyond the usual" }
                th scope="col" { "Not admitted" } th scope="col" { "Visitors harmed by a measure" }
            } }
            tbody {
                @for phase in &case.phases {
                    tr {
                        th scope="row" { (edge(&phase.from)) }
                        td { (edge(&phase.to)) }
                        td { (phase.admitted) }
                        td { (known(&phase.beyond_usual)) }
                        td { (phase.not_admitted) }
                        td {
                            @match phase.harmed {
                                Known::Is(_) => { (phase.harmed_phrase()) }
                                Known::Unknown(_) => {
                                    span class="unknown" { (phase.harmed_phrase()) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn edge(edge: &Edge) -> Markup {
    html! { (edge.name) ", " (rfc3339(edge.at)) }
}

pub(super) fn scales(case: &Case) -> Markup {
    html! {
        table {
            caption { "What was counted, each on its own scale" }
            thead { tr {
                th scope="col" { "What" } th scope="col" { "How much" }
                th scope="col" { "Step, of 4" } th scope="col" { "The scale" }
            } }
            tbody {
                @for reading in &case.scales {
                    tr {
                        th scope="row" { (reading.scale.name) }
                        td { (known(&reading.value)) }
                        td { (reading.step_phrase()) }
                        td { (reading.scale.meaning()) }
                    }
                }
            }
        }
    }
}
