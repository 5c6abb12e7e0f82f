//! Calm: nobody is asked, no cookie is set, and an answer stays what the origin made of it.

use crate::admission::simulated::{DEFENCES, PROGRAMS, day, play, prepared};
use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{Answer, Client, HOST, Setup, Shield, figure};
use std::collections::BTreeSet;

/// Fields of one connection (RFC 9110 §7.6.1).
const OF_A_CONNECTION: [&str; 3] = ["connection", "keep-alive", "transfer-encoding"];
/// What origins say of themselves to caches, and what they say of nothing.
const SAID: [(&str, &str); 8] = [
    ("/silent", ""),
    ("/public", "cache-control: public, max-age=60\r\netag: \"a\"\r\nvary: accept-encoding\r\n"),
    ("/shared", "cache-control: s-maxage=60\r\nage: 7\r\n"),
    ("/private", "cache-control: private, no-store\r\n"),
    ("/expires", "expires: Thu, 01 Dec 2044 16:00:00 GMT\r\npragma: no-cache\r\n"),
    ("/session", "set-cookie: sid=1; Path=/\r\ncache-control: no-cache\r\n"),
    ("/tagged", "cdn-cache-control: max-age=60\r\nsurrogate-key: a b\r\ncache-status: x; hit\r\n"),
    ("/modified", "last-modified: Thu, 01 Dec 2022 16:00:00 GMT\r\naccept-ranges: bytes\r\n"),
];

#[test]
fn twenty_four_plain_hours_challenge_nobody() {
    let prepared = prepared(&day("\"600 ms/s\"", PROGRAMS));
    let mut challenged = 0.0;
    for (defence, seed) in DEFENCES.into_iter().zip(1..) {
        let summary = play(&prepared, seed, defence);
        let offered: u64 = summary.offered.iter().sum();
        assert!(offered > 500_000, "{offered}");
        #[expect(clippy::cast_precision_loss, reason = "counts of one run")]
        let asked = summary.challenged.unwrap_or(0.0) * offered as f64;
        println!("{defence:?}: {asked} of {offered}");
        challenged += asked;
    }
    figure("challenge.calm", challenged, "challenges");
    assert!(challenged < 0.5, "{challenged}");
}

#[test]
fn calm_answers_have_no_field_that_they_had_not_at_the_origin() {
    let lines = SAID.map(|(path, fields)| Line {
        path,
        bytes: format!(
            "HTTP/1.1 200 OK\r\ndate: Thu, 01 Dec 2022 16:00:00 GMT\r\ncontent-type: \
             text/html\r\n{fields}content-length: 5\r\n\r\nhello"
        )
        .into_bytes(),
        then: Then::Keep,
    });
    let origin = Script::start(lines.to_vec());
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let mut straight = Client::plain(origin.address);
    let mut plain = Client::plain(setup.plain);
    let mut tls = Client::tls(setup.tls, &setup.certificate);
    let mut added = Vec::new();
    // A browser, a program, and somebody with a session; each again and again.
    for said in [
        "sec-fetch-mode: navigate\r\naccept: text/html\r\nuser-agent: Mozilla/5.0\r\n",
        "user-agent: curl/8.5.0\r\n",
        "cookie: sid=1\r\naccept-encoding: gzip\r\n",
    ] {
        for _ in 0..10 {
            for (path, _) in SAID {
                let ask = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{said}\r\n");
                straight.send(&ask);
                plain.send(&ask);
                tls.send(&ask);
                let (before, through, secured) = (straight.answer(), plain.answer(), tls.answer());
                for answer in [through, secured] {
                    assert_eq!(answer.body, before.body);
                    let had = fields(&before);
                    added.extend(fields(&answer).into_iter().filter(|field| !had.contains(field)));
                }
            }
        }
    }
    figure("challenge.calm.added", added.len(), "fields");
    assert!(added.is_empty(), "{added:?}");
}

/// Fields with their values that concern more than one connection.
fn fields(answer: &Answer) -> BTreeSet<String> {
    let lines = answer.head.lines().skip(1).filter(|line| !line.is_empty());
    let lines = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        format!("{}: {}", name.to_ascii_lowercase(), value.trim())
    });
    lines.filter(|line| OF_A_CONNECTION.iter().all(|name| !line.starts_with(name))).collect()
}
