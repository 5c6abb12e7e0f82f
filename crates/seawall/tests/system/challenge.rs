//! Checks as visitors meet them: the page, the line, the token, and what each is worth.

mod line;
mod ration;
mod solver;

use crate::fixtures::{Answer, Client, HOST, Setup, Shield, Witness};
use solver::{AGENT, NAVIGATION, Puzzle, Visitor, cookie_of};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::time::Duration;

const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 7, 1);
const NEIGHBOUR: Ipv4Addr = Ipv4Addr::new(127, 0, 7, 99);
const STRANGER: Ipv4Addr = Ipv4Addr::new(127, 0, 8, 1);
/// What the contract allows a page, and then its head.
const PAGE_MAX: usize = 10 * 1024;

fn always(origin: &Witness) -> Setup {
    let setup = Setup::before(origin.address).platform("challenge = \"always\"");
    setup.platform("no_challenge = [\"/api/\"]\nchallenge_contact = \"help@example.org\"")
}

fn asked<S: Read + Write>(client: &mut Client<S>, line: &str, fields: &str) -> Answer {
    client.send(format!("{line} HTTP/1.1\r\nhost: {HOST}\r\n{fields}\r\n"));
    client.answer()
}

fn word(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.verdict().map_or("", |(word, _)| word))
}

#[test]
fn people_get_one_page_programs_are_told_when_to_return_and_exempt_paths_are_left_alone() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let ask = |target: &str, fields: &str| {
        let mut client = Client::from_source(VISITOR, setup.plain);
        asked(&mut client, &format!("GET {target}"), fields)
    };
    for language in ["en", "cy", "fr", "de", "es", "pl", "ar", "ur"] {
        let page = ask("/give?a=1", &format!("{NAVIGATION}accept-language: {language}\r\n"));
        assert_eq!(word(&page), (503, "challenge"), "{page:?}");
        assert_eq!(page.header("content-language"), Some(language));
        assert!(page.body.len() <= PAGE_MAX, "{language}: {} bytes", page.body.len());
        assert_eq!(page.header("set-cookie"), None);
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let text = page.text();
        assert!(text.contains("help@example.org") && !text.contains("{{"), "{text}");
        assert!(!text.contains("src=") && !text.contains("://"), "it fetches nothing");
        assert!(text.contains("wait?to=/give%3Fa%3D1"));
    }
    for fields in ["", "accept: */*\r\n", "sec-fetch-mode: cors\r\naccept: text/html\r\n"] {
        let held = ask("/", fields);
        assert_eq!(word(&held), (503, "hold"), "{held:?}");
        assert!(held.length() <= 1_200);
        let retry: u32 = held.header("retry-after").expect("when").parse().expect("seconds");
        assert!((5..15).contains(&retry), "{retry}");
    }
    assert_eq!(origin.count(), 0);
    assert_eq!(ask("/api/v1", NAVIGATION).status, 200);
    assert_eq!(origin.count(), 1);
}

#[test]
fn without_a_reason_nobody_is_asked_and_no_cookie_is_set() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..100 {
        let answer = asked(&mut client, "GET /", NAVIGATION);
        assert_eq!((answer.status, answer.verdict()), (200, None));
        assert_eq!(answer.header("set-cookie"), None);
    }
}

