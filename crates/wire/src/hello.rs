//! The ClientHello, read from raw TLS records, and its JA4 fingerprint.
//!
//! Takes the first bytes of a connection; gives the lists that tell client stacks apart, the
//! server name and the offered protocols, or a [`HelloFault`].
//! Never verifies, decrypts or negotiates: the TLS library reads the same bytes again.
//! Bounds: a hello of [`HELLO_BYTES_MAX`] in [`RECORDS_MAX`] records, and the lists of [`Hello`].

mod body;
mod fault;
mod ja4;
mod reader;
mod records;

pub use body::{
    ALPN_MAX, CIPHERS_MAX, EXTENSIONS_MAX, Hello, SIGNATURE_ALGORITHMS_MAX, VERSIONS_MAX,
};
pub use fault::HelloFault;
pub use ja4::{Ja4, Transport, ja4};
pub use records::{HELLO_BYTES_MAX, RECORDS_MAX};

use records::Joined;

/// What [`parse`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HelloStep {
    /// Good as far as it goes; call again with the same bytes and more.
    Partial,
    /// A whole hello.
    Complete(Hello),
}

/// Reads the ClientHello at the front of `stream`, the bytes of a TCP connection from its first.
///
/// The hello may be split over several records (RFC 8446 §5.1); what follows it is not looked at.
///
/// # Errors
/// [`HelloFault`] as soon as the bytes cannot become a ClientHello within the bounds.
pub fn parse(stream: &[u8]) -> Result<HelloStep, HelloFault> {
    match records::join(stream)? {
        Joined::Partial => Ok(HelloStep::Partial),
        Joined::Whole(body) => Hello::read(&body).map(HelloStep::Complete),
    }
}

#[cfg(test)]
mod tests;
