//! How a platform's origins are reached over TLS.

use super::Certificate;
use std::path::PathBuf;

/// TLS towards the origins of one platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginTls {
    /// Whether an origin must prove who it is.
    pub proof: OriginProof,
    /// Name that origins are asked for; none for the host of each one's URL.
    pub name: Option<String>,
    /// With what the shield proves who it is; none where it does not.
    pub certificate: Option<Certificate>,
}

/// What an origin must show before anything is sent to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OriginProof {
    /// A certificate that one of the system's authorities vouches for.
    System,
    /// A certificate that an authority in this PEM file vouches for.
    Bundle(PathBuf),
    /// Nothing: whoever answers is believed.
    Nothing,
}
