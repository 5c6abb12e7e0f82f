//! Monitors, partners, signed webhooks, signed bots and apps: each by its own way, and by nothing less.

use super::{NAVIGATION, STAFF, STRANGER, ask, look, measure, post, word};
use crate::fixtures::{Setup, Shield, Witness};
use data_encoding::{BASE64, HEXLOWER};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const KEY: &str = "partner-key-0123456789";
const SECRET: &str = "a-secret-of-a-sender-of-webhooks";

/// Whoever comes is asked for a check.
fn setup(origin: &Witness, lanes: &str) -> Setup {
    let setup = Setup::before(origin.address).top("workers = 2\ncrawlers = \"off\"");
    setup.platform("challenge = \"always\"").tables(lanes)
}

pub(super) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_secs()
}

/// HMAC-SHA-256 (RFC 2104) with a key shorter than a block.
pub(super) fn hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key).for_each(|(byte, key)| *byte ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[test]
fn monitors_come_by_their_network_and_partners_by_a_key_that_the_shield_does_not_hold() {
    let origin = Witness::start(Duration::ZERO);
    let lanes = "[[lane]]\nname = \"monitors\"\nnetworks = [\"127.0.7.0/24\"]\n\
                 [[lane]]\nname = \"partners\"\nkeys_file = \"partners.keys\"\nrate = \"5 rps\"";
    let setup = setup(&origin, lanes);
    let hash = HEXLOWER.encode(&Sha256::digest(KEY));
    setup.folder.write("partners.keys", format!("# who\n{hash} acme\n"));
    let _shield = Shield::start(&setup);
    let plain = setup.plain;
    assert_eq!(word(&ask((STAFF, plain), "GET /", "")), (200, ""));
    assert_eq!(word(&ask((STRANGER, plain), "GET /", "")), (503, "hold"));
    let with = |key: &str| ask((STRANGER, plain), "GET /", &format!("x-api-key: {key}\r\n"));
    assert_eq!(word(&with(KEY)), (200, ""));
    assert!(origin.heads().last().expect("it came").contains(KEY), "the origin knows it as well");
    for wrong in [&KEY[1..], "", &hash, "partner-key-0123456780"] {
        assert_eq!(word(&with(wrong)), (503, "hold"), "{wrong}");
    }
    // Beyond its rate a partner is judged as anybody.
    let told: Vec<_> = (0..12).map(|_| with(KEY).status).collect();
    assert!(told.contains(&503), "{told:?}");
    assert!(look(&setup, "partners")["over_rate"].as_u64() > Some(0));
    measure(&setup, &json!({"source": "127.0.7.0/24"}), "refuse");
    assert_eq!(
        word(&ask((STAFF, plain), "GET /", "")),
        (403, "refuse"),
        "an operator's word holds"
    );
}

#[test]
fn the_rate_of_a_source_does_not_hold_who_is_in_a_lane() {
    let origin = Witness::start(Duration::ZERO);
    let lanes = "[[lane]]\nname = \"monitors\"\nnetworks = [\"127.0.7.0/24\"]\n\
                 [limits]\nsource_rps = \"1 rps\"";
    let setup = Setup::before(origin.address).top("crawlers = \"off\"").tables(lanes);
    let _shield = Shield::start(&setup);
    let told =
        |from| (0..10).map(|_| ask((from, setup.plain), "GET /", "").status).collect::<Vec<_>>();
    assert_eq!(told(STAFF), [200; 10]);
    assert!(told(STRANGER).contains(&429));
    let feed = (0..10).map(|_| ask((STRANGER, setup.plain), "GET /feed.xml", "").status);
    assert!(feed.collect::<Vec<_>>().contains(&429), "a feed frees nobody from it");
}

#[test]
fn a_signed_webhook_comes_through_once_with_its_body_and_a_forged_one_is_anybodys() {
    let origin = Witness::start(Duration::ZERO);
    let lanes = "[[lane]]\nname = \"payments\"\nwebhook_secret_file = \"payments.secret\"\n\
                 webhook_paths = [\"/hooks/pay\"]";
    let setup = setup(&origin, lanes);
    setup.folder.write("payments.secret", SECRET);
    let _shield = Shield::start(&setup);
    let sent = |path: &str, (id, time, body): (&str, u64, &str), signed: &str| {
        let tag = BASE64.encode(&hmac(SECRET.as_bytes(), signed.as_bytes()));
        let fields = format!(
            "webhook-id: {id}\r\nwebhook-timestamp: {time}\r\nwebhook-signature: v1,{tag}\r\n"
        );
        let answer = post((STRANGER, setup.plain), path, &fields, body);
        let (status, word) = word(&answer);
        (status, word.to_owned())
    };
    let held = (503, "hold".to_owned());
    let time = now();
    let body = "{\"paid\": true}";
    let good = format!("m1.{time}.{body}");
    assert_eq!(sent("/hooks/pay", ("m1", time, body), &good), (200, String::new()));
    assert_eq!(origin.body_bytes(), body.len(), "the origin has all of it");
    assert_eq!(sent("/hooks/pay", ("m1", time, body), &good), held, "it is there already");
    assert_eq!(sent("/hooks/pay", ("m2", time, "{\"paid\": trUe}"), &good), held, "another body");
    let old = time - 400;
    assert_eq!(
        sent("/hooks/pay", ("m3", old, body), &format!("m3.{old}.{body}")),
        held,
        "an old one"
    );
    assert_eq!(sent("/", ("m4", time, body), &format!("m4.{time}.{body}")), held, "another path");
    let large = "x".repeat(60 * 1024);
    let answer = sent("/hooks/pay", ("m5", time, &large), &format!("m5.{time}.{large}"));
    assert_eq!(answer, (200, String::new()));
    assert_eq!(origin.body_bytes(), body.len() + large.len());
    let too_large = "x".repeat(70 * 1024);
    let answer = sent("/hooks/pay", ("m6", time, &too_large), &format!("m6.{time}.{too_large}"));
    assert_eq!(answer, held, "nobody's, since it is not read");
}

#[test]
fn a_bot_is_known_by_what_it_signs_and_not_by_what_it_says() {
    use ed25519_dalek::{Signer as _, SigningKey};
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin, "[[lane]]\nname = \"bots\"\nbot_keys_file = \"bots.jwks\"");
    let key = SigningKey::from_bytes(&[7; 32]);
    let x = data_encoding::BASE64URL_NOPAD.encode(key.verifying_key().as_bytes());
    let thumbprint = format!("{{\"crv\":\"Ed25519\",\"kty\":\"OKP\",\"x\":\"{x}\"}}");
    let keyid = data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(&thumbprint));
    setup.folder.write("bots.jwks", format!("{{\"keys\":[{thumbprint}]}}"));
    let _shield = Shield::start(&setup);
    let asked = |key: &SigningKey, authority: &str, (created, expires): (u64, u64)| {
        let input = format!(
            "(\"@authority\");created={created};keyid=\"{keyid}\";alg=\"ed25519\";expires={expires};\
             tag=\"web-bot-auth\""
        );
        let base = format!("\"@authority\": {authority}\n\"@signature-params\": {input}");
        let tag = BASE64.encode(&key.sign(base.as_bytes()).to_bytes());
        let fields = format!("signature-input: sig1={input}\r\nsignature: sig1=:{tag}:\r\n");
        let answer = ask((STRANGER, setup.plain), "GET /", &fields);
        let (status, word) = word(&answer);
        (status, word.to_owned())
    };
    let (held, now) = ((503, "hold".to_owned()), now());
    let here = crate::fixtures::HOST;
    assert_eq!(asked(&key, here, (now, now + 60)), (200, String::new()));
    let other = SigningKey::from_bytes(&[8; 32]);
    assert_eq!(asked(&other, here, (now, now + 60)), held, "another's key under its name");
    assert_eq!(asked(&key, "www.example.net", (now, now + 60)), held, "signed for another site");
    assert_eq!(asked(&key, here, (now - 120, now - 60)), held, "over");
    assert_eq!(asked(&key, here, (now, now + 90_000)), held, "for more than a day");
}

