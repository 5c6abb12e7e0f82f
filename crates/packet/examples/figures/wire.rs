//! Figures on a pair of interfaces: frames that the peer makes, and what they cost here.
//!
//! What receives is a kernel thread of its own, and its processor time over the frames that it took is
//! the cost: neither the making of frames nor what the peer does with answers is in it.
//! That thread has a processor for itself before all others, or what it waits for moves the figure.

use crate::peer::{FIRST_SOURCE, PEER, PORT, SOURCES};
use crate::{Done, figure, median, told};
use seawall_packet::abi::{Config, Ports, flag};
use seawall_packet::kernel::{Attached, Kernel, PortSet, Program, XdpKind};
use seawall_packet::model::Party;
use seawall_packet::{Reason, nft};
use std::fmt::Write as _;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Frames of one measurement: enough that who is sent comes back some times, as in a flood.
const PACKETS: u32 = 1_000_000;
/// Frames that must be received of them for a mean: the others find the ring full, where a frame costs its
/// receiver more than its maker.
const RECEIVED_MIN: u64 = 5_000;
/// Short rounds, in each of which every cost is measured once: what is compared meets the same machine.
const ROUNDS: usize = 15;
/// Fewer rounds in which enough was received say nothing.
const GOOD_ROUNDS_MIN: usize = 7;
/// Where whatever is not measured runs: the processor beside the one that receives for us.
const ELSEWHERE: &str = "1";
/// Seconds of connecting beside a flood.
const SECONDS: &str = "60";
/// How long one rate of that flood is measured.
const RATE_SPAN: Duration = Duration::from_secs(10);
/// Decisions whose first drop is waited for.
const DECISIONS: usize = 200;

/// What a drop costs, ours and nft's of the same sources.
pub(crate) fn dropping() -> Done<()> {
    let mut kernel = Kernel::load().map_err(told)?;
    for program in [Program::DropAll, Program::DropRead] {
        kernel.load_program(program).map_err(told)?;
    }
    let sources: Vec<_> = (0..SOURCES).map(|number| (source(number), 0)).collect();
    kernel.tables().block_hosts(&sources).map_err(told)?;
    configure(&mut kernel, flag::HOSTS)?;
    rounds(|| {
        let empty = with(&mut kernel, Program::DropAll, "datagram")?;
        let read = with(&mut kernel, Program::DropRead, "datagram")?;
        let ours = with(&mut kernel, Program::Seawall, "datagram")?;
        nft::run(&nft_table()).map_err(|fault| fault.to_string())?;
        let theirs = cost("datagram");
        nft::run("delete table netdev figures\n").map_err(|fault| fault.to_string())?;
        let (Some(empty), Some(read), Some(ours), Some(theirs)) = (empty, read, ours, theirs?)
        else {
            return Ok(false);
        };
        figure("packet.empty_ns", empty, "ns");
        figure("packet.read_ns", read, "ns");
        figure("packet.native_ns", ours, "ns");
        figure("packet.nft_ns", theirs, "ns");
        figure("packet.over_nft", over(ours, theirs), "x nft");
        Ok(true)
    })
}

/// Measures round by round, each of which tells whether it was good.
fn rounds(mut round: impl FnMut() -> Done<bool>) -> Done<()> {
    let mut good = 0;
    for _ in 0..ROUNDS {
        good += usize::from(round()?);
    }
    if good < GOOD_ROUNDS_MIN {
        return Err(format!("only in {good} of {ROUNDS} rounds enough was received for a mean"));
    }
    Ok(())
}

/// What a forged SYN costs, ours and the kernel's, and what honest connects meet beside a flood of them.
pub(crate) fn cookies() -> Done<()> {
    let mut kernel = Kernel::load().map_err(told)?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, PORT)).map_err(told)?;
    thread::spawn(move || listen(&listener));
    kernel.tables().put_ports(PortSet::Cookies, &Ports::of([PORT])).map_err(told)?;
    configure(&mut kernel, flag::COOKIES | flag::SANITY)?;
    rounds(|| {
        let theirs = cost("syn")?;
        let before = (counted(&kernel, Reason::CookieSent)?, received()?);
        let ours = with(&mut kernel, Program::Seawall, "syn")?;
        let answered = counted(&kernel, Reason::CookieSent)? - before.0;
        if answered < (received()? - before.1) / 2 {
            return Err("the program answered less than half of the SYNs it got".to_owned());
        }
        let (Some(ours), Some(theirs)) = (ours, theirs) else { return Ok(false) };
        figure("packet.syn_kernel_ns", theirs, "ns");
        figure("packet.syn_ns", ours, "ns");
        figure("packet.syn_over_kernel", over(ours, theirs), "x the kernel's");
        Ok(true)
    })?;
    beside_a_flood(&mut kernel)
}

