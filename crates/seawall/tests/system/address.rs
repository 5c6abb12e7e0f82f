//! Who the client is: behind trusted proxies whom they announce or name, else whoever connects.

mod cases;
mod front;

use crate::fixtures::curl::{Way, curl};
use crate::fixtures::records::records;
use crate::fixtures::shield::open_connections;
use crate::fixtures::{Answer, Client, Ended, HOST, SOON, figure, needs, run, wait_for};
use cases::{Believes, Case, Outcome};
use front::{Door, ELSE, Front, PROXY, TRUSTED, Talk, ask, v2, v4_block};
use serde_json::Value;
use std::time::{Duration, Instant};

/// What a forged address begins with.
const FORGED: &str = "203.0.113.";
/// A budget that is not refilled while a test runs: two requests.
const TWO: &str = "[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 2";

fn header_of(believes: Believes) -> String {
    let header = match believes {
        Believes::Nobody => return String::new(),
        Believes::XForwardedFor => "X-Forwarded-For",
        Believes::Forwarded => "Forwarded",
        Believes::CfConnectingIp => "CF-Connecting-IP",
    };
    format!("{TRUSTED}\nheader = \"{header}\"")
}

/// The values of a field in the head that an origin was sent.
fn fields<'a>(head: &'a str, name: &str) -> Vec<&'a str> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value).collect()
}

/// Sends one case; its path tells it apart.
fn send(front: &Front, case: &Case, path: &str) -> Option<u16> {
    let fields: Vec<_> = case.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut client = front.connect(case.way, case.talk, &case.announcement);
    ask(&mut client, case.talk, path, &fields)
}

/// Compares what origin and record say with what is right.
fn check(case: &Case, (head, record): (Option<&str>, Option<&Value>)) {
    let (client, proto) = match case.outcome {
        Outcome::Refused => {
            assert_eq!((head, record), (None, None), "{}: {case:?}", case.name);
            return;
        }
        Outcome::Client(client) => (client, "http"),
        Outcome::Secure(client) => (client, "https"),
    };
    let head = head.unwrap_or_else(|| panic!("no request at the origin: {}: {case:?}", case.name));
    assert_eq!(fields(head, "x-forwarded-for"), [client], "{case:?}\n{head}");
    assert_eq!(fields(head, "x-forwarded-proto"), [proto], "{case:?}\n{head}");
    assert!(!head.contains(FORGED), "{case:?}\n{head}");
    let record = record.unwrap_or_else(|| panic!("no record: {case:?}"));
    assert_eq!(record["src"], client, "{case:?}");
    let is_tls = matches!(case.way.1, Door::Tls | Door::AnnouncedTls);
    // Fingerprints are those of whoever connects, so that a proxy's are nobody's.
    let is_own = case.way.0 == ELSE || case.believes == Believes::Nobody;
    for (fingerprint, is_spoken) in [("ja4", is_tls), ("h2", case.talk == Talk::H2)] {
        // Empty where there is none; nothing at all where it is not the client's own.
        let told = record[fingerprint].as_str().map(|text| !text.is_empty());
        assert_eq!(told, is_own.then_some(is_spoken), "{fingerprint} {case:?} {record}");
    }
}

#[test]
fn the_client_is_right_whatever_is_forged() {
    let cases = cases::all();
    let mut right = 0;
    for believes in
        [Believes::XForwardedFor, Believes::Forwarded, Believes::CfConnectingIp, Believes::Nobody]
    {
        let front = Front::start(&header_of(believes), "[log]\nrequests = \"all\"");
        let mine: Vec<_> = cases.iter().filter(|case| case.believes == believes).collect();
        for (number, case) in mine.iter().enumerate() {
            let status = send(&front, case, &format!("/{number}/"));
            match (case.outcome, case.talk) {
                (Outcome::Refused, _) => assert!(matches!(status, None | Some(400)), "{case:?}"),
                (_, Talk::WebSocket) => assert_eq!(status, Some(101), "{case:?}"),
                (_, Talk::H1 | Talk::H2) => assert_eq!(status, Some(200), "{case:?}"),
            }
        }
        let served = mine.iter().filter(|case| case.outcome != Outcome::Refused).count();
        let heads = front.origin.heads();
        assert_eq!(heads.len(), served, "requests at the origin");
        let recorded = wait_for("record of every request", SOON, || {
            let records = records(&front.setup);
            let numbered = |record: &&Value| record["path"] != "/";
            (records.iter().filter(numbered).count() == served).then_some(records)
        });
        for (number, case) in mine.iter().enumerate() {
            let path = format!("/{number}/");
            let asks = format!("GET {path} ");
            let head = heads.iter().find(|head| head.starts_with(&asks));
            let record = recorded.iter().find(|record| record["path"] == path);
            check(case, (head.map(String::as_str), record));
            right += 1;
        }
    }
    assert_eq!(right, cases.len());
    figure("address.combinations", right, "combinations");
}

