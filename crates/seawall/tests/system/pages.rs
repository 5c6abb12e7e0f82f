//! The operator's own pages, how long TLS is a must, names by wildcard, and what `check` notes.

use crate::fixtures::config::Setup;
use crate::fixtures::curl::{Way, curl};
use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{
    Answer, Certificate, Client, HOST, Ran, SOON, Shield, Witness, needs, run, seawall,
};
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

const PAGE: &str = "<!doctype html><title>Sorry</title><p>{{code}} {{retry}}</p>\n";
const NAVIGATION: &str = "sec-fetch-mode: navigate\r\naccept: text/html,*/*;q=0.8\r\n";
/// A source that is not on any list.
const VISITOR: Ipv4Addr = Ipv4Addr::new(127, 0, 5, 1);
const STAFF: Ipv4Addr = Ipv4Addr::new(127, 0, 5, 2);

fn nobody() -> SocketAddr {
    crate::fixtures::ports::free_address()
}

fn asked<S: Read + Write>(mut client: Client<S>, method: &str, fields: &str) -> Answer {
    client.send(format!("{method} / HTTP/1.1\r\nhost: {HOST}\r\n{fields}\r\n"));
    if method == "HEAD" {
        let head = client.head().expect("an answer");
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        // Whatever followed would be read as the answer to the next request.
        client.send(format!("HEAD / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        assert!(client.head().expect("an answer").starts_with("HTTP/1.1 "));
        return Answer { status: status.expect("a status"), head, body: Vec::new() };
    }
    client.answer()
}

/// That an answer of ours is the page of the operator's, filled in.
#[track_caller]
fn is_page(answer: &Answer, status: u16, (verdict, reason, retry): (&str, &str, &str)) {
    let (word, code) = answer.verdict().expect("our answers carry their verdict");
    assert_eq!((answer.status, word), (status, verdict), "{answer:?}");
    assert_eq!(code.split('.').next(), Some(reason), "{answer:?}");
    let page = PAGE.replace("{{code}}", code).replace("{{retry}}", retry);
    assert_eq!(answer.text(), page);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("retry-after"), Some(retry));
}

fn say(words: &[&str], setup: &Setup) -> Ran {
    run(seawall().args(words).arg("-c").arg(setup.file()), SOON)
}

#[test]
fn people_see_the_operators_page_when_the_origin_is_down_and_programs_what_they_saw_before() {
    let setup = Setup::before(nobody()).platform("error_page = \"sorry.html\"");
    setup.folder.write("sorry.html", PAGE);
    let _shield = Shield::start(&setup);
    let expected = ("error", "unreachable", "5");
    is_page(&asked(Client::plain(setup.plain), "GET", NAVIGATION), 502, expected);
    is_page(&asked(Client::plain(setup.plain), "GET", "accept: text/html\r\n"), 502, expected);
    let tls = Client::tls(setup.tls, &setup.certificate);
    is_page(&asked(tls, "POST", NAVIGATION), 502, expected);
    let head = asked(Client::plain(setup.plain), "HEAD", NAVIGATION);
    assert_eq!((head.status, head.header("content-type")), (502, Some("text/html; charset=utf-8")));
    for (fields, content_type) in [
        ("", "text/plain; charset=utf-8"),
        ("accept: application/json\r\n", "application/problem+json"),
        ("sec-fetch-mode: cors\r\naccept: text/html\r\n", "text/plain; charset=utf-8"),
    ] {
        let answer = asked(Client::plain(setup.plain), "GET", fields);
        assert_eq!((answer.status, answer.header("content-type")), (502, Some(content_type)));
        assert!(answer.length() <= 1_200, "{answer:?}");
    }
    let mut lost = Client::plain(setup.plain);
    lost.send(format!("GET / HTTP/1.1\r\nhost: other.example.org\r\n{NAVIGATION}\r\n"));
    let lost = lost.answer();
    assert_eq!((lost.status, lost.text().contains("Sorry")), (421, false));
}

#[test]
fn under_maintenance_staff_reach_the_origin_and_everyone_else_the_page_until_it_is_lifted() {
    if !needs("pages::under_maintenance…", &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let allow = format!("[allow]\nnetworks = [\"{STAFF}\"]");
    let setup = Setup::before(origin.address).tables(&allow);
    let _shield = Shield::start(&setup);
    let visit = |fields: &str| asked(Client::from_source(VISITOR, setup.plain), "GET", fields);
    assert_eq!(visit(NAVIGATION).status, 200);

    setup.folder.write("soon.html", PAGE);
    let kept = setup.text();
    let text =
        kept.replace("key = \"www.key\"\n", "key = \"www.key\"\nmaintenance = \"soon.html\"\n");
    setup.folder.write("seawall.toml", &text);
    say(&["reload"], &setup).good();
    let before = origin.count();
    is_page(&visit(NAVIGATION), 503, ("hold", "maintenance", "120"));
    let program = visit("");
    assert_eq!(program.status, 503);
    assert_eq!(program.header("content-type"), Some("application/problem+json"));
    assert_eq!(program.header("retry-after"), Some("120"));
    let head = asked(Client::from_source(VISITOR, setup.plain), "HEAD", NAVIGATION);
    assert_eq!(head.status, 503);
    for way in [Way::TlsH1, Way::TlsH2, Way::PlainH2] {
        for method in ["GET", "HEAD"] {
            let mut command = curl(&setup, way, VISITOR);
            if method == "HEAD" {
                command.arg("--head");
            }
            command.args(["-H", "sec-fetch-mode: navigate", "-w", "\n%{http_code}"]);
            let told = run(command.arg(way.url(&setup, "/")), SOON).good();
            assert!(told.ends_with("\n503"), "{way:?} {method}: {told}");
            assert_eq!(told.contains("<title>Sorry"), method == "GET", "{way:?} {method}: {told}");
        }
    }
    assert_eq!(origin.count(), before, "nothing reached the origin");
    let staff = asked(Client::from_source(STAFF, setup.plain), "GET", NAVIGATION);
    assert_eq!((staff.status, staff.text()), (200, "hello\n".to_owned()));

    setup.folder.write("soon.html", format!("<p>later</p>{PAGE}"));
    say(&["reload"], &setup).good();
    assert!(visit(NAVIGATION).text().starts_with("<p>later</p>"), "a reload swaps pages");
    setup.folder.write("seawall.toml", kept);
    say(&["reload"], &setup).good();
    assert_eq!(visit(NAVIGATION).status, 200);
}

#[test]
fn a_page_that_cannot_be_used_is_a_fault_with_its_place_and_the_old_one_stays() {
    let setup = Setup::before(nobody()).platform("error_page = \"sorry.html\"");
    setup.folder.write("sorry.html", PAGE);
    let _shield = Shield::start(&setup);
    let line =
        setup.text().lines().position(|line| line.contains("error_page")).expect("it is set");
    let place = format!("{}:{}: platform.error_page is ", setup.file().display(), line + 1);
    let page = setup.folder.join("sorry.html");
    let token = setup.state().join("control.token");
    for (content, says) in [
        (Some(vec![b'x'; 16 * 1024 + 1]), "more than 16384 bytes"),
        (Some(b"\xff\xfe".to_vec()), "not UTF-8"),
        (Some(b"<meta http-equiv=\"refresh\" content=\"0\">".to_vec()), "loads itself again"),
        (None, "cannot be read"),
    ] {
        match content {
            Some(content) => fs::write(&page, content).expect("the folder is ours"),
            None => fs::remove_file(&page).expect("it is there"),
        }
        for words in [&["check"][..], &["run"], &["reload"]] {
            let ran = say(words, &setup);
            assert_eq!(ran.code, Some(2), "{words:?}: {ran:?}");
            assert!(ran.err.contains(&place) && ran.err.contains(says), "{words:?}: {ran:?}");
        }
        let control = format!("http://{}", setup.control);
        let mut reload = seawall();
        reload.args(["reload", "--control", &control, "--token-file"]).arg(&token);
        let ran = run(&mut reload, SOON);
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.err.contains(says), "{ran:?}");
    }
    let kept = asked(Client::plain(setup.plain), "GET", NAVIGATION);
    is_page(&kept, 502, ("error", "unreachable", "5"));
}

const HSTS: &str = "strict-transport-security";

#[test]
fn browsers_are_told_to_come_by_tls_by_every_answer_over_tls_and_by_none_over_plain() {
    let own =
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nStrict-Transport-Security: max-age=7\r\n\r\n";
    let line = |path, bytes: &str| Line { path, bytes: bytes.into(), then: Then::Keep };
    let origin = Script::start(vec![
        line("/", "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"),
        line("/own", own),
    ]);
    let setup = Setup::before(origin.address)
        .platform("hsts = \"180d\"\nhsts_subdomains = true")
        .tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 3");
    let _shield = Shield::start(&setup);
    let ours = Some("max-age=15552000; includeSubDomains");
    let mut tls = Client::tls_from((VISITOR, setup.tls), &setup.certificate, b"http/1.1");
    for (target, status, told) in [
        ("/", 200, ours),
        ("/own", 200, Some("max-age=7")),
        ("/unknown", 404, ours),
        // Over its rate from here on: answered without the HTTP engine.
        ("/", 429, ours),
    ] {
        let answer = tls.ask(target);
        assert_eq!((answer.status, answer.header(HSTS)), (status, told), "{target}: {answer:?}");
        assert_eq!(answer.head.to_lowercase().matches(HSTS).count(), 1, "{answer:?}");
    }
    let mut plain = Client::from_source(STAFF, setup.plain);
    for (target, status) in [("/", 200), ("/own", 200), ("/unknown", 404), ("/", 429)] {
        let answer = plain.ask(target);
        assert_eq!((answer.status, answer.header(HSTS)), (status, None), "{answer:?}");
    }
    let setup = Setup::before(nobody()).platform("hsts = \"180d\"\nhsts_subdomains = true");
    let _down = Shield::start(&setup);
    let answer = Client::tls(setup.tls, &setup.certificate).ask("/");
    assert_eq!((answer.status, answer.header(HSTS)), (502, ours), "{answer:?}");
}

#[test]
fn without_the_key_an_origins_own_word_about_tls_is_left_alone() {
    let own =
        "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nStrict-Transport-Security: max-age=7\r\n\r\n";
    let origin = Script::start(vec![Line { path: "/", bytes: own.into(), then: Then::Keep }]);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    assert_eq!(Client::plain(setup.plain).ask("/").header(HSTS), Some("max-age=7"));
    let lost = Client::tls(setup.tls, &setup.certificate).ask("/");
    assert_eq!(lost.header(HSTS), Some("max-age=7"));
}

#[test]
fn a_wildcard_name_is_served_end_to_end_and_one_connection_serves_every_name_of_its_certificate() {
    if !needs("pages::a_wildcard_name…", &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let shop = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables(&format!(
        "[[platform]]\nname = \"shops\"\nhosts = [\"*.shop.example.org\", \"shop.example.org\"]\n\
         origins = [\"http://{}\"]\ncertificate = \"shops.pem\"\nkey = \"shops.key\"",
        shop.address
    ));
    let names = ["*.shop.example.org", "shop.example.org", HOST];
    let certificate = Certificate::write(&setup.folder, "shops", &names);
    let _shield = Shield::start(&setup);
    let port = setup.tls.port();
    let ask = |sni: &str, host: &str, version: &str| {
        let mut command = std::process::Command::new("curl");
        command.args(["-sS", version, "--max-time", "10", "-o", "/dev/null"]);
        command.args(["-w", "%{http_code} %{http_version}", "-H", &format!("host: {host}")]);
        command.args(["--resolve", &format!("{sni}:{port}:127.0.0.1"), "--cacert"]);
        command.arg(&certificate.chain).arg(format!("https://{sni}:{port}/"));
        run(&mut command, SOON)
    };
    for (sni, host, status) in [
        ("eu.shop.example.org", "eu.shop.example.org", "200"),
        ("EU.Shop.example.org", "US.shop.example.org", "200"),
        ("shop.example.org", "eu.shop.example.org", "200"),
        // Another platform behind the same certificate.
        ("eu.shop.example.org", HOST, "200"),
        ("eu.shop.example.org", "a.eu.shop.example.org", "421"),
        ("eu.shop.example.org", "example.net", "421"),
    ] {
        for (option, version) in [("--http2", "2"), ("--http1.1", "1.1")] {
            let told = ask(sni, host, option).good();
            assert_eq!(told, format!("{status} {version}"), "{sni} {host}");
        }
    }
    assert_eq!(origin.count(), 2, "by authority, not by the name of the handshake");
    assert_eq!(shop.count(), 6);
    for unknown in ["a.eu.shop.example.org", "example.net"] {
        let refused = ask(unknown, unknown, "--http2");
        assert_eq!(refused.code, Some(35), "{unknown}: {refused:?}");
    }
}

/// A certificate for `host` that ended, or ends, on a day of `year`.
fn ending(setup: &Setup, host: &str, year: i32) {
    let mut parameters = rcgen::CertificateParams::new(vec![host.to_owned()]).expect("a good name");
    parameters.not_after = rcgen::date_time_ymd(year, 1, 1);
    let key = rcgen::KeyPair::generate().expect("the system gives random bytes");
    let certificate = parameters.self_signed(&key).expect("good parameters");
    setup.folder.write("www.pem", certificate.pem());
    setup.folder.write("www.key", key.serialize_pem());
}

#[test]
fn check_notes_what_works_for_some_or_not_for_long() {
    let setup = Setup::before(nobody());
    let close = || {
        let closed = fs::Permissions::from_mode(0o600);
        fs::set_permissions(setup.folder.join("www.key"), closed).expect("it is ours");
    };
    setup.write();
    let notes_of_check = || {
        let ran = say(&["check"], &setup).good();
        let notes = ran.lines().filter_map(|line| line.strip_prefix("note: "));
        // What acts as off is told to everyone.
        notes.filter(|note| !note.starts_with("packet.mode")).map(str::to_owned).collect()
    };
    close();
    assert_eq!(notes_of_check(), Vec::<String>::new());
    let one = |says: &str| {
        let told: Vec<String> = notes_of_check();
        assert!(told.len() == 1 && told[0].contains(says), "{says}: {told:?}");
    };
    fs::set_permissions(setup.folder.join("www.key"), fs::Permissions::from_mode(0o644))
        .expect("it is ours");
    one("www.key can be read by everyone on this machine (mode 0644); run: chmod 600");
    ending(&setup, HOST, 2020);
    close();
    one("expired");
    Certificate::write(&setup.folder, "www", &["other.example.org"]);
    close();
    one(&format!("does not cover {HOST}"));
    Certificate::write(&setup.folder, "www", &["*.example.org"]);
    close();
    assert_eq!(notes_of_check(), Vec::<String>::new(), "a wildcard covers it");
    setup.folder.write("seawall.toml", setup.text().replace("tls = true\n", ""));
    one("no listener speaks TLS");
}
