//! A configuration made ready for the hot path: immutable, swapped whole.

use crate::admission::{Bounds, Planned};
use crate::challenge::Asks;
use crate::client::Trusted;
use crate::lane::Lanes;
use crate::location::Locate;
use crate::origins::check::Check;
use crate::own::Own;
use crate::tls::Certificates;
use crate::upstream::place::Place;
use crate::upstream::secure::Secure;
use seawall_config as config;
use seawall_engine::policy::{AddressSet, OverRate, Rules, SourceBudget};
use seawall_types::{Mode, PLATFORMS_MAX, PlatformId, UseKind};
use seawall_wire::code::{CodeKey, platform_tag};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

/// Everything a core looks up.
#[derive(Debug)]
pub struct Settings {
    pub(crate) rules: Rules,
    pub(crate) hosts: Hosts,
    /// By platform index; none for one that a reload took away.
    pub(crate) platforms: Vec<Option<Platform>>,
    /// By listener index.
    pub(crate) listeners: Vec<Listener>,
    /// Proxies in front of us.
    pub(crate) trusted: Trusted,
    /// Who is known by something other than behaviour.
    pub(crate) lanes: Lanes,
    /// Who knows where addresses are; none where no table is configured.
    pub(crate) located_by: Option<Arc<dyn Locate>>,
    /// Whom to ask for names; none for whom the system asks.
    pub(crate) resolver: Option<SocketAddr>,
    pub(crate) timeouts: config::Timeouts,
    pub(crate) body_max: u64,
    pub(crate) log: config::LogRequests,
    /// Which platforms share which origins.
    pub(crate) planned: Planned,
}

/// What requests of one platform need.
#[derive(Debug)]
pub(crate) struct Platform {
    /// What records of its requests say of it.
    pub(crate) recorded_as: Box<[u8]>,
    /// Its name in answer codes.
    pub(crate) tag: u16,
    pub(crate) origins: Vec<Arc<Place>>,
    pub(crate) own: Own,
    /// Who of its visitors is asked for a check.
    pub(crate) asks: Asks,
    /// What is kept of its origins' answers; none where that is nothing.
    pub(crate) keeps: Option<crate::cache::Rules>,
    /// How its origins are probed.
    pub(crate) check: Check,
    pub(crate) slow_start: Option<Duration>,
    /// Paths whose uses are told.
    pub(crate) watched: WatchedPaths,
    mode: Mode,
    capacity: config::Capacity,
    learn_capacity: bool,
}

/// Beginnings of paths whose uses are told.
#[derive(Debug, Default)]
pub(crate) struct WatchedPaths {
    login: Box<[Box<str>]>,
    admin: Box<[Box<str>]>,
}

impl WatchedPaths {
    fn of(watched: &config::Watched) -> Self {
        let all = |paths: &[String]| paths.iter().map(|path| path.as_str().into()).collect();
        Self { login: all(&watched.login), admin: all(&watched.admin) }
    }

    /// What a request uses, if it is watched; only what is sent is a login.
    pub(crate) fn used(&self, sends: bool, path: &str) -> Option<UseKind> {
        let begins =
            |beginnings: &[Box<str>]| beginnings.iter().any(|one| path.starts_with(&**one));
        if begins(&self.admin) {
            return Some(UseKind::Admin);
        }
        (sends && begins(&self.login)).then_some(UseKind::Login)
    }
}

/// A setting that only shows its fault when it is made ready.
#[derive(Debug, Error)]
#[error("{problem}")]
pub struct SettingsFault {
    /// Line in the file.
    pub line: usize,
    /// What is wrong with it, and what is needed.
    pub problem: String,
}

/// Every platform since the start, in the order of their indices.
#[derive(Debug, Clone, Default)]
pub struct PlatformNames {
    names: Vec<String>,
    /// Settings made so far.
    settings: u64,
}

impl PlatformNames {
    /// The names by platform index.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn ids(
        &mut self,
        platforms: &[config::Platform],
    ) -> Result<Vec<PlatformId>, Vec<SettingsFault>> {
        let mut faults = Vec::new();
        let mut ids = Vec::new();
        for platform in platforms {
            let known = self.names.iter().position(|name| *name == platform.name);
            let index = known.unwrap_or_else(|| {
                self.names.push(platform.name.clone());
                self.names.len() - 1
            });
            match u16::try_from(index) {
                Ok(id) if index < PLATFORMS_MAX => ids.push(PlatformId(id)),
                _ => faults.push(SettingsFault {
                    line: platform.line,
                    problem: format!(
                        "platform.name is \"{}\", which is one too many; a shield carries at most {PLATFORMS_MAX} platforms between two starts: restart it",
                        platform.name
                    ),
                }),
            }
        }
        if faults.is_empty() { Ok(ids) } else { Err(faults) }
    }
}

/// What connections of one listener need.
#[derive(Debug)]
pub(crate) struct Listener {
    pub(crate) redirect_https: bool,
    pub(crate) http2: bool,
    /// Whether trusted proxies announce their clients on it.
    pub(crate) proxy_protocol: bool,
    /// None for a plain listener.
    pub(crate) certificates: Option<Arc<Certificates>>,
}

