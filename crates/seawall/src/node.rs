//! One shield with everything around it: cores, engine, control plane.

mod others;

use crate::engine_thread::{
    EngineSetup, EngineThread, LookAtAdmission, LookAtOrigins, LookAtTables, Order, Witness,
};
use crate::evidence_thread::{self, EvidenceSetup, EvidenceThread};
use crate::failure::{Failure, chain};
use crate::integrity::Watch;
use crate::invites;
use crate::kept_lanes::{self, KeptLanes};
use crate::kept_measures::KeptMeasures;
use crate::learned::Learned;
use crate::measures::Asked;
use crate::packet_thread::{PacketThread, Prepared};
use crate::places::{self, Placing};
use crate::sealed::Vault;
use crate::secret;
use crate::state::{Secret, StateDir, random};
use others::ToOthers;
use seawall_config::{Capacity, Config};
use seawall_control as control;
use seawall_engine::{Effect, PlatformSettings, Snapshot};
use seawall_proxy::{
    Clock, Listeners, PlatformNames, Queue, RecordsSetup, Settings, Shield, ShieldSetup,
};
use seawall_types::evidence::Fact;
use seawall_types::{Batch, InviteId, MeasureId, PlatformId, Rung, WallTime};
use seawall_wire::code::{self, CodeKey};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// Batches that wait for the engine: with two cores, more than ten seconds of them.
const BATCHES_WAITING_MAX: usize = 256;

/// Told of every effect, with the snapshot it goes with and what the evidence says of it.
pub(crate) type OnEffect = Box<dyn FnMut(&Effect, &Snapshot, Option<&Fact>) + Send>;

/// What a node is started with.
pub(crate) struct NodeSetup {
    pub(crate) config: Config,
    /// Digest of the text of the configuration.
    pub(crate) digest: String,
    /// The file that it was read from, where it was read from one.
    pub(crate) file: Option<PathBuf>,
    pub(crate) state: StateDir,
    pub(crate) listeners: Arc<Listeners>,
    pub(crate) control: std::net::TcpListener,
    /// What the packet layer was given before rights were given up.
    pub(crate) packet: Prepared,
    pub(crate) on_effect: OnEffect,
}

/// A running shield with everything around it.
pub(crate) struct Node {
    shield: Arc<Shield>,
    engine: EngineThread,
    evidence: EvidenceThread,
    watch: Watch,
    file: Option<PathBuf>,
    lanes: KeptLanes,
    packet: PacketThread,
    names: PlatformNames,
    code_key: CodeKey,
    config: Config,
    control: Arc<control::Shared>,
    stop_control: oneshot::Sender<()>,
    /// Set when a successor keeps what an operator sets.
    left: Arc<AtomicBool>,
    /// Whether another process serves in this one's place.
    succeeded: Arc<AtomicBool>,
}

/// Cores to serve on.
pub(crate) fn workers(config: &Config) -> usize {
    config.workers.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from))
}

impl Node {
    /// Starts everything; commands of the control plane come out of the receiver.
    ///
    /// # Errors
    /// Nothing is left running.
    pub(crate) fn start(
        setup: NodeSetup,
    ) -> Result<(Self, mpsc::Receiver<control::Command>), Failure> {
        let NodeSetup {
            config,
            digest,
            file,
            state,
            listeners,
            control: control_listener,
            packet,
            on_effect,
        } = setup;
        let clock = Clock::start();
        let code_key = state.code_key().map_err(|fault| Failure::caused_by(&fault))?;
        let token = token(&config)?;
        let mut names = PlatformNames::default();
        let (settings, placing) = compile(&config, &code_key, &mut names)?;
        let (sender, batches) = sync_channel::<Batch>(BATCHES_WAITING_MAX);
        let seed = random::<16>().map_err(|fault| Failure::caused_by(&fault))?;
        let (left, succeeded) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let (lanes, of_lanes) = kept_lanes::setup(&state, left.clone());
        let setup = ShieldSetup {
            settings,
            clock,
            listeners: listeners.clone(),
            seed: halves(seed),
            code_key: code_key.clone(),
            secret: state.secret().map_err(|fault| Failure::caused_by(&fault))?,
            workers: workers(&config),
            batches: sender,
            records: records(&state, &config),
            lanes,
        };
        let shield = Shield::start(setup).map_err(|cause| Failure::caused_by(&cause))?;
        let shield = Arc::new(shield);
        let (shared, commands) =
            control::Shared::new(identity(clock), gauges(&shield, &listeners.addresses()));
        let evidence = keep_evidence(&state, clock, &shared)?;
        evidence.tell(started(digest.clone()));
        evidence.place_by(placing);
        let lanes = of_lanes.start(&shield, evidence.teller());
        let lanes = lanes.map_err(|cause| Failure::caused_by(&cause))?;
        let packet = PacketThread::start(&config, packet, (clock, shared.clone()));
        let packet = packet.map_err(|cause| Failure::caused_by(&cause))?;
        let told = (evidence.teller(), packet.feed());
        let outlet = ToOthers::new(&shield, &shared, told, on_effect);
        let kept =
            (Learned::new(&state, succeeded.clone()), KeptMeasures::new(&state, left.clone()));
        let around = ((clock, batches, packet.feed().witness()), &shield);
        let engine = start_engine((&config, &names, &state), kept, around, outlet)?;
        let watch =
            Watch::start(clock, evidence.teller()).map_err(|cause| Failure::caused_by(&cause))?;
        watch.follow(&config, file.clone().map(|file| (file, digest)));
        let stop_control = serve_control(control_listener, shared.clone(), token)?;
        shared.enter(control::Phase::Ready);
        let node = Self {
            shield,
            engine,
            evidence,
            file,
            lanes,
            packet,
            watch,
            names,
            code_key,
            config,
            control: shared,
            stop_control,
            left,
            succeeded,
        };
        Ok((node, commands))
    }

