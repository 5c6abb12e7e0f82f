//! `seawall run`: the shield in the foreground.

use crate::commands::files;
use crate::failure::Failure;
use crate::handover::{Inheritance, offer};
use crate::node::{Node, NodeSetup, workers};
use crate::packet_thread::Prepared;
use crate::rights;
use crate::signals::{Asked, Signals};
use crate::state::{Lock, StateDir};
use seawall_config::{Capacity, Config, Platform};
use seawall_control::{Command, api::ReloadDone};
use seawall_engine::detect::FindingChange;
use seawall_engine::{Effect, IncidentChange, Snapshot};
use seawall_proxy::{Listeners, Queue};
use seawall_types::Verdict;
use seawall_types::evidence::Fact;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;

/// Sockets of a node, and the way to its predecessor if they are inherited.
pub(crate) struct Sockets {
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) control: std::net::TcpListener,
    inheritance: Option<Inheritance>,
}

/// Runs the shield that `path` configures until it is told to leave.
///
/// # Errors
/// It could not start; nothing is left running.
pub(crate) fn run(path: &Path) -> Result<ExitCode, Failure> {
    let descriptors = raise_descriptor_limit();
    let (digest, config) = files::read_with_digest(path);
    let config = config?;
    tell_room(descriptors);
    config.notes.iter().for_each(|note| tracing::warn!("{note}"));
    tell_unbounded(&config);
    let state = StateDir::open(&config.state_dir).map_err(|fault| Failure::caused_by(&fault))?;
    let lock = state.try_lock().map_err(|fault| Failure::caused_by(&fault))?;
    let sockets = sockets(&config, &state, lock.is_some())?;
    let packet = Prepared::of(&config);
    rights::give_up(std::iter::once(path).chain(config.files()));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Failure::caused_by(&cause))?;
    let _entered = runtime.enter();
    let signals = Signals::listen().map_err(|cause| Failure::caused_by(&cause))?;
    let for_successor =
        Arc::new(Mutex::new(Some((copy_of(&sockets.control)?, sockets.listeners.clone()))));
    let (node, commands) = Node::start(NodeSetup {
        config: config.clone(),
        digest: digest.unwrap_or_default(),
        file: Some(path.to_owned()),
        state: state.clone(),
        listeners: sockets.listeners,
        control: sockets.control,
        packet,
        on_effect: Box::new(log_effect),
    })?;
    tell_ready();
    let lock = succeed(sockets.inheritance, lock, &state)?;
    let kept = for_successor.clone();
    let offered = move || match &*locked(&kept) {
        Some((control, listeners)) => to_hand_over(control, listeners),
        None => Vec::new(),
    };
    let succeeded = offer(&state.join("handover.sock"), offered);
    let succeeded = succeeded.map_err(|cause| Failure::caused_by(&cause))?;
    let mut shield = Running { node, path: path.to_owned() };
    let left = runtime.block_on(shield.serve(signals, commands, succeeded));
    // With these go the ports: while we drain, a new client is refused rather than left waiting.
    drop(locked(&for_successor).take());
    // With the lock goes the state folder: a successor may have it while we drain.
    drop(lock);
    tell_leaving(left);
    let queue = match left {
        Left::Asked => Queue::Ours,
        Left::Succeeded => Queue::Successors,
    };
    shield.node.drain(queue);
    Ok(ExitCode::SUCCESS)
}

/// Tells the predecessor to drain, and takes the state folder from it.
fn succeed(
    inheritance: Option<Inheritance>,
    lock: Option<Lock>,
    state: &StateDir,
) -> Result<Option<Lock>, Failure> {
    let Some(inheritance) = inheritance else {
        return Ok(lock);
    };
    if inheritance.served().is_err() {
        tracing::warn!("the shield that ran before is gone");
    }
    let give_up = Instant::now() + LOCK_PATIENCE;
    while Instant::now() < give_up {
        if let Some(lock) = state.try_lock().map_err(|fault| Failure::caused_by(&fault))? {
            return Ok(Some(lock));
        }
        thread::sleep(LOCK_ASK_AGAIN);
    }
    // Both serve; only a further `run` would find the wrong one of the two.
    tracing::warn!("the shield that ran before keeps the state folder locked: end it");
    Ok(None)
}

