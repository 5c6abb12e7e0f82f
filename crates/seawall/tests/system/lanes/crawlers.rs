//! Crawlers: real ones are confirmed by DNS or by the list that their operator publishes, and a forged one
//! gains nothing.
//!
//! The addresses are real ones of Google's published ranges (`googlebot.json` of 20 August 2026, from
//! jonhadfield/cloud-ips, Apache-2.0) and of elsewhere; a trusted proxy on loopback names them, so nothing
//! leaves this machine.

use super::resolver::Resolver;
use super::{STRANGER, ask, look, word};
use crate::fixtures::{SOON, Setup, Shield, Witness, figure, wait_for};
use std::time::{Duration, Instant};

const BOT: &str =
    "user-agent: Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\r\n";
const REAL: [(&str, &str); 3] = [
    ("66.249.66.1", "crawl-66-249-66-1.googlebot.com"),
    ("66.249.64.13", "crawl-66-249-64-13.googlebot.com"),
    ("2001:4860:4801:10::5", "crawl-2001-4860-4801-10--5.googlebot.com"),
];
/// A machine rented from Google, one whose owner writes any name he likes, and one without a name.
const FORGED: [(&str, Option<&str>); 3] = [
    ("34.35.0.9", Some("9.0.35.34.bc.googleusercontent.com")),
    ("198.51.100.7", Some("crawl-66-249-66-1.googlebot.com")),
    ("203.0.113.9", None),
];

/// Whoever comes is asked for a check; a proxy names who comes.
fn setup(origin: &Witness) -> Setup {
    Setup::before(origin.address)
        .platform("challenge = \"always\"")
        .tables("[trusted]\nnetworks = [\"127.0.0.0/8\"]\nheader = \"X-Forwarded-For\"")
}

fn asked(setup: &Setup, from: &str, fields: &str) -> (u16, String) {
    let fields = format!("x-forwarded-for: {from}\r\n{fields}");
    let answer = ask((STRANGER, setup.plain), "GET /", &fields);
    let (status, word) = word(&answer);
    (status, word.to_owned())
}

#[test]
fn three_real_and_three_forged_crawlers_are_judged_right_and_none_of_their_requests_waits_for_dns()
{
    let origin = Witness::start(Duration::ZERO);
    let mut names = REAL.to_vec();
    names.extend(FORGED.iter().filter_map(|(address, name)| Some((*address, (*name)?))));
    let mut addresses: Vec<_> = REAL.iter().map(|(address, name)| (*name, *address)).collect();
    addresses.push(("9.0.35.34.bc.googleusercontent.com", "34.35.0.9"));
    let resolver = Resolver::start(&names, &addresses, Duration::from_millis(100));
    let setup = setup(&origin).top(&format!("resolver = \"{}\"", resolver.address));
    let _shield = Shield::start(&setup);
    let all: Vec<_> =
        REAL.iter().map(|(address, _)| *address).chain(FORGED.map(|one| one.0)).collect();
    let began = Instant::now();
    for address in &all {
        // Nobody is known yet, and nobody waits until he is.
        assert_eq!(asked(&setup, address, BOT), (503, "hold".to_owned()), "{address}");
    }
    assert!(began.elapsed() < Duration::from_millis(500), "{:?}", began.elapsed());
    for (address, _) in REAL {
        wait_for("that it is confirmed", SOON, || {
            (asked(&setup, address, BOT) == (200, String::new())).then_some(())
        });
        assert_eq!(
            asked(&setup, address, "user-agent: curl\r\n").0,
            503,
            "who does not say so is anybody"
        );
    }
    wait_for("what is asked of all", SOON, || (resolver.asked() >= 10).then_some(()));
    let before = resolver.asked();
    for (address, _) in FORGED {
        for _ in 0..5 {
            assert_eq!(asked(&setup, address, BOT), (503, "hold".to_owned()), "{address}");
        }
    }
    for (address, _) in REAL {
        assert_eq!(asked(&setup, address, BOT).0, 200);
    }
    assert_eq!(resolver.asked(), before, "nobody is asked about twice");
    // Ten a second for one operator, and a second of it at once; then it is told to slow down.
    let told: Vec<_> = (0..20).map(|_| asked(&setup, REAL[0].0, BOT)).collect();
    assert!(told.contains(&(429, "limit".to_owned())), "{told:?}");
    assert!(look(&setup, "crawler-google")["over_rate"].as_u64() > Some(0));
}

#[test]
fn a_published_list_confirms_without_asking_anybody() {
    let origin = Witness::start(Duration::ZERO);
    let resolver = Resolver::start(&[], &[], Duration::ZERO);
    let setup = setup(&origin)
        .top(&format!("crawlers = \"off\"\nresolver = \"{}\"", resolver.address))
        .tables("[[lane]]\nname = \"google\"\nagents = [\"Googlebot\"]\nranges_file = \"googlebot.json\"");
    let list = r#"{"creationTime": "2026-08-20T14:46:45.000000", "prefixes": [
        {"ipv6Prefix": "2001:4860:4801:10::/64"}, {"ipv4Prefix": "66.249.64.0/27"},
        {"ipv4Prefix": "66.249.66.0/27"}]}"#;
    setup.folder.write("googlebot.json", list);
    let _shield = Shield::start(&setup);
    let judged = |address: &str, right: (u16, String)| asked(&setup, address, BOT) == right;
    let real = REAL.iter().map(|(address, _)| judged(address, (200, String::new())));
    let forged = FORGED.iter().map(|(address, _)| judged(address, (503, "hold".to_owned())));
    let wrong = real.chain(forged).filter(|is_right| !is_right).count();
    figure("lanes.crawlers.misjudged", wrong, "addresses");
    assert_eq!(wrong, 0);
    assert_eq!(resolver.asked(), 0);
}
