//! Origins over TLS: they are reached, made to prove themselves, and told of when they do not.

use crate::fixtures::authority::{Authority, Issued, Until};
use crate::fixtures::curl::{Way, ask_all};
use crate::fixtures::ports::free_address;
use crate::fixtures::program::Running;
use crate::fixtures::secure_nginx::{SecureNginx, Server};
use crate::fixtures::{Client, Folder, HOST, SOON, Setup, Shield, needs, run, seawall, wait_for};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

const SOURCE: Ipv4Addr = Ipv4Addr::new(127, 0, 14, 1);
const NAME: &str = "origin.example.org";

/// An authority and what it issued to the origins of a test.
struct Papers {
    folder: Folder,
    authority: Authority,
    good: Issued,
}

impl Papers {
    fn new() -> Self {
        let folder = Folder::new();
        let authority = Authority::new(&folder, "authority");
        let good = authority.issue(&folder, ("good", &[NAME, "127.0.0.1"]), Until::Later);
        Self { folder, authority, good }
    }

    /// A shield that trusts the authority, in front of the origin at `url`.
    fn setup(&self, url: &str) -> Setup {
        Setup::before_url(url).top("workers = 1").platform(&trusting(&self.authority.bundle))
    }
}

fn trusting(bundle: &Path) -> String {
    format!("origin_ca = {:?}", bundle.display().to_string())
}

fn url(scheme: &str, address: SocketAddr) -> String {
    format!("{scheme}://{address}")
}

#[test]
fn origins_over_tls_are_served_and_their_connections_are_used_again() {
    let test = "origin_tls::origins_over_tls_are_served_and_their_connections_are_used_again";
    if !needs(test, &["nginx", "curl"]) {
        return;
    }
    let papers = Papers::new();
    for (scheme, words, protocol) in [
        ("https", "ssl", "HTTP/1.1"),
        ("h2", "ssl http2", "HTTP/2.0"),
        ("h2c", "http2", "HTTP/2.0"),
    ] {
        let server = match scheme {
            "h2c" => Server::plain(words),
            _ => Server::showing(&papers.good, words),
        };
        let address = server.address;
        let nginx = SecureNginx::start(&[server]);
        let setup = match scheme {
            "h2c" => Setup::before_url(&url(scheme, address)).top("workers = 1"),
            _ => papers.setup(&url(scheme, address)),
        };
        let _shield = Shield::start(&setup);
        for way in Way::ALL {
            let targets = ["/a", "/b?c=d", "/e"];
            let told = ask_all(&setup, way, SOURCE, &targets);
            assert!(told.iter().all(|told| told.status == 200), "{scheme} {way:?}: {told:?}");
        }
        let mut client = Client::plain(setup.plain);
        for _ in 0..100 {
            let answer = client.ask("/kept");
            assert_eq!((answer.status, answer.text()), (200, "hello\n".to_owned()), "{scheme}");
        }
        client.send(format!("HEAD / HTTP/1.1\r\nhost: {HOST}\r\n\r\n"));
        let head = client.head().expect("an answer");
        assert!(head.contains("content-length: 6\r\n"), "{scheme}: {head}");
        assert_eq!(client.ask("/after").status, 200, "{scheme}: a HEAD has no body");
        let seen = wait_for("log of nginx", SOON, || {
            let seen = nginx.seen();
            (seen.len() == 114).then_some(seen)
        });
        let connections: BTreeSet<_> = seen.iter().map(|seen| &seen.connection).collect();
        assert_eq!(connections.len(), 1, "{scheme}: one core needs one connection");
        assert!(seen.iter().all(|seen| seen.protocol == protocol), "{scheme}: {seen:?}");
        assert!(seen.iter().all(|seen| seen.host.starts_with(HOST)), "{scheme}: {seen:?}");
        assert_eq!(seen.iter().filter(|seen| seen.target == "/b?c=d").count(), 4, "{scheme}");
    }
}

