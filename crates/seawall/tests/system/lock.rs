//! The origin lock: the secret that origins know the shield by, and the ways around the shield.

mod doors;

use crate::fixtures::ports::free_address;
use crate::fixtures::program::skip;
use crate::fixtures::script::{Line, Script, Then};
use crate::fixtures::{
    Client, Folder, HOST, Ran, SOON, Setup, Shield, Witness, figure, needs, run, seawall, wait_for,
};
use doors::{Door, LockedNginx, SECRET};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::time::Duration;

const FIELD: &str = "seawall-origin-secret";

/// The values of the secret's field in one head.
fn secrets(head: &str) -> Vec<String> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    fields
        .filter(|(name, _)| name.eq_ignore_ascii_case(FIELD))
        .map(|(_, value)| value.trim().to_owned())
        .collect()
}

fn last_secrets(origin: &Witness) -> Vec<String> {
    secrets(origin.heads().last().expect("a request came"))
}

#[test]
fn every_request_to_the_origin_carries_the_secret_and_a_clients_own_never_arrives() {
    if !needs("lock::every_request_to_the_origin…", &["curl"]) {
        return;
    }
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address).platform("origin_secret_file = \"origin.secret\"");
    let file = setup.folder.join("origin.secret");
    setup.write();
    let checked = run(seawall().args(["check", "-c"]).arg(setup.file()), SOON).good();
    assert!(checked.contains("origin.secret is missing"), "{checked}");
    assert!(!file.exists(), "check makes nothing");
    let shield = Shield::start(&setup);
    let secret = fs::read_to_string(&file).expect("start made it").trim().to_owned();
    assert_eq!(fs::metadata(&file).expect("it is there").permissions().mode() & 0o777, 0o600);
    assert_eq!(secret.len(), 43, "32 bytes as base64url");

    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(last_secrets(&origin), [secret.as_str()]);
    for name in ["Seawall-Origin-Secret", "SEAWALL-ORIGIN-SECRET"] {
        client.send(format!(
            "GET / HTTP/1.1\r\nhost: {HOST}\r\n{name}: forged\r\n{name}: twice\r\n\
             connection: {name}\r\n\r\n"
        ));
        assert_eq!(client.answer().status, 200);
        assert_eq!(last_secrets(&origin), [secret.as_str()]);
    }
    let place = format!("{HOST}:{}:127.0.0.1", setup.tls.port());
    let url = format!("https://{HOST}:{}/", setup.tls.port());
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--http2", "-H", "seawall-origin-secret: forged", "--resolve", &place]);
    curl.arg("--cacert").arg(&setup.certificate.chain).arg(url);
    assert_eq!(run(&mut curl, SOON).good(), "hello\n");
    assert_eq!(last_secrets(&origin), [secret.as_str()]);
    client.send(format!("TRACE / HTTP/1.1\r\nhost: {HOST}\r\n{FIELD}: forged\r\n\r\n"));
    assert_eq!(client.answer().status, 501, "its answer would repeat the secret");

    let other = "another-secret-of-the-operators";
    fs::write(&file, format!("{other}\n")).expect("the folder is ours");
    run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON).good();
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(last_secrets(&origin), [other]);
    fs::write(&file, "short\n").expect("the folder is ours");
    let refused = run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON);
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.err.contains("one word of 16") && !refused.err.contains("short"));
    assert_eq!(client.ask("/").status, 200);
    assert_eq!(last_secrets(&origin), [other], "the one in force stays");
    assert!(!shield.err().contains(&secret) && !shield.err().contains(other));
}

#[test]
fn the_secret_shows_nowhere_but_at_the_origin() {
    let head = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-ours: ";
    let bytes = format!("{head}{SECRET}\r\n\r\nok").into_bytes();
    let origin = Script::start(vec![Line { path: "/", bytes, then: Then::Keep }]);
    let setup = Setup::before(origin.address)
        .platform("origin_secret_file = \"secret\"\norigin_secret_header = \"X-Ours\"")
        .tables("[log]\nrequests = \"all\"");
    setup.folder.write("secret", SECRET);
    let shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let mut seen = Vec::new();
    for target in ["/", "/unknown"] {
        let answer = client.ask(target);
        assert_eq!(answer.header("x-ours"), None, "{answer:?}");
        seen.push(answer.head + &String::from_utf8_lossy(&answer.body));
    }
    drop(origin);
    seen.push(Client::plain(setup.plain).ask("/").head);
    let recorded = wait_for("records", SOON, || {
        let file = fs::read_dir(setup.state().join("requests")).ok()?.next()?.ok()?;
        let text = fs::read_to_string(file.path()).ok()?;
        (text.lines().count() >= 3).then_some(text)
    });
    seen.push(recorded);
    let key = ["config", "explain", "platform.origin_secret_file", "-c"];
    seen.push(run(seawall().args(key).arg(setup.file()), SOON).good());
    seen.push(run(seawall().args(["check", "-c"]).arg(setup.file()), SOON).good());
    seen.push(shield.out() + &shield.err());
    assert!(seen.iter().all(|text| !text.contains(SECRET)), "{seen:?}");
}

