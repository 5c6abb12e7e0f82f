//! What start tells the operator although it is no fault.

use crate::build::mode;
use crate::keys::{self, Built};
use crate::sections::Sections;
use crate::value::Value;
use seawall_types::Mode;

/// One sentence for each part that `auto` left off, each key without effect and each platform that
/// is only observed.
pub(crate) fn notes(sections: &Sections) -> Vec<String> {
    let mut notes = Vec::new();
    // Who does not name the key expects nothing of it.
    if sections.one("packet").find::<&str>("mode") == Some("auto") {
        notes.push(
            "packet.mode is \"auto\" and acts as \"off\": the packet layer is not built in this \
             version"
                .to_owned(),
        );
    }
    for spec in keys::all().filter(|spec| spec.built == Built::Inert) {
        let is_set = sections
            .all(spec.table())
            .filter_map(|section| section.entry(spec.name()))
            .any(|entry| !entry.value.as_ref().is_none_or(Value::is_empty));
        if is_set {
            notes.push(format!("{} has no effect in this version", spec.key));
        }
    }
    for platform in sections.all("platform") {
        if mode(platform) == Mode::Observe {
            let name: String = platform.read("name");
            notes.push(format!(
                "platform {name} is observed only: everything is admitted, so its origin is not \
                 bounded"
            ));
        }
    }
    notes
}
