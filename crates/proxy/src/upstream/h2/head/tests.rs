use super::*;
use crate::client::{Asker, Peer};
use crate::connection::{Connection, Opening};
use crate::pseudonym::Pseudonym;
use crate::watch::NEVER;
use seawall_engine::policy::Standing;

fn made(method: &str, uri: &str, fields: &[(&str, &str)]) -> Option<Request<()>> {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let connection = Connection::new(&Opening {
        holder: "198.51.100.7:4711".parse().unwrap(),
        peer: Peer::Client,
        standing: Standing::Unjudged,
        listener: 0,
        tls: true,
        head_due: NEVER,
    });
    let place = Place::new("h2c://192.0.2.1".parse().unwrap(), None);
    let (connection, asker) = (&connection, &Asker::default());
    let pseudonym = &Pseudonym::drawn_from([1, 2]);
    head(
        &parts,
        &place,
        &Forwarded { connection, asker, pseudonym, via: true, upgrade: false, secret: None },
    )
}

#[test]
fn the_authority_is_the_clients_host_and_the_scheme_the_origins() {
    for (uri, host) in
        [("/a?b=c", Some("www.example.org:81")), ("https://www.example.org:81/a?b=c", None)]
    {
        let fields: Vec<_> = host.map(|host| ("host", host)).into_iter().collect();
        let head = made("PUT", uri, &fields).unwrap();
        assert_eq!(head.uri().to_string(), "http://www.example.org:81/a?b=c");
        assert_eq!((head.method().as_str(), head.headers().get("host")), ("PUT", None));
        assert_eq!(head.headers()["x-forwarded-host"], "www.example.org:81");
    }
    assert!(made("GET", "/", &[]).is_none());
    let queried = made("GET", "https://www.example.org?a", &[]).unwrap();
    assert_eq!(queried.uri().path_and_query().unwrap().as_str(), "/?a");
}

#[test]
fn what_concerns_one_connection_and_what_is_forged_does_not_pass() {
    let head = made(
        "GET",
        "/",
        &[
            ("host", "www.example.org"),
            ("connection", "keep-alive, x-mine"),
            ("keep-alive", "timeout=5"),
            ("transfer-encoding", "chunked"),
            ("upgrade", "websocket"),
            ("x-mine", "1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("expect", "100-continue"),
            ("te", "gzip, trailers"),
            ("cookie", "a=b"),
            ("cookie", "c=d"),
            ("accept", "*/*"),
        ],
    );
    let head = head.unwrap();
    let mut names: Vec<_> = head.headers().keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let ours = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"];
    let (said, passed): (Vec<_>, Vec<_>) = names.into_iter().partition(|name| ours.contains(name));
    assert_eq!((said, passed), (ours.to_vec(), vec!["accept", "cookie", "te"]));
    let told = head.headers()["forwarded"].to_str().unwrap();
    let by = told.strip_prefix("for=198.51.100.7;host=www.example.org;proto=https;by=_seawall-");
    assert_eq!(by.map(str::len), Some(8), "{told}");
    assert_eq!(head.headers()["te"], "trailers");
    assert_eq!(head.headers()["x-forwarded-for"], "198.51.100.7");
    assert_eq!(head.headers().get_all("cookie").iter().count(), 2);
}
