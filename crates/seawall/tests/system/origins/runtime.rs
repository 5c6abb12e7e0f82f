//! A runtime beside the test, for servers and clients that want one.

use std::thread;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// A runtime on a thread of its own; ends, with everything on it, when dropped.
#[derive(Debug)]
pub(crate) struct Stage {
    handle: Handle,
    _stop: oneshot::Sender<()>,
}

impl Stage {
    pub(crate) fn new() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("the system has threads");
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        thread::spawn(move || {
            // Told by being dropped.
            let _ = runtime.block_on(stopped);
        });
        Self { handle, _stop: stop }
    }

    /// Lets something run until this is dropped.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        drop(self.handle.spawn(work));
    }

    /// Runs something to its end.
    pub(crate) fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.handle.block_on(work)
    }
}
