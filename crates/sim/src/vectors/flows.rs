//! Who says what to whom, so that conversations are told from one-way traffic.

use super::kind::Kind;
use super::{Addresses, Kinds};
use seawall_wire::packet::{Carried, Packet};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Flows that are told apart: at about 150 bytes each, 40 MiB.
pub const FLOWS_MAX: usize = 262_144;

/// Two parties and their ports, the smaller end first.
type Ends = [(IpAddr, u16); 2];

/// The flows of a capture.
#[derive(Debug, Default)]
pub(super) struct Flows {
    /// By protocol and ends.
    flows: BTreeMap<(u8, Ends), Flow>,
    /// Packets of flows that found no room, by kind.
    untracked: BTreeMap<Kind, u64>,
}

/// Packets of one flow by kind, from the first end and from the second.
#[derive(Debug, Default)]
struct Flow([Vec<(Kind, u64)>; 2]);

/// One-way traffic of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OneWay {
    pub(super) packets: u64,
    pub(super) sources: Addresses,
}

/// What the flows come to.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) one_way: Kinds,
    /// Who takes part in a conversation.
    pub(super) conversing: Addresses,
    pub(super) untracked: u64,
}

impl Flows {
    pub(super) fn add(&mut self, packet: &Packet) {
        let (protocol, ports) = match packet.carried {
            Carried::Tcp { ports, .. } => (6, (ports.source, ports.target)),
            Carried::Udp(ports) => (17, (ports.source, ports.target)),
            Carried::Icmp { .. } => (1, (0, 0)),
            // A number that no packet has: pieces are not told apart by protocol.
            Carried::Fragment => (255, (0, 0)),
            Carried::Other(protocol) => (protocol, (0, 0)),
        };
        let (source, target) = ((packet.source, ports.0), (packet.target, ports.1));
        let (ends, from) =
            if source <= target { ([source, target], 0) } else { ([target, source], 1) };
        let kind = Kind::of(packet.carried);
        let is_full = self.flows.len() >= FLOWS_MAX;
        match self.flows.get_mut(&(protocol, ends)) {
            Some(flow) => flow.add(from, kind),
            None if is_full => *self.untracked.entry(kind).or_default() += 1,
            None => self.flows.entry((protocol, ends)).or_default().add(from, kind),
        }
    }

    pub(super) fn conclude(self) -> Seen {
        let mut seen = Seen::default();
        for ((_, ends), flow) in self.flows {
            if flow.is_conversation() {
                seen.conversing.extend(ends.map(|(address, _)| address));
                continue;
            }
            let is_half_open = flow.is_half_open();
            for ((source, _), sent) in ends.iter().zip(&flow.0) {
                for (kind, packets) in sent {
                    let kind = match kind {
                        Kind::SynAck if is_half_open => &Kind::SolicitedSynAck,
                        other => other,
                    };
                    let one_way = seen.one_way.entry(*kind).or_default();
                    one_way.packets += packets;
                    one_way.sources.insert(*source);
                }
            }
        }
        for (kind, packets) in self.untracked {
            seen.untracked += packets;
            seen.one_way.entry(kind).or_default().packets += packets;
        }
        seen
    }
}

impl Flow {
    fn add(&mut self, from: usize, kind: Kind) {
        let sent = &mut self.0[from];
        match sent.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, packets)) => *packets += 1,
            None => sent.push((kind, 1)),
        }
    }

    /// Both speak; or one does, and goes on after opening, which it could not do unanswered.
    ///
    /// A reset is no speech: whoever is asked in another's name sends one.
    fn is_conversation(&self) -> bool {
        let speaks = |sent: &Vec<(Kind, u64)>| {
            sent.iter().any(|(kind, _)| !matches!(kind, Kind::Rst | Kind::RstAck))
        };
        let both = self.0.iter().all(speaks);
        (both && !self.is_half_open()) || self.0.iter().any(|sent| goes_on(sent))
    }

    /// A SYN and the SYN-ACK to it alone: an opening that is not followed up.
    fn is_half_open(&self) -> bool {
        let [first, second] = &self.0;
        let opens = |a: &[(Kind, u64)], b: &[(Kind, u64)]| {
            holds(a, &[Kind::Syn]) && holds(b, &[Kind::SynAck]) && !goes_on(a)
        };
        opens(first, second) || opens(second, first)
    }
}

fn holds(sent: &[(Kind, u64)], kinds: &[Kind]) -> bool {
    sent.iter().any(|(kind, _)| kinds.contains(kind))
}

fn goes_on(sent: &[(Kind, u64)]) -> bool {
    holds(sent, &[Kind::Syn, Kind::SynAck]) && holds(sent, &[Kind::Ack, Kind::Data])
}
