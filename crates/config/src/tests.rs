use super::*;
use expect_test::expect_file;
use seawall_types::{ByteCount, Mode};
use std::time::Duration;

/// A file of two listeners and one platform, as a measuring tool writes it.
fn profile(mode: &str, packet: &str, tail: &str) -> String {
    format!(
        r#"
state_dir = "/run/shield/state"
[control]
listen = "127.0.0.1:9180"
[[listener]]
address = "192.0.2.2:80"
[[listener]]
address = "192.0.2.2:443"
tls = true
protocols = ["h1", "h2"]
[[platform]]
name = "www"
hosts = ["www.example.org"]
origins = ["http://198.51.100.2:8080"]
certificate = "/run/shield/cert.pem"
key = "/run/shield/key.pem"
mode = "{mode}"
[packet]
mode = "{packet}"
interfaces = ["s0"]
armed = true
{tail}
"#
    )
}

fn read(text: &str) -> Config {
    parse(text, Path::new("/etc/seawall/seawall.toml")).unwrap_or_else(|faults| panic!("{faults}"))
}

#[test]
fn the_profiles_that_measure_the_shield_are_read() {
    let default = read(&profile("protect", "off", ""));
    assert_eq!(default.limits.rate, None);
    assert_eq!(default.platforms[0].mode, Mode::Protect);
    assert_eq!(default.notes, Vec::<String>::new());

    let packet = read(&profile("protect", "auto", ""));
    assert_eq!(packet.notes, Vec::<String>::new());
    let layer = PacketLayer {
        mode: PacketMode::Auto,
        interfaces: vec!["s0".to_owned()],
        armed: true,
        pin: false,
    };
    assert_eq!(packet.packet, layer);

    let reject = "[limits]\nsource_rps = \"10 rps\"\non_exceed = \"accept\"";
    let reject = read(&profile("protect", "off", reject)).limits;
    assert_eq!(reject.on_exceed, OnExceed::Accept);
    let rate = reject.rate.unwrap();
    assert_eq!((rate.rate.per_second(), rate.burst), (10.0, 20));

    let deny = read(&profile("protect", "off", "[limits]\nsource_rps = \"10 rps\"")).limits;
    assert_eq!(deny.on_exceed, OnExceed::Limit);

    let clean = read(&profile("observe", "off", ""));
    assert_eq!(clean.platforms[0].mode, Mode::Observe);
    assert_eq!(clean.notes.len(), 1);
}

#[test]
fn what_the_file_does_not_say_has_the_default_of_the_contract() {
    let config = read(
        r#"state_dir = "state"
[[listener]]
address = "[::]:80"
[[platform]]
name = "www"
hosts = ["www.example.org", "*.example.net"]
origins = ["http://10.0.0.5:8080"]
"#,
    );
    assert_eq!(config.state_dir, Path::new("/etc/seawall/state"));
    assert_eq!(config.control.token_file, Path::new("/etc/seawall/state/control.token"));
    assert_eq!(config.control.listen, "127.0.0.1:9180".parse().unwrap());
    assert_eq!(config.drain, Duration::from_secs(10));
    assert_eq!(config.limits.connections, 8192);
    assert_eq!(config.limits.body_max, ByteCount(16 << 30));
    assert_eq!(config.log.requests, LogRequests::Off);
    assert_eq!(config.log.max_size, ByteCount(256 << 20));
    assert_eq!(config.workers, None);
    assert_eq!(config.timeouts.origin_answer, Duration::from_secs(30));
    assert_eq!(config.allow_networks, []);
    let listener = &config.listeners[0];
    assert!(listener.http1 && listener.http2 && !listener.tls && !listener.redirect_https);
    assert_eq!(listener.line, 2);
    let platform = &config.platforms[0];
    assert_eq!(platform.hosts[1], HostPattern::Wildcard("example.net".into()));
    assert_eq!((platform.capacity, platform.line), (Capacity::Auto, 4));
}

/// The smallest file, with `tail` behind it.
fn smallest(head: &str, tail: &str) -> String {
    format!(
        "{head}\nstate_dir = \"state\"\n[[listener]]\naddress = \"192.0.2.1:80\"\n[[platform]]\n\
         name = \"www\"\nhosts = [\"www.example.org\"]\norigins = [\"http://10.0.0.5\"]\n{tail}\n"
    )
}

#[test]
fn off_and_none_and_empty_are_never_a_fault_for_a_part_that_is_not_built() {
    let head = "lane = \"none\"\nalert = \"off\"\nfleet = \"none\"\ngeo.country = \"none\"";
    let tail = r#"
acme = false
no_challenge = []
login = "none"
[trusted]
networks = []
header = "none"
[packet]
mode = "off"
interfaces = ["eth0"]
[report]
tlp = "none"
[allow]
networks = "none"
"#;
    let config = read(&smallest(head, tail));
    assert_eq!(config.notes, Vec::<String>::new());
    assert_eq!(config.trusted, Trusted::default());
}

