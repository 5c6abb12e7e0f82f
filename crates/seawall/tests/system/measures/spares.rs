//! Whom measures do not meet, and what they do not do.

use super::{add, known, origin, setup, source, started, told, wanted};
use crate::fixtures::shield::metric;
use crate::fixtures::{Client, Counting, Ended, HOST, SOON, Setup, wait_for};
use serde_json::json;
use std::net::Ipv4Addr;
use std::time::Duration;

#[test]
fn who_is_on_the_allow_list_is_never_met() {
    let origin = origin();
    let setup = setup(&origin).tables("[allow]\nnetworks = [\"127.0.7.0/24\"]");
    let _shield = started(&setup);
    for (matches, rung) in [
        (json!({"source": "127.0.0.0/8"}), "drop"),
        (json!({"source": "127.0.7.7"}), "refuse"),
        (json!({"path": "/"}), "refuse"),
        (json!({"signature": "method=GET"}), "challenge"),
    ] {
        add(&setup, &wanted(&matches, rung));
        let told = told((Ipv4Addr::new(127, 0, 7, 7), setup.plain), "/");
        assert_eq!(told, (200, String::new()), "{rung}");
    }
    let mut other = Client::from_source(Ipv4Addr::new(127, 0, 6, 1), setup.plain);
    other.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(other.rest(), (Vec::new(), Ended::Reset), "the list is not everybody");
}

#[test]
fn an_observed_platform_only_says_what_would_have_been() {
    let origin = origin();
    let setup = setup(&origin).platform("mode = \"observe\"");
    let _shield = started(&setup);
    let id = add(&setup, &wanted(&json!({"path": "/"}), "refuse"));
    for _ in 0..5 {
        assert_eq!(told((source(1), setup.plain), "/"), (200, String::new()));
    }
    wait_for("its counts", SOON, || {
        let known = known(&setup, &id);
        (known["met"] == 5 && known["stopped"] == 0).then_some(())
    });
    let name = "seawall_requests_total{platform=\"www\",verdict=\"admit\",reason=\"operator\"}";
    wait_for("that it is counted", SOON, || (metric(&setup, name) == Some(5.0)).then_some(()));
}

#[test]
fn behind_a_trusted_proxy_who_would_be_dropped_is_refused_and_others_are_served() {
    let origin = origin();
    let trusted = "[trusted]\nnetworks = [\"127.0.5.0/24\"]\nheader = \"X-Forwarded-For\"";
    let setup = setup(&origin).tables(trusted);
    let _shield = started(&setup);
    add(&setup, &wanted(&json!({"source": "192.0.2.0/24"}), "drop"));
    let mut proxy = Client::from_source(source(1), setup.plain);
    for (client, status) in [("192.0.2.7", 403), ("198.51.100.7", 200), ("192.0.2.8", 403)] {
        proxy.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nx-forwarded-for: {client}\r\n\r\n"));
        assert_eq!(proxy.answer().status, status, "{client}");
    }
}

#[test]
fn who_was_known_before_passes_a_challenge_and_a_lane_and_not_a_refusal() {
    let origin = Counting::start(Duration::from_millis(5));
    let setup: Setup = setup(&origin).platform("capacity = \"4 concurrent\"");
    let _shield = started(&setup);
    let page = "accept: text/html,*/*;q=0.8\r\n";
    let part = "accept: image/avif,*/*;q=0.8\r\nreferer: http://www.example.org/\r\n";
    let visitor = |fields: &str| {
        let mut client = Client::from_source(source(1), setup.plain);
        client.send(format!(
            "GET / HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: browser\r\n{fields}connection: close\r\n\r\n"
        ));
        client.answer().status
    };
    for _ in 0..3 {
        assert_eq!((visitor(page), visitor(part)), (200, 200));
        std::thread::sleep(Duration::from_millis(300));
    }
    let id = add(&setup, &wanted(&json!({"source": "127.0.5.0/24"}), "challenge"));
    assert_eq!(visitor(page), 200, "known before");
    assert_eq!(told((source(2), setup.plain), "/"), (503, "hold".to_owned()));
    wait_for("its counts", SOON, || {
        let known = known(&setup, &id);
        (known["met"] == 2 && known["met_proven"] == 1 && known["stopped"] == 1).then_some(())
    });
    add(&setup, &wanted(&json!({"source": "127.0.5.0/24"}), "refuse"));
    assert_eq!(visitor(page), 403, "a refusal meets everybody");
}
