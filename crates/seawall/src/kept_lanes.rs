//! Links into lanes, in `lanes.json` of the state folder, so that they outlast a restart, and each of their
//! uses in the evidence.
//!
//! Written on a thread of its own, since a disk may hang; what cannot be handed to it does not happen.
//! A file that cannot be read is said once and thrown away: then nobody who came by a link is in.
//! A shield that leaves writes no more, since its successor does.
//! Bounds: [`JOBS_MAX`] changes on their way to the disk.

use crate::evidence_thread::Teller;
use crate::kept_measures::read;
use crate::state::{StateDir, write_whole};
use seawall_proxy::{Invite, InviteTold, LanesSetup, NewInvite, Restored, Shield};
use seawall_types::InviteId;
use seawall_types::evidence::{Fact, LaneEntered, LaneInvited, LaneRevoked};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// Changes when the format does.
const VERSION: u32 = 1;
/// Changes that wait for the disk: they come by hand.
const JOBS_MAX: usize = 256;
/// How long the end of a run waits for a disk.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct File {
    version: u32,
    /// The last number that was given, so that none is given twice.
    last: u32,
    invites: Vec<Kept>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    id: InviteId,
    lane: String,
    platform: String,
    name: String,
    uses_max: u32,
    link_secs: u32,
    pass_secs: u32,
    made_secs: u32,
    uses: u32,
    revoked: bool,
}

/// Told what became of the last write.
type Then = Box<dyn FnOnce(Result<(), String>) + Send>;

enum Job {
    Told(InviteTold),
    Then(Then),
    End,
}

/// What is to be kept, before there is a thread that does it.
pub(crate) struct OfLanes {
    path: PathBuf,
    jobs: SyncSender<Job>,
    taken: Receiver<Job>,
}

/// The thread that keeps them.
pub(crate) struct KeptLanes {
    jobs: SyncSender<Job>,
    thread: JoinHandle<()>,
}

/// What a shield is started with, and what is to be kept of it; `left` is set when a successor keeps them.
pub(crate) fn setup(state: &StateDir, left: Arc<AtomicBool>) -> (LanesSetup, OfLanes) {
    let path = state.join("lanes.json");
    let (last, restored) = match read_invites(&path) {
        Ok(file) => (file.last, file.invites.into_iter().map(restored).collect()),
        Err(why) => {
            let place = path.display();
            tracing::warn!("links into lanes are thrown away: {place} {why}");
            (0, Vec::new())
        }
    };
    let (jobs, taken) = sync_channel(JOBS_MAX);
    let teller = jobs.clone();
    let tell = move |told| !left.load(Relaxed) && teller.try_send(Job::Told(told)).is_ok();
    (LanesSetup { restored, last, tell: Box::new(tell) }, OfLanes { path, jobs, taken })
}

impl OfLanes {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(self, shield: &Arc<Shield>, evidence: Teller) -> io::Result<KeptLanes> {
        let Self { path, jobs, taken } = self;
        let shield = Arc::downgrade(shield);
        let builder = thread::Builder::new().name("lanes".to_owned());
        let thread = builder.spawn(move || keep(&path, &taken, &shield, &evidence))?;
        Ok(KeptLanes { jobs, thread })
    }
}

impl KeptLanes {
    /// Calls `then` once everything that was told before is written, or could not be.
    pub(crate) fn then(&self, then: impl FnOnce(Result<(), String>) + Send + 'static) {
        // What finds no room is dropped with the reply in it, and whoever waits learns that at once.
        let _ = self.jobs.try_send(Job::Then(Box::new(then)));
    }

