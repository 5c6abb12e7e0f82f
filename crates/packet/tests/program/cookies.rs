//! SYN cookies, by test runs against listeners of this process.
//!
//! Needs `net.ipv4.tcp_syncookies` = 2, which a thread sets in a network namespace of its own.

use crate::frames::{Four, SOURCE, TARGET, checksum, segment, summed};
use crate::{loaded, verdict};
use seawall_packet::Reason;
use seawall_packet::abi::{Config, Ports, flag};
use seawall_packet::kernel::{Kernel, PortSet, Program};
use std::fs;
use std::process::Command;

const PORT: u16 = 8080;
const MSS: [u8; 8] = [2, 4, 5, 0xb4, 1, 1, 4, 2];
const ANSWERED: u32 = 3;

fn syn(port: u16, source_port: u16) -> Vec<u8> {
    let syn = segment((source_port, port), (1_000, 0), 0x02, &MSS);
    Four::new(6, summed(syn, &SOURCE, &TARGET)).frame()
}

fn ack(source_port: u16, cookie: u32) -> Vec<u8> {
    let ack = segment((source_port, PORT), (1_001, cookie), 0x10, &[]);
    Four::new(6, summed(ack, &SOURCE, &TARGET)).frame()
}

fn armed(kernel: &mut Kernel) {
    kernel.tables().put_ports(PortSet::Cookies, &Ports::of([PORT])).unwrap();
    let flags = flag::ARMED | flag::SANITY | flag::COOKIES;
    kernel.configure(Config { flags, ..Config::default() }).unwrap();
}

/// Runs a test of this program again inside a network namespace of its own.
fn inside_a_namespace(test: &str) -> bool {
    const INSIDE: &str = "SEAWALL_TEST_INSIDE";
    if std::env::var_os(INSIDE).is_some() {
        fs::write("/proc/sys/net/ipv4/tcp_syncookies", "2").unwrap();
        Command::new("ip").args(["link", "set", "lo", "up"]).status().unwrap();
        return true;
    }
    let own = std::env::current_exe().unwrap();
    let ran = Command::new("unshare")
        .arg("--net")
        .arg(own)
        .args(["--exact", test, "--nocapture"])
        .env(INSIDE, "1")
        .output();
    match ran {
        Ok(ran) if ran.status.success() => {}
        Ok(ran) if String::from_utf8_lossy(&ran.stderr).contains("unshare failed") => {
            eprintln!("skipped {test}: no network namespace can be made here");
        }
        other => panic!("{other:?}"),
    }
    false
}

#[test]
fn a_syn_is_answered_with_a_cookie_that_only_its_sender_can_return() {
    let name = "cookies::a_syn_is_answered_with_a_cookie_that_only_its_sender_can_return";
    if loaded(name).is_none() || !inside_a_namespace(name) {
        return;
    }
    for listeners in [1, 2, 8] {
        let mut kernel = loaded(name).unwrap();
        armed(&mut kernel);
        let _group: Vec<_> = (0..listeners).map(|_| listener()).collect();
        for source_port in 40_000..40_064 {
            exchange(&mut kernel, source_port);
        }
        let closed = verdict(&mut kernel, &syn(PORT + 1, 40_000));
        assert_eq!(closed, (2, Reason::Pass), "a port without cookies is the kernel's");
    }
    let mut kernel = loaded(name).unwrap();
    armed(&mut kernel);
    assert_eq!(verdict(&mut kernel, &syn(PORT, 40_000)), (2, Reason::NoListener));
    let _one = listener();
    fs::write("/proc/sys/net/ipv4/tcp_syncookies", "0").unwrap();
    let without = verdict(&mut kernel, &syn(PORT, 40_000));
    assert_eq!(without, (2, Reason::Unanswered), "what cannot be made is never a drop");
}

/// One of a group that shares the port.
fn listener() -> socket2::Socket {
    use socket2::{Domain, Socket, Type};
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.set_reuse_port(true).unwrap();
    let any: std::net::SocketAddr = ([0, 0, 0, 0], PORT).into();
    socket.bind(&any.into()).unwrap();
    socket.listen(128).unwrap();
    socket
}

fn exchange(kernel: &mut Kernel, source_port: u16) {
    let ran = kernel.run(Program::Seawall, &syn(PORT, source_port), 1).unwrap();
    assert_eq!(ran.returned, ANSWERED);
    let answer = ran.frame;
    assert_eq!(answer.len(), 14 + 20 + 24);
    assert_eq!(checksum(&[&answer[14..34]]), 0, "sum of the IP header");
    let pseudo = [&answer[26..34], &[0, 0, 0, 6, 0, 0, 0, 24]];
    assert_eq!(checksum(&[pseudo[0], pseudo[1], &answer[34..58]]), 0, "sum of the segment");
    assert_eq!(answer[26..30], TARGET);
    let cookie = u32::from_be_bytes(answer[38..42].try_into().unwrap());
    assert_eq!(answer[42..46], 1_001_u32.to_be_bytes());
    let good = verdict(kernel, &ack(source_port, cookie.wrapping_add(1)));
    assert_eq!(good, (2, Reason::CookieGood));
    let forged = verdict(kernel, &ack(source_port, cookie.wrapping_add(77_777)));
    assert_eq!(forged, (1, Reason::CookieBad));
}
