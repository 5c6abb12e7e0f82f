//! What those in lanes feel of a flood.

use super::links::{enter, link};
use super::say;
use crate::fixtures::figure::figure;
use crate::fixtures::{Client, HOST, Setup, Shield, Witness};
use data_encoding::BASE64;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// What a page costs the origin, which can work on twenty at once.
const COST: Duration = Duration::from_millis(50);
const SPAN: Duration = Duration::from_secs(6);
const PAUSE: Duration = Duration::from_millis(80);
/// Connections of the flood and how often each asks: more than may work and wait at once, which is half a
/// second of what the origin can do.
const BOTS: u16 = 350;
const BOT_PAUSE: Duration = Duration::from_millis(400);
/// Readers of the feed, who hold nothing and stand in networks of their own.
const READERS: u8 = 8;
const READER_PAUSE: Duration = Duration::from_millis(600);
const SECRET: &str = "a-secret-of-a-sender-of-webhooks";

/// How much later half of those in a lane may be answered than in calm.
///
/// A tenth is aimed at, and what `cargo x score lanes` holds it against. Four lanes share the slot that is
/// kept for them on a core, so one that asks in step with another waits for it to be done.
const ADDED_MAX: f64 = 0.35;
/// The same of readers of feeds, for whom no slot is kept: they go before strangers, so the next one that
/// is free is theirs, and every slot is free again when the origin has answered once.
const FEED_ADDED_MAX: f64 = 1.0;
const SERVED_MIN: f64 = 0.999;

/// Writes the next request.
type Ask = Box<dyn FnMut(u32) -> String + Send>;

/// Asks again and again; how long each took, none for what the origin did not answer.
fn asking(
    (from, target): (Ipv4Addr, SocketAddr),
    (mut ask, pause): (Ask, Duration),
) -> JoinHandle<Vec<Option<Duration>>> {
    thread::spawn(move || {
        let mut client = Client::from_source(from, target);
        let (until, mut took) = (Instant::now() + SPAN, Vec::new());
        for number in 0.. {
            let began = Instant::now();
            if began >= until {
                break;
            }
            client.send(ask(number));
            let is_served = client.try_answer().is_ok_and(|answer| answer.status == 200);
            took.push(is_served.then(|| began.elapsed()));
            thread::sleep(pause.saturating_sub(began.elapsed()));
        }
        took
    })
}

fn get(fields: &str) -> Ask {
    read("/page", fields)
}

fn read(path: &str, fields: &str) -> Ask {
    let request = format!("GET {path} HTTP/1.1\r\nhost: {HOST}\r\n{fields}\r\n");
    Box::new(move |_| request.clone())
}

/// A webhook that is another each time.
fn webhook(run: u32) -> Ask {
    Box::new(move |number| {
        let (time, body) = (super::ways::now(), format!("{{\"paid\": {number}}}"));
        let id = format!("m{run}-{number}");
        let tag = super::ways::hmac(SECRET.as_bytes(), format!("{id}.{time}.{body}").as_bytes());
        format!(
            "POST /hooks/pay HTTP/1.1\r\nhost: {HOST}\r\nwebhook-id: {id}\r\nwebhook-timestamp: \
             {time}\r\nwebhook-signature: v1,{}\r\ncontent-length: {}\r\n\r\n{body}",
            BASE64.encode(&tag),
            body.len()
        )
    })
}

/// Those in lanes for a while: the name of each, the share that was served, and the median in milliseconds.
fn round(target: SocketAddr, (cookie, run): (&str, u32)) -> Vec<(&'static str, f64, f64)> {
    let one = |from, ask| vec![asking((from, target), (ask, PAUSE))];
    let readers = (0..READERS).map(|nth| {
        let from = Ipv4Addr::new(127, 0, 20 + nth, 1);
        asking((from, target), (read("/feed.xml", "user-agent: reader\r\n"), READER_PAUSE))
    });
    let all = [
        ("staff", one(Ipv4Addr::new(127, 0, 7, 1), get(cookie))),
        ("monitor", one(Ipv4Addr::new(127, 0, 6, 1), get("user-agent: probe\r\n"))),
        ("webhook", one(Ipv4Addr::new(127, 0, 5, 1), webhook(run))),
        ("crawler", one(Ipv4Addr::new(127, 0, 4, 1), get("user-agent: Examplebot/1.0\r\n"))),
        ("feed", readers.collect()),
    ];
    let told = all.into_iter().map(|(name, asking)| {
        let took = asking.into_iter().flat_map(|one| one.join().expect("a client"));
        let took: Vec<_> = took.collect();
        let mut served: Vec<_> =
            took.iter().flatten().map(|took| took.as_secs_f64() * 1e3).collect();
        served.sort_by(f64::total_cmp);
        let [all, good] = [took.len(), served.len()].map(|n| u32::try_from(n).expect("a few"));
        (name, f64::from(good) / f64::from(all), served[served.len() / 2])
    });
    told.collect()
}

#[test]
fn during_a_flood_everyone_in_a_lane_is_served_as_in_calm() {
    let origin = Witness::start(COST);
    let lane = |name: &str, rest: &str| format!("[[lane]]\nname = \"{name}\"\n{rest}\n");
    let lanes = [
        lane("staff", "invites = true"),
        lane("monitor", "networks = [\"127.0.6.0/24\"]"),
        lane("webhook", "webhook_secret_file = \"hook.secret\"\nwebhook_paths = [\"/hooks/\"]"),
        lane("crawler", "agents = [\"Examplebot\"]\nranges_file = \"ranges.txt\""),
    ];
    let setup = Setup::before(origin.address)
        .top("workers = 2\ncrawlers = \"off\"")
        .platform("capacity = \"20 concurrent\"")
        .tables(&lanes.concat());
    setup.folder.write("hook.secret", SECRET);
    setup.folder.write("ranges.txt", "127.0.4.0/24\n");
    let _shield = Shield::start(&setup);
    let cookie = enter(&setup, &link(&say(&setup, &["invite", "Anna"])));
    let calm = round(setup.plain, (&cookie, 0));
    let bots: Vec<_> = (0..BOTS)
        .map(|nth| {
            let ask = get("user-agent: flood\r\n");
            let [high, low] = nth.to_be_bytes();
            asking((Ipv4Addr::new(127, 9 + high, low, 1), setup.plain), (ask, BOT_PAUSE))
        })
        .collect();
    let flooded = round(setup.plain, (&cookie, 1));
    let bots: Vec<_> = bots.into_iter().flat_map(|bot| bot.join().expect("a bot")).collect();
    let served = bots.iter().flatten().count();
    println!("{served} of {} of the flood were served", bots.len());
    assert!(served * 10 < bots.len() * 8, "no flood: {served} of {} were served", bots.len());
    for ((name, _, before), (_, served, after)) in calm.into_iter().zip(flooded) {
        let added = after / before - 1.0;
        println!("{name}: served {served:.4}, median {before:.1} ms and {after:.1} ms");
        figure(&format!("lanes.{name}.served"), format!("{served:.4}"), "of all");
        figure(&format!("lanes.{name}.added"), format!("{:.1}", added * 100.0), "%");
        assert!(served >= SERVED_MIN, "{name}: {served}");
        let most = if name == "feed" { FEED_ADDED_MAX } else { ADDED_MAX };
        assert!(added <= most, "{name}: {added}");
    }
}
