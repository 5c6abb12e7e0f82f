//! What the program and user space share: `bpf/abi.h` says the same in C.
//!
//! Plain structs without padding, so that every byte of them has a meaning.
//! Sizes are asserted here and compared with those of the loaded maps.

/// Signatures that can be in force.
pub const SIGNATURES_MAX: usize = 256;
/// Buckets that ports are spread over.
pub const PORT_BUCKETS: usize = 256;
/// When something that does not expire ends: far enough, and the program's sums do not overflow.
pub const NEVER_NS: u64 = 1 << 62;

/// Which stages act.
pub mod flag {
    /// Drops; without it everything passes and is counted.
    pub const ARMED: u32 = 1;
    /// What no system sends.
    pub const SANITY: u32 = 2;
    /// Pieces of packets.
    pub const FRAGMENTS: u32 = 4;
    /// Blocked hosts.
    pub const HOSTS: u32 = 8;
    /// Blocked networks.
    pub const NETS: u32 = 16;
    /// Blocked classes of networks.
    pub const CLASSES: u32 = 32;
    /// Answers from ports that are used for reflection.
    pub const REFLECTORS: u32 = 64;
    /// Signatures.
    pub const SIGNATURES: u32 = 128;
    /// Budgets of sources.
    pub const SOURCES: u32 = 256;
    /// No new sources: those that come look forged.
    pub const SOURCES_FROZEN: u32 = 512;
    /// SYN cookies.
    pub const COOKIES: u32 = 1024;
    /// Datagrams only to served ports.
    pub const SERVED: u32 = 2048;
    /// Samples.
    pub const SAMPLES: u32 = 4096;
}

/// Which stages act, and how.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Config {
    /// Bits of [`flag`].
    pub flags: u32,
    /// Each so many packets of a processor one is sampled.
    pub sample_every: u32,
    /// What one packet costs of its source's budget, in nanoseconds; 0: nothing.
    pub packet_ns: u64,
    /// How far a source may be ahead.
    pub packet_burst_ns: u64,
    /// What a SYN costs.
    pub syn_ns: u64,
    /// How far ahead of that.
    pub syn_burst_ns: u64,
    /// Which half of the signatures is in force.
    pub half: u32,
    /// 0.
    pub reserved: u32,
    /// What one packet of DHCP costs of what all of them may; 0: nothing.
    pub dhcp_ns: u64,
    /// How far ahead all of them may be.
    pub dhcp_burst_ns: u64,
}

/// The last sign of life of user space.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Beat {
    /// On the monotonic clock; 0: it never dies.
    pub at_ns: u64,
    /// After how long without one everything passes.
    pub stale_ns: u64,
}

/// One blocked or allowed party.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entry {
    /// On the monotonic clock; 0: never.
    pub expires_ns: u64,
}

/// Packets and their bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counter {
    /// Packets.
    pub packets: u64,
    /// Bytes of their frames.
    pub bytes: u64,
}

/// Some signatures in a row.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Range {
    /// The first of them.
    pub first: u16,
    /// How many.
    pub count: u16,
}

/// One signature as the program compares it.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Signature {
    /// Bits that are looked at.
    pub mask: [u64; 4],
    /// What they must be.
    pub value: [u64; 4],
    /// Shortest packet.
    pub len_min: u16,
    /// Longest packet.
    pub len_max: u16,
    /// Least hop limit.
    pub ttl_min: u8,
    /// Greatest hop limit.
    pub ttl_max: u8,
    /// 0 drop, 1 rate, 2 count.
    pub action: u8,
    /// 0.
    pub reserved: u8,
    /// Whose it is.
    pub id: u32,
    /// 0.
    pub reserved2: u32,
    /// On the monotonic clock, at most [`NEVER_NS`].
    pub expires_ns: u64,
    /// What one packet costs, when it is a rate.
    pub rate_ns: u64,
    /// How far ahead.
    pub burst_ns: u64,
}

/// Half of the signature table.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signatures {
    /// Of any protocol.
    pub any: Range,
    /// Of TCP, UDP, ICMP, others, without a port.
    pub protocol: [Range; 4],
    /// By the port of the target.
    pub target: [Range; PORT_BUCKETS],
    /// By the port of the source.
    pub source: [Range; PORT_BUCKETS],
    /// How many there are.
    pub count: u32,
    /// The signatures, in the order of the ranges.
    pub list: [Signature; SIGNATURES_MAX],
}

/// A set of ports.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ports {
    /// One bit for each.
    pub bits: [u64; 1024],
}

/// Classes of 4,096 networks in a row.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// One for each /24; 0 for none.
    pub class: [u8; 4096],
}

/// One sampled packet.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// On the monotonic clock.
    pub at_ns: u64,
    /// Where it came in.
    pub ifindex: u32,
    /// The signature it fitted, from 1.
    pub signature: u32,
    /// Bytes of its frame.
    pub len: u16,
    /// Bytes in `head`.
    pub captured: u16,
    /// What happened to it.
    pub verdict: u8,
    /// Why.
    pub reason: u8,
    /// 0.
    pub reserved: [u8; 2],
    /// How it begins.
    pub head: [u8; 128],
}

const _: () = {
    assert!(size_of::<Config>() == 64);
    assert!(size_of::<Beat>() == 16);
    assert!(size_of::<Entry>() == 8);
    assert!(size_of::<Counter>() == 16);
    assert!(size_of::<Signature>() == 104);
    assert!(size_of::<Signatures>() == 2072 + 104 * SIGNATURES_MAX);
    assert!(size_of::<Ports>() == 8192);
    assert!(size_of::<Page>() == 4096);
    assert!(size_of::<Sample>() == 152);
};

#[expect(clippy::large_stack_arrays, reason = "made once, when signatures change")]
impl Default for Signatures {
    fn default() -> Self {
        Self {
            any: Range::default(),
            protocol: [Range::default(); 4],
            target: [Range::default(); PORT_BUCKETS],
            source: [Range::default(); PORT_BUCKETS],
            count: 0,
            list: [Signature::default(); SIGNATURES_MAX],
        }
    }
}

impl Ports {
    /// These ports.
    pub fn of(ports: impl IntoIterator<Item = u16>) -> Self {
        let mut bits = [0; 1024];
        for port in ports {
            bits[usize::from(port >> 6)] |= 1 << (port & 63);
        }
        Self { bits }
    }

    /// Whether a port is among them.
    pub fn holds(&self, port: u16) -> bool {
        self.bits[usize::from(port >> 6)] >> (port & 63) & 1 == 1
    }
}
