//! STIX 2.1: a bundle of one incident for platforms that exchange threat data.
//!
//! The scheme's threat actors, campaigns and intrusion sets are never made.
//! Lists no address: `xarf` does, for those who can act on one.

use super::{ids, says};
use crate::about::Tlp;
use crate::case::Case;
use crate::known::Unit;
use seawall_types::evidence::IncidentKind;
use seawall_types::wall::rfc3339;
use serde_json::{Map, Value, json};

/// OASIS's extension of markings by TLP 2.0.
const TLP_EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// The document.
pub(super) fn render(case: &Case) -> String {
    let mut bundle = Bundle::new(case);
    bundle.identities();
    bundle.incident();
    bundle.described();
    bundle.notes();
    bundle.report();
    let id = format!("bundle--{}", ids::of(case, "bundle"));
    format!("{:#}\n", json!({"type": "bundle", "id": id, "objects": bundle.objects}))
}

struct Bundle<'a> {
    case: &'a Case,
    created: String,
    modified: String,
    author: String,
    objects: Vec<Value>,
}

impl<'a> Bundle<'a> {
    fn new(case: &'a Case) -> Self {
        Self {
            case,
            created: rfc3339(case.window.from),
            modified: rfc3339(case.custody.as_of.max(case.window.from)),
            author: format!("identity--{}", ids::of(case, "reporter")),
            objects: case.about.tlp.map(marking).into_iter().collect(),
        }
    }

    /// Adds a domain object; gives its id.
    fn add(&mut self, kind: &str, part: &str, fields: Value) -> String {
        let id = format!("{kind}--{}", ids::of(self.case, part));
        let mut object = Map::new();
        object.insert("type".to_owned(), kind.into());
        object.insert("spec_version".to_owned(), "2.1".into());
        object.insert("id".to_owned(), id.clone().into());
        object.insert("created".to_owned(), self.created.clone().into());
        object.insert("modified".to_owned(), self.modified.clone().into());
        object.insert("created_by_ref".to_owned(), self.author.clone().into());
        if let Some(tlp) = self.case.about.tlp {
            object.insert("object_marking_refs".to_owned(), json!([marking_id(tlp)]));
        }
        if let Value::Object(fields) = fields {
            object.extend(fields);
        }
        self.objects.push(object.into());
        id
    }

    fn relate(&mut self, (from, to): (&str, &str), description: &str) {
        let part = format!("relationship {from} {to}");
        let fields = json!({
            "relationship_type": "related-to", "source_ref": from, "target_ref": to,
            "description": description,
        });
        self.add("relationship", &part, fields);
    }

    fn incident_id(&self) -> String {
        format!("incident--{}", ids::of(self.case, "incident"))
    }

    fn identities(&mut self) {
        let told = self.case.about.organisation.as_ref();
        let name = told.map_or("unknown: nobody told the shield", crate::Line::as_str);
        let mut fields = json!({"name": name, "identity_class": "organization"});
        if let Some(contact) = &self.case.about.contact {
            fields["contact_information"] = contact.as_str().into();
        }
        self.add("identity", "reporter", fields);
    }

    fn incident(&mut self) {
        let case = self.case;
        let name = format!("Incident {} on {}", case.id, case.subject().name);
        let description = says::summary(case).join(" ");
        let id =
            self.add("incident", "incident", json!({"name": name, "description": description}));
        for (at, platform) in case.platforms.iter().enumerate() {
            let fields = json!({
                "name": platform.name.as_str(), "identity_class": "system",
                "description": says::service(platform),
            });
            let system = self.add("identity", &format!("platform {at}"), fields);
            let standing = platform.standing.word();
            let said =
                format!("flood {standing}: {}; {}", platform.because, platform.coverage.phrase());
            self.relate((&id, &system), &said);
        }
        if case.kind == IncidentKind::Flood {
            let fields = json!({
                "name": "Service Exhaustion Flood",
                "external_references": [{"source_name": "mitre-attack", "external_id": "T1499.002"}],
            });
            let pattern = self.add("attack-pattern", "pattern", fields);
            self.relate((&id, &pattern), says::kind(case.kind));
        }
    }

    fn described(&mut self) {
        // An indicator without its pattern is none.
        if self.case.about.tlp.is_some_and(|tlp| !tlp.carries_descriptions()) {
            return;
        }
        let incident = self.incident_id();
        for (at, signature) in self.case.signatures.iter().enumerate() {
            let share = format!("Share of the excess: {}.", signature.share_of_excess);
            let fields = json!({
                "name": format!("Description {at} of incident {}", self.case.id),
                "description": share, "indicator_types": ["anomalous-activity"],
                "pattern": signature.text.as_str(), "pattern_type": "seawall",
                "valid_from": rfc3339(signature.at),
            });
            let indicator = self.add("indicator", &format!("indicator {at}"), fields);
            self.relate((&indicator, &incident), "describes a part of its traffic");
            let Some(rung) = signature.rung else { continue };
            let fields = json!({
                "name": format!("Measure {} on description {at}", rung.word()),
                "description": format!("May touch of known-good visitors: {}.", signature.collateral_most),
            });
            let measure = self.add("course-of-action", &format!("measure {at}"), fields);
            self.relate((&measure, &indicator), "acts on what it describes");
        }
    }

    fn notes(&mut self) {
        let case = self.case;
        let figures = case.figures().into_iter();
        let mut lines: Vec<_> = figures.map(|(name, value)| format!("{name}: {value}")).collect();
        lines.extend([says::clock(case), says::evidence(case), says::losses(case)]);
        lines.push(format!("severity on a scale of this report: {}", case.severity.sentence()));
        let refs = json!([self.incident_id()]);
        let fields =
            json!({"abstract": "Numbers", "content": lines.join("\n"), "object_refs": refs});
        self.add("note", "numbers", fields);
        let mut unseen = Case::out_of_sight().to_vec();
        unseen.push(says::NO_SENDER);
        let fields = json!({
            "abstract": "What this record cannot say", "content": unseen.join("\n"),
            "object_refs": refs,
        });
        self.add("note", "unseen", fields);
    }

    fn report(&mut self) {
        let ids = self.objects.iter().filter(|object| object["type"] != "marking-definition");
        let refs: Vec<_> = ids.map(|object| object["id"].clone()).collect();
        let fields = json!({
            "name": format!("Incident {}: {} {}", self.case.id, self.case.total().number(), Unit::Requests.word()),
            "published": self.modified, "report_types": ["observed-data"], "object_refs": refs,
        });
        self.add("report", "report", fields);
    }
}

/// The marking of that label, as OASIS publishes them.
const fn marking_id(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

fn marking(tlp: Tlp) -> Value {
    json!({
        "type": "marking-definition", "spec_version": "2.1", "id": marking_id(tlp),
        "created": "2022-10-01T00:00:00.000Z", "name": format!("TLP:{}", tlp.word().to_uppercase()),
        "extensions": {TLP_EXTENSION: {"extension_type": "property-extension", "tlp_2_0": tlp.word()}},
    })
}
