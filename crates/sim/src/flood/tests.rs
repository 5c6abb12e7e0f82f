//! Every kind sends what it says: how often, from how many sources, with how many looks.

mod kinds;
mod manners;
mod pretence;
mod properties;

use crate::agenda::Agenda;
use crate::casting::{Casting, Miscast, Pools, Span};
use crate::group::{Group, Heard, Outbox};
use crate::rate::moment;
use crate::request::{Answer, Fate, Request, Ticket};
use crate::site::Site;
use kinds::Flood;
use seawall_types::PlatformId;
use std::collections::BTreeSet;
use std::time::Duration;

/// Second in which the floods of these tests begin, and end.
const SPAN: Span = Span { from: 2.0, until: 22.0 };

/// What a flood sent.
struct Sent {
    requests: Vec<(f64, Request)>,
}

/// Plays a kind whose every request is answered after 20 ms.
fn play(text: &str, seed: u64, fate: Fate) -> Result<Sent, Miscast> {
    let flood: Flood = toml::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let (site, mut pools) = (Site::organisation(), Pools::new());
    let casting = Casting {
        group: 3,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span: SPAN,
        seed,
    };
    Ok(drive(flood.cast(casting)?, fate))
}

fn drive(mut group: Box<dyn Group>, fate: Fate) -> Sent {
    let mut out = Outbox::of_group(3);
    let mut answers: Agenda<(Ticket, Request)> = Agenda::default();
    let mut sent = Sent { requests: Vec::new() };
    let took = Duration::from_millis(20);
    let mut before = moment(0.0);
    while let Some(now) = group.next_deadline().into_iter().chain(answers.next_due()).min() {
        assert!(now >= before, "time goes forward");
        assert!(now < moment(600.0), "it goes on for ever");
        before = now;
        if let Some((_, (ticket, request))) = answers.take_due(now) {
            let member = request.sender.member;
            let set_cookie = (fate == Fate::Served && request.cookie.is_none())
                .then(|| crate::world::cookie_of(3, member));
            let answer = Answer { fate, took, retry_after: None, set_cookie, has_passed: true };
            group.on_answer(now, Heard { ticket, request: &request, answer }, &mut out);
            assert!(fate == Fate::Served || out.drain().next().is_none(), "no answer to a refusal");
        } else {
            group.on_deadline(now, &mut out);
        }
        for (ticket, request) in out.drain() {
            answers.put(now + took, (ticket, request));
            sent.requests.push((now.as_secs_f64(), request));
        }
    }
    sent
}

/// Distinct values of something in all requests.
fn distinct<T: Ord>(sent: &Sent, of: impl Fn(&Request) -> T) -> usize {
    sent.requests.iter().map(|(_, request)| of(request)).collect::<BTreeSet<_>>().len()
}

/// A kind with nothing else said; a ramp that fits into the time of these tests.
fn by_default(kind: &str) -> String {
    let ramp = if kind == "slow-ramp" { "ramp_s = 20" } else { "" };
    format!("kind = \"{kind}\"\n{ramp}")
}

/// What one kind must come to, with its defaults.
struct Row {
    kind: &'static str,
    rps: f64,
    sources: std::ops::RangeInclusive<usize>,
    networks: std::ops::RangeInclusive<usize>,
    looks: std::ops::RangeInclusive<usize>,
}

#[test]
fn every_kind_sends_as_often_from_as_many_places_with_as_many_looks_as_it_says() {
    let row = |kind, rps, sources, networks, looks| Row { kind, rps, sources, networks, looks };
    let table = [
        row("one-tool", 3_000.0, 1_990..=2_000, 1_990..=2_000, 1..=1),
        row("cache-bust", 3_000.0, 1_990..=2_000, 1_990..=2_000, 200..=200),
        row("costly-search", 160.0, 195..=200, 50..=50, 1..=1),
        row("pulses", 750.0, 1_990..=2_000, 1_990..=2_000, 1..=1),
        row("random-everything", 3_000.0, 1_990..=2_000, 1_990..=2_000, 59_000..=61_000),
        row("random-looks", 2_500.0, 1_990..=2_000, 1_990..=2_000, 49_000..=51_000),
        row("mimicry", 2_000.0, 4_900..=5_000, 4_900..=5_000, 110..=120),
        row("headless", 4_000.0, 2_800..=3_000, 2_800..=3_000, 110..=120),
        row("ipv6-rotation", 2_500.0, 49_000..=51_000, 1..=1, 1..=1),
        row("login-posts", 400.0, 990..=1_000, 990..=1_000, 50..=50),
        row("slow-ramp", 1_500.0, 1_990..=2_000, 1_990..=2_000, 1..=1),
        row("odd-headers", 3_000.0, 44_000..=46_000, 17_500..=20_000, 110..=120),
        row("hijacked-browsers", 3_000.0, 18_500..=20_000, 18_500..=20_000, 110..=120),
        row("slow-holds", 4.0, 50..=80, 50..=80, 1..=1),
        row("rotating-look", 3_000.0, 1_990..=2_000, 1_990..=2_000, 4..=5),
        row("thin-sources", 8_000.0, 5_000..=5_000, 5_000..=5_000, 1..=1),
        row("warm-sources", 2_000.0, 1_990..=2_000, 1_990..=2_000, 100..=120),
        row("cookie-replay", 2_000.0, 1_990..=2_000, 1_990..=2_000, 100..=120),
        row("resets", 5_000.0, 450..=500, 50..=50, 1..=1),
        row("slow-heads", 60.0, 370..=400, 370..=400, 1..=1),
        row("slow-bodies", 60.0, 370..=400, 370..=400, 1..=1),
        row("slow-reads", 40.0, 330..=400, 330..=400, 1..=1),
        row("socket-holds", 100.0, 820..=900, 820..=900, 1..=1),
        row("egress", 60.0, 280..=300, 60..=60, 1..=1),
        row("handshakes", 1_500.0, 1_000..=1_000, 1_000..=1_000, 1..=1),
    ];
    for Row { kind, rps, sources, networks, looks } in table {
        let sent = play(&by_default(kind), 1, Fate::Served).unwrap();
        let whole = SPAN.until - SPAN.from;
        let measured = f64::from(u32::try_from(sent.requests.len()).unwrap()) / whole;
        // Chance alone: 5 %, or three deviations of a small number.
        let near = (0.05 * rps * whole).max(3.0 * (rps * whole).sqrt()) / whole;
        assert!((measured - rps).abs() < near, "{kind}: {measured} rps of {rps}");
        let counts = [
            ("sources", distinct(&sent, |request| request.source), sources),
            ("networks", distinct(&sent, |request| request.network.index), networks),
            ("looks", distinct(&sent, |request| request.look), looks),
        ];
        for (what, count, range) in counts {
            assert!(range.contains(&count), "{kind}: {count} {what}, not {range:?}");
        }
        let inside =
            sent.requests.iter().all(|(at, _)| *at >= SPAN.from && *at <= SPAN.until + 0.021);
        assert!(inside, "{kind} sends outside of its time");
    }
}
