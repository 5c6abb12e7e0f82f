//! Origins over HTTP/2: what they refuse, break off and hold back, and what their clients see of it.

use crate::fixtures::frames::{
    self, DATA, END_HEADERS, END_STREAM, HEADERS, RST_STREAM, field, frame, opening,
};
use crate::fixtures::h2_origin::{H2Origin, LARGE, Play};
use crate::fixtures::ports::free_address;
use crate::fixtures::{Client, Ended, HOST, SOON, Setup, Shield, Witness, wait_for};
use std::thread;
use std::time::Duration;

fn before(origin: &H2Origin) -> Setup {
    Setup::before_url(&format!("h2c://{}", origin.address)).top("workers = 1")
}

#[test]
fn a_request_that_the_origin_did_not_look_at_is_sent_once_more_and_no_oftener() {
    for (play, status, requests) in [
        (Play::Refuse(1), 200, 2),
        (Play::Refuse(9), 502, 2),
        (Play::GoAway, 200, 2),
        (Play::Answer, 200, 1),
    ] {
        let origin = H2Origin::start(play);
        let setup = before(&origin);
        let _shield = Shield::start(&setup);
        let answer = Client::plain(setup.plain).ask("/");
        assert_eq!(answer.status, status, "{play:?}: {}", answer.head);
        assert_eq!(origin.seen().requests, requests, "{play:?}");
    }
}

#[test]
fn what_was_not_looked_at_is_repeated_whatever_its_method_while_its_body_is_whole() {
    for (body, status, requests) in [("", 200, 2), ("body", 502, 1)] {
        let origin = H2Origin::start(Play::Refuse(1));
        let setup = before(&origin);
        let _shield = Shield::start(&setup);
        let mut client = Client::plain(setup.plain);
        let length = body.len();
        client.send(format!(
            "POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {length}\r\n\r\n{body}"
        ));
        assert_eq!(client.answer().status, status, "{body:?}");
        assert_eq!(origin.seen().requests, requests, "{body:?}");
    }
}

#[test]
fn one_connection_carries_what_one_client_asks_and_a_told_limit_is_kept() {
    let origin = H2Origin::start(Play::Answer);
    let setup = before(&origin);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..100 {
        assert_eq!(client.ask("/").text(), "hello");
    }
    assert_eq!((origin.seen().requests, origin.seen().connections), (100, 1));

    // Two at once on each of eight connections, while forty wait.
    let origin = H2Origin::start(Play::Few(2));
    let setup = before(&origin).tables("[timeouts]\norigin_connect = \"20s\"");
    let _shield = Shield::start(&setup);
    // The first request tells the shield what the origin allows.
    assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
    let clients: Vec<_> = (0..40)
        .map(|_| {
            let plain = setup.plain;
            thread::spawn(move || Client::plain(plain).ask("/").status)
        })
        .collect();
    for client in clients {
        assert_eq!(client.join().expect("it is answered"), 200);
    }
    let seen = origin.seen();
    assert_eq!(seen.requests, 41);
    assert!((2..=8).contains(&seen.connections) && seen.most_open <= 2, "{seen:?}");
}

#[test]
fn trailers_pass_both_ways() {
    let origin = H2Origin::start(Play::Trailers);
    let setup = before(&origin);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(opening(65_535));
    // `:method: POST` and `:scheme: http` are numbers 3 and 6 of the static table.
    let mut head = vec![0x83, 0x86];
    head.extend(field(":path", "/"));
    head.extend(field(":authority", HOST));
    client.send(frame(HEADERS, END_HEADERS, 1, &head));
    client.send(frame(DATA, 0, 1, b"body"));
    client.send(frame(HEADERS, END_HEADERS | END_STREAM, 1, &field("x-sum", "4")));
    let head = client.frame_of(HEADERS).expect("an answer");
    assert_eq!(head.flags & END_STREAM, 0);
    assert_eq!(client.frame_of(DATA).expect("its body").payload, b"hello");
    let trailers = client.frame_of(HEADERS).expect("its trailers");
    assert_eq!(trailers.flags & END_STREAM, END_STREAM);
    let seen = origin.seen();
    assert_eq!((seen.trailers, seen.body), (1, 4));
    // A client that knows HTTP/1.1 alone gets the same body, whole.
    assert_eq!(Client::plain(setup.plain).ask("/").text(), "hello");
}

#[test]
fn a_body_that_the_origin_breaks_off_never_looks_whole() {
    let origin = H2Origin::start(Play::BreakOff);
    let setup = before(&origin);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    assert!(client.head().expect("a head").starts_with("HTTP/1.1 200"));
    let (rest, ended) = client.rest();
    let text = String::from_utf8_lossy(&rest);
    assert!(!text.ends_with("0\r\n\r\n") && ended != Ended::Open, "{text:?} {ended:?}");

    let mut client = Client::plain(setup.plain);
    client.send([opening(65_535), frames::request(1, "/")].concat());
    client.frame_of(HEADERS).expect("a head");
    let told = client.frame_of(RST_STREAM).expect("a reset");
    assert_eq!(told.payload, 11_u32.to_be_bytes(), "the origin's own word");
}

