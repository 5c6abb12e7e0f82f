//! Signatures for the program: in the order in which it looks for them.
//!
//! A packet is compared only with those of its protocol and ports, so that many cost little.
//! Bounds: [`SIGNATURES_MAX`] signatures; more are refused, not cut.

use crate::abi::{self, NEVER_NS, PORT_BUCKETS, Range, SIGNATURES_MAX, Signatures};
use seawall_types::PacketSignature;
use seawall_types::packet::{Field, ICMP, ICMP6, TCP, UDP};
use thiserror::Error;

/// What happens to packets that fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// They are dropped.
    Drop,
    /// So many a second pass, after a first burst.
    Rate {
        /// Packets a second, at least 1.
        per_second: u32,
        /// Packets at once.
        burst: u32,
    },
    /// They are counted.
    Count,
}

/// A signature with what follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Whose it is.
    pub id: u32,
    /// What it looks at.
    pub signature: PacketSignature,
    /// What follows.
    pub action: Action,
    /// When it ends, on the monotonic clock; none: with its table.
    pub expires_ns: Option<u64>,
}

/// More signatures than there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{0} signatures; at most {SIGNATURES_MAX} can be in force")]
pub struct TooMany(pub usize);

/// Which signatures a packet is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Slot {
    Any,
    Protocol(usize),
    Target(usize),
    Source(usize),
}

/// The table of `rules`; within one slot the first that fits wins.
///
/// # Errors
/// There are more than [`SIGNATURES_MAX`].
pub fn compile(rules: &[Rule]) -> Result<Box<Signatures>, TooMany> {
    if rules.len() > SIGNATURES_MAX {
        return Err(TooMany(rules.len()));
    }
    let mut slotted: Vec<_> = rules.iter().map(|rule| (slot(&rule.signature), rule)).collect();
    slotted.sort_by_key(|(slot, _)| *slot);
    let mut table = Box::<Signatures>::default();
    for (at, (slot, rule)) in slotted.into_iter().enumerate() {
        let range = table.range_mut(slot);
        if range.count == 0 {
            range.first = u16::try_from(at).unwrap_or(u16::MAX);
        }
        range.count += 1;
        table.list[at] = entry(rule);
        table.count += 1;
    }
    Ok(table)
}

impl Signatures {
    fn range_mut(&mut self, slot: Slot) -> &mut Range {
        match slot {
            Slot::Any => &mut self.any,
            Slot::Protocol(at) => &mut self.protocol[at],
            Slot::Target(at) => &mut self.target[at],
            Slot::Source(at) => &mut self.source[at],
        }
    }

    /// The ranges that a packet is compared with, in order.
    pub(crate) fn ranges(&self, protocol: u8, source: u16, target: u16) -> [Range; 4] {
        [
            self.any,
            self.protocol[protocol_at(protocol)],
            self.target[bucket(protocol, target)],
            self.source[bucket(protocol, source)],
        ]
    }
}

fn slot(signature: &PacketSignature) -> Slot {
    let fixed = |field| signature.fixed(field).and_then(|value| u16::try_from(value).ok());
    let Some(protocol) = fixed(Field::Protocol).and_then(|value| u8::try_from(value).ok()) else {
        return Slot::Any;
    };
    match (fixed(Field::TargetPort), fixed(Field::SourcePort)) {
        (Some(target), _) => Slot::Target(bucket(protocol, target)),
        (None, Some(source)) => Slot::Source(bucket(protocol, source)),
        (None, None) => Slot::Protocol(protocol_at(protocol)),
    }
}

fn bucket(protocol: u8, port: u16) -> usize {
    usize::from(port ^ (port >> 8) ^ u16::from(protocol)) % PORT_BUCKETS
}

fn protocol_at(protocol: u8) -> usize {
    match protocol {
        TCP => 0,
        UDP => 1,
        ICMP | ICMP6 => 2,
        _ => 3,
    }
}

fn entry(rule: &Rule) -> abi::Signature {
    let (action, rate_ns, burst_ns) = match rule.action {
        Action::Drop => (0, 0, 0),
        Action::Rate { per_second, burst } => {
            let cost = 1_000_000_000 / u64::from(per_second.max(1));
            (1, cost, cost * u64::from(burst))
        }
        Action::Count => (2, 0, 0),
    };
    let PacketSignature { mask, value, length, ttl } = rule.signature;
    abi::Signature {
        mask,
        value,
        len_min: length.0,
        len_max: length.1,
        ttl_min: ttl.0,
        ttl_max: ttl.1,
        action,
        id: rule.id,
        expires_ns: rule.expires_ns.unwrap_or(NEVER_NS).min(NEVER_NS),
        rate_ns,
        burst_ns,
        ..abi::Signature::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: u32, signature: PacketSignature) -> Rule {
        Rule { id, signature, action: Action::Drop, expires_ns: None }
    }

    fn ids(table: &Signatures, range: Range) -> Vec<u32> {
        let from = usize::from(range.first);
        table.list[from..from + usize::from(range.count)].iter().map(|s| s.id).collect()
    }

    #[test]
    fn a_signature_is_looked_for_only_where_it_can_fit() {
        let any = PacketSignature::ANY;
        let udp = any.with(Field::Protocol, 17);
        let rules = [
            rule(1, udp.with(Field::TargetPort, 443)),
            rule(2, udp.with(Field::SourcePort, 53)),
            rule(3, udp),
            rule(4, any.with(Field::Ttl, 3)),
            rule(5, udp.with(Field::TargetPort, 443).with(Field::Ttl, 3)),
        ];
        let table = compile(&rules).unwrap();
        let [every, protocol, target, source] = table.ranges(17, 53, 443).map(|r| ids(&table, r));
        assert_eq!([every, protocol, target, source], [vec![4], vec![3], vec![1, 5], vec![2]]);
        let other = table.ranges(6, 53, 443).map(|r| r.count);
        assert_eq!(other, [1, 0, 0, 0]);
    }

    #[test]
    fn the_table_takes_its_maximum_and_refuses_one_more() {
        let mut rules = vec![rule(1, PacketSignature::ANY); SIGNATURES_MAX];
        assert_eq!(compile(&rules).unwrap().count, 256);
        rules.push(rules[0]);
        assert_eq!(compile(&rules), Err(TooMany(257)));
    }
}
