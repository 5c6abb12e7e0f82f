//! Writes the evidence, on a thread of its own that may wait for a disk.
//!
//! Takes [`Fact`]s through a [`Teller`], which never waits; gives the control plane the log's
//! standing, and the incidents of earlier runs once the log is ours.
//! Sources of incidents are placed here, by tables that need no patience of whoever counted them, and
//! their addresses are put aside ([`aside`]).
//! A successor with the same state folder tells its facts to its own thread from the start; they
//! wait until the forerunner has ended its log and let the lock go.
//! Bounds: [`FACTS_WAITING_MAX`] facts on their way here, and those of [`Limits`] in the log; what
//! finds no room is counted and told by a gap.

mod aside;

use crate::places::Placing;
use crate::sealed::Vault;
use aside::{Aside, Proven, Slot};
use seawall_control::shared::{INCIDENTS_MAX, ReadReport};
use seawall_control::{EvidenceLook, Shared};
use seawall_evidence::key::KnownKey;
use seawall_evidence::segment::log_of;
use seawall_evidence::sources::Counted;
use seawall_evidence::verify::Trusted;
use seawall_evidence::{Cases, DirectoryStore, Limits, Log, NodeKey, Report};
use seawall_proxy::Clock;
use seawall_types::WallTime;
use seawall_types::evidence::{
    AddressWord, Fact, GapReason, IntegrityLook, NAME_MAX, NodeName, Seen, Stamp,
};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, channel, sync_channel};
use std::thread;
use std::time::Duration;

/// Facts on their way to the thread: what comes in a minute of a flood on eight platforms.
const FACTS_WAITING_MAX: usize = 1_024;
/// How often the thread looks up when it has nothing to do.
const IDLE: Duration = Duration::from_secs(1);
/// How long the end of a run may wait for the disk.
const END_PATIENCE: Duration = Duration::from_secs(10);

/// What the thread is given.
pub(crate) struct EvidenceSetup {
    pub(crate) folder: PathBuf,
    /// Where addresses of sources are put aside.
    pub(crate) vault: Vault,
    pub(crate) key: NodeKey,
    pub(crate) clock: Clock,
    pub(crate) control: Arc<Shared>,
}

/// The running thread.
pub(crate) struct EvidenceThread {
    teller: Teller,
    ended: Receiver<()>,
    /// Other tables from now on: beside the facts, so that whoever brings them never waits.
    placing: Slot<Placing>,
}

/// Tells facts to the evidence, and to those who ask the control plane.
#[derive(Clone)]
pub(crate) struct Teller {
    clock: Clock,
    control: Arc<Shared>,
    told: SyncSender<(Stamp, Told)>,
    /// Facts that found no room since the thread last asked.
    missed: Arc<AtomicU64>,
}

impl Teller {
    /// Tells a fact; never waits.
    pub(crate) fn tell(&self, fact: Fact) {
        let now = stamp(self.clock);
        self.control.note(now.wall, &fact);
        self.send(now, Told::Fact(Box::new(fact)));
    }

    /// Tells the sources of an incident, which are looked up where a table may take its time.
    pub(crate) fn sources(&self, counted: Counted) {
        self.send(stamp(self.clock), Told::Sources(Box::new(counted)));
    }

    /// Tells what a watch saw; what departs is told to the operator's log as well.
    pub(crate) fn integrity(&self, look: IntegrityLook) {
        if look.seen == Seen::Departs {
            let platform = look.platform.as_deref().unwrap_or("the shield");
            let (aspect, detail) = (look.aspect.word(), &look.detail);
            tracing::error!(platform, aspect, "not as before: {detail}");
        }
        self.tell(Fact::IntegrityLook(look));
    }

    fn send(&self, now: Stamp, told: Told) {
        if self.told.try_send((now, told)).is_err() {
            self.missed.fetch_add(1, Relaxed);
        }
    }
}

/// What the thread is told.
enum Told {
    Fact(Box<Fact>),
    Sources(Box<Counted>),
}

