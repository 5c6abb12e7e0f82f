//! Keeps the table of one interface as it is wanted, on a thread of its own.
//!
//! Nobody waits for nft: whoever wants something writes it down, and what could not be done is done
//! again, the whole table at once, until it is.
//! Bounds: [`HOSTS_MAX`] hosts of each family; [`PAUSE_MAX`] between two attempts.

use super::{HOSTS_MAX, NftFault, Table, run};
use crate::kernel::{Written, monotonic_ns};
use crate::model::{Network, Party};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Between the first failure and the next attempt; twice as long each time.
const PAUSE: Duration = Duration::from_secs(1);
/// Between two attempts at most.
const PAUSE_MAX: Duration = Duration::from_secs(30);
/// How often it is tried to take a table away with an nft that hangs.
const REMOVALS: u32 = 6;
const SECOND_NS: u64 = 1_000_000_000;

/// The table of one interface, kept as it is wanted.
pub struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    wanted: Mutex<Wanted>,
    changed: Condvar,
}

/// What the table is to hold, and what nft was not told of it yet.
struct Wanted {
    passes: Vec<Network>,
    drops: bool,
    /// Ends of blocks by the kernel's clock, for each family.
    hosts: [BTreeMap<Party, u64>; 2],
    untold: BTreeSet<Untold>,
    is_over: bool,
    /// Whether there is a table, as far as nft was told.
    stands: bool,
    trouble: Option<String>,
}

/// What nft was not told yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Untold {
    /// Everything: it is told at once, and replaces what is there.
    Whole,
    Passes,
    Drops,
    Host(Party),
}

impl Keeper {
    /// Keeps a table that was made with `passes` and drops nothing yet.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub fn start(table: Table, passes: Vec<Network>) -> io::Result<Self> {
        Self::keeping(table, Wanted { stands: true, ..Wanted::of(passes) })
    }

    /// Makes such a table as soon as nft does it, which it has just failed to do.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub fn start_after(fault: &NftFault, table: Table, passes: Vec<Network>) -> io::Result<Self> {
        let wanted = Wanted {
            untold: BTreeSet::from([Untold::Whole]),
            trouble: Some(fault.to_string()),
            ..Wanted::of(passes)
        };
        Self::keeping(table, wanted)
    }

    fn keeping(table: Table, wanted: Wanted) -> io::Result<Self> {
        let shared = Arc::new(Shared { wanted: Mutex::new(wanted), changed: Condvar::new() });
        let own = shared.clone();
        let keep = move || own.keep(&table);
        let thread = thread::Builder::new().name("nft".to_owned()).spawn(keep)?;
        Ok(Self { shared, thread: Some(thread) })
    }

    /// Whether there is a table: nft was told at least once.
    pub fn stands(&self) -> bool {
        self.shared.lock().stands
    }

    /// Has blocked hosts dropped, or only counted.
    pub fn arm(&self, drops: bool) {
        self.shared.change(|wanted| {
            if wanted.drops != drops {
                wanted.drops = drops;
                wanted.untold.insert(Untold::Drops);
            }
        });
    }

    /// Others always pass from now on.
    pub fn pass(&self, passes: Vec<Network>) {
        self.shared.change(|wanted| {
            if wanted.passes != passes {
                wanted.passes = passes;
                wanted.untold.insert(Untold::Passes);
            }
        });
    }

    /// Blocks hosts until the moments beside them, by the kernel's clock.
    pub fn block(&self, hosts: &[(Party, u64)]) -> Written {
        self.shared.change(|wanted| {
            let mut written = Written::default();
            for (host, until) in hosts {
                if wanted.block(*host, *until) {
                    written.written += 1;
                } else {
                    written.full += 1;
                }
            }
            written
        })
    }

    /// Lifts blocks; who is not blocked is passed over.
    pub fn lift(&self, hosts: &[Party]) {
        self.shared.change(|wanted| {
            for host in hosts {
                if wanted.hosts[family(*host)].remove(host).is_some() {
                    wanted.untold.insert(Untold::Host(*host));
                }
            }
        });
    }

    /// Why the table is not as it is wanted, as long as it is not.
    pub fn trouble(&self) -> Option<String> {
        self.shared.lock().trouble.clone()
    }

    /// Begins to take the table away.
    pub fn close(&self) {
        self.shared.change(|wanted| wanted.is_over = true);
    }

    /// Takes the table away; what is left of that at `give_up` goes on by itself.
    pub fn end(mut self, give_up: Instant) -> Option<JoinHandle<()>> {
        self.close();
        let thread = self.thread.take()?;
        while !thread.is_finished() {
            if Instant::now() >= give_up {
                return Some(thread);
            }
            thread::sleep(Duration::from_millis(2));
        }
        // A keeper that panicked has nothing left to take away.
        let _ = thread.join();
        None
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    /// Nothing is left half done by a panic while this is held.
    fn lock(&self) -> MutexGuard<'_, Wanted> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change<T>(&self, change: impl FnOnce(&mut Wanted) -> T) -> T {
        let changed = change(&mut self.lock());
        self.changed.notify_one();
        changed
    }

    /// Tells nft what it was not told, until it is over.
    fn keep(&self, table: &Table) {
        let mut pause = PAUSE;
        while let Some(text) = self.next(table) {
            match run(&text) {
                Ok(()) => {
                    pause = PAUSE;
                    let mut wanted = self.lock();
                    (wanted.stands, wanted.trouble) = (true, None);
                }
                Err(fault) => {
                    let mut wanted = self.lock();
                    wanted.trouble = Some(fault.to_string());
                    wanted.untold.insert(Untold::Whole);
                    let is_kept = |wanted: &mut Wanted| !wanted.is_over;
                    drop(self.changed.wait_timeout_while(wanted, pause, is_kept));
                    pause = (pause * 2).min(PAUSE_MAX);
                }
            }
        }
        // Rules of an interface that is gone are gone as well, and a refusal says no more than that.
        let is_hung = || matches!(run(&table.remove()), Err(NftFault::Hung(_)));
        let _ = (0..REMOVALS).find(|_| !is_hung());
    }

    /// What nft is told next; waits for it, and gives nothing once it is over.
    fn next(&self, table: &Table) -> Option<String> {
        let is_idle = |wanted: &mut Wanted| !wanted.is_over && wanted.untold.is_empty();
        let held = self.changed.wait_while(self.lock(), is_idle);
        let mut wanted = held.unwrap_or_else(PoisonError::into_inner);
        (!wanted.is_over).then(|| wanted.text(table, monotonic_ns()))
    }
}

