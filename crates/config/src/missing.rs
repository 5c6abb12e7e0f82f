//! What the file must say and does not.

use crate::faults::Fault;
use crate::keys::{self, KeySpec, Preset, Shape};
use crate::sections::Sections;

/// Required keys and tables that are not there; `known` are the faults of what is.
pub(crate) fn missing(sections: &Sections, known: &[Fault]) -> Vec<Fault> {
    let mut faults = Vec::new();
    for section in &sections.0 {
        let absent = keys::of_table(section.table)
            .filter(|spec| spec.default == Preset::Required)
            .filter(|spec| section.entry(spec.name()).is_none());
        faults.extend(absent.map(|spec| Fault {
            line: section.line,
            key: spec.key.to_owned(),
            problem: key_sentence(spec),
        }));
    }
    for table in keys::TABLES {
        let is_misshapen = known.iter().any(|fault| fault.key == table.name);
        let is_absent = sections.all(table.name).next().is_none();
        if table.shape == Shape::Listed && is_absent && !is_misshapen {
            let name = table.name;
            faults.push(Fault {
                line: 1,
                key: name.to_owned(),
                problem: format!("no {name} is written; add a table [[{name}]]"),
            });
        }
    }
    faults
}

fn key_sentence(spec: &KeySpec) -> String {
    let example = spec.example.unwrap_or_default();
    format!("{} is missing; write {} = {example}", spec.key, spec.name())
}
