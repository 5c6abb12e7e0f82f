//! Room for new connections when clients hold as many as they may.
//!
//! Who carries nothing leaves first, and of those whoever asked last for the platform that most
//! connections are of: a flood of one platform takes the room of that platform's own clients before
//! it takes anything of another's. Who is on the allow list leaves when nobody else can.
//! Clients may wait in the queue of a core that holds none itself: then others let some of theirs go.
//! Bounds: [`LEAVING_MAX`] of a core's connections are on their way out for room at once.

use super::Core;
use crate::client::Peer;
use crate::connection::Connection;
use seawall_engine::policy::Standing;
use seawall_types::PlatformId;
use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;

/// Idle connections that are on their way out at once when there is no room for new ones.
const LEAVING_MAX: usize = 64;
/// Of these, for clients that wait for another core: each of the others lets so many go.
const FOR_OTHERS_MAX: usize = 16;

/// Whose a connection is; none while it has not asked for anything.
type Party = Option<PlatformId>;

impl Core {
    /// Has connections leave here for clients that wait for another core.
    pub(crate) fn make_room_for_others(&self) {
        let told = self.shared.counters.out_of_descriptors.load(Relaxed);
        if self.no_room_told.replace(told) != told && self.is_full() {
            self.leave(FOR_OTHERS_MAX, |connection| {
                connection.peer == Peer::Client && may_be(connection)
            });
        }
    }

    /// Has connections leave that carry nothing, so that others find room.
    ///
    /// Those of trusted proxies carry many clients: they leave when there are no others.
    pub(crate) fn make_room(&self) {
        let of_client = |connection: &Connection| connection.peer == Peer::Client;
        if self.leave(LEAVING_MAX, |connection| of_client(connection) && may_be(connection)) == 0 {
            let proxy = |connection: &Connection| {
                connection.peer != Peer::Client && !connection.awaits_announcement()
            };
            if self.leave(LEAVING_MAX, proxy) == 0 {
                self.leave(LEAVING_MAX, of_client);
            }
        }
    }

    /// Has idle connections leave, as long as no more than `most` are on their way; how many are.
    fn leave(&self, most: usize, whose: impl Fn(&Connection) -> bool) -> usize {
        let connections = self.connections.borrow();
        let all = || connections.iter().map(|(_, connection)| &**connection);
        let on_their_way = all().filter(|each| each.makes_room.get() && whose(each)).count();
        let mut idle: Vec<_> = all().filter(|each| is_idle(each) && whose(each)).collect();
        let ranks = ranks(all().map(|connection| connection.asks_for.get()));
        idle.sort_by_key(|connection| ranks.get(&connection.asks_for.get()).copied());
        let left = idle.iter().take(most.saturating_sub(on_their_way));
        on_their_way + left.map(|connection| connection.make_room(self.coarse_now())).count()
    }
}

/// Whether it is of somebody who may be sent away for another: nobody on the allow list is.
fn may_be(connection: &Connection) -> bool {
    connection.client().standing != Standing::Allowed
}

/// Whether it carries nothing and was not asked to leave: those that were are on their way.
fn is_idle(connection: &Connection) -> bool {
    connection.has_answered_all() && connection.ending().is_none() && !connection.makes_room.get()
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
