//! Bodies that come slowly hold no slot of an origin, and honest ones pass.

mod ahead;

use crate::fixtures::client::dial;
use crate::fixtures::figure::figure;
use crate::fixtures::{Client, HOST, Nginx, Setup, Shield, Witness, needs};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a page costs the origin.
const COST: Duration = Duration::from_millis(20);
/// Longer than `timeouts.body`, so that slow bodies are cut off and come anew.
const SPAN: Duration = Duration::from_secs(14);
/// Requests that send a byte a second: many times the slots of the origin.
const SLOW: usize = 200;
/// Of each party; together they ask for a fifth of what the origin carries.
const VISITORS: u8 = 4;
const PAUSE: Duration = Duration::from_millis(200);
const SERVED_MIN: f64 = 0.999;
/// Of strangers beside bodies that cannot be read ahead. The same is aimed at, and what `cargo x score
/// bodies` holds it against: half of the slots are held there, and the last is kept from strangers.
const STRANGERS_MIN: f64 = 0.85;
/// Slow forms that the origin may hear of: one of a core at a time, where its slots can spare one, for two
/// seconds or longer.
const HEARD_MAX: u64 = 16;
/// An upload at the speed of the line.
const UPLOAD: usize = 4 * 1024 * 1024;
/// One of a phone: 20 KiB a second.
const PHONE: usize = 160 * 1024;
const PHONE_PIECE: usize = 2 * 1024;

/// How slow bodies are told and begun; a byte a second follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Flood {
    /// Told in length and small: what is known of forms that never come to an end.
    Forms,
    /// What is read of a form ahead does not help: in chunks, asked for beforehand, or large at once.
    Evasive,
}

impl Flood {
    fn begin(self, nth: usize) -> Vec<u8> {
        let head =
            |fields: &str| format!("POST /form HTTP/1.1\r\nhost: {HOST}\r\n{fields}\r\n\r\n");
        match (self, nth % 3) {
            (Self::Forms, _) => (head("content-length: 4096") + "a=").into_bytes(),
            (Self::Evasive, 0) => head("transfer-encoding: chunked").into_bytes(),
            (Self::Evasive, 1) => head("expect: 100-continue\r\ncontent-length: 4096").into_bytes(),
            (Self::Evasive, _) => {
                [head("content-length: 90000").into_bytes(), vec![b'x'; 70_000]].concat()
            }
        }
    }

    /// The next byte; a chunk where it is in chunks.
    fn piece(self, nth: usize) -> &'static [u8] {
        match (self, nth % 3) {
            (Self::Evasive, 0) => b"1\r\nx\r\n",
            (Self::Forms | Self::Evasive, _) => b"x",
        }
    }
}

/// How bodies that come slowly ended.
#[derive(Debug, Default)]
struct Cut {
    /// Told that they were too slow.
    told: usize,
    /// Answered in another way.
    otherwise: usize,
    /// Closed before an answer was read.
    closed: usize,
}

/// Holds so many requests open until the end; how those ended that did before.
fn slow(target: SocketAddr, (flood, until): (Flood, Instant)) -> JoinHandle<Cut> {
    thread::spawn(move || {
        let mut held: Vec<Option<TcpStream>> = (0..SLOW).map(|_| None).collect();
        let mut cut = Cut::default();
        while Instant::now() < until {
            for (nth, held) in held.iter_mut().enumerate() {
                let Some(stream) = held else {
                    *held = opened(target, nth, &flood.begin(nth)).ok();
                    continue;
                };
                let ended = match go_on(stream, flood.piece(nth)) {
                    Now::Open => continue,
                    Now::Answered(408) => &mut cut.told,
                    Now::Answered(_) => &mut cut.otherwise,
                    Now::Closed => &mut cut.closed,
                };
                *ended += 1;
                *held = None;
            }
            thread::sleep(Duration::from_secs(1));
        }
        cut
    })
}

