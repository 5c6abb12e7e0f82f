//! Single promises about origins that fail, each with its own measure.

use super::load::ask;
use super::patient::{Condition, Patient};
use super::scenario::{setup, shield};
use crate::fixtures::shield::{control, metric};
use crate::fixtures::{Client, HOST, SOON, Setup, run, seawall, wait_for};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::thread;
use std::time::{Duration, Instant};

fn places(origins: &[&Patient]) -> Vec<String> {
    origins.iter().map(|origin| origin.address.to_string()).collect()
}

#[test]
fn the_connection_of_a_half_open_origin_is_closed_and_not_kept() {
    let patient = Patient::start();
    let setup = setup(patient.address);
    let _shield = shield(&setup, &places(&[&patient]));
    patient.becomes(Condition::HalfOpen);
    let mut client = Client::plain(setup.plain);
    let began = Instant::now();
    let answer = ask(&mut client, "GET").expect("an answer");
    assert_eq!(answer.status, 504);
    let took = began.elapsed();
    assert!((1.0..2.0).contains(&took.as_secs_f64()), "after {took:?}");
    wait_for("closed connection at the origin", SOON, || (patient.given_up() == 1).then_some(()));
}

#[test]
fn what_cannot_be_repeated_is_sent_once() {
    let (patient, other) = (Patient::start(), Patient::start());
    let setup = setup(patient.address);
    let _shield = shield(&setup, &places(&[&patient, &other]));
    for origin in [&patient, &other] {
        origin.becomes(Condition::Closes);
    }
    let total = || patient.requests() + other.requests();
    let told = ask(&mut Client::plain(setup.plain), "POST").expect("an answer");
    assert_eq!((told.status, total()), (502, 1));
    let told = ask(&mut Client::plain(setup.plain), "GET").expect("an answer");
    assert_eq!((told.status, total()), (502, 3), "at both origins, once each");
    for asked in 1..=7 {
        let told = ask(&mut Client::plain(setup.plain), "GET").expect("an answer");
        assert_eq!((told.status, total()), (502, 3 + asked), "the budget is spent");
    }
}

#[test]
fn an_origin_that_is_down_costs_the_next_visitors_nothing() {
    let patient = Patient::start();
    let setup = setup(patient.address);
    let shield = shield(&setup, &places(&[&patient]));
    patient.becomes(Condition::Dead);
    let mut client = Client::plain(setup.plain);
    wait_for("word that the origin is out", SOON, || {
        assert_eq!(ask(&mut client, "GET")?.status, 502);
        shield.err().contains("an origin is out").then_some(())
    });
    let origin = format!("{{platform=\"www\",origin=\"http://{}\"}}", patient.address);
    wait_for("metric", SOON, || {
        (metric(&setup, &format!("seawall_origin_up{origin}")) == Some(0.0)).then_some(())
    });
    let faults = format!("seawall_origin_faults_total{origin}");
    let before = metric(&setup, &faults).expect("it is told");
    let began = Instant::now();
    for _ in 0..100 {
        assert_eq!(ask(&mut client, "GET").expect("an answer").status, 502);
    }
    thread::sleep(Duration::from_millis(500));
    let tries = metric(&setup, &faults).expect("it is told") - before;
    let most = 2.0 + began.elapsed().as_secs_f64() * 4.0;
    assert!(tries <= most, "{tries} tries to connect, over {most}");
    patient.becomes(Condition::Well);
    wait_for("word that the origin is back", SOON, || {
        shield.err().contains("an origin is back").then_some(())
    });
    assert_eq!(ask(&mut client, "GET").expect("an answer").status, 200);
}

