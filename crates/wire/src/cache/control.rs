//! `Cache-Control`, of requests and of answers (RFC 9111 §5.2).
//!
//! A directive that names fields (`private="x"`) counts as if it named none, which §5.2.2.4 and
//! §5.2.2.7 allow.
//! A number that stands twice with two meanings, or is none, counts as zero (§4.2.1).

use super::fields::Fields;

/// The most seconds that are told apart (§1.2.2).
pub const SECONDS_MAX: u32 = 1 << 31;

/// What a head says of caching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Control {
    /// `max-age`.
    pub max_age_s: Option<u32>,
    /// `s-maxage`.
    pub shared_max_age_s: Option<u32>,
    /// `stale-while-revalidate` (RFC 5861 §3).
    pub while_revalidate_s: Option<u32>,
    /// `stale-if-error` (RFC 5861 §4).
    pub if_error_s: Option<u32>,
    flags: u8,
}

const NO_STORE: u8 = 1;
const NO_CACHE: u8 = 1 << 1;
const PRIVATE: u8 = 1 << 2;
const PUBLIC: u8 = 1 << 3;
const REVALIDATE: u8 = 1 << 4;

impl Control {
    /// Reads every line.
    pub fn of(fields: &impl Fields) -> Self {
        let mut control = Self::default();
        for line in fields.lines("cache-control") {
            let mut rest = line;
            while !rest.is_empty() {
                let (directive, behind) = cut(rest);
                control.take(directive);
                rest = behind;
            }
        }
        control
    }

    /// Nothing of it may be kept by anyone.
    pub fn no_store(&self) -> bool {
        self.flags & NO_STORE != 0
    }

    /// It may not be used again without asking.
    pub fn no_cache(&self) -> bool {
        self.flags & NO_CACHE != 0
    }

    /// It is for one visitor alone.
    pub fn private(&self) -> bool {
        self.flags & PRIVATE != 0
    }

    /// It is for everyone.
    pub fn public(&self) -> bool {
        self.flags & PUBLIC != 0
    }

    /// Once stale it may not be used, whatever else is said.
    pub fn must_revalidate(&self) -> bool {
        // `s-maxage` says so too (RFC 9111 §5.2.2.10).
        self.flags & REVALIDATE != 0 || self.shared_max_age_s.is_some()
    }

    fn take(&mut self, directive: &[u8]) {
        let equals = directive.iter().position(|byte| *byte == b'=');
        let (name, value) = match equals {
            Some(at) => (&directive[..at], Some(directive[at + 1..].trim_ascii())),
            None => (directive, None),
        };
        let name = name.trim_ascii();
        let is = |word: &str| name.eq_ignore_ascii_case(word.as_bytes());
        let number = || value.map_or(0, seconds);
        if is("max-age") {
            once(&mut self.max_age_s, number());
        } else if is("s-maxage") {
            once(&mut self.shared_max_age_s, number());
        } else if is("stale-while-revalidate") {
            once(&mut self.while_revalidate_s, number());
        } else if is("stale-if-error") {
            once(&mut self.if_error_s, number());
        } else if is("no-store") {
            self.flags |= NO_STORE;
        } else if is("no-cache") {
            self.flags |= NO_CACHE;
        } else if is("private") {
            self.flags |= PRIVATE;
        } else if is("public") {
            self.flags |= PUBLIC;
        } else if is("must-revalidate") || is("proxy-revalidate") {
            self.flags |= REVALIDATE;
        }
    }
}

/// The first directive, and what stands behind its comma; commas in quotes end nothing.
fn cut(line: &[u8]) -> (&[u8], &[u8]) {
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in line.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b',' if !quoted => return (line[..at].trim_ascii(), &line[at + 1..]),
            _ => {}
        }
    }
    (line.trim_ascii(), &[])
}

/// A number that is told twice holds only where both say the same.
fn once(held: &mut Option<u32>, told: u32) {
    *held = Some(match *held {
        Some(known) if known != told => 0,
        Some(_) | None => told,
    });
}

/// `delta-seconds`, in quotes or not; what is no number is zero (§1.2.2, §4.2.1).
pub(super) fn seconds(value: &[u8]) -> u32 {
    let bare = value.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")).unwrap_or(value);
    if bare.is_empty() || !bare.iter().all(u8::is_ascii_digit) {
        return 0;
    }
    let add = |sum: u32, digit: &u8| sum.saturating_mul(10).saturating_add(u32::from(digit - b'0'));
    bare.iter().fold(0, add).min(SECONDS_MAX)
}
