//! Which certificate a client of the stage believes, as settings for TLS.

use crate::StageError;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};
use std::io;
use std::sync::Arc;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// Which certificate is believed at a TLS door; there is no way to believe any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// What this root has signed for the host that is asked for.
    Root(CertificateDer<'static>),
    /// This very certificate, whatever host it names.
    Exactly(CertificateDer<'static>),
}

/// Settings of a client that believes `trust` and offers one protocol (RFC 7301).
pub(crate) fn settings(trust: &Trust, protocol: &[u8]) -> Result<ClientConfig, StageError> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let verifier = verifier(trust, &provider)?;
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(StageError::Certificate)?;
    let dangerous = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut settings = dangerous.with_no_client_auth();
    settings.alpn_protocols = vec![protocol.to_vec()];
    Ok(settings)
}

fn verifier(
    trust: &Trust,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, StageError> {
    match trust {
        Trust::Exactly(certificate) => {
            Ok(Arc::new(Pin { certificate: certificate.clone(), provider: Arc::clone(provider) }))
        }
        Trust::Root(root) => {
            let mut roots = RootCertStore::empty();
            roots.add(root.clone()).map_err(StageError::Certificate)?;
            let builder =
                WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
            let verifier = builder
                .build()
                .map_err(|error| StageError::Certificate(Error::General(error.to_string())))?;
            Ok(verifier)
        }
    }
}

/// Believes one certificate and whoever can sign with its key.
#[derive(Debug)]
struct Pin {
    certificate: CertificateDer<'static>,
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for Pin {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if *end_entity == self.certificate {
            return Ok(ServerCertVerified::assertion());
        }
        Err(CertificateError::ApplicationVerificationFailure.into())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// A TLS session over `stream` with whoever serves `host`.
pub(crate) async fn secure(
    settings: &Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host.to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::clone(settings)).connect(name, stream).await
}
