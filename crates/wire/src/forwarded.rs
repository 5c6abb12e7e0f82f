//! Who the client is by the word of trusted proxies: `X-Forwarded-For`, `Forwarded` and
//! `CF-Connecting-IP`, walked from the right.
//!
//! Takes the lines of one field and who is trusted; gives the client, and how it reached the
//! proxy that saw it.
//! What a trusted proxy wrote stands to the right of all that its client may have made up, so the
//! walk begins there and ends at the first address that is not trusted, or at the first element
//! that is no address: what lies further left is not looked at.
//! Never allocates, or reads what the field of another name says.
//! Bounds: [`HOPS_MAX`] elements and [`BYTES_MAX`] bytes.

mod element;
mod node;

use std::net::IpAddr;

/// Elements that are looked at: no chain of proxies is as long.
pub const HOPS_MAX: usize = 32;
/// Bytes that are looked at.
pub const BYTES_MAX: usize = 4096;

/// The field in which trusted proxies name the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `X-Forwarded-For`: addresses, each with a port or without.
    XForwardedFor,
    /// `Forwarded` (RFC 7239).
    Forwarded,
    /// `CF-Connecting-IP`: one address.
    CfConnectingIp,
}

/// How a client reached the proxy that saw it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proto {
    /// In clear.
    Http,
    /// Over TLS.
    Https,
}

impl Proto {
    /// The scheme of `word`, in any case.
    pub fn named(word: &[u8]) -> Option<Self> {
        if word.eq_ignore_ascii_case(b"https") {
            Some(Self::Https)
        } else if word.eq_ignore_ascii_case(b"http") {
            Some(Self::Http)
        } else {
            None
        }
    }
}

/// What trusted proxies say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Told {
    /// The last address that is believed; none when nothing that is said can be.
    pub client: Option<IpAddr>,
    /// What the element of that address says of its scheme: `Forwarded` alone does.
    pub proto: Option<Proto>,
}

impl Told {
    const NOTHING: Self = Self { client: None, proto: None };
}

/// Finds the client in the lines of `field`, in the order in which they came.
///
/// The caller has made sure that whoever sent them is trusted; `trusts` says who else is.
pub fn walk<'a>(
    field: Field,
    lines: impl DoubleEndedIterator<Item = &'a [u8]>,
    trusts: impl Fn(IpAddr) -> bool,
) -> Told {
    match field {
        Field::XForwardedFor => walk_list(element::cut_plain, node::plain, (lines, trusts)),
        Field::Forwarded => walk_list(element::cut_quoted, node::forwarded, (lines, trusts)),
        Field::CfConnectingIp => only(lines),
    }
}

/// The scheme that the nearest proxy names in the lines of `X-Forwarded-Proto`.
pub fn proto<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> Option<Proto> {
    let mut lines = lines;
    let (last, _) = element::cut_plain(lines.next_back()?)?;
    Proto::named(last.trim_ascii())
}

/// The last element of a line and what stands before it; none when it cannot be told apart.
type Cut<'a> = Option<(&'a [u8], Option<&'a [u8]>)>;

fn walk_list<'a>(
    cut_last: impl Fn(&'a [u8]) -> Cut<'a>,
    read: impl Fn(&[u8]) -> Option<Told>,
    (lines, trusts): (impl DoubleEndedIterator<Item = &'a [u8]>, impl Fn(IpAddr) -> bool),
) -> Told {
    let mut told = Told::NOTHING;
    let (mut hops, mut bytes) = (0, 0);
    for line in lines.rev() {
        let mut rest = Some(line);
        while let Some(list) = rest {
            let Some((element, before)) = cut_last(list) else { return told };
            rest = before;
            hops += 1;
            bytes += element.len() + 1;
            if hops > HOPS_MAX || bytes > BYTES_MAX {
                return told;
            }
            let element = element.trim_ascii();
            // An empty element says nothing (RFC 9110 §5.6.1.2).
            if element.is_empty() {
                continue;
            }
            let Some(next) = read(element) else { return told };
            told = next;
            if !told.client.is_some_and(&trusts) {
                return told;
            }
        }
    }
    told
}

/// One address in one line; two of them would be two clients.
fn only<'a>(lines: impl DoubleEndedIterator<Item = &'a [u8]>) -> Told {
    let mut lines = lines;
    match (lines.next(), lines.next()) {
        (Some(line), None) => node::bare(line.trim_ascii()).unwrap_or_default(),
        _ => Told::NOTHING,
    }
}

#[cfg(test)]
mod tests;
