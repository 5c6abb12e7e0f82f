//! What a row of the table is made of.
//!
//! [`Ask`] says what is asked, whatever the protocol; [`Talk`] says which bytes are sent on one
//! HTTP/1.1 connection, and when.

use crate::fixtures::HOST;
use crate::origins::Kind;
use std::fmt::Write as _;

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) way: Way,
    /// Origins that cannot take it straight, each with why: there it is not asked.
    pub(crate) except: Vec<(Kind, &'static str)>,
}

/// How a row is sent.
#[derive(Debug, Clone)]
pub(crate) enum Way {
    /// On one connection in clear.
    H1(Talk),
    /// At once on one connection over TLS.
    H2(Vec<Ask>),
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: &'static str,
    pub(crate) target: String,
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Body,
    pub(crate) end: End,
}

/// A request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    /// Its length is told.
    Length(Vec<u8>),
    /// Its length is not told; the pieces are chunks of HTTP/1.1 and frames of HTTP/2.
    Pieces(Vec<Vec<u8>>),
}

/// What follows a request's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// Nothing: it is whole.
    Whole,
    /// These trailers; only behind [`Body::Pieces`].
    Trailers(&'static [(&'static str, &'static str)]),
    /// The client gives up before the end.
    Abort,
}

/// A talk on one HTTP/1.1 connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Talk {
    pub(crate) steps: Vec<Step>,
    /// One for each answer that is due, whether it may have a body.
    pub(crate) due: Vec<Due>,
}

/// One step of a talk.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Long enough that the next bytes are read apart from those before.
    Pause,
    /// Reads until there is an interim answer; a final one ends the talk.
    AwaitInterim,
    /// Reads one of the answers that are due.
    AwaitAnswer,
    /// Reads that many bytes behind a change of the protocol.
    AwaitBytes(usize),
    /// Says that no more will be sent.
    HalfClose,
    /// Resets the connection.
    Abort,
}

/// What an answer may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Due {
    Body,
    /// Nothing behind its head: it answers a HEAD.
    HeadAlone,
}

/// A request without a body.
pub(crate) fn ask(method: &'static str, target: &str) -> Ask {
    let (fields, body) = (Vec::new(), Body::None);
    Ask { method, target: target.to_owned(), fields, body, end: End::Whole }
}

pub(crate) fn get(target: &str) -> Ask {
    ask("GET", target)
}

/// A POST whose body's length is told.
pub(crate) fn post(target: &str, body: impl Into<Vec<u8>>) -> Ask {
    ask("POST", target).body(body)
}

impl Ask {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::Length(body.into());
        self
    }

    pub(crate) fn pieces(mut self, pieces: &[&str]) -> Self {
        self.body = Body::Pieces(pieces.iter().map(|piece| piece.as_bytes().to_vec()).collect());
        self
    }

    pub(crate) fn trailers(mut self, fields: &'static [(&'static str, &'static str)]) -> Self {
        self.end = End::Trailers(fields);
        self
    }

    pub(crate) fn aborted(mut self) -> Self {
        self.end = End::Abort;
        self
    }

    fn due(&self) -> Due {
        if self.method == "HEAD" { Due::HeadAlone } else { Due::Body }
    }

    /// The head as HTTP/1.1 has it, and everything behind it.
    fn bytes(&self) -> Vec<u8> {
        let mut head = format!("{} {} HTTP/1.1\r\nHost: {HOST}\r\n", self.method, self.target);
        for (name, value) in &self.fields {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let mut body = Vec::new();
        match &self.body {
            Body::None => {}
            Body::Length(bytes) => {
                let _ = write!(head, "Content-Length: {}\r\n", bytes.len());
                // One that is aborted is sent but for its last half.
                let sent = if self.end == End::Abort { bytes.len() / 2 } else { bytes.len() };
                body.extend(&bytes[..sent]);
            }
            Body::Pieces(pieces) => {
                head.push_str("Transfer-Encoding: chunked\r\n");
                for piece in pieces {
                    body.extend(format!("{:x}\r\n", piece.len()).bytes());
                    body.extend(piece);
                    body.extend(b"\r\n");
                }
                body.extend(self.last_chunk().bytes());
            }
        }
        [head.into_bytes(), b"\r\n".to_vec(), body].concat()
    }

    fn last_chunk(&self) -> String {
        match self.end {
            End::Abort => String::new(),
            End::Whole => "0\r\n\r\n".to_owned(),
            End::Trailers(fields) => {
                let lines = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n"));
                format!("0\r\n{}\r\n", lines.collect::<String>())
            }
        }
    }
}