/// How long a predecessor that was told may take to give the state folder up.
const LOCK_PATIENCE: Duration = Duration::from_secs(20);
const LOCK_ASK_AGAIN: Duration = Duration::from_millis(20);

/// Binds every socket, or inherits them from the shield that runs with the same state folder.
fn sockets(config: &Config, state: &StateDir, alone: bool) -> Result<Sockets, Failure> {
    if alone {
        return bind(config);
    }
    let addresses = addresses(config);
    let path = state.join("handover.sock");
    let mut inheritance = Inheritance::ask(&path).map_err(|cause| {
        Failure::failed(format!(
            "another process holds the state folder {} and does not hand its listeners over: {cause}; \
             stop it, or choose another state_dir",
            config.state_dir.display()
        ))
    })?;
    let mut inherited = std::mem::take(&mut inheritance.sockets);
    let is_control = |socket: &OwnedFd| {
        let socket = socket.try_clone().ok().map(std::net::TcpListener::from);
        socket.and_then(|s| s.local_addr().ok()) == Some(config.control.listen)
    };
    let control = inherited.iter().position(is_control).map(|index| inherited.swap_remove(index));
    let control = match control {
        Some(control) => std::net::TcpListener::from(control),
        None => seawall_control::bind(config.control.listen)
            .map_err(|fault| Failure::caused_by(&fault))?,
    };
    let listeners = Listeners::adopt(inherited, &addresses, workers(config));
    let listeners = listeners.map_err(|faults| ports_in_use(faults.iter()))?;
    Ok(Sockets { listeners: Arc::new(listeners), control, inheritance: Some(inheritance) })
}

fn addresses(config: &Config) -> Vec<SocketAddr> {
    config.listeners.iter().map(|l| l.address).collect()
}

/// Binds everything.
///
/// # Errors
/// Every port that is in use.
pub(crate) fn bind(config: &Config) -> Result<Sockets, Failure> {
    let control = seawall_control::bind(config.control.listen);
    let listeners = Listeners::bind(&addresses(config), workers(config));
    match (control, listeners) {
        (Ok(control), Ok(listeners)) => {
            Ok(Sockets { listeners: Arc::new(listeners), control, inheritance: None })
        }
        (control, listeners) => {
            let of_control = control.err().into_iter().map(|fault| told(&fault));
            let of_listeners = listeners.err().into_iter().flatten().map(|fault| told(&fault));
            Err(Failure::all_failed(of_control.chain(of_listeners).collect()))
        }
    }
}

fn ports_in_use<'a>(faults: impl Iterator<Item = &'a seawall_proxy::ListenFault>) -> Failure {
    Failure::all_failed(faults.map(|fault| told(fault)).collect())
}

fn told(fault: &(dyn std::error::Error + 'static)) -> String {
    let sentence = crate::failure::chain(fault);
    let causes = std::iter::successors(Some(fault), |fault| fault.source());
    let mut kinds =
        causes.filter_map(|cause| cause.downcast_ref::<io::Error>().map(io::Error::kind));
    let remedy = if kinds.any(|kind| kind == io::ErrorKind::PermissionDenied) {
        "a port below 1024 needs root or CAP_NET_BIND_SERVICE"
    } else {
        "stop what holds the port, or choose another address"
    };
    format!("{sentence}; {remedy}")
}

fn copy_of(control: &std::net::TcpListener) -> Result<std::net::TcpListener, Failure> {
    control.try_clone().map_err(|cause| Failure::caused_by(&cause))
}

/// Nothing is left half done by a panic while this is held.
fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn to_hand_over(control: &std::net::TcpListener, listeners: &Listeners) -> Vec<OwnedFd> {
    let control = control.try_clone().ok().map(OwnedFd::from);
    let copies = listeners.sockets().into_iter().filter_map(|s| s.try_clone_to_owned().ok());
    control.into_iter().chain(copies).collect()
}

/// Why the shield leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Left {
    Asked,
    Succeeded,
}

struct Running {
    node: Node,
    path: PathBuf,
}

