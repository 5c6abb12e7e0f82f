//! Decides about packets in the kernel, before a connection costs anything.
//!
//! Takes who is blocked until when, signatures, ports and budgets; writes them into tables of a small
//! program that the kernel runs for each packet, and gives back counters and samples.
//! Never decides who is blocked, never drops before it is armed, and never replaces another's program.
//! Bounds: those of the tables, in `bpf/seawall.c`; a table that is full says so.
//! `unsafe` stands in `kernel`, where plain structs become bytes and maps are written in batches, and where
//! the helper ignores signals.

pub mod abi;
pub mod guard;
pub mod hosts;
pub mod kernel;
pub mod layer;
pub mod model;
pub mod nft;
pub mod object;
pub mod privileged;
pub mod reason;
pub mod signatures;

pub use reason::Reason;
