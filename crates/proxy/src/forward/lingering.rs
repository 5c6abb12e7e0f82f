//! Questions whose clients have left: the origin works on them still, so they keep their slots.
//!
//! Over HTTP/1 the origin is told by the end of what we send on its connection. One that notices
//! closes it, and the slot is free; one that does not works on, and whoever asks and leaves would
//! have it do more than it can carry, so the slot counts until the head of its answer.
//! Over HTTP/2 the origin is told by a reset of the stream, and the slot is free.
//! Once the head is there its connection is closed.
//! Where nothing bounds an origin its connection is closed at once: one that notices is relieved.
//! Bounds: the slots of admission; [`seawall_config::Timeouts::origin_answer`] each.

use crate::core::Core;
use crate::pool::Lease;
use crate::upstream::response::Said;
use http::Method;
use std::cell::RefCell;
use std::future::poll_fn;
use std::rc::Rc;
use tokio::sync::Notify;

/// A connection on which an answer is awaited; where that is dropped before, it lingers.
pub(super) struct Awaited<'a> {
    core: &'a Rc<Core>,
    held: &'a mut Option<Lease>,
    method: Method,
    asked: bool,
}

/// A question that is open, and by which method it was asked.
struct Open {
    lease: Lease,
    method: Method,
}

impl<'a> Awaited<'a> {
    pub(super) fn new(core: &'a Rc<Core>, held: &'a mut Option<Lease>, method: &Method) -> Self {
        Self { core, held, method: method.clone(), asked: false }
    }

    pub(super) fn lease(&mut self) -> Option<&mut Lease> {
        self.held.as_mut()
    }

    /// The origin has the whole request.
    pub(super) fn asked(&mut self) {
        self.asked = true;
    }

    /// The question is answered, or given up: whoever holds the connection knows.
    pub(super) fn settled(mut self) {
        self.asked = false;
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        if self.asked
            && let Some(lease) = self.held.take_if(|lease| lease.seat.is_bounded())
        {
            let method = std::mem::take(&mut self.method);
            self.core.lingering().keep(Open { lease, method });
        }
    }
}

/// Open questions of one core whose clients have left.
#[derive(Default)]
pub(crate) struct Lingering {
    left: RefCell<Vec<Open>>,
    bell: Notify,
}

impl Lingering {
    /// Takes one on; may be called from anywhere, even while a runtime ends.
    fn keep(&self, open: Open) {
        self.left.borrow_mut().push(open);
        self.bell.notify_one();
    }
}

/// Waits for the answers that nobody else waits for, for as long as the core runs.
pub(crate) async fn linger(core: Rc<Core>) {
    loop {
        core.lingering().bell.notified().await;
        for open in core.lingering().left.take() {
            tokio::task::spawn_local(wait_for_head(core.clone(), open));
        }
    }
}

async fn wait_for_head(core: Rc<Core>, mut open: Open) {
    let due = core.now() + core.timeouts().origin_answer;
    let head = async {
        // One that is gone has no need to be told.
        open.lease.upstream.end_requests().await.ok()?;
        loop {
            let said = poll_fn(|cx| open.lease.upstream.poll_head(cx, &open.method)).await;
            match said {
                Ok(Said::Interim(_)) => {}
                Ok(Said::Final(head)) => return Some(head),
                Err(_) => return None,
            }
        }
    };
    // Nobody is told: its slot is free with the end of this.
    let _ = core.watchlist().until(due, head).await;
}
