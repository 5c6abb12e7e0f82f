//! Looks, again and again, at what nobody should change unseen: chosen pages, the program, its
//! configuration.
//!
//! Works on a thread of its own, which may wait for origins; tells [`Fact::IntegrityLook`]s.
//! What is compared with is what was there when the configuration in force was applied, so that a
//! reload accepts what an operator has changed.
//! Never repairs, stops or serves anything.
//! Bounds: a round every [`ROUND_EVERY`]; eight pages a platform, 256 KiB and six seconds a page.

mod own;
mod pages;
mod telling;

use crate::evidence_thread::Teller;
use own::Own;
use pages::Pages;
use seawall_config::Config;
use seawall_proxy::Clock;
use seawall_types::evidence::{Aspect, Stamp};
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;
use telling::Telling;

/// How often everything is looked at.
const ROUND_EVERY: Duration = Duration::from_secs(15);

/// What one look showed.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    seen: seawall_types::evidence::Seen,
    detail: String,
}

/// What is watched from now on.
struct Orders {
    config: Config,
    /// The file of the configuration and its digest, where it has one.
    file: Option<(PathBuf, String)>,
}

/// The running watch; it ends with this.
pub(crate) struct Watch {
    orders: Sender<Orders>,
    /// Taken away at the end: a look that waits for an origin must not hold the evidence open.
    teller: Kept,
}

type Kept = Arc<Mutex<Option<Teller>>>;

impl Watch {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system starts no more threads.
    pub(crate) fn start(clock: Clock, teller: Teller) -> io::Result<Self> {
        let (orders, ordered) = channel();
        let teller: Kept = Arc::new(Mutex::new(Some(teller)));
        let kept = teller.clone();
        let watch = move || watch(clock, &kept, &ordered);
        thread::Builder::new().name("integrity".to_owned()).spawn(watch)?;
        Ok(Self { orders, teller })
    }

    /// Watches what this configuration names, as it is now.
    pub(crate) fn follow(&self, config: &Config, file: Option<(PathBuf, String)>) {
        // A watch that is gone has said so.
        let _ = self.orders.send(Orders { config: config.clone(), file });
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.teller.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

fn watch(clock: Clock, teller: &Kept, orders: &Receiver<Orders>) {
    let Ok(first) = orders.recv() else { return };
    let mut pages = Pages::of(&first.config);
    let mut own = Own::new(clock.now(), first.file);
    let mut telling = Telling::default();
    loop {
        for (platform, look) in pages.round() {
            told(clock, teller, &mut telling, ((Some(platform), Aspect::Content), look));
        }
        told(clock, teller, &mut telling, ((None, Aspect::Shield), own.look(clock.now())));
        match orders.recv_timeout(ROUND_EVERY) {
            Ok(next) => {
                // Of reloads in a row only the last counts: a round may have taken a while.
                let newest = orders.try_iter().last().unwrap_or(next);
                pages = Pages::of(&newest.config);
                own.follow(newest.file);
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn told(clock: Clock, teller: &Kept, telling: &mut Telling, (what, look): (telling::What, Look)) {
    let at = Stamp { wall: clock.wall(), moment: clock.now() };
    if let Some(fact) = telling.take(at, what, look) {
        let kept = teller.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().for_each(|teller| teller.integrity(fact.clone()));
    }
}