    /// Applies another configuration whole; `digest` is that of its text, none when there was none
    /// to read.
    ///
    /// # Errors
    /// Why the old one stays.
    pub(crate) fn reload(
        &mut self,
        (digest, config): (Option<String>, Result<Config, Failure>),
    ) -> Result<(), Failure> {
        let applied = config.and_then(|config| self.apply(config));
        if applied.is_ok() {
            self.watch.follow(&self.config, self.file.clone().zip(digest.clone()));
        }
        self.evidence.tell(match &applied {
            Ok(()) => Fact::ConfigurationApplied { configuration: digest.unwrap_or_default() },
            Err(failure) => {
                Fact::ConfigurationRefused { configuration: digest, faults: failure.count() as u64 }
            }
        });
        applied
    }

    fn apply(&mut self, config: Config) -> Result<(), Failure> {
        let restart = needs_restart(&self.config, &config);
        if !restart.is_empty() {
            return Err(Failure::wrong(restart));
        }
        let mut names = self.names.clone();
        let (settings, placing) = compile(&config, &self.code_key, &mut names)?;
        let platforms = engine_settings(&config, &names);
        self.engine.order(Order::Configure { platforms, present: present(&config, &names) });
        if !self.shield.apply(settings) {
            // They are in force for every core that is well, and the one that is not takes them up
            // as soon as it is: to say that the old ones stay would be wrong.
            tracing::warn!("a core has not taken the new configuration up yet");
        }
        self.evidence.place_by(placing);
        self.packet.configure(&config);
        (self.names, self.config) = (names, config);
        Ok(())
    }

    /// What the control plane answers from: the last snapshot, and whose clock it is told by.
    pub(crate) fn control(&self) -> Arc<control::Shared> {
        self.control.clone()
    }

    /// Has the packet layer do something; `reply` learns of it.
    pub(crate) fn packet(
        &self,
        order: control::PacketOrder,
        reply: oneshot::Sender<Result<control::api::PacketLayer, String>>,
    ) {
        self.packet.order(order, reply);
    }

    /// Opens the code of an answer, and tells of the measure that it names.
    pub(crate) fn explain(&self, text: &str) -> Result<control::api::Explanation, String> {
        let explanation = explain(&self.code_key, self.names.names(), text)?;
        let known = explanation.mitigation.as_deref().and_then(|id| self.control.mitigation(id));
        // A name of an earlier run may have been given to another measure in this one.
        let started = seawall_types::wall::rfc3339(self.control.identity().started_wall);
        let is_ours = explanation.at[..SECOND] >= started[..SECOND];
        let stands = |one: &control::api::Mitigation| one.ended.is_none() && one.by == "operator";
        Ok(match known.filter(|one| is_ours || stands(one)) {
            Some(one) => control::api::Explanation {
                mitigation_about: Some(about(&one)),
                expires_at: one.ended_at.or(Some(one.expires_at)),
                ..explanation
            },
            None => explanation,
        })
    }