impl Settings {
    /// Compiles a checked configuration, reading the certificate files that it names.
    ///
    /// `names` gives every platform the index that it keeps over reloads.
    ///
    /// # Errors
    /// Every certificate or key that cannot be used, and platforms beyond the most there may be.
    pub fn compile(
        checked: &config::Config,
        code_key: &CodeKey,
        names: &mut PlatformNames,
    ) -> Result<Self, Vec<SettingsFault>> {
        let certificates = crate::tls::load(checked)?;
        let owns = load_own(checked)?;
        let ids = names.ids(&checked.platforms)?;
        names.settings += 1;
        let lanes = Lanes::load(checked, &ids, names.settings)?;
        let mut platforms: Vec<_> = names.names.iter().map(|_| None).collect();
        for ((id, platform), own) in ids.iter().zip(&checked.platforms).zip(owns) {
            platforms[id.index()] = Some(Platform {
                recorded_as: crate::recorder::platform(&platform.name),
                tag: platform_tag(code_key, &platform.name),
                origins: places(platform)?,
                own,
                asks: Asks::of(platform),
                keeps: crate::cache::Rules::of(platform, !checked.trusted.networks.is_empty()),
                check: check(platform),
                slow_start: platform.health.slow_start,
                watched: WatchedPaths::of(&platform.watched),
                mode: platform.mode,
                capacity: platform.capacity,
                learn_capacity: platform.learn_capacity,
            });
        }
        let listener = |listener: &config::Listener| Listener {
            redirect_https: listener.redirect_https,
            http2: listener.http2,
            proxy_protocol: listener.proxy_protocol,
            certificates: listener.tls.then(|| Arc::new(certificates.for_listener(listener))),
        };
        // A platform that is gone is protected.
        let mode = |known: &Option<Platform>| known.as_ref().map_or(Mode::Protect, |p| p.mode);
        Ok(Self {
            planned: planned(names.settings, &platforms),
            rules: rules(checked, platforms.iter().map(mode).collect()),
            hosts: Hosts::new(ids.iter().copied().zip(&checked.platforms)),
            listeners: checked.listeners.iter().map(listener).collect(),
            platforms,
            trusted: Trusted::new(&checked.trusted),
            lanes,
            located_by: None,
            resolver: checked.resolver,
            timeouts: checked.timeouts,
            body_max: checked.limits.body_max.0,
            log: checked.log.requests,
        })
    }

    /// The same with whoever knows where addresses are, for the traits of requests.
    #[must_use]
    pub fn located_by(self, located_by: Option<Arc<dyn Locate>>) -> Self {
        Self { located_by, ..self }
    }
}

impl Platform {
    /// What bounds its origins.
    fn bounds(&self) -> Bounds {
        match (self.capacity, self.learn_capacity) {
            (config::Capacity::Told(whole), _) => Bounds::Told(whole),
            (config::Capacity::Auto, true) => Bounds::Learned,
            (config::Capacity::Auto, false) => Bounds::Nothing,
        }
    }
}

fn planned(number: u64, platforms: &[Option<Platform>]) -> Planned {
    let mut planned = Planned { number, ..Planned::default() };
    for platform in platforms {
        let urls: Vec<_> =
            platform.iter().flat_map(|it| &it.origins).map(|place| place.url.clone()).collect();
        let bounds = platform.as_ref().map_or(Bounds::Nothing, Platform::bounds);
        planned.add(&urls, bounds);
    }
    planned
}

/// The origins of a platform, with the files read that TLS towards them needs.
fn places(platform: &config::Platform) -> Result<Vec<Arc<Place>>, Vec<SettingsFault>> {
    let told = |fault: config::FileFault| SettingsFault {
        line: platform.line,
        problem: format!("TLS towards the origins of {}: {}", platform.name, fault.problem),
    };
    let secure = platform.origin_tls.as_ref().map(Secure::load).transpose();
    let secure = secure.map_err(|faults| faults.into_iter().map(told).collect::<Vec<_>>())?;
    let secure = secure.map(Arc::new);
    let place = |url: &config::OriginUrl| Arc::new(Place::new(url.clone(), secure.as_ref()));
    Ok(platform.origins.iter().map(place).collect())
}

/// What every platform says in its own name.
fn load_own(checked: &config::Config) -> Result<Vec<Own>, Vec<SettingsFault>> {
    let mut owns = Vec::new();
    let mut faults = Vec::new();
    for platform in &checked.platforms {
        match Own::load(platform) {
            Ok(own) => owns.push(own),
            Err(found) => faults.extend(found),
        }
    }
    if faults.is_empty() { Ok(owns) } else { Err(faults) }
}

/// How the origins of a platform are asked whether they are well.
fn check(platform: &config::Platform) -> Check {
    let name = |pattern: &config::HostPattern| match pattern {
        config::HostPattern::Exact(name) => name.clone(),
        // Any name below it would do.
        config::HostPattern::Wildcard(suffix) => format!("www.{suffix}"),
    };
    Check {
        path: platform.health.path.clone(),
        host: platform.hosts.first().map(name).unwrap_or_default(),
        every: platform.health.every,
    }
}

