//! A thread with a runtime of its own, so that one part of the show does not slow another down.

use std::io;
use std::thread::{self, JoinHandle};
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

/// The running thread; dropping it ends everything on it.
#[derive(Debug)]
pub(super) struct StageThread {
    runtime: Handle,
    leave: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl StageThread {
    /// Starts a thread that runs what is started inside of [`Self::with`].
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(super) fn start(name: &str) -> io::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let handle = runtime.handle().clone();
        let (leave, left) = oneshot::channel();
        let stay = move || {
            // The sender going away without a word means the same.
            let _ = runtime.block_on(left);
        };
        let thread = thread::Builder::new().name(name.to_owned()).spawn(stay)?;
        Ok(Self { runtime: handle, leave: Some(leave), thread: Some(thread) })
    }

    /// Calls `start` so that what it spawns runs here.
    pub(super) fn with<T>(&self, start: impl FnOnce() -> T) -> T {
        let _inside = self.runtime.enter();
        start()
    }
}

impl Drop for StageThread {
    fn drop(&mut self) {
        if let Some(leave) = self.leave.take() {
            // The thread may have ended by a panic of its own.
            let _ = leave.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;
    use std::time::Duration;

    #[test]
    fn what_is_started_runs_on_the_thread_and_ends_with_it() {
        let stage = StageThread::start("stage-test").unwrap();
        let (tell, told) = channel();
        stage.with(|| {
            tokio::spawn(async move {
                let name = thread::current().name().map(str::to_owned);
                tell.send(name).unwrap();
                std::future::pending::<()>().await;
                drop(tell);
            })
        });
        let name = told.recv_timeout(Duration::from_secs(5)).unwrap();
        assert_eq!(name.as_deref(), Some("stage-test"));
        drop(stage);
        assert!(told.recv().is_err(), "the task outlived its thread");
    }
}