#[test]
fn whoever_solves_goes_on_and_what_was_solved_is_worth_nothing_elsewhere_or_twice() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let visitor = Visitor::new(VISITOR, setup.plain);
    let page = visitor.get("/give", "");
    let puzzle = Puzzle::of(&page);
    let payload = puzzle.solved();
    // Elsewhere first: it must not be used up by that.
    for (source, agent) in [(STRANGER, AGENT), (VISITOR, "python-requests/2.32")] {
        let refused = Visitor::with_agent(source, agent, setup.plain).post_answer(&payload);
        assert_eq!(word(&refused), (403, "refuse"), "{source} {agent}");
    }
    let passed = visitor.post_answer(&payload);
    assert_eq!((passed.status, passed.body.len()), (204, 0));
    let set = passed.header("set-cookie").expect("it sets a cookie");
    assert!(set.starts_with("seawall=") && set.contains("; HttpOnly; SameSite=Lax"), "{set}");
    assert_eq!(word(&visitor.post_answer(&payload)), (403, "refuse"));

    let cookie = format!("cookie: sid=1; {}; theme=dark\r\n", cookie_of(&passed));
    let through = visitor.get("/give", &cookie);
    assert_eq!((through.status, through.text().as_str()), (200, "hello\n"));
    let head = origin.heads().pop().expect("it was asked").to_ascii_lowercase();
    assert!(head.contains("cookie: sid=1; theme=dark\r\n") && !head.contains("seawall="), "{head}");
    let here = visitor.get("/.well-known/seawall/answer", &cookie);
    assert_eq!(here.status, 204);
    let part =
        asked(&mut visitor.client(), "GET /style.css", &format!("{cookie}user-agent: {AGENT}\r\n"));
    assert_eq!(part.status, 200);

    assert_eq!(Visitor::new(NEIGHBOUR, setup.plain).get("/", &cookie).status, 200);
    let replayed = Visitor::new(STRANGER, setup.plain).get("/", &cookie);
    assert_eq!(word(&replayed), (503, "challenge"));
    let replayed = Visitor::with_agent(VISITOR, "curl/8.5.0", setup.plain).get("/", &cookie);
    assert_eq!(word(&replayed), (503, "challenge"));
    let count = origin.count();
    let junk = format!("cookie: seawall={}\r\n", "A".repeat(44));
    assert_eq!(word(&visitor.get("/", &junk)), (503, "challenge"));
    assert_eq!(origin.count(), count);
}

#[test]
fn over_tls_the_cookie_is_kept_to_the_host_and_outlives_the_process() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let shield = Shield::start(&setup);
    let ask = |line: &str, fields: &str| {
        let mut client = Client::tls(setup.tls, &setup.certificate);
        asked(&mut client, line, &format!("user-agent: {AGENT}\r\n{fields}"))
    };
    let page = ask("GET /", NAVIGATION);
    let payload = Puzzle::of(&page).solved();
    let fields = format!("content-length: {}\r\n\r\n{payload}", payload.len());
    let mut client = Client::tls(setup.tls, &setup.certificate);
    let post = "POST /.well-known/seawall/answer HTTP/1.1\r\nhost: ";
    client.send(format!("{post}{HOST}\r\nuser-agent: {AGENT}\r\n{fields}"));
    let passed = client.answer();
    let set = passed.header("set-cookie").unwrap_or_else(|| panic!("{passed:?}"));
    assert!(set.starts_with("__Host-seawall=") && set.contains("; Secure; HttpOnly"), "{set}");
    let cookie = format!("{NAVIGATION}cookie: {}\r\n", cookie_of(&passed));
    assert_eq!(ask("GET /", &cookie).status, 200);
    let plain = cookie.replace("__Host-", "");
    assert_eq!(word(&ask("GET /", &plain)), (503, "challenge"));
    drop(shield);
    let _next = Shield::start(&setup);
    assert_eq!(ask("GET /", &cookie).status, 200);
}

#[test]
fn a_form_that_was_sent_stands_in_the_page_and_one_that_is_too_large_is_said_to_be_lost() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let send = |body: &str, kind: &str| {
        let mut client = Client::from_source(VISITOR, setup.plain);
        client.send(format!(
            "POST /give?to=1 HTTP/1.1\r\nhost: {HOST}\r\n{NAVIGATION}content-type: {kind}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        ));
        client.answer()
    };
    let form = "application/x-www-form-urlencoded";
    let kept = send("name=J%C3%BCrgen&note=a%26b", form);
    assert_eq!(word(&kept), (503, "challenge"));
    let text = kept.text();
    assert!(text.contains(r#"action="/give?to=1""#) && text.contains(r#"data-kept="yes""#));
    assert!(text.contains(r#"name="name" value="Jürgen""#), "{text}");
    assert!(text.contains(r#"name="note" value="a&amp;b""#), "{text}");
    for (body, kind) in [("a=".to_owned() + &"b".repeat(4_000), form), ("{}".into(), "text/plain")]
    {
        let lost = send(&body, kind);
        assert_eq!(word(&lost), (503, "challenge"));
        assert!(lost.text().contains(r#"data-kept="no""#) && lost.body.len() <= PAGE_MAX);
    }
    assert_eq!(origin.count(), 0);
}
