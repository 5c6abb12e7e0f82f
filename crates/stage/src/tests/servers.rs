//! Servers that visitors meet in tests.

use crate::LoopbackTarget;
use crate::hyper_io::{HyperIo, Spawn};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::TlsAcceptor;

/// The name that the certificate of a front holds.
pub(crate) const HOST: &str = "www.example.org";

/// One request as a server that answers always the same saw it.
pub(crate) struct Heard {
    pub(crate) from: IpAddr,
    pub(crate) head: String,
    /// Which request of its connection.
    pub(crate) number: usize,
}

/// How long that server keeps a connection.
#[derive(Clone, Copy)]
pub(crate) enum Keep {
    Long,
    /// For one answer, without having said so.
    OneAnswer,
}

/// Answers every request on `listener` with `answer`, and tells what was asked.
pub(crate) fn answer_always(
    listener: TcpListener,
    answer: &'static str,
    keep: Keep,
) -> mpsc::UnboundedReceiver<Heard> {
    let (tell, requests) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (mut stream, from) = listener.accept().await.unwrap();
            let tell = tell.clone();
            tokio::spawn(async move {
                let mut bytes = vec![0; 4_096];
                for number in 1.. {
                    let count = stream.read(&mut bytes).await.unwrap_or(0);
                    if count == 0 || stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                    let head = String::from_utf8_lossy(&bytes[..count]).into_owned();
                    // A test that does not ask what was heard has dropped its end.
                    let _ = tell.send(Heard { from: from.ip(), head, number });
                    if matches!(keep, Keep::OneAnswer) {
                        return;
                    }
                }
            });
        }
    });
    requests
}

pub(crate) async fn listener() -> (TcpListener, LoopbackTarget) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let target = listener.local_addr().unwrap().try_into().unwrap();
    (listener, target)
}

/// What a TLS front does with a connection.
#[derive(Clone, Copy)]
pub(crate) enum Behind {
    /// Passes it on to an origin.
    Origin(SocketAddr),
    /// Speaks HTTP/2 itself and answers with the name that was asked for.
    Http2,
}

/// A TLS front; gives its address and certificate.
pub(crate) async fn tls_front(behind: Behind) -> (LoopbackTarget, CertificateDer<'static>) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(vec![HOST.to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = ServerConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let mut settings = builder.with_single_cert(vec![cert.der().clone()], key).unwrap();
    settings.alpn_protocols = match behind {
        Behind::Origin(_) => vec![b"http/1.1".to_vec()],
        Behind::Http2 => vec![b"h2".to_vec()],
    };
    let acceptor = TlsAcceptor::from(Arc::new(settings));
    let (listener, target) = listener().await;
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(front(acceptor.clone(), stream, behind));
        }
    });
    (target, cert.der().clone())
}

async fn front(acceptor: TlsAcceptor, stream: TcpStream, behind: Behind) {
    let Ok(mut front) = acceptor.accept(stream).await else {
        return;
    };
    // How either ends is the visitors' to notice.
    match behind {
        Behind::Origin(address) => {
            let mut back = TcpStream::connect(address).await.unwrap();
            let _ = copy_bidirectional(&mut front, &mut back).await;
        }
        Behind::Http2 => {
            let service = service_fn(|request: Request<Incoming>| async move {
                let named = request.uri().authority().map(ToString::to_string);
                let page = format!("<a href=\"/\">{}</a>", named.unwrap_or_default());
                let served = request.headers()["sec-fetch-mode"] == "navigate";
                let status = if served { StatusCode::OK } else { StatusCode::BAD_REQUEST };
                let mut response = Response::new(Full::new(Bytes::from(page)));
                *response.status_mut() = status;
                Ok::<_, Infallible>(response)
            });
            let _ = http2::Builder::new(Spawn).serve_connection(HyperIo(front), service).await;
        }
    }
}
