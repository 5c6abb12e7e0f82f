//! The strict HTTP/1 gate: which requests an HTTP engine may see at all.
//!
//! Takes the bytes of one connection in the order they came; says where a head ends, how its body
//! is framed and where that ends, or which [`HeadFault`] closes the connection.
//! Refuses what two parsers could read in two ways (RFC 9112 §11.2) instead of mending it.
//! Never stores, changes or decodes a byte; routing and header meaning belong to the engine behind.
//! Bounds: [`HeadLimits`] for heads, [`EXTENSION_BYTES_MAX`], [`TRAILER_BYTES_MAX`] and
//! [`TRAILER_FIELDS_MAX`] for chunked bodies.

mod authority;
mod chunk;
mod class;
mod fault;
mod fields;
mod gate;
mod head;
mod lines;
mod names;
mod request_line;

pub use chunk::{
    ChunkScanner, ChunkStep, EXTENSION_BYTES_MAX, TRAILER_BYTES_MAX, TRAILER_FIELDS_MAX,
};
pub use fault::HeadFault;
pub use gate::{GateStep, RequestGate};
pub use head::{BodyFraming, Head, HeadLimits, HeadStep, Version, parse_head};
pub use names::field_names;
pub use request_line::{METHOD_BYTES_MAX, check_request_line};

#[cfg(test)]
mod tests;
