//! A client that says it will send no more may still wait for its answers (RFC 9112 §9.6).
//!
//! To the HTTP engine the end of the stream means that the client has gone, and it drops what is
//! under way; so the end is kept back until all is answered.
//! A browser that leaves closes with the same FIN, and only the reset that answers our next bytes
//! tells it apart: the core's tick has the socket asked for one, and ends a connection to which
//! nothing was sent for a while (`Connection::look`).

use super::{Carrier, Meter, Protocol, Rest};
use std::io;
use std::task::Poll;

impl<S: Carrier> Meter<S> {
    /// The client's stream has ended; whether the engine is to know now.
    pub(super) fn ends_now(&mut self) -> bool {
        let Protocol::H1(gate) = &self.protocol else { return true };
        let whole = gate.awaits_head() && self.held.is_empty() && !self.connection.tunnel.get();
        if !whole || self.connection.has_answered_all() {
            return true;
        }
        self.rest = Rest::Answers;
        self.connection.half_closed(self.core.coarse_now());
        false
    }

    /// The end of the stream, once all is answered, or a client that has gone altogether.
    pub(super) fn poll_answers(&self) -> Poll<io::Result<()>> {
        if self.connection.has_answered_all() {
            return Poll::Ready(Ok(()));
        }
        // A read gives nothing but the end any more; a reset shows as the socket's error.
        match self.io.socket().take_error() {
            Ok(None) => {
                self.connection.hold_back();
                Poll::Pending
            }
            Ok(Some(cause)) | Err(cause) => Poll::Ready(Err(cause)),
        }
    }
}
