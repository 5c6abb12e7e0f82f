//! `seawall packet`: how the packet layer stands, and arming it.

use super::{files, print, running};
use crate::cli::{PacketCommand, Status};
use crate::failure::Failure;
use crate::packet_thread::{interfaces, take_off};
use seawall_control::api::PacketLayer;
use seawall_control::client::ClientFault;
use std::fmt::Write as _;
use std::process::ExitCode;

/// Does what is asked of the packet layer.
///
/// # Errors
/// The shield does not answer, or cannot do it.
pub(crate) fn packet(command: &PacketCommand) -> Result<ExitCode, Failure> {
    match command {
        PacketCommand::Status(status) => {
            let client = running::client(&status.running)?;
            let look = client.read_json("/api/v1/packet");
            tell(status, &look.map_err(|fault| running::failure(&fault))?)
        }
        PacketCommand::Arm { confirm: false, status } => {
            let look = order(status, "arm").map_err(|fault| running::failure(&fault))??;
            tell(status, &look)?;
            if !status.json {
                print("confirm within a minute with `seawall packet arm --confirm`\n");
            }
            Ok(ExitCode::SUCCESS)
        }
        PacketCommand::Arm { confirm: true, status } => {
            let look = order(status, "confirm").map_err(|fault| running::failure(&fault))??;
            tell(status, &look)
        }
        PacketCommand::Off(status) => match order(status, "off") {
            Ok(look) => tell(status, &look?),
            // One that answers, whatever it says, looks after its own pins.
            Err(ClientFault::NoAnswer { .. }) if unpin(status) > 0 => {
                print("no shield answers; what it had left pinned is taken off\n");
                Ok(ExitCode::SUCCESS)
            }
            Err(fault) => Err(running::failure(&fault)),
        },
    }
}

/// Asks the running shield; the outer error is one of reaching it.
fn order(status: &Status, order: &str) -> Result<Result<PacketLayer, Failure>, ClientFault> {
    match running::client(&status.running) {
        Ok(client) => client.post_json(&format!("/api/v1/packet/{order}")).map(Ok),
        Err(failure) => Ok(Err(failure)),
    }
}

/// Takes off what a shield of this configuration left pinned; how many.
fn unpin(status: &Status) -> usize {
    let config = status.running.config.as_ref().and_then(|path| files::read(path).ok());
    let interfaces = config.map(|config| interfaces(&config)).unwrap_or_default();
    interfaces.iter().map(|interface| take_off(interface)).sum()
}

fn tell(status: &Status, look: &PacketLayer) -> Result<ExitCode, Failure> {
    if status.json {
        let json = serde_json::to_string(look).map_err(|cause| Failure::caused_by(&cause))?;
        print(&format!("{json}\n"));
    } else {
        print(&text(look));
    }
    Ok(ExitCode::SUCCESS)
}

fn text(look: &PacketLayer) -> String {
    let mut text = String::new();
    if look.interfaces.is_empty() {
        text.push_str("no interface is covered\n");
    }
    for one in &look.interfaces {
        let does = match (one.mode.as_str(), one.armed) {
            ("off", _) => "covers nothing",
            (_, true) => "drops",
            (_, false) => "counts what it would drop",
        };
        let _ = writeln!(text, "{}: {}, {does}", one.interface, one.mode);
    }
    if look.blocked > 0 || look.full > 0 {
        let _ = writeln!(text, "{} sources blocked, {} found no room", look.blocked, look.full);
    }
    for count in &look.packets {
        let _ = writeln!(text, "  {} {}: {}", count.verdict, count.reason, count.packets);
    }
    for one in &look.floods {
        let _ = writeln!(
            text,
            "flood: {}, {} packets/s at {}, forged sources {} ({}): {}",
            one.vector, one.packets_per_s, one.target, one.forged, one.forged_why, one.answer
        );
    }
    for note in &look.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_control::api::{PacketCount, PacketFlood, PacketInterface};

    #[test]
    fn a_look_is_told_in_lines() {
        assert_eq!(text(&PacketLayer::default()), "no interface is covered\n");
        let interface = |mode: &str| PacketInterface {
            interface: "eth9".to_owned(),
            mode: mode.to_owned(),
            armed: false,
        };
        let off = PacketLayer { interfaces: vec![interface("off")], ..PacketLayer::default() };
        assert_eq!(text(&off), "eth9: off, covers nothing\n");
        let look = PacketLayer {
            interfaces: vec![PacketInterface {
                interface: "eth0".to_owned(),
                mode: "native".to_owned(),
                armed: false,
            }],
            blocked: 2,
            full: 0,
            packets: vec![PacketCount {
                verdict: "drop".to_owned(),
                reason: "host".to_owned(),
                packets: 9,
            }],
            floods: vec![PacketFlood {
                vector: "udp: flood".to_owned(),
                packets_per_s: 40_000,
                target: "203.0.113.2".to_owned(),
                forged: "likely".to_owned(),
                forged_why: "a reason".to_owned(),
                answer: "budgets".to_owned(),
            }],
            notes: vec!["a sentence".to_owned()],
        };
        assert_eq!(
            text(&look),
            "eth0: native, counts what it would drop\n2 sources blocked, 0 found no room\n  \
             drop host: 9\nflood: udp: flood, 40000 packets/s at 203.0.113.2, forged sources likely \
             (a reason): budgets\nnote: a sentence\n"
        );
    }
}
