//! Reads the PROXY header with which a trusted proxy announces whose connection follows.
//!
//! Takes a socket of which nothing was read; gives what the header says, and leaves every byte
//! behind it in the socket, for TLS or HTTP.
//! Never waits for longer than its caller lets it.
//! Bounds: [`HEADER_MAX`] bytes.

use seawall_wire::proxy_header::{HEADER_MAX, ProxyHeader, ProxyStep, parse};
use std::io::{self, ErrorKind};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Reads the header and nothing else.
///
/// # Errors
/// What came is no header, or the proxy left before it was whole.
pub(crate) async fn read(socket: &mut TcpStream) -> io::Result<ProxyHeader> {
    let mut bytes = [0; HEADER_MAX];
    let mut held = 0;
    loop {
        // Looked at first and taken then, as far as it is the header's.
        let seen = held + socket.peek(&mut bytes[held..]).await?;
        if seen == held {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let step =
            parse(&bytes[..seen]).map_err(|fault| io::Error::new(ErrorKind::InvalidData, fault))?;
        let upto = match step {
            ProxyStep::Partial => seen,
            ProxyStep::Whole(header) => header.length,
        };
        socket.read_exact(&mut bytes[held..upto]).await?;
        held = upto;
        if let ProxyStep::Whole(header) = step {
            return Ok(header);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    async fn pair() -> (TcpStream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let near = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        near.set_nodelay(true).unwrap();
        (near, listener.accept().await.unwrap().0)
    }

    #[tokio::test(flavor = "local")]
    async fn what_follows_a_header_stays_in_the_socket_however_it_is_split() {
        let told = b"PROXY TCP4 192.0.2.1 198.51.100.2 1 2\r\nGET / HTTP/1.1\r\n";
        for piece in [1, 2, 7, told.len()] {
            let (mut near, mut far) = pair().await;
            let sent = tokio::task::spawn_local(async move {
                for piece in told.chunks(piece) {
                    near.write_all(piece).await.unwrap();
                    tokio::task::yield_now().await;
                }
            });
            let header = read(&mut far).await.unwrap();
            assert_eq!(header.client, Some("192.0.2.1".parse().unwrap()));
            sent.await.unwrap();
            let mut rest = Vec::new();
            far.read_to_end(&mut rest).await.unwrap();
            assert_eq!(rest, b"GET / HTTP/1.1\r\n");
        }
    }

    #[tokio::test(flavor = "local")]
    async fn what_is_no_header_and_what_ends_too_early_is_an_error() {
        for (told, kind) in [
            (&b"GET / HTTP/1.1\r\n\r\n"[..], ErrorKind::InvalidData),
            (b"PROXY TCP4 192.0.2.1", ErrorKind::UnexpectedEof),
            (b"", ErrorKind::UnexpectedEof),
        ] {
            let (mut near, mut far) = pair().await;
            near.write_all(told).await.unwrap();
            drop(near);
            assert_eq!(read(&mut far).await.unwrap_err().kind(), kind);
        }
    }
}
