//! A visitor without a browser, and a program that solves what pages ask.

use super::asked;
use crate::fixtures::{Answer, Client, HOST};
use data_encoding::BASE64;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

pub(super) const NAVIGATION: &str = "sec-fetch-mode: navigate\r\naccept: text/html,*/*;q=0.8\r\n";
pub(super) const AGENT: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Firefox/140.0";

/// Somebody at an address, with some software.
#[derive(Debug, Clone, Copy)]
pub(super) struct Visitor<'a> {
    source: Ipv4Addr,
    agent: &'a str,
    target: SocketAddr,
}

impl<'a> Visitor<'a> {
    pub(super) fn new(source: Ipv4Addr, target: SocketAddr) -> Self {
        Self::with_agent(source, AGENT, target)
    }

    pub(super) fn with_agent(source: Ipv4Addr, agent: &'a str, target: SocketAddr) -> Self {
        Self { source, agent, target }
    }

    pub(super) fn client(self) -> Client<TcpStream> {
        Client::from_source(self.source, self.target)
    }

    /// Goes to a page.
    pub(super) fn get(self, target: &str, fields: &str) -> Answer {
        let fields = format!("user-agent: {}\r\n{NAVIGATION}{fields}", self.agent);
        asked(&mut self.client(), &format!("GET {target}"), &fields)
    }

    /// Sends the answer to a puzzle.
    pub(super) fn post_answer(self, payload: &str) -> Answer {
        let mut client = self.client();
        client.send(format!(
            "POST /.well-known/seawall/answer HTTP/1.1\r\nhost: {HOST}\r\nuser-agent: {}\r\n\
             content-length: {}\r\n\r\n{payload}",
            self.agent,
            payload.len()
        ));
        client.answer()
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
