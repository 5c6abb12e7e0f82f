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
    let ours = of_the_shield();
    let theirs = of_haproxy();
    for (name, cost) in [("packet.hot_cores", ours), ("packet.hot_haproxy_cores", theirs)] {
        figure(name, format!("{cost:.3}"), "cores");
    }
    figure("packet.hot_over_haproxy", format!("{:.3}", ours / theirs), "x HAProxy");
}

fn of_the_shield() -> f64 {
    let origin = Counting::start(COST);
    let setup = before(&origin, "mode = \"native\"\narmed = true");
    let shield = Shield::start(&setup);
    wait_for_mode(&setup, "native", true);
    let _crowd = Crowd::start(SOURCES, RATE);
    wait_for("refusal", SOON, || (limited(&setup) > 0.0).then_some(()));
    sleep(GRACE);
    let cores = cores(shield.pid().as_raw_nonzero().get());
    assert!(blocked(&setup) >= MOST, "{} are blocked", blocked(&setup));
    cores
}

fn of_haproxy() -> f64 {
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
    let cores = cores(haproxy.pid().as_raw_nonzero().get());
    let served = f64::from(origin.count() - before) / WINDOW.as_secs_f64();
    // Else it would not be what it is compared with: nearly all of the flood is dropped.
    let asked = f64::from(u32::from(SOURCES) * RATE);
    assert!(served < asked / 3.0, "{served} requests a second were served");
    cores
}

fn silent(origin: SocketAddr) -> String {
    SILENT.replace("TARGET", TARGET).replace("ORIGIN", &origin.to_string())
}

fn receive_by_threads() {
    run(Command::new("ethtool").args(["-K", "sw0", "gro", "on"]), SOON).good();
    fs::write("/sys/class/net/sw0/threaded", "1").expect("the kernel knows threads that receive");
}

/// Processor time of a program and of what receives for it, over the time that passes.
fn cores(process: i32) -> f64 {
    let (began, before) = (Instant::now(), spent(process));
    sleep(WINDOW);
    let spent = spent(process).saturating_sub(before);
    spent.as_secs_f64() / began.elapsed().as_secs_f64()
}

fn spent(process: i32) -> Duration {
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
    Duration::from_nanos(of_process.chain(receivers).map(time).sum())
}
