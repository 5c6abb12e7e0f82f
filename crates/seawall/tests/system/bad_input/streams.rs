//! Hostile HTTP/2: each trick on a connection of its own, which must end.

use crate::fixtures::client::Tls;
use crate::fixtures::frames::{
    CONTINUATION, DATA, END_HEADERS, END_STREAM, HEADERS, PING, PRIORITY, SETTINGS, WINDOW_UPDATE,
    field, frame, get, opening, request, reset,
};
use crate::fixtures::{Client, Ended, SOON, Setup, Shield, Witness};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

/// Requests of one connection that may reach the origin before it is closed: what a browser that
/// leaves pages may cancel over its connection's life, and those that were under way.
///
/// A quick machine closes after a hundred in one second; on a slow one they spread over more.
const STARTS_MAX: u64 = 210;
/// Rounds after which a trick counts as borne.
const ROUNDS_MAX: u32 = 2_000;

/// One trick.
pub(super) struct Trick {
    pub(super) name: &'static str,
    /// Frames of one round, given its number.
    round: fn(u32) -> Vec<u8>,
    /// Time between two rounds.
    pause: Duration,
}

const AT_ONCE: Duration = Duration::ZERO;
const PATIENT: Duration = Duration::from_millis(5);

const fn trick(name: &'static str, round: fn(u32) -> Vec<u8>, pause: Duration) -> Trick {
    Trick { name, round, pause }
}

/// The streams that are opened in a round.
fn streams(round: u32) -> impl Iterator<Item = u32> {
    (0..5).map(move |index| 1 + 2 * (5 * round + index))
}

/// Five requests, each followed by what makes the server, or the client, reset it.
fn each(round: u32, spoil: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    streams(round).flat_map(|stream| [request(stream, "/"), spoil(stream)].concat()).collect()
}

/// Five requests, and what spoils those of the round before, which have reached the origin by now.
fn late(round: u32, spoil: impl Fn(u32) -> Vec<u8>) -> Vec<u8> {
    let requests = streams(round).flat_map(|stream| request(stream, "/"));
    let earlier = round.checked_sub(1).into_iter().flat_map(streams);
    requests.chain(earlier.flat_map(spoil)).collect()
}

fn window_overflow(stream: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &0x7fff_ffff_u32.to_be_bytes())
}

fn self_dependency(stream: u32) -> Vec<u8> {
    frame(PRIORITY, 0, stream, &[&stream.to_be_bytes()[..], &[0]].concat())
}

/// Everything that has kept servers busy for little.
pub(super) const TRICKS: &[Trick] = &[
    trick("rapid reset", |round| each(round, reset), AT_ONCE),
    trick("patient rapid reset", |round| late(round, reset), PATIENT),
    trick("window overflow", |round| each(round, window_overflow), AT_ONCE),
    trick("patient window overflow", |round| late(round, window_overflow), PATIENT),
    trick(
        "window update of nothing",
        |round| each(round, |stream| frame(WINDOW_UPDATE, 0, stream, &[0; 4])),
        AT_ONCE,
    ),
    trick(
        "data after the end",
        |round| each(round, |stream| frame(DATA, 0, stream, b"x")),
        AT_ONCE,
    ),
    trick("headers after the end", |round| each(round, |stream| request(stream, "/")), AT_ONCE),
    trick("self-dependency", |round| each(round, self_dependency), AT_ONCE),
    trick("patient self-dependency", |round| late(round, self_dependency), PATIENT),
    trick(
        "priority of a wrong length",
        |round| each(round, |stream| frame(PRIORITY, 0, stream, &[0; 4])),
        AT_ONCE,
    ),
    trick("continuation flood", continuation, AT_ONCE),
    trick("ping flood", |_| frame(PING, 0, 0, &[0; 8]).repeat(50), AT_ONCE),
    trick("settings flood", |_| frame(SETTINGS, 0, 0, &[]).repeat(50), AT_ONCE),
    trick("empty data", empty_data, AT_ONCE),
    trick(
        "window updates",
        |_| frame(WINDOW_UPDATE, 0, 0, &1_u32.to_be_bytes()).repeat(50),
        AT_ONCE,
    ),
    trick("priorities", |_| frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 1]).repeat(50), AT_ONCE),
    trick("unknown frames", |_| frame(0xbe, 0, 0, b"x").repeat(50), AT_ONCE),
    trick("unknown settings", |_| frame(SETTINGS, 0, 0, &[0xf0; 600]), AT_ONCE),
];

fn continuation(round: u32) -> Vec<u8> {
    let piece = field("x-a", "b");
    match round {
        0 => frame(HEADERS, END_STREAM, 1, &get("/")),
        _ => frame(CONTINUATION, 0, 1, &piece),
    }
}

fn empty_data(round: u32) -> Vec<u8> {
    let mut post = get("/");
    post[0] = 0x83;
    match round {
        0 => frame(HEADERS, END_HEADERS, 1, &post),
        _ => frame(DATA, 0, 1, &[]).repeat(50),
    }
}

/// The trick ends its connection, plain and inside TLS, before the origin has felt much of it.
pub(super) fn is_ended(setup: &Setup, witness: &Witness, trick: &Trick) {
    let before = witness.count();
    play(Client::plain(setup.plain), trick);
    let local = (Ipv4Addr::LOCALHOST, setup.tls);
    let tls: Client<Tls> = Client::tls_from(local, &setup.certificate, b"h2");
    play(tls, trick);
    let starts = witness.count() - before;
    println!("{}: {starts} requests at the origin", trick.name);
    assert!(starts <= 2 * STARTS_MAX, "{}: {starts}", trick.name);
}

