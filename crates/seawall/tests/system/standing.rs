//! The shield under trouble: killed, loaded, replaced, reloaded, and beside clients that only hold.

mod load;

use crate::fixtures::backdrop::{Backdrop, ended, served, target};
use crate::fixtures::client::{Tls, dial, inside_tls, tls_settings};
use crate::fixtures::frames::{self, DATA, END_HEADERS, HEADERS, RST_STREAM, frame, get, opening};
use crate::fixtures::shield::open_connections;
use crate::fixtures::{
    Certificate, Client, Ended, HOST, Nginx, SOON, Setup, Shield, Witness, figure, needs, run,
    seawall, wait_for,
};
use load::{Load, answers};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};
use seawall_stage::raw::{self, Drip};
use seawall_stage::{SourceBlock, Sources};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

#[test]
fn a_shield_killed_under_load_serves_again_within_a_second() {
    let test = "standing::a_shield_killed_under_load_serves_again_within_a_second";
    if !needs(test, &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    let load = Load::start(&setup);
    for _ in 0..5 {
        load.wait_for(200);
        shield.signal(Signal::KILL);
        assert!(!shield.ended(SOON).success());
        let began = Instant::now();
        shield = Shield::launch(&setup);
        wait_for("answer", SOON, || answers(setup.plain).then_some(()));
        let took = began.elapsed();
        figure("restart.kill9", took.as_secs_f64(), "seconds");
        assert!(took < Duration::from_secs(1), "{took:?}");
    }
    load.stop();
}

#[test]
fn a_header_at_a_byte_a_second_is_closed_by_its_deadline() {
    const DEADLINE: Duration = Duration::from_secs(2);
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\nheader = \"2s\"");
    let _shield = Shield::start(&setup);
    let request = format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let backdrop = Backdrop::new();
    let dripped = backdrop.run(raw::drip(
        target(setup.plain),
        Drip {
            first: b"G",
            slowly: &request.as_bytes()[1..],
            every: Duration::from_secs(1),
            deadline: SOON,
        },
    ));
    let dripped = dripped.expect("it listens");
    assert_eq!(dripped.ended, raw::Ended::Closed, "{dripped:?}");
    let told = String::from_utf8_lossy(&dripped.answer).into_owned();
    is_told_to_hurry(&told);
    let mut late = vec![dripped.after];

    let mut client = Client::tls(setup.tls, &setup.certificate);
    client.send("G");
    let began = Instant::now();
    let socket = client.stream.sock.try_clone().expect("descriptors are left");
    socket.set_read_timeout(Some(Duration::from_secs(1))).expect("not zero");
    let mut slowly = request.bytes().skip(1);
    let told = loop {
        // Each read waits a second: nothing else paces the bytes.
        match client.rest() {
            (told, Ended::Open) => {
                assert!(told.is_empty(), "{told:?}");
                client.send([slowly.next().expect("it is closed long before")]);
            }
            (told, _) => break told,
        }
    };
    late.push(began.elapsed());
    is_told_to_hurry(&String::from_utf8_lossy(&told));
    for after in late {
        assert!(after >= DEADLINE.mul_f64(0.9), "closed before its time: {after:?}");
        let beyond = after.saturating_sub(DEADLINE).as_secs_f64();
        figure("slow.header", beyond, "seconds");
        assert!(beyond < 1.0, "{after:?}");
    }
    assert_eq!(origin.count(), 0);
}

#[track_caller]
fn is_told_to_hurry(answer: &str) {
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("seawall-verdict: error; code=slow."), "{answer}");
}

#[test]
fn a_preface_at_a_byte_a_second_is_closed_by_the_same_deadline() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\nheader = \"2s\"");
    let _shield = Shield::start(&setup);
    let preface = opening(65_535);
    let dripped = Backdrop::new().run(raw::drip(
        target(setup.plain),
        Drip {
            first: &preface[..1],
            slowly: &preface[1..],
            every: Duration::from_secs(1),
            deadline: SOON,
        },
    ));
    let after = dripped.expect("it listens").after;
    assert!(after < Duration::from_secs(3), "{after:?}");
}

