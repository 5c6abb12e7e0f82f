//! Drives the packet layer: what the proxy refused goes into the kernel, on a thread of its own.
//!
//! The engine never waits for it: what finds no room is counted.
//! A fault of it is a sentence in status and log, and never stops traffic.
//! Bounds: [`WAITING_MAX`] messages.

mod driver;
mod guards;
mod setup;

use driver::Driver;
use guards::Named;
use seawall_config::{Config, PacketMode};
use seawall_control as control;
use seawall_control::api;
use seawall_engine::Snapshot;
use seawall_packet::guard::Machine;
use seawall_packet::layer::Hands;
use seawall_packet::privileged;
use seawall_proxy::{Clock, Queue};
use seawall_types::{
    Batch, PlatformId, Reason, RequestObservation, SourceKey, SourceNetwork, Verdict,
};
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

use crate::engine_thread::Witness;
use crate::failure::Failure;

/// Messages that wait: some seconds of them.
const WAITING_MAX: usize = 256;
/// How long the end of the layer is waited for: a successor's program, then rules that are taken away.
const END_WITHIN: Duration = Duration::from_secs(8);
/// Where programs outlive their process.
const PINS: &str = "/sys/fs/bpf";

/// Takes off what a shield left on an interface; how many programs that were.
pub(crate) fn take_off(interface: &str) -> usize {
    seawall_packet::layer::unpin(Path::new(PINS), interface)
}

/// The interfaces that a configuration names or means.
pub(crate) fn interfaces(config: &Config) -> Vec<String> {
    setup::interfaces(config)
}

/// What the packet layer has from the time before the shield gives up its rights.
pub(crate) struct Prepared {
    hands: Hands,
    machine: Machine,
}

impl Prepared {
    /// Has a helper hold the rights, where the configuration has a packet layer.
    pub(crate) fn of(config: &Config) -> Self {
        if config.packet.mode == PacketMode::Off {
            for interface in &config.packet.interfaces {
                take_off(interface);
            }
            return Self::nothing();
        }
        // Whatever stands at the program's path by now, the helper is the same as this.
        let mut command = Command::new("/proc/self/exe");
        command.arg0("seawall").arg("helper").process_group(0);
        let hands = Hands::of_helper(&mut command, &setup::bounds(config));
        Self { hands, machine: Machine::look() }
    }

    /// No helper, and so no packet layer.
    pub(crate) fn nothing() -> Self {
        let hands = Hands::nobody("no helper was started that holds the rights");
        Self { hands, machine: Machine::default() }
    }
}

/// `seawall helper`: serves the shield that started it, over what is its standard input.
///
/// # Errors
/// The shield says what is no request.
pub(crate) fn help() -> Result<ExitCode, Failure> {
    let stream = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    let served = stream.and_then(|stream| privileged::serve(&stream));
    served.map(|()| ExitCode::SUCCESS).map_err(|cause| Failure::caused_by(&cause))
}

/// The running thread.
pub(crate) struct PacketThread {
    feed: PacketFeed,
    thread: JoinHandle<()>,
}

/// Tells the thread what the proxy and the engine see.
#[derive(Clone)]
pub(crate) struct PacketFeed {
    sender: SyncSender<Message>,
    /// Whether anybody may ever be blocked.
    acts: bool,
    lost: Arc<AtomicU64>,
}

/// What the thread is told.
enum Message {
    /// Sources that were refused or that had proved themselves.
    Seen(Vec<Seen>),
    /// Pressure by platform index; not a number where it is unknown.
    Pressures(Vec<f64>),
    /// Who is exempt and who is guarded changed.
    Exempt(Exempt, Named),
    Order(control::PacketOrder, oneshot::Sender<Result<api::PacketLayer, String>>),
    End(Queue),
}

/// Who never is blocked.
#[derive(Debug, Clone)]
struct Exempt {
    /// The operator's list, and proxies that bring others.
    networks: Vec<SourceNetwork>,
    /// Whether the sources of requests are those of packets.
    is_direct: bool,
}

impl Exempt {
    fn of(config: &Config) -> Self {
        let trusted = &config.trusted.networks;
        Self {
            networks: config.allow_networks.iter().chain(trusted).copied().collect(),
            is_direct: trusted.is_empty(),
        }
    }
}

/// One request that says something about its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Seen {
    source: SourceKey,
    platform: PlatformId,
    what: Said,
}

/// What a request says about its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Its visitor was known to be good, or is in a lane.
    Proven,
    /// It was refused for what its source does.
    Refused,
}