/// A configuration with one platform for each address, and no shield that runs.
fn setup_of(origins: &[(&str, SocketAddr)], rest: &str) -> Folder {
    let folder = Folder::new();
    folder.write("secret", SECRET);
    let mut text = format!(
        "state_dir = \"state\"\n[control]\nlisten = \"{}\"\n[[listener]]\naddress = \
         \"127.0.0.7:{}\"\n",
        free_address(),
        free_address().port()
    );
    for (number, (host, origin)) in origins.iter().enumerate() {
        let platform = format!(
            "[[platform]]\nname = \"p{number}\"\nhosts = [\"{host}\"]\norigins = \
             [\"http://{origin}\"]\n{rest}\n"
        );
        text.push_str(&platform);
    }
    folder.write("seawall.toml", text);
    folder
}

fn check_origin(folder: &Folder, words: &[&str]) -> Ran {
    let file = folder.join("seawall.toml");
    run(seawall().arg("check-origin").arg("-c").arg(file).args(words), SOON)
}

/// Words of the ways that were found, and everything that was said, as JSON.
fn found(folder: &Folder, words: &[&str], code: i32) -> (BTreeSet<String>, Value) {
    let ran = check_origin(folder, &[words, &["--json"]].concat());
    assert_eq!(ran.code, Some(code), "{ran:?}");
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    let findings = report["findings"].as_array().expect("a list");
    let ways = findings.iter().filter_map(|finding| finding["way"].as_str().map(str::to_owned));
    (ways.collect(), report.clone())
}

