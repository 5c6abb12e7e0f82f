//! What a detector learned as bytes, so that it survives a restart.
//!
//! A sum over all of it finds what was cut or changed: bytes that are not exactly what was written
//! are refused as a whole.

use super::Detector;
use crate::detect::manners::Senders;
use crate::detect::memory::Memory;
use crate::detect::reservoir::checksum;
use crate::detect::visitors::Visitors;
use seawall_types::Moment;

/// Tells bytes of this kind and version from others.
const MAGIC: &[u8; 8] = b"swlearn3";
const SUM_BYTES: usize = 8;

impl Detector {
    /// Everything that was learned, for the next process.
    pub fn to_bytes(&self, now: Moment) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        self.baseline.put_season(&mut out);
        self.memory.put(&mut out);
        self.visitors.put(now, &mut out);
        self.senders.put(&mut out);
        let sum = checksum(&out);
        out.extend(sum.to_le_bytes());
        out
    }

    /// Takes back what a process before learned; false, and nothing is changed, when the bytes are
    /// not whole or of another version.
    #[must_use]
    pub fn restore(&mut self, now: Moment, bytes: &[u8]) -> bool {
        let mut baseline = self.baseline.clone();
        let read = move || {
            let (body, sum) = bytes.split_at_checked(bytes.len().checked_sub(SUM_BYTES)?)?;
            let rest = body.strip_prefix(MAGIC)?;
            if checksum(body).to_le_bytes() != *sum {
                return None;
            }
            let rest = baseline.take_season(rest)?;
            let (memory, rest) = Memory::take(now, rest)?;
            let (visitors, rest) = Visitors::take(now, rest)?;
            let (senders, rest) = Senders::take(rest)?;
            rest.is_empty().then_some((baseline, memory, visitors, senders))
        };
        let Some((baseline, memory, visitors, senders)) = read() else {
            return false;
        };
        visitors.prepare();
        (self.baseline, self.memory, self.visitors) = (baseline, memory, visitors);
        self.senders = senders;
        true
    }
}
