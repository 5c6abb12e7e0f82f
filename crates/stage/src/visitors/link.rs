//! One connection of one person, over whichever door is theirs.

use super::doors::{OpenDoor, Way};
use crate::crew::Companion;
use crate::hyper_io::{HyperIo, Spawn};
use crate::tls::secure;
use bytes::Bytes;
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::{http1, http2};
use seawall_types::Verdict;
use std::net::Ipv4Addr;
use tokio::io::{AsyncRead, AsyncWrite};

/// Bytes of an answer that a visitor takes; more counts as an error.
pub const PAGE_MAX: usize = 1_024 * 1_024;

/// A connection on which one request at a time is made; dropping it closes it.
#[derive(Debug)]
pub(super) struct Link {
    channel: Channel,
    _connection: Companion,
}

#[derive(Debug)]
enum Channel {
    Http1(http1::SendRequest<Full<Bytes>>),
    Http2(http2::SendRequest<Full<Bytes>>),
}

/// A whole answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    /// The verdict word of an answer that the shield made itself.
    ///
    /// A word that is not on the list counts as `error`: it was not the origin that spoke.
    pub(super) fn verdict(&self) -> Option<Verdict> {
        let field = self.fields.get("seawall-verdict")?;
        let word = field.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        let same = |verdict: &Verdict| verdict.word().as_bytes() == word.trim_ascii();
        Some(Verdict::ALL.into_iter().find(same).unwrap_or(Verdict::Error))
    }

    /// Name and value of the first cookie that the answer sets.
    pub(super) fn cookie(&self) -> Option<HeaderValue> {
        let set = self.fields.get(SET_COOKIE)?;
        let crumb = set.as_bytes().split(|byte| *byte == b';').next()?;
        HeaderValue::from_bytes(crumb.trim_ascii()).ok()
    }
}

/// The request got no whole answer on this connection.
#[derive(Debug)]
pub(super) struct Broken;

impl Link {
    pub(super) async fn open(
        door: &OpenDoor,
        source: Ipv4Addr,
        host: &str,
    ) -> Result<Self, Broken> {
        let stream = door.target.dial(Some(source)).await.map_err(|_| Broken)?;
        match &door.way {
            Way::Plain => Self::http1(stream).await,
            Way::TlsHttp1(settings) => {
                Self::http1(secure(settings, host, stream).await.map_err(|_| Broken)?).await
            }
            Way::TlsHttp2(settings) => {
                Self::http2(secure(settings, host, stream).await.map_err(|_| Broken)?).await
            }
        }
    }

    async fn http1<S>(stream: S) -> Result<Self, Broken>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let mut builder = http1::Builder::new();
        builder.title_case_headers(true);
        let opened = builder.handshake(HyperIo(stream)).await;
        let (sender, connection) = opened.map_err(|_| Broken)?;
        // How the connection ends is seen by whoever waits for an answer.
        let companion = Companion::of(async move { drop(connection.await) });
        Ok(Self { channel: Channel::Http1(sender), _connection: companion })
    }

    async fn http2<S>(stream: S) -> Result<Self, Broken>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opened = http2::handshake(Spawn, HyperIo(stream)).await;
        let (sender, connection) = opened.map_err(|_| Broken)?;
        let companion = Companion::of(async move { drop(connection.await) });
        Ok(Self { channel: Channel::Http2(sender), _connection: companion })
    }

    /// Waits until another request can be made; fails when the connection has ended meanwhile.
    pub(super) async fn ready(&mut self) -> Result<(), Broken> {
        let ready = match &mut self.channel {
            Channel::Http1(sender) => sender.ready().await,
            Channel::Http2(sender) => sender.ready().await,
        };
        ready.map_err(|_| Broken)
    }

    /// One request and its whole answer.
    pub(super) async fn fetch(&mut self, request: Request<Full<Bytes>>) -> Result<Answer, Broken> {
        self.ready().await?;
        let response = match &mut self.channel {
            Channel::Http1(sender) => sender.send_request(request).await,
            Channel::Http2(sender) => sender.send_request(request).await,
        };
        let (head, body) = response.map_err(|_| Broken)?.into_parts();
        let body = Limited::new(body, PAGE_MAX).collect().await.map_err(|_| Broken)?;
        Ok(Answer { status: head.status, fields: head.headers, body: body.to_bytes() })
    }
}