fn opened(target: SocketAddr, nth: usize, begin: &[u8]) -> io::Result<TcpStream> {
    let low = u8::try_from(nth % 200).unwrap_or(0);
    let mut stream = dial(Ipv4Addr::new(127, 40, low, 1), target)?;
    stream.write_all(begin)?;
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// How a request stands whose body comes.
enum Now {
    Open,
    Answered(u16),
    Closed,
}

/// Sends another piece of a body, unless its request is over.
fn go_on(stream: &mut TcpStream, piece: &[u8]) -> Now {
    let mut answer = [0; 4096];
    match stream.read(&mut answer) {
        Ok(0) => return Now::Closed,
        Ok(read) => {
            let head = String::from_utf8_lossy(&answer[..read]);
            let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
            // An invitation to send the body is no end.
            if status != Some(100) {
                return Now::Answered(status.unwrap_or(0));
            }
        }
        Err(cause) if cause.kind() != ErrorKind::WouldBlock => return Now::Closed,
        Err(_) => {}
    }
    if stream.write_all(piece).is_ok() { Now::Open } else { Now::Closed }
}

/// Asks again and again; how many of how many were served.
fn asking(from: Ipv4Addr, target: SocketAddr, (request, until): (String, Instant)) -> Asking {
    thread::spawn(move || {
        let mut client = Client::from_source(from, target);
        let (mut served, mut all) = (0, 0);
        while Instant::now() < until {
            let began = Instant::now();
            client.send(&request);
            let answer = client.answer();
            served += u32::from(answer.status == 200);
            all += 1;
            if answer.header("connection") == Some("close") {
                client = Client::from_source(from, target);
            }
            thread::sleep(PAUSE.saturating_sub(began.elapsed()));
        }
        (served, all)
    })
}

type Asking = JoinHandle<(u32, u32)>;

/// Sends a body in pieces; whether it was answered as one that came whole.
fn upload(
    (from, target): (Ipv4Addr, SocketAddr),
    (length, piece, pause): (usize, usize, Duration),
) -> JoinHandle<u16> {
    thread::spawn(move || {
        let mut client = Client::from_source(from, target);
        client.send(format!(
            "POST /upload HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {length}\r\n\r\n"
        ));
        for _ in 0..length / piece {
            client.send(vec![b'u'; piece]);
            thread::sleep(pause);
        }
        client.answer().status
    })
}

/// The share that was served of staff, readers of a feed, visitors and senders of forms, and how much all
/// of them and two uploads asked.
fn during(target: SocketAddr, flood: Flood) -> (Vec<(&'static str, f64)>, u32) {
    let until = Instant::now() + SPAN;
    let slow = slow(target, (flood, until));
    // Not before the slow ones have what they can have.
    thread::sleep(Duration::from_secs(2));
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n\r\n");
    let form =
        format!("POST /form HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 12\r\n\r\nname=someone");
    let many = |third: u8, request: String| {
        let one = |nth| asking(Ipv4Addr::new(127, third, nth, 1), target, (request.clone(), until));
        (1..=VISITORS).map(one).collect::<Vec<_>>()
    };
    let from = match flood {
        Flood::Forms => Ipv4Addr::new(127, 0, 9, 9),
        // A stranger's shares with the flood what bodies of strangers may hold.
        Flood::Evasive => Ipv4Addr::new(127, 6, 9, 9),
    };
    let uploads = [
        upload((from, target), (UPLOAD, UPLOAD / 64, Duration::from_millis(2))),
        upload((from, target), (PHONE, PHONE_PIECE, Duration::from_millis(100))),
    ];
    let all = [
        ("staff", many(6, get("/admin"))),
        ("feeds", many(21, get("/feed.xml"))),
        ("visitors", many(22, get("/page"))),
        ("forms", many(23, form)),
    ];
    let mut asked = 2;
    let told = all.map(|(name, asking)| {
        let told = asking.into_iter().map(|one| one.join().expect("a client"));
        let (served, all) = told.fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        println!("{name}: {served} of {all}");
        asked += all;
        (name, f64::from(served) / f64::from(all))
    });
    for upload in uploads {
        assert_eq!(upload.join().expect("a client"), 200);
    }
    let cut = slow.join().expect("the slow ones");
    println!("slow bodies ended: {cut:?}");
    // Each is cut off once at least, in the fourteen seconds.
    assert!(cut.told + cut.otherwise + cut.closed >= SLOW, "no flood: {cut:?}");
    if flood == Flood::Forms {
        assert!(cut.told >= SLOW && cut.otherwise == 0, "none of them had a slot: {cut:?}");
    }
    (told.into(), asked)
}

/// Plays it before nginx, which streams to an application, with eight slots.
fn play(flood: Flood) -> Vec<(&'static str, f64)> {
    let application = Witness::start(COST);
    let origin = Nginx::streaming_to(application.address);
    let lane = "[[lane]]\nname = \"staff\"\nnetworks = [\"127.6.0.0/16\"]";
    let setup = Setup::before(origin.address)
        .top("workers = 2")
        .platform("capacity = \"8 concurrent\"")
        .tables(lane);
    let _shield = Shield::start(&setup);
    let (shares, asked) = during(setup.plain, flood);
    if flood == Flood::Forms {
        let heard = application.count().saturating_sub(u64::from(asked));
        println!("the origin heard of {heard} slow forms");
        assert!(heard <= HEARD_MAX, "{heard}");
    }
    // Two uploads came whole, and of the forms at least those that were served.
    assert!(application.body_bytes() >= UPLOAD + PHONE, "{}", application.body_bytes());
    shares
}

/// The least share of these.
fn least(shares: &[(&'static str, f64)]) -> f64 {
    shares.iter().map(|(_, share)| *share).fold(1.0, f64::min)
}

#[test]
fn two_hundred_bodies_at_a_byte_a_second_keep_nobody_from_an_origin_of_eight_slots() {
    if !needs("bodies::two_hundred_bodies_at_a_byte_a_second", &["nginx"]) {
        return;
    }
    let shares = play(Flood::Forms);
    figure("bodies.slow.served", format!("{:.4}", least(&shares)), "of all");
    assert!(least(&shares) >= SERVED_MIN, "{shares:?}");
}

#[test]
fn slow_bodies_that_cannot_be_read_ahead_keep_nobody_who_is_known_and_few_strangers() {
    if !needs("bodies::slow_bodies_that_cannot_be_read_ahead", &["nginx"]) {
        return;
    }
    let shares = play(Flood::Evasive);
    let (known, strangers) = shares.split_at(1);
    figure("bodies.evasive.known", format!("{:.4}", least(known)), "of all");
    figure("bodies.evasive.strangers", format!("{:.4}", least(strangers)), "of all");
    assert!(least(known) >= SERVED_MIN, "{known:?}");
    assert!(least(strangers) >= STRANGERS_MIN, "{strangers:?}");
}
