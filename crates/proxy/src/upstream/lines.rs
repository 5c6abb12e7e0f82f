//! What an origin is told of a client by the shield, in the lines of an HTTP/1.1 head.
//!
//! They are the same for all requests of a client to one host, so whoever asks a second time has them
//! written once and copied from then on.
//! Takes a client, its host and how it came; adds `X-Forwarded-*`, the secret of the origin and
//! `Forwarded`.
//! Bounds: the lines of one host for each client of a connection; all others are written each time.

use super::request::{Fields as _, Forwarded, write_about};
use std::cell::RefCell;

/// What is remembered of a client's lines.
#[derive(Debug, Default)]
pub(crate) struct Remembered(RefCell<Memory>);

#[derive(Debug, Default)]
enum Memory {
    #[default]
    Nothing,
    /// It has asked once: most never do again, and one that idles should not keep anything for it.
    AskedOnce,
    Lines(Box<Lines>),
}

/// The lines of a client that asks for one host.
#[derive(Debug)]
struct Lines {
    host: Box<[u8]>,
    proto: &'static str,
    text: Box<[u8]>,
    /// Where `Forwarded` begins in it, before which the secret has its place.
    forwarded_at: usize,
}

impl Lines {
    fn of(host: &[u8], forwarded: &Forwarded<'_>) -> Self {
        let mut text = Vec::with_capacity(256);
        write_about(&mut text, Some(host), forwarded);
        let forwarded_at = text.len();
        write_forwarded(&mut text, Some(host), forwarded);
        let (host, text) = (host.into(), text.into_boxed_slice());
        Self { host, proto: forwarded.proto(), text, forwarded_at }
    }

    fn write(&self, head: &mut Vec<u8>, forwarded: &Forwarded<'_>) {
        let (about, rest) = self.text.split_at(self.forwarded_at);
        head.extend_from_slice(about);
        write_secret(head, forwarded);
        head.extend_from_slice(rest);
    }
}

/// Adds all that the shield says of the client.
pub(super) fn write(head: &mut Vec<u8>, host: Option<&[u8]>, forwarded: &Forwarded<'_>) {
    let client = forwarded.asker.client(forwarded.connection);
    let mut memory = client.lines.0.borrow_mut();
    match (&*memory, host) {
        (Memory::Lines(lines), Some(host))
            if *lines.host == *host && lines.proto == forwarded.proto() =>
        {
            return lines.write(head, forwarded);
        }
        (Memory::AskedOnce, Some(host)) => {
            let lines = Box::new(Lines::of(host, forwarded));
            lines.write(head, forwarded);
            *memory = Memory::Lines(lines);
            return;
        }
        (Memory::Nothing, _) => *memory = Memory::AskedOnce,
        (Memory::AskedOnce | Memory::Lines(_), _) => {}
    }
    write_about(head, host, forwarded);
    write_secret(head, forwarded);
    write_forwarded(head, host, forwarded);
}

fn write_secret(head: &mut Vec<u8>, forwarded: &Forwarded<'_>) {
    if let Some(secret) = forwarded.secret {
        head.add(secret.name.as_str(), secret.value.as_bytes());
    }
}

fn write_forwarded(head: &mut Vec<u8>, host: Option<&[u8]>, forwarded: &Forwarded<'_>) {
    head.extend_from_slice(b"forwarded: ");
    forwarded.write_value(head, host);
    head.extend_from_slice(b"\r\n");
}
