//! Incidents whose truth the test knows, since it makes them: what a report of the real program says of
//! each platform, and how its numbers compare.

use crate::fixtures::client::dial;
use crate::fixtures::{Client, SOON, Setup, Shield, Witness, figure, run, seawall, wait_for};
use serde_json::Value;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const PLATFORMS: [&str; 3] = ["www", "donate", "events"];
const INCIDENTS: u64 = 5;
/// What a request costs the origin.
const COST: Duration = Duration::from_millis(60);
/// How long a flood lasts.
const FLOOD: Duration = Duration::from_secs(8);
/// How long visitors come before anything happens.
const CALM: Duration = Duration::from_secs(4);
/// A case closes half a minute after its last traffic.
const CLOSED_AFTER: Duration = Duration::from_secs(90);

/// What really happened.
struct Truth {
    /// By platform: whether it was flooded.
    flooded: [bool; 3],
    sources: u64,
}

impl Truth {
    /// One platform at least is flooded, and one is not.
    fn drawn(seed: u64) -> Self {
        let mixed = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let which = 1 + (mixed >> 40) % 6;
        Self {
            flooded: [which & 1 > 0, which & 2 > 0, which & 4 > 0],
            sources: 30 + (mixed >> 20) % 20,
        }
    }
}

/// One shield before three platforms, and what was done to it.
struct Play {
    setup: Setup,
    _shield: Shield,
    _origins: Vec<Witness>,
    truth: Truth,
    /// Requests by platform since the flood began, answered or not, visitors' among them.
    asked: [u64; 3],
    /// When the flood began by the clock of the machine, in milliseconds since 1970.
    began_ms: u64,
}

fn host(platform: &str) -> String {
    format!("{platform}.example.org")
}

fn now_ms() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(now.as_millis()).expect("small")
}

/// Asks until it is told to end; counts what it asked.
fn ask(
    (source, target): (Ipv4Addr, SocketAddr),
    platform: &'static str,
    (ends, asked): (Arc<AtomicBool>, Arc<AtomicU64>),
    pause: Duration,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let request = format!("GET / HTTP/1.1\r\nhost: {}\r\n\r\n", host(platform));
        let mut client = Client::over(dial(source, target).expect("it listens"));
        while !ends.load(Relaxed) {
            asked.fetch_add(1, Relaxed);
            if client.try_send(&request).and_then(|()| client.try_answer()).is_err() {
                client = Client::over(dial(source, target).expect("it listens"));
            }
            thread::sleep(pause);
        }
    })
}

/// Visitors and a flood; gives what is to be found in the report.
fn play(seed: u64) -> Play {
    let truth = Truth::drawn(seed);
    let origins: Vec<_> = PLATFORMS.iter().map(|_| Witness::start(COST)).collect();
    let tables: String = PLATFORMS[1..]
        .iter()
        .zip(&origins[1..])
        .map(|(name, origin)| {
            format!(
                "[[platform]]\nname = \"{name}\"\nhosts = [\"{}\"]\norigins = [\"http://{}\"]\n\
                 capacity = \"4 concurrent\"\n",
                host(name),
                origin.address
            )
        })
        .collect();
    let setup = Setup::before(origins[0].address)
        .platform("capacity = \"4 concurrent\"")
        .tables(&format!("{tables}[limits]\nsource_rps = \"4 rps\"\n"));
    let shield = Shield::start(&setup);
    let over = Arc::<AtomicBool>::default();
    let asked: [Arc<AtomicU64>; 3] = Default::default();
    let client = |source, at: usize, pause| {
        let told = (over.clone(), asked[at].clone());
        ask((source, setup.plain), PLATFORMS[at], told, pause)
    };
    let visitor = Ipv4Addr::new(127, 1, 1, 1);
    let mut asking: Vec<_> =
        (0..3).map(|at| client(visitor, at, Duration::from_millis(400))).collect();
    thread::sleep(CALM);
    let before = asked.each_ref().map(|asked| asked.load(Relaxed));
    let began_ms = now_ms();
    for at in (0..3).filter(|at| truth.flooded[*at]) {
        for number in 0..truth.sources {
            let source = Ipv4Addr::new(127, 3, 3, 10 + u8::try_from(number).expect("small"));
            asking.push(client(source, at, Duration::from_millis(40)));
        }
    }
    thread::sleep(FLOOD);
    over.store(true, Relaxed);
    asking.into_iter().for_each(|one| one.join().expect("a client"));
    let mut asked = asked.map(|asked| asked.load(Relaxed));
    asked.iter_mut().zip(before).for_each(|(asked, before)| *asked -= before);
    Play { setup, _shield: shield, _origins: origins, truth, asked, began_ms }
}