#[test]
fn an_origin_that_closes_after_a_few_requests_costs_no_client_its_answer() {
    let test = "origin_tls::an_origin_that_closes_after_a_few_requests_costs_no_client_its_answer";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    for (scheme, words) in [("https", "ssl"), ("h2", "ssl http2")] {
        let server = Server::showing(&papers.good, words).line("keepalive_requests 7;");
        let place = url(scheme, server.address);
        let nginx = SecureNginx::start(&[server]);
        let setup = papers.setup(&place);
        let _shield = Shield::start(&setup);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut client = Client::plain(setup.plain);
                    for nth in 0..50 {
                        let answer = client.ask("/");
                        assert_eq!(answer.status, 200, "{scheme} {nth}: {}", answer.head);
                    }
                });
            }
        });
        let connections: BTreeSet<_> =
            nginx.seen().into_iter().map(|seen| seen.connection).collect();
        assert!(connections.len() > 40, "{scheme}: {}", connections.len());
    }
}

#[test]
fn a_session_is_resumed_when_the_origin_closes_each_connection() {
    let test = "origin_tls::a_session_is_resumed_when_the_origin_closes_each_connection";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let server = Server::showing(&papers.good, "ssl").line("keepalive_timeout 0;");
    let address = server.address;
    let nginx = SecureNginx::start(&[server]);
    let setup = papers.setup(&url("https", address));
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..10 {
        assert_eq!(client.ask("/").status, 200);
    }
    let seen = wait_for("log of nginx", SOON, || {
        let seen = nginx.seen();
        (seen.len() == 10).then_some(seen)
    });
    let connections: BTreeSet<_> = seen.iter().map(|seen| &seen.connection).collect();
    let resumed = seen.iter().filter(|seen| seen.resumed == "r").count();
    assert_eq!(connections.len(), 10);
    assert!(resumed >= 8, "{resumed} of 10 handshakes were resumed");
}

/// Asks five times, sees five honest 502, and gives what the shield said of the origin.
#[track_caller]
fn unproven(setup: &Setup) -> Vec<String> {
    let shield = Shield::start(setup);
    let mut client = Client::plain(setup.plain);
    for _ in 0..5 {
        let answer = client.ask("/");
        assert_eq!(answer.status, 502, "{}", answer.head);
        assert_eq!(answer.verdict().map(|(word, _)| word), Some("error"));
    }
    let lines = wait_for("word of the shield", SOON, || {
        let said = shield.err();
        let lines: Vec<_> =
            said.lines().filter(|line| line.contains(" WARN origin ")).map(str::to_owned).collect();
        (!lines.is_empty()).then_some(lines)
    });
    drop(shield);
    lines
}

#[test]
fn an_origin_that_does_not_prove_itself_is_not_used_and_is_told_of_once_with_the_remedy() {
    let test = "origin_tls::an_origin_that_does_not_prove_itself_is_not_used…";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let issue =
        |name, names: &[&str], until| papers.authority.issue(&papers.folder, (name, names), until);
    let other = issue("other", &["other.example.org"], Until::Later);
    let expired = issue("expired", &[NAME, "127.0.0.1"], Until::Past);
    let strangers = Authority::new(&papers.folder, "strangers");
    let strange = strangers.issue(&papers.folder, ("strange", &["127.0.0.1"]), Until::Later);
    let servers = [
        Server::showing(&other, "ssl"),
        Server::showing(&expired, "ssl"),
        Server::showing(&strange, "ssl"),
        Server::showing(&papers.good, "ssl"),
        Server::plain(""),
        Server::showing(&expired, "ssl http2"),
    ];
    let nginx = SecureNginx::start(&servers);
    for (server, scheme, part) in [
        (0, "https", "a certificate for other.example.org and not for 127.0.0.1"),
        (1, "https", "a certificate that has expired"),
        (2, "https", "whose issuer is not trusted; name the authority in platform.origin_ca"),
        (3, "h2", "does not agree to the HTTP version of its scheme; write https://"),
        (4, "https", "does not speak TLS at this port"),
        (4, "h2c", "breaks HTTP/2"),
        (5, "h2", "a certificate that has expired"),
    ] {
        let place = url(scheme, servers[server].address);
        let setup = if scheme == "h2c" {
            Setup::before_url(&place).top("workers = 1")
        } else {
            papers.setup(&place)
        };
        let lines = unproven(&setup);
        assert_eq!(lines.len(), 1, "{lines:?}");
        let line = &lines[0];
        assert!(
            line.contains(&format!("origin {place} ")) && line.contains(part),
            "{part}: {line}"
        );
    }
    // What comes to a port without TLS is logged as a request that cannot be read.
    let asked: Vec<_> = nginx.seen().into_iter().filter(|seen| seen.target != "-").collect();
    assert_eq!(asked, [], "nothing is asked of an origin before it has proved itself");
}

