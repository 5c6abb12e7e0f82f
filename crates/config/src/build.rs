//! From sections without a fault to the typed result.

use crate::certificates::{certificate, origin_tls};
use crate::lanes;
use crate::lock::{origin_secret, own_answers};
use crate::model::{
    Cache, Challenge, ChallengeWhen, Config, Control, Geo, Health, Ladder, Limits, Listener, Log,
    LogRequests, OnExceed, PacketLayer, PacketMode, Platform, Reporter, SourceRate, Timeouts, Tlp,
    Trusted, TrustedHeader, Watched,
};
use crate::notes::notes;
use crate::sections::{Section, Sections};
use crate::value::At;
use seawall_types::{Mode, RequestRate};
use std::path::Path;

/// The configuration that faultless sections say; relative paths start from `folder`.
pub(crate) fn build(sections: &Sections, folder: &Path) -> Config {
    let top = sections.one("");
    let state_dir = folder.join(top.read::<String>("state_dir"));
    Config {
        control: control(sections.one("control"), folder, &state_dir),
        drain: top.read("drain"),
        listeners: sections.all("listener").map(listener).collect(),
        platforms: sections.all("platform").map(|section| platform(section, folder)).collect(),
        trusted: trusted(sections.one("trusted")),
        allow_networks: sections.one("allow").find("networks").unwrap_or_default(),
        lanes: sections.all("lane").map(|section| lanes::lane(section, folder)).collect(),
        crawlers: top.read::<&str>("crawlers") == "auto",
        feeds: top.read::<&str>("feeds") == "auto",
        resolver: top.find("resolver"),
        limits: limits(sections.one("limits")),
        timeouts: timeouts(sections.one("timeouts")),
        log: log(sections.one("log")),
        geo: geo(sections.one("geo"), folder),
        report: reporter(sections.one("report")),
        packet: packet(sections.one("packet")),
        workers: top.read("workers"),
        notes: notes(sections),
        state_dir,
    }
}

fn control(section: &Section, folder: &Path, state_dir: &Path) -> Control {
    Control {
        listen: section.read("listen"),
        token_file: match section.find::<String>("token_file") {
            Some(path) => folder.join(path),
            None => state_dir.join("control.token"),
        },
    }
}

fn geo(section: &Section, folder: &Path) -> Geo {
    let table = |key| section.find::<String>(key).map(|path| folder.join(path));
    Geo { country: table("country"), network: table("network") }
}

/// A file that says nothing of the packet layer leaves it off.
fn packet(section: &Section) -> PacketLayer {
    PacketLayer {
        mode: match section.read("mode") {
            _ if section.entries.is_empty() => PacketMode::Off,
            "native" => PacketMode::Native,
            "generic" => PacketMode::Generic,
            "nft" => PacketMode::Nft,
            "off" => PacketMode::Off,
            _ => PacketMode::Auto,
        },
        interfaces: section.find("interfaces").unwrap_or_default(),
        armed: section.read("armed"),
        pin: section.read("pin"),
    }
}

fn listener(section: &Section) -> Listener {
    let protocols: Vec<&str> = section.read("protocols");
    Listener {
        address: section.read("address"),
        tls: section.read("tls"),
        http2: protocols.contains(&"h2"),
        http1: protocols.contains(&"h1"),
        redirect_https: section.read("redirect_https"),
        proxy_protocol: section.read("proxy_protocol"),
        line: section.line,
    }
}

fn trusted(section: &Section) -> Trusted {
    let header = section.find("header").and_then(|word: &str| match word {
        "X-Forwarded-For" => Some(TrustedHeader::XForwardedFor),
        "Forwarded" => Some(TrustedHeader::Forwarded),
        "CF-Connecting-IP" => Some(TrustedHeader::CfConnectingIp),
        _ => None,
    });
    Trusted { networks: section.find("networks").unwrap_or_default(), header }
}

