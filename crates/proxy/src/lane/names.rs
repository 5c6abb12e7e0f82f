//! Which addresses are crawlers of whom, as DNS says: a name of the address that leads back to it.
//!
//! Asked on a thread of its own; whoever is not known yet is nobody, and no request waits.
//! Only addresses whose requests say that they are a crawler are asked about, and of their names only those
//! that an operator promises are followed.
//! Bounds: [`CONFIRMED_MAX`] addresses that are confirmed, [`DENIED_MAX`] that are not, [`WAITING_MAX`]
//! questions that wait, one started each [`PACE`], [`UNDER_WAY_MAX`] under way, each [`PATIENCE`] at most.

use crate::clock::Clock;
use crate::core::Core;
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use seawall_config::HostPattern;
use seawall_engine::TableSnapshot;
use seawall_types::Moment;
use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};

/// More addresses than all crawlers of a large site use in a day.
const CONFIRMED_MAX: usize = 4_096;
/// Those that are not are forgotten a generation at a time.
const DENIED_MAX: usize = 4_096;
/// Names of crawlers change seldom.
const CONFIRMED_FOR: Duration = Duration::from_hours(24);
/// One that could not be confirmed is asked about again after one to two of these.
const DENIED_FOR: Duration = Duration::from_mins(10);
const WAITING_MAX: usize = 256;
const UNDER_WAY_MAX: usize = 16;
/// Fifty a second at most: nothing that a resolver notices.
const PACE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_secs(5);
/// Names of one address that are followed.
const NAMES_MAX: usize = 4;

/// What is known of addresses.
#[derive(Debug)]
pub(crate) struct Names {
    known: Arc<Mutex<Known>>,
    questions: Sender<Question>,
    /// Addresses that found no room.
    saturated: AtomicU64,
}

#[derive(Debug, Default)]
struct Known {
    confirmed: HashMap<IpAddr, (Arc<str>, Moment)>,
    /// This generation and the one before.
    denied: [HashSet<IpAddr>; 2],
    denied_since: Moment,
    asked: HashSet<IpAddr>,
}

/// What is to be found out.
#[derive(Debug)]
struct Question {
    address: IpAddr,
    /// Names that count.
    promised: Arc<[HostPattern]>,
    /// Whom to ask; none for whom the system asks.
    resolver: Option<SocketAddr>,
}

impl Names {
    /// Starts the thread that asks; it ends when this is dropped.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(clock: Clock) -> io::Result<Self> {
        let known = Arc::<Mutex<Known>>::default();
        let (questions, asked) = channel(WAITING_MAX);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let answers = known.clone();
        let ask = move || runtime.block_on(answer_all(asked, answers, clock));
        thread::Builder::new().name("names".to_owned()).spawn(ask)?;
        Ok(Self { known, questions, saturated: AtomicU64::new(0) })
    }

    /// Whether the name of an address is one of those promised and leads back to it, as far as is known;
    /// where nothing is known it is asked.
    pub(super) fn confirm(
        &self,
        core: &Core,
        address: IpAddr,
        promised: &Arc<[HostPattern]>,
    ) -> bool {
        // Whoever finds it locked is nobody this time, rather than late.
        let Ok(mut known) = self.known.try_lock() else { return false };
        let now = core.coarse_now();
        if let Some((name, until)) = known.confirmed.get(&address)
            && now < *until
        {
            return promised.iter().any(|pattern| covers(pattern, name));
        }
        if known.asked.contains(&address) || known.denied.iter().any(|one| one.contains(&address)) {
            return false;
        }
        let resolver = core.resolver();
        let question = Question { address, promised: promised.clone(), resolver };
        if self.questions.try_send(question).is_ok() {
            known.asked.insert(address);
        } else {
            self.saturated.fetch_add(1, Relaxed);
        }
        false
    }

    /// Whether it was confirmed that the name of an address is one of those promised.
    pub(super) fn knows(&self, core: &Core, address: IpAddr, promised: &[HostPattern]) -> bool {
        let Ok(known) = self.known.try_lock() else { return false };
        let named = known.confirmed.get(&address);
        named.is_some_and(|(name, until)| {
            core.coarse_now() < *until && promised.iter().any(|pattern| covers(pattern, name))
        })
    }

    /// How full it is.
    pub(crate) fn table(&self) -> TableSnapshot {
        TableSnapshot {
            name: "crawlers",
            entries: locked(&self.known).confirmed.len() as u64,
            capacity: CONFIRMED_MAX as u64,
            saturated: self.saturated.load(Relaxed),
        }
    }
}

impl Known {
    fn learn(&mut self, now: Moment, address: IpAddr, name: Option<Arc<str>>) {
        self.asked.remove(&address);
        let Some(name) = name else {
            if now.since(self.denied_since) >= DENIED_FOR || self.denied[0].len() >= DENIED_MAX {
                let [newest, oldest] = &mut self.denied;
                std::mem::swap(newest, oldest);
                newest.clear();
                self.denied_since = now;
            }
            self.confirmed.remove(&address);
            self.denied[0].insert(address);
            return;
        };
        if self.confirmed.len() >= CONFIRMED_MAX {
            self.confirmed.retain(|_, (_, until)| now < *until);
        }
        if self.confirmed.len() >= CONFIRMED_MAX {
            // Whichever; it is asked about again when it comes.
            if let Some(first) = self.confirmed.keys().next().copied() {
                self.confirmed.remove(&first);
            }
        }
        self.confirmed.insert(address, (name, now + CONFIRMED_FOR));
    }
}

