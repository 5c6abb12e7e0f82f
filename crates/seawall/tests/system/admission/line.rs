//! Downloads fill the line of an origin whose work is told: pages come through beside them.

use super::{Answers, crowd_for};
use crate::fixtures::figure::figure;
use crate::fixtures::{Client, Setup, Shield};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What the origin's line carries in a second: half of it is what pages need.
const LINE: u32 = 8 << 20;
/// What is sent at once, so that all answers share the line.
const PIECE: usize = 16 << 10;
const PAGE: usize = 32 << 10;
const FILM: usize = 24 << 20;

/// When the line is free again.
type Line = Mutex<Instant>;

fn start() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let line = Arc::new(Mutex::new(Instant::now()));
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let line = line.clone();
            // Whoever breaks off is no concern of an origin.
            thread::spawn(move || drop(serve(stream, &line)));
        }
    });
    address
}

fn serve(mut stream: TcpStream, line: &Line) -> std::io::Result<()> {
    let (mut head, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let length = stream.read(&mut piece)?;
        head.extend_from_slice(&piece[..length]);
        if length == 0 || !head.ends_with(b"\r\n\r\n") {
            if length == 0 {
                return Ok(());
            }
            continue;
        }
        let length = if head.starts_with(b"GET /film") { FILM } else { PAGE };
        head.clear();
        thread::sleep(Duration::from_millis(5));
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n")?;
        for _ in 0..length / PIECE {
            take_turn(line);
            stream.write_all(&[b'x'; PIECE])?;
        }
    }
}

/// Waits until the line has carried what was put on it before.
fn take_turn(line: &Line) {
    let turn = {
        let mut free = line.lock().expect("nobody panics with it");
        *free = (*free).max(Instant::now()) + Duration::from_secs(1) * 16_384 / LINE;
        *free
    };
    thread::sleep(turn.saturating_duration_since(Instant::now()));
}

#[test]
fn pages_come_through_beside_a_flood_for_a_large_file_where_work_alone_is_told() {
    let setup = Setup::before(start()).platform("capacity = \"2000 ms/s\"");
    let _shield = Shield::start(&setup);
    let target = setup.plain;
    let pages = |span| crowd_for("/page", target, 4, Duration::from_secs(span));
    let calm = pages(2);
    let over = Instant::now() + Duration::from_secs(8);
    let download = move || {
        while Instant::now() < over {
            let mut client = Client::plain(target);
            client.send("GET /film HTTP/1.1\r\nhost: www.example.org\r\nconnection: close\r\n\r\n");
            let mut piece = vec![0; 1 << 16];
            while Instant::now() < over && client.stream.read(&mut piece).is_ok_and(|n| n > 0) {}
            thread::sleep(Duration::from_millis(50));
        }
    };
    let flood: Vec<_> = (0..40).map(|_| thread::spawn(download)).collect();
    let beside = pages(7);
    for client in flood {
        client.join().expect("a client");
    }
    let served = |answers: &Answers| {
        let good = answers.iter().filter(|(answer, _)| answer.status == 200).count();
        let [good, all] = [good, answers.len()].map(|n| u32::try_from(n).expect("a few hundred"));
        f64::from(good) / f64::from(all)
    };
    let share = served(&beside);
    println!("calm {} pages, beside the flood {} of which {share:.4}", calm.len(), beside.len());
    figure("admission.pages_beside_downloads", share, "x");
    assert!((served(&calm) - 1.0).abs() < f64::EPSILON);
    assert!(share >= 0.99, "{share}");
    assert!(beside.len() * 2 >= calm.len() * 7 / 3, "{} pages", beside.len());
}
