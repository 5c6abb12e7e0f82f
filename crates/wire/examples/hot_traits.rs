//! hot: traits, a browser's request of fourteen fields budget 1100
//!
//! Fields by name and value, as the HTTP engine hands them over, to the fifteen traits of a request
//! over TLS and HTTP/2.

#[path = "../../types/examples/hot/repeat.rs"]
mod repeat;

use repeat::repeat;
use seawall_wire::traits::{Cookie, Fields, Protocol, Told, View, Wire, traits};
use std::hint::black_box;
use std::net::IpAddr;

const FIELDS: [(&str, &str); 14] = [
    ("sec-ch-ua", "\"Chromium\";v=\"141\", \"Not=A?Brand\";v=\"24\""),
    ("sec-ch-ua-mobile", "?0"),
    ("sec-ch-ua-platform", "\"Windows\""),
    ("upgrade-insecure-requests", "1"),
    (
        "user-agent",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) \
         Chrome/141.0.0.0 Safari/537.36",
    ),
    ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),
    ("sec-fetch-site", "same-origin"),
    ("sec-fetch-mode", "navigate"),
    ("sec-fetch-user", "?1"),
    ("sec-fetch-dest", "document"),
    ("referer", "https://www.example.org/about"),
    ("accept-encoding", "gzip, deflate, br, zstd"),
    ("accept-language", "de-DE,de;q=0.9,en;q=0.8"),
    ("cookie", "session=8c1f2e0b7a; consent=yes"),
];

fn main() {
    let is_own = |host: &str| host == "www.example.org";
    repeat(|| {
        let mut fields = Fields::default();
        for (name, value) in black_box(&FIELDS) {
            fields.take(name.as_bytes(), value.as_bytes());
        }
        let view = View {
            method: black_box("GET"),
            target: black_box("/donate/17?amount=20&from=mail"),
            source: black_box(IpAddr::from([192, 0, 2, 7])),
            agent: Told::found(fields.agent),
            referer: Told::found(fields.referer),
            language: Told::found(fields.language),
            headers: Some(fields.order),
            cookie: Some(if fields.bears_cookie { Cookie::Borne } else { Cookie::None }),
            protocol: Some(Protocol::H2),
            ja4: Told::Text(black_box(b"t13d1516h2_8daaf6152771_e5627efa2ab1")),
            h2: Told::Text(black_box(b"1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p")),
            country: None,
            network: None,
            wire: Some(Wire::Even),
            is_own: Some(&is_own),
        };
        black_box(traits(&view));
    });
}
