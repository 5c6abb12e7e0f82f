//! Who asks: the one address by which budgets, records and origins know a client.
//!
//! Mostly whoever holds the socket; behind a trusted proxy whom its PROXY header announces for a
//! connection, or whom it names in a header of each request.
//! Takes addresses and the fields of requests; gives the [`Client`] with its standing.
//! Never believes anybody outside of `trusted.networks`.
//! Bounds: a connection remembers one client that was named on it, and each open request holds one.

use crate::connection::Connection;
use crate::core::Core;
use crate::upstream::lines::Remembered;
use http::header::{FORWARDED, HeaderMap, HeaderName, HeaderValue};
use seawall_config as config;
use seawall_engine::admission::StackMark;
use seawall_engine::policy::{AddressSet, Standing};
use seawall_types::{FarEnd, SourceKey};
use seawall_wire::forwarded::{self, Field, Proto, Told};
use std::cell::Cell;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const CF_CONNECTING_IP: HeaderName = HeaderName::from_static("cf-connecting-ip");

/// Whose a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    /// A client's own.
    Client,
    /// A trusted proxy's, which may name a client in each request.
    Proxy,
    /// A trusted proxy's, which must announce a client before anything else.
    AnnouncingProxy,
}

/// How a client became known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Via {
    /// It holds the socket.
    Socket,
    /// It is a trusted proxy that speaks for itself, or does not say for whom.
    Proxy,
    /// A PROXY header announced it: the connection is its own as far as the proxy.
    Announced,
    /// A request named it: the connection carries others as well.
    Named,
}

impl Via {
    /// Whether the connection may end because of this client alone.
    pub(crate) fn owns_connection(self) -> bool {
        matches!(self, Self::Socket | Self::Announced)
    }
}

/// One client.
#[derive(Debug)]
pub(crate) struct Client {
    /// Never an IPv4 address in the form of IPv6.
    pub(crate) address: IpAddr,
    pub(crate) source: SourceKey,
    /// Without a port where the connection is a proxy's.
    pub(crate) far: FarEnd,
    pub(crate) standing: Standing,
    pub(crate) via: Via,
    /// The address as origins are told it, made once.
    pub(crate) forwarded_for: HeaderValue,
    /// Who it is with what software, once that was asked for.
    pub(crate) stack: Cell<Option<StackMark>>,
    /// What origins are told of it, once it has asked twice.
    pub(crate) lines: Remembered,
    /// Lanes whose crawlers it says to be one of, and of which configuration.
    pub(crate) crawls: Cell<Option<(u64, u128)>>,
}

impl Client {
    pub(crate) fn new(address: IpAddr, standing: Standing, via: Via) -> Self {
        let address = address.to_canonical();
        Self {
            address,
            source: SourceKey::of(address),
            far: FarEnd::of(address, 0),
            standing,
            via,
            forwarded_for: text_of(address),
            stack: Cell::new(None),
            lines: Remembered::default(),
            crawls: Cell::new(None),
        }
    }

    /// Who holds a connection.
    pub(crate) fn holding(holder: SocketAddr, standing: Standing, via: Via) -> Self {
        let port = if via == Via::Socket { holder.port() } else { 0 };
        Self { far: FarEnd::of(holder.ip(), port), ..Self::new(holder.ip(), standing, via) }
    }
}

/// An address as origins are told it.
///
/// Every connection needs it, and of IPv4 it is written here for a tenth of what formatting takes.
fn text_of(address: IpAddr) -> HeaderValue {
    let written = match address {
        IpAddr::V4(v4) => {
            let (mut text, mut length) = ([b'.'; "255.255.255.255.".len()], 0);
            for octet in v4.octets() {
                let digits = [octet / 100, octet / 10 % 10, octet % 10].map(|digit| b'0' + digit);
                let digits = &digits[usize::from(octet < 100) + usize::from(octet < 10)..];
                text[length..length + digits.len()].copy_from_slice(digits);
                // Behind each but the last stands the dot that is there.
                length += digits.len() + 1;
            }
            HeaderValue::from_bytes(&text[..length - 1])
        }
        IpAddr::V6(v6) => HeaderValue::from_str(&v6.to_string()),
    };
    written.unwrap_or(HeaderValue::from_static("unknown"))
}