fn beside_a_flood(kernel: &mut Kernel) -> Done<()> {
    let attached = attach(kernel, Program::Seawall)?;
    let flood = Flood::start(&["generate", "paced-syn", "60000000"])?;
    wait_for(|| Ok(counted(kernel, Reason::CookieSent)? > 0))?;
    let mut connecting = in_peer(&["connect", SECONDS])?;
    let connecting = connecting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut connecting = connecting.map_err(told)?;
    while connecting.try_wait().map_err(told)?.is_none() {
        let (before, began) = (counted(kernel, Reason::CookieSent)?, Instant::now());
        let arrived = received()?;
        thread::sleep(RATE_SPAN);
        let answered = counted(kernel, Reason::CookieSent)? - before;
        let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        figure("packet.syn_rate", answered * 1_000 / milliseconds, "SYN/s");
        let arrived = received()? - arrived;
        figure("packet.syn_arriving", arrived * 1_000 / milliseconds, "frames/s");
    }
    let ran = connecting.wait_with_output().map_err(told)?;
    drop(flood);
    attached.detach();
    let text = String::from_utf8_lossy(&ran.stdout);
    let numbers: Vec<u64> = text.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [tried, lost, broken] = numbers[..] else {
        return Err(format!("no connects: {text}{}", String::from_utf8_lossy(&ran.stderr)));
    };
    figure("packet.connects", tried, "connects");
    figure("packet.connects_lost", lost, "connects");
    figure("packet.established_lost", broken, "exchanges");
    Ok(())
}

/// From a decision to the first packet that is dropped, while packets come in.
pub(crate) fn first_drop() -> Done<()> {
    let mut kernel = Kernel::load().map_err(told)?;
    configure(&mut kernel, flag::HOSTS)?;
    let attached = attach(&mut kernel, Program::Seawall)?;
    let flood = Flood::start(&["steady"])?;
    let source = Party::of(IpAddr::V4(PEER));
    wait_for(|| Ok(counted(&kernel, Reason::Pass)? > 0))?;
    let mut spans = Vec::new();
    for _ in 0..DECISIONS {
        let before = counted(&kernel, Reason::Host)?;
        let began = Instant::now();
        kernel.tables().block_hosts(&[(source, 0)]).map_err(told)?;
        while counted(&kernel, Reason::Host)? == before {
            if began.elapsed() > Duration::from_secs(2) {
                return Err("no packet was dropped for two seconds".to_owned());
            }
        }
        spans.push(u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX));
        kernel.tables().lift_hosts(&[source]).map_err(told)?;
        thread::sleep(Duration::from_millis(7));
    }
    drop(flood);
    attached.detach();
    let microseconds = median(spans);
    figure(
        "packet.first_drop",
        format!("{}.{:03}", microseconds / 1_000, microseconds % 1_000),
        "ms",
    );
    Ok(())
}

fn source(number: u32) -> Party {
    Party::of(IpAddr::V4(Ipv4Addr::from(FIRST_SOURCE + number)))
}

fn configure(kernel: &mut Kernel, flags: u32) -> Done<()> {
    let config = Config { flags: flag::ARMED | flags, ..Config::default() };
    kernel.configure(config).map_err(told)
}

fn counted(kernel: &Kernel, reason: Reason) -> Done<u64> {
    Ok(kernel.counts().map_err(told)?[reason as usize].packets)
}

/// `ours / theirs` with three decimals.
fn over(ours: u64, theirs: u64) -> String {
    let thousandths = ours * 1_000 / theirs.max(1);
    format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000)
}