impl EvidenceThread {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(setup: EvidenceSetup) -> io::Result<Self> {
        let (tell, told) = sync_channel(FACTS_WAITING_MAX);
        let (tell_end, ended) = channel();
        let missed = Arc::<AtomicU64>::default();
        let (clock, control) = (setup.clock, setup.control.clone());
        let teller = Teller { clock, control, told: tell, missed: missed.clone() };
        let placing = Slot::default();
        let placed = placing.clone();
        let write = move || {
            write(setup, &told, (&missed, &placed));
            // Whoever waited may have given up.
            let _ = tell_end.send(());
        };
        thread::Builder::new().name("evidence".to_owned()).spawn(write)?;
        Ok(Self { teller, ended, placing })
    }

    /// Tells a fact; never waits.
    pub(crate) fn tell(&self, fact: Fact) {
        self.teller.tell(fact);
    }

    /// Places sources by other tables from now on; never waits.
    pub(crate) fn place_by(&self, placing: Placing) {
        self.placing.put(placing);
    }

    /// For whoever tells from elsewhere; the run's end is written when all are gone.
    pub(crate) fn teller(&self) -> Teller {
        self.teller.clone()
    }

    /// Writes the end of the run and waits for it.
    pub(crate) fn finish(self) {
        let Self { teller, ended, placing: _ } = self;
        drop(teller);
        if ended.recv_timeout(END_PATIENCE).is_err() {
            tracing::error!(
                "the disk did not take the end of the evidence within {} s: the next run tells a gap",
                END_PATIENCE.as_secs()
            );
        }
    }
}

/// The key of the log in `folder`, whose name stays when the machine is called otherwise.
pub(crate) fn key(folder: &Path, host: &str, secret: &[u8; 32]) -> NodeKey {
    // What cannot be read now is told by the log once it tries itself.
    let known = log_of(&mut DirectoryStore::new(folder)).ok().flatten();
    NodeKey::of_node(known.unwrap_or_else(|| node_name(host)), secret)
}

/// What a host may be called in records.
fn node_name(host: &str) -> NodeName {
    let harmless = |c: char| if c.is_ascii_alphanumeric() || "-._".contains(c) { c } else { '-' };
    let name: String = host.chars().map(harmless).take(NAME_MAX).collect();
    let unnamed = || "node".parse().expect("invariant: four letters");
    name.parse().unwrap_or_else(|_| unnamed())
}

/// Reads reports out of a folder whose log is signed by `key`.
pub(crate) fn reports(folder: PathBuf, key: KnownKey) -> ReadReport {
    let trusted = Trusted { logs: vec![key], ..Trusted::default() };
    Arc::new(move |id| {
        Report::read(&mut DirectoryStore::new(&folder), id, &trusted)
            .map_err(|fault| crate::failure::chain(&fault))
    })
}

fn stamp(clock: Clock) -> Stamp {
    Stamp { wall: clock.wall(), moment: clock.now() }
}

