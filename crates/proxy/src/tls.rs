//! TLS: which certificate for which name, and the `ClientHello` as it came.

use crate::client::Peer;
use crate::connection::Connection;
use crate::lane;
use crate::meter::Carrier;
use crate::settings::SettingsFault;
use crate::upstream::secure::Secure;
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{Acceptor, NoServerSessionStorage};
use rustls::sign::CertifiedKey;
use seawall_config as config;
use seawall_wire::hello::{self, HelloStep, Transport};
use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

/// Bytes of a first flight that are kept for its fingerprint; a longer one goes without.
const FIRST_FLIGHT_MAX: usize = 17_000;
/// `unrecognized_name`, as a plaintext record (RFC 8446 §6, RFC 6066 §3).
const UNRECOGNIZED_NAME: &[u8] = &[21, 3, 3, 0, 2, 2, 112];

/// Server configurations of one listener, by name.
#[derive(Debug, Clone, Default)]
pub(crate) struct Certificates {
    exact: HashMap<String, Arc<ServerConfig>>,
    wildcard: HashMap<String, Arc<ServerConfig>>,
    /// For clients that send no name.
    first: Option<Arc<ServerConfig>>,
}

impl Certificates {
    fn choose(&self, name: Option<&str>) -> Option<&Arc<ServerConfig>> {
        let Some(name) = name else {
            return self.first.as_ref();
        };
        let name = name.to_ascii_lowercase();
        self.exact
            .get(&name)
            .or_else(|| self.wildcard.get(name.split_once('.').map_or("", |(_, suffix)| suffix)))
    }
}

/// Every certificate of a configuration, loaded and checked.
pub(crate) struct Loaded {
    /// By platform index.
    keys: Vec<Option<Arc<CertifiedKey>>>,
    hosts: Vec<Vec<config::HostPattern>>,
    provider: Arc<CryptoProvider>,
    tickets: Option<Arc<dyn rustls::server::ProducesTickets>>,
    /// What clients are asked to show, by platform index.
    asking: Vec<Option<Arc<lane::Asking>>>,
}

/// Reads every certificate that `checked` names.
///
/// # Errors
/// All that cannot be used.
pub(crate) fn load(checked: &config::Config) -> Result<Loaded, Vec<SettingsFault>> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut faults = Vec::new();
    let mut keys = Vec::new();
    for platform in &checked.platforms {
        let Some(files) = &platform.certificate else {
            keys.push(None);
            continue;
        };
        match load_pair(files, &provider) {
            Ok(key) => keys.push(Some(key)),
            Err(found) => faults.extend(found.into_iter().map(|fault| SettingsFault {
                line: files.line,
                problem: format!("the certificate of {}: {}", platform.name, fault.problem),
            })),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let hosts = checked.platforms.iter().map(|platform| platform.hosts.clone()).collect();
    // Without tickets a session is not resumed; nothing else depends on them.
    let tickets = aws_lc_rs::Ticketer::new().ok();
    let asking =
        |platform: &config::Platform| lane::Asking::of(&checked.lanes, &platform.name, &provider);
    let asking = checked.platforms.iter().map(asking).collect();
    Ok(Loaded { keys, hosts, provider, tickets, asking })
}

/// What is wrong with files that a platform names; nothing when they can be used.
pub fn inspect(files: config::Files<'_>) -> Vec<config::FileFault> {
    let fault = match files {
        config::Files::Certificate(files) => load_pair(files, &aws_lc_rs::default_provider()).err(),
        config::Files::OriginTls(tls) => Secure::load(tls).err(),
    };
    fault.unwrap_or_default()
}

/// Reads a chain and its key.
///
/// # Errors
/// What is wrong with each, under the keys of a platform's own certificate.
pub(crate) fn load_pair(
    files: &config::Certificate,
    provider: &CryptoProvider,
) -> Result<Arc<CertifiedKey>, Vec<config::FileFault>> {
    let fault = |named_by, problem| config::FileFault { named_by, problem };
    let chain = read_chain(&files.chain).map_err(|what| {
        let remedy = "it must be a PEM file with the certificate and its chain";
        fault(config::NamedBy::Certificate, format!("the file {what}; {remedy}"))
    });
    let key = PrivateKeyDer::from_pem_file(&files.key).map_err(|cause| {
        let remedy = "it must be a PEM file with the private key of the certificate";
        let what = pem_problem(&cause);
        fault(config::NamedBy::Key, format!("the file {what}; {remedy}"))
    });
    match (chain, key) {
        (Ok(chain), Ok(key)) => CertifiedKey::from_der(chain, key, provider)
            .map(Arc::new)
            .map_err(|cause| vec![unusable(&cause)]),
        (chain, key) => Err(chain.err().into_iter().chain(key.err()).collect()),
    }
}

/// Which of two files that are PEM is at fault.
fn unusable(cause: &rustls::Error) -> config::FileFault {
    let (named_by, problem) = match cause {
        rustls::Error::InconsistentKeys(_) => (
            config::NamedBy::Certificate,
            "it does not fit its key; the two must belong together".to_owned(),
        ),
        rustls::Error::InvalidCertificate(cause) => (
            config::NamedBy::Certificate,
            format!(
                "the file holds no certificate that can be read ({cause:?}); it must be a PEM \
                 file with the certificate and its chain"
            ),
        ),
        cause => (
            config::NamedBy::Key,
            format!("the key cannot be used ({cause}); it must be an ECDSA, Ed25519 or RSA key"),
        ),
    };
    config::FileFault { named_by, problem }
}

fn read_chain(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let chain = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| pem_problem(&cause))?;
    if chain.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(chain) }
}

