//! Those who mean well: people with browsers, and the programs that every site has.
//!
//! Each kind has `Parameters` (what a scenario says of it) that cast a group.
//! Bounds: [`MEMBERS_MAX`] members of one group.

pub mod apps;
pub mod browsers;
mod callers;
pub mod crawlers;
pub mod downloads;
pub mod feeds;
pub(crate) mod homes;
pub mod monitors;
pub mod nat;
pub mod privacy;
mod programs;
mod single;
pub mod sockets;
pub(crate) mod visitors;
pub mod webhooks;

use serde::Deserialize;

/// Members of one group: at 96 bytes each, 96 MB.
pub const MEMBERS_MAX: u32 = 1_000_000;

/// Whether people are here already when their group's span begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Begin {
    /// As many as there always are.
    Settled,
    /// Nobody: the first come then.
    Empty,
}

/// Whether a site has had programs of that look before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Known {
    /// It has them anyway; a shield that has been up for longer than the world knows them.
    Usual,
    /// Nobody had this one before.
    New,
}

#[cfg(test)]
pub(crate) mod tests;
