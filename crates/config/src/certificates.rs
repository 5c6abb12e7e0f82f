//! Certificates and keys as a platform names them, and what a reader of their files finds wrong.

use crate::OriginUrl;
use crate::faults::Fault;
use crate::model::{Certificate, OriginProof, OriginTls};
use crate::sections::{Section, Sections};
use crate::value::At;
use std::path::Path;

/// Files that belong together, for whoever opens them.
#[derive(Debug, Clone, Copy)]
pub enum Files<'a> {
    /// The certificate that clients are shown.
    Certificate(&'a Certificate),
    /// What TLS towards origins needs; the system's authorities where no bundle is named.
    OriginTls(&'a OriginTls),
}

/// What whoever opens the files finds wrong with one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// The key that names it.
    pub named_by: NamedBy,
    /// What is wrong and what to do, as the second half of a sentence: `the file is missing`.
    pub problem: String,
}

/// The key that names a file of a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// The chain that clients are shown.
    Certificate,
    /// Its private key.
    Key,
    /// The authorities that may vouch for origins.
    OriginCa,
    /// The chain that origins are shown.
    OriginCertificate,
    /// Its private key.
    OriginKey,
    /// No key: the system's own authorities, which an origin's scheme asks for.
    Origins,
}

impl NamedBy {
    fn key(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Key => "key",
            Self::OriginCa => "origin_ca",
            Self::OriginCertificate => "origin_certificate",
            Self::OriginKey => "origin_key",
            Self::Origins => "origins",
        }
    }
}

/// The certificate of a platform; relative paths start from `folder`.
pub(crate) fn certificate(platform: &Section, folder: &Path) -> Option<Certificate> {
    pair(platform, folder, ("certificate", "key"))
}

/// How a platform's origins are reached over TLS; nothing where none is.
pub(crate) fn origin_tls(platform: &Section, folder: &Path) -> Option<OriginTls> {
    let origins: Vec<At<OriginUrl>> = platform.find("origins")?;
    if !origins.iter().any(|origin| origin.value.protocol.is_tls()) {
        return None;
    }
    let bundle: Option<String> = platform.find("origin_ca");
    let proof = match bundle {
        _ if !platform.read::<bool>("origin_verify") => OriginProof::Nothing,
        Some(bundle) => OriginProof::Bundle(folder.join(bundle)),
        None => OriginProof::System,
    };
    let certificate = pair(platform, folder, ("origin_certificate", "origin_key"));
    Some(OriginTls { proof, name: platform.find("origin_name"), certificate })
}

fn pair(platform: &Section, folder: &Path, (chain, key): (&str, &str)) -> Option<Certificate> {
    let path = |name| platform.find::<String>(name).map(|path| folder.join(path));
    Some(Certificate { chain: path(chain)?, key: path(key)?, line: platform.line_of(chain) })
}

/// What `inspect` finds wrong with the files of all platforms.
pub(crate) fn inspect_all(
    sections: &Sections,
    folder: &Path,
    mut inspect: impl FnMut(Files<'_>) -> Vec<FileFault>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for platform in sections.all("platform") {
        let certificate = certificate(platform, folder);
        let origin_tls = origin_tls(platform, folder);
        let clients = certificate.as_ref().map(Files::Certificate);
        let origins = origin_tls.as_ref().map(Files::OriginTls);
        for found in clients.into_iter().chain(origins).flat_map(&mut inspect) {
            faults.push(told(platform, &found));
        }
    }
    faults
}

fn told(platform: &Section, found: &FileFault) -> Fault {
    let name = found.named_by.key();
    let path: Option<String> = platform.find(name);
    let problem = match path {
        Some(path) => format!("platform.{name} is {path:?}; {}", found.problem),
        None => format!("platform.{name} {}", found.problem),
    };
    Fault { line: platform.line_of(name), key: format!("platform.{name}"), problem }
}
