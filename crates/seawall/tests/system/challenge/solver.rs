//! A visitor without a browser, and a program that solves what pages ask.

use crate::fixtures::client::{dial, inside_tls};
use crate::fixtures::{Answer, Client, HOST};
use data_encoding::BASE64;
use rustls::ClientConfig;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

pub(super) const NAVIGATION: &str = "sec-fetch-mode: navigate\r\naccept: text/html,*/*;q=0.8\r\n";
pub(super) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";

/// Somebody at an address, with some software.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor<'a> {
    source: Ipv4Addr,
    agent: &'a str,
    target: SocketAddr,
    tls: Option<&'a Arc<ClientConfig>>,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(source: Ipv4Addr, target: SocketAddr) -> Self {
        Self::with_agent(source, AGENT, target)
    }

    pub(super) fn with_agent(source: Ipv4Addr, agent: &'a str, target: SocketAddr) -> Self {
        Self { source, agent, target, tls: None }
    }

    /// The same inside TLS.
    pub(super) fn inside(self, settings: &'a Arc<ClientConfig>) -> Self {
        Self { tls: Some(settings), ..self }
    }

    pub(super) fn client(self) -> Client<TcpStream> {
        Client::from_source(self.source, self.target)
    }

    /// Goes to a page.
    pub(super) fn get(self, target: &str, fields: &str) -> Answer {
        let fields = format!("user-agent: {}\r\n{NAVIGATION}{fields}", self.agent);
        self.asks(&format!("GET {target}"), &fields, "")
    }

    /// Asks on a connection of its own.
    fn asks(self, line: &str, fields: &str, body: &str) -> Answer {
        let request = format!("{line} HTTP/1.1\r\nhost: {HOST}\r\n{fields}\r\n{body}");
        let Some(settings) = self.tls else {
            let mut client = self.client();
            client.send(request);
            return client.answer();
        };
        let socket = dial(self.source, self.target).expect("it listens");
        let mut client = Client::over(inside_tls(settings.clone(), socket));
        client.send(request);
        client.answer()
    }

    /// Sends the answer to a puzzle.
    pub(super) fn post_answer(self, payload: &str) -> Answer {
        let (agent, length) = (self.agent, payload.len());
        let fields = format!("user-agent: {agent}\r\ncontent-length: {length}\r\n");
        self.asks("POST /.well-known/seawall/answer", &fields, payload)
    }

    /// Solves what the page asks and gives the cookie, if there is one.
    pub(super) fn pass(self) -> Option<String> {
        let page = self.get("/", "");
        let passed = self.post_answer(&Puzzle::of(&page).solved());
        (passed.status == 204).then(|| cookie_of(&passed))
    }
}

/// The puzzle of a page.
#[derive(Debug)]
pub(super) struct Puzzle {
    challenge: String,
    salt: String,
    signature: String,
    most: u64,
}

impl Puzzle {
    #[track_caller]
    pub(super) fn of(page: &Answer) -> Self {
        let text = page.text();
        let data = |name: &str| {
            let behind = text.split(&format!("data-{name}=\"")).nth(1);
            let value = behind.and_then(|rest| rest.split('"').next());
            value.unwrap_or_else(|| panic!("no {name} in {page:?}")).replace("&amp;", "&")
        };
        let most = data("most").parse().expect("a number");
        let (challenge, salt) = (data("challenge"), data("salt"));
        Self { challenge, salt, signature: data("signature"), most }
    }

    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// What a page would send.
    pub(super) fn solved(&self) -> String {
        let hash = |number: &u64| Sha256::digest(format!("{}{number}", self.salt));
        let is_it = |number: &u64| data_encoding::HEXLOWER.encode(&hash(number)) == self.challenge;
        let number = (0..=self.most).find(is_it).expect("every puzzle has an answer");
        let Self { challenge, salt, signature, .. } = self;
        let told = json!({"algorithm": "SHA-256", "challenge": challenge, "number": number,
                          "salt": salt, "signature": signature});
        BASE64.encode(told.to_string().as_bytes())
    }
}

/// The cookie that an answer sets, as it is brought back.
#[track_caller]
pub(super) fn cookie_of(answer: &Answer) -> String {
    let set = answer.header("set-cookie").unwrap_or_else(|| panic!("no cookie: {answer:?}"));
    set.split(';').next().unwrap_or_default().to_owned()
}
