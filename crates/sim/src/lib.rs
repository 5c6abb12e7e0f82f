//! A world to try the shield in: people, crowds, floods and origins under a virtual clock.
//!
//! Takes a [`Scenario`] and a seed; gives a [`Score`]: what the world met, second by second.
//! The groups that send ([`Group`]) know nothing of the clock's kind, so the `stage` crate lets the
//! very same groups loose on real sockets.
//! [`recording`] reads recorded traffic, [`shield`] is what a running node does without sockets and
//! clocks, [`replay`] plays the one through the other, and [`vectors`] tells what a capture of
//! packets consists of.
//! Never reads a clock, opens a file or a socket, or draws from anything but its seed: the same
//! scenario and seed give the same bytes.
//! Bounds: [`scenario::bounds`].

pub mod agenda;
pub mod casting;
pub mod chance;
pub mod clock;
pub mod defence;
pub mod fault;
pub mod flood;
pub mod group;
pub mod network;
pub mod origin;
pub mod people;
pub mod rate;
pub mod recording;
pub mod replay;
pub mod request;
pub mod scenario;
pub mod score;
pub mod shield;
pub mod shows;
pub mod site;
pub mod stack;
pub mod surge;
pub mod vectors;
pub mod world;

pub use casting::{Casting, Miscast, Pools, Span};
pub use chance::Chance;
pub use defence::{Decision, Defence, DefenceKind};
pub use group::{Group, Outbox, Role};
pub use request::{Answer, Fate, Request, Sender, Ticket};
pub use scenario::Scenario;
pub use score::Score;
pub use world::World;
