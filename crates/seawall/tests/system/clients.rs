//! Real clients: they are served, and recognised as what they are.

mod browsers;
mod kinds;
mod origin;
mod shapes;
mod site;

use crate::fixtures::capture::{client_hello, first_frames, reference_h2, reference_ja4};
use crate::fixtures::curl::Way;
use crate::fixtures::records::record_of;
use crate::fixtures::{Folder, Nginx, SOON, Setup, Shield, figure, needs, run};
use kinds::{Client, Place, serves};
use std::process::Command;

/// The middle part of the JA4 of everything that offers the ciphers of OpenSSL 3.0 as it comes.
const OPENSSL_3_0_CIPHERS: &str = "e8f1e7e78f70";
/// What Chromium says since version 119, as published for many of its users.
const CHROMIUM_H2: &str = "1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p";

const PROGRAMS: [&str; 7] = ["nginx", "h2load", "nghttp", "wrk", "curl", "chromium", "openssl"];

#[test]
fn real_clients_are_served_plain_and_over_tls() {
    if !needs("clients::real_clients_are_served_plain_and_over_tls", &PROGRAMS) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let kinds = ["h2load", "wrk", "curl", "Python", "Chromium"];
    for kind in kinds {
        let faults = serves(kind, &setup);
        assert!(faults.is_empty(), "{kind}: {faults:?}");
    }
    figure("clients.served", kinds.len(), "clients");
}

#[test]
fn the_ja4_of_real_clients_is_the_known_one() {
    if !needs("clients::the_ja4_of_real_clients_is_the_known_one", &PROGRAMS) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables("[log]\nrequests = \"all\"");
    let _shield = Shield::start(&setup);
    let profile = Folder::new();
    let clients = Client::ALL;
    for client in clients {
        let path = format!("/ja4-{client:?}");
        let place = |address, folder: &str| Place {
            address,
            path: path.clone(),
            certificate: setup.certificate.chain.clone(),
            profile: profile.join(folder),
        };
        let known = reference_ja4(&client_hello(|address| {
            client.command(Way::TlsH2, &place(address, &format!("{client:?}-taken")))
        }));
        let told = place(setup.tls, &format!("{client:?}-served"));
        let ran = run(&mut client.command(Way::TlsH2, &told), SOON);
        let record = record_of(&setup, &path);
        assert_eq!(record["ja4"], known.as_str(), "{client:?}: {record} {ran:?}");
        if client.offers_openssl_defaults() && openssl_is_3_0() {
            assert!(known.contains(OPENSSL_3_0_CIPHERS), "{client:?}: {known}");
        }
    }
    figure("ja4.clients", clients.len(), "clients");
}

fn openssl_is_3_0() -> bool {
    let curl = run(Command::new("curl").arg("-V"), SOON).good();
    let openssl = run(Command::new("openssl").arg("version"), SOON).good();
    curl.contains("OpenSSL/3.0.") && openssl.starts_with("OpenSSL 3.0.")
}

#[test]
fn the_http2_fingerprint_of_real_clients_is_the_known_one() {
    let test = "clients::the_http2_fingerprint_of_real_clients_is_the_known_one";
    if !needs(test, &PROGRAMS) {
        return;
    }
    let origin = Nginx::start();
    let setup = Setup::before(origin.address).tables("[log]\nrequests = \"all\"");
    let _shield = Shield::start(&setup);
    let profile = Folder::new();
    let clients = [Client::Curl, Client::Nghttp, Client::H2load, Client::PythonH2];
    for client in clients {
        let path = format!("/h2-{client:?}");
        let place = |address| Place {
            address,
            path: path.clone(),
            certificate: setup.certificate.chain.clone(),
            profile: profile.join("unused"),
        };
        let known =
            reference_h2(&first_frames(|address| client.command(Way::PlainH2, &place(address))));
        let ran = run(&mut client.command(Way::PlainH2, &place(setup.plain)), SOON);
        let record = record_of(&setup, &path);
        assert_eq!(record["h2"], known.as_str(), "{client:?}: {record} {ran:?}");
        assert_eq!(record["proto"], "h2");
    }
    let place = Place {
        address: setup.tls,
        path: "/h2-chromium".to_owned(),
        certificate: setup.certificate.chain.clone(),
        profile: profile.join("chromium"),
    };
    run(&mut Client::Chromium.command(Way::TlsH2, &place), SOON);
    let record = record_of(&setup, "/h2-chromium");
    assert_eq!(record["h2"], CHROMIUM_H2, "{record}");
    figure("h2.fingerprints", clients.len() + 1, "clients");
}
