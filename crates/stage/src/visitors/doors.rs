//! Doors made ready: what a person needs to go through one.

use super::{Door, Transport};
use crate::tls::settings;
use crate::{LoopbackTarget, StageError};
use rustls::ClientConfig;
use std::sync::Arc;

/// A door with its TLS settings.
#[derive(Debug, Clone)]
pub(super) struct OpenDoor {
    pub(super) target: LoopbackTarget,
    pub(super) weight: u16,
    pub(super) way: Way,
}

/// What is spoken beyond a door.
#[derive(Debug, Clone)]
pub(super) enum Way {
    Plain,
    TlsHttp1(Arc<ClientConfig>),
    TlsHttp2(Arc<ClientConfig>),
}

impl OpenDoor {
    pub(super) fn of(door: &Door) -> Result<Self, StageError> {
        let way = match &door.transport {
            Transport::Plain => Way::Plain,
            Transport::TlsHttp1(trust) => Way::TlsHttp1(Arc::new(settings(trust, b"http/1.1")?)),
            Transport::TlsHttp2(trust) => Way::TlsHttp2(Arc::new(settings(trust, b"h2")?)),
        };
        Ok(Self { target: door.target, weight: door.weight, way })
    }
}
