//! Bodies that are being read while a reload comes, connections are all in use, or the room is full.

use super::{Flood, opened};
use crate::fixtures::records::record_of;
use crate::fixtures::{Client, HOST, SOON, Setup, Shield, Witness, run, seawall};
use std::net::{Ipv4Addr, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const FORM: &str = "name=someone";

/// Begins a form and sends this much of it.
fn begin(client: &mut Client<TcpStream>, path: &str, part: &str) {
    let length = FORM.len();
    client.send(format!(
        "POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: {length}\r\n\r\n{part}"
    ));
}

#[test]
fn forms_that_were_begun_before_a_reload_are_answered_by_the_origin_after_it() {
    let (before, after) = (Witness::start(Duration::ZERO), Witness::start(Duration::ZERO));
    let setup = Setup::before(before.address).top("workers = 1");
    let setup = setup.platform("capacity = \"1 concurrent\"");
    let shield = Shield::start(&setup);
    let mut clients =
        [3, 4].map(|nth| Client::from_source(Ipv4Addr::new(127, 0, nth, 1), setup.plain));
    let (first, rest) = FORM.split_at(4);
    for client in &mut clients {
        begin(client, "/form", first);
    }
    // They are being read by then.
    thread::sleep(Duration::from_millis(200));
    let text = setup.text().replace(&before.address.to_string(), &after.address.to_string());
    setup.folder.write("seawall.toml", text);
    run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON).good();
    for client in &mut clients {
        client.send(rest);
    }
    let statuses = clients.map(|mut client| client.answer().status);
    assert_eq!(statuses, [200, 200], "{}", shield.err());
    assert_eq!((before.count(), after.count()), (0, 2));
}

#[test]
fn slow_forms_on_every_connection_there_is_leave_in_seconds() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).platform("capacity = \"4 concurrent\"");
    setup.write();
    let program = seawall().get_program().to_string_lossy().into_owned();
    // For 118 clients.
    let limited = format!("ulimit -n 300; exec {program} run -c {}", setup.file().display());
    let mut shield = Shield::launch_as(Command::new("sh").args(["-c", &limited]));
    shield.ready();
    let slow = (0..160).map(|nth| opened(setup.plain, nth, &Flood::Forms.begin(nth)));
    let slow: Vec<TcpStream> = slow.map(|stream| stream.expect("it listens")).collect();
    // Until all are in.
    thread::sleep(Duration::from_millis(500));
    let began = Instant::now();
    let status = Client::plain(setup.plain).ask("/page").status;
    let waited = began.elapsed();
    println!("{waited:?} beside {} slow forms", slow.len());
    assert_eq!(status, 200);
    assert!(waited > Duration::from_secs(1), "there was room all along: {waited:?}");
    // Two seconds and ticks; `timeouts.body` is ten.
    assert!(waited < Duration::from_secs(6), "{waited:?}");
}

#[test]
fn who_fills_the_room_for_bodies_has_no_small_form_refused() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).top("workers = 1");
    let setup = setup.platform("capacity = \"8 concurrent\"");
    let _shield = Shield::start(&setup);
    let head = format!("POST /large HTTP/1.1\r\nhost: {HOST}\r\ncontent-length: 62000\r\n\r\n");
    let begun = [head.into_bytes(), vec![b'x'; 60_000]].concat();
    // 16 MiB is the room; each takes 60 KiB at least.
    let large = (0..400).map(|nth| opened(setup.plain, nth, &begun));
    let large: Vec<TcpStream> = large.filter_map(Result::ok).collect();
    thread::sleep(Duration::from_secs(1));
    let mut statuses = Vec::new();
    for nth in 1..=10 {
        let mut client = Client::from_source(Ipv4Addr::new(127, 24, nth, 1), setup.plain);
        begin(&mut client, "/form", FORM);
        statuses.push(client.answer().status);
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(statuses, [200; 10], "beside {}", large.len());
}

#[test]
fn a_client_that_leaves_while_its_body_is_read_is_recorded() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).tables("[log]\nrequests = \"all\"");
    let setup = setup.platform("capacity = \"1 concurrent\"");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    begin(&mut client, "/left", "na");
    thread::sleep(Duration::from_millis(200));
    drop(client);
    let record = record_of(&setup, "/left");
    assert_eq!(record["verdict"], "error", "{record}");
    assert_eq!(origin.count(), 0);
}