#[test]
fn start_tells_of_a_packet_layer_that_nobody_asked_for_and_of_platforms_only_observed() {
    let notes = read(&smallest("", "mode = \"observe\"")).notes;
    let told = |part: &str| notes.iter().filter(|note| note.contains(part)).count();
    assert_eq!(notes.len(), 2);
    for part in ["packet.mode acts as \"off\"", "platform www"] {
        assert_eq!(told(part), 1, "{notes:?}");
    }
}

#[test]
fn who_reports_is_read_and_has_an_effect() {
    let tail = "[packet]\nmode = \"off\"\n[report]\norganisation = \"Example Party\"\n\
                contact = \"press@example.org\"\ntlp = ";
    for (word, tlp) in [
        ("red", Some(Tlp::Red)),
        ("amber+strict", Some(Tlp::AmberStrict)),
        ("amber", Some(Tlp::Amber)),
        ("green", Some(Tlp::Green)),
        ("clear", Some(Tlp::Clear)),
        ("none", None),
    ] {
        let config = read(&smallest("", &format!("{tail}\"{word}\"")));
        let (organisation, contact) = ("Example Party".to_owned(), "press@example.org".to_owned());
        let said = Reporter { organisation: Some(organisation), contact: Some(contact), tlp };
        assert_eq!((config.report, config.notes), (said, Vec::new()));
    }
}

#[test]
fn an_origin_that_proves_nothing_is_told_at_start() {
    let text = smallest("", "origin_verify = false\n[packet]\nmode = \"off\"");
    let config = read(&text.replace("http://10.0.0.5", "https://10.0.0.5"));
    let tls = config.platforms[0].origin_tls.as_ref().unwrap();
    assert_eq!(tls.proof, OriginProof::Nothing);
    assert_eq!(config.notes.len(), 1);
    assert!(config.notes[0].contains("anyone on the way"), "{:?}", config.notes);
}

#[test]
fn only_origins_over_tls_have_files_to_look_into() {
    for (scheme, looked) in [("http", 0), ("h2c", 0), ("https", 1), ("h2", 1)] {
        let text = smallest("", "").replace("http://", &format!("{scheme}://"));
        let mut seen = 0;
        let inspect = |files: Files<'_>| {
            assert!(matches!(
                files,
                Files::OriginTls(OriginTls { proof: OriginProof::System, .. })
            ));
            seen += 1;
            Vec::new()
        };
        let config = parse_with(&text, Path::new("s.toml"), inspect, |_, _| None);
        assert!(config.is_ok());
        assert_eq!(seen, looked, "{scheme}");
    }
}

#[test]
fn a_burst_is_twice_the_rate_and_at_least_one_unless_it_is_told() {
    let burst = |limits: &str| {
        let config = read(&smallest("", &format!("[limits]\n{limits}")));
        config.limits.rate.map(|rate| rate.burst)
    };
    assert_eq!(burst("source_rps = \"0.2 rps\""), Some(1));
    assert_eq!(burst("source_rps = \"1.2 rps\""), Some(3));
    assert_eq!(burst("source_rps = \"1000000 rps\""), Some(2_000_000));
    assert_eq!(burst("source_rps = \"1 rps\"\nsource_burst = 7"), Some(7));
    assert_eq!(burst("source_burst = 7"), None);
}

#[test]
fn every_value_arrives_at_its_field() {
    let config = read(include_str!("../tests/every_value.toml"));
    expect_file!["../tests/every_value.txt"].assert_debug_eq(&config);
}

#[test]
fn listeners_and_platforms_hold_at_their_limit_and_not_one_beyond() {
    let many = |listeners: usize, platforms: usize| {
        let mut text = "state_dir = \"s\"\n".to_owned();
        for port in 1..=listeners {
            text += &["[[listener]]\naddress = \"192.0.2.1:", &port.to_string(), "\"\n"].concat();
        }
        for name in (1..=platforms).map(|number| format!("p{number}")) {
            text += &["[[platform]]\nname = \"", &name, "\"\nhosts = [\"", &name, "\"]\n"].concat();
            text += "origins = [\"http://10.0.0.5\"]\n";
        }
        parse(&text, Path::new("s.toml")).map_err(|faults| faults.to_string())
    };
    assert!(many(64, 256).is_ok());
    let faults = many(65, 257).unwrap_err();
    assert_eq!(faults.lines().count(), 2, "{faults}");
    assert!(faults.starts_with("s.toml:130: listener is one too many; there may be 64"));
    assert!(faults.contains("platform is one too many; there may be 256"));
}

