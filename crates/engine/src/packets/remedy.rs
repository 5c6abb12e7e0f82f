//! What is left where no signature tells packets apart, and which stages of the kernel's program act then.
//!
//! A stage meets a whole kind of packets, so that it is called for only where next to nothing of what is
//! normal is of that kind.

use super::COLLATERAL_MAX;
use super::kind::PacketKind;
use super::shape::{Vector, Verdict, share};
use seawall_types::PacketFields;
use seawall_types::packet::{Piece, UDP};
use std::collections::BTreeSet;

/// Fewer calm samples say nothing about what honest senders do not send.
const CALM_MIN: usize = 1_000;

/// What can be done about a kind of packets as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remedy {
    /// SYN cookies: only senders that answer get in.
    Cookies,
    /// No pieces of packets.
    Fragments,
    /// No datagrams from ports of services that are used for reflection.
    Reflectors,
    /// Datagrams to ports that something serves, and to no others.
    Served,
    /// Budgets of sources.
    Budgets,
    /// No new sources are learned: those that come are forged.
    Frozen,
}

impl Remedy {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Cookies,
        Self::Fragments,
        Self::Reflectors,
        Self::Served,
        Self::Budgets,
        Self::Frozen,
    ];

    /// Why there is no signature, and what is left, as a sentence.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Cookies => {
                "honest senders open connections alike, so no signature is made: SYN cookies"
            }
            Self::Fragments => "its pieces have nothing in common: no pieces of packets pass",
            Self::Reflectors => {
                "whoever forges changes services: nothing passes from ports that are used for \
                 reflection"
            }
            Self::Served => {
                "honest senders send the like, so no signature is made: datagrams pass to served \
                 ports alone, and sources have budgets"
            }
            Self::Budgets => "honest senders send the like, so no signature is made: budgets",
            Self::Frozen => "sources look forged: no new ones are learned",
        }
    }
}

/// What is left for a kind that no signature tells apart.
pub(super) fn for_kind(kind: PacketKind, normal: &[PacketFields]) -> Option<Remedy> {
    match kind {
        PacketKind::Syn | PacketKind::Ack | PacketKind::Fin => Some(Remedy::Cookies),
        // Nobody needs many of these, and nobody is served by them: a rate.
        PacketKind::Rst | PacketKind::Icmp(_) => None,
        PacketKind::Fragment if may_all_go(normal, is_piece) => Some(Remedy::Fragments),
        PacketKind::Datagram => Some(Remedy::Served),
        PacketKind::SynAck
        | PacketKind::Middlebox
        | PacketKind::OddFlags
        | PacketKind::Reflected(_)
        | PacketKind::Fragment
        | PacketKind::Protocol(_) => Some(Remedy::Budgets),
    }
}

/// What all vectors of a second call for, beside their signatures.
pub(super) fn called_for(vectors: &[Vector], normal: &[PacketFields]) -> BTreeSet<Remedy> {
    let mut called: BTreeSet<_> = vectors
        .iter()
        .filter_map(|vector| match vector.verdict {
            Verdict::Undescribed(remedy) => Some(remedy),
            Verdict::Described(_) => None,
        })
        .collect();
    let is_reflected = |vector: &Vector| matches!(vector.kind, PacketKind::Reflected(_));
    if vectors.iter().any(is_reflected) && may_all_go(normal, is_from_reflector) {
        called.insert(Remedy::Reflectors);
    }
    if vectors.iter().any(|vector| vector.spoofed.is_likely()) {
        called.insert(Remedy::Frozen);
    }
    called
}

/// Whether all that is so may be dropped: it is strange, or there never was a calm packet, as where a shield
/// begins in the middle of a flood; what no service consists of is a flood then.
fn may_all_go(normal: &[PacketFields], is: impl Fn(&PacketFields) -> bool) -> bool {
    normal.is_empty() || is_strange(normal, is)
}

/// Whether next to nothing of what is normal is so; too few calm samples never say that.
pub(super) fn is_strange(normal: &[PacketFields], is: impl Fn(&PacketFields) -> bool) -> bool {
    let is_told = normal.len() >= CALM_MIN;
    is_told
        && share(normal.iter().filter(|fields| is(fields)).count(), normal.len()) <= COLLATERAL_MAX
}

fn is_piece(fields: &PacketFields) -> bool {
    fields.piece != Piece::Whole
}

fn is_from_reflector(fields: &PacketFields) -> bool {
    fields.protocol == UDP && super::service(fields.source_port).is_some()
}
