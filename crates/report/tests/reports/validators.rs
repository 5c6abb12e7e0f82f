//! Other people's validators over sixty simulated incidents, or as many as `SEAWALL_INCIDENTS` says,
//! in an environment of their own.
//!
//! Skipped, aloud, where there is no Python 3 with `venv` and no way to its packages.

use crate::simulated::simulated;
use seawall_report::{Form, render};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What they read.
const FORMS: [Form; 6] =
    [Form::Json, Form::Stix, Form::Misp, Form::Xarf, Form::FlowSpec, Form::Html];
const INCIDENTS: u64 = 60;
/// Fewer prove little.
const INCIDENTS_LEAST: u64 = 20;
/// Forms that need a flood and its sources come of fewer incidents, so more are made.
const FLOODS: u64 = 240;

#[test]
fn other_peoples_validators_take_every_form_of_every_simulated_incident() {
    let python = match environment() {
        Ok(python) => python,
        Err(why) => {
            let strict = std::env::var("SEAWALL_REQUIRE_ALL").is_ok_and(|value| value == "1");
            assert!(!strict, "the validators cannot run here: {why}");
            let test = "validators of reports";
            // The printing macros are captured when a test passes.
            let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {why}");
            return;
        }
    };
    let folder = scratch().join(format!("reports-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of our own");
    let told = std::env::var("SEAWALL_INCIDENTS").ok().and_then(|told| told.parse().ok());
    let incidents = told.unwrap_or(INCIDENTS).max(INCIDENTS_LEAST);
    for seed in 0..FLOODS.max(incidents) {
        let case = simulated(seed);
        for form in FORMS {
            if seed >= incidents && !matches!(form, Form::Xarf | Form::FlowSpec) {
                continue;
            }
            if let Ok(document) = render(form, &case) {
                let file = folder.join(format!("{seed:03}.{}", form.word()));
                fs::write(file, document).expect("written");
            }
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
    assert!(output.status.success(), "{said}\n{faults}");
    let closing = said.lines().last().unwrap_or_default();
    println!("{said}");
    let all = ["html", "json", "misp", "stix"].map(|form| format!("{form} {incidents}"));
    assert!(closing.contains(&all.join(", ")), "{closing}");
    let checked = |form: &str| {
        let count = closing.split(form).nth(1).and_then(|rest| rest.split([',', ';']).next());
        count.and_then(|count| count.trim().parse::<u64>().ok()).unwrap_or(0)
    };
    assert!(checked("xarf") >= 20 && checked("flowspec") >= 20, "{closing}");
    fs::remove_dir_all(folder).expect("removable");
}

fn scratch() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The Python of an environment that holds the validators; made once and kept.
fn environment() -> Result<PathBuf, String> {
    let wanted = include_str!("../validators/requirements.txt");
    let folder = scratch().join("validators");
    let (python, made) = (folder.join("bin/python"), folder.join("made-of"));
    if fs::read_to_string(&made).is_ok_and(|made| made == wanted) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let output = command.output().map_err(|fault| fault.to_string())?;
        let said = String::from_utf8_lossy(&output.stderr);
        let last = said.lines().last().unwrap_or_default().to_owned();
        output.status.success().then_some(()).ok_or(last)
    };
    let list = scratch().join("requirements.txt");
    fs::write(&list, wanted).map_err(|fault| fault.to_string())?;
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let quiet = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
    run(Command::new(&python).args(quiet).arg(&list))?;
    fs::write(&made, wanted).map_err(|fault| fault.to_string())?;
    Ok(python)
}
