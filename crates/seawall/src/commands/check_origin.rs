//! `seawall check-origin`: ways around the shield.
//!
//! Asks the origins of a configuration as anybody on the network could, and looks up the names that
//! lead to them.
//! Never sends more than a handful of requests to an origin, and changes nothing.
//! Bounds: three seconds a question, [`AT_ONCE`] origins at once, and as many names as
//! [`names::NAMES_MAX`].

pub(crate) mod ask;
mod firewall;
mod handshake;
mod likeness;
mod line;
mod names;
mod origin;
mod ours;
mod report;
mod way;

use super::{files, print};
use crate::cli::CheckOrigin;
use crate::failure::{DID_NOT_HOLD, FAILED, Failure};
use ask::Carriage;
use firewall::Gate;
use origin::{Looked, Place};
use ours::Ours;
use report::{Door, Report};
use seawall_config::{Config, Platform};
use seawall_proxy::SecretWord;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::process::ExitCode;
use std::thread;
use way::{Finding, Sight, Way};

/// Addresses of origins that are asked at once.
const AT_ONCE: usize = 16;

/// Looks for ways around the shield.
///
/// # Errors
/// The configuration has faults, or names no such platform.
pub(crate) fn check_origin(arguments: &CheckOrigin) -> Result<ExitCode, Failure> {
    let config = files::read(&arguments.file.config)?;
    let platforms = chosen(&config, arguments.platform.as_deref())?;
    let ours = Ours::of(&config);
    let mut report = Report::default();
    let origins = addresses(&platforms, &mut report);
    let secrets = secrets(&platforms)?;
    let place = |(platform, address): &(usize, SocketAddr)| Place {
        platform: platforms[*platform],
        address: *address,
        secret: secrets[*platform].as_ref(),
        from: arguments.from,
        ours: &ours,
    };
    let places: Vec<Place<'_>> = origins.iter().map(place).collect();
    for (done, some) in places.chunks(AT_ONCE).enumerate() {
        let (first, last) = (done * AT_ONCE + 1, done * AT_ONCE + some.len());
        eprintln!("asking origins {first} to {last} of {}", places.len());
        for (place, looked) in some.iter().zip(look_at_once(some)) {
            add(&mut report, place, looked);
        }
    }
    if !arguments.no_names {
        look_names_up(&platforms, (&origins, &ours), &mut report);
    }
    report.findings.sort_by(|a, b| (&a.platform, a.way).cmp(&(&b.platform, b.way)));
    report.gates = gates(&origins, arguments.from);
    if arguments.json {
        print(&format!("{}\n", report.json()));
    } else {
        print(&report.text());
    }
    Ok(match (report.findings.is_empty(), report.unasked.is_empty()) {
        (false, _) => ExitCode::from(DID_NOT_HOLD),
        (true, false) => ExitCode::from(FAILED),
        (true, true) => ExitCode::SUCCESS,
    })
}

fn chosen<'a>(config: &'a Config, name: Option<&str>) -> Result<Vec<&'a Platform>, Failure> {
    let fits = |platform: &&Platform| name.is_none_or(|name| platform.name == name);
    let platforms: Vec<_> = config.platforms.iter().filter(fits).collect();
    if platforms.is_empty() {
        let names: Vec<_> = config.platforms.iter().map(|p| p.name.as_str()).collect();
        let (name, names) = (name.unwrap_or_default(), names.join(", "));
        return Err(Failure::wrong(vec![format!(
            "--platform {name:?} is none of the file; it has {names}"
        )]));
    }
    Ok(platforms)
}

/// The addresses of every origin, by platform, each once; names are looked up together.
fn addresses(platforms: &[&Platform], report: &mut Report) -> Vec<(usize, SocketAddr)> {
    let names = platforms.iter().flat_map(|platform| &platform.origins);
    let names: BTreeSet<String> = names
        .filter(|url| url.host.parse::<IpAddr>().is_err())
        .map(|url| url.host.clone())
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    let found: BTreeMap<String, Vec<IpAddr>> = names::resolve_all(&names).into_iter().collect();
    let mut all = BTreeSet::new();
    for (index, platform) in platforms.iter().enumerate() {
        for url in &platform.origins {
            let of_name = || found.get(&url.host).cloned().unwrap_or_default();
            let ips = url.host.parse().map_or_else(|_| of_name(), |address| vec![address]);
            if ips.is_empty() {
                report.unasked.push(format!("{url} of {}: its name has no address", platform.name));
            }
            all.extend(ips.into_iter().map(|ip| (index, SocketAddr::new(ip, url.port))));
        }
    }
    all.into_iter().collect()
}

