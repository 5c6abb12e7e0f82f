//! Network namespaces of one test: the shield's interface `sw0`, and `sw1` with every client behind it.

use super::target;
use crate::fixtures::program::skip;
use crate::fixtures::{HOST, SOON, needs, run};
use rustix::net::{
    AddressFamily, SocketAddrV4, SocketFlags, SocketType, bind, connect, socket_with,
};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::os::fd::OwnedFd;
use std::process::Command;
use std::time::Duration;

/// Set inside.
const INSIDE: &str = "SEAWALL_TEST_INSIDE";
/// For how long one test may run.
const TEST_MAX: Duration = Duration::from_mins(5);

/// `198.18.0.0/15` is set aside for benchmarks; all of it is the peer's.
const NAMESPACES: &str = "set -e\nip link set lo up\nmount -t tmpfs none /run\nmkdir -p /run/netns\n\
    mount -t sysfs none /sys\nmount -t bpf bpf /sys/fs/bpf\n\
    ip netns add peer\nip link add sw0 type veth peer name sw1 netns peer\n\
    ip addr add 203.0.113.2/24 dev sw0\nip link set sw0 up\n\
    ip -n peer addr add 203.0.113.1/24 dev sw1\nip -n peer link set sw1 up\nip -n peer link set lo up\n\
    ip -n peer route add local 198.18.0.0/15 dev lo\nip route add 198.18.0.0/15 via 203.0.113.1\n\
    exec \"$0\" --exact \"$1\" --nocapture";

/// Whether this is the inside of the namespaces of `test`; outside, runs it there.
pub(super) fn inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    if !needs(test, &["unshare", "ip", "nft", "setpriv"]) {
        return false;
    }
    let unshared = |lines: &str| {
        let mut command = Command::new("unshare");
        command.args(["--net", "--mount", "sh", "-ec", lines]);
        command
    };
    let can = "mount -t sysfs none /sys; mount -t bpf bpf /sys/fs/bpf; ip link add sw0 type veth";
    let tried = run(&mut unshared(can), SOON);
    if tried.code != Some(0) {
        skip(test, &format!("no network namespace with a BPF file system here: {}", tried.err));
        return false;
    }
    let own = std::env::current_exe().expect("this program");
    let ran = run(unshared(NAMESPACES).arg(own).arg(test).env(INSIDE, "1"), TEST_MAX);
    let out = &ran.out;
    print!(
        "{}",
        out.lines()
            .filter(|line| line.starts_with("FIGURE"))
            .fold(String::new(), |text, line| text + line + "\n",)
    );
    assert_eq!(ran.code, Some(0), "{out}\n{}", ran.err);
    false
}

/// Runs `ip`, which must do it.
pub(super) fn ip(words: &[&str]) {
    run(Command::new("ip").args(words), SOON).good();
}

/// Does something in the namespace of the clients, on a thread that stays there.
pub(super) fn as_peer<T: Send>(act: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        let there = scope.spawn(|| {
            enter_peer();
            act()
        });
        there.join().expect("what it does does not panic")
    })
}

/// Moves this thread to the clients for good.
pub(super) fn enter_peer() {
    let peer = File::open("/run/netns/peer").expect("it was made");
    rustix::thread::move_into_link_name_space(
        std::os::fd::AsFd::as_fd(&peer),
        Some(rustix::thread::LinkNameSpaceType::Network),
    )
    .expect("root may");
}

/// What became of a client that asks.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reached {
    /// It got an answer.
    Answered,
    /// Nobody listens.
    Refused,
    /// Nothing came back.
    Dropped,
}

/// Source `number` of group `group` (a crowd is group 100) asks once.
pub(super) fn reach(group: u8, number: u8) -> Reached {
    let answer = as_peer(|| ask(Ipv4Addr::new(198, 18, group, number)));
    match answer {
        Ok(()) => Reached::Answered,
        Err(cause) if cause.kind() == io::ErrorKind::ConnectionRefused => Reached::Refused,
        Err(_) => Reached::Dropped,
    }
}

fn ask(source: Ipv4Addr) -> io::Result<()> {
    let mut stream = dial(source)?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    write!(stream, "GET / HTTP/1.1\r\nhost: {HOST}\r\nconnection: close\r\n\r\n")?;
    stream.read_exact(&mut [0; 12])
}

/// Connects to the shield; one that is dropped is given two seconds.
fn dial(source: Ipv4Addr) -> io::Result<TcpStream> {
    let socket = opened(source)?;
    rustix::net::sockopt::set_tcp_user_timeout(&socket, 2_000)?;
    rustix::net::sockopt::set_socket_timeout(
        &socket,
        rustix::net::sockopt::Timeout::Send,
        Some(Duration::from_secs(2)),
    )?;
    connect(&socket, &target())?;
    Ok(TcpStream::from(socket))
}

/// A socket that is bound to a source.
pub(super) fn opened(source: Ipv4Addr) -> io::Result<OwnedFd> {
    let flags = SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::INET, SocketType::STREAM, flags, None)?;
    rustix::net::sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &SocketAddrV4::new(source, 0))?;
    Ok(socket)
}
