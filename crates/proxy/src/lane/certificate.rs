//! Client certificates: who holds the key of one that an operator's own authority has signed.
//!
//! A connection asks for a certificate where a lane of its platform wants one, and takes any or none:
//! one that is over, or somebody else's, makes its bearer anybody and is no reason to send him away.
//! Whom a certificate lets in is looked at once for each connection and each configuration.
//! Never asks anybody whether a certificate was revoked.
//! Bounds: [`CHAIN_MAX`] certificates and [`CHAIN_BYTES_MAX`] bytes of a chain; a longer one is nobody's.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, aws_lc_rs, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use seawall_config as config;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A person's certificate and two between it and the root.
const CHAIN_MAX: usize = 4;
/// Four certificates with large keys.
const CHAIN_BYTES_MAX: usize = 16 * 1024;

/// What a client showed in its handshake, whose key it holds.
pub(crate) type Chain = Box<[CertificateDer<'static>]>;

/// A chain that is worth being looked at; none for one beyond the bounds.
pub(crate) fn kept(shown: &[CertificateDer<'static>]) -> Option<Chain> {
    let bytes: usize = shown.iter().map(|one| one.len()).sum();
    let is_within = (1..=CHAIN_MAX).contains(&shown.len()) && bytes <= CHAIN_BYTES_MAX;
    is_within.then(|| shown.into())
}

/// Whose signature lets one into a lane.
#[derive(Debug)]
pub(super) struct Authorities(Arc<dyn ClientCertVerifier>);

impl Authorities {
    /// Reads a PEM file.
    ///
    /// # Errors
    /// What is wrong with it, as the second half of a sentence.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let form = "it must be a PEM file with the certificates of the authorities that sign those of \
                    your people";
        let text = super::files::text(path)?;
        let mut roots = RootCertStore::empty();
        for one in CertificateDer::pem_slice_iter(text.as_bytes()) {
            let one = one
                .map_err(|cause| format!("the file {}; {form}", crate::tls::pem_problem(&cause)))?;
            roots
                .add(one)
                .map_err(|cause| format!("a certificate of it cannot be used ({cause}); {form}"))?;
        }
        let provider = Arc::new(aws_lc_rs::default_provider());
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .map(Self)
            .map_err(|_| format!("the file holds no certificate; {form}"))
    }

    /// Whether one of them vouches for a chain at a time, in seconds since 1970.
    pub(super) fn vouch_for(&self, chain: &Chain, now_secs: u32) -> bool {
        let now = UnixTime::since_unix_epoch(Duration::from_secs(now_secs.into()));
        let Some((own, between)) = chain.split_first() else { return false };
        self.0.verify_client_cert(own, between, now).is_ok()
    }
}

/// Asks for a certificate and takes any, or none.
#[derive(Debug)]
pub(crate) struct Asking {
    subjects: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

impl Asking {
    /// What connections to a platform are asked for; none where no lane of it wants a certificate.
    ///
    /// A file that cannot be read is told where lanes are loaded.
    pub(crate) fn of(
        lanes: &[config::Lane],
        platform: &str,
        provider: &Arc<CryptoProvider>,
    ) -> Option<Arc<Self>> {
        let leads = |lane: &&config::Lane| {
            lane.platforms.as_ref().is_none_or(|names| names.iter().any(|name| name == platform))
        };
        let files: Vec<_> =
            lanes.iter().filter(leads).filter_map(|lane| lane.client_ca.as_ref()).collect();
        let loaded = files.iter().filter_map(|file| Authorities::load(file).ok());
        let subjects = loaded.flat_map(|loaded| loaded.0.root_hint_subjects().to_vec()).collect();
        let asking = || Arc::new(Self { subjects, provider: provider.clone() });
        (!files.is_empty()).then(asking)
    }
}

impl ClientCertVerifier for Asking {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.subjects
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(
            message,
            own,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        own: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(
            message,
            own,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}