#[test]
fn an_origin_is_known_by_the_name_that_it_was_given_or_by_its_address() {
    let test = "origin_tls::an_origin_is_known_by_the_name_that_it_was_given_or_by_its_address";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let named = papers.authority.issue(&papers.folder, ("named", &[NAME]), Until::Later);
    let addressed = papers.authority.issue(&papers.folder, ("addr", &["127.0.0.1"]), Until::Later);
    let server = Server::showing(&named, "ssl").line(&format!("server_name {NAME};"));
    let servers = [server, Server::showing(&addressed, "ssl")];
    let _nginx = SecureNginx::start(&servers);
    let by_name = papers
        .setup(&url("https", servers[0].address))
        .platform(&format!("origin_name = {NAME:?}"));
    for setup in [by_name, papers.setup(&url("https", servers[1].address))] {
        let _shield = Shield::start(&setup);
        assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
    }
}

#[test]
fn whoever_does_not_verify_is_warned_and_served_by_anyone() {
    let test = "origin_tls::whoever_does_not_verify_is_warned_and_served_by_anyone";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let expired = papers.authority.issue(&papers.folder, ("old", &["x.example"]), Until::Past);
    let servers = [Server::showing(&expired, "ssl"), Server::showing(&expired, "ssl http2")];
    let _nginx = SecureNginx::start(&servers);
    for (scheme, server) in ["https", "h2"].into_iter().zip(&servers) {
        let setup =
            Setup::before_url(&url(scheme, server.address)).platform("origin_verify = false");
        let shield = Shield::start(&setup);
        assert_eq!(Client::plain(setup.plain).ask("/").status, 200, "{scheme}");
        let said = shield.err();
        assert!(said.contains("anyone on the way"), "{said}");
    }
}

#[test]
fn the_shield_shows_its_certificate_to_an_origin_that_asks_for_one() {
    let test = "origin_tls::the_shield_shows_its_certificate_to_an_origin_that_asks_for_one";
    if !needs(test, &["nginx", "openssl"]) {
        return;
    }
    let papers = Papers::new();
    let shown = papers.authority.issue(&papers.folder, ("shield", &["shield"]), Until::Later);
    let asking = |words| {
        Server::showing(&papers.good, words)
            .line("ssl_verify_client on;")
            .line(&format!("ssl_client_certificate {};", papers.authority.bundle.display()))
    };
    let servers = [asking("ssl"), asking("ssl http2")];
    let nginx = SecureNginx::start(&servers);
    for (scheme, server) in ["https", "h2"].into_iter().zip(&servers) {
        let setup = papers.setup(&url(scheme, server.address)).platform(&shown.shown());
        let _shield = Shield::start(&setup);
        assert_eq!(Client::plain(setup.plain).ask("/shown").status, 200, "{scheme}");
    }
    let seen = wait_for("log of nginx", SOON, || {
        let seen = nginx.seen();
        (seen.len() == 2).then_some(seen)
    });
    assert!(seen.iter().all(|seen| seen.shown == "CN=shield"), "{seen:?}");
    // nginx answers 400 to who shows nothing; OpenSSL ends the connection after the handshake.
    let address = free_address();
    let _strict = strict(&papers, address);
    let lines = unproven(&papers.setup(&url("https", address)));
    assert!(lines[0].contains("platform.origin_certificate"), "{lines:?}");
}

