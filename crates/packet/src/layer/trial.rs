//! A trial of the program before it is attached: what must pass passes, with every stage acting.

use crate::abi::{Config, flag};
use crate::kernel::{Kernel, Program};
use crate::model::Network;
use std::net::IpAddr;

/// What the kernel returns for a packet that passes.
const PASS: u32 = 2;

/// Runs what must pass through the program.
///
/// # Errors
/// Something of it would be dropped, or the trial cannot be run.
pub(super) fn passes(kernel: &mut Kernel, guarded: &[Network]) -> Result<(), String> {
    let flags = flag::ARMED
        | flag::SANITY
        | flag::FRAGMENTS
        | flag::HOSTS
        | flag::NETS
        | flag::CLASSES
        | flag::REFLECTORS
        | flag::SERVED;
    let told = |fault: &dyn std::fmt::Display| fault.to_string();
    kernel.configure(Config { flags, ..Config::default() }).map_err(|fault| told(&fault))?;
    let mut trials = vec![
        ("ARP", frame(0x0806, &[0; 46])),
        ("the MTU of a path", frame(0x0800, &four([192, 0, 2, 1], 1, &message(3, 4)))),
        ("neighbour discovery", frame(0x86dd, &neighbour())),
    ];
    let of_guard = guarded.iter().filter_map(|network| match network.first() {
        // A datagram to a port that nothing serves: dropped unless its source is let through.
        IpAddr::V4(address) if network.bits == 32 => {
            Some(("a guarded address", frame(0x0800, &four(address.octets(), 17, &DATAGRAM))))
        }
        _ => None,
    });
    trials.extend(of_guard);
    for (name, frame) in trials {
        let ran = kernel.run(Program::Seawall, &frame, 1).map_err(|fault| told(&fault))?;
        if ran.returned != PASS {
            return Err(format!("in a trial the program dropped {name}, so it is not attached"));
        }
    }
    kernel.configure(Config::default()).map_err(|fault| told(&fault))
}

/// From port 53 to port 9, with nothing in it.
const DATAGRAM: [u8; 8] = [0, 53, 0, 9, 0, 8, 0, 0];

fn frame(kind: u16, packet: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend(kind.to_be_bytes());
    frame.extend(packet);
    frame.resize(frame.len().max(64), 0);
    frame
}

fn four(source: [u8; 4], protocol: u8, carried: &[u8]) -> Vec<u8> {
    let length = u16::try_from(20 + carried.len()).unwrap_or(u16::MAX).to_be_bytes();
    let mut packet = vec![0x45, 0, length[0], length[1], 0, 0, 0x40, 0, 64, protocol, 0, 0];
    packet.extend(source);
    packet.extend([203, 0, 113, 1]);
    packet.extend(carried);
    packet
}

fn message(kind: u8, code: u8) -> [u8; 36] {
    let mut message = [0; 36];
    (message[0], message[1]) = (kind, code);
    message
}

fn neighbour() -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0, 0, 24, 58, 255];
    let mut address = [0_u8; 16];
    (address[0], address[1], address[15]) = (0xfe, 0x80, 1);
    packet.extend(address);
    address[15] = 2;
    packet.extend(address);
    packet.extend([135, 0, 0, 0, 0, 0, 0, 0]);
    packet.extend(address);
    packet
}
