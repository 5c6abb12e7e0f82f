//! What a flood of packets consists of, and what its packets have in common.
//!
//! Takes samples of packets with the time; gives findings: names of vectors with their rates, whether
//! their senders look forged and why, what they are for, and signatures, or why there is none.
//! A signature that would also fit what honest senders send is not invented: SYN cookies and budgets are
//! what is left then.
//! Pure: reads no clock, draws no number; the same samples give the same findings.
//! Bounds: [`SAMPLES_MAX`] samples of a second and [`NORMAL_MAX`] of calm ones; [`VECTORS_MAX`] vectors
//! and as many signatures of one finding.

mod aim;
mod honest;
mod kind;
mod remedy;
mod senders;
mod shape;
mod watch;

pub use aim::Aim;
pub use honest::honest;
pub use kind::{PacketKind, service};
pub use remedy::Remedy;
pub use senders::Spoofed;
pub use shape::{Described, Vector, Verdict, describe, describe_of};
pub use watch::{Fate, PacketFinding, PacketWatch, Sampled, Standing};

/// Samples that one second keeps.
pub const SAMPLES_MAX: usize = 4_096;
/// Samples that are kept of calm seconds.
pub const NORMAL_MAX: usize = 4_096;
/// Vectors of one finding.
pub const VECTORS_MAX: usize = 8;
/// The share of normal packets that a signature, or a stage for a whole kind, may meet.
const COLLATERAL_MAX: f64 = 0.001;

#[cfg(test)]
mod tests;
