//! Towards an origin: connections in clear and over TLS, HTTP/1.1 and HTTP/2 on them.
//!
//! HTTP/1.1 runs in the task of the request that it carries: the head is written from the client's head without changing it, the answer is parsed in place,
//! and bodies are slices of the read buffer; no task, no channel, no copy between.
//! Bounds: an answer's head of [`response::HEAD_MAX`]; [`body::READ_MAX`] bytes a read.

pub(crate) mod body;
mod chunk;
pub(crate) mod connection;
pub(crate) mod dial;
mod forwarded;
pub(crate) mod h2;
pub(crate) mod interim;
pub(crate) mod lines;
mod names;
pub(crate) mod place;
pub(crate) mod request;
pub(crate) mod response;
mod same;
pub(crate) mod secure;
pub(crate) mod stream;
pub(crate) mod tells;
pub(crate) mod trailers;
pub(crate) mod upload;

pub(crate) use connection::{Upstream, UpstreamFault};
pub(crate) use upload::Upload;
