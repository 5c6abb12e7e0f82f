use super::*;
use crate::client::Peer;
use crate::connection::Opening;
use crate::watch::NEVER;
use http::Request;
use seawall_engine::policy::Standing;

fn connection() -> Connection {
    Connection::new(&Opening {
        holder: "198.51.100.7:4711".parse().unwrap(),
        peer: Peer::Client,
        standing: Standing::Unjudged,
        listener: 0,
        tls: true,
        head_due: NEVER,
    })
}

fn written(
    method: &str,
    uri: &str,
    fields: &[(&str, &str)],
    framing: UploadFraming,
) -> Vec<String> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let connection = connection();
    let upgrade = fields.contains(&("connection", "Upgrade"));
    let (connection, asker) = (&connection, &Asker::default());
    let pseudonym = &Pseudonym::drawn_from([1, 2]);
    let forwarded = Forwarded { connection, asker, pseudonym, via: true, upgrade, secret: None };
    let head = write_head(Vec::new(), (&parts, framing), &forwarded);
    let text = String::from_utf8(head).unwrap();
    let via = std::str::from_utf8(pseudonym.via(Version::HTTP_11)).unwrap().trim_end();
    let ours = ["x-forwarded-for: 198.51.100.7", "x-forwarded-proto: https", via];
    assert!(ours.iter().all(|line| text.contains(line)), "{text}");
    assert!(text.ends_with("\r\n\r\n"));
    let lines = text.trim_end().split("\r\n").filter(|line| !ours.contains(line));
    let is_ours = |line: &&str| {
        line.starts_with("x-forwarded-host") || line.starts_with("forwarded: for=198.51.100.7")
    };
    lines.filter(|line| !is_ours(line)).map(str::to_owned).collect()
}

