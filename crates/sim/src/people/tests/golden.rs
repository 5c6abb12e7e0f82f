//! Every kind sends the same bytes for the same seed, in every build and on every machine.

use super::*;
use crate::surge::{campaign, crowd, day, push, retry_storm, sale, series};
use expect_test::expect;
use std::fmt::Write as _;

/// FNV-1a over what each request says and when.
fn sum(requests: &[(Moment, Request)]) -> u64 {
    let text = requests.iter().fold(String::new(), |mut text, (at, request)| {
        let Request { sender, source, look, route, item, query, referer, .. } = request;
        let (member, look) = (sender.member, look.bits());
        write!(text, "{} {member} {source} {look} {} {item} ", at.0, route.0).unwrap();
        write!(text, "{query:?} {referer:?} {:?}", request.cookie).unwrap();
        text
    });
    let fnv = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    text.bytes().fold(0xcbf2_9ce4_8422_2325, fnv)
}

fn rows(seed: u64) -> String {
    let kinds: [(&str, Caster<'_>); 17] = [
        ("browsers", &|casting| browsers::Parameters::default().cast(casting)),
        ("nat", &|casting| nat::Parameters::default().cast(casting)),
        ("privacy", &|casting| privacy::Parameters::default().cast(casting)),
        ("feeds", &|casting| feeds::Parameters::default().cast(casting)),
        ("monitors", &|casting| monitors::Parameters::default().cast(casting)),
        ("crawlers", &|casting| crawlers::Parameters::default().cast(casting)),
        ("apps", &|casting| apps::Parameters::default().cast(casting)),
        ("webhooks", &|casting| webhooks::Parameters::default().cast(casting)),
        ("sockets", &|casting| sockets::Parameters::default().cast(casting)),
        ("downloads", &|casting| downloads::Parameters::default().cast(casting)),
        ("crowd", &|casting| crowd::Parameters { rps: 300.0, ..Default::default() }.cast(casting)),
        ("campaign", &|casting| {
            campaign::Parameters { rps: 300.0, ..Default::default() }.cast(casting)
        }),
        ("push", &|casting| push::Parameters::default().cast(casting)),
        ("retry-storm", &|casting| retry_storm::Parameters::default().cast(casting)),
        ("sale", &|casting| sale::Parameters::default().cast(casting)),
        ("day", &|casting| day::Parameters::default().cast(casting)),
        ("series", &|casting| {
            series::Parameters { counts: vec![6_000, 9_000], ..Default::default() }.cast(casting)
        }),
    ];
    kinds.iter().fold(String::new(), |mut text, (name, cast)| {
        let requests = offered(seed, cast);
        writeln!(text, "{name:<12}{:>8}  {:016x}", requests.len(), sum(&requests)).unwrap();
        text
    })
}

#[test]
fn every_kind_sends_the_same_for_the_same_seed() {
    expect![[r"
        browsers       35752  1fc95f987787392e
        nat             7164  96fe1b88d6d3c772
        privacy        11622  72b0ee43302cebaa
        feeds            262  21f87c9d3c440855
        monitors          40  d8c8bcc77e41ae17
        crawlers         596  226fc31eca742ca5
        apps            1771  a82dd8a38b9ad181
        webhooks         228  f52d3e4bc8369570
        sockets          390  60c1fbca1f040854
        downloads         55  d67359f868c9b7df
        crowd          31709  4e1d5da26d19d608
        campaign       33715  5c77128982385d50
        push           43748  012d9f8e577cef2b
        retry-storm    72304  b42fc691d4106b8f
        sale           21615  b05909c708827249
        day            17816  42f81b82fd217824
        series         15247  d2dc51844e0f280c
    "]]
    .assert_eq(&rows(1));
}

#[test]
fn another_seed_draws_otherwise_and_keeps_the_rates() {
    let (one, other) = (rows(1), rows(2));
    for (one, other) in one.lines().zip(other.lines()) {
        let fields = |line: &str| {
            let mut fields = line.split_whitespace().map(str::to_owned);
            let mut next = || fields.next().unwrap();
            (next(), next().parse::<f64>().unwrap(), next())
        };
        let ((name, count, sum), (_, second, other)) = (fields(one), fields(other));
        assert_ne!(sum, other, "{name}");
        // Four deviations of a count whose visits come to a dozen requests each.
        let spread = 4.0 * (2.0 * 12.0 * count).sqrt();
        assert!((count - second).abs() < spread, "{name}: {count} and {second}");
    }
}