/// A server that wants a client certificate and says so only when the handshake is over.
fn strict(papers: &Papers, address: SocketAddr) -> Running {
    let mut command = Command::new("openssl");
    command
        .args(["s_server", "-quiet", "-www", "-tls1_3", "-Verify", "1", "-verify_return_error"])
        .args(["-accept", &address.to_string(), "-cert"])
        .arg(&papers.good.chain)
        .arg("-key")
        .arg(&papers.good.key)
        .arg("-CAfile")
        .arg(&papers.authority.bundle)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let running = Running::start(&mut command);
    wait_for("answer of openssl", SOON, || TcpStream::connect(address).ok());
    running
}

#[test]
fn check_tells_every_broken_file_for_origins_with_its_key() {
    let setup = Setup::before_url("https://127.0.0.1:9")
        .platform("origin_ca = \"absent.pem\"")
        .platform("origin_certificate = \"seawall.toml\"\norigin_key = \"absent.key\"");
    setup.write();
    let ran = run(seawall().args(["check", "-c"]).arg(setup.file()), SOON);
    assert_eq!(ran.code, Some(2));
    let said = [ran.out, ran.err].concat();
    for part in [
        "platform.origin_ca is \"absent.pem\"; the file cannot be read",
        "platform.origin_certificate is \"seawall.toml\"; the file holds no certificate",
        "platform.origin_key is \"absent.key\"; the file cannot be read",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
}

#[test]
fn the_systems_authorities_vouch_for_an_origin_and_a_system_without_any_is_told_what_to_do() {
    let test = "origin_tls::the_systems_authorities_vouch_for_an_origin…";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let server = Server::showing(&papers.good, "ssl");
    let setup = Setup::before_url(&url("https", server.address));
    let _nginx = SecureNginx::start(&[server]);
    setup.write();
    let empty = papers.folder.join("empty");
    std::fs::create_dir(&empty).expect("the folder is ours");
    let system = |word: &str, bundle: &Path| {
        let mut command = seawall();
        command.args([word, "-c"]).arg(setup.file());
        command.env("SSL_CERT_FILE", bundle).env("SSL_CERT_DIR", &empty);
        command
    };
    let ran = run(&mut system("check", &papers.folder.join("absent.pem")), SOON);
    let said = [ran.out, ran.err].concat();
    assert_eq!(ran.code, Some(2), "{said}");
    for part in ["platform.origins holds", "apt install ca-certificates", "platform.origin_ca"] {
        assert!(said.contains(part), "{part} in {said}");
    }
    let mut shield = Shield::launch_as(&mut system("run", &papers.authority.bundle));
    shield.ready();
    assert_eq!(Client::plain(setup.plain).ask("/").status, 200);
}

#[test]
fn another_authority_is_believed_after_a_reload_and_the_old_connections_are_not_used() {
    let test = "origin_tls::another_authority_is_believed_after_a_reload…";
    if !needs(test, &["nginx"]) {
        return;
    }
    let papers = Papers::new();
    let server = Server::showing(&papers.good, "ssl");
    let address = server.address;
    let _nginx = SecureNginx::start(&[server]);
    let setup = papers.setup(&url("https", address));
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    assert_eq!(client.ask("/").status, 200);
    // Another authority under the same file name: what was proved before is not proved any more.
    let others = Authority::new(&papers.folder, "others");
    std::fs::copy(&others.bundle, &papers.authority.bundle).expect("the folder is ours");
    run(seawall().args(["reload", "-c"]).arg(setup.file()), SOON).good();
    assert_eq!(client.ask("/").status, 502);
}
