use super::*;
use seawall_config::Certificate;
use std::fs;
use std::path::PathBuf;

/// A folder with a self-signed certificate and its key; removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("seawall-secure-{}-{name}", std::process::id()));
        fs::create_dir(&path).unwrap();
        let made = rcgen::generate_simple_self_signed(vec!["origin.example.org".into()]).unwrap();
        fs::write(path.join("own.pem"), made.cert.pem()).unwrap();
        fs::write(path.join("own.key"), made.signing_key.serialize_pem()).unwrap();
        fs::write(path.join("empty.pem"), "nothing\n").unwrap();
        Self(path)
    }

    fn tls(&self, bundle: &str, certificate: Option<(&str, &str)>) -> OriginTls {
        OriginTls {
            proof: OriginProof::Bundle(self.0.join(bundle)),
            name: None,
            certificate: certificate.map(|(chain, key)| Certificate {
                chain: self.0.join(chain),
                key: self.0.join(key),
                line: 1,
            }),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn every_broken_file_is_told_under_the_key_that_names_it() {
    let folder = Folder::new("faults");
    let found = |bundle, certificate| {
        let faults = Secure::load(&folder.tls(bundle, certificate)).err().unwrap_or_default();
        faults.into_iter().map(|fault| (fault.named_by, fault.problem)).collect::<Vec<_>>()
    };
    assert_eq!(found("own.pem", Some(("own.pem", "own.key"))), []);
    let faults = found("absent.pem", Some(("empty.pem", "absent.key")));
    let told: Vec<_> = faults.iter().map(|(named_by, _)| *named_by).collect();
    assert_eq!(told, [NamedBy::OriginCa, NamedBy::OriginCertificate, NamedBy::OriginKey]);
    for (_, problem) in &faults {
        assert!(problem.contains("it must be a PEM file"), "{problem}");
    }
    assert!(found("empty.pem", None)[0].1.contains("holds no certificate"));
}

#[test]
fn connections_are_worth_the_same_only_when_the_same_is_proven_and_shown() {
    let folder = Folder::new("identity");
    let worth = |tls: &OriginTls| Secure::load(tls).unwrap().identity().clone();
    let plain = || worth(&folder.tls("own.pem", None));
    assert_eq!(plain(), plain());
    assert_ne!(plain(), worth(&folder.tls("own.pem", Some(("own.pem", "own.key")))));
    let named = OriginTls { name: Some("a.example.org".into()), ..folder.tls("own.pem", None) };
    assert_ne!(plain(), worth(&named));
    let nobody = OriginTls { proof: OriginProof::Nothing, ..folder.tls("own.pem", None) };
    assert_ne!(plain(), worth(&nobody));
}

#[test]
fn an_origin_is_asked_for_by_its_host_or_by_the_name_it_was_given() {
    let folder = Folder::new("name");
    let plain = Secure::load(&folder.tls("own.pem", None)).unwrap();
    for host in ["origin.example.org", "192.0.2.1", "2001:db8::1"] {
        assert_eq!(plain.name_for(host).unwrap().to_str(), host);
    }
    let named = OriginTls { name: Some("a.example.org".into()), ..folder.tls("own.pem", None) };
    let named = Secure::load(&named).unwrap();
    assert_eq!(named.name_for("192.0.2.1").unwrap().to_str(), "a.example.org");
}
