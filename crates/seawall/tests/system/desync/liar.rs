//! An origin that lies, and what clients get of it.

use super::answers::{Lie, POISON, Then};
use super::judge::Request;
use super::run::Fate;
use crate::fixtures::ports::free_address;
use crate::fixtures::records::records;
use crate::fixtures::{Client, HOST, SOON, Setup, Shield};
use rustix::process::Signal;
use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// Longest wait for more of an answer.
const QUIET: Duration = Duration::from_millis(300);
/// Long enough for a connection to have become idle.
const LATER: Duration = Duration::from_millis(40);
/// Interim answers of a storm.
const STORM: usize = 5_000;

/// Every lie to one client, and a good request of another behind it; gives what was found.
pub(super) fn against(lies: &[Lie]) -> Vec<String> {
    let address = free_address();
    let log = start(address, lies.to_vec());
    let setup = Setup::before(address)
        .top("workers = 1")
        .tables("[log]\nrequests = \"all\"\n[timeouts]\norigin_answer = \"2s\"");
    let mut shield = Shield::start(&setup);
    let mut found = Vec::new();
    for (nth, lie) in lies.iter().enumerate() {
        let told = ask(&setup, nth, *lie);
        found.extend(told.into_iter().map(|told| format!("{}: {told}", lie.name)));
    }
    if !shield.lives() {
        found.push("the shield died of a lie".to_owned());
    }
    shield.signal(Signal::TERM);
    shield.ended(SOON * 2);
    let records = records(&setup);
    let sent_on = records.iter().filter(|record| Fate::of(record) == Fate::SentOn);
    let mut let_through: Vec<Request> = sent_on.filter_map(Request::of).collect();
    let mut counted = log.lock().expect("nobody panics with it").clone();
    let_through.sort();
    counted.sort();
    // One that is asked again on a fresh connection, as the first was closed, counts once.
    counted.dedup();
    if let_through != counted {
        found.push(format!("{} let through, {} counted", let_through.len(), counted.len()));
    }
    found
}

fn ask(setup: &Setup, nth: usize, lie: Lie) -> Vec<String> {
    let mut told = Vec::new();
    let mut client = Client::plain(setup.plain);
    client.stream.set_read_timeout(Some(QUIET)).expect("it is not zero");
    client.send(format!("{} /lie/{nth} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", lie.method));
    let head = client.head().unwrap_or_default();
    thread::sleep(if lie.then == Then::Another { 2 * LATER } else { Duration::ZERO });
    let target = format!("/good/{nth}");
    let mut other = Client::plain(setup.plain);
    match answer(&mut other, &target) {
        Ok(text) if text == format!("GET {target}") => {}
        got => told.push(format!("another client got {got:?}")),
    }
    let (rest, _) = client.rest();
    let rest = String::from_utf8_lossy(&rest);
    if lie.method == "HEAD" && rest.contains(POISON) {
        told.push(format!("a HEAD is followed by {rest:?}"));
    }
    // Interim answers may come in any number.
    let heads = format!("{head}{rest}").matches("HTTP/1.").count();
    let interim = format!("{head}{rest}").matches("HTTP/1.1 10").count();
    if head.starts_with("HTTP/1.1 101") || heads > interim + 1 {
        told.push(format!("more than an answer came: {head:?} {rest:?}"));
    }
    told
}

fn answer(client: &mut Client<TcpStream>, target: &str) -> io::Result<String> {
    client.try_send(format!("GET {target} HTTP/1.1\r\nHost: {HOST}\r\n\r\n"))?;
    client.try_answer().map(|answer| answer.text())
}

/// Method and target of what the liar was asked.
type Log = Arc<Mutex<Vec<Request>>>;

fn start(address: SocketAddr, lies: Vec<Lie>) -> Log {
    let listener = TcpListener::bind(address).expect("it was free");
    let log = Log::default();
    let shared = log.clone();
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let (lies, log) = (lies.clone(), shared.clone());
            // Whoever breaks off is no concern of an origin.
            thread::spawn(move || drop(serve(connection, &lies, &log)));
        }
    });
    log
}

fn serve(connection: TcpStream, lies: &[Lie], log: &Log) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut peer = Client::over(connection);
    loop {
        let head = peer.head()?;
        let Some(request) = Request::read(&head) else { return Ok(()) };
        log.lock().expect("nobody panics with it").push(request.clone());
        let number = request.target.strip_prefix("/lie/").and_then(|number| number.parse().ok());
        let Some(lie) = number.and_then(|number: usize| lies.get(number)) else {
            let Request { method, target } = request;
            let text = format!("{method} {target}");
            let length = text.len();
            peer.try_send(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{text}"))?;
            continue;
        };
        peer.try_send(lie.bytes)?;
        match lie.then {
            Then::Keep => {}
            Then::Close => return Ok(()),
            Then::Another => {
                thread::sleep(LATER);
                peer.try_send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nPOISON")?;
            }
            Then::Storm => {
                for _ in 0..STORM {
                    peer.try_send("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n")?;
                }
                peer.try_send("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")?;
            }
        }
    }
}