/// A client that a trusted proxy named; its standing is given back with the last request of it.
pub(crate) struct Named {
    client: Client,
    core: Rc<Core>,
}

impl Drop for Named {
    fn drop(&mut self) {
        self.core.at_close(self.client.standing);
    }
}

impl Named {
    /// The client at `address`, remembered from the last request where that was the same.
    fn on(connection: &Connection, core: &Rc<Core>, address: IpAddr) -> Rc<Self> {
        let mut last = connection.last_named.borrow_mut();
        if let Some(named) = last.as_ref().filter(|named| named.client.address == address) {
            return named.clone();
        }
        let standing = core.named(core.coarse_now(), address);
        let client = Client::new(address, standing, Via::Named);
        last.insert(Rc::new(Self { client, core: core.clone() })).clone()
    }
}

/// Who asks in one request, as far as that is not the client of its connection.
#[derive(Default)]
pub(crate) struct Asker {
    named: Option<Rc<Named>>,
    proto: Option<Proto>,
}

impl Asker {
    /// Finds out who asks in a request with these fields.
    pub(crate) fn of(core: &Rc<Core>, connection: &Connection, fields: &HeaderMap) -> Self {
        if connection.peer == Peer::Client {
            return Self::default();
        }
        let hop = connection.client().address;
        let Some(told) = core.with_trusted(|trusted| trusted.told_by(hop, fields)) else {
            return Self::default();
        };
        let named = told.client.map(|address| Named::on(connection, core, address));
        Self { named, proto: told.proto }
    }

    /// The client, given its connection.
    pub(crate) fn client<'a>(&'a self, connection: &'a Connection) -> &'a Client {
        self.named.as_ref().map_or_else(|| connection.client(), |named| &named.client)
    }

    /// How the client came, given its connection.
    pub(crate) fn proto(&self, connection: &Connection) -> Proto {
        self.proto.unwrap_or(if connection.tls { Proto::Https } else { Proto::Http })
    }
}

/// Proxies in front of us, and where they name their clients.
#[derive(Debug, Default)]
pub(crate) struct Trusted {
    networks: AddressSet,
    field: Option<Field>,
}

impl Trusted {
    pub(crate) fn new(trusted: &config::Trusted) -> Self {
        let field = trusted.header.map(|header| match header {
            config::TrustedHeader::XForwardedFor => Field::XForwardedFor,
            config::TrustedHeader::Forwarded => Field::Forwarded,
            config::TrustedHeader::CfConnectingIp => Field::CfConnectingIp,
        });
        Self { networks: AddressSet::new(&trusted.networks), field }
    }

    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        self.networks.contains(address)
    }

    /// Whether the requests of `hop` name their clients.
    pub(crate) fn asks(&self, hop: IpAddr) -> bool {
        self.field.is_some() && self.trusts(hop)
    }

    /// What `hop` says of a client in the fields of a request, if it is believed.
    fn told_by(&self, hop: IpAddr, fields: &HeaderMap) -> Option<Told> {
        let field = self.field.filter(|_| self.trusts(hop))?;
        let name = match field {
            Field::XForwardedFor => X_FORWARDED_FOR,
            Field::Forwarded => FORWARDED,
            Field::CfConnectingIp => CF_CONNECTING_IP,
        };
        let lines = |name| fields.get_all(name).iter().map(HeaderValue::as_bytes);
        let mut told = forwarded::walk(field, lines(name), |address| self.trusts(address));
        if field != Field::Forwarded {
            told.proto = forwarded::proto(lines(X_FORWARDED_PROTO));
        }
        Some(told)
    }
}

#[cfg(test)]
mod tests;
