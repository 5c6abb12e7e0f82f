//! Interim answers on their way past the HTTP engine, which knows none but its own.
//!
//! A request puts them here and waits; the meter sends them when the engine has nothing in its
//! buffer, so that they never stand inside an answer, and says when they have left.
//! Bounds: what one request may put is bounded where it is made (`upstream/interim.rs`).

use std::cell::{Cell, RefCell};

/// What one HTTP/1 connection has to send before its next answer.
#[derive(Debug, Default)]
pub(crate) struct Interims {
    heads: RefCell<Vec<u8>>,
    waits: Cell<bool>,
}

impl Interims {
    /// Puts a head behind those that wait.
    pub(crate) fn put(&self, head: &[u8]) {
        self.heads.borrow_mut().extend_from_slice(head);
        self.waits.set(true);
    }

    /// Whether any has not left in full.
    pub(crate) fn wait(&self) -> bool {
        self.waits.get()
    }

    /// Gives out those of which nothing has left.
    pub(crate) fn take(&self) -> Vec<u8> {
        self.heads.take()
    }

    /// Whatever was given out has left.
    pub(crate) fn sent(&self) {
        let all = self.heads.borrow().is_empty();
        self.waits.set(!all);
    }

    /// Another answer comes first: those of which nothing has left stay unsent.
    pub(crate) fn forget(&self) {
        self.heads.borrow_mut().clear();
        self.waits.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_wait_until_the_last_of_them_has_left() {
        let interims = Interims::default();
        assert!(!interims.wait());
        interims.put(b"a");
        interims.put(b"b");
        assert_eq!(interims.take(), b"ab");
        assert!(interims.wait(), "given out is not sent");
        interims.put(b"c");
        interims.sent();
        assert!(interims.wait(), "one came meanwhile");
        interims.forget();
        assert!(!interims.wait() && interims.take().is_empty());
    }
}
