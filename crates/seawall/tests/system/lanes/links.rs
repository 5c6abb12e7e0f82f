//! Staff: a link, the cookie that it sets, and its end.

use super::{NAVIGATION, STAFF, STRANGER, ask, measure, post, say, word};
use crate::fixtures::{Answer, SOON, Setup, Shield, Witness, run, seawall};
use rustix::process::Signal;
use serde_json::{Value, json};
use std::time::Duration;

const DOOR: &str = "/.well-known/seawall/lane";

/// Whoever comes is asked for a check, but for staff.
fn setup(origin: &Witness) -> Setup {
    Setup::before(origin.address)
        .top("workers = 2\ncrawlers = \"off\"")
        .platform("challenge = \"always\"")
        .tables("[[lane]]\nname = \"staff\"\ninvites = true")
}

/// The link that the first line of an answer is, without what leads to it.
pub(super) fn link(said: &str) -> String {
    let line = said.lines().next().expect("a line");
    line.split_once("?link=").expect("a link").1.to_owned()
}

fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("it sets one");
    let pair = set.split(';').next().expect("a pair");
    format!("cookie: theme=dark; {pair}\r\n")
}

/// Opens the door with a link; the cookie.
#[track_caller]
pub(super) fn enter(setup: &Setup, link: &str) -> String {
    let answer = post((STAFF, setup.plain), DOOR, "", &format!("link={link}"));
    assert_eq!(word(&answer), (303, "admit"), "{answer:?}");
    assert_eq!(answer.header("location"), Some("/"));
    cookie(&answer)
}

#[test]
fn a_link_lets_one_in_whom_nothing_stops_until_it_is_taken_back_and_everything_is_in_the_evidence()
{
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin);
    let mut shield = Shield::start(&setup);
    let said = say(&setup, &["invite", "Anna"]);
    assert!(said.contains("i1 leads into staff on www, for 1"), "{said}");
    let link = link(&said);
    let plain = setup.plain;
    // Looking at the page uses nothing up.
    for _ in 0..3 {
        let page = ask((STAFF, plain), &format!("GET {DOOR}?link={link}"), NAVIGATION);
        assert_eq!(word(&page), (200, "admit"), "{page:?}");
        assert!(
            page.text().contains("This link is for Anna.") && page.header("set-cookie").is_none()
        );
    }
    assert_eq!(word(&ask((STAFF, plain), "GET /", NAVIGATION)), (503, "challenge"));
    let cookie = enter(&setup, &link);
    // From elsewhere too: who looks after a platform travels.
    for from in [STAFF, STRANGER] {
        let answer = ask((from, plain), "GET /", &format!("{NAVIGATION}{cookie}"));
        assert_eq!(word(&answer), (200, ""), "{answer:?}");
    }
    let heads = origin.heads();
    let seen = heads.last().expect("it came");
    assert!(seen.contains("theme=dark") && !seen.contains("seawall-lane"), "{seen}");
    let again = post((STRANGER, plain), DOOR, "", &format!("link={link}"));
    assert_eq!(word(&again), (403, "refuse"));
    // The shield's own measures are not about her, an operator's are.
    measure(&setup, &json!({"path": "/closed"}), "challenge");
    measure(&setup, &json!({"path": "/shut"}), "refuse");
    let ask_as_staff =
        |path: &str| ask((STAFF, plain), &format!("GET {path}"), &format!("{NAVIGATION}{cookie}"));
    assert_eq!(word(&ask_as_staff("/closed")), (200, ""));
    assert_eq!(word(&ask_as_staff("/shut")), (403, "refuse"));
    let listed = say(&setup, &["list"]);
    assert!(
        listed.contains("i1  staff on www  used  Anna") && listed.contains("used 1 of 1"),
        "{listed}"
    );
    // The status says how often she was in: twice at the page, once each at what is measured.
    let status = run(seawall().args(["status", "-c"]).arg(setup.file()), SOON).good();
    let staff = status.lines().find(|line| line.starts_with("staff "));
    let words: Vec<_> = staff.unwrap_or_default().split_whitespace().collect();
    assert!(words.contains(&"4"), "{status}");

    say(&setup, &["revoke", "i1"]);
    for _ in 0..16 {
        assert_eq!(word(&ask_as_staff("/")), (503, "challenge"), "on every core, at once");
    }
    shield.signal(Signal::TERM);
    shield.ended(Duration::from_secs(20));
    let told = facts(&setup);
    let names: Vec<_> = told.iter().map(|fact| fact["record"].as_str().unwrap_or("")).collect();
    assert_eq!(names, ["lane_invited", "lane_entered", "lane_revoked"], "{told:?}");
    assert_eq!((&told[0]["name"], &told[1]["member"]), (&json!("Anna"), &json!(1)));
}

