//! What the pages of a check are to people: rules of accessibility, a keyboard, pictures.
//!
//! Pages are looked at as the shield sent them, without the script and the refresh that would lead on
//! in the middle of it.
//! Where `SEAWALL_DOCS` names a folder, the pictures are left there.

use super::solver::Visitor;
use super::{always, word};
use crate::fixtures::axe::axe;
use crate::fixtures::firefox::Firefox;
use crate::fixtures::program::skip;
use crate::fixtures::records::records;
use crate::fixtures::{Folder, HOST, SOON, Setup, Shield, Witness, figure, needs, wait_for};
use serde_json::{Value, json};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::time::Duration;

const LANGUAGES: [&str; 8] = ["en", "cy", "fr", "de", "es", "pl", "ar", "ur"];
/// What a page looks like in a language: while it works, stopped, without scripts, and in the line.
const STATES: [&str; 4] = ["working", "stopped", "scriptless", "line"];
/// Writes what breaks rules into the page: all that axe-core knows of WCAG 2.2 AA, and of good practice.
const LOOK: &str = "axe.run(document, {rules: {'target-size': {enabled: true}}}).then(found => { \
     const root = document.documentElement; root.dataset.kept = found.passes.length; \
     root.dataset.broken = found.violations.map(rule => rule.id + ' ' + \
     rule.nodes.map(node => node.html).join(' ')).join('; '); })";
/// What can be reached, in the order of the page.
const REACHABLE: &str = "[...document.querySelectorAll('a[href],button,input,select,textarea')]\
     .filter(one => one.type != 'hidden' && one.getClientRects().length)";
/// Tab and Enter, as `WebDriver` numbers them.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// The pages of one language, in the order of [`STATES`].
fn pages(setup: &Setup, (nth, language): (u8, &str)) -> [String; 4] {
    // A network each, so that none is asked for more than another.
    let visitor = Visitor::new(Ipv4Addr::new(127, 20, nth, 1), setup.plain);
    let fields = format!("accept-language: {language}\r\n");
    let check = visitor.get("/give", &fields);
    assert_eq!(word(&check), (503, "challenge"), "{check:?}");
    let line = visitor.get("/.well-known/seawall/wait?to=/give", &fields);
    assert_eq!(word(&line), (503, "hold"), "{line:?}");
    let (check, line) = (check.text(), line.text());
    let script = between(&check, "<script>", "</script>");
    let still = check.replace(script, "");
    let says = |state: &str, name: &str| {
        let text = between(&check, &format!("data-{name}=\""), "\"");
        let empty = "<p role=\"status\" aria-live=\"polite\"></p>";
        assert!(still.contains(empty), "{still}");
        let spoken = format!("<p role=\"status\" aria-live=\"polite\">{text}</p>");
        still.replace("<main ", &format!("<main class=\"{state}\" ")).replace(empty, &spoken)
    };
    let refresh = between(&line, "<meta http-equiv=\"refresh\"", ">");
    let line = line.replace(&format!("<meta http-equiv=\"refresh\"{refresh}>"), "");
    let without_refresh = between(&still, "<noscript><meta", "</noscript>");
    let scriptless = still.replace(&format!("<noscript><meta{without_refresh}</noscript>"), "");
    [
        says("", "working"),
        says("stopped", "failed").replace("<button type=\"button\" hidden>", "<button>"),
        scriptless.replace("<noscript>", "").replace("</noscript>", ""),
        line,
    ]
}

#[track_caller]
fn between<'a>(text: &'a str, before: &str, behind: &str) -> &'a str {
    let rest = text.split_once(before).map(|(_, rest)| rest);
    let part = rest.and_then(|rest| rest.split_once(behind));
    part.unwrap_or_else(|| panic!("no {before:?} and {behind:?} in {text}")).0
}

/// A browser whose pages are light or dark.
fn firefox(is_dark: bool) -> Firefox {
    let scheme = u8::from(!is_dark);
    Firefox::start(&[("layout.css.prefers-color-scheme.content-override", json!(scheme))])
}

#[test]
fn pages_of_a_check_break_no_rule_of_accessibility_in_any_language_light_or_dark() {
    let test = "challenge::looks::pages_of_a_check_break_no_rule_of_accessibility";
    if !needs(test, &["firefox-esr", "npm"]) {
        return;
    }
    let axe = match axe() {
        Ok(axe) => axe,
        Err(why) => return skip(test, &why),
    };
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let folder = Folder::new();
    folder.write("axe.js", axe);
    let (mut broken, mut looked_at) = (Vec::new(), 0);
    for is_dark in [false, true] {
        let mut firefox = firefox(is_dark);
        for (nth, language) in (u8::from(is_dark) * 100..).zip(LANGUAGES) {
            // Colours do not depend on the language.
            if is_dark && !["en", "ur"].contains(&language) {
                continue;
            }
            for (state, page) in STATES.iter().zip(pages(&setup, (nth, language))) {
                let told = look(&mut firefox, &folder, &page);
                if told != "" {
                    broken.push(format!("{language}, {state}, dark {is_dark}: {told}"));
                }
                looked_at += 1;
            }
        }
        let spoilt = pages(&setup, (u8::from(is_dark) * 100 + 50, "en"))[0]
            .replace("lang=\"en\"", "")
            .replace("</main>", "<img src=\"x.png\"></main>");
        let told = look(&mut firefox, &folder, &spoilt).to_string();
        assert!(told.contains("html-has-lang") && told.contains("image-alt"), "{told}");
    }
    println!("{looked_at} pages");
    figure("challenge.axe", broken.len(), "pages");
    assert!(broken.is_empty(), "{broken:#?}");
}

