//! Bytes that no well-behaved client would send, for tests of what listens.
//!
//! Takes bytes and a [`crate::LoopbackTarget`]; gives what came back and how it ended.
//! Bounds: [`ANSWER_MAX`] bytes read, [`HELD_MAX`] connections held.

mod drip;
mod exchange;
mod hold;

pub use drip::{Drip, Dripped, drip};
pub use exchange::{ANSWER_MAX, Ended, Exchange, exchange, exchange_from};
pub use hold::{HELD_MAX, Held, HoldError, hold};

#[cfg(test)]
mod tests;
