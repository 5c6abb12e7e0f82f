//! What a flood costs whom it meets: processor time of a program and of what receives for it.
//!
//! `sw0` is received by kernel threads of its own, so that their work is counted and nobody else's is.

use super::wire::{Reached, inside, reach};
use super::{COST, Crowd, MOST, RATE, SOURCES, TARGET, before, blocked, limited, wait_for_mode};
use crate::fixtures::program::{Running, find};
use crate::fixtures::{Counting, Folder, SOON, Shield, figure, needs, run, wait_for};
use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// For how long a cost is measured: longer than a first block, which lasts ten seconds.
const WINDOW: Duration = Duration::from_secs(20);
/// After its first refusals a flood may cost what it does for this long.
const GRACE: Duration = Duration::from_secs(1);

/// The same limit as the shield's, and whoever is over it never hears of it.
const SILENT: &str = "global
  nbthread 1
  maxconn 9900
defaults
  mode http
  timeout connect 5s
  timeout client 300s
  timeout server 10s
  timeout http-request 10s
  option http-keep-alive
  http-reuse always
listen all
  bind TARGET backlog 16384
  stick-table type ip size 1m expire 60s store http_req_rate(1s),conn_cur
  http-request track-sc0 src
  http-request silent-drop if { sc_http_req_rate(0) gt 2 } || { sc_conn_cur(0) gt 20 }
  server origin ORIGIN
";

#[test]
fn a_flood_in_the_kernel_costs_a_fifth_of_the_silence_of_haproxy() {
    let name = "packet::price::a_flood_in_the_kernel_costs_a_fifth_of_the_silence_of_haproxy";
    if !needs(name, &["haproxy", "ethtool"]) || !inside(name) {
        return;
    }
    receive_by_threads();
    for (form, name) in
        [(Receiving::AtOnce, "packet.hot"), (Receiving::Gathered, "packet.hot_gathered")]
    {
        form.begin();
        let (ours, theirs) = (of_the_shield(), of_haproxy());
        for (who, spent) in [("", &ours), ("_haproxy", &theirs)] {
            figure(&format!("{name}{who}_cores"), format!("{:.3}", spent.cores()), "cores");
            figure(&format!("{name}{who}_receiving"), format!("{:.3}", spent.receiving), "cores");
            figure(&format!("{name}{who}_packets"), format!("{:.0}", spent.packets), "packets/s");
        }
        assert!(
            ours.receiving > 0.0 && theirs.receiving > 0.0,
            "what receives is counted for both"
        );
        let over = ours.cores() / theirs.cores();
        figure(&format!("{name}_over_haproxy"), format!("{over:.3}"), "x HAProxy");
    }
}

/// When what comes in is looked at.
enum Receiving {
    /// With every packet.
    AtOnce,
    /// After a fifth of a millisecond, as network cards do by themselves.
    Gathered,
}

impl Receiving {
    fn begin(&self) {
        let (wait_ns, times) = match self {
            Self::AtOnce => ("0", "0"),
            Self::Gathered => ("200000", "2"),
        };
        for (name, value) in [("gro_flush_timeout", wait_ns), ("napi_defer_hard_irqs", times)] {
            fs::write(format!("/sys/class/net/sw0/{name}"), value).expect("the kernel knows it");
        }
    }
}

/// What a flood took of a second.
struct Spent {
    program: f64,
    receiving: f64,
    packets: f64,
}

impl Spent {
    fn cores(&self) -> f64 {
        self.program + self.receiving
    }
}

fn of_the_shield() -> Spent {
    let origin = Counting::start(COST);
    let setup = before(&origin, "mode = \"native\"\narmed = true");
    let shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let _crowd = Crowd::start(SOURCES, RATE);
    wait_for("refusal", SOON, || (limited(&setup) > 0.0).then_some(()));
    sleep(GRACE);
    let spent = spent(shield.pid().as_raw_nonzero().get());
    assert!(blocked(&setup) >= MOST, "{} are blocked", blocked(&setup));
    spent
}

fn of_haproxy() -> Spent {
    let origin = Counting::start(COST);
    let folder = Folder::new();
    let file = folder.write("haproxy.cfg", silent(origin.address));
    let mut command = Command::new(find("haproxy").expect("asked for by `needs`"));
    command.arg("-db").arg("-f").arg(file).stdin(Stdio::null()).stderr(Stdio::null());
    let haproxy = Running::start(&mut command);
    wait_for("answer of HAProxy", SOON, || (reach(200, 1) == Reached::Answered).then_some(()));
    let crowd = Crowd::start(SOURCES, RATE);
    wait_for("request of every source", SOON, || {
        (crowd.asked() >= u64::from(SOURCES)).then_some(())
    });
    sleep(GRACE);
    let before = origin.count();
    let spent = spent(haproxy.pid().as_raw_nonzero().get());
    let served = f64::from(origin.count() - before) / WINDOW.as_secs_f64();
    // Else it would not be what it is compared with: nearly all of the flood is dropped.
    let asked = f64::from(u32::from(SOURCES) * RATE);
    assert!(served < asked / 3.0, "{served} requests a second were served");
    spent
}

fn silent(origin: SocketAddr) -> String {
    SILENT.replace("TARGET", TARGET).replace("ORIGIN", &origin.to_string())
}

fn receive_by_threads() {
    run(Command::new("ethtool").args(["-K", "sw0", "gro", "on"]), SOON).good();
    fs::write("/sys/class/net/sw0/threaded", "1").expect("the kernel knows threads that receive");
    // Segments of an end that cuts them itself are received by whoever sends, and nobody counts that.
    let cuts_none = ["netns", "exec", "peer", "ethtool", "-K", "sw1", "tso", "off"];
    run(Command::new("ip").args(cuts_none), SOON).good();
}

/// What a program and what receives for it take of the time that passes.
fn spent(process: i32) -> Spent {
    let (began, before) = (Instant::now(), so_far(process));
    sleep(WINDOW);
    let (after, seconds) = (so_far(process), began.elapsed().as_secs_f64());
    let cores = |before: Duration, after: Duration| after.saturating_sub(before).as_secs_f64();
    Spent {
        program: cores(before.0, after.0) / seconds,
        receiving: cores(before.1, after.1) / seconds,
        packets: (after.2 - before.2) / seconds,
    }
}

/// Processor time of a program and of what receives for it, and packets that came in.
fn so_far(process: i32) -> (Duration, Duration, f64) {
    let threads = fs::read_dir(format!("/proc/{process}/task")).expect("it lives");
    let of_process = threads.flatten().map(|entry| entry.path());
    let receivers: Vec<_> = fs::read_dir("/proc")
        .expect("it is mounted")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
            name.starts_with("napi/sw0-")
        })
        .collect();
    assert!(!receivers.is_empty(), "kernel threads receive for sw0");
    // A thread that ended meanwhile has no time left to tell.
    let time = |path: PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).unwrap_or_default();
        text.split(' ').next().and_then(|word| word.parse::<u64>().ok()).unwrap_or(0)
    };
    let counted = fs::read_to_string("/sys/class/net/sw0/statistics/rx_packets");
    let packets = counted.expect("the kernel counts").trim().parse().expect("a number");
    let of_all = |paths: Vec<PathBuf>| Duration::from_nanos(paths.into_iter().map(time).sum());
    (of_all(of_process.collect()), of_all(receivers), packets)
}
