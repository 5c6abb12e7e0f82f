//! Blocks that are over give their places back.

use crate::frames::{Four, udp};
use crate::loaded;
use seawall_packet::abi::{Config, flag};
use seawall_packet::kernel::{Kernel, Program, Sweep, monotonic_ns};
use seawall_packet::model::Party;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// More than one piece of each table.
const OVER: u32 = 20_000;

#[test]
fn what_is_over_is_taken_out_of_both_tables_and_nothing_else() {
    let Some(mut kernel) = loaded("what_is_over_is_taken_out_of_both_tables_and_nothing_else")
    else {
        return;
    };
    let now = monotonic_ns();
    let four = |number: u32| Party::of(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number)));
    let six = |number: u32| {
        let bits = (0x2001_0db8_u128 << 96) | (u128::from(number) << 64);
        Party::of(IpAddr::V6(Ipv6Addr::from(bits)))
    };
    let over: Vec<_> = (0..OVER).flat_map(|n| [(four(n), now - 1), (six(n), now - 1)]).collect();
    let source = Party::of(IpAddr::from(crate::frames::SOURCE));
    let stand = [(source, now + 3_600_000_000_000), (six(OVER), 0)];
    for blocks in [&over[..], &stand[..]] {
        assert_eq!(kernel.tables().block_hosts(blocks).unwrap().full, 0);
    }
    assert_eq!(swept(&kernel, now), 2 * OVER as usize);
    assert_eq!(swept(&kernel, now), 0, "they are gone");
    kernel.configure(Config { flags: flag::ARMED | flag::HOSTS, ..Config::default() }).unwrap();
    let frame = Four::new(17, udp(40_000, 443, &[7; 64])).frame();
    assert_eq!(kernel.run(Program::Seawall, &frame, 1).unwrap().returned, 1, "who stands stands");
    assert_eq!(swept(&kernel, u64::MAX), 1, "the other has no end");
}

/// How many blocks a whole walk took out.
fn swept(kernel: &Kernel, now: u64) -> usize {
    let (mut sweep, mut all) = (Sweep::default(), 0);
    while !sweep.is_done() {
        all += kernel.tables().sweep(&mut sweep, now).unwrap();
    }
    all
}