#[test]
fn a_health_path_takes_an_origin_out_and_lets_it_back() {
    let (patient, other) = (Patient::start(), Patient::start());
    let setup = setup(patient.address)
        .platform("health_path = \"/health\"\nhealth_every = \"500ms\"\nslow_start = \"off\"");
    let shield = shield(&setup, &places(&[&patient, &other]));
    wait_for("probes of both", SOON, || (patient.probes() > 0 && other.probes() > 0).then_some(()));
    patient.becomes(Condition::Unfit);
    wait_for("word that it is out", SOON, || {
        shield.err().contains("health_path gives no good answer").then_some(())
    });
    let before = patient.requests();
    let mut client = Client::plain(setup.plain);
    for _ in 0..20 {
        assert_eq!(client.ask("/").status, 200);
    }
    assert_eq!(patient.requests(), before, "its pages would have been good");
    let probes = patient.probes();
    thread::sleep(Duration::from_secs(2));
    let probes = patient.probes() - probes;
    assert!((2..=5).contains(&probes), "{probes} probes in two seconds");
    patient.becomes(Condition::Well);
    let mended = Instant::now();
    wait_for("request after it is well", SOON, || {
        assert_eq!(client.ask("/").status, 200);
        (patient.requests() > before).then_some(())
    });
    assert!(mended.elapsed() < Duration::from_secs(2), "{:?}", mended.elapsed());
}

#[test]
fn probes_end_with_the_reload_that_drops_their_origin() {
    let (patient, other) = (Patient::start(), Patient::start());
    let setup =
        setup(other.address).platform("health_path = \"/health\"\nhealth_every = \"500ms\"");
    let _shield = shield(&setup, &places(&[&patient, &other]));
    wait_for("a probe", SOON, || (patient.probes() > 0).then_some(()));
    setup.write();
    run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON).good();
    thread::sleep(Duration::from_millis(200));
    let (dropped, kept) = (patient.probes(), other.probes());
    wait_for("further probes of the other", SOON, || (other.probes() > kept + 2).then_some(()));
    assert_eq!(patient.probes(), dropped);
}

#[test]
fn who_waits_for_an_origin_that_is_gone_is_told_of_it_and_not_of_a_crowd() {
    for condition in [Condition::Dead, Condition::Closes] {
        let patient = Patient::start();
        let setup = setup(patient.address);
        let shield = shield(&setup, &places(&[&patient]));
        patient.becomes(condition);
        let mut client = Client::plain(setup.plain);
        wait_for("word that the origin is out", SOON, || {
            assert_eq!(client.ask("/").status, 502);
            shield.err().contains("an origin is out").then_some(())
        });
        // More than are let through to it before their wait ends.
        let ask = || Client::plain(setup.plain).ask("/");
        let answers: Vec<_> = thread::scope(|scope| {
            let asking: Vec<_> = (0..64).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|asking| asking.join().expect("a visitor")).collect()
        });
        for answer in answers {
            let (verdict, code) = answer.verdict().expect("ours");
            assert!(verdict == "error" && code.starts_with("unreachable."), "{verdict} {code}");
            assert!(answer.status == 502 && answer.header("retry-after").is_some(), "{answer:?}");
        }
    }
}

#[test]
fn status_tells_each_origin_to_people_and_to_programs() {
    let (patient, other) = (Patient::start(), Patient::start());
    let setup = setup(patient.address);
    let _shield = shield(&setup, &places(&[&patient, &other]));
    patient.becomes(Condition::Dead);
    let mut client = Client::plain(setup.plain);
    let status = wait_for("status with one origin out", SOON, || {
        assert_eq!(client.ask("/").status, 200);
        let status: Value = serde_json::from_str(&control(&setup, "/api/v1/status").text()).ok()?;
        (status["platforms"][0]["origin"]["healthy"] == 1).then_some(status)
    });
    let platform = &status["platforms"][0];
    assert!(platform["origin"]["limit"].is_u64() && platform["origin"]["p50_ms"].is_f64());
    let [out, healthy] = [0, 1].map(|index| &platform["origins"][index]);
    assert_eq!(out["origin"], format!("http://{}", patient.address));
    assert_eq!((&out["standing"], &healthy["standing"]), (&"out".into(), &"healthy".into()));
    assert_eq!((&out["ejections"], &healthy["ejections"]), (&1.into(), &0.into()));
    assert!(healthy["p50_ms"].is_f64() && healthy["in_flight"].is_u64(), "{healthy}");
    let told = run(seawall().args(["status", "-c"]).arg(setup.file()), SOON).good();
    assert!(told.contains(&format!("origin http://{}: out", patient.address)), "{told}");
    assert!(told.contains(&format!("origin http://{}: healthy", other.address)), "{told}");
}