/// What is wrong with a PEM file, as the end of a sentence that begins with it.
pub(crate) fn pem_problem(cause: &pem::Error) -> String {
    match cause {
        pem::Error::Io(cause) => format!("cannot be read ({cause})"),
        pem::Error::NoItemsFound => "holds no such PEM section".to_owned(),
        other => format!("is not PEM ({other})"),
    }
}

impl Loaded {
    /// The server configurations that a listener chooses from.
    pub(crate) fn for_listener(&self, listener: &config::Listener) -> Certificates {
        let mut certificates = Certificates::default();
        for ((key, hosts), asking) in self.keys.iter().zip(&self.hosts).zip(&self.asking) {
            let Some(key) = key else { continue };
            let Some(server) = self.server_config((key, asking.clone()), listener) else {
                continue;
            };
            certificates.first.get_or_insert_with(|| server.clone());
            for host in hosts {
                match host {
                    config::HostPattern::Exact(name) => {
                        certificates.exact.insert(name.clone(), server.clone());
                    }
                    config::HostPattern::Wildcard(suffix) => {
                        certificates.wildcard.insert(suffix.clone(), server.clone());
                    }
                }
            }
        }
        certificates
    }

    fn server_config(
        &self,
        (key, asking): (&Arc<CertifiedKey>, Option<Arc<lane::Asking>>),
        listener: &config::Listener,
    ) -> Option<Arc<ServerConfig>> {
        let builder = ServerConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .ok()?;
        let builder = match asking {
            Some(asking) => builder.with_client_cert_verifier(asking),
            None => builder.with_no_client_auth(),
        };
        let mut server = builder.with_cert_resolver(Arc::new(Single(key.clone())));
        if listener.http2 {
            server.alpn_protocols.push(b"h2".to_vec());
        }
        if listener.http1 {
            server.alpn_protocols.push(b"http/1.1".to_vec());
        }
        server.session_storage = Arc::new(NoServerSessionStorage {});
        if let Some(tickets) = &self.tickets {
            server.ticketer = tickets.clone();
            server.send_tls13_tickets = 1;
        }
        Some(Arc::new(server))
    }
}

/// The name was matched before this configuration was chosen.
#[derive(Debug)]
struct Single(Arc<CertifiedKey>);

impl rustls::server::ResolvesServerCert for Single {
    fn resolve(&self, _: rustls::server::ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A socket that remembers the first flight until it is told to stop.
#[derive(Debug)]
pub(crate) struct Tee {
    socket: TcpStream,
    first_flight: Option<Vec<u8>>,
}

impl Carrier for Box<TlsStream<Tee>> {
    fn socket(&self) -> &TcpStream {
        &self.get_ref().0.socket
    }
}

impl Tee {
    /// The socket below.
    pub(crate) fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// The socket below, without TLS.
    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }
}

/// Shakes hands: notes the fingerprint, chooses the certificate by name.
///
/// # Errors
/// The handshake failed, or no platform has the name that was asked for; the client was told.
pub(crate) async fn handshake(
    certificates: &Certificates,
    connection: &Connection,
    socket: TcpStream,
) -> io::Result<TlsStream<Tee>> {
    // What a proxy passes on is not kept: its connections have no fingerprint of a client.
    let first_flight = (connection.peer == Peer::Client).then(|| Vec::with_capacity(1024));
    let tee = Tee { socket, first_flight };
    let acceptor = LazyConfigAcceptor::new(Acceptor::default(), tee);
    let mut start = acceptor.await?;
    if let Some(bytes) = start.io.first_flight.take()
        && let Ok(HelloStep::Complete(client)) = hello::parse(&bytes)
    {
        connection.ja4.get_or_init(|| hello::ja4(&client, Transport::Tcp));
    }
    let chosen = certificates.choose(start.client_hello().server_name()).cloned();
    let Some(server) = chosen else {
        start.io.socket.write_all(UNRECOGNIZED_NAME).await?;
        return Err(io::Error::new(io::ErrorKind::NotFound, "no platform has that name"));
    };
    let stream = start.into_stream(server).await?;
    // A proxy's certificate says nothing of its clients.
    if connection.peer == Peer::Client
        && let Some(shown) = stream.get_ref().1.peer_certificates().and_then(lane::kept)
    {
        connection.certificate.get_or_init(|| shown);
    }
    Ok(stream)
}

impl AsyncRead for Tee {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let start = buffer.filled().len();
        let read = Pin::new(&mut self.socket).poll_read(cx, buffer);
        if let Some(kept) = &mut self.first_flight {
            let fresh = &buffer.filled()[start..];
            let room = FIRST_FLIGHT_MAX.saturating_sub(kept.len());
            kept.extend_from_slice(&fresh[..fresh.len().min(room)]);
        }
        read
    }
}

impl AsyncWrite for Tee {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }
}
