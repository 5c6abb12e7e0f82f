//! A new connection to an origin, ready to be spoken on.

use super::place::{Place, Secured};
use super::secure::{WITHOUT_HTTP2, what_is_wrong};
use super::stream::OriginStream;
use std::io;
use std::net::{IpAddr, SocketAddr};
use thiserror::Error;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

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

/// Connects to `place`, resolving its name where it has one, and shakes hands where it asks for
/// TLS; tells the operator when that fails.
///
/// # Errors
/// It cannot be reached, or does not prove or agree to what it must.
pub(crate) async fn dial(place: &Place, speaks: Speaks) -> Result<OriginStream, DialFault> {
    let (host, port) = (place.url.host.as_str(), place.url.port);
    let socket = match host.parse::<IpAddr>() {
        Ok(address) => TcpStream::connect(SocketAddr::new(address, port)).await?,
        Err(_) => TcpStream::connect((host, port)).await?,
    };
    begin(place, socket, speaks).await
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
