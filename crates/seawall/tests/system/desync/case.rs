//! What a case is made of.
//!
//! In its bytes `HOST` is the platform's host, `PATH` a target of this case alone, and `EVIL` the
//! target of a request that would be smuggled behind it.

use crate::fixtures::HOST;
use crate::fixtures::frames::{DATA, END_HEADERS, END_STREAM, HEADERS, frame, opening, request};

/// One case.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) probe: Probe,
}

/// What is sent in front of a marker.
#[derive(Debug, Clone)]
pub(crate) enum Probe {
    /// Bytes of HTTP/1.
    H1(Vec<u8>),
    /// Frames of stream 1, behind the opening of a connection.
    H2 {
        frames: Vec<Frame>,
        /// The body that may reach the origin whole, if any may: as long as the request says.
        body: Option<Vec<u8>>,
    },
}

/// A frame of stream 1.
#[derive(Debug, Clone)]
pub(crate) enum Frame {
    Fields { list: Vec<(Vec<u8>, Vec<u8>)>, flags: u8 },
    Data { bytes: Vec<u8>, flags: u8 },
}

/// The targets of the case of a number, each like no other.
#[derive(Debug, Clone)]
pub(crate) struct Targets {
    pub(crate) path: String,
    evil: String,
    /// Behind the probe, by the same client.
    pub(crate) behind: String,
    /// Of another client.
    pub(crate) beside: String,
}

impl Targets {
    pub(crate) fn of(number: usize) -> Self {
        let target = |what: &str| format!("/echo/{what}{number:03}");
        Self {
            path: target("probe"),
            evil: target("evil"),
            behind: target("behind"),
            beside: target("beside"),
        }
    }

    /// Whether a request for `target` is of this case.
    pub(crate) fn own(&self, target: &str) -> bool {
        let all = [&self.path, &self.evil, &self.behind, &self.beside];
        all.into_iter().any(|own| target.contains(own.as_str()))
    }

    /// Puts them in the places that `bytes` has for them.
    fn fill(&self, bytes: &[u8]) -> Vec<u8> {
        [("HOST", HOST), ("PATH", &self.path), ("EVIL", &self.evil)]
            .iter()
            .fold(bytes.to_vec(), |bytes, (word, target)| replace(&bytes, word, target))
    }
}

fn replace(bytes: &[u8], word: &str, by: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at..].starts_with(word.as_bytes()) {
            out.extend(by.as_bytes());
            at += word.len();
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    out
}

/// Bytes of HTTP/1, each character a byte.
pub(crate) fn bytes(name: &str, text: &str) -> Case {
    let byte = |character| u8::try_from(u32::from(character)).expect("below 256");
    Case { name: name.to_owned(), probe: Probe::H1(text.chars().map(byte).collect()) }
}

/// A POST with these fields and what follows them.
pub(crate) fn post(name: &str, fields: &str, behind: &str) -> Case {
    bytes(name, &format!("POST PATH HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n{behind}"))
}

/// A GET with these fields.
pub(crate) fn get(name: &str, fields: &str) -> Case {
    bytes(name, &format!("GET PATH HTTP/1.1\r\nHost: HOST\r\n{fields}\r\n"))
}

/// A request that would be smuggled.
pub(crate) const SMUGGLED: &str = "GET EVIL HTTP/1.1\r\nHost: HOST\r\n\r\n";

/// An HTTP/2 request of fields as they are, with the pseudo fields of a POST in front; `body`
/// comes in one frame.
pub(crate) fn h2(name: &str, fields: &[(&str, &str)], body: &str) -> Case {
    let usual =
        [(":method", "POST"), (":scheme", "https"), (":path", "PATH"), (":authority", "HOST")];
    h2_whole(name, &[&usual, fields].concat(), body)
}

/// The same without fields of its own.
pub(crate) fn h2_whole(name: &str, fields: &[(&str, &str)], body: &str) -> Case {
    let ends = if body.is_empty() { END_STREAM } else { 0 };
    let mut frames = vec![Frame::Fields { list: list(fields), flags: ends | END_HEADERS }];
    if !body.is_empty() {
        frames.push(Frame::Data { bytes: body.into(), flags: END_STREAM });
    }
    h2_frames(name, frames, Some(body))
}

pub(crate) fn h2_frames(name: &str, frames: Vec<Frame>, body: Option<&str>) -> Case {
    let body = body.map(|body| body.as_bytes().to_vec());
    Case { name: format!("h2 {name}"), probe: Probe::H2 { frames, body } }
}

pub(crate) fn list(fields: &[(&str, &str)]) -> Vec<(Vec<u8>, Vec<u8>)> {
    fields.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
}

impl Probe {
    /// What is sent, the marker behind it included.
    pub(crate) fn bytes(&self, targets: &Targets) -> Vec<u8> {
        match self {
            Self::H1(bytes) => {
                let marker = format!("GET {} HTTP/1.1\r\nHost: {HOST}\r\n\r\n", targets.behind);
                [targets.fill(bytes), marker.into_bytes()].concat()
            }
            Self::H2 { frames, .. } => {
                let mut bytes = opening(65_535);
                for sent in frames {
                    bytes.extend(match sent {
                        Frame::Fields { list, flags } => {
                            frame(HEADERS, *flags, 1, &block(list, targets))
                        }
                        Frame::Data { bytes, flags } => {
                            frame(DATA, *flags, 1, &targets.fill(bytes))
                        }
                    });
                }
                bytes.extend(request(3, &targets.behind));
                bytes
            }
        }
    }

    /// The body that may arrive whole, for HTTP/2.
    pub(crate) fn body(&self, targets: &Targets) -> Option<Vec<u8>> {
        match self {
            Self::H1(_) => None,
            Self::H2 { body, .. } => body.as_ref().map(|body| targets.fill(body)),
        }
    }
}

/// A header block of literals without indexing (RFC 7541 §6.2.2); each text below 127 bytes.
fn block(list: &[(Vec<u8>, Vec<u8>)], targets: &Targets) -> Vec<u8> {
    let mut block = Vec::new();
    for (name, value) in list {
        block.push(0);
        for text in [name, value] {
            let text = targets.fill(text);
            block
                .push(u8::try_from(text.len()).ok().filter(|&length| length < 127).expect("short"));
            block.extend(text);
        }
    }
    block
}
