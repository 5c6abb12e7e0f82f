//! A real HTTP/1.1 server on loopback that can carry only so much, as an organisation's own does.
//!
//! Takes an [`OriginSpec`]; gives an address and, at any time, an [`OriginLoad`] measured here.
//! A request costs a worker the time of its [`PageClass`]; without a free worker it waits in line;
//! without room in the line it gets 503.
//! Never serves anything but its own pages, and never leaves loopback.
//! Bounds: workers and line by specification, [`CONNECTIONS_MAX`] connections, [`BODY_MAX`] a body.

mod load;
mod pages;
mod serve;
mod spec;
mod stand;
mod workers;

pub use load::OriginLoad;
pub use serve::BODY_MAX;
pub use spec::{OriginSpec, PageClass, ServiceTimes};
pub use stand::CONNECTIONS_MAX;

use crate::{LoopbackTarget, StageError};
use load::LoadMeter;
use stand::{Command, Stand, Step};
use std::io;
use std::sync::Arc;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

/// A running origin; dropping it ends it at once.
///
/// May be shared: every method takes `&self`.
#[derive(Debug)]
pub struct Origin {
    platform: String,
    address: LoopbackTarget,
    meter: Arc<LoadMeter>,
    commands: mpsc::Sender<Command>,
}

impl Origin {
    /// Starts serving on a free port of 127.0.0.1, on the runtime of the caller.
    ///
    /// # Errors
    /// [`StageError::OutOfBounds`], [`StageError::NoRuntime`] or [`StageError::Listen`].
    pub fn start(spec: OriginSpec) -> Result<Self, StageError> {
        let spec = spec.checked()?;
        let runtime = Handle::try_current().map_err(|_| StageError::NoRuntime)?;
        let platform = spec.platform.clone();
        let meter = Arc::new(LoadMeter::default());
        let (commands, incoming) = mpsc::channel(1);
        let (stand, address) = Stand::open(spec, Arc::clone(&meter))
            .map_err(|source| StageError::Listen { platform: platform.clone(), source })?;
        runtime.spawn(stand.run(incoming));
        Ok(Self { platform, address, meter, commands })
    }

    /// Where it listens, alive or not.
    pub fn address(&self) -> LoopbackTarget {
        self.address
    }

    /// What it has done and is doing, counted by itself.
    pub fn load(&self) -> OriginLoad {
        self.meter.snapshot()
    }

    /// Workers stop finishing: requests are taken and not answered, until [`Self::revive`].
    ///
    /// # Errors
    /// [`StageError::Stopped`] after [`Self::stop`].
    pub async fn stall(&self) -> Result<(), StageError> {
        self.order(Step::Stall).await
    }

    /// As if the process were killed: connections break, work is lost, connecting is refused.
    ///
    /// Its port stays reserved for [`Self::revive`].
    ///
    /// # Errors
    /// [`StageError::Stopped`] after [`Self::stop`].
    pub async fn kill(&self) -> Result<(), StageError> {
        self.order(Step::Kill).await
    }

    /// Serves again on the same port after a stall or a kill.
    ///
    /// # Errors
    /// [`StageError::Stopped`] after [`Self::stop`], [`StageError::Listen`] if the system refuses.
    pub async fn revive(&self) -> Result<(), StageError> {
        self.order(Step::Revive).await
    }

    /// Takes no more, finishes what it has for at most two seconds, and ends; again is harmless.
    pub async fn stop(&self) {
        // The one error is that it had been stopped before.
        let _ = self.order(Step::Stop).await;
    }

    async fn order(&self, step: Step) -> Result<(), StageError> {
        let stopped = || StageError::Stopped { platform: self.platform.clone() };
        let (done, answer) = oneshot::channel::<io::Result<()>>();
        let command = Command { step, done };
        self.commands.send(command).await.map_err(|_| stopped())?;
        let listened = answer.await.map_err(|_| stopped())?;
        let platform = self.platform.clone();
        listened.map_err(|source| StageError::Listen { platform, source })
    }
}

#[cfg(test)]
mod tests;
