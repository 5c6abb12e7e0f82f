//! From how many networks the same cookie came of late.
//!
//! One visitor's cookie comes from one network, or a few while a telephone travels; a cookie that
//! many share, since it is the same for all or was handed around, speaks for nobody.
//! All cores write into one table without a lock; a note that loses a race is lost, no more.
//! Bounds: as many cookies as it is made for, [`CARRIERS_MAX`] at most; the newest takes the place
//! of another.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// 8,192 cookies at 8 bytes: 64 KiB.
pub const CARRIERS_MAX: usize = 8_192;
/// Networks that one cookie may come from until all is forgotten.
pub const NETWORKS_MAX: u32 = 6;
/// Bits of a network's hash; none is 0.
const BITS: u32 = 7;
const HASHES: u64 = (1 << BITS) - 1;
/// Bits of all networks of an entry; above them stands the cookie.
const ENTRY_BITS: u32 = NETWORKS_MAX * BITS;

/// Networks of cookies.
#[derive(Debug)]
pub struct Carriers {
    entries: Box<[AtomicU64]>,
}

impl Carriers {
    /// Room for so many cookies.
    pub fn new(cookies: usize) -> Self {
        let cookies = cookies.clamp(1, CARRIERS_MAX).next_power_of_two();
        Self { entries: (0..cookies).map(|_| AtomicU64::new(0)).collect() }
    }

    /// Notes that a cookie came from, or was set for, a network; whether these are too many now.
    pub fn carry(&self, cookie: u64, network: u64) -> bool {
        let at = usize::try_from(cookie >> 32).unwrap_or(0) & (self.entries.len() - 1);
        let entry = self.entries[at].load(Relaxed);
        let tag = cookie << ENTRY_BITS;
        // Multiplying by a large odd number mixes neighbouring networks apart.
        let hash = (network.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) % HASHES + 1;
        let is_its = entry >> ENTRY_BITS == tag >> ENTRY_BITS;
        let known = if is_its { entry } else { tag };
        let mut free = None;
        for network in 0..NETWORKS_MAX {
            match (known >> (network * BITS)) & HASHES {
                0 => {
                    free = Some(network);
                    break;
                }
                seen if seen == hash => return false,
                _ => {}
            }
        }
        let Some(free) = free else { return true };
        let noted = known | hash << (free * BITS);
        let _ = self.entries[at].compare_exchange(entry, noted, Relaxed, Relaxed);
        false
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.entries.iter().for_each(|entry| entry.store(0, Relaxed));
    }
}
