//! What honest clients do that looks like trouble, and what trouble must not gain.

use crate::fixtures::backdrop::{Backdrop, target};
use crate::fixtures::frames;
use crate::fixtures::shield::control;
use crate::fixtures::{
    Client, HOST, Nginx, SOON, Setup, Shield, Witness, needs, seawall, wait_for,
};
use seawall_stage::raw;
use seawall_stage::{SourceBlock, Sources};
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

fn get(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n")
}

#[test]
fn a_client_that_leaves_before_its_answer_is_counted_out_and_its_request_counted() {
    let origin = Witness::start(Duration::from_millis(700));
    let setup = Setup::before(origin.address).platform("capacity = \"40 concurrent\"");
    let _shield = Shield::start(&setup);
    for nth in 1..=20 {
        let mut client = Client::plain(setup.plain);
        client.send(get("/"));
        wait_for("the request at the origin", SOON, || (origin.count() == nth).then_some(()));
    }
    wait_for("none in flight and all counted", SOON, || {
        let metrics = control(&setup, "/metrics").text();
        let says = |line: &str| metrics.lines().any(|told| told == line);
        (says("seawall_origin_inflight{platform=\"www\"} 0")
            && says(
                "seawall_requests_total{platform=\"www\",verdict=\"admit\",reason=\"clear\"} 20",
            ))
        .then_some(())
    });
}

