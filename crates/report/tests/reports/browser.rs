//! A browser opens pages that hold five hundred hostile texts, without the policy that would stop
//! scripts anyway; skipped, aloud, where there is none.

use crate::injection::{case_with, payloads};
use seawall_report::case::{Action, Deed};
use seawall_report::{Form, Line, render};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a script that runs does.
const MARK: &str = "document.documentElement.setAttribute('owned','1')";

#[test]
fn no_hostile_text_of_five_hundred_runs_in_a_browser() {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let of_path = |name: &str| {
        std::env::split_paths(&paths).map(|path| path.join(name)).find(|file| file.is_file())
    };
    let Some(browser) = names.into_iter().find_map(of_path) else {
        let strict = std::env::var("SEAWALL_REQUIRE_ALL").is_ok_and(|value| value == "1");
        assert!(!strict, "no browser is here");
        // The printing macros are captured when a test passes.
        let _ = writeln!(std::io::stderr(), "SKIPPED: hostile texts in a browser: none is here");
        return;
    };
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("pages-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of our own");
    let payloads: Vec<_> =
        payloads().into_iter().map(|payload| payload.replace("alert(1)", MARK)).collect();
    for (number, some) in payloads.chunks(250).enumerate() {
        let mut case = case_with("www");
        let one = case.actions[0].clone();
        let action =
            |text: &String| Action { deed: Deed::Run, what: Line::of(text), ..one.clone() };
        case.actions = some.iter().map(action).collect();
        let page = render(Form::Html, &case).expect("every case has one");
        let bare = page.replace("Content-Security-Policy", "No-Policy");
        assert!(!runs(&browser, &folder.join(format!("{number}.html")), &bare));
        // The same without the escape runs, so the browser would have told.
        let raw = bare.replace("</main>", &format!("<script>{MARK}</script></main>"));
        assert!(runs(&browser, &folder.join(format!("{number}-raw.html")), &raw));
    }
    fs::remove_dir_all(folder).expect("removable");
}

/// Whether a script of the page ran.
fn runs(browser: &Path, file: &Path, page: &str) -> bool {
    fs::write(file, page).expect("written");
    let home = file.with_extension("profile");
    let output = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--dump-dom",
        ])
        .arg(format!("--user-data-dir={}", home.display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("it runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    let root = dom.split("<html").nth(1).and_then(|rest| rest.split('>').next());
    let root = root.expect("the browser gave a page");
    assert!(dom.contains("What was done"), "the whole page was read");
    root.contains("owned")
}
