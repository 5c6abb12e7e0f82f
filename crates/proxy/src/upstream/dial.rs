//! A new connection to an origin, ready to be spoken on.

use super::place::{Place, Secured};
use super::secure::{WITHOUT_HTTP2, what_is_wrong};
use super::stream::OriginStream;
use crate::origins::addresses::Addresses;
use std::io;
use std::net::SocketAddr;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// A name with many addresses of which none answers must not hold a request up for long.
const ADDRESSES_TRIED_MAX: usize = 4;

/// What will be spoken on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Speaks {
    Http1,
    Http2,
}

/// Why an origin cannot be spoken to.
#[derive(Debug, Error)]
pub(crate) enum DialFault {
    #[error("the origin cannot be reached")]
    Unreachable(#[from] io::Error),
    #[error("the origin {0}")]
    Secure(String),
    #[error("the origin breaks HTTP/2")]
    Http2(#[from] h2::Error),
}

/// A connection that nobody has used, with where it leads.
#[derive(Debug)]
pub(crate) struct Dialled {
    pub(crate) stream: OriginStream,
    pub(crate) address: SocketAddr,
    /// Of the addresses when this one was among them.
    pub(crate) generation: u32,
}

impl DialFault {
    /// Whether nobody listens there.
    pub(crate) fn is_refusal(&self) -> bool {
        matches!(self, Self::Unreachable(cause) if cause.kind() == io::ErrorKind::ConnectionRefused)
    }
}

/// Connects to `place` at one of `addresses`, and shakes hands where it asks for TLS; tells the
/// operator when that fails.
///
/// # Errors
/// None of the addresses that were tried can be reached, or there is none, or the origin does not
/// prove or agree to what it must.
pub(crate) async fn dial(
    place: &Place,
    addresses: &Addresses,
    speaks: Speaks,
) -> Result<Dialled, DialFault> {
    let generation = addresses.generation();
    let mut fault = io::Error::from(io::ErrorKind::NotFound);
    for address in addresses.in_turn().await?.into_iter().take(ADDRESSES_TRIED_MAX) {
        match TcpStream::connect(address).await {
            Ok(socket) => {
                let stream = begin(place, socket, speaks).await?;
                return Ok(Dialled { stream, address, generation });
            }
            Err(cause) => fault = cause,
        }
    }
    Err(fault.into())
}

/// Makes a connection to `place` ready; the second half of [`dial`].
///
/// # Errors
/// It broke, or the origin does not prove or agree to what it must.
pub(crate) async fn begin(
    place: &Place,
    socket: TcpStream,
    speaks: Speaks,
) -> Result<OriginStream, DialFault> {
    socket.set_nodelay(true)?;
    let Some(secured) = place.secure() else {
        if place.url.protocol.is_tls() {
            return Err(DialFault::Secure("has a host that TLS cannot name".to_owned()));
        }
        return Ok(OriginStream::Plain(socket));
    };
    // Boxed: a handshake's state is large, and most requests need none.
    let shaken = Box::pin(shake_hands(secured, socket, speaks)).await;
    shaken.inspect_err(|fault| {
        if let DialFault::Secure(what) = fault {
            place.tell(what);
        }
    })
}

async fn shake_hands(
    secured: &Secured,
    socket: TcpStream,
    speaks: Speaks,
) -> Result<OriginStream, DialFault> {
    let connector = TlsConnector::from(secured.by.client(speaks));
    let tls = connector.connect(secured.name.clone(), socket).await;
    let tls = tls.map_err(|cause| DialFault::Secure(what_is_wrong(&cause)))?;
    let agreed = tls.get_ref().1.alpn_protocol();
    let fits = match speaks {
        // An origin that knows no ALPN speaks HTTP/1.1 (RFC 9113 §3.2).
        Speaks::Http1 => agreed.is_none_or(|agreed| agreed == b"http/1.1"),
        Speaks::Http2 => agreed == Some(b"h2"),
    };
    if !fits {
        return Err(DialFault::Secure(WITHOUT_HTTP2.to_owned()));
    }
    Ok(OriginStream::Tls(Box::new(tls)))
}