impl Wanted {
    /// Nothing is blocked or dropped, and no table stands.
    fn of(passes: Vec<Network>) -> Self {
        Self {
            passes,
            drops: false,
            hosts: Default::default(),
            untold: BTreeSet::new(),
            is_over: false,
            stands: false,
            trouble: None,
        }
    }

    /// Writes a block down; whether there was room.
    fn block(&mut self, host: Party, until: u64) -> bool {
        let hosts = &mut self.hosts[family(host)];
        if hosts.len() >= HOSTS_MAX && !hosts.contains_key(&host) {
            let now = monotonic_ns();
            hosts.retain(|_, until| now < *until);
            if hosts.len() >= HOSTS_MAX {
                return false;
            }
        }
        hosts.insert(host, until);
        self.untold.insert(Untold::Host(host));
        true
    }

    /// What nft was not told, which counts as told from here on.
    fn text(&mut self, table: &Table, now: u64) -> String {
        let untold = std::mem::take(&mut self.untold);
        if untold.contains(&Untold::Whole) {
            let all = self.hosts.iter().flatten();
            let blocks: Vec<_> = all.filter_map(|(host, until)| left(*host, *until, now)).collect();
            let made = table.create(&self.passes) + &table.arm(self.drops);
            return made + &table.fill(&blocks);
        }
        let (mut text, mut blocks, mut lifts) = (String::new(), Vec::new(), Vec::new());
        for one in untold {
            match one {
                Untold::Whole => {}
                Untold::Passes => text += &table.pass(&self.passes),
                Untold::Drops => text += &table.arm(self.drops),
                Untold::Host(host) => {
                    let until = self.hosts[family(host)].get(&host);
                    match until.and_then(|until| left(host, *until, now)) {
                        Some(block) => blocks.push(block),
                        None => lifts.push(host),
                    }
                }
            }
        }
        text + &table.block(&blocks) + &table.lift(&lifts)
    }
}

/// A block with what is left of it.
fn left(host: Party, until: u64, now: u64) -> Option<(Party, Duration)> {
    // nft counts in seconds: less than one is none, since the kernel's end would come too late.
    let left = until.saturating_sub(now).div_ceil(SECOND_NS);
    (left > 0).then(|| (host, Duration::from_secs(left)))
}

fn family(host: Party) -> usize {
    match host {
        Party::V4(_) => 0,
        Party::V6(_) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::IpAddr;

    fn host(number: usize) -> Party {
        Party::of(IpAddr::from((0x0a00_0000 + u32::try_from(number).unwrap()).to_be_bytes()))
    }

    #[test]
    fn what_changed_is_told_once_and_after_a_failure_the_whole_table() {
        let (table, mut wanted) = (Table::new("eth0", 9), Wanted::of(Vec::new()));
        let until = |seconds: u64| seconds * SECOND_NS;
        assert!(wanted.block(host(1), until(20)) && wanted.block(host(2), until(30)));
        let told = wanted.text(&table, until(10));
        assert!(
            told.contains("10.0.0.1 timeout 10s") && told.contains("10.0.0.2 timeout 20s"),
            "{told}"
        );
        assert!(!told.contains("table netdev seawall_eth0 {") && wanted.untold.is_empty());
        wanted.hosts[0].remove(&host(2));
        wanted.untold.insert(Untold::Host(host(2)));
        let told = wanted.text(&table, until(10));
        assert_eq!(told, table.lift(&[host(2)]));
        wanted.drops = true;
        wanted.untold.insert(Untold::Whole);
        let told = wanted.text(&table, until(15));
        assert!(told.starts_with(&(table.create(&[]) + &table.arm(true))), "{told}");
        assert!(told.contains("10.0.0.1 timeout 5s") && !told.contains("10.0.0.2"), "{told}");
        wanted.untold.insert(Untold::Whole);
        assert!(!wanted.text(&table, until(20)).contains("10.0.0.1"), "what is over is not told");
    }

    #[test]
    fn a_full_table_counts_the_rest_and_takes_more_once_blocks_are_over() {
        let mut wanted = Wanted::of(Vec::new());
        let later = monotonic_ns() + 3_600 * SECOND_NS;
        assert!((0..HOSTS_MAX).all(|number| wanted.block(host(number), later)));
        assert!(!wanted.block(host(HOSTS_MAX), later));
        assert!(wanted.block(host(3), later), "who stands already needs no room");
        assert!(wanted.block(Party::of("2001:db8::1".parse().unwrap()), later), "the other family");
        wanted.hosts[0].insert(host(5), 0);
        assert!(wanted.block(host(HOSTS_MAX), later), "one is over");
    }
}
