//! Checks as visitors meet them: the page, the line, the token, and what each is worth.

mod browsers;
mod calm;
mod flood;
mod line;
mod looks;
mod programs;
mod ration;
mod solver;

use crate::fixtures::client::{dial, inside_tls, tls_settings};
use crate::fixtures::{Answer, Client, HOST, Setup, Shield, Witness, figure};
use rustls::ClientConfig;
use rustls::crypto::aws_lc_rs;
use solver::{AGENT, NAVIGATION, Puzzle, Visitor, cookie_of};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::Arc;
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
fn where_no_check_can_be_shown_a_measure_that_asks_for_one_holds_and_lets_nobody_through() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).platform("no_challenge = [\"/api/\"]");
    let _shield = Shield::start(&setup);
    for path in ["/api/v1", "/shop"] {
        crate::lanes::measure(&setup, &serde_json::json!({"path": path}), "challenge");
    }
    let mut let_through = 0;
    for (target, fields, told) in [
        ("GET /shop", NAVIGATION, "challenge"),
        ("GET /shop", "accept: */*\r\n", "hold"),
        ("GET /shop", "sec-fetch-mode: cors\r\naccept: text/html\r\n", "hold"),
        ("POST /shop", "content-length: 0\r\n", "hold"),
        ("GET /api/v1", NAVIGATION, "hold"),
        ("GET /api/v1", "accept: application/json\r\n", "hold"),
        ("POST /api/v1", "content-length: 0\r\n", "hold"),
    ] {
        let answer = asked(&mut Client::from_source(VISITOR, setup.plain), target, fields);
        assert_eq!(word(&answer), (503, told), "{target}: {answer:?}");
        let_through += u32::from(answer.status == 200);
    }
    figure("challenge.fallback", let_through, "requests");
    assert_eq!(origin.count(), 0);
}

#[test]
fn a_token_is_worth_nothing_from_another_network_program_or_tls_stack() {
    let origin = Witness::start(Duration::ZERO);
    let setup = always(&origin);
    let _shield = Shield::start(&setup);
    let usual = Arc::new(tls_settings(&setup.certificate, b"http/1.1"));
    // Another library, or the same that offers other ciphers.
    let mut provider = aws_lc_rs::default_provider();
    provider.cipher_suites.truncate(2);
    let mut other = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_safe_default_protocol_versions()
        .expect("it has suites of TLS 1.3")
        .with_root_certificates(setup.certificate.roots())
        .with_no_client_auth();
    other.alpn_protocols = vec![b"http/1.1".to_vec()];
    let other = Arc::new(other);
    let ask = |(source, agent, stack): (Ipv4Addr, &str, &Arc<ClientConfig>), rest: &str| {
        let socket = dial(source, setup.tls).expect("it listens");
        let mut client = Client::over(inside_tls(stack.clone(), socket));
        let (line, rest) = rest.split_once('|').expect("a line and the rest");
        client.send(format!("{line} HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {agent}\r\n{rest}"));
        client.answer()
    };
    let (mut passed, mut tried) = (0, 0_u32);
    let owner = (VISITOR, AGENT, &usual);
    let page = ask(owner, &format!("GET /|{NAVIGATION}\r\n"));
    let payload = Puzzle::of(&page).solved();
    let answer = format!("content-length: {}\r\n\r\n{payload}", payload.len());
    let cookie = cookie_of(&ask(owner, &format!("POST /.well-known/seawall/answer|{answer}")));
    let fields = format!("{NAVIGATION}cookie: {cookie}\r\n\r\n");
    for thief in [
        (STRANGER, AGENT, &usual),
        (VISITOR, "curl/8.5.0", &usual),
        (VISITOR, AGENT, &other),
        (STRANGER, "Mozilla/5.0 (iPhone)", &other),
    ] {
        for kind in [&fields, &format!("cookie: {cookie}\r\n\r\n")] {
            let before = origin.count();
            assert_eq!(ask(thief, &format!("GET /replayed|{kind}")).status, 503);
            passed += origin.count() - before;
            tried += 1;
        }
    }
    println!("{tried} tried");
    figure("tokens.replayed", passed, "requests");
    assert_eq!(passed, 0);
    assert_eq!(ask(owner, &format!("GET /|{fields}")).status, 200, "its owner goes on");
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