#[test]
fn what_is_wrong_with_a_certificate_is_told_beside_the_faults_of_the_text() {
    let tail = "certificate = \"www.pem\"\nkey = \"/keys/www.key\"\nmode = \"watch\"";
    let mut seen = Vec::new();
    let inspect = |files: Files<'_>| {
        let Files::Certificate(certificate) = files else {
            panic!("{files:?} has no TLS towards origins");
        };
        seen.push((certificate.chain.clone(), certificate.key.clone()));
        vec![FileFault { named_by: NamedBy::Key, problem: "the file is missing".to_owned() }]
    };
    let file = Path::new("/etc/seawall.toml");
    let faults = parse_with(&smallest("", tail), file, inspect, |_, _| None);
    assert_eq!(seen, [("/etc/www.pem".into(), "/keys/www.key".into())]);
    let told = faults.unwrap_err().to_string();
    let mut told = told.lines();
    assert_eq!(
        told.next(),
        Some("/etc/seawall.toml:10: platform.key is \"/keys/www.key\"; the file is missing")
    );
    assert!(told.next().is_some_and(|fault| fault.contains("platform.mode is \"watch\"")));
    assert_eq!(told.next(), None);
}

#[test]
fn start_tells_of_proxies_that_are_trusted_and_never_asked() {
    let networks = "[trusted]\nnetworks = [\"10.0.0.0/8\"]";
    let notes = read(&smallest("", networks)).notes;
    let unheard = |note: &String| note.starts_with("trusted.networks is set, but neither");
    assert!(notes.iter().any(unheard), "{notes:?}");
    let asked = read(&smallest("", &format!("{networks}\nheader = \"X-Forwarded-For\"")));
    assert!(!asked.notes.iter().any(unheard), "{:?}", asked.notes);
    assert_eq!(asked.trusted.header, Some(TrustedHeader::XForwardedFor));
    assert_eq!(asked.trusted.networks, ["10.0.0.0/8".parse().unwrap()]);
}

#[test]
fn what_is_wrong_with_other_files_is_told_with_their_lines() {
    let tail = "error_page = \"sorry.html\"\nmaintenance = \"none\"\n\
                origin_secret_file = \"secret\"\norigin_secret_header = \"X-Ours\"";
    let mut seen = Vec::new();
    let look = |kind, path: &Path| {
        seen.push((kind, path.to_owned()));
        (kind == FileKind::Page).then(|| "the file is missing".to_owned())
    };
    let file = Path::new("/etc/seawall.toml");
    let faults = parse_with(&smallest("", tail), file, |_| Vec::new(), look).unwrap_err();
    assert_eq!(
        seen,
        [
            (FileKind::OriginSecret, "/etc/secret".into()),
            (FileKind::Page, "/etc/sorry.html".into())
        ]
    );
    assert_eq!(
        faults.to_string(),
        "/etc/seawall.toml:9: platform.error_page is \"sorry.html\"; the file is missing"
    );
}

#[test]
fn a_platform_says_in_its_own_name_what_the_file_says() {
    let tail = "origin_secret_file = \"secret\"\nhsts = \"180d\"\nhsts_subdomains = true\n\
                maintenance = \"/srv/soon.html\"";
    let platform = read(&smallest("", tail)).platforms.remove(0);
    let secret = platform.origin_secret.unwrap();
    assert_eq!(secret.header, "seawall-origin-secret");
    assert_eq!(secret.file, Path::new("/etc/seawall/secret"));
    let Hsts { max_age, reach } = platform.own_answers.hsts.unwrap();
    assert_eq!((max_age.as_secs(), reach), (15_552_000, HstsReach::Subdomains));
    let page = platform.own_answers.maintenance.unwrap();
    assert_eq!((page.path.as_path(), page.line), (Path::new("/srv/soon.html"), 12));
    assert_eq!(platform.own_answers.error_page, None);
}

#[test]
fn a_header_that_has_a_meaning_already_cannot_carry_the_secret() {
    let told = |name: &str| {
        let tail = format!("origin_secret_file = \"s\"\norigin_secret_header = \"{name}\"");
        parse(&smallest("", &tail), Path::new("s.toml")).map_err(|faults| faults.to_string())
    };
    for good in ["X-Ours", "a", "Seawall-Origin-Secret"] {
        assert!(told(good).is_ok(), "{good}");
    }
    for bad in ["", "Host", "X-Forwarded-For", "a b", "a_b", "-a", "a:", "Sec-Ours", "ä"] {
        let fault = told(bad).unwrap_err();
        assert!(fault.starts_with("s.toml:10: platform.origin_secret_header is "), "{fault}");
    }
    let alone = "origin_secret_header = \"X-Ours\"";
    let fault = parse(&smallest("", alone), Path::new("s.toml")).unwrap_err().to_string();
    assert!(fault.contains("is set without platform.origin_secret_file"), "{fault}");
}