#[test]
fn a_connection_that_says_nothing_or_nothing_more_is_closed_in_silence() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .tables("[timeouts]\nheader = \"1s\"\nhandshake = \"1s\"\nidle = \"1s\"");
    let _shield = Shield::start(&setup);
    for address in [setup.plain, setup.tls] {
        let silent = Client::plain(address).rest();
        assert!(silent.0.is_empty() && silent.1 != Ended::Open, "{address}: {silent:?}");
    }
    let mut quiet = Client::plain(setup.plain);
    assert_eq!(quiet.ask("/").status, 200);
    assert_eq!(quiet.rest(), (Vec::new(), Ended::Closed));
    let mut quiet = Client::tls(setup.tls, &setup.certificate);
    assert_eq!(quiet.ask("/").status, 200);
    assert_eq!(quiet.rest(), (Vec::new(), Ended::Closed));
}

#[test]
fn an_http2_connection_that_says_nothing_or_nothing_more_is_closed() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\nheader = \"1s\"\nidle = \"1s\"");
    let _shield = Shield::start(&setup);
    let opening = opening(65_535);
    let began = Instant::now();
    let silent: Vec<_> = [
        ("no request", opening.clone()),
        ("half a request", [&opening[..], &frame(HEADERS, 0, 1, &get("/"))].concat()),
        ("one request", [&opening[..], &frames::request(1, "/")].concat()),
    ]
    .into_iter()
    .map(|(what, said)| {
        let mut plain = Client::plain(setup.plain);
        plain.send(&said);
        let local = (Ipv4Addr::LOCALHOST, setup.tls);
        let mut tls = Client::tls_from(local, &setup.certificate, b"h2");
        tls.send(&said);
        (what, plain, tls)
    })
    .collect();
    // None says another word: no acknowledgement, no answer to a ping.
    for (what, mut plain, mut tls) in silent {
        assert_ne!(plain.rest().1, Ended::Open, "{what}");
        assert_ne!(tls.rest().1, Ended::Open, "{what}");
    }
    assert!(began.elapsed() < Duration::from_secs(12), "{:?}", began.elapsed());
}

#[test]
fn idle_and_half_sent_connections_harm_no_visitor() {
    allow_many_descriptors();
    let backdrop = Backdrop::new();
    let origin = backdrop.origin();
    let setup = Setup::before(origin.address().address())
        .tables("[timeouts]\nheader = \"2m\"\nhandshake = \"2m\"");
    let mut shield = Shield::start(&setup);
    let hold = |block, count: u16, address: SocketAddr, beginning: &'static [u8]| {
        let sources = Sources::new(SourceBlock::new(block).expect("not 0"), 200).expect("few");
        let held = backdrop.run(raw::hold(target(address), sources, count, beginning));
        held.expect("they are taken")
    };
    let idle = [hold(21, 500, setup.plain, b""), hold(22, 500, setup.tls, b"")];
    let half_sent = [
        hold(23, 500, setup.plain, b"GET / HTTP/1.1\r\nhost: www.exam"),
        hold(24, 500, setup.tls, &[22, 3, 1, 2, 0, 1, 0]),
    ];
    let visitors = backdrop.visitors(&setup);
    let report = wait_for("2,000 requests of visitors", SOON * 3, || {
        let report = visitors.report();
        (ended(&report) >= 2_000).then_some(report)
    });
    let open: Vec<usize> = idle.iter().chain(&half_sent).map(raw::Held::open).collect();
    assert_eq!(open, [500; 4], "they are held for as long as visitors are counted");
    figure("hold.visitors", served(&report), "of all");
    assert!((served(&report) - 1.0).abs() < f64::EPSILON, "{report:?}");
    assert!(shield.lives());
}

/// Held connections take a descriptor each.
pub(crate) fn allow_many_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).expect("up to the maximum it is allowed");
}

