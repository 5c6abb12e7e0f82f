//! Sends requests at once on one HTTP/2 connection over TLS, and reads every answer to its end.

use super::reply::{Ended, Head, Reply};
use super::shape::{Ask, Body, End};
use crate::fixtures::client::tls_settings;
use crate::fixtures::{Certificate, HOST};
use crate::origins::fields_of;
use bytes::Bytes;
use h2::Reason;
use h2::client::{ResponseFuture, SendRequest};
use h2::{RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Version};
use rustls::pki_types::ServerName;
use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsConnector;

/// Longest wait for a whole answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// Before a client gives up.
const PAUSE: Duration = Duration::from_millis(60);

/// Asks `address` and gives an answer for each.
pub(crate) async fn converse(
    address: SocketAddr,
    certificate: &Certificate,
    asks: &[Ask],
) -> Vec<Reply> {
    let settings = Arc::new(tls_settings(certificate, b"h2"));
    let socket = TcpStream::connect(address).await.expect("it listens");
    socket.set_nodelay(true).expect("it is TCP");
    let name = ServerName::try_from(HOST).expect("a good name");
    let stream = TlsConnector::from(settings).connect(name, socket).await.expect("a good server");
    let (mut send, connection) = h2::client::handshake(stream).await.expect("it speaks HTTP/2");
    // How it ends is told by its streams.
    let driver = tokio::spawn(async move { drop(connection.await) });
    let mut running = Vec::new();
    for ask in asks {
        let begun = begin(&mut send, ask).await;
        let ask = ask.clone();
        running.push(tokio::spawn(async move {
            match begun {
                Some((response, upload)) => exchange(response, upload, ask).await,
                None => Reply::default(),
            }
        }));
    }
    let mut replies = Vec::new();
    for one in running {
        replies.push(one.await.expect("an exchange does not panic"));
    }
    driver.abort();
    replies
}

async fn begin(
    send: &mut SendRequest<Bytes>,
    ask: &Ask,
) -> Option<(ResponseFuture, SendStream<Bytes>)> {
    let mut request = Request::builder()
        .method(ask.method)
        .uri(format!("https://{HOST}{}", ask.target))
        .version(Version::HTTP_2);
    for (name, value) in &ask.fields {
        request = request.header(name.to_ascii_lowercase(), value.as_str());
    }
    if let Body::Length(bytes) = &ask.body {
        request = request.header("content-length", bytes.len());
    }
    let request = request.body(()).expect("rows hold good requests");
    poll_fn(|cx| send.poll_ready(cx)).await.ok()?;
    send.send_request(request, ask.body == Body::None).ok()
}

async fn exchange(mut response: ResponseFuture, upload: SendStream<Bytes>, ask: Ask) -> Reply {
    let gives_up = ask.end == End::Abort;
    let sending = tokio::spawn(send(upload, ask));
    if gives_up {
        // The stream ends here; what came of it is nobody's any more.
        sending.await.expect("sending does not panic");
        return Reply::default();
    }
    let mut reply = Reply::default();
    reply.ended = match timeout(PATIENCE, receive(&mut response, &mut reply)).await {
        Ok(ended) => ended,
        Err(_) => Ended::Hung,
    };
    sending.abort();
    reply
}

async fn send(mut upload: SendStream<Bytes>, ask: Ask) {
    let pieces = match ask.body {
        Body::None => Vec::new(),
        Body::Length(mut bytes) => {
            if ask.end == End::Abort {
                bytes.truncate(bytes.len() / 2);
            }
            vec![bytes]
        }
        Body::Pieces(pieces) => pieces,
    };
    for piece in pieces {
        // A peer that takes no more may have answered.
        let _ = upload.send_data(piece.into(), false);
        tokio::task::yield_now().await;
    }
    match ask.end {
        End::Whole => drop(upload.send_data(Bytes::new(), true)),
        End::Trailers(fields) => {
            let field = |&(name, value): &(&'static str, &'static str)| {
                (HeaderName::from_static(name), HeaderValue::from_static(value))
            };
            let trailers: HeaderMap = fields.iter().map(field).collect();
            let _ = upload.send_trailers(trailers);
        }
        End::Abort => {
            sleep(PAUSE).await;
            upload.send_reset(Reason::CANCEL);
            return sleep(PAUSE).await;
        }
    }
    // Dropped before everything has left, the rest of it would be thrown away.
    sleep(PATIENCE).await;
}

async fn receive(response: &mut ResponseFuture, reply: &mut Reply) -> Ended {
    let answered = poll_fn(|cx| {
        while let Poll::Ready(Some(Ok(interim))) = response.poll_informational(cx) {
            reply.interim.push(head(&interim));
        }
        Pin::new(&mut *response).poll(cx)
    });
    let Ok(response) = answered.await else { return Ended::Silent };
    reply.head = Some(head(&response));
    match body(response.into_body(), reply).await {
        Ok(()) => Ended::Whole,
        Err(_) => Ended::BrokeOff,
    }
}

async fn body(mut stream: RecvStream, reply: &mut Reply) -> Result<(), h2::Error> {
    while let Some(data) = stream.data().await {
        let data = data?;
        stream.flow_control().release_capacity(data.len())?;
        reply.body.extend(data);
    }
    let trailers = stream.trailers().await?;
    reply.trailers = trailers.map(|fields| fields_of(&fields)).unwrap_or_default();
    Ok(())
}

fn head<B>(response: &Response<B>) -> Head {
    Head { status: response.status().as_u16(), fields: fields_of(response.headers()) }
}
