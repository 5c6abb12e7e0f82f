//! What an origin is asked, by whichever protocol, and to whom its interim answers go.

use crate::connection::Connection;
use crate::stream;
use crate::upstream::interim::{Allowance, Interim};
use http::{Method, Version};

/// A request that waits for its answer.
pub(super) struct Question<'a> {
    pub(super) connection: &'a Connection,
    pub(super) method: Method,
    interims: Allowance,
}

impl<'a> Question<'a> {
    pub(super) fn new(connection: &'a Connection, (method, version): (Method, Version)) -> Self {
        let knows_interims = version >= Version::HTTP_11;
        let interims = if knows_interims { Allowance::FULL } else { Allowance::NONE };
        Self { connection, method, interims }
    }

    /// Sends an interim answer on to the client.
    pub(super) fn tell(&mut self, interim: Interim) {
        let Some(head) = self.interims.encode(&interim) else { return };
        match stream::current() {
            Some(stream) => stream.tell(interim.into_response()),
            None => self.connection.interims.put(&head),
        }
    }
}
