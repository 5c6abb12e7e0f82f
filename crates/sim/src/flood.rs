//! Those who mean harm, one type for each kind of flood.
//!
//! What kinds share: [`pace`] says how often they send, [`sources`] where they stand, [`forgery`]
//! what they pretend to be.

pub mod cache_bust;
pub mod cookie_replay;
pub mod costly_search;
pub mod egress;
pub mod forgery;
pub mod handshakes;
pub mod headless;
pub mod hijacked_browsers;
pub mod ipv6_rotation;
pub mod login_posts;
pub mod mimicry;
pub mod odd_headers;
pub mod one_tool;
pub mod pace;
pub mod pulses;
pub mod random_everything;
pub mod random_looks;
pub mod resets;
pub mod rotating_look;
pub mod slow_bodies;
pub mod slow_heads;
pub mod slow_holds;
pub mod slow_ramp;
pub mod slow_reads;
pub mod socket_holds;
pub mod sources;
pub mod thin_sources;
pub mod tools;
pub mod warm_sources;

mod aim;
mod era;
mod sending;
mod visitor;

pub use visitor::Cookies;

#[cfg(test)]
mod tests;
