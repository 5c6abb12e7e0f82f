//! Puts everything up: origins, papers, shield, visitors.

use super::addresses::Addresses;
use super::cast::Cast;
use super::crowd::Crowd;
use super::floods::Floods;
use super::folder::Folder;
use super::papers::Papers;
use super::show::{Players, failed};
use super::stage_thread::StageThread;
use crate::failure::Failure;
use crate::node::{Node, NodeSetup};
use crate::packet_thread::Prepared;
use crate::run;
use crate::state::{Lock, StateDir};
use seawall_config::Config;
use seawall_control::Command;
use seawall_engine::{Effect, Snapshot};
use seawall_stage::{Origin, StageError};
use seawall_types::evidence::Fact;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// Effects that wait to be told: a handful comes in a minute.
const EFFECTS_WAITING_MAX: usize = 64;

/// Everything that stands before the show begins.
pub(super) struct Set {
    pub(super) players: Players,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) effects: mpsc::Receiver<Effect>,
    pub(super) token_file: PathBuf,
    pub(super) folder: Folder,
    _lock: Option<Lock>,
    /// Goes last: the shield passes requests on until it has drained.
    _origins_thread: StageThread,
}

impl Set {
    /// Puts everything up; visitors are on their way when it returns.
    ///
    /// # Errors
    /// Ports are in use, or the system does not let us; nothing is left running.
    pub(super) fn build(cast: Cast, addresses: &Addresses) -> Result<Self, Failure> {
        let origins_thread = thread("origins")?;
        let origins = origins_thread.with(|| {
            let specs = cast.parts.iter().map(|part| part.origin.clone());
            specs.map(Origin::start).collect::<Result<Vec<_>, StageError>>()
        });
        let origins = origins.map_err(failed)?;
        let listening: Vec<SocketAddr> =
            origins.iter().map(|origin| origin.address().address()).collect();
        let mut folder = Folder::fresh()?;
        let papers = Papers::write(&folder, &cast, addresses, &listening)?;
        let token_file = folder.path().join("control.token");
        let state = StateDir::open(folder.path()).map_err(|fault| Failure::caused_by(&fault))?;
        let lock = state.try_lock().map_err(|fault| Failure::caused_by(&fault))?;
        let (tell, effects) = mpsc::channel(EFFECTS_WAITING_MAX);
        let (node, commands) = start_shield((papers.config, papers.digest), state, tell)?;
        let crowd = Crowd::start(thread("visitors")?, &cast, addresses, &papers.trust);
        let floods = Floods::new(thread("flood")?, &cast, addresses);
        let players = Players { crowd: crowd.map_err(failed)?, floods, cast, node, origins };
        folder.keep();
        Ok(Self {
            players,
            commands,
            effects,
            token_file,
            folder,
            _lock: lock,
            _origins_thread: origins_thread,
        })
    }
}

fn start_shield(
    (config, digest): (Config, String),
    state: StateDir,
    tell: mpsc::Sender<Effect>,
) -> Result<(Node, mpsc::Receiver<Command>), Failure> {
    let sockets = run::bind(&config)?;
    let on_effect = move |effect: &Effect, snapshot: &Snapshot, fact: Option<&Fact>| {
        if matches!(effect, Effect::TableSaturated { .. }) {
            run::log_effect(effect, snapshot, fact);
        }
        // A story that is so far behind tells less.
        let _ = tell.try_send(effect.clone());
    };
    Node::start(NodeSetup {
        config,
        digest,
        file: None,
        state,
        listeners: sockets.listeners,
        control: sockets.control,
        packet: Prepared::nothing(),
        on_effect: Box::new(on_effect),
    })
}

fn thread(name: &str) -> Result<StageThread, Failure> {
    StageThread::start(name)
        .map_err(|cause| Failure::failed(format!("cannot start the thread of the {name}: {cause}")))
}
