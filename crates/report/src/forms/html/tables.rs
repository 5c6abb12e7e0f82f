//! The tables of the page.

use super::super::says;
use super::known;
use crate::case::{Case, Level};
use crate::finding::SIGNATURES_MAX;
use crate::known::{Known, thousands};
use maud::{Markup, html};
use seawall_types::wall::rfc3339;
use seawall_types::{Rung, Verdict};

pub(super) fn times(case: &Case) -> Markup {
    html! {
        table {
            caption { "Five clocks (measured)" }
            thead { tr {
                th scope="col" { "Clock" } th scope="col" { "When, UTC" }
                th scope="col" { "From detection" } th scope="col" { "How it was found" }
            } }
            tbody {
                @for clock in &case.clocks.five {
                    tr {
                        th scope="row" { (clock.name) }
                        td { (says::at(&clock.at)) }
                        td { (says::distance(&clock.from_detection_ms)) }
                        td { (clock.source) }
                    }
                }
            }
        }
    }
}

pub(super) fn proofs(case: &Case) -> Markup {
    html! {
        table {
            caption { "Platforms and what proves each answer" }
            thead { tr {
                th scope="col" { "Platform" } th scope="col" { "Answer" } th scope="col" { "Proof" }
            } }
            tbody {
                @for platform in &case.platforms {
                    tr {
                        th scope="row" { (platform.name) }
                        td class=(super::mark(platform.standing)) { (platform.standing.word()) }
                        td { (platform.because) }
                    }
                }
            }
        }
    }
}

pub(super) fn scale() -> Markup {
    html! {
        table {
            caption { "Severity of an incident for the service" }
            thead { tr {
                th scope="col" { "Level" } th scope="col" { "Word" } th scope="col" { "When" }
            } }
            tbody {
                @for level in Level::ALL {
                    tr {
                        th scope="row" { (level.number()) }
                        td { (level.word()) }
                        td { (level.meaning()) }
                    }
                }
            }
        }
    }
}

pub(super) fn numbers(case: &Case) -> Markup {
    html! {
        table {
            caption { "Numbers of the incident, each with its unit and how it came about" }
            thead { tr { th scope="col" { "What" } th scope="col" { "How much" } } }
            tbody {
                @for verdict in Verdict::ALL {
                    tr {
                        th scope="row" { "got verdict " (verdict.word()) }
                        td class="number" { (case.with(verdict)) }
                    }
                }
                @for (name, value) in case.figures() {
                    tr { th scope="row" { (name) } td class="number" { (known(&value)) } }
                }
            }
        }
    }
}

pub(super) fn reasons(case: &Case) -> Markup {
    html! {
        table {
            caption { "Requests to " (case.subject().name) " by verdict and reason (measured)" }
            thead { tr {
                th scope="col" { "Verdict" } th scope="col" { "Reason" } th scope="col" { "Requests" }
                th scope="col" { "Meaning" }
            } }
            tbody {
                @for ((verdict, reason), requests) in &case.subject().impact.reasons {
                    tr {
                        td { (verdict.word()) }
                        td { (reason.word()) }
                        td class="number" { (thousands(*requests)) }
                        td { (reason.sentence()) }
                    }
                }
            }
        }
    }
}

pub(super) fn signatures(case: &Case) -> Markup {
    if case.signatures.is_empty() {
        return html! { p class="unknown" { "unknown: no record holds a description" } };
    }
    let more = case.signatures.len().saturating_sub(SIGNATURES_MAX);
    html! {
        table {
            caption { "Descriptions of traffic" }
            thead { tr {
                th scope="col" { "Description" } th scope="col" { "Measure" }
                th scope="col" { "Share of the excess" }
                th scope="col" { "Known-good visitors that it touches" }
                th scope="col" { "At 95 % certainty" } th scope="col" { "Did touch" }
            } }
            tbody {
                @for signature in case.signatures.iter().take(SIGNATURES_MAX) {
                    tr {
                        td { (signature.text) }
                        td { (signature.rung.map_or("only looked at", Rung::word)) }
                        td { (known(&signature.share_of_excess)) }
                        td {
                            @match signature.known_good {
                                Known::Is((hits, of)) => {
                                    (thousands(hits)) " of " (thousands(of)) " visitors (measured)"
                                }
                                Known::Unknown(why) => { "unknown: " (why.sentence()) }
                            }
                        }
                        td { (known(&signature.collateral_most)) }
                        td { (known(&signature.collateral_measured)) }
                    }
                }
            }
        }
        @if more > 0 { p { "And " (more) " more, not listed." } }
    }
}

pub(super) fn integrity(case: &Case) -> Markup {
    let integrity = &case.integrity;
    html! {
        p { strong { "A statement about integrity is " (integrity.borne.sentence()) "." } }
        @for said in integrity.sentences() { p { (said) } }
        @if !integrity.rows.is_empty() {
            table {
                caption { "What was watched in this time (measured)" }
                thead { tr {
                    th scope="col" { "What" } th scope="col" { "From, UTC" }
                    th scope="col" { "To, UTC" } th scope="col" { "Looks" }
                    th scope="col" { "Worst" } th scope="col" { "What that was" }
                } }
                tbody {
                    @for row in &integrity.rows {
                        tr {
                            th scope="row" { (row.what()) }
                            td { (rfc3339(row.span.0)) }
                            td { (rfc3339(row.span.1)) }
                            td class="number" { (thousands(row.looks)) }
                            td { (row.worst.word().replace('_', " ")) }
                            td { (row.detail) }
                        }
                    }
                }
            }
        }
        @if integrity.unlisted > 0 {
            p { "And " (thousands(integrity.unlisted)) " looks at more, not listed." }
        }
    }
}

pub(super) fn actions(case: &Case) -> Markup {
    if case.actions.is_empty() {
        return html! { p { "No record tells of a change in this time." } };
    }
    html! {
        table {
            caption { "Changes in this time" }
            thead { tr {
                th scope="col" { "When, UTC" } th scope="col" { "Record" } th scope="col" { "What" }
            } }
            tbody {
                @for action in &case.actions {
                    tr {
                        td { (rfc3339(action.at)) }
                        td class="number" { (action.record) }
                        td { (action.what) }
                    }
                }
            }
        }
        @if case.actions_unlisted > 0 {
            p { "And " (thousands(case.actions_unlisted)) " more, not listed." }
        }
    }
}

pub(super) fn evidence(case: &Case) -> Markup {
    let custody = &case.custody;
    html! {
        ul {
            li { (says::evidence(case)) }
            li { (says::losses(case)) }
            li { "Node " (custody.node) ", version " (known(&custody.version)) "." }
            li { "Configuration " (known(&custody.configuration)) "." }
            li {
                "Records " (custody.first_record) " to " (custody.last_record)
                " tell of the incident itself."
            }
            li { (says::sealed(case)) }
            @if let Some(before) = custody.removed_before {
                li { "Records before " (before) " were removed to keep to the disk budget." }
            }
        }
        @if !custody.gaps.is_empty() {
            table {
                caption { "Gaps that touch this time" }
                thead { tr {
                    th scope="col" { "Record" } th scope="col" { "From, UTC" }
                    th scope="col" { "To, UTC" } th scope="col" { "Why" } th scope="col" { "Lost" }
                } }
                tbody {
                    @for gap in &custody.gaps {
                        tr {
                            td class="number" { (gap.record) }
                            td { (rfc3339(gap.from)) }
                            td { (rfc3339(gap.to)) }
                            td { (gap.why) }
                            td { (known(&gap.lost)) }
                        }
                    }
                }
            }
        }
    }
}
