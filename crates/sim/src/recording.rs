//! Recorded traffic: bytes in, requests and packets out.
//!
//! Lines are the record format, access logs in common and combined format, or Traefik's access log
//! in JSON.
//! An input holds lines of requests or a capture of packets, and may be gzipped; its first bytes
//! tell which, and only where they cannot its name does.
//! Never guesses: a line that is not read is a fault with a sentence.
//! Bounds: [`LINE_BYTES_MAX`] a line, [`PACKET_BYTES_MAX`](capture::PACKET_BYTES_MAX) a packet.

mod access_log;
mod calendar;
pub mod capture;
mod input;
mod json_lines;
mod line;
mod lines;
mod request;
mod shown;
mod traefik;

pub use input::{Input, open};
pub use line::read_line;
pub use lines::{LINE_BYTES_MAX, Line, Lines};
pub use request::{CacheResult, RecordedRequest, Sender, Shown, Text};
