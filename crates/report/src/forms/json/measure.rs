//! What came between the clocks, and the scales of size, for programs.

use super::{known, quantity, unknown};
use crate::between::Between;
use crate::case::{Case, Edge, PHASE_TERMS, Phase, Reading, SCALE_TERMS};
use crate::known::{Known, Quantity};
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};

/// What came between each two clocks that are known.
pub(super) fn phases(case: &Case) -> Value {
    let each = case.phases.iter().map(phase).collect::<Vec<_>>();
    json!({"each": each, "terms": PHASE_TERMS})
}

fn phase(phase: &Phase) -> Value {
    let edge = |edge: &Edge| json!({"clock": edge.word, "at": rfc3339(edge.at)});
    json!({
        "from": edge(&phase.from), "to": edge(&phase.to),
        "admitted": between(&phase.admitted),
        "beyond_usual": known(&phase.beyond_usual, between),
        "not_admitted": between(&phase.not_admitted),
        "visitors_harmed": known(&phase.harmed, |(least, most)| {
            json!({"least": least, "most": most, "unit": "visitors", "basis": "estimated"})
        }),
    })
}

/// What the incident came to on each scale, and the scales themselves.
pub(super) fn scales(case: &Case) -> Value {
    let each = case.scales.iter().map(reading).collect::<Vec<_>>();
    json!({"each": each, "terms": SCALE_TERMS, "authority": "none: scales of this report"})
}

fn reading(reading: &Reading) -> Value {
    let scale = reading.scale;
    let above = scale.above.map(|above| quantity(&Quantity::measured(above, scale.unit)));
    let steps = known(
        &reading.steps(),
        |(least, most)| json!({"least": least, "most": known(most, |most| json!(most))}),
    );
    json!({
        "scale": scale.word, "name": scale.name, "value": known(&reading.value, between),
        "steps": steps, "above": above,
    })
}

/// A number between two, or a lower bound and why there is no upper one.
fn between(between: &Between) -> Value {
    let most = match between.at_most() {
        Known::Is(most) => quantity(&most),
        Known::Unknown(why) => unknown(why),
    };
    json!({"least": quantity(&between.at_least()), "most": most})
}