impl PacketThread {
    /// Covers the interfaces that the configuration names.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(
        config: &Config,
        prepared: Prepared,
        (clock, control): (Clock, Arc<control::Shared>),
    ) -> io::Result<Self> {
        let (sender, messages) = sync_channel(WAITING_MAX);
        let acts = config.packet.mode != PacketMode::Off;
        let feed = PacketFeed { sender, acts, lost: Arc::default() };
        let (config, lost) = (config.clone(), feed.lost.clone());
        let builder = thread::Builder::new().name("packet".to_owned());
        let thread = builder.spawn(move || {
            if acts {
                Driver::start(&config, prepared, (clock, control, lost)).drive(&messages);
            } else {
                idle(&messages);
            }
        })?;
        Ok(Self { feed, thread })
    }

    /// A way to tell it something.
    pub(crate) fn feed(&self) -> PacketFeed {
        self.feed.clone()
    }

    /// Tells it of another configuration.
    pub(crate) fn configure(&self, config: &Config) {
        // An exemption must not get lost, and a thread that is gone exempts everybody.
        let _ = self.feed.sender.send(Message::Exempt(Exempt::of(config), Named::of(config)));
    }

    /// Has it do something; `reply` learns of it.
    pub(crate) fn order(
        &self,
        order: control::PacketOrder,
        reply: oneshot::Sender<Result<api::PacketLayer, String>>,
    ) {
        // One that finds no room is dropped, and whoever waits for its reply learns that at once.
        self.feed.tell(Message::Order(order, reply));
    }

    /// Leaves every interface as it was, but for what a successor has taken over.
    ///
    /// One that hangs is not waited for: the helper takes off what is not pinned once we are gone.
    pub(crate) fn finish(self, queue: Queue) {
        let give_up = Instant::now() + END_WITHIN;
        let mut is_told = false;
        while !self.thread.is_finished() {
            is_told = is_told || self.feed.sender.try_send(Message::End(queue)).is_ok();
            if Instant::now() >= give_up {
                tracing::warn!("the packet layer does not end: it is left behind");
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        // One that panicked has been told of by itself.
        let _ = self.thread.join();
    }
}

impl PacketFeed {
    /// Sees batches of the cores.
    pub(crate) fn witness(self) -> Witness {
        Box::new(move |batch| self.see(batch))
    }

    fn see(&self, batch: &Batch) {
        if !self.acts {
            return;
        }
        let seen: Vec<_> = batch.requests.iter().filter_map(seen).collect();
        if !seen.is_empty() {
            self.tell(Message::Seen(seen));
        }
    }

    /// Sees what the engine knows.
    pub(crate) fn look(&self, snapshot: &Snapshot) {
        if self.acts {
            let pressures = snapshot.platforms.iter().map(|one| one.pressure.unwrap_or(f64::NAN));
            self.tell(Message::Pressures(pressures.collect()));
        }
    }

    fn tell(&self, message: Message) {
        if self.sender.try_send(message).is_err() {
            self.lost.fetch_add(1, Relaxed);
        }
    }
}

/// What a request says about its source; nothing in most.
fn seen(request: &RequestObservation) -> Option<Seen> {
    let what = if request.is_proven {
        Said::Proven
    } else if is_refused_for_itself(request.verdict, request.reason) {
        Said::Refused
    } else {
        return None;
    };
    Some(Seen { source: request.source, platform: request.platform, what })
}

/// Whether a refusal is for what its source does.
///
/// That origins are full, or that a check is asked for, is no fault of whoever is told so: a page with
/// twenty pictures is told it twenty times.
fn is_refused_for_itself(verdict: Verdict, reason: Reason) -> bool {
    match verdict {
        // The rate of a measure is one for all that it meets: who is over it may have asked once.
        Verdict::Limit => reason == Reason::Rate,
        Verdict::Refuse | Verdict::Drop => {
            matches!(reason, Reason::Rate | Reason::Flood | Reason::Operator)
        }
        Verdict::Admit | Verdict::Challenge | Verdict::Hold | Verdict::Error => false,
    }
}

/// Without a packet layer: answers orders, until the end.
fn idle(messages: &Receiver<Message>) {
    for message in messages {
        match message {
            Message::Order(_, reply) => {
                let sentence = "The packet layer is off; packet.mode = \"auto\" and a restart have \
                                it count what it would drop.";
                drop(reply.send(Err(sentence.to_owned())));
            }
            Message::End(_) => return,
            Message::Seen(_) | Message::Pressures(_) | Message::Exempt(..) => {}
        }
    }
}

/// Where programs are pinned.
fn pins() -> PathBuf {
    PathBuf::from(PINS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_refused_for_what_it_does_and_not_for_what_others_do() {
        let counts: Vec<_> = Verdict::ALL
            .into_iter()
            .flat_map(|verdict| Reason::ALL.map(|reason| (verdict, reason)))
            .filter(|(verdict, reason)| is_refused_for_itself(*verdict, *reason))
            .map(|(verdict, reason)| format!("{} {}", verdict.word(), reason.word()))
            .collect();
        assert_eq!(
            counts,
            [
                "limit rate",
                "refuse rate",
                "refuse flood",
                "refuse operator",
                "drop rate",
                "drop flood",
                "drop operator"
            ]
        );
    }
}
