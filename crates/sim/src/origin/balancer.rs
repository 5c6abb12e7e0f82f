//! Which server gets the next request: in turn, without those that are down, and without those at
//! which a request has just timed out while there is another.

use super::server::{Server, Standing};
use seawall_types::Moment;

/// Deals requests round robin.
#[derive(Debug, Default)]
pub(super) struct Balancer {
    next: usize,
}

impl Balancer {
    pub(super) fn pick(&mut self, now: Moment, servers: &[Server]) -> Option<usize> {
        let turn = (0..servers.len()).map(|step| (self.next + step) % servers.len());
        let up = |at: &usize| servers[*at].standing != Standing::Down;
        let trusted = |at: &usize| servers[*at].passed_over_until <= now;
        let mut in_turn = turn.clone().filter(up);
        let picked = turn.filter(up).find(trusted).or_else(|| in_turn.next())?;
        self.next = (picked + 1) % servers.len();
        Some(picked)
    }
}