fn ways(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

const WITH_SECRET: &str = "origin_secret_file = \"secret\"";

#[test]
fn check_origin_finds_every_kind_of_way_around_a_real_set_up() {
    if !needs("lock::check_origin_finds…", &["nginx"]) {
        return;
    }
    let mut all = BTreeSet::new();
    for (door, rest, expected) in [
        (Door::Open, "", ways(&["direct"])),
        (Door::Open, WITH_SECRET, ways(&["direct", "header"])),
        (Door::AnyHeader, WITH_SECRET, ways(&["header"])),
        (Door::OptionalCertificate, "", ways(&["client-certificate"])),
        (Door::Named, "", ways(&["certificate-names", "direct"])),
        (Door::Named, WITH_SECRET, ways(&["certificate-names", "direct", "header"])),
        (Door::Telling, "", ways(&["answer-tells", "direct"])),
    ] {
        let origin = LockedNginx::behind(door);
        let folder = setup_of(&[(HOST, origin.address)], rest);
        let (ways, report) = found(&folder, &["--no-names"], 3);
        assert_eq!(ways, expected, "{door:?} {rest}: {report}");
        for finding in report["findings"].as_array().expect("a list") {
            for part in ["asked", "answered", "remedy", "origin"] {
                assert!(finding[part].as_str().is_some_and(|text| !text.is_empty()), "{finding}");
            }
        }
        assert!(!report.to_string().contains(SECRET), "{report}");
        all.extend(ways);
    }
    // The one name that resolves without a network; siblings are not looked for beside it.
    let origin = LockedNginx::behind(Door::Header);
    let folder = setup_of(&[("localhost", origin.address)], WITH_SECRET);
    let (by_name, report) = found(&folder, &[], 3);
    assert_eq!(by_name, ways(&["dns"]), "{report}");
    all.extend(by_name);
    figure("lock.ways", all.len(), "kinds");
    assert!(all.len() >= 4, "{all:?}");
}

#[test]
fn a_locked_origin_answers_the_shield_and_nothing_is_found() {
    if !needs("lock::a_locked_origin…", &["nginx"]) {
        return;
    }
    let origin = LockedNginx::behind(Door::Header);
    let setup = Setup::before(origin.address).platform(WITH_SECRET);
    setup.folder.write("secret", SECRET);
    let _shield = Shield::start(&setup);
    assert_eq!(Client::plain(origin.address).ask("/").status, 403);
    assert_eq!(Client::plain(setup.plain).ask("/").text(), "the platform\n");
    for (door, rest) in [(Door::Header, WITH_SECRET), (Door::ClientCertificate, "")] {
        let origin = LockedNginx::behind(door);
        let folder = setup_of(&[(HOST, origin.address)], rest);
        let (ways, report) = found(&folder, &["--no-names"], 0);
        assert_eq!((ways.len(), &report["unclear"]), (0, &serde_json::json!([])), "{report}");
    }
}

#[test]
fn check_origin_says_in_text_what_to_do_and_what_it_cannot_see() {
    if !needs("lock::check_origin_says…", &["nginx"]) {
        return;
    }
    let origin = LockedNginx::behind(Door::Open);
    let nobody = free_address();
    let hosts = [(HOST, origin.address), ("down.example.org", nobody)];
    let folder = setup_of(&hosts, "");
    let ran = check_origin(&folder, &["--no-names", "--from", "127.0.0.9"]);
    assert_eq!(ran.code, Some(3), "{ran:?}");
    let port = origin.address.port();
    for part in [
        &format!("p0: http://{} answers others directly", origin.address)[..],
        &format!("iptables -I INPUT -s 127.0.0.9 -p tcp --dport {port} -j ACCEPT"),
        &format!("nft add rule inet seawall origin tcp dport {port} drop"),
        &format!("curl -sS -m 5 -o /dev/null -w '%{{http_code}}\\n' -H 'Host: {HOST}' http://"),
        "needs a look from another machine",
        "Not seen from here",
        &format!("could not ask: p1: http://{nobody}"),
    ] {
        assert!(ran.out.contains(part), "{part:?} is not in\n{}", ran.out);
    }
    assert!(ran.err.contains("asking origins 1 to 2 of 2"), "{}", ran.err);
    let (ways, report) = found(&folder, &["--no-names", "--platform", "p1"], 1);
    assert_eq!(ways.len(), 0, "{report}");
    let unknown = check_origin(&folder, &["--platform", "nothing"]);
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    assert!(unknown.err.contains("p0, p1"), "{unknown:?}");
}

#[test]
fn a_silent_origin_is_given_up_in_bounded_time() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let address = silent.local_addr().expect("it is bound");
    let folder = setup_of(&[(HOST, address)], WITH_SECRET);
    let began = std::time::Instant::now();
    let (ways, report) = found(&folder, &["--no-names"], 1);
    assert_eq!(ways.len(), 0, "{report}");
    assert!(report["unasked"][0].as_str().is_some_and(|why| why.contains("does not answer")));
    // One question after the greeting, beside the others: a busy machine has as long again.
    assert!(began.elapsed() < Duration::from_secs(14), "{:?}", began.elapsed());
}

/// Runs lines for a shell in a network namespace of their own, which ends with them.
fn in_namespace(lines: &str) -> Ran {
    run(Command::new("unshare").args(["-rn", "sh", "-ec", lines]), SOON)
}

#[test]
fn the_firewall_lines_are_taken_as_they_are_printed() {
    const TEST: &str = "lock::the_firewall_lines…";
    if !needs(TEST, &["nft", "iptables", "ip6tables", "unshare"]) {
        return;
    }
    let can = in_namespace("nft list ruleset; iptables -S; ip6tables -S");
    if can.code != Some(0) {
        skip(TEST, &format!("no packet filter in a namespace here: {}", can.err));
        return;
    }
    let folder = setup_of(&[(HOST, free_address()), ("v6.example.org", free_address())], "");
    for from in ["192.0.2.1", "2001:db8::1"] {
        let (_, report) = found(&folder, &["--no-names", "--from", from], 1);
        let firewall = report["firewall"].as_array().expect("a list");
        assert_eq!(firewall.len(), 2, "one for each port: {report}");
        for (tool, show) in [("nftables", "nft list ruleset"), ("iptables", "iptables -S")] {
            let lines = firewall.iter().flat_map(|gate| gate[tool].as_array().expect("lines"));
            let lines: Vec<&str> = lines.filter_map(Value::as_str).collect();
            let shown = in_namespace(&format!("{}\n{show}; ip6tables -S", lines.join("\n"))).good();
            for gate in firewall {
                let port = gate["port"].to_string();
                assert!(shown.contains(&port) && shown.contains(from), "{lines:?}: {shown}");
            }
        }
    }
}
