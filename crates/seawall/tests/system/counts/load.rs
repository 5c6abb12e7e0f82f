//! Loads of a fixed number of requests.

use crate::fixtures::client::dial;
use crate::fixtures::curl::Way;
use crate::fixtures::{Answer, Client, HOST, SOON, Setup, run};
use std::net::Ipv4Addr;
use std::process::Command;
use std::thread;

/// Clients that connect anew for every request, at once: enough that connections wait in line, as
/// they do where their cost matters.
const NEW_AT_ONCE: u32 = 200;

/// How many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Requests(pub(super) u32);

/// What is asked, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// 64 connections that are kept.
    H1,
    /// 16 connections over TLS with 8 streams each.
    H2Tls,
    /// A plain connection for every request.
    New,
    /// The same by a source over its rate.
    Refused,
}

impl Load {
    /// Tables of the configuration that it needs.
    pub(super) fn tables(self) -> &'static str {
        match self {
            Self::H1 | Self::H2Tls | Self::New => "",
            Self::Refused => "[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 1",
        }
    }

    /// Sends that many requests; every one gets the answer that it should.
    pub(super) fn send(self, setup: &Setup, requests: Requests) {
        match self {
            Self::H1 => h2load(setup, Way::PlainH1, (requests, &["--h1", "-c", "64"])),
            Self::H2Tls => h2load(setup, Way::TlsH2, (requests, &["-c", "16", "-m", "8"])),
            Self::New => anew(setup, requests, 200),
            Self::Refused => {
                // Its budget of one is spent before anything is counted.
                let first = ask(setup).status;
                assert!(first == 200 || first == 429, "{first}");
                anew(setup, requests, 429);
            }
        }
    }
}

fn h2load(setup: &Setup, way: Way, (requests, words): (Requests, &[&str])) {
    let address = if way == Way::PlainH1 { setup.plain } else { setup.tls };
    let mut command = Command::new("h2load");
    command
        .args(["-n", &requests.0.to_string()])
        .args(words)
        .arg(format!("--connect-to={address}"))
        .arg(way.url(setup, "/"));
    let told = run(&mut command, SOON * 3).good();
    assert!(told.contains(&format!("{} 2xx", requests.0)), "{told}");
}

fn anew(setup: &Setup, requests: Requests, status: u16) {
    thread::scope(|scope| {
        for _ in 0..NEW_AT_ONCE {
            scope.spawn(|| {
                for _ in 0..requests.0 / NEW_AT_ONCE {
                    let answer = ask(setup);
                    assert_eq!(answer.status, status, "{:?}", answer.verdict());
                }
            });
        }
    });
}

fn ask(setup: &Setup) -> Answer {
    let socket = dial(Ipv4Addr::LOCALHOST, setup.plain).expect("it listens");
    let mut client = Client::over(socket);
    client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n"));
    client.answer()
}
