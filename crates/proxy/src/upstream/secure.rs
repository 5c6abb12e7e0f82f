//! TLS towards the origins of a platform: what they must prove, and what the shield shows them.
//!
//! Takes what the configuration names; gives configurations of the TLS client, shared by all
//! cores, and sentences about handshakes that failed.
//! Never writes a log or opens a socket.

mod anyone;
mod wrong;

pub(crate) use wrong::{WITHOUT_HTTP2, is_of_tls, what_is_wrong};

use super::dial::Speaks;
use crate::tls::{load_pair, pem_problem};
use anyone::Anyone;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, ConfigBuilder, RootCertStore, WantsVerifier};
use seawall_config::{FileFault, NamedBy, OriginProof, OriginTls};
use std::path::Path;
use std::sync::Arc;

/// TLS towards the origins of one platform.
///
/// Sessions are resumed; each of the two has a store of its own, bounded by the library.
#[derive(Debug)]
pub(crate) struct Secure {
    http1: Arc<ClientConfig>,
    http2: Arc<ClientConfig>,
    name: Option<ServerName<'static>>,
    identity: Arc<Identity>,
}

/// What is proven and shown.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    proof: Trusted,
    name: Option<String>,
    shown: Vec<CertificateDer<'static>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Trusted {
    System,
    Bundle(Vec<CertificateDer<'static>>),
    Nobody,
}

impl Secure {
    /// Reads what `tls` names.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub(crate) fn load(tls: &OriginTls) -> Result<Self, Vec<FileFault>> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let trusted = trusted(&tls.proof).map_err(|fault| vec![fault]);
        let shown = tls.certificate.as_ref().map(|files| load_pair(files, &provider));
        let (trusted, shown) = match (trusted, shown.transpose().map_err(of_origin)) {
            (Ok(trusted), Ok(shown)) => (trusted, shown),
            (trusted, shown) => {
                let faults = [trusted.err(), shown.err()];
                return Err(faults.into_iter().flatten().flatten().collect());
            }
        };
        let verifier = verifier(&provider, &trusted)?;
        let identity = Identity {
            proof: trusted,
            name: tls.name.clone(),
            shown: shown.as_ref().map_or_else(Vec::new, |key| key.cert.clone()),
        };
        let client = |alpn: &[u8]| {
            let mut client = match &shown {
                Some(key) => {
                    let shown = SingleCertAndKey::from(CertifiedKey::clone(key));
                    verifier.clone().with_client_cert_resolver(Arc::new(shown))
                }
                None => verifier.clone().with_no_client_auth(),
            };
            client.alpn_protocols = vec![alpn.to_vec()];
            Arc::new(client)
        };
        Ok(Self {
            http1: client(b"http/1.1"),
            http2: client(b"h2"),
            // The configuration holds names and addresses alone, and TLS knows all of both.
            name: tls.name.as_ref().and_then(|name| ServerName::try_from(name.clone()).ok()),
            identity: Arc::new(identity),
        })
    }

    /// What of it two must share for their connections to be worth the same.
    pub(crate) fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    pub(crate) fn client(&self, speaks: Speaks) -> Arc<ClientConfig> {
        match speaks {
            Speaks::Http1 => self.http1.clone(),
            Speaks::Http2 => self.http2.clone(),
        }
    }

    /// What an origin at `host` must prove to be.
    pub(crate) fn name_for(&self, host: &str) -> Option<ServerName<'static>> {
        self.name.clone().or_else(|| ServerName::try_from(host.to_owned()).ok())
    }
}

type Verified = ConfigBuilder<ClientConfig, rustls::client::WantsClientCert>;

/// A client that holds origins to what they must prove.
fn verifier(provider: &Arc<CryptoProvider>, trusted: &Trusted) -> Result<Verified, Vec<FileFault>> {
    let fault = |named_by, problem| vec![FileFault { named_by, problem }];
    let builder: ConfigBuilder<ClientConfig, WantsVerifier> =
        ClientConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()
            .map_err(|cause| fault(NamedBy::Origins, format!("needs TLS, which fails: {cause}")))?;
    let mut roots = RootCertStore::empty();
    match trusted {
        Trusted::Nobody => {
            return Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(Anyone)));
        }
        Trusted::System => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        Trusted::Bundle(certificates) => {
            for certificate in certificates {
                roots.add(certificate.clone()).map_err(|cause| {
                    let what = format!("it holds a certificate that cannot vouch ({cause})");
                    fault(NamedBy::OriginCa, what)
                })?;
            }
        }
    }
    Ok(builder.with_root_certificates(roots))
}

/// Whom `proof` names.
fn trusted(proof: &OriginProof) -> Result<Trusted, FileFault> {
    match proof {
        OriginProof::Nothing => Ok(Trusted::Nobody),
        OriginProof::Bundle(path) => bundle(path).map(Trusted::Bundle).map_err(|what| FileFault {
            named_by: NamedBy::OriginCa,
            problem: format!(
                "the file {what}; it must be a PEM file with the certificates of the authorities"
            ),
        }),
        OriginProof::System if rustls_native_certs::load_native_certs().certs.is_empty() => {
            Err(FileFault {
                named_by: NamedBy::Origins,
                problem: "holds an origin over TLS, but this system trusts no authority; `apt \
                          install ca-certificates`, or name the origin's own in \
                          platform.origin_ca"
                    .to_owned(),
            })
        }
        OriginProof::System => Ok(Trusted::System),
    }
}

fn bundle(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|cause| pem_problem(&cause))?;
    if certificates.is_empty() {
        return Err("holds no certificate".to_owned());
    }
    Ok(certificates)
}

/// The same faults, under the keys that name the shield's own certificate.
fn of_origin(faults: Vec<FileFault>) -> Vec<FileFault> {
    let renamed = |fault: FileFault| FileFault {
        named_by: match fault.named_by {
            NamedBy::Key | NamedBy::OriginKey => NamedBy::OriginKey,
            NamedBy::Certificate
            | NamedBy::OriginCertificate
            | NamedBy::OriginCa
            | NamedBy::Origins => NamedBy::OriginCertificate,
        },
        ..fault
    };
    faults.into_iter().map(renamed).collect()
}

#[cfg(test)]
mod tests;