/// Bytes of one request, and its answer; `HOST` in them becomes the platform's host.
pub(crate) fn raw(bytes: &str) -> Talk {
    Talk::default().send(bytes).due(1)
}

impl Talk {
    pub(crate) fn send(mut self, bytes: &str) -> Self {
        self.steps.push(Step::Send(bytes.replace("HOST", HOST).into_bytes()));
        self
    }

    /// Sends each byte for itself.
    pub(crate) fn drip(mut self, bytes: &str) -> Self {
        for byte in bytes.replace("HOST", HOST).bytes() {
            self.steps.push(Step::Send(vec![byte]));
        }
        self
    }

    pub(crate) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// That many more answers are due.
    pub(crate) fn due(mut self, answers: usize) -> Self {
        self.due.extend(vec![Due::Body; answers]);
        self
    }

    /// Another request behind.
    pub(crate) fn then(mut self, ask: &Ask) -> Self {
        self.steps.push(Step::Send(ask.bytes()));
        self.due.push(ask.due());
        self
    }
}

/// Both protocols: HTTP/1.1 in clear and HTTP/2 over TLS.
pub(crate) fn both(name: &str, ask: Ask) -> Vec<Shape> {
    vec![h1(&format!("h1 {name}"), talk(&ask)), h2(&format!("h2 {name}"), vec![ask])]
}

pub(crate) fn h1(name: &str, talk: Talk) -> Shape {
    Shape { name: name.to_owned(), way: Way::H1(talk), except: Vec::new() }
}

pub(crate) fn h2(name: &str, asks: Vec<Ask>) -> Shape {
    Shape { name: name.to_owned(), way: Way::H2(asks), except: Vec::new() }
}

impl Shape {
    /// Not asked of `kind`, as it cannot take this straight.
    pub(crate) fn except(mut self, kind: Kind, why: &'static str) -> Self {
        self.except.push((kind, why));
        self
    }
}

/// Those of `shapes` that are sent by HTTP/2 are not asked of `kind`, as it cannot take them.
pub(crate) fn h2_except(shapes: Vec<Shape>, kind: Kind, why: &'static str) -> Vec<Shape> {
    let each = shapes.into_iter().map(|shape| match shape.way {
        Way::H1(_) => shape,
        Way::H2(_) => shape.except(kind, why),
    });
    each.collect()
}

/// One after the other, each when the one before it is answered.
pub(crate) fn in_turn(asks: &[Ask]) -> Talk {
    let each = |talk: Talk, ask: &Ask| talk.then(ask).step(Step::AwaitAnswer);
    asks.iter().fold(Talk::default(), each)
}

/// All at once, before any is answered.
pub(crate) fn pipelined(asks: &[Ask]) -> Talk {
    let bytes: Vec<u8> = asks.iter().flat_map(Ask::bytes).collect();
    Talk { steps: vec![Step::Send(bytes)], due: asks.iter().map(Ask::due).collect() }
}

impl Talk {
    /// Whether the client sends no more before it has an interim answer.
    pub(crate) fn awaits_interim(&self) -> bool {
        self.steps.iter().any(|step| matches!(step, Step::AwaitInterim))
    }
}

fn talk(ask: &Ask) -> Talk {
    let talk = Talk::default().then(ask);
    match ask.end {
        End::Whole | End::Trailers(_) => talk,
        End::Abort => Talk { due: Vec::new(), ..talk.step(Step::Pause).step(Step::Abort) },
    }
}
