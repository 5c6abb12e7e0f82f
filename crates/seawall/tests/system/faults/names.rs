//! Origins whose names are taken away and given back, on a shield with a hosts file of its own.
//!
//! The file is bound over `/etc/hosts` in a mount namespace in which nothing but the shield runs.

use super::patient::Patient;
use super::scenario::{Company, Fault, Outcome, play, setup, write};
use crate::fixtures::program::skip;
use crate::fixtures::{Client, SOON, Setup, Shield, needs, run, seawall, wait_for};
use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

const NAME: &str = "origin.example.org";

/// The command that makes a namespace of its own, as far as this user may.
fn unshare() -> Option<Command> {
    [&["-m"][..], &["-rm"]].into_iter().find_map(|flags| {
        let may = run(Command::new("unshare").args(flags).arg("true"), SOON).code == Some(0);
        may.then(|| {
            let mut command = Command::new("unshare");
            command.args(flags);
            command
        })
    })
}

/// Whether names can be given and taken here; otherwise `test` says so.
pub(super) fn are_ours(test: &str) -> bool {
    if !needs(test, &["unshare", "mount"]) {
        return false;
    }
    let may = unshare().is_some();
    if !may {
        skip(test, "a mount namespace is not allowed");
    }
    may
}

/// A shield that resolves names by the file `hosts` of its folder.
fn shield(setup: &Setup, origins: &[String]) -> Shield {
    write(setup, origins);
    setup.folder.write("nsswitch.conf", "hosts: files\n");
    let script = "mount --bind \"$1/hosts\" /etc/hosts && \
                  mount --bind \"$1/nsswitch.conf\" /etc/nsswitch.conf && \
                  exec \"$2\" run -c \"$1/seawall.toml\"";
    let mut command = unshare().expect("looked for before");
    command.args(["sh", "-c", script, "sh"]).arg(setup.folder.path());
    let mut shield = Shield::launch_as(command.arg(seawall().get_program()));
    shield.ready();
    shield
}

/// Gives the name this address, or none; the file is written in place, since it is bound as it is.
fn hosts(setup: &Setup, address: Option<&str>) {
    let line = address.map(|address| format!("{address} {NAME}\n")).unwrap_or_default();
    fs::write(setup.folder.join("hosts"), line).expect("the folder is ours");
}

/// Plays a name that does not exist and then does.
pub(super) fn gone(company: Company) -> Outcome {
    let (patient, other) = (Patient::start(), Patient::start());
    let others: &[&Patient] = match company {
        Company::Alone => &[],
        Company::Beside => &[&other],
    };
    let setup = setup(patient.address);
    hosts(&setup, None);
    let named = format!("{NAME}:{}", patient.address.port());
    let places = [named].into_iter().chain(others.iter().map(|other| other.address.to_string()));
    let shield = shield(&setup, &places.collect::<Vec<_>>());
    let fault = Fault {
        name: "name gone",
        alone: &[502],
        begin: &|| {},
        last: &|span| thread::sleep(span),
        end: &|| hosts(&setup, Some("127.0.0.1")),
    };
    let outcome = play(&fault, setup.plain, (&patient, others));
    let complaints = shield.err().matches("does not resolve").count();
    assert_eq!(complaints, 1, "once a minute: {}", shield.err());
    outcome
}

#[test]
fn the_last_addresses_of_a_name_serve_when_it_is_gone_and_new_ones_when_it_moves() {
    if !are_ours("faults::names::the_last_addresses_of_a_name_serve…") {
        return;
    }
    let patient = Patient::start();
    let setup = setup(patient.address);
    hosts(&setup, Some("127.0.0.1"));
    let port = patient.address.port();
    let shield = shield(&setup, &[format!("{NAME}:{port}")]);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    hosts(&setup, None);
    let began = Instant::now();
    wait_for("complaint about the name", SOON, || {
        assert_eq!(client.ask("/").status, 200, "the last address serves");
        shield.err().contains("its last addresses stay").then_some(())
    });
    assert!(began.elapsed() < Duration::from_secs(7), "looked for every five seconds");
    moved(port);
    hosts(&setup, Some("127.0.0.9"));
    wait_for("answer from the new address by a kept connection", SOON, || {
        let answer = client.ask("/");
        assert_eq!(answer.status, 200);
        (answer.text() == "moved\n").then_some(())
    });
}

/// An origin at 127.0.0.9, until the tests end.
fn moved(port: u16) {
    let listener = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 9), port));
    let listener = listener.expect("nobody else has it");
    let answer = |connection: TcpStream| {
        let mut client = Client::over(connection);
        while client.head().is_ok() {
            let answer = "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nmoved\n";
            if client.try_send(answer).is_err() {
                return;
            }
        }
    };
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer(connection));
        }
    });
}