fn nft_table() -> String {
    let mut text = String::from(
        "table netdev figures {\nset hosts { type ipv4_addr; size 262144;\n}\n\
         chain ingress {\ntype filter hook ingress device \"swf0\" priority -500; policy accept;\n\
         ip saddr @hosts drop\n}\n}\n",
    );
    for start in (0..SOURCES).step_by(4_096) {
        let own: Vec<_> = (start..start + 4_096)
            .map(|number| Ipv4Addr::from(FIRST_SOURCE + number).to_string())
            .collect();
        let _ = writeln!(text, "add element netdev figures hosts {{ {} }}", own.join(","));
    }
    text
}

/// What a packet costs while a program is attached.
fn with(kernel: &mut Kernel, program: Program, kind: &str) -> Done<Option<u64>> {
    let attached = attach(kernel, program)?;
    let cost = cost(kind);
    attached.detach();
    cost
}

fn attach(kernel: &mut Kernel, program: Program) -> Done<Attached> {
    kernel.attach_program(program, "swf0", XdpKind::Native).map_err(told)
}

fn in_peer(words: &[&str]) -> Done<Command> {
    let own = std::env::current_exe().map_err(told)?;
    let mut command = Command::new("ip");
    command.args(["netns", "exec", "peer", "taskset", "-c", ELSEWHERE]).arg(own).args(words);
    Ok(command)
}

/// What receiving one packet of a kind costs, in nanoseconds of processor time; none where too few came.
fn cost(kind: &str) -> Done<Option<u64>> {
    let threads = receivers()?;
    // A flood goes on: what its first packets alone cost is left out, here as for everybody.
    if kind == "datagram" {
        send(kind)?;
    }
    let before = (spent(&threads), received()?);
    send(kind)?;
    // What still lies in the ring is taken in a moment.
    thread::sleep(Duration::from_millis(50));
    let (time, frames) = (spent(&threads) - before.0, received()? - before.1);
    Ok((frames >= RECEIVED_MIN).then(|| time / frames))
}

/// Has the peer send the frames of one measurement.
fn send(kind: &str) -> Done<()> {
    let ran = in_peer(&["generate", kind, &PACKETS.to_string()])?.output().map_err(told)?;
    let said = String::from_utf8_lossy(&ran.stderr);
    if ran.status.success() { Ok(()) } else { Err(said.into_owned()) }
}

/// Kernel threads that receive for our interface.
fn receivers() -> Done<Vec<String>> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").map_err(told)?.flatten() {
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        if name.starts_with("napi/swf0-") {
            found.push(entry.path().join("schedstat").to_string_lossy().into_owned());
        }
    }
    if found.is_empty() { Err("no kernel thread receives for swf0".to_owned()) } else { Ok(found) }
}

fn spent(threads: &[String]) -> u64 {
    let of = |path: &String| fs::read_to_string(path).ok()?.split(' ').next()?.parse::<u64>().ok();
    threads.iter().filter_map(of).sum()
}

/// Frames that our interface has taken, as its driver counts them.
fn received() -> Done<u64> {
    let text = fs::read_to_string("/sys/class/net/swf0/statistics/rx_packets").map_err(told)?;
    text.trim().parse().map_err(told)
}

/// Takes connections; whoever writes reads it back.
fn listen(listener: &TcpListener) {
    for mut stream in listener.incoming().flatten() {
        thread::spawn(move || {
            let mut byte = [0];
            while stream.read_exact(&mut byte).and_then(|()| stream.write_all(&byte)).is_ok() {}
        });
    }
}

/// What the peer sends, until it is dropped.
struct Flood(Child);

impl Flood {
    fn start(words: &[&str]) -> Done<Self> {
        let mut command = in_peer(words)?;
        Ok(Self(command.stdout(Stdio::null()).spawn().map_err(told)?))
    }
}

/// Waits until a flood is felt.
fn wait_for(mut felt: impl FnMut() -> Done<bool>) -> Done<()> {
    let began = Instant::now();
    while !felt()? {
        if began.elapsed() > Duration::from_secs(20) {
            return Err("the flood does not arrive".to_owned());
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

impl Drop for Flood {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
