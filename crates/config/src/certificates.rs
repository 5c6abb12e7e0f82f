//! Certificates as a platform names them, and what a reader of their files finds wrong.

use crate::faults::Fault;
use crate::model::Certificate;
use crate::sections::{Section, Sections};
use std::path::Path;

/// What whoever opens the files of a certificate finds wrong with one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CertificateFault {
    /// Which file.
    pub file: CertificateFile,
    /// What is wrong and what to do, as the second half of a sentence: `the file is missing`.
    pub problem: String,
}

/// One of the two files of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CertificateFile {
    /// The chain, at `platform.certificate`.
    Chain,
    /// The private key, at `platform.key`.
    Key,
}

/// The certificate of a platform; relative paths start from `folder`.
pub(crate) fn certificate(platform: &Section, folder: &Path) -> Option<Certificate> {
    let path = |name| platform.find::<String>(name).map(|path| folder.join(path));
    Some(Certificate {
        chain: path("certificate")?,
        key: path("key")?,
        line: platform.line_of("certificate"),
    })
}

/// What `inspect` finds wrong with the certificates of all platforms.
pub(crate) fn inspect_all(
    sections: &Sections,
    folder: &Path,
    mut inspect: impl FnMut(&Certificate) -> Vec<CertificateFault>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for platform in sections.all("platform") {
        for found in certificate(platform, folder).iter().flat_map(&mut inspect) {
            let name = match found.file {
                CertificateFile::Chain => "certificate",
                CertificateFile::Key => "key",
            };
            let path: String = platform.find(name).unwrap_or_default();
            faults.push(Fault {
                line: platform.line_of(name),
                key: format!("platform.{name}"),
                problem: format!("platform.{name} is {path:?}; {}", found.problem),
            });
        }
    }
    faults
}