    /// Takes a measure up; `reply` is told when it acts, or every fault.
    pub(crate) fn add_mitigation(
        &self,
        wanted: &control::api::NewMitigation,
        reply: oneshot::Sender<Result<control::api::MitigationAdded, Vec<String>>>,
    ) {
        let asked = match Asked::read(wanted, &present(&self.config, &self.names)) {
            Ok(asked) => asked,
            // Whoever asked may be gone before the answer is there.
            Err(faults) => return drop(reply.send(Err(faults))),
        };
        let notes = self.notes(&asked);
        let control = self.control.clone();
        let told = move |added: Result<
            seawall_engine::policy::Measure,
            seawall_engine::policy::BookFault,
        >| {
            let added = added.map(|measure| control::api::MitigationAdded {
                id: measure.id.to_string(),
                expires_at: seawall_types::wall::rfc3339(
                    control.identity().wall(measure.expires_at),
                ),
                notes,
            });
            drop(reply.send(added.map_err(|fault| vec![fault.to_string()])));
        };
        self.engine.order(Order::Add(asked, Box::new(told)));
    }

    /// What an operator should know of a measure that does less than it says.
    fn notes(&self, asked: &Asked) -> Vec<String> {
        let snapshot = self.control.snapshot();
        let platform = snapshot.platforms.get(asked.platform.index());
        let mut notes = Vec::new();
        if asked.rung == Rung::Lane && platform.is_some_and(|platform| platform.limit.is_none()) {
            notes.push(
                "nothing bounds what reaches these origins, so that nobody goes before another and \
                 the lane changes nothing; say what they can carry (platform.capacity)"
                    .to_owned(),
            );
        }
        notes
    }

    /// Takes a measure away; `reply` is told whether it stood.
    pub(crate) fn lift_mitigation(&self, id: MeasureId, reply: oneshot::Sender<bool>) {
        let told = move |stood| {
            // Whoever asked may have gone.
            let _ = reply.send(stood);
        };
        self.engine.order(Order::Lift(id, Box::new(told)));
    }

    /// Makes a link into a lane; `reply` is told when it is kept, or every fault.
    pub(crate) fn invite(
        &self,
        wanted: &control::api::NewInvite,
        reply: oneshot::Sender<Result<control::api::InviteMade, Vec<String>>>,
    ) {
        let numbered = present(&self.config, &self.names);
        let made = invites::make(&self.shield, (&self.config, &numbered), wanted);
        match made {
            // Whoever asked may be gone before the answer is there.
            Err(faults) => drop(reply.send(Err(faults))),
            Ok(made) => self.lanes.then(move |kept| {
                drop(reply.send(kept.map(|()| made).map_err(|fault| vec![fault])));
            }),
        }
    }

    /// Every lane and every link into one.
    pub(crate) fn lanes(&self) -> control::api::Lanes {
        invites::lanes(&self.shield)
    }

    /// Takes a link back; `reply` is told whether it was there, once that is kept.
    pub(crate) fn revoke_invite(&self, id: InviteId, reply: oneshot::Sender<Result<bool, String>>) {
        let was_there = self.shield.invites().revoke(id);
        self.lanes.then(move |kept| {
            let unkept = |fault| format!("{id} counts for nobody from now on, but {fault}");
            // Whoever asked may be gone before the answer is there.
            drop(reply.send(kept.map(|()| was_there).map_err(unkept)));
        });
    }

    /// Takes no more connections and lets open requests finish, for as long as the configuration in
    /// force says.
    pub(crate) fn drain(self, queue: Queue) {
        self.control.enter(control::Phase::Draining);
        // Whoever asked us to leave without a successor finds what was written last.
        self.left.store(true, Relaxed);
        self.succeeded.store(queue == Queue::Successors, Relaxed);
        // Its port is given up at once: a successor may need it while we drain.
        // The control plane's thread may have ended by itself.
        let _ = self.stop_control.send(());
        // A successor may wait for our place on an interface.
        self.packet.finish(queue);
        self.shield.drain(self.config.drain, queue);
        self.lanes.end();
        drop(self.shield);
        self.engine.finish();
        drop(self.watch);
        // Last of all: what the engine concluded is in it.
        self.evidence.finish();
    }
}

/// Key of the marks of sources: of the node, so that crowds of different runs can be compared.
fn source_keys(state: &StateDir) -> Result<[u64; 2], Failure> {
    let secret = state.secret().map_err(|fault| Failure::caused_by(&fault))?;
    Ok(source_keys_of(&secret))
}

/// Key of the marks of sources of the node with that secret.
pub(crate) fn source_keys_of(secret: &Secret) -> [u64; 2] {
    halves(seawall_evidence::sources::key(secret))
}

