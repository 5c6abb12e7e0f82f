//! Wrong configurations, taken ports, hostile bytes and frames.

mod bytes;
mod streams;

use crate::fixtures::backdrop::{Backdrop, ended, served, target};
use crate::fixtures::{
    Certificate, Client, Folder, HOST, Ran, SOON, Setup, Shield, Witness, figure, run, seawall,
    wait_for,
};
use rustix::process::Signal;
use std::net::TcpListener;
use std::time::Duration;

/// Faults of one file: what is written, and what the sentence about it must hold.
const FAULTS: &[(&str, &[&str])] = &[
    // An unknown key.
    ("drian = \"10s\"", &["drian", "drain"]),
    // A wrong unit.
    ("drain = \"10 rps\"", &["drain", "10 rps", "10m"]),
    // A missing file.
    ("certificate = \"missing.pem\"", &["missing.pem", "cannot be read", "PEM"]),
    // A broken certificate.
    ("certificate = \"broken.pem\"", &["PEM", "certificate"]),
    // A certificate and a key that do not belong together.
    ("certificate = \"other.pem\"", &["key", "belong together"]),
    // Two platforms with one host.
    ("hosts = [\"twice.example.org\"]", &["twice.example.org", "line"]),
    // An origin without a scheme.
    ("origins = [\"127.0.0.1:8080\"]", &["127.0.0.1:8080", "http://"]),
    // A number that is out of bounds.
    ("workers = 0", &["workers is 0", "at least 1"]),
    // A protocol that is not built.
    ("protocols = [\"h3\"]", &["h3", "h1"]),
];

/// A file that holds every fault, each on a line of its own.
fn faulty(folder: &Folder) -> String {
    Certificate::write(folder, "good", &[HOST]);
    Certificate::write(folder, "other", &[HOST]);
    folder.write("broken.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
    let platform = |name: &str, host: &str, rest: &str| {
        format!("[[platform]]\nname = \"{name}\"\nhosts = [\"{host}\"]\n{rest}\n")
    };
    let origin = "origins = [\"http://127.0.0.1:8080\"]";
    let with = |certificate: &str| format!("{origin}\n{certificate}\nkey = \"good.key\"");
    [
        "state_dir = \"state\"\ndrian = \"10s\"\ndrain = \"10 rps\"\nworkers = 0\n".to_owned(),
        "[[listener]]\naddress = \"127.0.0.1:1\"\nprotocols = [\"h3\"]\n".to_owned(),
        platform("a", "a.example.org", &with("certificate = \"missing.pem\"")),
        platform("b", "b.example.org", &with("certificate = \"broken.pem\"")),
        platform("c", "c.example.org", &with("certificate = \"other.pem\"")),
        platform("d", "twice.example.org", origin),
        platform("e", "twice.example.org", origin),
        platform("f", "f.example.org", "origins = [\"127.0.0.1:8080\"]"),
    ]
    .concat()
}

#[test]
fn every_configuration_fault_is_told_at_once() {
    let folder = Folder::new();
    let text = faulty(&folder);
    let file = folder.write("seawall.toml", &text);
    let told = ["check", "run"].map(|command| {
        let ran = run(seawall().args([command, "-c"]).arg(&file), SOON);
        assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""), "{ran:?}");
        ran.err
    });
    assert_eq!(told[0], told[1], "check says what run would say");
    let mut kinds = 0;
    for (written, words) in FAULTS {
        // The fault is told where it is written; of two that collide, where the second is.
        let line = text.lines().count()
            - text.lines().rev().position(|line| line == *written).expect("it is written");
        let place = format!("{}:{line}: ", file.display());
        let sentence = told[0].lines().find_map(|told| told.strip_prefix(&place));
        let sentence = sentence.unwrap_or_else(|| panic!("{place} is not in\n{}", told[0]));
        for word in *words {
            assert!(sentence.contains(word), "{word:?} is not in {sentence:?}");
        }
        kinds += 1;
    }
    assert_eq!(told[0].lines().count(), FAULTS.len(), "{}", told[0]);
    assert!(!folder.join("state").exists(), "nothing was started");
    figure("config.faults", kinds, "kinds");
}

#[test]
fn a_port_in_use_is_named_whoever_holds_it() {
    let origin = Witness::start(Duration::ZERO);
    let refused = |setup: &Setup| -> Ran {
        setup.write();
        run(seawall().args(["run", "-c"]).arg(setup.file()), SOON)
    };
    let setup = Setup::before(origin.address);
    let stranger = TcpListener::bind(setup.tls).expect("it was free");
    let ran = refused(&setup);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    assert!(ran.err.contains(&setup.tls.to_string()), "{ran:?}");
    assert!(!ran.err.contains(&setup.plain.to_string()), "only what is held: {ran:?}");
    drop(stranger);

    let mut holder = Shield::start(&setup);
    let mut second = Setup::before(origin.address);
    (second.plain, second.tls, second.control) = (setup.plain, setup.tls, setup.control);
    let ran = refused(&second);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    for address in [setup.plain, setup.tls, setup.control] {
        assert!(ran.err.contains(&address.to_string()), "{address}: {ran:?}");
    }
    assert_eq!(Client::plain(setup.plain).ask("/").status, 200, "the holder is unharmed");
    holder.signal(Signal::TERM);
    assert!(holder.ended(SOON).success());
    figure("ports.taken", 2, "kinds");
}

/// A platform of its own for hostile requests, whose origin tells what it was sent.
const HOSTILE_HOST: &str = "target.example.org";

#[test]
fn hostile_bytes_are_refused_while_visitors_are_served() {
    let backdrop = Backdrop::new();
    let origin = backdrop.origin();
    let witness = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address().address()).tables(&format!(
        "[[platform]]\nname = \"target\"\nhosts = [\"{HOSTILE_HOST}\"]\n\
         origins = [\"http://{}\"]\n\
         [timeouts]\nheader = \"1s\"\nhandshake = \"1s\"\nbody = \"1s\"\nidle = \"1s\"",
        witness.address
    ));
    let mut shield = Shield::start(&setup);
    let visitors = backdrop.visitors(&setup);
    bytes::refuses_every_known_trick(&setup, &witness);
    bytes::passes_nothing_ambiguous_of_what_chance_makes(&setup, (&backdrop, target(setup.plain)));
    for head in witness.heads() {
        bytes::is_plain_sense(&head);
    }
    let report = wait_for("500 requests of visitors", SOON * 2, || {
        let report = visitors.report();
        (ended(&report) >= 500).then_some(report)
    });
    figure("hostile.served", served(&report), "of all");
    // Connections idle for a second are closed here, and a visitor who asks in that very moment
    // loses the request by a race that is the protocol's own (RFC 9112 §9.3.1).
    assert!(served(&report) >= 0.999, "{report:?}");
    assert!(shield.lives(), "{}", shield.err());
    assert!(!shield.err().contains("panicked"), "{}", shield.err());
}

#[test]
fn hostile_http2_frames_are_refused() {
    let witness = Witness::start(Duration::from_millis(200));
    let setup = Setup::before(witness.address);
    let mut shield = Shield::start(&setup);
    streams::good_frames_are_answered(&setup);
    for trick in streams::TRICKS {
        streams::is_ended(&setup, &witness, trick);
        assert_eq!(Client::plain(setup.plain).ask("/").status, 200, "{}", trick.name);
    }
    streams::bombs_are_cheap(&setup, &shield);
    assert!(shield.lives(), "{}", shield.err());
    assert!(!shield.err().contains("panicked"), "{}", shield.err());
}