#[test]
fn the_answer_to_head_over_the_limit_leaves_the_connection_in_step() {
    let origin = Witness::start(Duration::ZERO);
    let setup =
        Setup::before(origin.address).tables("[limits]\nsource_rps = \"1 rps\"\nsource_burst = 1");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    client.send(format!("HEAD / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    let head = client.head().expect("an answer without a body");
    assert!(head.starts_with("HTTP/1.1 429 "), "{head}");
    client.send(get("/"));
    let next = client.head().expect("the next answer, not the body of the last");
    assert!(next.starts_with("HTTP/1.1 429 "), "{next}");
}

#[test]
fn no_protocol_but_websocket_reaches_an_origin_and_nothing_before_it_agreed() {
    let origin = Witness::start(Duration::from_millis(300));
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!(
        "GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade, http2-settings\r\n\
         upgrade: h2c\r\nhttp2-settings: AAMAAABkAAQAoAAAAAIAAAAA\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 200);
    let mut client = Client::plain(setup.plain);
    client.send(format!(
        "GET /chat HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n"
    ));
    client.send(b"\x81\x85\x01\x02\x03\x04\x69\r\n\r\n");
    assert_eq!(client.answer().status, 200, "this origin does not switch");
    assert_eq!(client.answer().status, 400, "what followed is no request");
    let mut client = Client::plain(setup.plain);
    client.send(format!(
        "GET /both HTTP/1.1\r\nhost: {HOST}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         upgrade: h2c\r\n\r\n"
    ));
    assert_eq!(client.answer().status, 200);
    let both = origin.heads().pop().expect("it has come").to_ascii_lowercase();
    assert!(!both.contains("upgrade"), "one of two protocols is none: {both}");
    let heads = origin.heads();
    assert_eq!(heads.len(), 3, "{heads:?}");
    let lower = heads[0].to_ascii_lowercase();
    assert!(!lower.contains("upgrade") && !lower.contains("http2-settings"), "{lower}");
    assert!(heads[1].to_ascii_lowercase().contains("upgrade: websocket"), "{}", heads[1]);
}

/// An origin that answers while connections are young and then closes on every request.
fn fickle_origin() -> (SocketAddr, Arc<AtomicU64>, Arc<AtomicU64>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port is free");
    let address = listener.local_addr().expect("it is bound");
    let (poisoned, asked) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
    let (poison, count) = (poisoned.clone(), asked.clone());
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let (poison, count) = (poison.clone(), count.clone());
            thread::spawn(move || {
                let mut client = Client::over(connection);
                while client.head().is_ok() {
                    count.fetch_add(1, Relaxed);
                    if poison.load(Relaxed) > 0 {
                        return;
                    }
                    thread::sleep(Duration::from_millis(200));
                    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
                    if client.try_send(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, poisoned, asked)
}

#[test]
fn a_request_that_an_origin_breaks_off_is_sent_twice_at_most() {
    let (address, poisoned, asked) = fickle_origin();
    let setup = Setup::before(address).top("workers = 1");
    let _shield = Shield::start(&setup);
    let mut clients: Vec<_> = (0..20).map(|_| Client::plain(setup.plain)).collect();
    for client in &mut clients {
        client.send(get("/"));
    }
    for client in &mut clients {
        assert_eq!(client.answer().status, 200);
    }
    poisoned.store(1, Relaxed);
    let before = asked.load(Relaxed);
    assert_eq!(clients[0].ask("/").status, 502);
    assert_eq!(asked.load(Relaxed) - before, 2, "once, and once more on a fresh connection");
}

#[test]
fn another_origin_serves_when_one_is_down() {
    let origin = Witness::start(Duration::ZERO);
    let dead = crate::fixtures::ports::free_address();
    let setup = Setup::before(origin.address);
    setup.write();
    let both = setup.text().replace(
        &format!("origins = [\"http://{}\"]", origin.address),
        &format!("origins = [\"http://{dead}\", \"http://{}\"]", origin.address),
    );
    std::fs::write(setup.file(), both).expect("the folder is ours");
    let mut shield = Shield::launch_as(seawall().args(["run", "-c"]).arg(setup.file()));
    shield.ready();
    for _ in 0..10 {
        assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
    }
}

#[test]
fn an_upload_may_take_longer_than_an_answer() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\norigin_answer = \"1s\"");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 40960\r\n\r\n"));
    for _ in 0..10 {
        client.send([b'a'; 4096]);
        thread::sleep(Duration::from_millis(250));
    }
    assert_eq!(client.answer().status, 200);
    assert_eq!(origin.body_bytes(), 40_960);
}

#[test]
fn a_reader_that_is_slow_but_reads_is_served_to_the_end() {
    if !needs("honest::a_reader_that_is_slow_but_reads_is_served_to_the_end", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables("[timeouts]\nsend = \"4s\"");
    let _shield = Shield::start(&setup);
    let mut reader = TcpStream::connect(setup.plain).expect("it listens");
    reader.set_read_timeout(Some(SOON)).expect("a time above zero");
    reader.write_all(get("/large").as_bytes()).expect("it takes a request");
    let began = Instant::now();
    let mut piece = [0; 4096];
    // 40 KB/s: forty times what is asked for, and far less than what kernels hold.
    // Over loopback a window opens in steps of 64 KiB.
    while began.elapsed() < Duration::from_secs(12) {
        let read = reader.read(&mut piece).expect("the connection is not reset");
        assert!(read > 0, "closed after {:?}", began.elapsed());
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn clients_that_hold_every_place_leave_room_for_others_and_for_origins() {
    let idle_h2 = [frames::opening(65_535), frames::request(1, "/")].concat();
    every_place_is_held_by(b"GET / HTTP/1.1\r\nhost: www.exam");
    every_place_is_held_by(&idle_h2);
}

fn every_place_is_held_by(said: &[u8]) {
    let backdrop = Backdrop::new();
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    setup.write();
    let mut command = Command::new("prlimit");
    command.args(["--nofile=200:200", "--"]).arg(seawall().get_program());
    let mut shield = Shield::launch_as(command.args(["run", "-c"]).arg(setup.file()));
    shield.ready();
    let sources = Sources::new(SourceBlock::new(31).expect("not 0"), 50).expect("few");
    let held = backdrop.run(raw::hold(target(setup.plain), sources, 250, said));
    let _held = held.expect("the kernel takes them");
    wait_for("an answer beside 250 connections that are held", SOON * 3, || {
        let mut client = Client::plain(setup.plain);
        client.try_send(get("/")).ok()?;
        (client.try_answer().ok()?.status == 200).then_some(())
    });
    assert!(shield.lives());
}
