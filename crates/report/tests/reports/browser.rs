//! A browser opens pages: with five hundred hostile texts and without the policy that would stop
//! scripts anyway; and pages of ordinary incidents, for what people with a screen reader meet.
//!
//! Where `SEAWALL_DOCS` names a folder, its pictures of pages are drawn anew.
//!
//! Skipped, aloud, where there is no browser.

use crate::axe::axe;
use crate::injection::{case_with, payloads};
use crate::simulated::simulated;
use seawall_report::case::{Action, Deed};
use seawall_report::{Form, Line, render};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What a script that runs does.
const MARK: &str = "document.documentElement.setAttribute('owned','1')";
/// Pages that are looked at for them.
const PAGES: u64 = 12;
/// Writes what was found where the browser prints it.
const LOOK: &str = "axe.run(document).then(found => { const root = document.documentElement; \
     root.setAttribute('data-broken', found.violations.map(rule => rule.id).join(' ')); \
     root.setAttribute('data-kept', found.passes.length); })";

#[test]
fn no_hostile_text_of_five_hundred_runs_in_a_browser() {
    let Some(browser) = browser("hostile texts in a browser") else { return };
    let folder = folder("pages");
    let payloads: Vec<_> =
        payloads().into_iter().map(|payload| payload.replace("alert(1)", MARK)).collect();
    for (number, some) in payloads.chunks(250).enumerate() {
        let mut case = case_with("www");
        let one = case.actions[0].clone();
        let action =
            |text: &String| Action { deed: Deed::Run, what: Line::of(text), ..one.clone() };
        case.actions = some.iter().map(action).collect();
        let page = render(Form::Html, &case).expect("every case has one");
        let bare = without_policy(&page);
        let runs = |name: &str, page: &str| {
            let opened = open(&browser, &folder.join(format!("{number}{name}.html")), page);
            opened.root.contains("owned")
        };
        assert!(!runs("", &bare));
        // The same without the escape runs, so the browser would have told.
        let raw = bare.replace("</main>", &format!("<script>{MARK}</script></main>"));
        assert!(runs("-raw", &raw));
    }
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn a_page_breaks_no_rule_of_accessibility_and_complains_of_nothing() {
    let test = "pages in a browser";
    let Some(browser) = browser(test) else { return };
    let axe = match axe() {
        Ok(axe) => axe.replace("</script", "<\\/script"),
        Err(why) => return skipped(test, &why),
    };
    let folder = folder("looked-at");
    let looked_at = |name: &str, page: &str| {
        let looking = format!("<script>{axe}</script><script>{LOOK}</script></body>");
        let page = without_policy(page).replace("</body>", &looking);
        open(&browser, &folder.join(name), &page)
    };
    let mut kept = 0;
    for seed in 0..PAGES {
        let page = render(Form::Html, &simulated(seed)).expect("every case has one");
        let plain = open(&browser, &folder.join(format!("{seed}-plain.html")), &page);
        assert_eq!(plain.complaints, Vec::<String>::new(), "seed {seed}");
        let root = looked_at(&format!("{seed}.html"), &page).root;
        assert!(root.contains("data-broken=\"\""), "seed {seed}: {root}");
        kept += root
            .split("data-kept=\"")
            .nth(1)
            .and_then(|n| n.split('"').next()?.parse().ok())
            .unwrap_or(0);
    }
    assert!(kept > 20 * PAGES, "{kept} rules were kept");
    let page = render(Form::Html, &simulated(1)).expect("every case has one");
    let spoilt = page.replace("<html lang=\"en\">", "<html>");
    let root =
        looked_at("spoilt.html", &spoilt.replace("</main>", "<img src=\"x.png\"></main>")).root;
    assert!(root.contains("html-has-lang") && root.contains("image-alt"), "{root}");
    fs::remove_dir_all(folder).expect("removable");
}

/// Pages of the documents that are shown there, and the size of the sheet that is.
const SHOWN: [&str; 2] = ["reports/sample", "reports/founding/day-1"];
const SHEET: (u32, u32) = (1_000, 1_400);
/// Bytes of a picture, since it stands in a repository.
const PICTURE_MAX: usize = 200_000;

#[test]
fn first_sheets_of_the_pages_in_the_documents_can_be_pictured() {
    let Some(browser) = browser("pictures of pages") else { return };
    let folder = folder("pictured");
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let (wide, high) = SHEET;
    for (number, page) in SHOWN.into_iter().enumerate() {
        let drawn = folder.join(format!("{number}.png"));
        let output = Command::new(&browser)
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
            .args(["--hide-scrollbars", "--force-device-scale-factor=1"])
            .arg(format!("--window-size={wide},{high}"))
            .arg(format!("--user-data-dir={}", folder.join("profile").display()))
            .arg(format!("--screenshot={}", drawn.display()))
            .arg(format!("file://{}", docs.join(format!("{page}.html")).display()))
            .output()
            .expect("it runs");
        let said = String::from_utf8_lossy(&output.stderr);
        let picture = fs::read(&drawn).unwrap_or_else(|fault| panic!("{page}: {fault}: {said}"));
        assert!((20_000..PICTURE_MAX).contains(&picture.len()), "{page}: {}", picture.len());
        let size = [wide.to_be_bytes(), high.to_be_bytes()].concat();
        assert_eq!(picture.get(16..24), Some(&*size), "{page}: the size that its head tells");
        if let Some(docs) = std::env::var_os("SEAWALL_DOCS").map(PathBuf::from) {
            fs::write(docs.join(format!("{page}.png")), picture).expect("written");
        }
    }
    fs::remove_dir_all(folder).expect("removable");
}

fn without_policy(page: &str) -> String {
    page.replace("Content-Security-Policy", "No-Policy")
}

/// What a browser made of a page.
struct Opened {
    /// The first tag, with what scripts wrote into it.
    root: String,
    /// What stands in its console.
    complaints: Vec<String>,
}

fn open(browser: &Path, file: &Path, page: &str) -> Opened {
    fs::write(file, page).expect("written");
    let home = file.with_extension("profile");
    let output = Command::new(browser)
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"])
        .args(["--enable-logging=stderr", "--virtual-time-budget=20000", "--dump-dom"])
        .arg(format!("--user-data-dir={}", home.display()))
        .arg(format!("file://{}", file.display()))
        .output()
        .expect("it runs");
    let dom = String::from_utf8_lossy(&output.stdout);
    let root = dom.split("<html").nth(1).and_then(|rest| rest.split('>').next());
    let root = root.expect("the browser gave a page").to_owned();
    assert!(dom.contains("What was done"), "the whole page was read");
    let said = String::from_utf8_lossy(&output.stderr);
    let complaints = said.lines().filter(|line| line.contains("CONSOLE"));
    Opened { root, complaints: complaints.map(str::to_owned).collect() }
}

fn browser(test: &str) -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let of_path = |name: &str| {
        std::env::split_paths(&paths).map(|path| path.join(name)).find(|file| file.is_file())
    };
    let found = names.into_iter().find_map(of_path);
    if found.is_none() {
        skipped(test, "no browser is here");
    }
    found
}

fn skipped(test: &str, why: &str) {
    let strict = std::env::var("SEAWALL_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(!strict, "{test} cannot run here: {why}");
    // The printing macros are captured when a test passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED: {test}: {why}");
}

fn folder(name: &str) -> PathBuf {
    let folder =
        PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a folder of our own");
    folder
}
