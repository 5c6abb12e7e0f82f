//! What a certificate says: for which names it is, and how long it holds.
//!
//! Takes DER; gives facts. Never judges whether somebody vouches for it.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use seawall_config::HostPattern;
use std::net::IpAddr;
use std::path::Path;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer as _;

/// What one certificate says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CertificateFacts {
    /// Names that clients hold against the one they asked for, in lower case.
    names: Vec<String>,
    addresses: Vec<IpAddr>,
    /// Names that clients no longer look at, but people and catalogues do.
    common_names: Vec<String>,
    /// Seconds since 1970 after which it no longer holds.
    pub(crate) ends_at_secs: i64,
}

impl CertificateFacts {
    /// What a certificate in DER says; nothing when it cannot be read.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let mut facts = Self {
            names: Vec::new(),
            addresses: Vec::new(),
            common_names: Vec::new(),
            ends_at_secs: certificate.validity().not_after.timestamp(),
        };
        for name in certificate.subject().iter_common_name() {
            facts.common_names.extend(name.as_str().ok().map(str::to_ascii_lowercase));
        }
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        for name in alternatives.iter().flat_map(|names| &names.value.general_names) {
            match name {
                GeneralName::DNSName(name) => facts.names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => facts.addresses.extend(address(bytes)),
                _ => {}
            }
        }
        Some(facts)
    }

    /// What the first certificate of a PEM file says.
    pub(crate) fn of_file(path: &Path) -> Option<Self> {
        Self::of(&CertificateDer::from_pem_file(path).ok()?)
    }

    /// Whether clients take it for every name of `host` (RFC 6125 §6.4).
    pub(crate) fn covers(&self, host: &HostPattern) -> bool {
        match host {
            HostPattern::Exact(name) => {
                let below = parent(name).map(|parent| format!("*.{parent}"));
                let address: Option<IpAddr> = name.parse().ok();
                self.names.iter().any(|own| own == name || Some(own) == below.as_ref())
                    || address.is_some_and(|address| self.addresses.contains(&address))
            }
            HostPattern::Wildcard(suffix) => {
                self.names.iter().any(|own| own.strip_prefix("*.") == Some(suffix))
            }
        }
    }

    /// A name in it that leads whoever reads it to one of `hosts`.
    pub(crate) fn name_of(&self, hosts: &[HostPattern]) -> Option<&str> {
        let leads = |own: &str| {
            hosts.iter().any(|host| match host {
                HostPattern::Exact(name) => {
                    own == name || own.strip_prefix("*.").is_some_and(|o| parent(name) == Some(o))
                }
                HostPattern::Wildcard(suffix) => parent(own) == Some(suffix),
            })
        };
        let mut all = self.names.iter().chain(&self.common_names);
        all.find(|own| leads(own)).map(String::as_str)
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}

/// Everything behind the first label.
fn parent(name: &str) -> Option<&str> {
    name.split_once('.').map(|(_, parent)| parent)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(names: &[&str]) -> CertificateFacts {
        let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
        let made = rcgen::generate_simple_self_signed(names).unwrap();
        CertificateFacts::of(made.cert.der()).unwrap()
    }

    fn host(text: &str) -> HostPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_certificate_covers_its_names_and_one_label_below_its_wildcards() {
        let facts = facts(&["www.Example.org", "*.shop.example.org", "192.0.2.7"]);
        for covered in ["www.example.org", "eu.shop.example.org", "*.shop.example.org", "192.0.2.7"]
        {
            assert!(facts.covers(&host(covered)), "{covered}");
        }
        for bare in ["example.org", "shop.example.org", "a.eu.shop.example.org", "*.example.org"] {
            assert!(!facts.covers(&host(bare)), "{bare}");
        }
        assert!(facts.ends_at_secs > 1_700_000_000);
    }

    #[test]
    fn a_name_of_the_platform_is_found_behind_wildcards_on_either_side() {
        let facts = facts(&["a.example.org", "*.b.example.org"]);
        for (hosts, name) in [
            (vec![host("a.example.org")], Some("a.example.org")),
            (vec![host("x.b.example.org")], Some("*.b.example.org")),
            (vec![host("*.example.org")], Some("a.example.org")),
            (vec![host("example.org"), host("*.example.net")], None),
        ] {
            assert_eq!(facts.name_of(&hosts), name, "{hosts:?}");
        }
    }

    #[test]
    fn what_is_no_certificate_says_nothing() {
        assert_eq!(CertificateFacts::of(b"no"), None);
        assert_eq!(CertificateFacts::of_file(Path::new("/nonexistent")), None);
    }
}
