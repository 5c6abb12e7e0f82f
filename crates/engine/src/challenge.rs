//! What a visitor is asked for when traffic cannot be told apart, and what passing is worth.
//!
//! A [`puzzle`] or a [`place`] in a line is passed; a [`token`] says so afterwards; [`spend`] keeps
//! what a token and its network may ask for, which is the defence: work alone keeps no program out;
//! [`issue`] hands tokens and places out.
//! Takes keys, the time and whom it is for; gives texts and verdicts on texts.
//! Never stores a token, reads a clock, or tells people from programs.
//! Bounds: every text has a fixed length or a named maximum; the two tables of [`spend`] have a
//! fixed size and count what finds no room.

pub mod bound;
pub mod issue;
pub mod keys;
pub(crate) mod mac;
pub mod place;
pub mod puzzle;
pub mod spend;
pub mod token;

pub use bound::{Bound, Family, PlatformMark};
pub use issue::{Asked, Issue, Origins, Weighed, weighed};
pub use keys::Keys;
pub use place::{Line, Place, PlaceFault};
pub use puzzle::{Answer, Difficulty, Puzzle, Solved, Unsolved};
pub use spend::{Pace, Spend, Taken};
pub use token::{Token, TokenFault};
