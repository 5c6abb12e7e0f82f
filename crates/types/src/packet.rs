//! The headers of one packet as numbers, and masks over them.
//!
//! The kernel's program reads the same fields and compares the same four words.
//! Bounds: a signature looks at four words, a range of lengths and a range of hop limits.

use std::fmt;
use std::net::IpAddr;

/// Protocol numbers, as IANA gives them.
pub const ICMP: u8 = 1;
/// TCP.
pub const TCP: u8 = 6;
/// UDP.
pub const UDP: u8 = 17;
/// ICMP for IPv6.
pub const ICMP6: u8 = 58;

/// Whether a packet is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Piece {
    /// A whole packet.
    #[default]
    Whole,
    /// The first piece of one, with its ports.
    First,
    /// A later piece: no ports.
    Later,
}

/// The headers of one packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketFields {
    /// Who it says it is from: anybody can write that.
    pub source: IpAddr,
    /// Who it is for.
    pub target: IpAddr,
    /// Protocol behind all extension headers.
    pub protocol: u8,
    /// Flags of TCP; 0 for others.
    pub flags: u8,
    /// Hop limit as it arrived.
    pub ttl: u8,
    /// Type of service or traffic class.
    pub tos: u8,
    /// Port of the sender; type of ICMP.
    pub source_port: u16,
    /// Port of the receiver; code of ICMP.
    pub target_port: u16,
    /// Identification of IPv4.
    pub id: u16,
    /// Window of TCP.
    pub window: u16,
    /// Whether it is whole.
    pub piece: Piece,
    /// Length of the TCP header in words of four bytes.
    pub offset: u8,
    /// Length of the IPv4 header in words of four bytes.
    pub ihl: u8,
    /// Bytes of the packet from its IP header on, by its own word.
    pub length: u16,
    /// The first 16 bytes it carries; of a SYN, of its options; zeros where there are fewer than 8.
    pub begin: [u8; 16],
}

impl PacketFields {
    /// The four words that signatures are compared with.
    pub fn words(&self) -> [u64; 4] {
        let [b0, b1] = halves(self.begin);
        let family = if self.source.is_ipv4() { 4 } else { 6 };
        let shifted = |value: u8, by: u32| u64::from(value) << by;
        [
            shifted(self.protocol, 56)
                | shifted(self.flags, 48)
                | shifted(self.ttl, 40)
                | shifted(self.tos, 32)
                | u64::from(self.source_port) << 16
                | u64::from(self.target_port),
            u64::from(self.id) << 48
                | u64::from(self.window) << 32
                | shifted(self.piece as u8, 24)
                | shifted(self.offset, 16)
                | shifted(self.ihl, 8)
                | family,
            b0,
            b1,
        ]
    }
}

/// As a machine with the little end first reads them, which are those that the program runs on.
fn halves(begin: [u8; 16]) -> [u64; 2] {
    let whole = u128::from_le_bytes(begin);
    #[expect(clippy::cast_possible_truncation, reason = "each half is kept")]
    [whole as u64, (whole >> 64) as u64]
}

/// A field that a signature can fix, with its place in the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// Protocol.
    Protocol,
    /// Flags of TCP.
    Flags,
    /// Hop limit.
    Ttl,
    /// Type of service.
    Tos,
    /// Port of the sender.
    SourcePort,
    /// Port of the receiver.
    TargetPort,
    /// Identification.
    Id,
    /// Window.
    Window,
    /// Whether it is whole.
    Piece,
    /// Length of the TCP header.
    Offset,
    /// Length of the IPv4 header.
    Ihl,
    /// Version of IP.
    Family,
    /// First four bytes of what it carries.
    Begin,
    /// The four bytes behind them.
    Begin4,
    /// The eight bytes behind those.
    Begin8,
}

impl Field {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::Protocol,
        Self::Flags,
        Self::Ttl,
        Self::Tos,
        Self::SourcePort,
        Self::TargetPort,
        Self::Id,
        Self::Window,
        Self::Piece,
        Self::Offset,
        Self::Ihl,
        Self::Family,
        Self::Begin,
        Self::Begin4,
        Self::Begin8,
    ];

    /// Which word, from which bit, how many bits.
    pub const fn place(self) -> (usize, u32, u32) {
        match self {
            Self::Protocol => (0, 56, 8),
            Self::Flags => (0, 48, 8),
            Self::Ttl => (0, 40, 8),
            Self::Tos => (0, 32, 8),
            Self::SourcePort => (0, 16, 16),
            Self::TargetPort => (0, 0, 16),
            Self::Id => (1, 48, 16),
            Self::Window => (1, 32, 16),
            Self::Piece => (1, 24, 8),
            Self::Offset => (1, 16, 8),
            Self::Ihl => (1, 8, 8),
            Self::Family => (1, 0, 8),
            Self::Begin => (2, 0, 32),
            Self::Begin4 => (2, 32, 32),
            Self::Begin8 => (3, 0, 64),
        }
    }

    /// Its word in texts.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Protocol => "protocol",
            Self::Flags => "flags",
            Self::Ttl => "ttl",
            Self::Tos => "tos",
            Self::SourcePort => "source-port",
            Self::TargetPort => "target-port",
            Self::Id => "id",
            Self::Window => "window",
            Self::Piece => "piece",
            Self::Offset => "header-words",
            Self::Ihl => "ip-header-words",
            Self::Family => "ip",
            Self::Begin => "bytes0",
            Self::Begin4 => "bytes4",
            Self::Begin8 => "bytes8",
        }
    }

    /// Its value in the words of a packet.
    pub const fn of(self, words: &[u64; 4]) -> u64 {
        let (word, shift, bits) = self.place();
        (words[word] >> shift) & ones(bits)
    }
}

