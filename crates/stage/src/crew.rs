//! A set of tasks that end together: at their own time, when told, or when their owner is gone.

use crate::StageError;
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::{AbortHandle, JoinHandle};

/// Tasks of one generator; dropping it ends them all.
#[derive(Debug)]
pub(crate) struct Crew {
    runtime: Handle,
    members: Vec<AbortHandle>,
    /// Every member holds a receiver, so that "closed" means that the last one has ended.
    present: watch::Sender<()>,
}

impl Crew {
    /// An empty crew on the runtime of the caller.
    pub(crate) fn new() -> Result<Self, StageError> {
        let runtime = Handle::try_current().map_err(|_| StageError::NoRuntime)?;
        let (present, _) = watch::channel(());
        Ok(Self { runtime, members: Vec::new(), present })
    }

    pub(crate) fn add(&mut self, work: impl Future<Output = ()> + Send + 'static) {
        let presence = self.present.subscribe();
        let member = self.runtime.spawn(async move {
            work.await;
            drop(presence);
        });
        self.members.push(member.abort_handle());
    }

    /// Waits until every member has ended.
    pub(crate) async fn ended(&self) {
        self.present.closed().await;
    }

    /// Ends every member where it stands, and waits until they are gone.
    pub(crate) async fn stop(&self) {
        self.abort();
        self.ended().await;
    }

    fn abort(&self) {
        for member in &self.members {
            member.abort();
        }
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        self.abort();
    }
}

/// A task that ends with the value that owns it.
#[derive(Debug)]
pub(crate) struct Companion(JoinHandle<()>);

impl Companion {
    pub(crate) fn of(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(tokio::spawn(work))
    }
}

impl Drop for Companion {
    fn drop(&mut self) {
        self.0.abort();
    }
}