impl Running {
    async fn serve(
        &mut self,
        mut signals: Signals,
        mut commands: mpsc::Receiver<Command>,
        succeeded: Receiver<()>,
    ) -> Left {
        let (tell, mut told) = mpsc::channel(1);
        thread::spawn(move || {
            if succeeded.recv().is_ok() {
                // Whoever waited may have been asked to leave meanwhile.
                let _ = tell.blocking_send(());
            }
        });
        loop {
            tokio::select! {
                asked = signals.next() => match asked {
                    Asked::Reload => self.reload_by_signal(),
                    Asked::Leave => return Left::Asked,
                },
                Some(command) = commands.recv() => self.obey(command),
                Some(()) = told.recv() => return Left::Succeeded,
            }
        }
    }

    /// Whoever asked may be gone before the answer is there.
    fn obey(&mut self, command: Command) {
        match command {
            Command::Reload { reply } => drop(reply.send(self.reload())),
            Command::Packet { order, reply } => self.node.packet(order, reply),
            Command::Explain { code, reply } => drop(reply.send(self.node.explain(&code))),
            Command::AddMitigation { wanted, reply } => self.node.add_mitigation(&wanted, reply),
            Command::LiftMitigation { id, reply } => self.node.lift_mitigation(id, reply),
            Command::Invite { wanted, reply } => self.node.invite(&wanted, reply),
            Command::Lanes { reply } => drop(reply.send(self.node.lanes())),
            Command::RevokeInvite { id, reply } => self.node.revoke_invite(id, reply),
        }
    }

    fn reload_by_signal(&mut self) {
        match self.reload() {
            Ok(done) => done.notes.iter().for_each(|note| tracing::warn!("{note}")),
            Err(faults) => {
                for fault in faults {
                    tracing::error!("{fault}");
                }
                tracing::error!("the configuration in force stays");
            }
        }
    }

    fn reload(&mut self) -> Result<ReloadDone, Vec<String>> {
        let (digest, config) = files::read_with_digest(&self.path);
        let mut notes = vec![format!("the shield runs with {}", self.path.display())];
        notes.extend(config.iter().flat_map(|config| config.notes.clone()));
        self.node.reload((digest, config)).map_err(Failure::sentences)?;
        tracing::info!("configuration applied");
        Ok(ReloadDone { notes })
    }
}

fn tell_ready() {
    let mut out = io::stdout();
    // A closed stdout must not stop a shield.
    let _ = writeln!(out, "ready").and_then(|()| out.flush());
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Ready]);
}

fn tell_leaving(left: Left) {
    match left {
        Left::Asked => tracing::info!("asked to leave: open requests finish"),
        Left::Succeeded => tracing::info!("a successor serves: open requests finish"),
    }
    let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
}

/// Tells the operator's log what the engine has concluded.
pub(crate) fn log_effect(effect: &Effect, snapshot: &Snapshot, fact: Option<&Fact>) {
    let name = |platform: seawall_types::PlatformId| {
        snapshot.platforms.get(platform.index()).map_or("", |platform| platform.name.as_str())
    };
    match effect {
        Effect::MitigationBegan(began) => tracing::warn!(
            platform = name(began.platform),
            rung = began.rung.word(),
            stopped_rps = began.stopped_rps,
            sources = began.sources,
            "per-source limits began to act"
        ),
        Effect::Relieved(relieved) => tracing::info!(
            platform = name(relieved.platform),
            pressure = relieved.pressure,
            "demand at the origins is back in its bound"
        ),
        Effect::MitigationEnded(ended) => tracing::info!(
            platform = name(ended.platform),
            stopped = ended.stopped,
            admitted = ended.admitted,
            "per-source limits rest"
        ),
        Effect::Incident { platform, change } => {
            log_incident((name(*platform), incident_of(fact)), change);
        }
        Effect::Finding(change) => log_finding(name(change.finding().platform), change),
        Effect::Measure(change) => {
            let measure = change.measure();
            let (rung, change) = (measure.rung.word(), change.word());
            let platform = name(measure.platform);
            tracing::warn!(platform, %measure.id, rung, change, "{}: {}", measure.text, measure.why);
        }
        Effect::TableSaturated { table: table @ "visits", times, .. } => tracing::warn!(
            table,
            times,
            "a table is full: visits that completed least give way, and prove later"
        ),
        Effect::TableSaturated { table: table @ "returns", times, .. } => tracing::warn!(
            table,
            times,
            "a table is full: some who are told to come back go before nobody when they do"
        ),
        Effect::TableSaturated { table: table @ "crawlers", times, .. } => tracing::warn!(
            table,
            times,
            "too many addresses say that they are crawlers: some are not looked up, and are nobody's"
        ),
        Effect::TableSaturated { table, times, .. } => tracing::error!(
            table,
            times,
            "a table is full: new sources are admitted unjudged until it eases"
        ),
    }
}