#[test]
fn the_origin_learns_the_client_from_us_and_not_from_the_client() {
    let forged = [
        ("host", "www.example.org"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-server", "a"),
        ("x-original-forwarded-for", "192.0.2.1"),
        ("forwarded", "for=192.0.2.1"),
        ("x-real-ip", "192.0.2.1"),
        ("x-client-ip", "192.0.2.1"),
        ("client-ip", "192.0.2.1"),
        ("x-cluster-client-ip", "192.0.2.1"),
        ("true-client-ip", "192.0.2.1"),
        ("cf-connecting-ip", "192.0.2.1"),
        ("fastly-client-ip", "192.0.2.1"),
        ("seawall-verdict", "admit"),
        ("accept", "*/*"),
    ];
    let lines = written("GET", "/a?b=c", &forged, UploadFraming::None);
    assert_eq!(lines, ["GET /a?b=c HTTP/1.1", "host: www.example.org", "accept: */*"]);
}

#[test]
fn hop_by_hop_fields_end_here() {
    let fields = [
        ("host", "www.example.org"),
        ("connection", "close"),
        ("connection", "keep-alive, X-Secret"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("proxy-authorization", "Basic eA=="),
        ("x-secret", "1"),
        ("te", "gzip"),
        ("http2-settings", "AAMAAABkAAQAoAAAAAIAAAAA"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("transfer-encoding", "chunked"),
        ("accept", "*/*"),
    ];
    let lines = written("POST", "/", &fields, UploadFraming::Chunked);
    let expected = [
        "POST / HTTP/1.1",
        "host: www.example.org",
        "accept: */*",
        "expect: 100-continue",
        "transfer-encoding: chunked",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_expectation_reaches_the_origin_only_when_a_body_follows() {
    let fields = [("host", "a.example"), ("expect", "100-Continue"), ("content-length", "3")];
    let lines = written("PUT", "/", &fields, UploadFraming::Length);
    assert!(lines.iter().any(|line| line == "expect: 100-continue"), "{lines:?}");
    let lines = written("GET", "/", &fields[..2], UploadFraming::None);
    assert_eq!(lines, ["GET / HTTP/1.1", "host: a.example"]);
}

#[test]
fn an_upgrade_reaches_the_origin_and_its_protocol_with_it() {
    let fields = [
        ("host", "www.example.org"),
        ("connection", "Upgrade"),
        ("upgrade", "websocket"),
        ("sec-websocket-version", "13"),
    ];
    let lines = written("GET", "/chat", &fields, UploadFraming::None);
    let expected = [
        "GET /chat HTTP/1.1",
        "host: www.example.org",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        "connection: upgrade",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn an_http2_authority_becomes_the_host() {
    let lines = written("GET", "https://www.example.org/a", &[], UploadFraming::None);
    assert_eq!(lines, ["GET /a HTTP/1.1", "host: www.example.org"]);
}

#[test]
fn a_body_is_framed_by_its_length_when_there_is_one() {
    let host = ("host", "www.example.org");
    let with_length = [host, ("content-length", "3")];
    let lines = written("POST", "/", &with_length, UploadFraming::Length);
    assert_eq!(lines, ["POST / HTTP/1.1", "host: www.example.org", "content-length: 3"]);
    let lines = written("POST", "/", &[host], UploadFraming::None);
    assert_eq!(lines, ["POST / HTTP/1.1", "host: www.example.org", "content-length: 0"]);
    let lines = written("DELETE", "/", &[host], UploadFraming::None);
    assert_eq!(lines, ["DELETE / HTTP/1.1", "host: www.example.org"]);
}

#[test]
fn crumbs_of_a_cookie_become_one_field() {
    let fields = [("host", "a.example"), ("cookie", "a=1"), ("cookie", "b=2"), ("accept", "*/*")];
    let lines = written("GET", "/", &fields, UploadFraming::None);
    assert_eq!(lines, ["GET / HTTP/1.1", "host: a.example", "cookie: a=1; b=2", "accept: */*"]);
}

#[test]
fn fields_keep_their_order_and_their_repetitions() {
    let fields = [
        ("x-b", "1"),
        ("host", "a.example"),
        ("x-a", ""),
        ("cookie", "a=1"),
        ("x-c", "1"),
        ("x-c", "2, 3"),
        ("accept", "*/*"),
    ];
    let lines = written("GET", "/", &fields, UploadFraming::None);
    let expected = [
        "GET / HTTP/1.1",
        "host: a.example",
        "x-b: 1",
        "x-a: ",
        "cookie: a=1",
        "x-c: 1",
        "x-c: 2, 3",
        "accept: */*",
    ];
    assert_eq!(lines, expected);
}

#[test]
fn of_te_only_the_wish_for_trailers_reaches_the_origin() {
    let host = ("host", "a.example");
    let head = ["GET / HTTP/1.1", "host: a.example"];
    let wish = ["te: trailers", "connection: te"];
    for (te, wishes) in [
        ("trailers", true),
        ("Trailers", true),
        ("gzip;q=0.5, trailers", true),
        ("gzip", false),
        ("", false),
        ("nottrailers", false),
    ] {
        let lines = written("GET", "/", &[host, ("te", te)], UploadFraming::None);
        let expected = if wishes { [&head[..], &wish].concat() } else { head.to_vec() };
        assert_eq!(lines, expected, "{te}");
    }
    let both = [host, ("connection", "Upgrade"), ("te", "trailers"), ("upgrade", "websocket")];
    let lines = written("GET", "/", &both, UploadFraming::None);
    assert_eq!(lines[2..], ["upgrade: websocket", "te: trailers", "connection: upgrade, te"]);
}

#[test]
fn a_query_without_a_path_gets_the_root() {
    let lines = written("GET", "http://a.example?x=1", &[], UploadFraming::None);
    assert_eq!(lines, ["GET /?x=1 HTTP/1.1", "host: a.example"]);
}

#[test]
fn what_is_said_of_a_client_reads_the_same_each_time() {
    let secret = OriginSecret {
        name: HeaderName::from_static("x-secret"),
        value: HeaderValue::from_static("s"),
    };
    let (known, asker) = (connection(), &Asker::default());
    let pseudonym = &Pseudonym::drawn_from([1, 2]);
    let hosts = ["a.example", "b.example:8080", "a.example", "a.example", "b.example:8080"];
    for (host, secret) in hosts.into_iter().zip([None, Some(&secret), None, Some(&secret), None]) {
        let request = Request::builder().uri("/").header("host", host).body(()).unwrap();
        let (parts, ()) = request.into_parts();
        let said_on = |connection: &Connection| {
            let forwarded =
                Forwarded { connection, asker, pseudonym, via: true, upgrade: false, secret };
            write_head(Vec::new(), (&parts, UploadFraming::None), &forwarded)
        };
        let (again, anew) = (said_on(&known), said_on(&connection()));
        assert_eq!(String::from_utf8(again).unwrap(), String::from_utf8(anew).unwrap());
    }
}

#[test]
fn the_secret_is_ours_alone() {
    let secret = OriginSecret {
        name: HeaderName::from_static("x-ours"),
        value: HeaderValue::from_static("0123456789abcdef"),
    };
    let lines = |method: &str| {
        let request = Request::builder().method(method).uri("/").header("X-Ours", "forged");
        let (parts, ()) = request.body(()).unwrap().into_parts();
        let connection = connection();
        let (connection, asker) = (&connection, &Asker::default());
        let (pseudonym, secret) = (&Pseudonym::drawn_from([1, 2]), Some(&secret));
        let forwarded =
            Forwarded { connection, asker, pseudonym, via: true, upgrade: false, secret };
        let head = write_head(Vec::new(), (&parts, UploadFraming::None), &forwarded);
        let text = String::from_utf8(head).unwrap();
        text.lines().filter(|line| line.starts_with("x-ours")).map(str::to_owned).collect()
    };
    let written: Vec<String> = lines("GET");
    assert_eq!(written, ["x-ours: 0123456789abcdef"]);
}

#[test]
fn hops_are_counted_down_for_the_method_that_counts_them() {
    let host = ("host", "a.example");
    for (method, sent, written_on) in [
        ("OPTIONS", "3", "2"),
        ("OPTIONS", "1", "0"),
        ("OPTIONS", "many", "many"),
        ("OPTIONS", "", ""),
        ("GET", "3", "3"),
    ] {
        let lines = written(method, "/", &[host, ("max-forwards", sent)], UploadFraming::None);
        assert_eq!(lines[2], format!("max-forwards: {written_on}"), "{method} {sent}");
    }
}
