use super::*;
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
    assert_eq!(packet.notes.len(), 1);
    assert!(packet.notes[0].starts_with("packet.mode is \"auto\" and acts as \"off\""));

    let reject = "[limits]\nsource_rps = \"10 rps\"\non_exceed = \"accept\"";
    let reject = read(&profile("protect", "off", reject)).limits;
    assert_eq!(reject.on_exceed, OnExceed::Accept);
    let rate = reject.rate.unwrap();
    assert_eq!((rate.rate.per_second(), rate.burst), (10.0, 20));

    let deny = read(&profile(
        "protect",
        "off",
        "[limits]\nsource_rps = \"10 rps\"",
    ))
    .limits;
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
    assert_eq!(
        config.control.token_file,
        Path::new("/etc/seawall/state/control.token")
    );
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
    assert_eq!(
        platform.hosts[1],
        HostPattern::Wildcard("example.net".into())
    );
    assert_eq!((platform.capacity, platform.line), (Capacity::Auto, 4));
}
