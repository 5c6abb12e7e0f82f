//! A flood of one platform is not felt on the others behind the same shield.

use crate::fixtures::figure::figure;
use crate::fixtures::{Client, Counting, HOST, Setup, Shield};
use std::net::{Ipv4Addr, SocketAddr};
use std::thread;
use std::time::{Duration, Instant};

/// What a page costs the flooded origin.
const SCARCE: Duration = Duration::from_millis(40);
/// What a page costs the others.
const COST: Duration = Duration::from_millis(20);
const OTHERS: [&str; 2] = ["donate.example.org", "events.example.org"];
/// Visitors of each of them, each asking every [`PAUSE`].
const VISITORS: u8 = 4;
const PAUSE: Duration = Duration::from_millis(30);
/// Connections of the flood and how often each asks at most: the origin can do fifty a second, and
/// no more than half of that waits.
const BOTS: u8 = 64;
const BOT_PAUSE: Duration = Duration::from_millis(40);
const SPAN: Duration = Duration::from_millis(1_500);
const REPETITIONS: usize = 5;

/// How many times their calm median the median of the others may be.
const P50_MAX: f64 = 1.2;
/// How much later than in calm the slowest of a hundred may be, in milliseconds.
const P99_MORE_MAX_MS: f64 = 25.0;

/// Asks for a page again and again; how long each took, none for what is no page of the origin.
fn asking(
    (source, target): (Ipv4Addr, SocketAddr),
    host: &'static str,
    (pause, span): (Duration, Duration),
) -> thread::JoinHandle<Vec<Option<Duration>>> {
    thread::spawn(move || {
        let mut client = Client::from_source(source, target);
        let (until, mut took) = (Instant::now() + span, Vec::new());
        while Instant::now() < until {
            let began = Instant::now();
            client.send(format!("GET /page HTTP/1.1\r\nhost: {host}\r\n\r\n"));
            let served = client.try_answer().is_ok_and(|answer| answer.status == 200);
            took.push(served.then(|| began.elapsed()));
            thread::sleep(pause.saturating_sub(began.elapsed()));
        }
        took
    })
}

/// What the visitors of the others see for a while: median and 99th percentile in milliseconds.
#[track_caller]
fn visitors(target: SocketAddr) -> [f64; 2] {
    let visitor = |host: usize, nth: u8| {
        let source = Ipv4Addr::new(127, 3, u8::try_from(host).expect("two"), nth + 1);
        asking((source, target), OTHERS[host], (PAUSE, SPAN))
    };
    let all: Vec<_> = (0..VISITORS).flat_map(|nth| [visitor(0, nth), visitor(1, nth)]).collect();
    let all = all.into_iter().flat_map(|visitor| visitor.join().expect("a visitor"));
    let mut ms: Vec<f64> = all
        .map(|took| took.expect("a visitor of another platform was not served"))
        .map(|took| took.as_secs_f64() * 1e3)
        .collect();
    ms.sort_by(f64::total_cmp);
    [ms[ms.len() / 2], ms[ms.len() * 99 / 100]]
}

fn flood(target: SocketAddr) -> Vec<thread::JoinHandle<Vec<Option<Duration>>>> {
    let bot = |nth: u8| {
        let source = Ipv4Addr::new(127, 9, nth, 1);
        let longer = SPAN + Duration::from_secs(1);
        asking((source, target), HOST, (BOT_PAUSE, longer))
    };
    (0..BOTS).map(bot).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[test]
fn a_flood_of_one_platform_is_not_felt_on_the_others() {
    let (flooded, origins) = (Counting::start(SCARCE), OTHERS.map(|_| Counting::start(COST)));
    let other = |(host, origin): (&str, &Counting)| {
        let name = host.split('.').next().unwrap_or_default();
        format!(
            "[[platform]]\nname = \"{name}\"\nhosts = [\"{host}\"]\ncapacity = \"16 concurrent\"\n\
             origins = [\"http://{}\"]\ncertificate = \"www.pem\"\nkey = \"www.key\"",
            origin.address
        )
    };
    let tables: Vec<_> = OTHERS.into_iter().zip(&origins).map(other).collect();
    let setup = Setup::before(flooded.address).platform("capacity = \"2 concurrent\"");
    let setup = setup.tables(&tables.join("\n"));
    let _shield = Shield::start(&setup);
    let (mut times, mut more) = (Vec::new(), Vec::new());
    for _ in 0..REPETITIONS {
        let [calm_p50, calm_p99] = visitors(setup.plain);
        let flood = flood(setup.plain);
        thread::sleep(Duration::from_millis(500));
        let [p50, p99] = visitors(setup.plain);
        let bots: Vec<_> = flood.into_iter().flat_map(|bot| bot.join().expect("a bot")).collect();
        let served = bots.iter().flatten().count();
        assert!(served * 2 < bots.len(), "no flood: {served} of {} were served", bots.len());
        times.push(p50 / calm_p50);
        more.push(p99 - calm_p99);
        figure("isolation.p50", format!("{:.3}", p50 / calm_p50), "x calm");
        figure("isolation.p99", format!("{:.1}", p99 - calm_p99), "ms more");
    }
    assert!(flooded.most_at_once() <= 2);
    let (times, more) = (median(times), median(more));
    assert!(times <= P50_MAX, "the median of the others is {times:.2} times what it was");
    assert!(more <= P99_MORE_MAX_MS, "the slowest are {more:.1} ms slower");
}