fn log_finding(platform: &str, change: &FindingChange) {
    let finding = change.finding();
    let (kind, why) = (finding.kind.word(), finding.why.sentence());
    let described = finding.signatures.len();
    match change {
        FindingChange::Began(_) => {
            tracing::warn!(platform, kind, described, "{why}");
        }
        FindingChange::Changed(_) => tracing::info!(platform, kind, described, "{why}"),
        FindingChange::Ended(_) => {
            tracing::info!(platform, kind, "what asked for too much is over");
        }
    }
    for signature in &finding.signatures {
        tracing::info!(platform, "{}", signature.text);
    }
}

/// What the evidence calls an incident.
fn incident_of(fact: Option<&Fact>) -> &str {
    match fact {
        Some(Fact::IncidentOpened(i) | Fact::IncidentChanged(i) | Fact::IncidentClosed(i)) => {
            i.id.as_str()
        }
        _ => "",
    }
}

fn log_incident((platform, id): (&str, &str), change: &IncidentChange) {
    let incident = change.incident();
    let kind = incident.kind.word();
    let [admitted, held] = [Verdict::Admit, Verdict::Hold].map(|v| incident.requests[v.index()]);
    match change {
        IncidentChange::Opened(_) => tracing::warn!(
            platform,
            id,
            kind,
            pressure = incident.peak_pressure,
            "an incident opens: more is asked than the origins can carry"
        ),
        IncidentChange::Merged(_) => {
            tracing::warn!(platform, id, kind, admitted, held, "an incident goes on");
        }
        IncidentChange::Changed(_) => {
            tracing::info!(platform, id, kind, admitted, held, "an incident changed");
        }
        IncidentChange::Closed(_) => {
            tracing::info!(platform, id, kind, admitted, held, "an incident is over");
        }
    }
}

/// Open files below which a flood fills the shield before it fills the line.
const DESCRIPTORS_WANTED: u64 = 16_384;

/// Says which origins nothing bounds, since nobody has said what they can carry.
fn tell_unbounded(config: &Config) {
    let is_unbounded =
        |platform: &&Platform| platform.capacity == Capacity::Auto && !platform.learn_capacity;
    let unbounded = config.platforms.iter().filter(is_unbounded);
    let names: Vec<_> = unbounded.map(|platform| platform.name.as_str()).collect();
    if !names.is_empty() {
        tracing::warn!(
            platforms = names.join(", "),
            "nothing bounds what reaches the origins, since learn_capacity is false; say what they \
             can carry, as in capacity = \"40 concurrent\", or have it learned"
        );
    }
}

/// Warns when so few files may be open that few clients find room.
fn tell_room(descriptors: u64) {
    if descriptors < DESCRIPTORS_WANTED {
        tracing::warn!(
            "this process may open {descriptors} files, which is room for fewer than {} clients at \
             once; raise the limit to {DESCRIPTORS_WANTED} or more: LimitNOFILE= in the unit, \
             --ulimit nofile= of a container, or ulimit -Hn in a shell",
            descriptors / 2
        );
    }
}

/// Takes as many descriptors as the system lets us have, and tells how many: each connection needs
/// up to two.
pub(crate) fn raise_descriptor_limit() -> u64 {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if setrlimit(Resource::Nofile, raised).is_err() {
        tracing::warn!("the limit of open files stays at {:?}", limit.current);
        return limit.current.unwrap_or(u64::MAX);
    }
    raised.current.unwrap_or(u64::MAX)
}
