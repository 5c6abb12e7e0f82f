//! Why bytes are no ClientHello that we take.

use seawall_types::Reason;
use std::fmt;

/// The closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HelloFault {
    /// The first record is no TLS handshake: plain HTTP, a scan, another record.
    NotTls,
    /// A record is empty or longer than 2^14 bytes (RFC 8446 §5.1).
    RecordLength,
    /// The first handshake message is no ClientHello.
    NotClientHello,
    /// The hello is longer than [`HELLO_BYTES_MAX`](super::HELLO_BYTES_MAX), or in more records
    /// than [`RECORDS_MAX`](super::RECORDS_MAX).
    TooLong,
    /// A list has more entries than any client needs.
    TooMany,
    /// A length inside the hello does not fit (RFC 8446 §4.1.2).
    Malformed,
}

impl HelloFault {
    /// The word for metrics and records.
    pub const fn reason(self) -> Reason {
        match self {
            Self::TooLong | Self::TooMany | Self::RecordLength => Reason::Oversize,
            Self::NotTls | Self::NotClientHello | Self::Malformed => Reason::Malformed,
        }
    }

    /// What was wrong, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotTls => "The connection does not begin with a TLS handshake record.",
            Self::RecordLength => "A TLS record is empty or too long.",
            Self::NotClientHello => "The first handshake message is not a ClientHello.",
            Self::TooLong => "The ClientHello is too long or in too many records.",
            Self::TooMany => "A list of the ClientHello has too many entries.",
            Self::Malformed => "A length inside the ClientHello does not fit.",
        }
    }
}

impl fmt::Display for HelloFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for HelloFault {}
