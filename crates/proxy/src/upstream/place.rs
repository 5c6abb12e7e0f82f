//! An origin as all cores see it: where it is, what is spoken there, and what it must prove.

use super::dial::Speaks;
use super::secure::{Identity, Secure};
use rustls::pki_types::ServerName;
use seawall_config::OriginUrl;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is wrong with an origin is told once in this time; a flood asks often.
const TOLD_EVERY: Duration = Duration::from_mins(1);

/// One origin of a platform.
#[derive(Debug)]
pub(crate) struct Place {
    pub(crate) url: OriginUrl,
    secure: Option<Secured>,
    told: Mutex<Option<Instant>>,
}

/// What a connection to an origin is worth: where two are equal, a connection made for one serves
/// the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Worth {
    url: OriginUrl,
    proven: Option<Arc<Identity>>,
}

/// TLS towards this origin.
#[derive(Debug, Clone)]
pub(crate) struct Secured {
    pub(crate) by: Arc<Secure>,
    pub(crate) name: ServerName<'static>,
}

impl Place {
    /// An origin; `secure` is used where its scheme asks for TLS.
    pub(crate) fn new(url: OriginUrl, secure: Option<&Arc<Secure>>) -> Self {
        let secure = secure.filter(|_| url.protocol.is_tls()).and_then(|by| {
            let name = by.name_for(&url.host)?;
            Some(Secured { by: by.clone(), name })
        });
        Self { url, secure, told: Mutex::new(None) }
    }

    /// What ordinary requests to it are written in.
    pub(crate) fn speaks(&self) -> Speaks {
        if self.url.protocol.is_http2() { Speaks::Http2 } else { Speaks::Http1 }
    }

    pub(crate) fn worth(&self) -> Worth {
        let proven = self.secure.as_ref().map(|secured| secured.by.identity().clone());
        Worth { url: self.url.clone(), proven }
    }

    pub(crate) fn secure(&self) -> Option<&Secured> {
        self.secure.as_ref()
    }

    /// Tells the operator what is wrong with the origin, once a minute; `what` is the end of a
    /// sentence that begins with it.
    pub(crate) fn tell(&self, what: &str) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.is_none_or(|told| told.elapsed() >= TOLD_EVERY) {
            *told = Some(Instant::now());
            tracing::warn!("origin {} {what}", self.url);
        }
    }
}
