//! Sends away in time who has waited too long: to the millisecond, where ticks are too coarse.
//!
//! Sleeps for as long as nobody waits.

use crate::core::Core;
use std::rc::Rc;
use tokio::sync::Notify;

/// Rings when somebody begins to wait.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Notify);

impl Alarm {
    /// Somebody waits.
    pub(crate) fn ring(&self) {
        self.0.notify_one();
    }
}

/// Looks after those who wait at the gates of one core, for as long as it runs.
pub(crate) async fn keep_time(core: Rc<Core>, alarm: Rc<Alarm>) {
    loop {
        let Some(due) = core.next_wait_ends() else {
            alarm.0.notified().await;
            continue;
        };
        let now = core.now();
        if due > now {
            tokio::select! {
                () = tokio::time::sleep(due.since(now)) => {}
                // Its wait may end before the one that was slept for.
                () = alarm.0.notified() => continue,
            }
        }
        core.end_waits();
    }
}
