//! The life of one core: it takes connections, serves, and takes its leave without losing any.
//!
//! Leaving, nobody is closed on who may be about to ask: HTTP/2 clients are told which stream is
//! the last, HTTP/1 clients have their next request answered with `Connection: close`, and only who
//! has asked for nothing in [`IDLE_LINGER`] is let go without a word.
//! Bounds: the whole takes as long as the phase says and [`GOODBYE`]; [`NAMED_MAX`] tunnels are named.

use super::{Core, Shared, Stage};
use crate::accept::{accept_all, accept_rest};
use crate::admission::keep_time;
use crate::cache::keep_fresh;
use crate::connection::Ending;
use crate::forward::linger;
use seawall_types::{Batch, Moment};
use std::cell::RefCell;
use std::io;
use std::os::fd::OwnedFd;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::mpsc::SyncSender;
use std::time::Duration;
use tokio::runtime::{Builder, LocalOptions};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Interval;

/// How often a core looks at its deadlines and hands its counts over.
const TICK: Duration = Duration::from_millis(100);
/// While leaving, how long a client may be silent before its connection is closed: more than who is
/// in the middle of something lets pass. A short drain has half of its time for it.
const IDLE_LINGER: Duration = Duration::from_secs(5);
/// The end of a drain is left for goodbyes, so that nobody is cut who could have been told.
const GOODBYE: Duration = Duration::from_millis(500);
/// Tunnels that outlive the drain and are named in the log; the rest is closed unnamed.
const NAMED_MAX: usize = 20;

/// What a core is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Take connections and serve them; told again when settings were swapped.
    Serve,
    /// Take no more, finish what is open until this moment, then leave.
    Drain(Moment, Queue),
}

/// Whose are the connections that wait in a listener's queue when a shield leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Nobody else's: they are taken and served first.
    Ours,
    /// The successor's, which listens on the same sockets.
    Successors,
}

/// What a core's thread is given, and keeps for the case that it must start again.
pub(crate) struct CoreSetup {
    pub(crate) index: u16,
    pub(crate) shared: Arc<Shared>,
    /// Given up when the core leaves, so that new clients are not left waiting.
    pub(crate) sockets: RefCell<Vec<(usize, OwnedFd)>>,
    pub(crate) batches: SyncSender<Batch>,
    /// Never read itself: each start gets a copy to which everything is still news.
    pub(crate) phase: watch::Receiver<Phase>,
    pub(crate) ready: SyncSender<io::Result<()>>,
}

/// Runs one core until it is told to drain.
///
/// # Errors
/// It could not start.
pub(crate) fn run(setup: &CoreSetup) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build_local(LocalOptions::default());
    let served = runtime.and_then(|runtime| runtime.block_on(serve(setup)));
    served.inspect_err(|cause| {
        // Whoever waits for the first start gives up with this.
        let _ = setup.ready.try_send(Err(io::Error::new(cause.kind(), cause.to_string())));
    })
}

async fn serve(setup: &CoreSetup) -> io::Result<()> {
    let core = Rc::new(Core::new(setup.index, setup.shared.clone(), setup.batches.clone()));
    let mut doors = open_doors(&core, &setup.sockets.borrow())?;
    // Whoever started us may have given up waiting, or have been told before.
    let _ = setup.ready.try_send(Ok(()));
    tokio::task::spawn_local(keep_time(core.clone(), core.alarm()));
    tokio::task::spawn_local(linger(core.clone()));
    if setup.index == 0 {
        tokio::task::spawn_local(keep_fresh(core.clone()));
    }
    let mut phase = setup.phase.clone();
    let mut ticking = Ticking::start();
    let (until, queue) = loop {
        tokio::select! {
            () = ticking.next(&core) => doors.iter_mut().for_each(|door| door.keep_open(&core)),
            changed = phase.changed() => match (changed, *phase.borrow()) {
                (Ok(()), Phase::Serve) => core.follow_settings(),
                (Ok(()), Phase::Drain(until, queue)) => break (until, queue),
                (Err(_), _) => break (core.now(), Queue::Ours),
            },
        }
    };
    for door in doors {
        door.close(&core, queue);
    }
    setup.sockets.take();
    leave(&core, until, &mut ticking).await;
    core.tally.cut(core.now());
    core.sheet.borrow_mut().end();
    Ok(())
}