/// Asks on a kept connection of a proxy that names `client`.
fn named(proxy: &mut Client<std::net::TcpStream>, client: &str) -> Answer {
    proxy.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nx-forwarded-for: {client}\r\n\r\n"));
    proxy.answer()
}

#[test]
fn a_limit_hits_the_client_that_a_proxy_names_and_no_other() {
    for (on_exceed, status) in [("limit", 429), ("refuse", 403), ("drop", 403), ("accept", 429)] {
        let more = format!(
            "{TWO}\non_exceed = \"{on_exceed}\"\nsource_connections = 2\n\
             [allow]\nnetworks = [\"192.0.2.128/25\"]"
        );
        let front = Front::start(&header_of(Believes::XForwardedFor), &more);
        let mut proxy = Client::from_source(PROXY, front.setup.plain);
        let mut told = |client: &str| {
            let answer = named(&mut proxy, client);
            (answer.status, answer.header("connection").map(str::to_owned))
        };
        let ok = (200, None);
        // The proxy itself is over first, which is nobody else's concern.
        let own: Vec<_> = (0..3).map(|_| told("unknown")).collect();
        assert_eq!(own, [ok.clone(), ok.clone(), (status, None)], "{on_exceed}");
        for client in ["192.0.2.1", "203.0.113.9, 192.0.2.2", "2001:db8::1", "2001:db8:0:0:9::9"] {
            assert_eq!(told(client), ok, "{on_exceed} {client}");
        }
        assert_eq!(told("192.0.2.1"), ok, "{on_exceed}");
        // One /64 is one source.
        for over in ["192.0.2.1", "203.0.113.9, 192.0.2.1, 10.0.0.1", "2001:db8::2"] {
            assert_eq!(told(over), (status, None), "{on_exceed} {over}: the connection is kept");
        }
        for free in ["192.0.2.2", "192.0.2.3", "192.0.2.200"] {
            assert_eq!(told(free), ok, "{on_exceed} {free}");
        }
        for _ in 0..6 {
            assert_eq!(told("192.0.2.200"), ok, "{on_exceed}: on the allow list");
        }
        // A proxy holds as many connections as it likes.
        let mut held: Vec<_> =
            (0..5).map(|_| Client::from_source(PROXY, front.setup.plain)).collect();
        for (number, proxy) in held.iter_mut().enumerate() {
            assert_eq!(named(proxy, &format!("192.0.2.{}", 20 + number)).status, 200);
            assert_eq!(named(proxy, "192.0.2.1").status, status, "{on_exceed}: and is known there");
        }
    }
}

#[test]
fn a_limit_hits_the_client_of_a_stream_and_no_other() {
    if !needs("address::a_limit_hits_the_client_of_a_stream…", &["curl"]) {
        return;
    }
    let more = format!("{TWO}\non_exceed = \"accept\"");
    let front = Front::start(&header_of(Believes::XForwardedFor), &more);
    for (client, expected) in [
        ("192.0.2.1", "200 200 429 429 "),
        ("2001:db8::1", "200 200 429 429 "),
        ("203.0.113.9, 192.0.2.1", "429 429 429 429 "),
        ("192.0.2.1, 192.0.2.2", "200 200 429 429 "),
    ] {
        let mut command = curl(&front.setup, Way::TlsH2, PROXY);
        command.args(["--write-out", "%{http_code} ", "-H"]);
        command.arg(format!("x-forwarded-for: {client}"));
        for _ in 0..4 {
            command.args(["--output", "/dev/null"]).arg(Way::TlsH2.url(&front.setup, "/"));
        }
        assert_eq!(run(&mut command, SOON * 2).good(), expected, "{client}");
    }
}

