//! What an excess of demand has in common, and whom that description would touch.
//!
//! Takes rows of requests and the known-good visitors; gives descriptions, each with a certified
//! bound on the share of known-good visitors that it touches.
//! [`Detector`] is one platform's: it knows when to look, what to say and what to remember.
//! Never reads a clock, draws chance or decides what is done about what it describes.
//! Bounds: stand with each part.

mod baseline;
pub mod certify;
mod columns;
mod detector;
pub mod finding;
mod habits;
mod held_back;
mod manners;
mod memory;
pub mod names;
pub mod pressure;
pub mod promises;
pub mod reservoir;
pub mod row;
pub mod sample;
pub mod search;
pub mod signature;
mod tally;
mod unserved;
mod verdict;
mod visitors;
mod window;

pub use certify::Certificate;
pub(crate) use detector::mixed;
pub use detector::{Active, Asked, Detector};
pub use finding::{
    Described, Elsewhere, Finding, FindingChange, Footing, Habit, Manners, SENDERS_MIN,
    SIGNATURES_MAX, Shown, Treated, Why,
};
pub use names::Names;
pub use promises::Promises;
pub use reservoir::{Known, Reservoirs};
pub use row::Row;
pub use sample::Sample;
pub use search::{Answer, Declined, Proposal, Question, answer};
pub use signature::{Signature, Term};