/// By platform; one that `run` has not made yet is none.
fn secrets(platforms: &[&Platform]) -> Result<Vec<Option<SecretWord>>, Failure> {
    let read = |platform: &&Platform| {
        let secret = platform.origin_secret.as_ref().filter(|secret| secret.file.exists());
        let word = secret.map(|secret| SecretWord::read(&secret.file)).transpose();
        word.map_err(|problem| {
            let key = "platform.origin_secret_file";
            Failure::wrong(vec![format!("{key} of {}: {problem}", platform.name)])
        })
    };
    platforms.iter().map(read).collect()
}

fn look_at_once(places: &[Place<'_>]) -> Vec<Looked> {
    thread::scope(|scope| {
        let asked: Vec<_> = places.iter().map(|place| scope.spawn(|| place.look())).collect();
        asked.into_iter().map(|one| one.join().unwrap_or_default()).collect()
    })
}

fn add(report: &mut Report, place: &Place<'_>, looked: Looked) {
    report.findings.extend(looked.findings);
    report.unclear.extend(looked.unclear);
    let carriage = looked.carriage.unwrap_or(Carriage::Plain);
    report.unasked.extend(looked.unasked.map(|why| format!("{}: {why}", place.platform.name)));
    report.doors.push(Door { address: place.address, carriage, host: place.host() });
}

/// Looks for public names that lead to the address of an origin.
fn look_names_up(
    platforms: &[&Platform],
    (origins, ours): (&[(usize, SocketAddr)], &Ours),
    report: &mut Report,
) {
    let mut wanted: Vec<(usize, String)> = Vec::new();
    for (index, platform) in platforms.iter().enumerate() {
        wanted.extend(names::candidates(&platform.hosts).into_iter().map(|name| (index, name)));
    }
    if let Some(left_out) = wanted.len().checked_sub(names::NAMES_MAX).filter(|left| *left > 0) {
        report.unclear.push(format!(
            "{left_out} names were not looked up; ask for one platform with --platform"
        ));
        wanted.truncate(names::NAMES_MAX);
    }
    eprintln!("looking up {} names", wanted.len());
    let names: Vec<String> = wanted.iter().map(|(_, name)| name.clone()).collect();
    let found: BTreeMap<String, Vec<IpAddr>> = names::resolve_all(&names).into_iter().collect();
    for (index, name) in wanted {
        let addresses = found.get(&name).map(Vec::as_slice).unwrap_or_default();
        let led = origins.iter().find(|(of, origin)| {
            *of == index && addresses.contains(&origin.ip()) && !ours.listens_at(origin.ip())
        });
        let platform = &platforms[index].name;
        report.findings.extend(led.map(|(_, origin)| leading(platform, &name, *origin)));
    }
}

fn leading(platform: &str, name: &str, origin: SocketAddr) -> Finding {
    Finding {
        way: Way::NameLeads,
        platform: platform.to_owned(),
        place: origin.to_string(),
        asked: format!("the addresses of {name}"),
        answered: origin.ip().to_string(),
        remedy: "have public names lead to the shield alone; give the origin another address \
                 afterwards, since this one stays in archives"
            .to_owned(),
        sight: Sight::Everywhere,
    }
}

/// By port, with the addresses that this machine would come from.
fn gates(origins: &[(usize, SocketAddr)], from: Option<IpAddr>) -> Vec<Gate> {
    let mut ports: BTreeMap<u16, BTreeSet<IpAddr>> = BTreeMap::new();
    for (_, origin) in origins {
        ports.entry(origin.port()).or_default().extend(from.or_else(|| towards(*origin)));
    }
    ports.into_iter().map(|(port, shield)| Gate { port, shield }).collect()
}

/// The address that the system chooses to come from; sends nothing.
fn towards(origin: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if origin.is_ipv4() { [0; 4].into() } else { [0_u16; 8].into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(origin).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
