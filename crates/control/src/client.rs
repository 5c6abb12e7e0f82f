//! How `seawall status`, `reload`, `explain` and `incident` talk to a running shield.
//!
//! Takes the address of a control plane and its token; gives typed answers or a sentence.
//! Blocks; speaks plain HTTP/1.1, one request a connection; never follows a redirect.
//! Bounds: [`ANSWER_MAX`] bytes and [`TIMEOUT`] for a whole exchange.

mod exchange;

use crate::api::Problem;
use crate::token::Token;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};
use std::time::Duration;

/// Bytes of an answer, head included: a report of a day of seconds has half of it.
pub const ANSWER_MAX: usize = 32 * 1024 * 1024;

/// How long one exchange may take, from connecting to the last byte.
pub const TIMEOUT: Duration = Duration::from_secs(10);

/// The port of `control.listen` unless it is told.
const DEFAULT_PORT: u16 = 9180;

/// A running shield, from outside.
#[derive(Debug, Clone)]
pub struct Client {
    authority: String,
    address: SocketAddr,
    token: Token,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientFault {
    /// The address of the control plane is not one.
    #[error("control address \"{text}\" cannot be used: {why}; write it as http://127.0.0.1:9180")]
    Address {
        /// As given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// The name has no address.
    #[error("control address \"{text}\" cannot be found")]
    Unresolved {
        /// As given.
        text: String,
        /// Why.
        source: io::Error,
    },
    /// Nobody listens there.
    #[error(
        "no shield answers at {authority}: is `seawall run` up, and is control.listen that address?"
    )]
    NoAnswer {
        /// Where we tried.
        authority: String,
        /// Why.
        source: io::Error,
    },
    /// The exchange broke off or took too long.
    #[error("the shield at {authority} did not finish its answer within {} s", TIMEOUT.as_secs())]
    BrokenOff {
        /// Whom we asked.
        authority: String,
        /// Why.
        source: io::Error,
    },
    /// Something else than a shield answered.
    #[error("what answers at {authority} is not a Seawall control plane: {why}")]
    NotAShield {
        /// Whom we asked.
        authority: String,
        /// What is wrong with the answer.
        why: &'static str,
    },
    /// The token is not the shield's.
    #[error(
        "the shield at {authority} does not take this token: give the file that its control.token_file names"
    )]
    Denied {
        /// Whom we asked.
        authority: String,
    },
    /// The shield said no, and why.
    #[error("{}", .0.detail)]
    Problem(Problem),
}

impl Client {
    /// A client of the shield at `control`: `http://host[:port]`, or `host[:port]` alone.
    ///
    /// A name is resolved here, once.
    ///
    /// # Errors
    /// [`ClientFault::Address`] and [`ClientFault::Unresolved`].
    pub fn new(control: &str, token: Token) -> Result<Self, ClientFault> {
        let fault = |why| ClientFault::Address { text: control.to_owned(), why };
        let authority = authority(control).map_err(fault)?;
        let address = authority
            .to_socket_addrs()
            .map_err(|source| ClientFault::Unresolved { text: control.to_owned(), source })?
            .next()
            .ok_or_else(|| fault("it has no address"))?;
        Ok(Self { authority, address, token })
    }

    /// Asks for `path`.
    ///
    /// # Errors
    /// Every [`ClientFault`] but those of [`Self::new`].
    pub fn read_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientFault> {
        self.ask("GET", path)
    }

    /// Asks for `path` and gives the answer as it is.
    ///
    /// # Errors
    /// As [`Self::read_json`].
    pub fn read_text(&self, path: &str) -> Result<String, ClientFault> {
        String::from_utf8(self.body("GET", path)?)
            .map_err(|_| self.not_a_shield("its answer is no text"))
    }

    /// Asks the shield to do what `path` names; sends no body.
    ///
    /// # Errors
    /// As [`Self::read_json`].
    pub fn post_json<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientFault> {
        self.ask("POST", path)
    }

    /// Hands the shield a JSON body.
    ///
    /// # Errors
    /// As [`Self::read_json`].
    pub fn send_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, ClientFault> {
        let body = serde_json::to_string(body)
            .map_err(|_| self.not_a_shield("what it is to be sent is no JSON"))?;
        serde_json::from_slice(&self.exchange(("POST", path), &body)?)
            .map_err(|_| self.not_a_shield("its answer is not the JSON we know"))
    }

    /// Has the shield take away what `path` names.
    ///
    /// # Errors
    /// As [`Self::read_json`].
    pub fn delete(&self, path: &str) -> Result<(), ClientFault> {
        self.body("DELETE", path).map(drop)
    }

    fn ask<T: DeserializeOwned>(&self, method: &str, path: &str) -> Result<T, ClientFault> {
        serde_json::from_slice(&self.body(method, path)?)
            .map_err(|_| self.not_a_shield("its answer is not the JSON we know"))
    }

    fn body(&self, method: &str, path: &str) -> Result<Vec<u8>, ClientFault> {
        self.exchange((method, path), "")
    }

    fn exchange(&self, (method, path): (&str, &str), body: &str) -> Result<Vec<u8>, ClientFault> {
        // A code is pasted by hand; what is not plain would end the request line early.
        let plain = path.starts_with('/') && path.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain {
            return Err(ClientFault::Problem(not_plain()));
        }
        // Control planes answer to addresses alone, so that is the name we use.
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            self.address,
            self.token.expose(),
            body.len()
        );
        let answer = exchange::exchange(self.address, request.as_bytes())
            .map_err(|fault| self.named(fault))?;
        match answer.status {
            200..=299 => Ok(answer.body),
            401 => Err(ClientFault::Denied { authority: self.authority.clone() }),
            _ => Err(serde_json::from_slice(&answer.body).map_or_else(
                |_| self.not_a_shield("its error is no problem document"),
                ClientFault::Problem,
            )),
        }
    }

    fn named(&self, fault: exchange::Fault) -> ClientFault {
        let authority = self.authority.clone();
        match fault {
            exchange::Fault::Connect(source) => ClientFault::NoAnswer { authority, source },
            exchange::Fault::Io(source) => ClientFault::BrokenOff { authority, source },
            exchange::Fault::Answer(why) => self.not_a_shield(why),
        }
    }

    fn not_a_shield(&self, why: &'static str) -> ClientFault {
        ClientFault::NotAShield { authority: self.authority.clone(), why }
    }
}

/// `host:port` of a control address.
fn authority(control: &str) -> Result<String, &'static str> {
    let rest = match control.split_once("://") {
        Some(("http", rest)) => rest,
        Some(("https", _)) => return Err("the control plane speaks no TLS"),
        Some(_) => return Err("it is not an http address"),
        None => control,
    };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if rest.is_empty()
        || rest.bytes().any(|b| matches!(b, b'/' | b'?' | b'#' | b'@') || !b.is_ascii_graphic())
    {
        return Err("it is not a host with a port");
    }
    let parsed: axum::http::uri::Authority =
        rest.parse().map_err(|_| "it is not a host with a port")?;
    match parsed.port_u16() {
        Some(_) => Ok(rest.to_owned()),
        None if rest == parsed.host() => Ok(format!("{rest}:{DEFAULT_PORT}")),
        None => Err("its port is not a number from 0 to 65535"),
    }
}

fn not_plain() -> Problem {
    Problem {
        kind: "about:blank".to_owned(),
        title: "Bad Request".to_owned(),
        status: 400,
        detail: "that holds a character which no code has; copy it again".to_owned(),
        faults: Vec::new(),
    }
}

#[cfg(test)]
mod tests;