fn write(
    setup: EvidenceSetup,
    told: &Receiver<(Stamp, Told)>,
    (missed, placed): (&AtomicU64, &Slot<Placing>),
) {
    let EvidenceSetup { folder, vault, key, clock, control } = setup;
    let store = DirectoryStore::new(&folder);
    let mut log = Log::open(store, key, Limits::default(), stamp(clock));
    let mut aside = Aside::new(vault.clone());
    let proven = aside.proven();
    let look = EvidenceLook::default();
    let mut watch = Watch { folder, vault, proven, control, look, has_recalled: false };
    let mut placing = Placing {
        tables: Arc::default(),
        addresses: AddressWord::Handshake,
        reached: None,
        spared: Vec::new(),
    };
    let mut last = stamp(clock);
    loop {
        watch.look_at(&log, clock.wall());
        let wait = log.next_deadline().map_or(IDLE, |due| due.since(clock.now()));
        let first = told.recv_timeout(if aside.waits() { wait.min(IDLE) } else { wait });
        placing = placed.take().unwrap_or(placing);
        match first {
            Ok(first) => {
                let others = told.try_iter().take(FACTS_WAITING_MAX);
                for (at, told) in std::iter::once(first).chain(others) {
                    match told {
                        Told::Fact(fact) => log.append(at, &fact),
                        Told::Sources(counted) => {
                            log.append(at, &counted.fact(&placing.tables, placing.addresses));
                            let sealed = aside.put(*counted, &placing);
                            if let Some(fact) = sealed {
                                log.append(at, &fact);
                            }
                        }
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => break,
        }
        let now = stamp(clock);
        aside.again(now, &placing).iter().for_each(|fact| log.append(now, fact));
        let dropped = missed.swap(0, Relaxed);
        if dropped > 0 {
            log.lost((last, now), dropped);
        }
        last = now;
        if log.next_deadline().is_some_and(|due| due <= now.moment) {
            log.on_deadline(now);
        }
    }
    let now = stamp(clock);
    aside.last(&placing).iter().for_each(|fact| log.append(now, fact));
    log.append(stamp(clock), &Fact::NodeStopped);
    log.finish(stamp(clock));
    watch.look_at(&log, clock.wall());
}

/// Tells others how the log stands.
struct Watch {
    folder: PathBuf,
    vault: Vault,
    /// What the log proves of addresses that were put aside, read anew where it lost something.
    proven: Slot<Proven>,
    control: Arc<Shared>,
    look: EvidenceLook,
    /// Whether the incidents of earlier runs were read: no forerunner adds to them any more.
    has_recalled: bool,
}

impl Watch {
    fn look_at(&mut self, log: &Log<DirectoryStore>, now: WallTime) {
        let status = log.status();
        if status == self.look.status && self.has_recalled {
            return;
        }
        let before = std::mem::replace(&mut self.look.status, status);
        let status = &self.look.status;
        if status.synced > before.synced {
            self.look.synced_at = Some(now);
        }
        match (&before.failing, &status.failing) {
            (None, Some(failing)) if failing.reason == GapReason::Occupied => {
                tracing::info!("evidence waits until the shield that ran before has ended its own");
            }
            (None, Some(failing)) => tracing::error!(
                reason = failing.reason.word(),
                detail = failing.detail,
                "evidence is not being written: it waits, and what finds no room is lost and \
                 counted; traffic is unaffected"
            ),
            (Some(_), None) => {
                tracing::info!(lost = status.lost, "evidence is being written again");
            }
            (Some(_), Some(_)) | (None, None) => {}
        }
        if status.lost > before.lost && before.lost == 0 {
            tracing::error!("evidence finds no room any more: what comes now is lost and counted");
        }
        let failing = self.look.status.failing.as_ref();
        let is_taken = failing.is_some_and(|failing| failing.reason == GapReason::Occupied);
        self.control.publish_evidence(self.look.clone());
        if !is_taken && !self.has_recalled {
            self.has_recalled = true;
            self.recall();
        } else if !is_taken && self.look.status.lost > before.lost {
            self.prove();
        }
    }

    /// Reads what the log proves of addresses: a run that broke off may not have told of the last.
    fn prove(&self) {
        let (vault, folder, proven) =
            (self.vault.clone(), self.folder.clone(), self.proven.clone());
        let read = move || aside::prove(&vault, &folder, &proven);
        if let Err(cause) = thread::Builder::new().name("proofs".to_owned()).spawn(read) {
            tracing::warn!(%cause, "what the log proves of addresses is not read");
        }
    }

    /// Reads the incidents of earlier runs, which have all ended by now.
    fn recall(&self) {
        self.prove();
        let (folder, control) = (self.folder.clone(), self.control.clone());
        let mut store = DirectoryStore::new(folder);
        let read = move || match Cases::read(&mut store, INCIDENTS_MAX) {
            Ok(past) => control.remember(past),
            Err(cause) => tracing::warn!(%cause, "the incidents of earlier runs cannot be read"),
        };
        if let Err(cause) = thread::Builder::new().name("recall".to_owned()).spawn(read) {
            tracing::warn!(%cause, "the incidents of earlier runs are not read");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_is_called_oddly_has_a_name_in_records() {
        for (host, name) in [("a", "a"), ("b\u{fc}ro 1", "b-ro-1"), ("", "node")] {
            assert_eq!(node_name(host).as_str(), name);
        }
        assert_eq!(node_name(&"x".repeat(300)).as_str().len(), NAME_MAX);
    }
}
