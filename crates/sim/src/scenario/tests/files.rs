//! What holds of every scenario file of the project.

#![expect(clippy::disallowed_methods, reason = "the files of the project are read for these tests")]

use crate::scenario::Scenario;
use crate::scenario::kinds::KINDS;
use std::path::Path;

/// Every scenario of the project, sorted by name; all their faults at once.
fn all() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    files.sort();
    let (mut scenarios, mut faults) = (Vec::new(), Vec::new());
    for path in files {
        let name = path.file_stem().unwrap().to_str().unwrap();
        match Scenario::parse(&std::fs::read_to_string(&path).unwrap(), name) {
            Ok(scenario) => scenarios.push(scenario),
            Err(found) => faults.push(found.to_string()),
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    scenarios
}

#[test]
fn every_scenario_file_says_what_it_is_a_model_of_and_where_that_is_known_from() {
    let scenarios = all();
    assert!(scenarios.len() >= 54, "{} files", scenarios.len());
    for scenario in scenarios {
        let Scenario { name, model, source, .. } = &scenario;
        assert!(model.ends_with('.') && model.split_whitespace().count() >= 8, "{name}: {model}");
        assert!(source.split_whitespace().count() >= 3, "{name}: {source}");
    }
}

#[test]
fn every_number_of_the_design_has_its_scenario() {
    let scenarios = all();
    for number in 1..=54 {
        let of_number = |scenario: &&Scenario| scenario.name.starts_with(&format!("{number:02}-"));
        assert_eq!(scenarios.iter().filter(of_number).count(), 1, "scenario {number}");
    }
}

#[test]
fn the_page_about_scenarios_names_every_kind_and_defence_and_its_example_is_one() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/scenarios.md");
    let page = std::fs::read_to_string(page).unwrap();
    for kind in KINDS {
        assert!(page.contains(&format!("| `{}` | ", kind.name)), "{} is missing", kind.name);
    }
    let example = page.split("```toml\n").nth(1).unwrap().split("```").next().unwrap();
    let scenario = Scenario::parse(example, "example").unwrap_or_else(|faults| panic!("{faults}"));
    assert_eq!(scenario.mishaps.len() + scenario.expectations.len(), 2);
    assert_eq!(scenario.groups.len(), 4);
}
