//! What the fields of a head show: some of their values, and the order of their names.
//!
//! Names that come and go with what is asked for say nothing of the client's software and are left
//! out of the order: those of bodies, cookies, referers, conditions and proxies on the way.

use super::hash;
use seawall_types::Trait;
use seawall_types::traits::TRAIT_NAME_BYTES_MAX;

/// Names whose order is looked at; further ones are alike.
pub const NAMES_MAX: usize = 64;

/// The order of names of header fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeaderOrder {
    state: u64,
    count: u8,
}

impl HeaderOrder {
    /// Adds a name that was not there before.
    pub fn add(&mut self, name: &[u8]) {
        if usize::from(self.count) < NAMES_MAX && is_of_software(name) {
            self.state = hash::add_name(self.state, name);
            self.count += 1;
        }
    }

    /// The order of names in a comma separated list; a name that comes again counts once.
    pub fn of_list(list: &str) -> Self {
        let mut order = Self::default();
        let mut seen = Seen::default();
        let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
        for name in names.filter(|name| seen.is_new(name.as_bytes())) {
            order.add(name.as_bytes());
        }
        order
    }

    pub(super) fn value(self) -> Trait {
        hash::finish(self.state)
    }
}

/// What the fields of one head show, gathered one after another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fields<'a> {
    /// `User-Agent`.
    pub agent: Option<&'a [u8]>,
    /// `Referer`.
    pub referer: Option<&'a [u8]>,
    /// `Accept-Language`.
    pub language: Option<&'a [u8]>,
    /// Whether there is a `Cookie`.
    pub bears_cookie: bool,
    /// The order of names.
    pub order: HeaderOrder,
}

impl<'a> Fields<'a> {
    /// Takes a field whose name was not there before.
    pub fn take(&mut self, name: &[u8], value: &'a [u8]) {
        match name.len() {
            6 => self.bears_cookie |= name.eq_ignore_ascii_case(b"cookie"),
            7 if name.eq_ignore_ascii_case(b"referer") => self.referer = Some(value),
            10 if name.eq_ignore_ascii_case(b"user-agent") => self.agent = Some(value),
            15 if name.eq_ignore_ascii_case(b"accept-language") => self.language = Some(value),
            _ => {}
        }
        self.order.add(name);
    }

    /// Of the lines of an HTTP/1 head that the gate has passed, its request line left out.
    pub fn of_lines(lines: &'a [u8]) -> Self {
        let mut fields = Self::default();
        let mut seen = Seen::default();
        for (name, value) in split(lines).filter(|(name, _)| seen.is_new(name)) {
            fields.take(name, value);
        }
        fields
    }

    /// The names in such lines, as they stand there.
    pub fn names_of_lines(lines: &'a [u8]) -> impl Iterator<Item = &'a str> {
        split(lines).filter_map(|(name, _)| std::str::from_utf8(name).ok())
    }
}

/// Names and values of lines.
fn split(lines: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    lines.split(|byte| *byte == b'\n').filter_map(|line| {
        let colon = line.iter().position(|byte| *byte == b':')?;
        Some((&line[..colon], line[colon + 1..].trim_ascii()))
    })
}

/// Names that were there before, as numbers.
struct Seen {
    names: [u32; NAMES_MAX],
    count: usize,
}

impl Default for Seen {
    fn default() -> Self {
        Self { names: [0; NAMES_MAX], count: 0 }
    }
}

impl Seen {
    fn is_new(&mut self, name: &[u8]) -> bool {
        let number = hash::finish(hash::add_name(0, name)).to_bits();
        if self.names[..self.count].contains(&number) {
            return false;
        }
        if let Some(place) = self.names.get_mut(self.count) {
            *place = number;
            self.count += 1;
        }
        true
    }
}

/// The names of an order, as a list.
pub(super) fn list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut list = String::new();
    for name in names.filter(|name| is_of_software(name.as_bytes())).take(NAMES_MAX) {
        if list.len() > TRAIT_NAME_BYTES_MAX {
            break;
        }
        if !list.is_empty() {
            list.push(',');
        }
        list.extend(name.chars().map(|letter| letter.to_ascii_lowercase()));
    }
    list
}

/// Whether a name tells of the software rather than of what it asks for or of who passed it on.
fn is_of_software(name: &[u8]) -> bool {
    let passing: &[&str] = match name.len() {
        3 => &["via"],
        4 => &["host"],
        5 => &["range"],
        6 => &["cookie", "origin", "cf-ray"],
        7 => &["referer"],
        8 => &["if-range", "if-match", "cdn-loop"],
        9 => &["forwarded", "x-real-ip"],
        10 => &["cf-visitor"],
        12 => &["content-type", "x-request-id", "cf-ipcountry"],
        13 => &["authorization", "if-none-match"],
        14 => &["content-length", "true-client-ip"],
        15 => &["x-forwarded-for"],
        16 => &["content-encoding", "x-forwarded-host", "x-forwarded-port", "cf-connecting-ip"],
        17 => &["if-modified-since", "transfer-encoding", "x-forwarded-proto"],
        19 => &["if-unmodified-since"],
        _ => &[],
    };
    !passing.iter().any(|passing| name.eq_ignore_ascii_case(passing.as_bytes()))
}
