//! Other people's validators over simulated incidents, in an environment of their own: over twenty in
//! every run, over two hundred when the ignored test is asked for.
//!
//! Skipped, aloud, where there is no Python 3 with `venv` and no way to its packages.

use crate::python::environment;
use crate::simulated::{Dice, about, describe, simulated};
use seawall_report::{Case, Form, render};
use seawall_types::evidence::IncidentKind;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What they read.
const FORMS: [Form; 6] =
    [Form::Json, Form::Stix, Form::Misp, Form::Xarf, Form::FlowSpec, Form::Html];
/// The same in the order in which they are counted.
const FORMS_CHECKED: [&str; 6] = ["flowspec", "html", "json", "misp", "stix", "xarf"];
/// In every run; and what the line asks for.
const SAMPLE: u64 = 20;
const INCIDENTS: u64 = 200;

#[test]
fn other_peoples_validators_take_every_form_of_a_sample_of_incidents() {
    if let Some(python) = python() {
        assert_eq!(refused(&python, SAMPLE), 0);
    }
}

#[test]
#[ignore = "minutes: a program of each validator's own for each of a thousand documents"]
fn other_peoples_validators_take_every_form_of_two_hundred_incidents() {
    if let Some(python) = python() {
        let refused = refused(&python, INCIDENTS);
        println!("FIGURE report.validators {refused} documents");
        println!("FIGURE report.validators.incidents {INCIDENTS} incidents");
        assert_eq!(refused, 0);
    }
}

/// How many documents of as many incidents are refused; each validator refused a spoilt one.
fn refused(python: &Path, incidents: u64) -> u64 {
    let folder = scratch().join(format!("reports-{incidents}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of our own");
    for seed in 0..incidents {
        let case = simulated(seed);
        for form in FORMS {
            let document = match form {
                // These are made of floods whose sources are known and of nothing else.
                Form::Xarf | Form::FlowSpec => render(form, &flood(seed)),
                _ => render(form, &case),
            };
            let file = folder.join(format!("{seed:03}.{}", form.word()));
            fs::write(file, document.expect("the case holds all")).expect("written");
        }
    }
    let sources = Path::new(env!("CARGO_MANIFEST_DIR"));
    let output = Command::new(python)
        .arg(sources.join("tests/validators/check.py"))
        .arg(&folder)
        .arg(sources.join("../../docs/reports/report.schema.json"))
        .output()
        .expect("it runs");
    let (said, faults) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{said}{faults}");
    let closing = said.lines().last().unwrap_or_default();
    let all = FORMS_CHECKED.map(|form| format!("{form} {incidents}"));
    assert!(closing.contains(&all.join(", ")), "{closing}\n{faults}");
    fs::remove_dir_all(folder).expect("removable");
    let refused = closing.rsplit("refused ").next().and_then(|count| count.parse().ok());
    refused.expect("it ends with their number")
}

/// A simulated incident that is a flood and whose sources are known.
fn flood(seed: u64) -> Case {
    let mut case = simulated(seed);
    case.kind = IncidentKind::Flood;
    case.about = about();
    describe(&mut case, &mut Dice(seed));
    case
}

/// The Python that runs them; none, aloud, where it cannot be had.
fn python() -> Option<PathBuf> {
    let requirements = include_str!("../validators/requirements.txt");
    let why = match environment((&scratch(), "validators"), requirements) {
        Ok(python) => return Some(python),
        Err(why) => why,
    };
    let strict = std::env::var("SEAWALL_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!strict, "the validators cannot run here: {why}");
    // The printing macros are captured when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: validators of reports: {why}");
    None
}

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}
