//! What one source may take, and what it is told when it takes more.

use crate::fixtures::curl::{Told, Way, ask_all};
use crate::fixtures::shield::control;
use crate::fixtures::{Client, Ended, HOST, Nginx, SOON, Setup, Shield, needs, wait_for};
use std::net::Ipv4Addr;

/// A budget that is not refilled while a test runs: two requests, then one every 50 s.
const TWO: &str = "[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 2";

fn source(last: u8) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 3, last)
}

fn words(told: &[Told]) -> Vec<(u16, &str)> {
    let word = |told: &Told| match &told.verdict {
        Some(verdict) if verdict == "limit" => "limit",
        Some(verdict) if verdict == "refuse" => "refuse",
        Some(verdict) if verdict == "error" => "error",
        Some(_) => "another",
        None => "",
    };
    told.iter().map(|told| (told.status, word(told))).collect()
}

#[test]
fn a_request_over_the_rate_is_limited_or_refused_by_every_way() {
    if !needs("limits::a_request_over_the_rate…", &["nginx", "curl"]) {
        return;
    }
    let origin = Nginx::start();
    for (on_exceed, status, word) in [("limit", 429, "limit"), ("refuse", 403, "refuse")] {
        let tables = format!("{TWO}\non_exceed = \"{on_exceed}\"");
        let setup = Setup::before(origin.address).tables(&tables);
        let _shield = Shield::start(&setup);
        for (number, way) in (1..).zip(Way::ALL) {
            let told = ask_all(&setup, way, source(number), &["/", "/", "/", "/"]);
            let (over, free) = ((status, word), (200, ""));
            assert_eq!(words(&told), [free, free, over, over], "{way:?}");
            assert!(told.iter().all(|told| told.version == way.version()), "{told:?}");
        }
    }
}

#[test]
fn a_request_over_the_rate_may_be_dropped_without_a_byte() {
    if !needs("limits::a_request_over_the_rate_may_be_dropped…", &["nginx", "curl"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables(&format!("{TWO}\non_exceed = \"drop\""));
    let _shield = Shield::start(&setup);
    for (number, way) in (1..).zip(Way::ALL) {
        let told = ask_all(&setup, way, source(number), &["/", "/", "/"]);
        assert_eq!(words(&told), [(200, ""), (200, ""), (0, "")], "{way:?}");
    }
    let mut kept = Client::from_source(source(11), setup.plain);
    assert_eq!((kept.ask("/").status, kept.ask("/").status), (200, 200));
    kept.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(kept.rest(), (Vec::new(), Ended::Reset));
    let mut fresh = Client::from_source(source(11), setup.plain);
    fresh.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(fresh.rest(), (Vec::new(), Ended::Reset));
}

#[test]
fn a_source_over_the_rate_may_be_answered_once_and_then_reset_at_accept() {
    if !needs("limits::a_source_over_the_rate_may…", &["nginx", "curl"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables(&format!("{TWO}\non_exceed = \"accept\""));
    let _shield = Shield::start(&setup);
    for (number, way) in (1..).zip(Way::ALL) {
        let told = ask_all(&setup, way, source(number), &["/", "/", "/", "/"]);
        let expected = [(200, ""), (200, ""), (429, "limit"), (0, "")];
        assert_eq!(words(&told), expected, "{way:?}");
        let mut fresh = Client::from_source(source(number), setup.plain);
        // It may be reset before it has sent.
        let _ = fresh.try_send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        assert_eq!(fresh.rest(), (Vec::new(), Ended::Reset), "{way:?}");
    }
    let other = ask_all(&setup, Way::TlsH2, source(9), &["/"]);
    assert_eq!(words(&other), [(200, "")], "another source is not concerned");
}

#[test]
fn a_source_on_the_allow_list_is_never_limited() {
    if !needs("limits::a_source_on_the_allow_list…", &["nginx", "curl"]) {
        return;
    }
    let origin = Nginx::start();
    let tables = format!("{TWO}\non_exceed = \"drop\"\n[allow]\nnetworks = [\"127.0.7.0/24\"]");
    let setup = Setup::before(origin.address).tables(&tables);
    let _shield = Shield::start(&setup);
    for way in Way::ALL {
        let told = ask_all(&setup, way, Ipv4Addr::new(127, 0, 7, 1), &["/"; 12]);
        assert!(told.iter().all(|told| told.status == 200), "{way:?} {told:?}");
    }
    let told = ask_all(&setup, Way::PlainH1, source(1), &["/"; 3]);
    assert_eq!(told.last().map(|told| told.status), Some(0), "the list is not everybody");
}

#[test]
fn one_source_cannot_hold_more_connections_than_it_may() {
    if !needs("limits::one_source_cannot_hold…", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables("[limits]\nsource_connections = 3");
    let _shield = Shield::start(&setup);
    let mut held: Vec<_> = (0..3).map(|_| Client::from_source(source(1), setup.plain)).collect();
    for client in &mut held {
        assert_eq!(client.ask("/").status, 200);
    }
    let mut fourth = Client::from_source(source(1), setup.plain);
    let _ = fourth.try_send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(fourth.rest(), (Vec::new(), Ended::Reset));
    assert_eq!(Client::from_source(source(2), setup.plain).ask("/").status, 200);
    for client in &mut held {
        assert_eq!(client.ask("/").status, 200, "those within the limit stay");
    }
}

#[test]
fn an_observed_platform_admits_everything_and_says_what_it_would_have_done() {
    if !needs("limits::an_observed_platform…", &["nginx", "curl"]) {
        return;
    }
    let origin = Nginx::start();
    for on_exceed in ["limit", "drop", "accept"] {
        let setup = Setup::before(origin.address)
            .platform("mode = \"observe\"")
            .tables(&format!("{TWO}\non_exceed = \"{on_exceed}\""));
        let shield = Shield::start(&setup);
        assert!(shield.err().contains("observed only"), "{}", shield.err());
        for (number, way) in (1..).zip(Way::ALL) {
            let told = ask_all(&setup, way, source(number), &["/"; 4]);
            assert_eq!(words(&told), [(200, ""); 4], "{on_exceed} {way:?}");
        }
        wait_for("what it would have done", SOON, || {
            let page = control(&setup, "/").text();
            page.contains("not carried out, on www</dt><dd>8</dd>").then_some(())
        });
        let metrics = control(&setup, "/metrics").text();
        let over = "seawall_requests_total{platform=\"www\",verdict=\"admit\",reason=\"rate\"} 8";
        assert!(metrics.contains(over), "{metrics}");
    }
}
