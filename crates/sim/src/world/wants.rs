//! What honest senders did not get and may ask for again.
//!
//! Bounds: [`WANTS_MAX`]; when there are more, those that are older than [`FORGOTTEN`] go first, and
//! what does not fit is counted as asked for the first time when it comes again.

use crate::request::Request;
use seawall_types::Moment;
use std::collections::BTreeMap;
use std::time::Duration;

/// Wants that are kept.
const WANTS_MAX: usize = 262_144;
/// After this long it is another want.
const FORGOTTEN: Duration = Duration::from_mins(2);

/// Who wants what.
type Key = (u16, u32, u16, u32);

/// Since when what was wanted.
#[derive(Debug, Default)]
pub struct Wants {
    since: BTreeMap<Key, Moment>,
}

impl Wants {
    /// A request did not bring what it asked for.
    pub fn unmet(&mut self, now: Moment, request: &Request, since: Moment) {
        if self.since.len() >= WANTS_MAX {
            self.since.retain(|_, first| now.since(*first) < FORGOTTEN);
        }
        if self.since.len() < WANTS_MAX {
            self.since.insert(key(request), since);
        }
    }

    /// Asked again: since when it has been wanted.
    pub fn again(&mut self, now: Moment, request: &Request) -> Option<Moment> {
        self.since.remove(&key(request)).filter(|since| now.since(*since) < FORGOTTEN)
    }
}

fn key(request: &Request) -> Key {
    (request.sender.group, request.sender.member, request.route.0, request.item)
}
