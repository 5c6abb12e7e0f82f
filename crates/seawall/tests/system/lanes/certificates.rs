//! Staff with a client certificate of the operator's own authority, and those with another's.

use super::{STAFF, STRANGER, look, word};
use crate::fixtures::client::{dial, inside_tls, tls_settings};
use crate::fixtures::{Answer, Client, HOST, SOON, Setup, Shield, Witness, figure, run, seawall};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use rustls::ClientConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

type Authority = CertifiedIssuer<'static, KeyPair>;
/// A certificate and its key, as a client holds them.
type Held = (CertificateDer<'static>, PrivateKeyDer<'static>);

fn authority(name: &str) -> Authority {
    let mut wanted = CertificateParams::default();
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(wanted, KeyPair::generate().expect("a key")).expect("a root")
}

/// Somebody's certificate; `changed` says what is odd about it.
fn signed_by(authority: &Authority, changed: impl FnOnce(&mut CertificateParams)) -> Held {
    let mut wanted = CertificateParams::default();
    wanted.distinguished_name.push(DnType::CommonName, "Anna");
    wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    changed(&mut wanted);
    let key = KeyPair::generate().expect("a key");
    let signed = wanted.signed_by(&key, authority).expect("signed");
    (signed.der().clone(), PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))
}

/// Asks by TLS with a certificate or without.
fn ask(setup: &Setup, from: Ipv4Addr, (held, protocol): (Option<&Held>, &[u8])) -> Answer {
    let mut settings = tls_settings(&setup.certificate, protocol);
    if let Some((certificate, key)) = held {
        let usual = ClientConfig::builder().with_root_certificates(setup.certificate.roots());
        let chain = vec![certificate.clone()];
        settings =
            usual.with_client_auth_cert(chain, key.clone_key()).expect("they belong together");
    }
    let socket = dial(from, setup.tls).expect("it listens");
    let mut client = Client::over(inside_tls(Arc::new(settings), socket));
    client.ask("/")
}

#[test]
fn staff_come_by_a_certificate_and_no_other_certificate_opens_or_closes_anything() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .top("workers = 2\ncrawlers = \"off\"")
        .platform("challenge = \"always\"")
        .tables("[[lane]]\nname = \"staff\"\nclient_ca_file = \"staff-ca.pem\"");
    let (own, other) = (authority("Staff"), authority("Staff"));
    setup.folder.write("staff-ca.pem", own.pem());
    let _shield = Shield::start(&setup);
    let h1 = b"http/1.1".as_slice();
    let anna = signed_by(&own, |_| {});
    for from in [STAFF, STRANGER] {
        for _ in 0..4 {
            let served = ask(&setup, from, (Some(&anna), h1));
            assert_eq!(word(&served), (200, ""), "{served:?}");
            assert_eq!(served.header("set-cookie"), None);
        }
    }
    let over = |wanted: &mut CertificateParams| {
        wanted.not_before = date_time_ymd(2020, 1, 1);
        wanted.not_after = date_time_ymd(2021, 1, 1);
    };
    let for_servers = |wanted: &mut CertificateParams| {
        wanted.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    };
    let anybodys = [
        ("none", None),
        ("another authority's of the same name", Some(signed_by(&other, |_| {}))),
        ("one that is over", Some(signed_by(&own, over))),
        ("one for servers", Some(signed_by(&own, for_servers))),
    ];
    let mut let_in = 0;
    for (what, held) in &anybodys {
        let told = ask(&setup, STAFF, (held.as_ref(), h1));
        // Anybody's, which is held, and not cut off.
        assert_eq!(word(&told), (503, "hold"), "{what}: {told:?}");
        let_in += u32::from(told.status == 200);
    }
    // On a plain connection nobody can show one.
    assert_eq!(word(&super::ask((STAFF, setup.plain), "GET /", "")), (503, "hold"));
    assert_eq!(look(&setup, "staff")["requests"], 8);
    figure("lanes.certificates.forged", let_in, "requests");
}

#[test]
fn a_certificate_counts_on_connections_that_resume_and_a_reload_with_another_authority_ends_it() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .top("workers = 1\ncrawlers = \"off\"")
        .platform("challenge = \"always\"")
        .tables("[[lane]]\nname = \"staff\"\nclient_ca_file = \"staff-ca.pem\"");
    let (own, other) = (authority("Staff"), authority("Others"));
    setup.folder.write("staff-ca.pem", own.pem());
    let _shield = Shield::start(&setup);
    let (certificate, key) = signed_by(&own, |_| {});
    let usual = ClientConfig::builder().with_root_certificates(setup.certificate.roots());
    let settings = usual.with_client_auth_cert(vec![certificate], key).expect("they fit");
    let settings = Arc::new(settings);
    let open = || {
        let socket = dial(STAFF, setup.tls).expect("it listens");
        Client::over(inside_tls(settings.clone(), socket))
    };
    let mut first = open();
    assert_eq!(first.ask("/").status, 200);
    let mut again = open();
    assert_eq!(again.ask("/").status, 200);
    let resumed = again.stream.conn.handshake_kind();
    assert_eq!(resumed, Some(rustls::HandshakeKind::Resumed));
    setup.folder.write("staff-ca.pem", other.pem());
    let told = run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON);
    assert_eq!(told.code, Some(0), "{told:?}");
    for client in [&mut first, &mut again, &mut open()] {
        client.send(format!("GET / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        assert_eq!(word(&client.answer()), (503, "hold"), "the connection that stands too");
    }
}
