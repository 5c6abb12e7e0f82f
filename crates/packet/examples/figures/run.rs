//! Figures by test runs: nothing is attached.
//!
//! A packet is run eight times in a row, of which the first finds nothing of it in the caches.

use crate::{Done, figure, median, told};
use seawall_packet::abi::{Config, flag};
use seawall_packet::kernel::{Kernel, Program};
use seawall_packet::model::Party;
use seawall_packet::signatures::{Action, Rule, compile};
use seawall_types::PacketSignature;
use seawall_types::packet::Field;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::time::Instant;

const HOSTS: u32 = 1_000_000;
const PREFIXES: u32 = 200_000;
const DIFFERENT: u32 = 4_096;
/// Runs of one packet in a row: the first finds nothing of it in the caches.
const ROW: u32 = 8;

pub(crate) fn figures() -> Done<()> {
    let mut kernel = Kernel::load().map_err(told)?;
    figure("packet.instructions", kernel.verified_instructions().unwrap_or(0), "instructions");
    fill(&kernel)?;
    signatures(&mut kernel, of_a_port, 256)?;
    figure("packet.memory", memory()?, "MiB");
    let blocked = |number: u32| frame(0x0a00_0000 + number * 211 % HOSTS, 443);
    let passing = |number: u32| frame(0xc612_0000 + number, 443);
    configure(&mut kernel, flag::HOSTS)?;
    figure("packet.drop_ns", times(&mut kernel, blocked)?, "ns");
    configure(&mut kernel, flag::HOSTS | flag::NETS | flag::SANITY | flag::SIGNATURES)?;
    for (name, count) in [("packet.pass_64_ns", 64), ("packet.pass_256_ns", 256)] {
        signatures(&mut kernel, of_a_port, count)?;
        figure(name, times(&mut kernel, passing)?, "ns");
    }
    signatures(&mut kernel, of_no_port, 256)?;
    figure("packet.pass_256_of_no_port_ns", times(&mut kernel, passing)?, "ns");
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

/// Memory of this process's maps in MiB, as the kernel counts it in `memlock`.
fn memory() -> Done<u64> {
    let mut bytes = 0_u64;
    for entry in fs::read_dir("/proc/self/fdinfo").map_err(told)?.flatten() {
        let text = fs::read_to_string(entry.path()).unwrap_or_default();
        if text.contains("map_type:") {
            let line = text.lines().find_map(|line| line.strip_prefix("memlock:"));
            bytes += line.and_then(|number| number.trim().parse::<u64>().ok()).unwrap_or(0);
        }
    }
    Ok(bytes >> 20)
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

/// The median time of one run, over packets that are different.
fn times(kernel: &mut Kernel, frame: impl Fn(u32) -> Vec<u8>) -> Done<u64> {
    let frames: Vec<_> = (0..DIFFERENT).map(frame).collect();
    let mut times = Vec::new();
    for _ in 0..3 {
        for frame in &frames {
            let ran = kernel.run(Program::Seawall, frame, ROW);
            times.push(ran.map_err(told)?.nanoseconds);
        }
    }
    Ok(median(times))
}

/// A datagram of one source; nobody reads its sums.
fn frame(source: u32, port: u16) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend([0x08, 0x00, 0x45, 0, 0, 60, 0x77, 0x77, 0x40, 0, 60, 17, 0, 0]);
    frame.extend(source.to_be_bytes());
    frame.extend([203, 0, 113, 2, 0x9c, 0x40]);
    frame.extend(port.to_be_bytes());
    frame.extend([0, 40, 0, 0]);
    frame.extend([7; 32]);
    frame
}