#[test]
fn a_client_that_leaves_cancels_its_request_at_the_origin() {
    let cancelled = |origin: &H2Origin| {
        wait_for("cancellation", SOON, || {
            let seen = origin.seen();
            (!seen.resets.is_empty()).then_some(seen.resets)
        })
    };
    for play in [Play::Silent, Play::Hang] {
        let origin = H2Origin::start(play);
        let setup = before(&origin);
        let _shield = Shield::start(&setup);
        let mut client = Client::plain(setup.plain);
        client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        wait_for("request", SOON, || (origin.seen().requests == 1).then_some(()));
        if play == Play::Hang {
            client.head().expect("a head");
        }
        drop(client);
        assert_eq!(cancelled(&origin), [8], "{play:?}");

        let origin = H2Origin::start(play);
        let setup = before(&origin);
        let _shield = Shield::start(&setup);
        let mut client = Client::plain(setup.plain);
        client.send([opening(65_535), frames::request(1, "/")].concat());
        wait_for("request", SOON, || (origin.seen().requests == 1).then_some(()));
        client.send(frames::reset(1));
        assert_eq!(cancelled(&origin), [8], "{play:?}");
    }
}

#[test]
fn an_upload_that_breaks_off_is_reset_and_a_whole_one_arrives_whole() {
    let origin = H2Origin::start(Play::Answer);
    let setup = before(&origin);
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let body = vec![b'x'; 4 * 1024 * 1024];
    client
        .send(format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {}\r\n\r\n", body.len()));
    client.send(&body);
    assert_eq!(client.answer().text(), "hello");
    assert_eq!(origin.seen().body, body.len());

    let mut client = Client::plain(setup.plain);
    client.send(format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 100\r\n\r\nhalf"));
    wait_for("half a body", SOON, || (origin.seen().body == body.len() + 4).then_some(()));
    drop(client);
    let resets = wait_for("reset", SOON, || {
        let seen = origin.seen();
        (!seen.resets.is_empty()).then_some(seen.resets)
    });
    assert_eq!(resets, [8]);
}

#[test]
fn a_client_that_does_not_read_holds_the_origin_back() {
    let origin = H2Origin::start(Play::Large);
    let setup = before(&origin).tables("[timeouts]\nsend = \"20s\"");
    let shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send([opening(0), frames::request(1, "/")].concat());
    client.frame_of(HEADERS).expect("a head");
    let held = wait_for("standstill", SOON, || {
        let sent = origin.seen().sent;
        thread::sleep(Duration::from_millis(200));
        (sent > 0 && origin.seen().sent == sent).then_some(sent)
    });
    assert!(held <= 300 * 1024, "{held} bytes were taken for a client that reads none");
    // Opens both windows for all of it.
    let all = u32::try_from(LARGE).expect("it fits").to_be_bytes();
    client.send(frame(frames::WINDOW_UPDATE, 0, 0, &all));
    client.send(frame(frames::WINDOW_UPDATE, 0, 1, &all));
    let mut got = 0;
    while got < LARGE {
        got += client.frame_of(DATA).expect("the rest").payload.len();
    }
    assert_eq!(got, LARGE);
    drop(shield);
}

#[test]
fn an_origin_that_takes_nothing_holds_the_client_back() {
    const PIECE: usize = 64 * 1024;
    const SENT_MAX: usize = 64 * 1024 * 1024;
    let origin = H2Origin::start(Play::Full);
    let setup = before(&origin);
    let shield = Shield::start(&setup);
    let before_kib = shield.memory_kib();
    let mut client = Client::plain(setup.plain);
    client.send(format!("PUT / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {SENT_MAX}\r\n\r\n"));
    let patience = Some(Duration::from_secs(1));
    client.stream.set_write_timeout(patience).expect("not zero");
    let (piece, mut sent) = (vec![b'x'; PIECE], 0);
    while sent < SENT_MAX && client.try_send(&piece).is_ok() {
        sent += PIECE;
    }
    // What is sent beyond the window lies in the kernel's buffers, and not with the shield.
    assert!(sent < SENT_MAX, "all of it was taken for an origin that takes none");
    assert!(origin.seen().body <= 65_535, "{:?}", origin.seen());
    let growth = shield.memory_kib().saturating_sub(before_kib);
    assert!(growth < 4 * 1024, "{growth} KiB");
}

#[test]
fn an_origin_that_is_down_is_stood_in_for_whatever_either_speaks() {
    let h2 = H2Origin::start(Play::Answer);
    let h1 = Witness::start(Duration::ZERO);
    let (up_h2, up_h1) = (format!("h2c://{}", h2.address), format!("http://{}", h1.address));
    for (down, up) in [("http", &up_h2), ("h2c", &up_h1)] {
        let setup = Setup::before_url(&format!("{down}://{}", free_address())).and_url(up);
        let _shield = Shield::start(&setup);
        let mut client = Client::plain(setup.plain);
        for _ in 0..6 {
            let answer = client.ask("/");
            assert_eq!(answer.status, 200, "{down} down, {up} up: {}", answer.head);
        }
    }
}

#[test]
fn an_origin_that_does_not_answer_gives_504_and_its_connection_takes_no_more() {
    let origin = H2Origin::start(Play::Silent);
    let setup = before(&origin).tables("[timeouts]\norigin_answer = \"1s\"");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 504);
    assert_eq!(client.ask("/").status, 504);
    let seen = wait_for("second cancellation", SOON, || {
        let seen = origin.seen();
        (seen.resets.len() == 2).then_some(seen)
    });
    assert_eq!((seen.connections, seen.requests), (2, 2), "{seen:?}");
    assert_eq!(seen.resets, [8, 8]);
}