#[test]
fn a_client_that_rests_while_the_origin_sends_gets_the_whole_body() {
    const PIECE: usize = 256 * 1024;
    const PIECES: usize = 64;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        let (connection, _) = listener.accept().expect("one comes");
        let mut client = Client::over(connection);
        client.head().expect("a request");
        client.send(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", PIECE * PIECES));
        for _ in 0..PIECES {
            // So slowly that the shield waits for each.
            thread::sleep(Duration::from_millis(10));
            client.send(vec![b'x'; PIECE]);
        }
    });
    let setup = setup(address);
    let _shield = shield(&setup, &[address.to_string()]);
    let mut client = Client::plain(setup.plain);
    client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    client.head().expect("an answer");
    // Longer than an origin may be silent.
    thread::sleep(Duration::from_millis(2_500));
    let body = client.exactly(PIECE * PIECES).expect("all of it");
    assert!(body.iter().all(|&byte| byte == b'x'));
}

#[test]
fn an_origin_that_is_out_stays_out_over_a_reload() {
    let (patient, other) = (Patient::start(), Patient::start());
    let setup = setup(patient.address);
    let shield = shield(&setup, &places(&[&patient, &other]));
    patient.becomes(Condition::Dead);
    let mut client = Client::plain(setup.plain);
    wait_for("word that the origin is out", SOON, || {
        assert_eq!(client.ask("/").status, 200);
        shield.err().contains("an origin is out").then_some(())
    });
    let origin = format!("{{platform=\"www\",origin=\"http://{}\"}}", patient.address);
    let count = |name: &str| metric(&setup, &format!("{name}{origin}"));
    wait_for("metric", SOON, || (count("seawall_origin_up") == Some(0.0)).then_some(()));
    let before = count("seawall_origin_faults_total");
    for _ in 0..3 {
        run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON).good();
        for _ in 0..10 {
            assert_eq!(client.ask("/").status, 200);
        }
    }
    // Longer than metrics take to follow.
    thread::sleep(Duration::from_millis(600));
    assert_eq!(count("seawall_origin_ejections_total"), Some(1.0));
    assert_eq!(count("seawall_origin_faults_total"), before, "nobody tried it again");
}

/// An origin that sends the beginning of each path's answer and then `step` after `step`.
fn dripping(steps: &'static [(&'static str, &'static str, &'static str, u32)]) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || {
                let mut client = Client::over(connection);
                let head = client.head().unwrap_or_default();
                let path = head.split(' ').nth(1).unwrap_or_default();
                let Some((_, begin, step, count)) = steps.iter().find(|step| step.0 == path) else {
                    return;
                };
                let _ = client.try_send(begin);
                for _ in 0..*count {
                    thread::sleep(Duration::from_millis(500));
                    if client.try_send(step).is_err() {
                        return;
                    }
                }
                // Until the other side has had enough.
                let _ = client.rest();
            });
        }
    });
    address
}

#[test]
fn a_body_that_stalls_breaks_off_and_one_that_goes_on_slowly_does_not() {
    let address = dripping(&[
        ("/length", "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n0123456789", "", 0),
        ("/chunks", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n", "", 0),
        ("/close", "HTTP/1.1 200 OK\r\n\r\nhello", "", 0),
        ("/drip", "HTTP/1.1 200 OK\r\ncontent-length: 12\r\n\r\n", "ab", 6),
    ]);
    let setup: Setup = setup(address);
    let _shield = shield(&setup, &[address.to_string()]);
    for path in ["/length", "/chunks", "/close"] {
        let mut client = Client::plain(setup.plain);
        client.send(format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        let began = Instant::now();
        let told = client.try_answer();
        let took = began.elapsed();
        assert!(told.is_err(), "{path}: looks complete: {told:?}");
        assert!((0.9..2.5).contains(&took.as_secs_f64()), "{path}: after {took:?}");
    }
    let answer = Client::plain(setup.plain).ask("/drip");
    assert_eq!((answer.status, answer.text().as_str()), (200, "abababababab"));
}
