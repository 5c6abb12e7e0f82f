//! What an excess of demand has in common, and whom that description would touch.
//!
//! Takes rows of requests and the known-good visitors; gives descriptions, each with a certified
//! bound on the share of known-good visitors that it touches.
//! Never reads a clock, draws chance or decides what is done about what it describes.
//! Bounds: stand with each part.

pub mod certify;
mod columns;
pub mod names;
pub mod reservoir;
pub mod row;
pub mod sample;
pub mod search;
pub mod signature;
mod tally;

pub use certify::Certificate;
pub use names::Names;
pub use reservoir::{Known, Reservoirs};
pub use row::Row;
pub use sample::Sample;
pub use search::{Answer, Declined, Proposal, Question, answer, synthesise};
pub use signature::{Signature, Term};
