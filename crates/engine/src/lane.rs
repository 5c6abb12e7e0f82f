//! What gets somebody into an identity lane: texts and signatures that only certain hands can make.
//!
//! A [`pass`] is what staff bear, and a link into it is what an operator hands out; a [`webhook`] is
//! known by what its sender signs; [`listed`] reads what operators of keys and crawlers publish;
//! [`feed`] knows where feeds are, and [`ration`] keeps what a lane may ask for.
//! Takes keys, texts and the time; gives who it is, or why it is nobody.
//! Never stores what it has seen, reads a clock, or asks anybody.
//! Bounds: every text has a fixed length or a named maximum.

pub mod feed;
pub mod listed;
pub mod pass;
pub mod ration;
pub mod webhook;

pub use feed::is_feed;
pub use listed::{KeyHash, NotListed};
pub use pass::{LaneKeys, LaneText, Link, Pass};
pub use ration::{Entry, Ration};
pub use webhook::{Form, Signed, Unsigned};
