//! Measures the packet layer: what a packet costs by test run, and what it costs on a pair of interfaces
//! in network namespaces that this program makes and that end with it.
//!
//! Prints `FIGURE name number unit`; `cargo x score packet` compares them with what must hold.
//! Never touches an interface that it did not make. Needs root, two processors, `unshare`, `ip`,
//! `ethtool`, `nft`, `taskset` and `chrt`.

mod peer;
mod run;
mod wire;

use std::fmt::Display;
use std::process::{Command, ExitCode};

/// Ours is `swf0`, in a namespace with `swf1` of the namespace `peer` as its other end.
///
/// Both are received by kernel threads, so that what a packet costs is the time of a thread; GRO has
/// them received so without any program attached. Ours has the first processor before everything else, since
/// what the ring cannot hold while it waits is lost; all else runs on the second. The peer knows our address
/// from the start, since a program that drops everything drops its question too.
const NAMESPACES: &str = "set -e\nip link set lo up\nmount -t tmpfs none /run\nmkdir -p /run/netns\n\
    mount -t sysfs none /sys\n\
    ip netns add peer\nip link add swf0 type veth peer name swf1 netns peer\n\
    ip addr add 203.0.113.2/24 dev swf0\nip link set swf0 up\n\
    ip -n peer addr add 203.0.113.1/24 dev swf1\nip -n peer link set swf1 up\nip -n peer link set lo up\n\
    ip route add 198.18.0.0/15 via 203.0.113.1\n\
    ip -n peer neigh add 203.0.113.2 lladdr $(cat /sys/class/net/swf0/address) dev swf1 nud permanent\n\
    sysctl -qw net.ipv4.tcp_syncookies=2 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.swf0.rp_filter=0\n\
    ethtool -K swf0 gro on\necho 1 > /sys/class/net/swf0/threaded\n\
    ip netns exec peer sh -c 'ethtool -K swf1 gro on; echo 1 > /sys/class/net/swf1/threaded'\n\
    for thread in /proc/[0-9]*; do\ncase $(cat $thread/comm 2>/dev/null) in\n\
    napi/swf0-*) chrt -f -p 1 ${thread#/proc/} && taskset -pc 0 ${thread#/proc/};;\n\
    napi/swf1-*) taskset -pc 1 ${thread#/proc/};;\nesac\ndone >&2\n\
    renice -n -5 -p $$ >&2\nexec \"$0\" inside \"$@\"";

type Done<T> = Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["run"] => run::figures(),
        [which @ ("drop" | "cookies" | "first")] => in_namespaces(which),
        ["inside", "drop"] => wire::dropping(),
        ["inside", "cookies"] => wire::cookies(),
        ["inside", "first"] => wire::first_drop(),
        ["generate", kind, packets] => peer::generate(kind, packets),
        ["steady"] => peer::steady(),
        ["connect", seconds] => peer::connect(seconds),
        _ => Err("usage: figures run | drop | cookies | first".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

/// Runs this program again in namespaces of its own.
fn in_namespaces(which: &str) -> Done<()> {
    let own = std::env::current_exe().map_err(told)?;
    let ran = Command::new("unshare")
        .args(["--net", "--mount", "sh", "-c", NAMESPACES])
        .arg(own)
        .arg(which)
        .status()
        .map_err(|cause| format!("no namespaces here: {cause}"))?;
    if ran.success() { Ok(()) } else { Err("measuring in namespaces failed".to_owned()) }
}

/// One measurement, as the scoreboard reads it.
fn figure(name: &str, value: impl Display, unit: &str) {
    println!("FIGURE {name} {value} {unit}");
}

fn told(fault: impl Display) -> String {
    fault.to_string()
}

fn median(mut of: Vec<u64>) -> u64 {
    of.sort_unstable();
    of.get(of.len() / 2).copied().unwrap_or(0)
}
