//! Figures by test runs: nothing is attached.
//!
//! One run of the kernel's goes over packets that all have sources of their own, one after the other, as a
//! flood does: the program's code is warm, and of the tables only what so many sources leave in the caches.
//! The frame itself is always warm, since it is one; what an interface writes is measured on the wire.

use crate::{Done, figure, median, told};
use seawall_packet::Reason;
use seawall_packet::abi::{Config, flag};
use seawall_packet::kernel::{Kernel, Program};
use seawall_packet::model::Party;
use seawall_packet::signatures::{Action, Rule, compile};
use seawall_types::PacketSignature;
use seawall_types::packet::Field;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

const HOSTS: u32 = 1_000_000;
const PREFIXES: u32 = 200_000;
/// Sources of one measurement, and of one whose entries are in no cache of a processor's own.
const DIFFERENT: u32 = 4_096;
const FAR: u32 = 524_288;
/// So far apart are sources that follow one another, so that they share no cache line of a table.
const STEP: u32 = 211;
/// A flood comes back to its sources: so many packets are a measurement, and the median counts.
const PACKETS: u32 = 524_288;
const MEASUREMENTS: usize = 31;

pub(crate) fn figures() -> Done<()> {
    let mut kernel = Kernel::load().map_err(told)?;
    figure("packet.instructions", kernel.verified_instructions().unwrap_or(0), "instructions");
    fill(&kernel)?;
    signatures(&mut kernel, of_a_port, 256)?;
    memory(&kernel)?;
    kernel.load_program(Program::Walk).map_err(told)?;
    configure(&mut kernel, flag::HOSTS)?;
    let blocked = |count| (frame(0x0a00_0000, count), Reason::Host);
    figure("packet.drop_ns", time(&mut kernel, blocked(DIFFERENT))?, "ns");
    figure("packet.drop_far_ns", time(&mut kernel, blocked(FAR))?, "ns");
    let passing = || (frame(0xc612_0000, DIFFERENT), Reason::Pass);
    configure(&mut kernel, flag::HOSTS | flag::NETS | flag::SANITY | flag::SIGNATURES)?;
    for (name, count) in [("packet.pass_64_ns", 64), ("packet.pass_256_ns", 256)] {
        signatures(&mut kernel, of_a_port, count)?;
        figure(name, time(&mut kernel, passing())?, "ns");
    }
    signatures(&mut kernel, of_no_port, 256)?;
    figure("packet.pass_256_of_no_port_ns", time(&mut kernel, passing())?, "ns");
    Ok(())
}

fn signatures(kernel: &mut Kernel, signature: fn(u32) -> PacketSignature, count: u32) -> Done<()> {
    let rules: Vec<_> = (0..count).map(|id| rule(id, signature(id))).collect();
    let table = compile(&rules).map_err(told)?;
    kernel.put_signatures(&table).map_err(told)
}

fn configure(kernel: &mut Kernel, flags: u32) -> Done<()> {
    let config = Config { flags: flags | flag::ARMED, ..Config::default() };
    kernel.configure(config).map_err(told)
}

fn fill(kernel: &Kernel) -> Done<()> {
    let hosts: Vec<_> = (0..HOSTS)
        .map(|number| (Party::of(IpAddr::V4(Ipv4Addr::from(0x0a00_0000 + number))), 0))
        .collect();
    let prefix =
        |number: u32| Ipv6Addr::from((0x2001_0db8_u128 << 96) | (u128::from(number) << 64) | 1);
    let prefixes: Vec<_> =
        (0..PREFIXES).map(|number| (Party::of(IpAddr::V6(prefix(number))), 0)).collect();
    for entries in [&hosts, &prefixes] {
        let began = Instant::now();
        let written = kernel.tables().block_hosts(entries).map_err(told)?;
        if written.full > 0 {
            return Err(format!("{} of {} found no room", written.full, entries.len()));
        }
        figure("packet.entries", rate(entries.len(), began), "entries/s");
    }
    let lifted: Vec<_> = hosts.iter().take(200_000).map(|(party, _)| *party).collect();
    let began = Instant::now();
    kernel.tables().lift_hosts(&lifted).map_err(told)?;
    figure("packet.lifts", rate(lifted.len(), began), "entries/s");
    kernel.tables().block_hosts(&hosts[..lifted.len()]).map_err(told)?;
    Ok(())
}

fn rate(count: usize, began: Instant) -> u64 {
    (count as u64) * 1_000_000
        / u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX).max(1)
}

/// Memory of the tables: all of them, then each.
fn memory(kernel: &Kernel) -> Done<()> {
    let tables = kernel.memory().map_err(told)?;
    figure("packet.memory", tables.iter().map(|(_, bytes)| bytes).sum::<u64>() >> 20, "MiB");
    for (name, bytes) in tables {
        figure(&format!("packet.memory_of_{}", name.to_lowercase()), bytes >> 10, "KiB");
    }
    Ok(())
}

fn rule(id: u32, signature: PacketSignature) -> Rule {
    Rule { id, signature, action: Action::Drop, expires_ns: None }
}

fn of_a_port(id: u32) -> PacketSignature {
    let port = 1_000 + u64::from(id) * 7;
    PacketSignature::ANY.with(Field::Protocol, 17).with(Field::TargetPort, port)
}

fn of_no_port(id: u32) -> PacketSignature {
    PacketSignature::ANY.with(Field::Protocol, 17).with(Field::Id, u64::from(id))
}

/// The median time of one run, over packets whose sources are different.
fn time(kernel: &mut Kernel, (frame, reason): (Vec<u8>, Reason)) -> Done<u64> {
    let mut times = Vec::new();
    for _ in 0..MEASUREMENTS {
        let before = counted(kernel, reason)?;
        let ran = kernel.run(Program::Walk, &frame, PACKETS).map_err(told)?;
        if counted(kernel, reason)? - before != u64::from(PACKETS) {
            return Err(format!("not every packet was decided as {reason:?}"));
        }
        times.push(ran.nanoseconds);
    }
    Ok(median(times))
}

fn counted(kernel: &Kernel, reason: Reason) -> Done<u64> {
    Ok(kernel.counts().map_err(told)?[reason as usize].packets)
}

/// A datagram of `count` sources, a power of two; nobody reads its sums.
fn frame(first: u32, count: u32) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([0x08, 0x00, 0x45, 0, 0, 60, 0x77, 0x77, 0x40, 0, 60, 17, 0, 0]);
    frame.extend([0, 0, 0, 0, 203, 0, 113, 2, 0x9c, 0x40, 1, 187, 0, 40, 0, 0]);
    // Steps lead out of none of the sources, and twice to none.
    let spread = count.max(1 << 19) - 1;
    for word in [first, STEP, spread, count - 1, 0] {
        frame.extend(word.to_le_bytes());
    }
    frame.resize(74, 7);
    frame
}
