//! The kernel's program in Rust: the same packet, tables and time give the same reason.
//!
//! Takes a frame and the time; gives why it passes or not.
//! Pure: reads no clock, draws no number.
//! It has no sockets, so SYN cookies are not in it; and it forgets no source, which the kernel's table
//! does when it is full.

mod control;
mod sanity;

use crate::Reason;
use crate::abi::{Beat, Config, Ports, SIGNATURES_MAX, Signatures, flag};
use crate::reason::PacketVerdict;
use seawall_types::packet::{Piece, TCP, UDP};
use seawall_types::{PacketFields, PacketSignature};
use seawall_wire::frame::{self, FrameHeaders};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

const SYN: u8 = 0x02;
const ACK: u8 = 0x10;

/// The program with its tables.
#[derive(Debug, Clone)]
pub struct Model {
    /// Which stages act.
    pub config: Config,
    /// The last sign of life.
    pub beat: Beat,
    /// Allowed networks, with their ends.
    pub allowed: Vec<(Network, u64)>,
    /// Blocked hosts, with their ends.
    pub hosts: BTreeMap<Party, u64>,
    /// Blocked networks, with their ends.
    pub nets: Vec<(Network, u64)>,
    /// Classes of /24 networks.
    pub classes: BTreeMap<u32, u8>,
    /// Until when a class is blocked; 0 for not.
    pub class_until: [u64; 256],
    /// Ports that are used for reflection.
    pub reflectors: Ports,
    /// Ports that take datagrams.
    pub served: Ports,
    /// Both halves of the signatures.
    pub signatures: [Box<Signatures>; 2],
    signature_due: [[u64; SIGNATURES_MAX]; 2],
    /// Packets that fitted, by half and place.
    pub signature_hits: [[u64; SIGNATURES_MAX]; 2],
    sources: BTreeMap<Party, [u64; 2]>,
    dhcp_due: u64,
}

/// What is counted as one: an IPv4 address, or an IPv6 /64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Party {
    /// An address.
    V4(Ipv4Addr),
    /// The first half of an address.
    V6([u8; 8]),
}

impl Party {
    /// Whose address this is.
    pub fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => {
                let mut half = [0; 8];
                half.copy_from_slice(&address.octets()[..8]);
                Self::V6(half)
            }
        }
    }
}

/// A network: an address, and how many of its bits count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network {
    /// An address in it.
    pub address: IpAddr,
    /// Bits that count, at most 32 or 128.
    pub bits: u8,
}

impl Network {
    /// A network of one address.
    pub fn host(address: IpAddr) -> Self {
        Self { address, bits: if address.is_ipv4() { 32 } else { 128 } }
    }

    /// Whether an address is in it.
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let differs = u32::from(own) ^ u32::from(other);
                differs.leading_zeros() >= u32::from(self.bits)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let differs = u128::from(own) ^ u128::from(other);
                differs.leading_zeros() >= u32::from(self.bits)
            }
            _ => false,
        }
    }

    /// Its first address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from(u32::from(address) & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(self.bits)).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from(u128::from(address) & mask))
            }
        }
    }
}

impl Default for Model {
    fn default() -> Self {
        Self {
            config: Config::default(),
            beat: Beat::default(),
            allowed: Vec::new(),
            hosts: BTreeMap::new(),
            nets: Vec::new(),
            classes: BTreeMap::new(),
            class_until: [0; 256],
            reflectors: Ports::of([]),
            served: Ports::of([]),
            signatures: [Box::default(), Box::default()],
            signature_due: [[0; SIGNATURES_MAX]; 2],
            signature_hits: [[0; SIGNATURES_MAX]; 2],
            sources: BTreeMap::new(),
            dhcp_due: 0,
        }
    }
}

impl Model {
    /// What becomes of a frame, and why.
    pub fn decide(&mut self, frame: &[u8], now: u64) -> (PacketVerdict, Reason) {
        let reason = self.reason(frame, now);
        let dropped = reason.verdict() == PacketVerdict::Drop && self.is_armed(now);
        (if dropped { PacketVerdict::Drop } else { PacketVerdict::Pass }, reason)
    }

    fn is_armed(&self, now: u64) -> bool {
        let alive = self.beat.at_ns == 0 || now < self.beat.at_ns + self.beat.stale_ns;
        self.acts(flag::ARMED) && alive
    }

    fn acts(&self, flag: u32) -> bool {
        self.config.flags & flag != 0
    }

    fn reason(&mut self, frame: &[u8], now: u64) -> Reason {
        match frame::ethernet(frame) {
            FrameHeaders::Other => Reason::Control,
            FrameHeaders::Malformed(sender) => self.unreadable(sender, now, Reason::Malformed),
            FrameHeaders::Extensions(sender) => self.unreadable(sender, now, Reason::Extensions),
            FrameHeaders::Packet(fields) if self.is_control(&fields, now) => Reason::Control,
            FrameHeaders::Packet(fields) => self.packet(&fields, now),
        }
    }

    /// Anybody can forge the shape of DHCP: what is over its rate is a datagram as others.
    fn is_control(&mut self, fields: &PacketFields, now: u64) -> bool {
        let Config { dhcp_ns, dhcp_burst_ns, .. } = self.config;
        let has_rate = fields.protocol == UDP && dhcp_ns > 0;
        control::is_control(fields)
            && !(has_rate && is_over(&mut self.dhcp_due, now, (dhcp_ns, dhcp_burst_ns)))
    }

