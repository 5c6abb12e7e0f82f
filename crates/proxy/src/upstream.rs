//! HTTP/1.1 towards an origin, in the task of the request that it carries.
//!
//! The head is written from the client's head without changing it, the answer is parsed in place,
//! and bodies are slices of the read buffer; no task, no channel, no copy between.
//! Bounds: an answer's head of [`response::HEAD_MAX`]; [`body::READ_MAX`] bytes a read.

pub(crate) mod body;
mod chunk;
pub(crate) mod connection;
mod forwarded;
pub(crate) mod interim;
pub(crate) mod request;
pub(crate) mod response;
mod trailers;
pub(crate) mod upload;

pub(crate) use connection::{Upstream, UpstreamFault};
pub(crate) use upload::Upload;