/// What breaks a rule on a page.
fn look(firefox: &mut Firefox, folder: &Folder, page: &str) -> Value {
    let looking = format!("<script src=\"axe.js\"></script><script>{LOOK}</script></body>");
    let file = folder.write("page.html", page.replace("</body>", &looking));
    firefox.visit(&format!("file://{}", file.display()));
    let kept = "return document.documentElement.dataset.kept || 0";
    let kept = wait_for("a look at the page", SOON * 2, || {
        firefox.told(kept).as_str().and_then(|kept| kept.parse::<u32>().ok())
    });
    assert!(kept > 10, "{kept} rules were kept");
    firefox.told("return document.documentElement.dataset.broken")
}

/// Presses Tab until everything was reached once, and sees that each thing reached shows it.
#[track_caller]
fn walk(firefox: &mut Firefox) -> usize {
    let all = firefox.told(&format!("return {REACHABLE}.length")).as_u64().expect("a number");
    for nth in 0..all {
        firefox.press(TAB);
        let here = firefox.told(&format!(
            "const one = document.activeElement, style = getComputedStyle(one); \
             return [{REACHABLE}.indexOf(one), style.outlineStyle, parseFloat(style.outlineWidth)]"
        ));
        assert_eq!(here[0].as_u64(), Some(nth), "{here}");
        assert!(here[1] != "none" && here[2].as_f64() >= Some(1.0), "it shows: {here}");
    }
    usize::try_from(all).expect("a few")
}

#[test]
fn a_keyboard_reaches_everything_and_who_keeps_no_cookie_is_told_whom_to_write_to() {
    let test = "challenge::looks::a_keyboard_reaches_everything";
    if !needs(test, &["firefox-esr"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin).tables("[log]\nrequests = \"all\"");
    let _shield = Shield::start(&setup);
    let at = format!("http://{HOST}:{}", setup.plain.port());
    // Such a browser stays on the page, which tells it why.
    let mut firefox = Firefox::start(&[("network.cookie.cookieBehavior", json!(2))]);
    firefox.visit(&format!("{at}/give"));
    wait_for("that the page stops", SOON * 2, || {
        (firefox.told("return document.querySelector('main').className") == "stopped").then_some(())
    });
    let page = firefox.told("return document.body.innerText").to_string();
    assert!(page.contains("did not keep our cookie") && page.contains("help@example.org"));
    let asked = || {
        let those = |one: &&Value| one["path"] == "/give" && one["verdict"] == "challenge";
        records(&setup).iter().filter(those).count()
    };
    wait_for("the record of one page", SOON, || (asked() == 1).then_some(()));
    let mut reached = walk(&mut firefox);
    assert_eq!(reached, 1);
    firefox.press(ENTER);
    wait_for("that the button asks again", SOON, || (asked() == 2).then_some(()));
    // The line says the same, and does not send it around.
    firefox.visit(&format!("{at}/.well-known/seawall/wait?to=/give"));
    let stands = "const link = document.querySelector('a'); \
                  return !!link && !document.querySelector('meta[http-equiv]')";
    wait_for("that the line stops", SOON * 2, || (firefox.told(stands) == true).then_some(()));
    let page = firefox.told("return document.body.innerText").to_string();
    assert!(page.contains("did not keep our cookie") && page.contains("help@example.org"));
    let here = firefox.told("return document.title + location.href");
    reached += walk(&mut firefox);
    firefox.press(ENTER);
    wait_for("that the link leads on", SOON, || {
        let meta = "return !!document.querySelector('meta[http-equiv]')";
        (firefox.told(meta) == true
            || firefox.told("return document.title + location.href") != here)
            .then_some(())
    });
    figure("challenge.keyboard", reached, "controls");
    assert_eq!(origin.count(), 0);
}

#[test]
fn pages_of_a_check_are_pictured_light_dark_on_a_phone_and_from_right_to_left() {
    let test = "challenge::looks::pages_of_a_check_are_pictured";
    if !needs(test, &["firefox-esr"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let folder = Folder::new();
    let shown = std::env::var_os("SEAWALL_DOCS").map(PathBuf::from);
    let [english, arabic] = [(1, "en"), (2, "ar")].map(|which| pages(&setup, which));
    let (mut light, mut dark) = (firefox(false), firefox(true));
    let mut pictures = 0;
    for (name, page, (width, height)) in [
        ("light", &english[0], (900, 640)),
        ("dark", &english[0], (900, 640)),
        ("phone", &english[1], (390, 640)),
        ("right-to-left", &arabic[0], (900, 640)),
        ("line", &english[3], (900, 520)),
    ] {
        let firefox = if name == "dark" { &mut dark } else { &mut light };
        folder.write("page.html", page);
        let frame = format!(
            "<!doctype html><meta name=\"color-scheme\" content=\"light dark\"><body \
             style=\"margin:0\"><iframe src=\"page.html\" \
             style=\"border:0;display:block;width:{width}px;height:{height}px\"></iframe>"
        );
        let file = folder.write("frame.html", frame);
        firefox.visit(&format!("file://{}", file.display()));
        let picture = firefox.picture("iframe");
        let size = |at: usize| {
            picture
                .get(at..at + 4)
                .map(|word| u32::from_be_bytes([word[0], word[1], word[2], word[3]]))
        };
        assert!(picture.starts_with(b"\x89PNG"), "{name}");
        assert_eq!((size(16), size(20)), (Some(width), Some(height)), "{name}");
        // A page without anything on it takes about a tenth of that.
        assert!(picture.len() > 10_000, "{name}: {} bytes", picture.len());
        if let Some(shown) = &shown {
            let file = shown.join(format!("challenge/{name}.png"));
            std::fs::write(&file, &picture).unwrap_or_else(|_| panic!("{}", file.display()));
        }
        pictures += 1;
    }
    figure("challenge.pictures", pictures, "pictures");
}
