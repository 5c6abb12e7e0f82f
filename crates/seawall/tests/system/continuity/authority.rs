//! A certificate authority of one test, so that its clients trust every certificate that is to come.

use crate::fixtures::{Certificate, Folder, HOST};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::CertificateDer;

/// An authority and what its clients trust.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    pub(super) trusted: Certificate,
}

/// A certificate for [`HOST`] and its key.
pub(super) struct Pair {
    pub(super) der: CertificateDer<'static>,
    chain: String,
    key: String,
}

impl Authority {
    pub(super) fn new(folder: &Folder) -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no name is a bad one");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, key()).expect("good parameters");
        let der = issuer.der().clone();
        let trusted = Certificate { der, chain: folder.write("authority.pem", issuer.pem()) };
        Self { issuer, trusted }
    }

    /// A certificate with the number `serial`.
    pub(super) fn issue(&self, serial: u64) -> Pair {
        let mut params = CertificateParams::new([HOST.to_owned()]).expect("a good name");
        params.serial_number = Some(serial.into());
        let key = key();
        let certificate = params.signed_by(&key, &self.issuer).expect("good parameters");
        Pair { der: certificate.der().clone(), chain: certificate.pem(), key: key.serialize_pem() }
    }
}

fn key() -> KeyPair {
    KeyPair::generate().expect("the system has chance")
}

impl Pair {
    pub(super) fn write_chain(&self, folder: &Folder) {
        folder.write("www.pem", &self.chain);
    }

    pub(super) fn write_key(&self, folder: &Folder) {
        folder.write("www.key", &self.key);
    }
}