/// The rules that a checked configuration says; `modes` are by platform index.
pub fn rules(checked: &config::Config, modes: Vec<Mode>) -> Rules {
    let limits = &checked.limits;
    let over_rate = match limits.on_exceed {
        config::OnExceed::Limit => OverRate::Limit,
        config::OnExceed::Refuse => OverRate::Refuse,
        config::OnExceed::Drop => OverRate::Drop,
        config::OnExceed::Accept => OverRate::ResetAtAccept,
    };
    Rules {
        allow: AddressSet::new(&checked.allow_networks),
        source_budget: limits.rate.map(|r| SourceBudget::new(r.rate, r.burst, over_rate)),
        source_connections: limits.connections,
        modes,
    }
}

/// Which platform answers for a host.
#[derive(Debug, Default)]
pub struct Hosts {
    exact: Names,
    wildcard: Names,
}

/// Names in their order: a few comparisons find one, where a keyed hash alone would cost more. Nobody
/// but the operator adds any.
#[derive(Debug, Default)]
struct Names(Box<[(Box<[u8]>, PlatformId)]>);

impl Names {
    fn get(&self, name: &[u8]) -> Option<PlatformId> {
        let found = self.0.binary_search_by(|(known, _)| (**known).cmp(name));
        found.ok().map(|at| self.0[at].1)
    }
}

impl FromIterator<(Box<[u8]>, PlatformId)> for Names {
    fn from_iter<I: IntoIterator<Item = (Box<[u8]>, PlatformId)>>(names: I) -> Self {
        Self(names.into_iter().collect::<BTreeMap<_, _>>().into_iter().collect())
    }
}

/// The longest name that DNS can carry (RFC 1035 §2.3.4).
const HOST_MAX: usize = 253;

impl Hosts {
    /// The hosts of these platforms.
    pub fn new<'a>(platforms: impl Iterator<Item = (PlatformId, &'a config::Platform)>) -> Self {
        let (mut exact, mut wildcard) = (Vec::new(), Vec::new());
        for (id, platform) in platforms {
            for pattern in &platform.hosts {
                let (names, name) = match pattern {
                    config::HostPattern::Exact(name) => (&mut exact, name),
                    config::HostPattern::Wildcard(suffix) => (&mut wildcard, suffix),
                };
                names.push((name.as_bytes().into(), id));
            }
        }
        Self { exact: exact.into_iter().collect(), wildcard: wildcard.into_iter().collect() }
    }

    /// The platform for the host part of `authority` (`name`, `name:port`, in any case).
    pub fn platform(&self, authority: &str) -> Option<PlatformId> {
        let name = host_of(authority).as_bytes();
        if let Some(id) = self.exact.get(name) {
            return Some(id);
        }
        if name.len() > HOST_MAX {
            return None;
        }
        let mut lower = [0; HOST_MAX];
        let lower = &mut lower[..name.len()];
        lower.copy_from_slice(name);
        lower.make_ascii_lowercase();
        let exact = self.exact.get(lower);
        exact.or_else(|| self.wildcard.get(parent(lower)?))
    }
}

/// `host:port` without its port, and without the dot that ends a rooted name.
pub(crate) fn host_of(authority: &str) -> &str {
    let name = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => &authority[..colon],
        _ => authority,
    };
    name.strip_suffix('.').unwrap_or(name)
}

/// Everything behind the first label.
fn parent(name: &[u8]) -> Option<&[u8]> {
    let dot = name.iter().position(|&byte| byte == b'.')?;
    (dot > 0).then(|| &name[dot + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let id = |index| PlatformId(index);
        Hosts {
            exact: ["www.example.org", "a.example.net", "z.example.net"]
                .into_iter()
                .zip([0, 2, 3])
                .map(|(name, index)| (name.as_bytes().into(), id(index)))
                .collect(),
            wildcard: [(Box::from(&b"shop.example.org"[..]), id(1))].into_iter().collect(),
        }
    }

    #[test]
    fn a_host_finds_its_platform_in_any_case_and_with_any_port() {
        for (authority, platform) in [
            ("www.example.org", Some(0)),
            ("WWW.Example.Org", Some(0)),
            ("www.example.org:8443", Some(0)),
            ("www.example.org.", Some(0)),
            ("A.example.net", Some(2)),
            ("z.example.net", Some(3)),
            ("b.example.net", None),
            ("eu.shop.example.org", Some(1)),
            ("shop.example.org", None),
            ("a.eu.shop.example.org", None),
            (".shop.example.org", None),
            ("example.org", None),
            ("[2001:db8::1]:80", None),
            ("", None),
        ] {
            let found = hosts().platform(authority).map(|id| id.0);
            assert_eq!(found, platform, "{authority}");
        }
        assert_eq!(hosts().platform(&"a".repeat(300)), None);
    }
}