#[test]
fn a_slow_body_and_a_slow_reader_are_closed() {
    if !needs("standing::a_slow_body_and_a_slow_reader_are_closed", &["nginx"]) {
        return;
    }
    slow_bodies();
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables("[timeouts]\nsend = \"1s\"\nidle = \"1s\"");
    let mut shield = Shield::start(&setup);
    let ask = format!("GET /large HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let (certificate, local) = (&setup.certificate, Ipv4Addr::LOCALHOST);
    let mut plain = Client::plain(setup.plain);
    let mut tls = Client::tls(setup.tls, certificate);
    plain.send(&ask);
    tls.send(&ask);
    takes_nothing(Client::plain(setup.plain));
    takes_nothing(Client::tls_from((local, setup.tls), certificate, b"h2"));
    for listener in [setup.plain, setup.tls] {
        wait_for("end of every slow reader", SOON, || {
            (open_connections(&setup, listener) == Some(0.0)).then_some(())
        });
    }
    assert!(plain.rest().0.len() < 32 * 1024 * 1024, "it did not get it all");
    assert!(tls.rest().0.len() < 32 * 1024 * 1024, "it did not get it all");
    assert!(shield.lives());
}

/// A window of nothing ends the stream of an answer, however small, not the streams beside it.
fn takes_nothing<S: Read + Write>(mut client: Client<S>) {
    client.send([opening(0), frames::request(1, "/large"), frames::request(3, "/")].concat());
    let mut ended =
        [(); 2].map(|()| client.frame_of(RST_STREAM).expect("the connection stays").stream);
    ended.sort_unstable();
    assert_eq!(ended, [1, 3]);
    client.send(frames::request(5, "/"));
    assert_eq!(client.frame_of(HEADERS).expect("an answer").stream, 5);
}

/// Bodies that trickle: more often than the deadline, yet below the least rate.
fn slow_bodies() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[timeouts]\nbody = \"1s\"");
    let _shield = Shield::start(&setup);
    let (certificate, local) = (&setup.certificate, Ipv4Addr::LOCALHOST);
    let dial = |address| dial(local, address).expect("it listens");
    let over_tls = |protocol| Arc::new(tls_settings(certificate, protocol));
    let (plain, plain_h2) = (dial(setup.plain), dial(setup.plain));
    let (tls, tls_h2) = (dial(setup.tls), dial(setup.tls));
    let post = format!("POST / HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 90000\r\n\r\n");
    let mut block = get("/");
    block[0] = 0x83;
    let post_h2 = [opening(65_535), frame(HEADERS, END_HEADERS, 1, &block)].concat();
    let (h1, h2) = ((post.as_bytes(), &b"x"[..]), (&post_h2[..], &frame(DATA, 0, 1, b"x")[..]));
    let is_closed = |client: &mut Client<TcpStream>| client.rest().1 != Ended::Open;
    let is_closed_tls = |client: &mut Client<Tls>| client.rest().1 != Ended::Open;
    for took in [
        trickle((plain.try_clone(), plain), h1, is_closed),
        trickle((tls.try_clone(), inside_tls(over_tls(b"http/1.1"), tls)), h1, is_closed_tls),
        trickle((plain_h2.try_clone(), plain_h2), h2, is_reset),
        trickle((tls_h2.try_clone(), inside_tls(over_tls(b"h2"), tls_h2)), h2, is_reset),
    ] {
        assert!(took >= Duration::from_millis(900), "ended before its time: {took:?}");
        assert!(took < Duration::from_secs(4), "held the origin for {took:?}");
    }
}

fn is_reset<S: Read + Write>(client: &mut Client<S>) -> bool {
    client.frame_of(RST_STREAM).is_ok_and(|frame| frame.stream == 1)
}

/// Sends pieces ten times a second until the other side has had enough; how long that took.
fn trickle<S: Read + Write>(
    (socket, stream): (io::Result<TcpStream>, S),
    (opening, piece): (&[u8], &[u8]),
    is_over: impl Fn(&mut Client<S>) -> bool,
) -> Duration {
    let began = Instant::now();
    let mut client = Client::over(stream);
    client.send(opening);
    // Each look waits a tenth of a second: nothing else paces the pieces.
    let socket = socket.expect("descriptors are left");
    socket.set_read_timeout(Some(Duration::from_millis(100))).expect("not zero");
    while client.try_send(piece).is_ok() && !is_over(&mut client) {
        assert!(began.elapsed() < SOON, "never ended");
    }
    began.elapsed()
}

#[test]
fn a_second_run_takes_over_without_a_lost_connection() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let mut first = Shield::start(&setup);
    let mut kept = Client::plain(setup.plain);
    assert_eq!(kept.ask("/").status, 200);
    let load = Load::start(&setup);
    load.wait_for(200);
    let mut second = Shield::launch(&setup);
    second.ready();
    let left = first.ended(SOON);
    assert!(left.success(), "{left}: {}", first.err());
    load.wait_for(200);
    assert_eq!(load.stop(), Vec::<String>::new(), "lost connections");
    assert_eq!(kept.rest(), (Vec::new(), Ended::Closed), "an idle client is let go in good order");
    assert!(second.lives());
    let mut third = Shield::launch(&setup);
    third.ready();
    assert!(second.ended(SOON).success(), "{}", second.err());
    assert!(answers(setup.plain));
}

