use super::*;
use crate::connection::Opening;
use crate::watch::NEVER;
use http_body_util::Empty;
use seawall_engine::policy::Standing;

fn connection() -> Connection {
    Connection::new(&Opening {
        peer: "198.51.100.7:4711".parse().unwrap(),
        standing: Standing::Unjudged,
        listener: 0,
        tls: true,
        head_due: NEVER,
    })
}

fn request(uri: &str, fields: &[(&str, &str)]) -> Request<Empty<bytes::Bytes>> {
    let mut request = Request::builder().uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Empty::new()).unwrap()
}

fn rewritten(uri: &str, fields: &[(&str, &str)]) -> Vec<String> {
    let mut request = request(uri, fields);
    rewrite(&mut request, &connection());
    let mut lines = vec![request.uri().to_string()];
    lines.extend(
        request
            .headers()
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())),
    );
    lines[1..].sort();
    lines
}

#[test]
fn the_origin_learns_the_client_from_us_and_not_from_the_client() {
    let forged = [
        ("host", "www.example.org"),
        ("x-forwarded-for", "192.0.2.1"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-port", "1"),
        ("forwarded", "for=192.0.2.1"),
        ("x-real-ip", "192.0.2.1"),
        ("true-client-ip", "192.0.2.1"),
        ("cf-connecting-ip", "192.0.2.1"),
        ("seawall-verdict", "admit"),
    ];
    assert_eq!(
        rewritten("/a?b=c", &forged),
        [
            "/a?b=c",
            "host: www.example.org",
            "x-forwarded-for: 198.51.100.7",
            "x-forwarded-host: www.example.org",
            "x-forwarded-proto: https",
        ]
    );
}

#[test]
fn hop_by_hop_fields_end_here() {
    let fields = [
        ("host", "www.example.org"),
        ("connection", "close, x-secret"),
        ("keep-alive", "timeout=5"),
        ("proxy-connection", "keep-alive"),
        ("x-secret", "1"),
        ("te", "gzip"),
        ("upgrade", "h2c"),
        ("expect", "100-continue"),
        ("accept", "*/*"),
    ];
    let lines = rewritten("/", &fields);
    let kept: Vec<_> = lines
        .iter()
        .filter(|line| !line.starts_with("x-forwarded"))
        .collect();
    // Without `Connection: upgrade` the field `Upgrade` asks for nothing.
    assert_eq!(kept, ["/", "accept: */*", "host: www.example.org"]);
}

#[test]
fn an_http2_authority_becomes_the_host() {
    let lines = rewritten("https://www.example.org/a", &[("accept", "*/*")]);
    assert_eq!(lines[0], "/a");
    assert!(lines.contains(&"host: www.example.org".to_owned()));
}

#[test]
fn http2_is_held_to_the_rules_of_the_gate() {
    for (uri, fields, outcome) in [
        ("https://a.example/", &[][..], Ok(())),
        ("https://a.example/", &[("host", "a.example")], Ok(())),
        (
            "https://a.example/",
            &[("host", "b.example")],
            Err(Reason::Ambiguous),
        ),
        (
            "https://a.example/",
            &[("host", "a.example"), ("host", "a.example")],
            Err(Reason::Ambiguous),
        ),
        ("https://u@a.example/", &[], Err(Reason::Malformed)),
        (
            "https://a.example/",
            &[("x_forwarded_for", "1")],
            Err(Reason::Ambiguous),
        ),
        ("/", &[], Err(Reason::Malformed)),
    ] {
        assert_eq!(check_h2(&request(uri, fields)), outcome, "{uri} {fields:?}");
    }
}