impl Play {
    /// The incidents of the API, once each is closed.
    fn closed(&self) -> Vec<Value> {
        let flooded = self.truth.flooded.iter().filter(|is_hit| **is_hit).count();
        wait_for("the end of the incidents", CLOSED_AFTER, || {
            let mut list = seawall();
            list.args(["incident", "list", "--json", "-c"]).arg(self.setup.file());
            let told: Value = serde_json::from_str(&run(&mut list, SOON).good()).ok()?;
            let all = told["incidents"].as_array()?;
            let are_closed = all.iter().all(|one| one["state"] == "closed");
            (all.len() >= flooded && are_closed).then(|| all.clone())
        })
    }

    fn report(&self, id: &str) -> Value {
        let mut report = seawall();
        report.args(["incident", "report", id, "--as", "json", "-c"]).arg(self.setup.file());
        report.arg("--state-dir").arg(self.setup.state());
        serde_json::from_str(&run(&mut report, SOON).good()).expect("JSON")
    }
}

/// Milliseconds since 1970 of a time of the report.
fn ms(text: &str) -> u64 {
    let digits = |range: std::ops::Range<usize>| text[range].parse::<u64>().expect("digits");
    let (hour, minute, second) = (digits(11..13), digits(14..16), digits(17..19));
    // Of the day alone: an incident of seconds is compared.
    ((hour * 60 + minute) * 60 + second) * 1_000 + digits(20..23)
}

/// How far two times of a day lie apart, also over midnight.
fn apart(one: u64, two: u64) -> u64 {
    const DAY: u64 = 86_400_000;
    let apart = (one % DAY).abs_diff(two % DAY);
    apart.min(DAY - apart)
}

/// How far a number is from the truth, in percent of that.
#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn off(told: u64, truth: u64) -> f64 {
    100.0 * told.abs_diff(truth) as f64 / truth as f64
}

/// What the reports of a play say, against what was done.
#[derive(Default)]
struct Compared {
    platforms: u32,
    right: u32,
    ruled_out_wrongly: u32,
    onset_ms: u64,
    sources_percent: f64,
    requests_percent: f64,
}

impl Compared {
    fn take(&mut self, play: &Play, incident: &Value) {
        let report = play.report(incident["id"].as_str().expect("a name"));
        let platform_of = |name: &str| PLATFORMS.iter().position(|one| *one == name);
        let subject = platform_of(report["platform"].as_str().expect("a name")).expect("known");
        for view in report["platforms"].as_array().expect("a list") {
            let at = platform_of(view["name"].as_str().expect("a name")).expect("known");
            let standing = view["standing"].as_str().expect("a word");
            let right = if play.truth.flooded[at] { "confirmed" } else { "ruled_out" };
            println!("{} {standing}, is {right}: {}", view["name"], view["because"]);
            self.platforms += 1;
            self.right += u32::from(standing == right);
            self.ruled_out_wrongly +=
                u32::from(play.truth.flooded[at] && standing == "ruled_out");
        }
        let onset = report["clocks"]["onset_at"]["at"].as_str().expect("a time");
        self.onset_ms = self.onset_ms.max(apart(ms(onset), play.began_ms));
        let sources = report["places"]["asked"]["sources"]["value"].as_u64().expect("a number");
        // A visitor asks as well.
        let off_sources = off(sources, play.truth.sources + 1);
        self.sources_percent = self.sources_percent.max(off_sources);
        let verdicts = report["requests"].as_object().expect("an object");
        let told: u64 = verdicts.values().filter_map(Value::as_u64).sum();
        let sent = play.asked[subject];
        println!("{told} requests told, {sent} sent; {sources} sources of {}", play.truth.sources);
        self.requests_percent = self.requests_percent.max(off(told, sent));
    }
}

#[test]
fn five_random_incidents_of_the_real_program_are_reported_as_they_were() {
    let plays: Vec<_> = (0..INCIDENTS).map(play).collect();
    let mut compared = Compared::default();
    for play in &plays {
        for incident in play.closed() {
            compared.take(play, &incident);
        }
    }
    let Compared { platforms, right, ruled_out_wrongly, .. } = compared;
    figure("report.real", f64::from(right) * 100.0 / f64::from(platforms), "%");
    figure("report.real.ruled-out", ruled_out_wrongly, "platforms");
    figure("report.real.requests", format!("{:.3}", compared.requests_percent), "%");
    figure("report.real.onset", compared.onset_ms, "ms");
    figure("report.real.sources", format!("{:.1}", compared.sources_percent), "%");
    assert_eq!((right, ruled_out_wrongly), (platforms, 0));
    assert!(compared.onset_ms <= 500, "{} ms", compared.onset_ms);
    assert!(compared.sources_percent <= 5.0, "{} %", compared.sources_percent);
    assert!(compared.requests_percent <= 0.1, "{} %", compared.requests_percent);
}
