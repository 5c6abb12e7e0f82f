//! Each rung acts, on every core, and no longer than it stands.

use super::{MANY, add, known, lift, origin, setup, source, started, told, wanted, words};
use crate::fixtures::curl::{Way, ask_all};
use crate::fixtures::{Client, Ended, HOST, SOON, countries, figure, needs, wait_for};
use serde_json::json;
use std::time::{Duration, Instant};

#[test]
fn every_rung_acts_on_both_cores_before_the_command_has_its_answer_and_ends_when_it_is_lifted() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let mut kept: Vec<_> = (0..MANY).map(|_| Client::from_source(source(1), setup.plain)).collect();
    for client in &mut kept {
        assert_eq!(client.ask("/").status, 200);
    }
    let mut took = Vec::new();
    for (rung, expected) in [
        ("watch", (200, "")),
        ("lane", (200, "")),
        ("challenge", (503, "hold")),
        ("refuse", (403, "refuse")),
    ] {
        let began = Instant::now();
        let id = add(&setup, &wanted(&json!({"source": "127.0.5.0/24"}), rung));
        took.push(began.elapsed());
        for client in &mut kept {
            let (status, verdict) = words(&client.ask("/"));
            assert_eq!((status, verdict.as_str()), expected, "{rung}");
        }
        assert_eq!(told((source(9), setup.plain), "/").0, expected.0, "{rung}");
        let other = std::net::Ipv4Addr::new(127, 0, 6, 1);
        assert_eq!(told((other, setup.plain), "/").0, 200, "another network is not concerned");
        lift(&setup, &id);
        for client in &mut kept {
            assert_eq!(client.ask("/").status, 200, "{rung} was lifted");
        }
    }
    took.sort();
    figure("measures.acts", took[took.len() - 1].as_millis(), "ms");
    // Two looks of the engine would be half a second.
    assert!(took[2] < Duration::from_millis(300), "{took:?}");
}

#[test]
fn a_measure_meets_by_every_way_and_drops_without_a_byte() {
    if !needs("measures::a_measure_meets_by_every_way…", &["curl"]) {
        return;
    }
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    for (rung, status) in [("refuse", 403), ("drop", 0)] {
        let id = add(&setup, &wanted(&json!({"path": "/shop"}), rung));
        for way in Way::ALL {
            let told = ask_all(&setup, way, source(2), &["/", "/shopping"]);
            assert!(told.iter().all(|told| told.status == 200), "{way:?} {told:?}");
            let told = ask_all(&setup, way, source(2), &["/shop/cart?x=1"]);
            assert_eq!(told[0].status, status, "{way:?} {told:?}");
        }
        lift(&setup, &id);
    }
    add(&setup, &wanted(&json!({"path": "/shop"}), "drop"));
    let mut client = Client::from_source(source(2), setup.plain);
    client.send(format!("GET /shop HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert_eq!(client.rest(), (Vec::new(), Ended::Reset));
}

#[test]
fn a_signature_meets_who_shows_all_of_it() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let signature = "path=/login and ua=test and headers=user-agent,connection";
    add(&setup, &wanted(&json!({ "signature": signature }), "refuse"));
    assert_eq!(told((source(3), setup.plain), "/login").0, 403);
    assert_eq!(told((source(3), setup.plain), "/").0, 200, "another path");
    let mut other = Client::from_source(source(3), setup.plain);
    other.send(format!(
        "GET /login HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: other\r\nconnection: close\r\n\r\n"
    ));
    assert_eq!(other.answer().status, 200, "another program");
}

#[test]
fn a_signature_by_country_meets_who_comes_from_there_by_the_table() {
    let origin = origin();
    let mut setup = setup(&origin);
    let here = setup.folder.write("here.mmdb", countries(&[("127.0.5.0/24", "QM")]));
    setup = setup.tables(&format!("[geo]\ncountry = {here:?}\n"));
    let shield = started(&setup);
    add(&setup, &wanted(&json!({ "signature": "country=QM" }), "refuse"));
    let other = std::net::Ipv4Addr::new(127, 0, 6, 1);
    assert_eq!(told((source(3), setup.plain), "/").0, 403);
    assert_eq!(told((source(3), setup.plain), "/").0, 403, "and when it comes again");
    assert_eq!(told((other, setup.plain), "/").0, 200, "from elsewhere");
    setup.folder.write("here.mmdb", countries(&[("127.0.6.0/24", "QM")]));
    shield.signal(rustix::process::Signal::HUP);
    wait_for("another table", SOON, || (told((other, setup.plain), "/").0 == 403).then_some(()));
    assert_eq!(told((source(3), setup.plain), "/").0, 200, "what was kept of the old one is gone");
}

#[test]
fn a_limit_lets_its_rate_through_whoever_asks() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let mut limit = wanted(&json!({"source": "127.0.5.0/24"}), "limit");
    limit["rate"] = json!("0.5 rps");
    let id = add(&setup, &limit);
    let told: Vec<_> = (1..=8).map(|last| told((source(last), setup.plain), "/")).collect();
    let served = told.iter().filter(|(status, _)| *status == 200).count();
    assert!((1..=3).contains(&served), "{told:?}");
    assert_eq!(told[7], (429, "limit".to_owned()));
    wait_for("exact counts", SOON, || {
        let known = known(&setup, &id);
        (known["met"] == 8 && known["stopped"] == 8 - served).then_some(())
    });
}

#[test]
fn a_measure_ends_by_itself() {
    let origin = origin();
    let setup = setup(&origin);
    let _shield = started(&setup);
    let mut short = wanted(&json!({"path": "/"}), "refuse");
    short["for"] = json!("1s");
    let id = add(&setup, &short);
    let began = Instant::now();
    assert_eq!(told((source(4), setup.plain), "/").0, 403);
    wait_for("its end", SOON, || (told((source(4), setup.plain), "/").0 == 200).then_some(()));
    assert!(began.elapsed() > Duration::from_millis(900), "{:?}", began.elapsed());
    wait_for("that it is told", SOON, || (known(&setup, &id)["ended"] == "expired").then_some(()));
}
