//! The doors of a platform, and which of them a sender takes.
//!
//! A stack that speaks HTTP/2 takes the TLS door with HTTP/2, another that has a TLS fingerprint the
//! TLS door with HTTP/1.1, and what is left the plain one; without a TLS door everybody takes that.
//! Bare handshakes are made at the TLS door, whatever their stack.
//! What HTTP/2 cannot say byte by byte (slow heads and bodies, sockets of RFC 6455) goes over
//! HTTP/1.1.
//! All TLS here is that of one library: the handshakes of different stacks look alike.

use super::fields::Scheme;
use crate::tls::settings;
use crate::{LoopbackTarget, StageError, Trust};
use rustls::ClientConfig;
use seawall_sim::request::{Manner, Request};
use seawall_sim::stack::{Protocol, Stacks};
use std::sync::Arc;

/// Where a platform is reached.
#[derive(Debug, Clone)]
pub struct Doors {
    /// HTTP/1.1 in the clear.
    pub plain: LoopbackTarget,
    /// HTTP/1.1 and HTTP/2 over TLS, and which certificate is believed there.
    pub tls: Option<(LoopbackTarget, Trust)>,
    /// What stands behind the doors.
    pub before: Before,
}

/// What a request meets first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// The shield: a reset without an answer is its `drop`.
    Shield,
    /// The origin itself: a reset is the origin's failure.
    Origin,
}

/// Doors with their TLS settings.
#[derive(Debug)]
pub(super) struct OpenDoors {
    plain: LoopbackTarget,
    tls: Option<TlsDoor>,
    pub(super) before: Before,
}

#[derive(Debug)]
struct TlsDoor {
    target: LoopbackTarget,
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
}

/// The way that one request takes.
#[derive(Debug, Clone, Copy)]
pub(super) enum Way<'a> {
    Plain(LoopbackTarget),
    TlsHttp1(LoopbackTarget, &'a Arc<ClientConfig>),
    TlsHttp2(LoopbackTarget, &'a Arc<ClientConfig>),
}

impl Way<'_> {
    pub(super) fn scheme(self) -> Scheme {
        match self {
            Self::Plain(_) => Scheme::Http,
            Self::TlsHttp1(..) | Self::TlsHttp2(..) => Scheme::Https,
        }
    }
}

impl OpenDoors {
    pub(super) fn of(doors: &Doors) -> Result<Self, StageError> {
        let tls = doors.tls.as_ref().map(|(target, trust)| {
            Ok::<_, StageError>(TlsDoor {
                target: *target,
                http1: Arc::new(settings(trust, b"http/1.1")?),
                http2: Arc::new(settings(trust, b"h2")?),
            })
        });
        Ok(Self { plain: doors.plain, tls: tls.transpose()?, before: doors.before })
    }

    /// The way of a request.
    pub(super) fn way(&self, request: &Request, stacks: &Stacks) -> Way<'_> {
        let (Some(door), Some(stack)) = (&self.tls, stacks.row(request.look.stack)) else {
            return Way::Plain(self.plain);
        };
        let whole = matches!(request.manner, Manner::Plain | Manner::Reset);
        match stack.protocol {
            Protocol::H2 if whole => Way::TlsHttp2(door.target, &door.http2),
            Protocol::H1 if stack.ja4.is_empty() && request.manner != Manner::Handshake => {
                Way::Plain(self.plain)
            }
            Protocol::H1 | Protocol::H2 => Way::TlsHttp1(door.target, &door.http1),
        }
    }
}