/// The frames that tricks are made of are good ones: without a trick they are answered.
pub(super) fn good_frames_are_answered(setup: &Setup) {
    let local = (Ipv4Addr::LOCALHOST, setup.tls);
    is_answered(Client::plain(setup.plain));
    is_answered::<Tls>(Client::tls_from(local, &setup.certificate, b"h2"));
}

fn is_answered<S: Read + Write>(mut client: Client<S>) {
    client.send([opening(65_535), request(1, "/"), request(3, "/")].concat());
    for _ in 0..2 {
        let head = client.frame_of(HEADERS).expect("an answer");
        // `:status: 200` is number 8 of the static table (RFC 7541, appendix A).
        assert_eq!(head.payload.first(), Some(&0x88), "{head:?}");
    }
}

fn play<S: Read + Write>(mut client: Client<S>, trick: &Trick) {
    let began = Instant::now();
    client.send(opening(65_535));
    let borne = (0..ROUNDS_MAX).all(|round| {
        thread::sleep(trick.pause);
        client.try_send((trick.round)(round)).is_ok()
    });
    let (_, ended) = client.rest();
    assert_ne!(ended, Ended::Open, "{} is borne for {ROUNDS_MAX} rounds ({borne})", trick.name);
    assert!(began.elapsed() < SOON, "{} took {:?}", trick.name, began.elapsed());
}

/// Connections of one bomb, and streams on each.
const BOMBS: usize = 20;
const BOMB_STREAMS: u32 = 100;
/// Memory that a connection with a bomb may cost at its worst, for under 60 KiB sent: the engine
/// unfolds each header list, up to its limit, before anything of ours sees it.
const GROWTH_MAX_KIB: u64 = 1_280 * BOMBS as u64;

/// A large field put into the table once, then named by one byte each time.
fn table_bomb() -> Vec<u8> {
    let mut bytes = opening(65_535);
    for index in 0..BOMB_STREAMS {
        let mut block = get("/");
        if index == 0 {
            // With incremental indexing (RFC 7541 §6.2.1): `x: aaaa…`, 3,000 bytes.
            block.extend([0x40, 1, b'x', 0x7f, 0xb9, 0x16]);
            block.extend([b'a'; 3_000]);
        }
        // Number 62, the newest entry of the table (RFC 7541 §2.3.3).
        block.extend([0xbe; 480]);
        bytes.extend(frame(HEADERS, END_STREAM | END_HEADERS, 1 + 2 * index, &block));
    }
    bytes
}

/// Many fields of one byte each: empty crumbs of cookies.
fn crumb_bomb(crumbs: usize) -> Vec<u8> {
    let mut bytes = opening(65_535);
    for index in 0..BOMB_STREAMS {
        let mut block = get("/");
        // `cookie` with an empty value is number 32 of the static table.
        block.extend(vec![0xa0; crumbs]);
        bytes.extend(frame(HEADERS, END_STREAM | END_HEADERS, 1 + 2 * index, &block));
    }
    bytes
}

/// Header bombs are refused, or passed on, before they cost what they unfold to.
pub(super) fn bombs_are_cheap(setup: &Setup, shield: &Shield) {
    let bombs = [
        // What as many good requests cost, which all reach the origin.
        ("no crumbs", crumb_bomb(0)),
        ("table", table_bomb()),
        ("crumbs", crumb_bomb(480)),
        // Below the size that a header list may have, and below the fields that it may have.
        ("fitted crumbs", crumb_bomb(400)),
        ("passing crumbs", crumb_bomb(90)),
    ];
    for (name, bomb) in bombs {
        let before = shield.memory_kib();
        let most = peak(shield, || {
            let mut held: Vec<_> = (0..BOMBS).map(|_| Client::plain(setup.plain)).collect();
            for client in &mut held {
                // It may be refused before all of it is taken.
                let _ = client.try_send(&bomb);
            }
            held.iter_mut().for_each(until_all_is_answered);
        });
        let growth = most.saturating_sub(before);
        let sent = BOMBS * bomb.len() / 1024;
        println!("{name} bomb: {sent} KiB sent, {growth} KiB grown");
        assert!(growth < GROWTH_MAX_KIB, "{name} bomb: {growth} KiB");
    }
}

/// Reads an answer for each stream of a bomb, or to the end of the connection.
fn until_all_is_answered<S: Read + Write>(client: &mut Client<S>) {
    let heads = (0..BOMB_STREAMS).map(|_| client.frame_of(HEADERS));
    // An end before the last is as good.
    heads.take_while(Result::is_ok).for_each(drop);
}

/// The most memory that the shield holds while `work` is done, in KiB.
fn peak(shield: &Shield, work: impl FnOnce()) -> u64 {
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        let sampler = scope.spawn(|| {
            let mut most = 0;
            while !over.load(Relaxed) {
                most = most.max(shield.memory_kib());
                thread::sleep(Duration::from_millis(5));
            }
            most
        });
        work();
        over.store(true, Relaxed);
        sampler.join().expect("reading does not panic")
    })
}
