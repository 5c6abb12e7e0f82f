//! What a flood sends, from where and how often.

use crate::bounds::{CONNECTIONS_MAX, FLOOD_LASTING_MAX, REQUESTS_PER_S_MAX, within};
use crate::{LoopbackTarget, Sources, StageError};
use bytes::Bytes;
use seawall_types::RequestRate;
use std::time::Duration;

/// Requests per second of one connection: timers here are good to a millisecond.
pub const CONNECTION_RATE_MAX: f64 = 500.0;
/// Bytes of a request's body.
pub const FLOOD_BODY_MAX: u32 = 16 * 1_024;

/// One flood.
#[derive(Debug, Clone)]
pub struct FloodSpec {
    /// Fixes at which phase of the interval each connection asks.
    pub seed: u64,
    /// Where it goes.
    pub target: LoopbackTarget,
    /// The host that is asked for.
    pub host: String,
    /// What is asked.
    pub request: FloodRequest,
    /// Who asks; must not overlap with the visitors' block if the two are to be told apart.
    pub sources: Sources,
    /// Connections of each source, 1 or more; all together at most [`CONNECTIONS_MAX`].
    pub connections_per_source: u16,
    /// Requests per second of each source, over all its connections;
    /// all sources together at most [`REQUESTS_PER_S_MAX`].
    pub rate_per_source: RequestRate,
    /// Whether connections are used again.
    pub connections: ConnectionStyle,
    /// How long, at most [`FLOOD_LASTING_MAX`].
    pub lasting: Duration,
}

/// What a flood asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FloodRequest {
    /// `GET` of a path with its query.
    Get {
        /// Begins with `/`.
        path: String,
    },
    /// `POST` of a form.
    Post {
        /// Begins with `/`.
        path: String,
        /// Length of the form, at most [`FLOOD_BODY_MAX`].
        body_bytes: u32,
    },
}

/// Whether connections are used again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionStyle {
    /// One connection for as long as the other side keeps it.
    KeepAlive,
    /// A new connection for each request.
    PerRequest,
}

impl FloodSpec {
    /// 300 sources, each asking over one kept connection, for a minute.
    pub fn of(
        target: LoopbackTarget,
        host: impl Into<String>,
        request: FloodRequest,
        rate_per_source: RequestRate,
    ) -> Self {
        Self {
            seed: 1,
            target,
            host: host.into(),
            request,
            sources: Sources::FLOOD,
            connections_per_source: 1,
            rate_per_source,
            connections: ConnectionStyle::KeepAlive,
            lasting: Duration::from_mins(1),
        }
    }

    pub(super) fn checked(self) -> Result<Self, StageError> {
        self.sources.can_reach(self.target)?;
        sendable("flood host", &self.host)?;
        sendable("flood path", self.request.path())?;
        let (sources, each) = (u32::from(self.sources.count()), self.connections_per_source);
        within("flood connections per source", each, 1..=u16::MAX)?;
        within("flood connections", sources * u32::from(each), 1..=CONNECTIONS_MAX)?;
        let rate = self.rate_per_source.per_second();
        within("flood requests/s", rate * f64::from(sources), 0.0..=REQUESTS_PER_S_MAX)?;
        let connection_rate = rate / f64::from(each);
        within("flood requests/s of a connection", connection_rate, 0.0..=CONNECTION_RATE_MAX)?;
        within("flood body bytes", self.request.body_bytes(), 0..=FLOOD_BODY_MAX)?;
        within("flood time", self.lasting, Duration::ZERO..=FLOOD_LASTING_MAX)?;
        Ok(self)
    }

    /// The time between two requests of one connection.
    pub(super) fn connection_interval(&self) -> Duration {
        self.rate_per_source.interval() * u32::from(self.connections_per_source)
    }

    /// The request as a small program written in Go sends it: the same fields in the same order.
    pub(super) fn request_bytes(&self) -> Bytes {
        let (method, length) = match &self.request {
            FloodRequest::Get { .. } => ("GET", String::new()),
            FloodRequest::Post { body_bytes, .. } => (
                "POST",
                format!(
                    "Content-Length: {body_bytes}\r\n\
                     Content-Type: application/x-www-form-urlencoded\r\n"
                ),
            ),
        };
        let close = match self.connections {
            ConnectionStyle::KeepAlive => "",
            ConnectionStyle::PerRequest => "Connection: close\r\n",
        };
        let (path, host) = (self.request.path(), &self.host);
        let body = "amount=1&".bytes().cycle().take(self.request.body_bytes() as usize);
        let mut bytes = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\n\
             {close}{length}Accept-Encoding: gzip\r\n\r\n"
        )
        .into_bytes();
        bytes.extend(body);
        bytes.into()
    }
}

impl FloodRequest {
    fn path(&self) -> &str {
        match self {
            Self::Get { path } | Self::Post { path, .. } => path,
        }
    }

    fn body_bytes(&self) -> u32 {
        match self {
            Self::Get { .. } => 0,
            Self::Post { body_bytes, .. } => *body_bytes,
        }
    }
}

/// A text that stands in a request line or a field without breaking it.
fn sendable(what: &'static str, text: &str) -> Result<(), StageError> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(StageError::Unsendable { what, text: text.to_owned() })
}
