//! MISP: an event with the objects `ddos` and `annotation` of its templates.
//!
//! Bits and packets are not counted, so the template's fields for them are left out.
//! Lists no address: `xarf` does, for those who can act on one.

use super::{ids, says};
use crate::case::Case;
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};

/// A template as MISP publishes it.
struct Template {
    name: &'static str,
    uuid: &'static str,
    version: &'static str,
    category: &'static str,
}

const DDOS: Template = Template {
    name: "ddos",
    uuid: "e2f124d6-f57c-4f93-99e6-8450545fa05d",
    version: "10",
    category: "network",
};
const ANNOTATION: Template = Template {
    name: "annotation",
    uuid: "5d8dc046-15a1-4ca3-a09f-ed4ede7c4487",
    version: "3",
    category: "misc",
};

/// The document.
pub(super) fn render(case: &Case) -> String {
    let mut objects = vec![summary(case)];
    if case.kind == IncidentKind::Flood {
        objects.push(flood(case));
    }
    let at = rfc3339(case.window.from);
    let tags: Vec<_> = case
        .about
        .tlp
        .map(|tlp| json!({"name": format!("tlp:{}", tlp.word())}))
        .into_iter()
        .collect();
    let event = json!({"Event": {
        "uuid": ids::of(case, "misp event"),
        "info": format!("Incident {} on {}", case.id, case.subject().name),
        "date": at.split('T').next(),
        "timestamp": seconds(case),
        // Undefined: how much it matters is for its readers.
        "threat_level_id": "4",
        "analysis": "1",
        "distribution": "0",
        "published": false,
        "Tag": tags,
        "Object": objects,
    }});
    format!("{event:#}\n")
}

fn seconds(case: &Case) -> String {
    (case.custody.as_of.0 / 1_000).to_string()
}

fn object((case, part): (&Case, &str), template: &Template, attributes: Vec<Value>) -> Value {
    let attributes: Vec<_> = attributes
        .into_iter()
        .enumerate()
        .map(|(at, mut attribute)| {
            attribute["uuid"] = ids::of(case, &format!("{part} {at}")).into();
            attribute["to_ids"] = false.into();
            attribute["timestamp"] = seconds(case).into();
            attribute
        })
        .collect();
    json!({
        "name": template.name, "meta-category": template.category,
        "template_uuid": template.uuid, "template_version": template.version,
        "description": "From the evidence of a shield", "uuid": ids::of(case, part),
        "timestamp": seconds(case), "distribution": "5", "Attribute": attributes,
    })
}

fn attribute(relation: &str, (kind, category): (&str, &str), value: &str) -> Value {
    json!({"object_relation": relation, "type": kind, "category": category, "value": value})
}

const TEXT: (&str, &str) = ("text", "Other");
const TIME: (&str, &str) = ("datetime", "Other");

fn summary(case: &Case) -> Value {
    let mut lines = says::summary(case);
    lines.push(case.about.signed());
    lines.extend(case.figures().into_iter().map(|(name, value)| format!("{name}: {value}")));
    lines.extend([says::evidence(case), says::losses(case), says::NO_SENDER.to_owned()]);
    let attributes = vec![
        attribute("text", TEXT, &lines.join("\n")),
        attribute("format", TEXT, "text"),
        attribute("type", TEXT, "Executive Summary"),
        attribute("creation-date", TIME, &rfc3339(case.custody.as_of)),
    ];
    object((case, "misp summary"), &ANNOTATION, attributes)
}

fn flood(case: &Case) -> Value {
    let mut attributes = vec![
        attribute("type", TEXT, "flooding-attack"),
        attribute("first-seen", TIME, &rfc3339(case.window.from)),
        attribute("last-seen", TIME, &rfc3339(case.window.to)),
        attribute("capture-origin", TEXT, "Logs"),
        attribute("protocol", TEXT, "TCP"),
    ];
    attributes.extend(
        case.signatures.iter().map(|signature| attribute("text", TEXT, signature.text.as_str())),
    );
    object((case, "misp flood"), &DDOS, attributes)
}
