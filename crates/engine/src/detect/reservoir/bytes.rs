//! What was learned as bytes, so that it survives a restart.
//!
//! Bytes that are not exactly what was written are refused as a whole.

use super::crowd::Who;
use super::known::Known;
use super::side::{PLANES, Part, Side, Values, Visitor};
use super::{Reservoirs, VISITORS_MAX, milliseconds};
use crate::detect::row::Row;
use seawall_types::{Attribute, Moment, SourceKey, Trait, Traits};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;
use std::net::Ipv4Addr;

/// Changes with the layout and with what a trait means.
const MAGIC: &[u8; 8] = b"swknown2";
const SUM_BYTES: usize = 8;
const VISITOR_BYTES: usize = 8 + 4 + 4 + 8 + 4 + 1;
const ROW_BYTES: usize = 4 * (Attribute::COUNT + 1);
/// Longest that bytes can be.
pub(super) const BYTES_MAX: usize =
    8 + 16 + 2 * (4 + VISITORS_MAX * (VISITOR_BYTES + PLANES * ROW_BYTES)) + SUM_BYTES;

impl Reservoirs {
    /// Everything that was learned; ages are counted from `now`.
    pub fn to_bytes(&self, now: Moment) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.seed.iter().for_each(|part| out.extend(part.to_le_bytes()));
        for side in [&self.searched, &self.certified] {
            write_side(&mut out, (side, &self.known), milliseconds(now));
        }
        let sum = checksum(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// What was learned before, or none when the bytes are not whole or of another version.
    ///
    /// The time between writing and reading does not age anyone. The seed is the one that was
    /// written: by another a visitor would change sides and no longer be unseen.
    pub fn from_bytes(now: Moment, bytes: &[u8]) -> Option<Self> {
        if bytes.len() > BYTES_MAX {
            return None;
        }
        let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
        if checksum(body).to_le_bytes() != *sum {
            return None;
        }
        let mut reader = Reader(body.strip_prefix(MAGIC)?);
        let seed = [reader.u64()?, reader.u64()?];
        let mut reservoirs = Self::new(seed);
        let Self { searched, certified, known, .. } = &mut reservoirs;
        for (side, part) in [(searched, Part::OfKnown), (certified, Part::Apart)] {
            read_side(&mut reader, (side, milliseconds(now)), (known, part))?;
        }
        reader.0.is_empty().then_some(reservoirs)
    }
}

fn write_side(out: &mut Vec<u8>, (side, known): (&Side, &Known), now_ms: i64) {
    out.extend(side.visitors().to_le_bytes());
    for place in 0..side.visitors() as usize {
        let visitor = side.visitor(place);
        let rows: Vec<_> = (0..PLANES).filter_map(|plane| side.row(plane, place, known)).collect();
        out.extend(visitor.who.key.to_le_bytes());
        out.extend(visitor.who.source.to_le_bytes());
        out.extend(visitor.who.prefix.to_le_bytes());
        out.extend((now_ms - visitor.seen_ms).to_le_bytes());
        out.extend(visitor.different.to_le_bytes());
        out.push(u8::try_from(rows.len()).unwrap_or(0));
        for (traits, cost_us) in rows {
            for attribute in Attribute::ALL {
                out.extend(traits.get(attribute).to_bits().to_le_bytes());
            }
            out.extend(cost_us.to_le_bytes());
        }
    }
}

fn read_side(
    reader: &mut Reader<'_>,
    (side, now_ms): (&mut Side, i64),
    (known, part): Values<'_>,
) -> Option<()> {
    for _ in 0..reader.u32()? {
        let who = Who { key: reader.u64()?, source: reader.u32()?, prefix: reader.u32()? };
        if who.source == 0 || who.prefix == 0 {
            return None;
        }
        let age_ms = reader.u64()?.cast_signed();
        let different = reader.u32()?;
        let visitor = Visitor::new(who, now_ms.checked_sub(age_ms)?, different);
        let mut rows = Vec::with_capacity(PLANES);
        for _ in 0..reader.u8()? {
            let mut traits = Traits::default();
            for attribute in Attribute::ALL {
                traits.set(attribute, Trait::new(reader.u32()?));
            }
            // Whose it is stands with the visitor.
            let source = SourceKey::of(Ipv4Addr::UNSPECIFIED.into());
            rows.push(Row { traits, source, cost_us: reader.u32()?, is_proven: false });
            if rows.len() > PLANES {
                return None;
            }
        }
        if rows.is_empty() || !side.restore(visitor, &rows, (&mut *known, part)) {
            return None;
        }
    }
    Some(())
}

/// Finds what was cut or changed by accident; nobody else writes there.
pub(in crate::detect) fn checksum(bytes: &[u8]) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(bytes);
    hasher.finish()
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|bytes| bytes[0])
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }
}
