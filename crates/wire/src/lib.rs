//! Hostile bytes to meaning: the parsers that stand in front of every other part of Seawall.
//!
//! Takes bytes as they came from a socket; gives facts, or a fault of a closed list.
//! Never reads a clock, opens a socket, panics, or keeps memory that grows with what was sent:
//! every list and buffer has a named bound in the module that owns it.

pub mod cache;
pub mod code;
pub mod forwarded;
pub mod frame;
pub mod h1;
pub mod h2;
pub mod hello;
pub mod packet;
pub mod proxy_header;
pub mod signature;
pub mod traits;