#[test]
fn sigterm_drains() {
    if !needs("standing::sigterm_drains", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let mut shield = Shield::start(&setup);
    let ask = format!("GET /slow HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let mut plain = Client::plain(setup.plain);
    plain.send(&ask);
    let mut tls = Client::tls(setup.tls, &setup.certificate);
    tls.send(&ask);
    let (plain_head, tls_head) = (plain.head().expect("begun"), tls.head().expect("begun"));
    assert!(plain_head.starts_with("HTTP/1.1 200") && tls_head.starts_with("HTTP/1.1 200"));
    let began = Instant::now();
    shield.signal(Signal::TERM);
    wait_for("refusal of new connections", SOON, || {
        TcpStream::connect(setup.plain).is_err().then_some(())
    });
    assert!(shield.lives(), "the downloads are not done");
    let length = crate::fixtures::nginx::SLOW;
    assert_eq!(plain.exactly(length).expect("whole").len(), length);
    assert_eq!(tls.exactly(length).expect("whole").len(), length);
    assert!(shield.ended(SOON).success());
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn a_download_longer_than_drain_is_cut() {
    if !needs("standing::a_download_longer_than_drain_is_cut", &["nginx"]) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).top("drain = \"500ms\"");
    let mut shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    client.send(format!("GET /slow HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
    client.head().expect("begun");
    shield.signal(Signal::TERM);
    assert!(shield.ended(Duration::from_secs(2)).success());
    let (rest, _) = client.rest();
    assert!(rest.len() < crate::fixtures::nginx::SLOW, "{}", rest.len());
}

#[test]
fn reload_applies_whole_or_keeps_the_old() {
    let origin = Witness::start(Duration::ZERO);
    let mut setup = Setup::before(origin.address);
    let shield = Shield::start(&setup);
    let mut kept = Client::plain(setup.plain);
    let mut kept_tls = Client::tls(setup.tls, &setup.certificate);
    assert_eq!((kept.ask("/").status, kept_tls.ask("/").status), (200, 200));

    let good = setup.text();
    let bad = format!("{good}\n[limits]\nsource_rps = \"x\"\ntypo = 1\n");
    setup.folder.write("seawall.toml", bad);
    for refused in [reload(&setup), reload_by_address(&setup)] {
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{refused:?}");
        for what in ["limits.source_rps", "limits.typo"] {
            assert!(refused.err.contains(what), "every fault is told: {refused:?}");
        }
    }
    shield.signal(Signal::HUP);
    wait_for("the fault on stderr", SOON, || {
        (shield.err().contains("limits.typo") && shield.err().contains("stays")).then_some(())
    });
    assert_eq!((kept.ask("/").status, kept_tls.ask("/").status), (200, 200));

    let renewed = Certificate::write(&setup.folder, "www", &[HOST]);
    setup = setup.tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 2");
    setup.write();
    assert!(reload(&setup).good().starts_with("applied\n"));
    let mut fresh =
        Client::tls_from((Ipv4Addr::new(127, 0, 5, 1), setup.tls), &renewed, b"http/1.1");
    let statuses: Vec<u16> = (0..3).map(|_| fresh.ask("/").status).collect();
    assert_eq!(statuses, [200, 200, 429], "new certificate and new limits");
    let statuses: Vec<u16> = (0..3).map(|_| kept_tls.ask("/").status).collect();
    assert_eq!(statuses, [200, 200, 429], "a live connection stays, under the new limits");
    assert_eq!(kept.ask("/").status, 429);

    setup.folder.write("seawall.toml", good);
    shield.signal(Signal::HUP);
    wait_for("the old limits again", SOON, || (kept.ask("/").status == 200).then_some(()));
}

fn reload(setup: &Setup) -> crate::fixtures::Ran {
    run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON)
}

/// As an operator who is elsewhere: the file is read by the shield alone.
fn reload_by_address(setup: &Setup) -> crate::fixtures::Ran {
    let control = format!("http://{}", setup.control);
    let mut command = seawall();
    command
        .args(["reload", "--control", &control, "--token-file"])
        .arg(setup.state().join("control.token"));
    run(&mut command, SOON)
}