/// What clients of the control plane bear; made when it is missing.
fn token(config: &Config) -> Result<control::token::Token, Failure> {
    control::token::load_or_create(&config.control.token_file)
        .map_err(|fault| Failure::caused_by(&fault))
}

/// This program began to serve by a configuration with this digest.
fn started(configuration: String) -> Fact {
    Fact::NodeStarted { version: env!("CARGO_PKG_VERSION").to_owned(), configuration }
}

/// Opens the code of an answer with a node's key and the names that its platforms may have.
pub(crate) fn explain(
    key: &CodeKey,
    platforms: &[String],
    text: &str,
) -> Result<control::api::Explanation, String> {
    let (reason, capsule) = code::open(key, text).map_err(|fault| chain(&fault))?;
    let platform = platforms.iter().find(|name| code::platform_tag(key, name) == capsule.platform);
    let at = WallTime(u64::from(capsule.at_secs) * 1000);
    Ok(control::api::Explanation {
        code: text.to_owned(),
        reason: reason.word().to_owned(),
        sentence: reason.sentence().to_owned(),
        at: seawall_types::wall::rfc3339(at),
        platform: platform.cloned(),
        source_hash: Some(format!("{:06x}", capsule.source)),
        mitigation: MeasureId::new(capsule.mitigation).map(|id| id.to_string()),
        mitigation_about: None,
        expires_at: None,
        evidence: None,
    })
}

/// Characters of a time up to its seconds, which is as fine as codes tell it.
const SECOND: usize = "2026-03-01T12:00:00".len();

/// What a measure is, in one line.
fn about(one: &control::api::Mitigation) -> String {
    let control::api::Mitigation { rung, by, text, reason, .. } = one;
    format!("{rung} for {text}, by {by}: {reason}")
}

/// Platforms of a configuration and how the cores number them.
fn present(config: &Config, names: &PlatformNames) -> Vec<(PlatformId, String)> {
    let is_present = |name: &str| config.platforms.iter().any(|platform| platform.name == name);
    let numbered = (0_u16..).map(PlatformId).zip(names.names());
    numbered.filter(|(_, name)| is_present(name)).map(|(id, name)| (id, name.clone())).collect()
}

/// What the cores need of a configuration, and what places sources.
fn compile(
    config: &Config,
    key: &CodeKey,
    names: &mut PlatformNames,
) -> Result<(Settings, Placing), Failure> {
    secret::make_missing(config)?;
    let settings = Settings::compile(config, key, names).map_err(|faults| {
        Failure::wrong(faults.iter().map(|f| format!("line {}: {f}", f.line)).collect())
    })?;
    let placing = places::read(config);
    Ok((settings.located_by(placing.locate()), placing))
}

fn engine_settings(config: &Config, names: &PlatformNames) -> Vec<PlatformSettings> {
    let settings = |name: &String| {
        let platform = config.platforms.iter().find(|platform| platform.name == *name);
        PlatformSettings {
            name: name.clone(),
            capacity: platform.and_then(|platform| match platform.capacity {
                Capacity::Auto => None,
                Capacity::Told(capacity) => Some(capacity),
            }),
            acts: platform.is_some_and(seawall_config::Platform::takes_measures),
        }
    };
    names.names().iter().map(settings).collect()
}

/// What a reload cannot change, each a sentence with its remedy.
fn needs_restart(old: &Config, new: &Config) -> Vec<String> {
    let addresses = |config: &Config| -> Vec<(SocketAddr, bool)> {
        config.listeners.iter().map(|listener| (listener.address, listener.tls)).collect()
    };
    let remedy = "start a second `seawall run` with this file: it takes over without a loss";
    let mut sentences = Vec::new();
    let mut tell = |changed: bool, what: &str| {
        if changed {
            sentences.push(format!("{what} cannot be changed by a reload; {remedy}"));
        }
    };
    tell(addresses(old) != addresses(new), "listener addresses");
    tell(old.control != new.control, "control");
    tell(old.state_dir != new.state_dir, "state_dir");
    tell(old.workers != new.workers, "workers");
    tell(old.packet != new.packet, "the packet layer");
    tell(old.log.max_size != new.log.max_size, "log.max_size");
    sentences
}

fn halves(seed: [u8; 16]) -> [u64; 2] {
    let number = u128::from_le_bytes(seed);
    #[expect(clippy::cast_possible_truncation, reason = "each half is kept")]
    [number as u64, (number >> 64) as u64]
}