#[test]
fn an_apps_paths_are_not_challenged_and_one_network_gets_an_eighth_of_their_rate() {
    let origin = Witness::start(Duration::ZERO);
    let setup = setup(&origin, "[[lane]]\nname = \"app\"\nroutes = [\"/app/\"]\nrate = \"32 rps\"");
    let _shield = Shield::start(&setup);
    let asked =
        |from, path: &str| ask((from, setup.plain), &format!("GET {path}"), NAVIGATION).status;
    let told: Vec<_> = (0..30).map(|_| asked(STRANGER, "/app/list")).collect();
    let served = told.iter().filter(|status| **status == 200).count();
    assert!((4..=8).contains(&served), "{told:?}");
    assert_eq!(asked(STAFF, "/app/list"), 200, "another network has its own");
    assert_eq!(asked(STAFF, "/"), 503);
}

#[test]
fn who_reads_a_feed_is_not_challenged_and_who_does_anything_else_with_its_path_is() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).top("crawlers = \"off\"");
    let setup = setup.platform("login = [\"/sign-in\"]\nadmin = [\"/admin\"]");
    let _shield = Shield::start(&setup);
    measure(&setup, &json!({"path": "/"}), "challenge");
    let told = |line: &str| {
        let answer = ask((STRANGER, setup.plain), line, NAVIGATION);
        let (status, word) = word(&answer);
        (status, word.to_owned())
    };
    assert_eq!(told("GET /feed.xml"), (200, String::new()));
    let asked = told("GET /");
    assert_ne!(asked.0, 200);
    for line in ["DELETE /feed.xml", "GET /admin/feed", "GET /sign-in/feed/"] {
        assert_ne!(told(line).0, 200, "{line}");
    }
    let posted = post((STRANGER, setup.plain), "/feed.xml", NAVIGATION, "a=b");
    assert_ne!(posted.status, 200);
    let always = self::setup(&origin, "");
    let _shield = Shield::start(&always);
    assert_eq!(word(&ask((STRANGER, always.plain), "GET /feed.xml", "")), (503, "hold"));
}
