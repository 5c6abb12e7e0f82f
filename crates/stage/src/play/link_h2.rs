//! One connection of a sender on which it asks over HTTP/2, as many requests at once as it likes.

use super::link::Broken;
use super::message::Message;
use super::reply::{Reply, said_by};
use crate::crew::Companion;
use crate::hyper_io::{HyperIo, Spawn};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2;
use seawall_types::Verdict;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;

/// How long a request that is to be cancelled is left alone, so that its head leaves this machine.
const BEFORE_RESET: Duration = Duration::from_millis(2);

/// A connection; the last clone to be dropped closes it.
#[derive(Debug, Clone)]
pub(super) struct Http2Link {
    sender: http2::SendRequest<Full<Bytes>>,
    _connection: Arc<Companion>,
}

impl Http2Link {
    pub(super) async fn over<S>(stream: S) -> Result<Self, Broken>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let opened = http2::handshake(Spawn, HyperIo(stream)).await;
        let (sender, connection) = opened.map_err(|_| Broken)?;
        let companion = Companion::of(async move { drop(connection.await) });
        Ok(Self { sender, _connection: Arc::new(companion) })
    }

    pub(super) fn is_open(&self) -> bool {
        !self.sender.is_closed()
    }

    /// Sends a whole request and reads its whole answer.
    pub(super) async fn exchange(
        &mut self,
        message: &Message,
        host: &str,
    ) -> Result<Reply, Broken> {
        let request = message.http2(host).ok_or(Broken)?;
        self.sender.ready().await.map_err(|_| Broken)?;
        let answer = self.sender.send_request(request).await.map_err(|_| Broken)?;
        let (head, mut body) = answer.into_parts();
        let reply = said_by(head.status, &head.headers);
        let mut page = (reply.verdict == Some(Verdict::Challenge)).then(Vec::new);
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| Broken)?;
            if let (Some(page), Some(data)) = (&mut page, frame.data_ref()) {
                page.extend_from_slice(data);
            }
        }
        Ok(Reply { page, ..reply })
    }

    /// Sends a request and cancels it (RFC 9113 §5.4.2, `CANCEL`).
    pub(super) async fn cancel(&mut self, message: &Message, host: &str) -> Result<(), Broken> {
        let request = message.http2(host).ok_or(Broken)?;
        self.sender.ready().await.map_err(|_| Broken)?;
        let answer = self.sender.send_request(request);
        // Dropping what waits for the answer cancels the stream; an answer that quick is let go.
        let _ = timeout(BEFORE_RESET, answer).await;
        Ok(())
    }
}