fn milliseconds(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

fn identity(clock: Clock) -> control::Identity {
    let since_start = Duration::from_nanos(clock.now().0);
    let started = Instant::now().checked_sub(since_start).unwrap_or_else(Instant::now);
    control::Identity {
        node: rustix::system::uname().nodename().to_string_lossy().into_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started,
        started_wall: WallTime(clock.wall().0.saturating_sub(milliseconds(since_start))),
    }
}

fn gauges(shield: &Arc<Shield>, addresses: &[SocketAddr]) -> control::shared::ReadConnections {
    let shield: Weak<Shield> = Arc::downgrade(shield);
    let addresses = addresses.to_vec();
    Arc::new(move || {
        let counts = shield.upgrade().map(|shield| shield.connections()).unwrap_or_default();
        let gauge = |count: seawall_proxy::ConnectionCount| {
            let address = addresses.get(count.listener)?;
            Some(control::ConnectionGauge {
                listener: address.to_string(),
                state: "open",
                count: count.open,
            })
        };
        counts.into_iter().filter_map(gauge).collect()
    })
}

/// Where records of requests go.
fn records(state: &StateDir, config: &Config) -> RecordsSetup {
    RecordsSetup { folder: state.join("requests"), folder_max: config.log.max_size.0 }
}

/// Starts the engine on what was kept, with what it sees and where its word goes.
fn start_engine(
    (config, names, state): (&Config, &PlatformNames, &StateDir),
    (learned, kept): (Learned, KeptMeasures),
    ((clock, batches, witness), shield): ((Clock, Receiver<Batch>, Witness), &Arc<Shield>),
    outlet: ToOthers,
) -> Result<EngineThread, Failure> {
    let setup = EngineSetup {
        clock,
        platforms: engine_settings(config, names),
        seed: halves(random::<16>().map_err(|fault| Failure::caused_by(&fault))?)[0],
        source_keys: source_keys(state)?,
        learned,
        kept,
        present: present(config, names),
        batches,
        witness,
        tables: tables(shield),
        origins: origins(shield),
        admission: admission(shield),
        outlet: Box::new(outlet),
    };
    EngineThread::start(setup).map_err(|cause| Failure::caused_by(&cause))
}

/// None are told of while the shield is being taken down.
fn tables(shield: &Arc<Shield>) -> LookAtTables {
    let shield = Arc::downgrade(shield);
    Box::new(move |now| {
        let tables = shield.upgrade().map(|shield| shield.tables(now));
        tables.into_iter().flatten().collect()
    })
}

/// None are told of while the shield is being taken down.
fn origins(shield: &Arc<Shield>) -> LookAtOrigins {
    let shield = Arc::downgrade(shield);
    Box::new(move |now| shield.upgrade().map(|shield| shield.origins(now)).unwrap_or_default())
}

/// None is told of while the shield is being taken down.
fn admission(shield: &Arc<Shield>) -> LookAtAdmission {
    let shield = Arc::downgrade(shield);
    Box::new(move || shield.upgrade().map(|shield| shield.admission()).unwrap_or_default())
}

/// Starts the evidence of a node, and has reports read from it.
fn keep_evidence(
    state: &StateDir,
    clock: Clock,
    control: &Arc<control::Shared>,
) -> Result<EvidenceThread, Failure> {
    let secret = state.secret().map_err(|fault| Failure::caused_by(&fault))?;
    let folder = state.join("evidence");
    let key = evidence_thread::key(&folder, &control.identity().node, &secret);
    control.read_reports_with(evidence_thread::reports(folder.clone(), key.known().clone()));
    let vault = Vault::of(state.path());
    let setup = EvidenceSetup { folder, vault, key, clock, control: control.clone() };
    EvidenceThread::start(setup).map_err(|cause| Failure::caused_by(&cause))
}

/// Serves the control plane on a thread of its own: the data plane does not notice its end.
fn serve_control(
    listener: std::net::TcpListener,
    shared: Arc<control::Shared>,
    token: control::Token,
) -> Result<oneshot::Sender<()>, Failure> {
    let (stop, stopped) = oneshot::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|cause| Failure::caused_by(&cause))?;
    let serve = move || {
        runtime.block_on(async {
            tokio::select! {
                served = control::serve(listener, shared, token) => {
                    if let Err(cause) = served {
                        tracing::error!(%cause, "the control plane ended; traffic is unaffected");
                    }
                }
                _ = stopped => {}
            }
        });
    };
    let builder = thread::Builder::new().name("control".to_owned());
    builder.spawn(serve).map_err(|cause| Failure::caused_by(&cause))?;
    Ok(stop)
}