    /// Waits until what was told is written, as long as a disk may take.
    pub(crate) fn end(self) {
        // A thread that is behind by as much as there is room for ends with the process.
        let _ = self.jobs.try_send(Job::End);
        let began = Instant::now();
        while !self.thread.is_finished() {
            if began.elapsed() > PATIENCE {
                tracing::warn!("links into lanes could not be written in time");
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = self.thread.join();
    }
}

fn keep(path: &Path, taken: &Receiver<Job>, shield: &Weak<Shield>, evidence: &Teller) {
    let mut written = Ok(());
    while let Ok(first) = taken.recv() {
        let jobs: Vec<_> = std::iter::once(first).chain(taken.try_iter()).collect();
        if jobs.iter().any(|job| matches!(job, Job::Told(_)))
            && let Some(shield) = shield.upgrade()
        {
            written = write(path, &shield);
        }
        let mut has_ended = false;
        for job in jobs {
            match job {
                Job::Told(told) => evidence.tell(fact(&told)),
                Job::Then(then) => then(written.clone()),
                Job::End => has_ended = true,
            }
        }
        if has_ended {
            return;
        }
    }
}

fn write(path: &Path, shield: &Shield) -> Result<(), String> {
    let (all, last) = shield.invites().all();
    let invites = all.iter().map(|invite| kept(invite)).collect();
    let text = serde_json::to_vec(&File { version: VERSION, last, invites });
    let text = text.map_err(|cause| cause.to_string())?;
    write_whole(path, &text).map_err(|cause| {
        let fault = format!("{} cannot be written: {cause}", path.display());
        tracing::warn!("links into lanes are not kept: {fault}");
        fault
    })
}

fn fact(told: &InviteTold) -> Fact {
    match told {
        InviteTold::Made(invite) => {
            let wanted = &invite.wanted;
            Fact::LaneInvited(LaneInvited {
                invite: invite.id,
                lane: wanted.lane.clone(),
                platform: wanted.platform.clone(),
                name: wanted.name.clone(),
                uses_max: wanted.uses_max,
                link_until_secs: invite.link_until_secs(),
                pass_secs: wanted.pass_secs,
            })
        }
        InviteTold::Entered(invite, member) => Fact::LaneEntered(LaneEntered {
            invite: invite.id,
            lane: invite.wanted.lane.clone(),
            member: *member,
        }),
        InviteTold::Revoked(invite) => {
            Fact::LaneRevoked(LaneRevoked { invite: invite.id, lane: invite.wanted.lane.clone() })
        }
    }
}

fn kept(invite: &Invite) -> Kept {
    let Restored { id, wanted, made_secs, uses, revoked } = invite.kept();
    let NewInvite { lane, platform, name, uses_max, link_secs, pass_secs } = wanted;
    Kept { id, lane, platform, name, uses_max, link_secs, pass_secs, made_secs, uses, revoked }
}

fn restored(kept: Kept) -> Restored {
    let Kept { id, lane, platform, name, uses_max, link_secs, pass_secs, made_secs, uses, revoked } =
        kept;
    let wanted = NewInvite { lane, platform, name, uses_max, link_secs, pass_secs };
    Restored { id, wanted, made_secs, uses, revoked }
}

fn read_invites(path: &Path) -> Result<File, String> {
    let none = File { version: VERSION, last: 0, invites: Vec::new() };
    let file: File = read(path)?.unwrap_or(none);
    let is_known = file.version == VERSION;
    is_known.then_some(file).ok_or_else(|| "is of another version".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_what_it_was_and_a_broken_file_lets_nobody_in() {
        let one = Kept {
            id: InviteId::new(3).unwrap(),
            lane: "staff".to_owned(),
            platform: "www".to_owned(),
            name: "Anna".to_owned(),
            uses_max: 2,
            link_secs: 60,
            pass_secs: 600,
            made_secs: 1_790_000_000,
            uses: 1,
            revoked: true,
        };
        let folder = std::env::temp_dir().join(format!("seawall-lanes-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join("lanes.json");
        assert_eq!(read_invites(&path).unwrap().invites, []);
        let file = File { version: VERSION, last: 7, invites: vec![one] };
        std::fs::write(&path, serde_json::to_vec(&file).unwrap()).unwrap();
        let read = read_invites(&path).unwrap();
        assert_eq!(read, file);
        let restored = read.invites.into_iter().map(restored).next().unwrap();
        assert!(restored.revoked && restored.uses == 1 && restored.wanted.name == "Anna");
        std::fs::write(&path, "{").unwrap();
        assert!(read_invites(&path).unwrap_err().contains("not what a shield writes"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
