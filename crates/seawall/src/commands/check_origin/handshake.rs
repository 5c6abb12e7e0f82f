//! TLS as somebody without a certificate meets it: believes whoever answers, and remembers what was
//! shown and what was asked for.
//!
//! Nothing secret is sent to whoever answers but what the question itself carries.

use super::ask::{PATIENCE, connect};
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::sign::CertifiedKey;
use rustls::{
    ClientConfig, ClientConnection, DigitallySignedStruct, Error, SignatureScheme, StreamOwned,
};
use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, OnceLock};

/// What one handshake showed.
#[derive(Debug, Default)]
pub(super) struct Seen {
    certificate: OnceLock<Vec<u8>>,
    wanted_ours: AtomicBool,
}

impl Seen {
    /// The certificate of whoever answered, in DER.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.get().map(Vec::as_slice)
    }

    /// Whether it asked for a certificate of ours.
    pub(super) fn wanted_ours(&self) -> bool {
        self.wanted_ours.load(Relaxed)
    }
}

/// A TLS client for one connection.
pub(super) struct Tls {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    seen: Arc<Seen>,
}

impl Tls {
    /// Asks for `host`; an address is not named to the other side.
    ///
    /// # Errors
    /// It is neither a name nor an address.
    pub(super) fn named(host: &str) -> io::Result<Self> {
        let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
        let seen = Arc::<Seen>::default();
        let provider = Arc::new(aws_lc_rs::default_provider());
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Believing(seen.clone())))
            .with_client_cert_resolver(Arc::new(Nothing(seen.clone())));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { config: Arc::new(config), name, seen })
    }

    /// What its handshake shows, once it has been.
    pub(super) fn seen(&self) -> Arc<Seen> {
        self.seen.clone()
    }

    /// A stream whose handshake goes with the first bytes.
    ///
    /// # Errors
    /// The settings do not fit each other.
    pub(super) fn over(
        self,
        socket: TcpStream,
    ) -> io::Result<StreamOwned<ClientConnection, TcpStream>> {
        let connection = ClientConnection::new(self.config, self.name).map_err(io::Error::other)?;
        Ok(StreamOwned::new(connection, socket))
    }
}

/// How an address takes a `ClientHello`.
#[derive(Debug)]
pub(super) enum Greeting {
    /// It speaks TLS, and showed this.
    Tls(Arc<Seen>),
    /// It takes connections and does not speak TLS.
    NotTls,
    /// It takes no connections.
    Unreached(String),
}

/// Shakes hands with `address` without naming anyone, as scans of addresses do.
pub(super) fn greet(address: SocketAddr, from: Option<IpAddr>) -> Greeting {
    let socket = match connect(address, from) {
        Ok(socket) => socket,
        Err(cause) => return Greeting::Unreached(cause.to_string()),
    };
    match shake(socket, address.ip()) {
        Some(seen) => Greeting::Tls(seen),
        None => Greeting::NotTls,
    }
}

fn shake(socket: TcpStream, address: IpAddr) -> Option<Arc<Seen>> {
    let tls = Tls::named(&address.to_string()).ok()?;
    let seen = tls.seen();
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut stream = tls.over(socket).ok()?;
    // Who refuses in the middle has shown its certificate by then, or does not speak TLS.
    let shaken = stream.conn.complete_io(&mut stream.sock);
    (shaken.is_ok() || seen.certificate().is_some()).then_some(seen)
}

/// Believes every certificate, and keeps it.
#[derive(Debug)]
struct Believing(Arc<Seen>);

impl ServerCertVerifier for Believing {
    fn verify_server_cert(
        &self,
        certificate: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.0.certificate.get_or_init(|| certificate.to_vec());
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        aws_lc_rs::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Has no certificate, and remembers being asked for one.
#[derive(Debug)]
struct Nothing(Arc<Seen>);

impl ResolvesClientCert for Nothing {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.0.wanted_ours.store(true, Relaxed);
        None
    }

    fn has_certs(&self) -> bool {
        true
    }
}
