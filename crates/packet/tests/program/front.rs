//! What the program knows of whom it has just dropped: it must not outlive the block.

use crate::frames::{Four, udp};
use crate::{loaded, verdict};
use seawall_packet::Reason;
use seawall_packet::abi::{Config, flag};
use seawall_packet::kernel::{Kernel, monotonic_ns};
use seawall_packet::model::{Network, Party};
use std::net::{IpAddr, Ipv4Addr};

const NONE: u64 = 0;
/// Places of a line, and bits of an address that do not tell its line; as `bpf/seawall.c` has them.
const WAYS: u32 = 8;
const REST_BITS: u32 = 17;
/// So many lifts, and the program counts from the start again.
const ROUND: u32 = 1 << 19;

fn armed(test: &str) -> Option<Kernel> {
    let mut kernel = loaded(test)?;
    let config = Config { flags: flag::ARMED | flag::HOSTS, ..Config::default() };
    kernel.configure(config).unwrap();
    Some(kernel)
}

fn party(address: Ipv4Addr) -> Party {
    Party::of(IpAddr::V4(address))
}

fn reason(kernel: &mut Kernel, source: Ipv4Addr) -> Reason {
    let frame = Four::new(17, udp(40_000, 9, b"")).from(source.octets()).frame();
    verdict(kernel, &frame).1
}

/// Addresses that share a line: the program's factor, undone.
fn neighbours(count: u32) -> Vec<Ipv4Addr> {
    let factor = 0x9e37_79b1_u32;
    // Newton's steps double the bits that are right.
    let inverse = (0..5).fold(factor, |inverse, _| {
        inverse.wrapping_mul(2_u32.wrapping_sub(factor.wrapping_mul(inverse)))
    });
    let address = |rest: u32| ((5 << REST_BITS) | (rest + 1)).wrapping_mul(inverse);
    (0..count).map(|rest| Ipv4Addr::from(address(rest).to_ne_bytes())).collect()
}

#[test]
fn who_is_let_go_or_allowed_passes_at_once_although_he_was_just_dropped() {
    let Some(mut kernel) = armed("front: lifted") else { return };
    let source = Ipv4Addr::new(192, 0, 2, 9);
    for _ in 0..2 {
        kernel.tables().block_hosts(&[(party(source), NONE)]).unwrap();
        for _ in 0..3 {
            assert_eq!(reason(&mut kernel, source), Reason::Host);
        }
        kernel.tables().lift_hosts(&[party(source)]).unwrap();
        assert_eq!(reason(&mut kernel, source), Reason::Pass);
    }
    kernel.tables().block_hosts(&[(party(source), NONE)]).unwrap();
    assert_eq!(reason(&mut kernel, source), Reason::Host);
    kernel.tables().allow(&[(Network::host(IpAddr::V4(source)), NONE)]).unwrap();
    assert_eq!(reason(&mut kernel, source), Reason::Allowed);
}

#[test]
fn a_block_ends_on_its_time_although_its_host_is_known() {
    let Some(mut kernel) = armed("front: ended") else { return };
    let source = Ipv4Addr::new(192, 0, 2, 9);
    let end = monotonic_ns() + 700_000_000;
    kernel.tables().block_hosts(&[(party(source), end)]).unwrap();
    assert_eq!(reason(&mut kernel, source), Reason::Host);
    loop {
        // The program's clock is up to a tick behind.
        let (before, reason) = (monotonic_ns(), reason(&mut kernel, source));
        match reason {
            Reason::Host => assert!(before < end + 10_000_000, "dropped behind its end"),
            _ => break assert!(monotonic_ns() >= end, "passed before its end"),
        }
    }
}

#[test]
fn more_hosts_than_a_line_has_places_are_all_dropped_and_let_go_one_by_one() {
    let Some(mut kernel) = armed("front: neighbours") else { return };
    let sources = neighbours(WAYS + 4);
    let blocks: Vec<_> = sources.iter().map(|source| (party(*source), NONE)).collect();
    kernel.tables().block_hosts(&blocks).unwrap();
    for at in 0..sources.len() {
        for (number, source) in sources.iter().enumerate().chain(sources.iter().enumerate()) {
            let expected = if number < at { Reason::Pass } else { Reason::Host };
            assert_eq!(reason(&mut kernel, *source), expected, "{source}, {at} let go");
        }
        kernel.tables().lift_hosts(&[party(sources[at])]).unwrap();
    }
    let strangers = neighbours(WAYS + 5);
    assert_eq!(reason(&mut kernel, strangers[strangers.len() - 1]), Reason::Pass);
}

#[test]
fn nobody_is_dropped_for_a_block_of_the_last_round_of_lifts() {
    let Some(mut kernel) = armed("front: round") else { return };
    let (source, other) = (Ipv4Addr::new(192, 0, 2, 9), party(Ipv4Addr::new(192, 0, 2, 10)));
    let first = 1;
    kernel.tables().count_lifts_from(first).unwrap();
    kernel.tables().block_hosts(&[(party(source), NONE)]).unwrap();
    assert_eq!(reason(&mut kernel, source), Reason::Host);
    kernel.tables().lift_hosts(&[party(source)]).unwrap();
    // One by one they would take longer than the program knows anybody.
    kernel.tables().count_lifts_from(ROUND - 2).unwrap();
    for _ in ROUND - 2..ROUND + first {
        kernel.tables().lift_hosts(&[other]).unwrap();
    }
    assert_eq!(reason(&mut kernel, source), Reason::Pass);
}