/// One request of a client that the proxy announces, on a connection of its own.
fn announced(front: &Front, last: u8) -> (Client<Box<dyn front::Stream>>, Option<u16>) {
    let header = v2(0x21, 0x11, &v4_block([192, 0, 2, last]));
    let mut client = front.connect((PROXY, Door::Announced), Talk::H1, &[header]);
    let status = ask(&mut client, Talk::H1, "/", &[]);
    (client, status)
}

#[test]
fn a_limit_hits_the_client_that_a_proxy_announces_and_no_other() {
    for (on_exceed, status) in [("limit", 429), ("refuse", 403), ("drop", 403), ("accept", 429)] {
        let more = format!("{TWO}\non_exceed = \"{on_exceed}\"");
        let front = Front::start(&header_of(Believes::XForwardedFor), &more);
        let told: Vec<_> = (0..5).map(|_| announced(&front, 1).1).collect();
        let over = Some(status);
        assert_eq!(told, [Some(200), Some(200), over, over, over], "{on_exceed}: never reset");
        assert_eq!(announced(&front, 2).1, Some(200), "{on_exceed}: another");
        let (mut kept, first) = announced(&front, 3);
        let second = ask(&mut kept, Talk::H1, "/", &[]);
        let third = ask(&mut kept, Talk::H1, "/", &[]);
        assert_eq!((first, second, third), (Some(200), Some(200), over), "{on_exceed}: kept");
    }
}

#[test]
fn too_many_connections_of_an_announced_client_are_refused_and_not_reset() {
    let more = "[limits]\nsource_connections = 2";
    let front = Front::start(&header_of(Believes::XForwardedFor), more);
    let (_first, one) = announced(&front, 1);
    let (second, two) = announced(&front, 1);
    assert_eq!((one, two), (Some(200), Some(200)));
    let header = v2(0x21, 0x11, &v4_block([192, 0, 2, 1]));
    let mut third = front.connect((PROXY, Door::Announced), Talk::H1, &[header]);
    third.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    let answer = third.answer();
    assert_eq!(answer.status, 403);
    let (verdict, code) = answer.verdict().expect("it is ours");
    assert_eq!((verdict, code.split('.').next()), ("refuse", Some("connections")));
    assert_eq!(announced(&front, 2).1, Some(200), "another client is not concerned");
    drop(second);
    wait_for("place of the connection that ended", SOON, || {
        (announced(&front, 1).1 == Some(200)).then_some(())
    });
}

#[test]
fn a_proxy_that_announces_nobody_in_time_is_left() {
    let front =
        Front::start(&header_of(Believes::XForwardedFor), "[timeouts]\nhandshake = \"500ms\"");
    for start in [&b""[..], b"PROXY TCP4 192.0.2.1 ", b"\r\n\r\n\0\r\nQUIT\n"] {
        let began = Instant::now();
        let mut silent = front.connect((PROXY, Door::Announced), Talk::H1, &[start.to_vec()]);
        let (said, ended) = silent.rest();
        assert_eq!((said, ended), (Vec::new(), Ended::Closed), "{start:?}");
        // A second more for the kernel, which waits for first bytes.
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    let told = "had no PROXY header and was closed";
    wait_for("word of it in the log", SOON, || front.shield.err().contains(told).then_some(()));
    assert_eq!(front.shield.err().matches(told).count(), 1, "said once");
    let address = front.at(Door::Announced);
    wait_for("end of every connection", SOON, || {
        (open_connections(&front.setup, address) == Some(0.0)).then_some(())
    });
    assert_eq!(announced(&front, 1).1, Some(200));
}

#[test]
fn who_came_to_a_proxy_over_https_is_not_sent_there_again() {
    let redirecting = crate::fixtures::ports::free_address();
    let more = format!("[[listener]]\naddress = \"{redirecting}\"\nredirect_https = true");
    let _front = Front::start(&header_of(Believes::XForwardedFor), &more);
    for (source, proto, status) in
        [(PROXY, "https", 200), (PROXY, "http", 308), (ELSE, "https", 308)]
    {
        let mut client = Client::from_source(source, redirecting);
        client
            .send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nx-forwarded-proto: {proto}\r\n\r\n"));
        assert_eq!(client.answer().status, status, "{source} {proto}");
    }
}