fn platform(section: &Section, folder: &Path) -> Platform {
    Platform {
        name: section.read("name"),
        hosts: bare(section.read("hosts")),
        origins: bare(section.read("origins")),
        origin_tls: origin_tls(section, folder),
        certificate: certificate(section, folder),
        mode: mode(section),
        ladder: match section.read("ladder") {
            "off" => Ladder::Off,
            _ => Ladder::Auto,
        },
        capacity: section.read("capacity"),
        learn_capacity: section.read("learn_capacity"),
        origin_secret: origin_secret(section, folder),
        own_answers: own_answers(section, folder),
        health: health(section),
        challenge: challenge(section),
        watched: Watched {
            login: section.find("login").unwrap_or_default(),
            admin: section.find("admin").unwrap_or_default(),
            canaries: section.find("canaries").unwrap_or_default(),
        },
        cache: cache(section),
        via: section.read("via"),
        line: section.line,
    }
}

fn challenge(platform: &Section) -> Challenge {
    Challenge {
        when: match platform.read("challenge") {
            "always" => ChallengeWhen::Always,
            _ => ChallengeWhen::Auto,
        },
        contact: platform.find("challenge_contact"),
        exempt: platform.find("no_challenge").unwrap_or_default(),
    }
}

fn cache(platform: &Section) -> Cache {
    Cache {
        size: (platform.read::<&str>("cache") == "on").then(|| platform.read("cache_size")),
        ignored: platform.find("cache_ignore").unwrap_or_default(),
        essential: platform.find("essential").unwrap_or_default(),
        essential_every: platform.read("essential_every"),
    }
}

fn health(platform: &Section) -> Health {
    Health {
        path: platform.find("health_path"),
        every: platform.read("health_every"),
        slow_start: platform.read("slow_start"),
    }
}

/// Whether verdicts on a platform are carried out.
pub(crate) fn mode(platform: &Section) -> Mode {
    match platform.read("mode") {
        "observe" => Mode::Observe,
        _ => Mode::Protect,
    }
}

fn limits(section: &Section) -> Limits {
    let rate: Option<RequestRate> = section.read("source_rps");
    let burst: Option<u32> = section.find("source_burst");
    Limits {
        rate: rate.map(|rate| SourceRate { rate, burst: burst.unwrap_or_else(|| twice(rate)) }),
        connections: section.read("source_connections"),
        on_exceed: match section.read("on_exceed") {
            "refuse" => OnExceed::Refuse,
            "drop" => OnExceed::Drop,
            "accept" => OnExceed::Accept,
            _ => OnExceed::Limit,
        },
        body_max: section.read("body_max"),
    }
}

/// Twice the requests of one second, at least one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rate is above zero and at most a million"
)]
fn twice(rate: RequestRate) -> u32 {
    (rate.per_second() * 2.0).ceil().max(1.0) as u32
}

fn timeouts(section: &Section) -> Timeouts {
    Timeouts {
        handshake: section.read("handshake"),
        header: section.read("header"),
        idle: section.read("idle"),
        body: section.read("body"),
        send: section.read("send"),
        origin_connect: section.read("origin_connect"),
        origin_answer: section.read("origin_answer"),
    }
}

fn log(section: &Section) -> Log {
    Log {
        requests: match section.read("requests") {
            "sampled" => LogRequests::Sampled,
            "all" => LogRequests::All,
            _ => LogRequests::Off,
        },
        max_size: section.read("max_size"),
    }
}

fn reporter(section: &Section) -> Reporter {
    let tlp = section.find("tlp").and_then(|word: &str| match word {
        "red" => Some(Tlp::Red),
        "amber+strict" => Some(Tlp::AmberStrict),
        "amber" => Some(Tlp::Amber),
        "green" => Some(Tlp::Green),
        "clear" => Some(Tlp::Clear),
        _ => None,
    });
    Reporter { organisation: section.find("organisation"), contact: section.find("contact"), tlp }
}

fn bare<T>(list: Vec<At<T>>) -> Vec<T> {
    list.into_iter().map(|entry| entry.value).collect()
}