/// Each change is whole by itself, so a panic elsewhere leaves nothing half done.
fn locked(known: &Mutex<Known>) -> MutexGuard<'_, Known> {
    known.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether a name is one that a pattern promises: the very name, or any below.
fn covers(pattern: &HostPattern, name: &str) -> bool {
    match pattern {
        HostPattern::Exact(exact) => name == exact,
        HostPattern::Wildcard(suffix) => {
            name.strip_suffix(suffix.as_str()).is_some_and(|rest| rest.ends_with('.'))
        }
    }
}

async fn answer_all(mut asked: Receiver<Question>, known: Arc<Mutex<Known>>, clock: Clock) {
    let under_way = Arc::new(Semaphore::new(UNDER_WAY_MAX));
    let mut resolver: Option<(Option<SocketAddr>, TokioResolver)> = None;
    while let Some(question) = asked.recv().await {
        let of = question.resolver;
        if resolver.as_ref().is_none_or(|(known, _)| *known != of) {
            resolver = made(of).map(|made| (of, made));
        }
        let Some((_, resolver)) = resolver.clone() else {
            locked(&known).learn(clock.now(), question.address, None);
            continue;
        };
        let Ok(place) = under_way.clone().acquire_owned().await else { return };
        let known = known.clone();
        tokio::spawn(async move {
            let found = tokio::time::timeout(PATIENCE, find(&resolver, &question)).await;
            locked(&known).learn(clock.now(), question.address, found.ok().flatten());
            drop(place);
        });
        tokio::time::sleep(PACE).await;
    }
}

/// Asks whom the operator names, or whom the system asks.
fn made(of: Option<SocketAddr>) -> Option<TokioResolver> {
    let mut builder = match of {
        Some(address) => {
            let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()];
            let connections = connections.map(|mut one| {
                one.port = address.port();
                one
            });
            let server = NameServerConfig::new(address.ip(), true, connections.to_vec());
            let config = ResolverConfig::from_name_servers(vec![server]);
            TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
        }
        None => match TokioResolver::builder_tokio() {
            Ok(builder) => builder,
            Err(cause) => {
                tracing::warn!(%cause, "crawlers are not confirmed by DNS: the system names no resolver");
                return None;
            }
        },
    };
    let options = builder.options_mut();
    options.timeout = Duration::from_secs(2);
    options.attempts = 1;
    // What stands there is the machine's own view of the world.
    options.use_hosts_file = ResolveHosts::Never;
    builder.build().ok()
}

/// A promised name of the address that leads back to it.
async fn find(resolver: &TokioResolver, question: &Question) -> Option<Arc<str>> {
    let told = resolver.reverse_lookup(question.address).await.ok()?;
    for record in told.answers().iter().take(NAMES_MAX) {
        let RData::PTR(name) = &record.data else { continue };
        let full = name.0.to_ascii().to_ascii_lowercase();
        let name = full.trim_end_matches('.');
        if !question.promised.iter().any(|pattern| covers(pattern, name)) {
            continue;
        }
        let rooted = format!("{name}.");
        let back = match question.address {
            IpAddr::V4(_) => resolver.ipv4_lookup(rooted).await,
            IpAddr::V6(_) => resolver.ipv6_lookup(rooted).await,
        };
        let Ok(back) = back else { continue };
        let leads_back = back.answers().iter().any(|record| match &record.data {
            RData::A(address) => IpAddr::V4(address.0) == question.address,
            RData::AAAA(address) => IpAddr::V6(address.0) == question.address,
            _ => false,
        });
        if leads_back {
            return Some(name.into());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    #[test]
    fn a_name_is_promised_where_it_lies_below_and_not_where_it_only_ends_alike() {
        let below = HostPattern::Wildcard("googlebot.com".to_owned());
        assert!(covers(&below, "crawl-66-249-66-1.googlebot.com"));
        assert!(covers(&below, "a.geo.googlebot.com"));
        for name in ["googlebot.com", "notgooglebot.com", "googlebot.com.example.org", ""] {
            assert!(!covers(&below, name), "{name}");
        }
        let exact = HostPattern::Exact("bot.example.org".to_owned());
        assert!(covers(&exact, "bot.example.org") && !covers(&exact, "a.bot.example.org"));
    }

    #[test]
    fn who_is_not_confirmed_is_forgotten_a_generation_at_a_time() {
        let mut known = Known::default();
        let at = |mins: u64| Moment(0) + Duration::from_mins(mins);
        let is_denied =
            |known: &Known, last| known.denied.iter().any(|one| one.contains(&address(last)));
        known.learn(at(1), address(1), None);
        known.learn(at(11), address(2), None);
        assert!(is_denied(&known, 1) && is_denied(&known, 2));
        known.learn(at(22), address(3), None);
        assert!(!is_denied(&known, 1) && is_denied(&known, 2) && is_denied(&known, 3));
        known.learn(at(23), address(3), Some("a.googlebot.com".into()));
        assert_eq!(known.confirmed.len(), 1);
    }

    #[test]
    fn one_too_many_takes_the_place_of_another() {
        let mut known = Known::default();
        for number in 0..=u32::try_from(CONFIRMED_MAX).unwrap() {
            known.learn(Moment(0), IpAddr::from(number.to_be_bytes()), Some("a.b".into()));
        }
        assert_eq!(known.confirmed.len(), CONFIRMED_MAX);
    }
}