#[test]
fn a_link_opens_its_door_while_the_address_of_its_holder_is_over_its_rate() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .top("workers = 1\ncrawlers = \"off\"")
        .tables("[[lane]]\nname = \"staff\"\ninvites = true")
        .tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 1");
    let _shield = Shield::start(&setup);
    let link = link(&say(&setup, &["invite", "Anna"]));
    let from = (STAFF, setup.plain);
    assert_eq!(word(&ask(from, "GET /", NAVIGATION)), (200, ""));
    for path in ["/", DOOR, &format!("{DOOR}?link=x{link}"), &format!("{DOOR}/?link={link}")] {
        assert_eq!(word(&ask(from, &format!("GET {path}"), NAVIGATION)), (429, "limit"), "{path}");
    }
    let page = ask(from, &format!("GET {DOOR}?link={link}"), NAVIGATION);
    assert_eq!(word(&page), (200, "admit"), "{page:?}");
    // As its button does.
    let action = format!("{DOOR}?link={link}");
    assert!(page.text().contains(&format!("action=\"{action}\"")), "{page:?}");
    let answer = post(from, &action, "", &format!("link={link}"));
    assert_eq!(word(&answer), (303, "admit"), "{answer:?}");
    let inside = format!("{NAVIGATION}{}", cookie(&answer));
    for _ in 0..3 {
        assert_eq!(word(&ask(from, "GET /", &inside)), (200, ""));
    }
    // It has been used up, and opens nothing any more.
    assert_eq!(word(&ask(from, &format!("GET {action}"), NAVIGATION)), (429, "limit"));
}

/// Facts of lanes in the evidence.
fn facts(setup: &Setup) -> Vec<Value> {
    let folder = std::fs::read_dir(setup.state().join("evidence")).expect("there is evidence");
    let mut texts: Vec<_> =
        folder.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect();
    texts.sort();
    let text: String = texts.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    lines
        .filter(|fact| fact["record"].as_str().is_some_and(|word| word.starts_with("lane_")))
        .collect()
}

#[test]
fn what_was_given_and_taken_back_holds_over_a_restart() {
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin);
    let mut shield = Shield::start(&setup);
    let links = ["Anna", "Bela"].map(|name| link(&say(&setup, &["invite", name])));
    let open = link(&say(&setup, &["invite", "Cleo", "--uses", "2"]));
    let cookies = links.each_ref().map(|link| enter(&setup, link));
    enter(&setup, &open);
    say(&setup, &["revoke", "i2"]);
    shield.signal(Signal::TERM);
    shield.ended(Duration::from_secs(20));
    drop(shield);

    let _shield = Shield::start(&setup);
    let told = cookies
        .each_ref()
        .map(|cookie| ask((STAFF, setup.plain), "GET /", &format!("{NAVIGATION}{cookie}")).status);
    assert_eq!(told, [200, 503]);
    enter(&setup, &open);
    let third = post((STAFF, setup.plain), DOOR, "", &format!("link={open}"));
    assert_eq!(word(&third), (403, "refuse"), "two uses, one of them before the restart");
    assert!(say(&setup, &["invite", "Dora"]).contains("i4 leads"), "no name is given twice");
}

#[test]
fn a_forged_pass_and_a_forged_link_are_nobodys() {
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin);
    let _shield = Shield::start(&setup);
    let link = link(&say(&setup, &["invite", "Anna"]));
    let cookie = enter(&setup, &link);
    let forged = cookie.replace('A', "B").replace("seawall-lBne", "seawall-lane");
    for cookie in
        [forged, format!("cookie: seawall-lane={link}\r\n"), "cookie: seawall-lane=\r\n".into()]
    {
        let answer = ask((STAFF, setup.plain), "GET /", &format!("{NAVIGATION}{cookie}"));
        assert_eq!(word(&answer), (503, "challenge"), "{cookie}");
    }
    let pass = cookie.split_once("seawall-lane=").expect("a pass").1.trim();
    for bad in [pass, "", "x"] {
        let answer = post((STAFF, setup.plain), DOOR, "", &format!("link={bad}"));
        assert_eq!(word(&answer), (403, "refuse"), "{bad}");
    }
}

#[test]
fn what_cannot_be_invited_is_said_with_what_is_allowed() {
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin);
    let _shield = Shield::start(&setup);
    let file = setup.file();
    for (words, says) in [
        (&["invite", "Anna", "--lane", "stuff"][..], "links lead into staff"),
        (&["invite", "Anna", "--platform", "donate"], "leads to www"),
        (&["invite", "Anna", "--uses", "0"], "1 to 1000"),
        (&["invite", "Anna", "--for", "2y"], "60s"),
        (&["revoke", "i9"], "no link of that name"),
        (&["revoke", "9"], "such as i3"),
    ] {
        let told = run(seawall().arg("lane").args(words).arg("-c").arg(&file), SOON);
        assert!(told.err.contains(says), "{words:?}: {}", told.err);
    }
}