    /// What cannot be read may be the operator's: its address decides, where it has one.
    fn unreadable(&self, sender: Option<IpAddr>, now: u64, reason: Reason) -> Reason {
        if sender.is_some_and(|sender| is_within(&self.allowed, sender, now)) {
            Reason::Allowed
        } else if self.acts(flag::SANITY) {
            reason
        } else {
            Reason::Pass
        }
    }

    fn packet(&mut self, fields: &PacketFields, now: u64) -> Reason {
        self.by_source(fields, now)
            .or_else(|| self.by_shape(fields))
            .or_else(|| self.acts(flag::SIGNATURES).then(|| self.by_signature(fields, now))?)
            .or_else(|| self.acts(flag::SOURCES).then(|| self.by_budget(fields, now))?)
            .unwrap_or(Reason::Pass)
    }

    fn by_source(&self, fields: &PacketFields, now: u64) -> Option<Reason> {
        if is_within(&self.allowed, fields.source, now) {
            return Some(Reason::Allowed);
        }
        let host = self.hosts.get(&Party::of(fields.source));
        if self.acts(flag::HOSTS) && host.is_some_and(|ends| is_live(*ends, now)) {
            return Some(Reason::Host);
        }
        if self.acts(flag::NETS) && is_within(&self.nets, fields.source, now) {
            return Some(Reason::Net);
        }
        let IpAddr::V4(source) = fields.source else { return None };
        let class = self.classes.get(&(u32::from(source) >> 8)).copied().unwrap_or(0);
        let blocked = class != 0 && now < self.class_until[usize::from(class)];
        (self.acts(flag::CLASSES) && blocked).then_some(Reason::Class)
    }

    fn by_shape(&self, fields: &PacketFields) -> Option<Reason> {
        if self.acts(flag::SANITY)
            && let Some(reason) = sanity::fault(fields)
        {
            return Some(reason);
        }
        if self.acts(flag::FRAGMENTS) && fields.piece != Piece::Whole {
            return Some(Reason::Fragment);
        }
        if fields.protocol != UDP || fields.piece == Piece::Later {
            return None;
        }
        if self.acts(flag::REFLECTORS) && self.reflectors.holds(fields.source_port) {
            return Some(Reason::Reflector);
        }
        let unserved = self.acts(flag::SERVED) && !self.served.holds(fields.target_port);
        unserved.then_some(Reason::Unserved)
    }

    fn by_signature(&mut self, fields: &PacketFields, now: u64) -> Option<Reason> {
        let half = (self.config.half & 1) as usize;
        let table = &self.signatures[half];
        let ranges = table.ranges(fields.protocol, fields.source_port, fields.target_port);
        let places = ranges.iter().flat_map(|range| {
            let first = usize::from(range.first);
            first..first + usize::from(range.count)
        });
        let fits = |at: &usize| {
            let one = &table.list[*at];
            let signature = PacketSignature {
                mask: one.mask,
                value: one.value,
                length: (one.len_min, one.len_max),
                ttl: (one.ttl_min, one.ttl_max),
            };
            now < one.expires_ns && signature.matches(fields)
        };
        let at = places.into_iter().find(fits)?;
        let (action, cost, burst) = {
            let one = &table.list[at];
            (one.action, one.rate_ns, one.burst_ns)
        };
        self.signature_hits[half][at] += 1;
        match action {
            0 => Some(Reason::Signature),
            1 => {
                let over = is_over(&mut self.signature_due[half][at], now, (cost, burst));
                over.then_some(Reason::SignatureRate)
            }
            _ => None,
        }
    }

    fn by_budget(&mut self, fields: &PacketFields, now: u64) -> Option<Reason> {
        let Config { packet_ns, packet_burst_ns, syn_ns, syn_burst_ns, .. } = self.config;
        // A piece belongs to no connection before it is whole.
        let is_tcp = fields.protocol == TCP && fields.piece == Piece::Whole;
        let is_syn = is_tcp && fields.flags & (SYN | ACK) == SYN;
        // Whoever a forger names must not pay for him: what belongs to a connection has no budget.
        if is_tcp && !is_syn {
            return None;
        }
        let is_frozen = self.acts(flag::SOURCES_FROZEN);
        let party = Party::of(fields.source);
        let Some([packets, syns]) = self.sources.get_mut(&party) else {
            if !is_frozen {
                let new = [now + packet_ns, now + if is_syn { syn_ns } else { 0 }];
                self.sources.insert(party, new);
            }
            return None;
        };
        if !is_tcp && packet_ns > 0 && is_over(packets, now, (packet_ns, packet_burst_ns)) {
            return Some(Reason::SourcePackets);
        }
        let over = is_syn && syn_ns > 0 && is_over(syns, now, (syn_ns, syn_burst_ns));
        over.then_some(Reason::SourceSyns)
    }
}

fn is_live(ends: u64, now: u64) -> bool {
    ends == 0 || now < ends
}

/// The narrowest network that holds the address decides, as in the kernel's trie.
fn is_within(networks: &[(Network, u64)], address: IpAddr, now: u64) -> bool {
    let holding = networks.iter().filter(|(network, _)| network.holds(address));
    holding.max_by_key(|(network, _)| network.bits).is_some_and(|(_, ends)| is_live(*ends, now))
}

fn is_over(due: &mut u64, now: u64, (cost, burst): (u64, u64)) -> bool {
    let then = now.max(*due);
    if then - now > burst {
        return true;
    }
    *due = then + cost;
    false
}