const fn ones(bits: u32) -> u64 {
    u64::MAX >> (64 - bits)
}

/// What some packets have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketSignature {
    /// Bits that are looked at.
    pub mask: [u64; 4],
    /// What they must be; no bit outside the mask.
    pub value: [u64; 4],
    /// Bytes from the IP header on, both ends included.
    pub length: (u16, u16),
    /// Hop limit, both ends included.
    pub ttl: (u8, u8),
}

impl PacketSignature {
    /// Fits every packet.
    pub const ANY: Self =
        Self { mask: [0; 4], value: [0; 4], length: (0, u16::MAX), ttl: (0, u8::MAX) };

    /// The same with one more field fixed.
    #[must_use]
    pub const fn with(self, field: Field, value: u64) -> Self {
        let bits = field.place().2;
        self.with_bits(field, value, ones(bits))
    }

    /// The same with the `bits` of a field fixed.
    #[must_use]
    pub const fn with_bits(mut self, field: Field, value: u64, bits: u64) -> Self {
        let (word, shift, width) = field.place();
        let bits = bits & ones(width);
        self.mask[word] |= bits << shift;
        self.value[word] = (self.value[word] & !(bits << shift)) | (value & bits) << shift;
        self
    }

    /// The value of a field that is fixed whole.
    pub const fn fixed(&self, field: Field) -> Option<u64> {
        let (_, _, bits) = field.place();
        if field.of(&self.mask) == ones(bits) { Some(field.of(&self.value)) } else { None }
    }

    /// Whether a packet fits.
    pub fn matches(&self, fields: &PacketFields) -> bool {
        let words = fields.words();
        let words_fit = (0..4).all(|at| words[at] & self.mask[at] == self.value[at]);
        let within = |low, high, value| low <= value && value <= high;
        words_fit
            && within(self.length.0, self.length.1, fields.length)
            && (self.ttl.0..=self.ttl.1).contains(&fields.ttl)
    }
}

impl fmt::Display for PacketSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut and = "";
        for field in Field::ALL {
            let mask = field.of(&self.mask);
            if mask == 0 {
                continue;
            }
            let value = field.of(&self.value);
            write!(f, "{and}{}", field.word())?;
            if mask == ones(field.place().2) {
                told(f, field, value)?;
            } else {
                write!(f, "&{mask:#x}={value:#x}")?;
            }
            and = " and ";
        }
        if self.length != Self::ANY.length {
            write!(f, "{and}length={}..{}", self.length.0, self.length.1)?;
            and = " and ";
        }
        if self.ttl != Self::ANY.ttl {
            write!(f, "{and}ttl={}..{}", self.ttl.0, self.ttl.1)?;
            and = " and ";
        }
        if and.is_empty() { f.write_str("every packet") } else { Ok(()) }
    }
}

fn told(f: &mut fmt::Formatter<'_>, field: Field, value: u64) -> fmt::Result {
    match (field, value) {
        (Field::Protocol, 1) => f.write_str("=icmp"),
        (Field::Protocol, 6) => f.write_str("=tcp"),
        (Field::Protocol, 17) => f.write_str("=udp"),
        (Field::Protocol, 58) => f.write_str("=icmp6"),
        (Field::Flags | Field::Begin | Field::Begin4 | Field::Begin8, _) => {
            write!(f, "={value:#x}")
        }
        _ => write!(f, "={value}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn syn() -> PacketFields {
        PacketFields {
            source: "192.0.2.1".parse().unwrap(),
            target: "198.51.100.1".parse().unwrap(),
            protocol: TCP,
            flags: 2,
            ttl: 64,
            tos: 0,
            source_port: 40_000,
            target_port: 443,
            id: 7,
            window: 64_240,
            piece: Piece::Whole,
            offset: 10,
            ihl: 5,
            length: 60,
            begin: *b"\x02\x04\x05\xb4\x04\x02\x08\x0a01234567",
        }
    }

    #[test]
    fn a_signature_fits_what_has_its_fields_and_nothing_else() {
        let fields = syn();
        let words = fields.words();
        for field in Field::ALL {
            let own = field.of(&words);
            let fits = PacketSignature::ANY.with(field, own);
            assert!(fits.matches(&fields), "{fits}");
            assert_eq!(fits.fixed(field), Some(own));
            let differs = PacketSignature::ANY.with(field, own ^ 1);
            assert!(!differs.matches(&fields), "{differs}");
        }
        let bounds = |length, ttl| PacketSignature { length, ttl, ..PacketSignature::ANY };
        assert!(bounds((60, 60), (64, 64)).matches(&fields));
        assert!(!bounds((61, 99), (0, 255)).matches(&fields));
        assert!(!bounds((0, 59), (0, 255)).matches(&fields));
        assert!(!bounds((0, 99), (0, 63)).matches(&fields));
    }

    #[test]
    fn a_signature_reads_aloud() {
        let signature = PacketSignature::ANY
            .with(Field::Protocol, 6)
            .with_bits(Field::Flags, 2, 0x12)
            .with(Field::TargetPort, 443);
        let bounded = PacketSignature { length: (40, 60), ..signature };
        assert_eq!(
            bounded.to_string(),
            "protocol=tcp and flags&0x12=0x2 and target-port=443 and length=40..60"
        );
        assert_eq!(PacketSignature::ANY.to_string(), "every packet");
    }
}