/// The pulse of a core.
struct Ticking {
    interval: Interval,
    count: u32,
}

impl Ticking {
    fn start() -> Self {
        let mut interval = tokio::time::interval(TICK);
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        Self { interval, count: 0 }
    }

    /// Waits for the next tick, which the core then does.
    async fn next(&mut self, core: &Core) {
        self.interval.tick().await;
        core.tick(self.count);
        self.count = self.count.wrapping_add(1);
    }
}

/// A listening socket and the task that takes connections from it.
struct Door {
    listener: usize,
    socket: OwnedFd,
    accepting: JoinHandle<io::Result<()>>,
}

fn open_doors(core: &Rc<Core>, sockets: &[(usize, OwnedFd)]) -> io::Result<Vec<Door>> {
    sockets.iter().map(|(listener, socket)| Door::open(core, *listener, socket)).collect()
}

impl Door {
    fn open(core: &Rc<Core>, listener: usize, socket: &OwnedFd) -> io::Result<Self> {
        let socket = socket.try_clone()?;
        let accepting = accepting(core, listener, socket.try_clone()?);
        Ok(Self { listener, socket, accepting })
    }

    /// Takes connections again when the task that did so has broken.
    fn keep_open(&mut self, core: &Rc<Core>) {
        if !self.accepting.is_finished() {
            return;
        }
        core.shared.counters.restarts.fetch_add(1, Relaxed);
        tracing::error!(listener = self.listener, "taking connections broke and is started again");
        // Without a descriptor for it, it is tried again with the next tick.
        if let Ok(socket) = self.socket.try_clone() {
            self.accepting = accepting(core, self.listener, socket);
        }
    }

    fn close(self, core: &Rc<Core>, queue: Queue) {
        self.accepting.abort();
        match queue {
            Queue::Ours => accept_rest(core, self.listener, &self.socket),
            Queue::Successors => {}
        }
    }
}

fn accepting(core: &Rc<Core>, listener: usize, socket: OwnedFd) -> JoinHandle<io::Result<()>> {
    tokio::task::spawn_local(accept_all(core.clone(), listener, socket))
}

/// Lets every connection go, those that carry something last.
async fn leave(core: &Core, until: Moment, ticking: &mut Ticking) {
    core.stage.set(Stage::Leaving);
    let began = core.now();
    let span = until.since(began);
    let lingered = began + IDLE_LINGER.min(span / 2);
    let goodbye = until - GOODBYE.min(span / 4);
    loop {
        let now = core.now();
        let idle_since = match now {
            _ if now >= goodbye => Some(now),
            _ if now >= lingered => Some(now - lingered.since(began)),
            _ => None,
        };
        let silent = if now < lingered { Silent::MaySpeak } else { Silent::MayGo };
        if now >= until || core.take_leave(silent, idle_since) == 0 {
            break;
        }
        ticking.next(core).await;
    }
    let cut_at = core.now() + GOODBYE;
    while core.end_tunnels() > 0 && core.now() < cut_at {
        ticking.next(core).await;
    }
}

/// Whether a connection on which nothing was said yet, a handshake included, is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Silent {
    MaySpeak,
    MayGo,
}

impl Core {
    /// Asks every connection to leave; how many are worth waiting for.
    fn take_leave(&self, silent: Silent, idle_since: Option<Moment>) -> usize {
        let idle_span = self.timeouts().idle;
        let connections = self.connections.borrow();
        connections
            .iter()
            .inspect(|(_, connection)| connection.take_leave(idle_since, idle_span))
            .filter(|(_, connection)| silent == Silent::MaySpeak || connection.has_spoken())
            .count()
    }

    /// Ends tunnels that are still open, and says whose; how many there were.
    fn end_tunnels(&self) -> usize {
        let connections = self.connections.borrow();
        let tunnels = connections.iter().filter(|(_, connection)| connection.tunnel.get());
        let mut count = 0;
        for (_, tunnel) in tunnels {
            count += 1;
            if tunnel.ending() != Some(Ending::Slow) && count <= NAMED_MAX {
                let client = tunnel.client().address;
                tracing::warn!(%client, "a WebSocket outlived the drain and is closed");
            }
            tunnel.end(Ending::Slow);
        }
        count
    }
}
