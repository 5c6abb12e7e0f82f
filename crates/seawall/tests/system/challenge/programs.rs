//! Programs at the page of a check: how far each comes by what it looks like, and by doing the sum.
//!
//! Where `SEAWALL_DOCS` names a folder, the table of its `challenge.md` is written anew.

use super::always;
use crate::fixtures::chromium::{chromium, quietly};
use crate::fixtures::program::{run, skip};
use crate::fixtures::python::environment;
use crate::fixtures::records::records;
use crate::fixtures::{Folder, HOST, Setup, Shield, Witness, figure, needs, wait_for};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

const SCRIPT: &str = include_str!("scripts/programs.py");
const REQUIREMENTS: &str = include_str!("scripts/requirements.txt");
/// How often each asks as it is, and for how many seconds once it has done the sum.
const TIMES: u64 = 30;
const SECONDS: u64 = 10;
/// What one token may ask for in that time: twenty pages at once and two a second.
const GOT_MAX: u64 = 20 + 2 * SECONDS + 2;
/// What a page costs the origin.
const PAGE: Duration = Duration::from_millis(20);
const LOADED: Duration = Duration::from_mins(2);
/// Each with what it imitates.
const PROGRAMS: [(&str, &str); 3] = [
    ("requests", "Python's requests, with a browser's words"),
    ("aiohttp", "Python's aiohttp, with a browser's words"),
    ("curl_cffi", "curl-impersonate (curl_cffi), with Chrome's TLS, HTTP/2 and words"),
];
/// Marks in the page between which the table stands.
const MARKS: [&str; 2] = ["<!-- programs -->\n", "<!-- end of programs -->\n"];

/// How many requests of a kind the origin got.
fn reached(origin: &Witness, path: &str) -> usize {
    origin.heads().iter().filter(|head| head.starts_with(&format!("GET {path}"))).count()
}

#[test]
fn no_program_comes_through_by_what_it_looks_like_and_the_sum_buys_what_a_token_is_worth() {
    let test = "challenge::programs::no_program_comes_through_by_what_it_looks_like";
    if !needs(test, &["chromium", "python3"]) {
        return;
    }
    let scratch = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let python = match environment((scratch, "programs"), REQUIREMENTS) {
        Ok(python) => python,
        Err(why) => return skip(test, &why),
    };
    let folder = Folder::new();
    let script = folder.write("programs.py", SCRIPT);
    let (mut rows, mut passed_by_looks) = (String::new(), 0);
    for (kind, name) in PROGRAMS {
        let origin = Witness::start(PAGE);
        let setup = always(&origin);
        let _shield = Shield::start(&setup);
        let mut command = Command::new(&python);
        command.arg(&script).arg(kind).arg(setup.tls.port().to_string());
        command.args([TIMES.to_string(), SECONDS.to_string()]);
        let said = run(&mut command, LOADED).good();
        let told: Value = serde_json::from_str(&said).expect("a line of JSON");
        let number = |name: &str| told[name].as_u64().unwrap_or_else(|| panic!("{told}"));
        let as_it_is = reached(&origin, "/as-it-is");
        assert_eq!(number("served"), 0, "{kind}");
        passed_by_looks += as_it_is;
        let got = number("got");
        assert_eq!(u64::try_from(reached(&origin, "/with-token")).expect("a few"), got);
        assert!((20..=GOT_MAX).contains(&got), "{kind}: {told}");
        let solving = told["solving_ms"].as_f64().expect("a number");
        let _ = writeln!(
            rows,
            "| {name} | {as_it_is} of {TIMES} | {solving:.0} ms | {got} of {} | {} |",
            number("asked"),
            worked(got, SECONDS)
        );
    }
    let origin = Witness::start(PAGE);
    let setup = always(&origin).tables("[log]\nrequests = \"all\"");
    let _shield = Shield::start(&setup);
    let (before, took) = stealthy(&setup, &folder);
    passed_by_looks += before;
    let _ = writeln!(
        rows,
        "| Chromium without a screen, patched as stealth builds are | {before} of 1 | {:.0} ms, as \
         any browser | 1 of 1 | {} |",
        took * 1e3,
        worked(1, 1)
    );
    print!("{rows}");
    figure("challenge.by_looks", passed_by_looks, "requests");
    assert_eq!(passed_by_looks, 0);
    if let Some(docs) = std::env::var_os("SEAWALL_DOCS").map(PathBuf::from) {
        write_table(&docs.join("challenge.md"), &rows);
    }
}

/// A browser that hides that nobody sits before it: requests that came through before it had done the
/// sum, and how long it took to do it.
fn stealthy(setup: &Setup, folder: &Folder) -> (usize, f64) {
    let target = "/stealthy";
    let mut command = chromium(&folder.join("profile"));
    command.args([
        "--disable-blink-features=AutomationControlled",
        "--user-agent=Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/140.0.0.0 Safari/537.36",
        "--lang=en-GB",
        "--window-size=1920,1080",
        &format!("https://{HOST}:{}{target}", setup.tls.port()),
    ]);
    let _running = quietly(&mut command);
    let (asked, served) = wait_for("a page for the browser", LOADED, || {
        let records = records(setup);
        let of = |verdict: &str| -> Vec<f64> {
            let those = records.iter().filter(|one| one["path"] == target);
            those
                .filter(|one| one["verdict"] == verdict)
                .filter_map(|one| one["t"].as_f64())
                .collect()
        };
        Some((*of("challenge").first()?, of("admit"))).filter(|(_, served)| !served.is_empty())
    });
    let before = served.iter().filter(|time| **time < asked).count();
    (before, served[0] - asked)
}

/// What pages cost the origin, and how much of one worker's time that is.
fn worked(pages: u64, seconds: u64) -> String {
    let ms = u128::from(pages) * PAGE.as_millis();
    let percent = ms / (10 * u128::from(seconds));
    format!("{ms} ms in {seconds} s, {percent} % of one worker")
}

fn write_table(page: &Path, rows: &str) {
    let text = fs::read_to_string(page).expect("the page is there");
    let (before, rest) = text.split_once(MARKS[0]).expect("the first mark");
    let (_, behind) = rest.split_once(MARKS[1]).expect("the last mark");
    let head = "| client | let through as it is | the sum | then let through | what that costs the \
                origin |\n| --- | --- | --- | --- | --- |\n";
    let [begin, end] = MARKS;
    let text = format!("{before}{begin}\n{head}{rows}\n{end}{behind}");
    fs::write(page, text).expect("the page can be written");
}
