//! Room for new connections when clients hold as many as they may.
//!
//! Who carries nothing leaves first, and of those whoever asked last for the platform that most
//! connections are of: a flood of one platform takes the room of that platform's own clients before
//! it takes anything of another's.
//! Bounds: [`MADE_ROOM_AT_ONCE`] leave at once.

use super::Core;
use crate::client::Peer;
use crate::connection::Connection;
use seawall_types::PlatformId;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

/// Idle connections that are asked to leave at once when there is no room for new ones.
const MADE_ROOM_AT_ONCE: usize = 64;

/// Whose a connection is; none while it has not asked for anything.
type Party = Option<PlatformId>;

impl Core {
    /// Has connections leave here for clients that wait in another core's queue, whose core may hold
    /// none itself.
    pub(crate) fn make_room_for_others(&self) {
        let told = self.shared.counters.out_of_descriptors.load(Relaxed);
        if self.no_room_told.replace(told) != told && self.is_full() {
            self.make_room();
        }
    }

    /// Has connections leave that carry nothing, so that others find room.
    ///
    /// Those of trusted proxies carry many clients: they leave when there are no others.
    pub(crate) fn make_room(&self) {
        let connections = self.connections.borrow();
        let all = || connections.iter().map(|(_, connection)| &**connection);
        let leave = |whose: fn(&Connection) -> bool| {
            let mut idle: Vec<_> = all().filter(|each| is_idle(each) && whose(each)).collect();
            let ranks = ranks(all().map(|connection| connection.asks_for.get()));
            idle.sort_by_key(|connection| ranks.get(&connection.asks_for.get()).copied());
            let left = idle.iter().take(MADE_ROOM_AT_ONCE);
            left.map(|connection| connection.make_room(self.coarse_now())).count()
        };
        if leave(|connection| connection.peer == Peer::Client) == 0 {
            leave(|connection| {
                connection.peer != Peer::Client && !connection.awaits_announcement()
            });
        }
    }
}

/// Whether it carries nothing and was not asked to leave: those that were are on their way.
fn is_idle(connection: &Connection) -> bool {
    connection.has_answered_all() && connection.ending().is_none()
}

/// Position of each party, those that hold most first.
fn ranks(parties: impl Iterator<Item = Party>) -> BTreeMap<Party, usize> {
    let mut held = BTreeMap::<Party, usize>::new();
    for party in parties {
        *held.entry(party).or_default() += 1;
    }
    let mut order: Vec<_> = held.into_iter().collect();
    order.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    order.into_iter().enumerate().map(|(rank, (party, _))| (party, rank)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_of_the_platform_with_most_connections_leave_first() {
        let flooded = Some(PlatformId(1));
        let parties = [Some(PlatformId(0)), None, flooded, flooded, None, flooded];
        let ranks = ranks(parties.into_iter());
        assert_eq!((ranks[&flooded], ranks[&None], ranks[&Some(PlatformId(0))]), (0, 1, 2));
    }
}
