//! Lines of JSON: the record format that the shield's own recorder writes.
//!
//! Only `t`, `src` and `path` are required and unknown fields are ignored; a field of the wrong
//! type is a fault that names it.

mod explain;
mod types;

use super::request::{CacheResult, RecordedRequest, Sender, Shown, Text};
use super::traefik;
use serde::Deserialize;
use std::net::IpAddr;
use types::{AnyText, AnyWhole};

/// The longest that one request is believed to have kept an origin at work: a day.
pub(super) const ORIGIN_MS_MAX: f64 = 86_400_000.0;
/// Seconds beyond which no epoch lies; milliseconds are still told apart there.
const T_MAX: f64 = 1e12;

/// How long a challenge takes whom it is not told of, and how long it may take anybody.
const SOLVE_S: f64 = 2.5;
const SOLVE_S_MAX: f64 = 6_000.0;

/// Every field with a type; those that decide nothing yet are checked and let go.
#[derive(Debug, Deserialize)]
struct Fields<'a> {
    t: f64,
    #[serde(borrow)]
    src: Text<'a>,
    #[serde(borrow)]
    path: Text<'a>,
    #[serde(borrow)]
    platform: Option<Text<'a>>,
    #[serde(borrow)]
    host: Option<Text<'a>>,
    #[serde(borrow)]
    method: Option<Text<'a>>,
    origin_ms: Option<f64>,
    cache: Option<CacheResult>,
    #[serde(borrow)]
    proto: Option<Text<'a>>,
    #[serde(borrow)]
    ua: Option<Text<'a>>,
    #[serde(borrow)]
    referer: Option<Text<'a>>,
    #[serde(borrow)]
    lang: Option<Text<'a>>,
    #[serde(borrow)]
    headers: Option<Text<'a>>,
    #[serde(borrow)]
    ja4: Option<Text<'a>>,
    #[serde(borrow)]
    h2: Option<Text<'a>>,
    #[serde(rename = "tcp")]
    _tcp: Option<AnyText>,
    #[serde(borrow)]
    country: Option<Text<'a>>,
    asn: Option<u64>,
    #[serde(rename = "net")]
    _net: Option<AnyText>,
    cookie: Option<bool>,
    #[serde(borrow)]
    token: Option<Text<'a>>,
    #[serde(rename = "status")]
    _status: Option<AnyWhole>,
    #[serde(rename = "bytes")]
    _bytes: Option<AnyWhole>,
    solves: Option<bool>,
    solve_s: Option<f64>,
}

/// Reads one line.
///
/// # Errors
/// A sentence that says what is wrong with it, and what is needed.
pub(super) fn read(line: &[u8]) -> Result<RecordedRequest<'_>, String> {
    let fields: Fields<'_> = match serde_json::from_slice(line) {
        Ok(fields) => fields,
        Err(cause) => return traefik::read(line).ok_or_else(|| explain::explain(line, &cause)),
    };
    if fields.t.abs() > T_MAX {
        return Err(format!("t is {}; it must be seconds, at most {T_MAX}", fields.t));
    }
    if let Some(ms) = fields.origin_ms.filter(|ms| !(0.0..=ORIGIN_MS_MAX).contains(ms)) {
        return Err(format!("origin_ms is {ms}; it must be 0 to {ORIGIN_MS_MAX} milliseconds"));
    }
    let solve_s = fields.solve_s.unwrap_or(SOLVE_S);
    if !(0.0..=SOLVE_S_MAX).contains(&solve_s) {
        return Err(format!("solve_s is {solve_s}; it must be 0 to {SOLVE_S_MAX} seconds"));
    }
    Ok(RecordedRequest {
        t: fields.t,
        source: source(&fields.src)?,
        platform: fields.platform,
        host: fields.host,
        method: fields.method,
        path: fields.path,
        origin_ms: fields.origin_ms,
        cache: fields.cache,
        fault: None,
        shown: Shown {
            proto: fields.proto,
            ua: fields.ua,
            referer: fields.referer,
            lang: fields.lang,
            headers: fields.headers,
            ja4: fields.ja4,
            h2: fields.h2,
            country: fields.country,
            asn: fields.asn.and_then(|number| u32::try_from(number).ok()),
            cookie: fields.cookie,
        },
        sender: Sender {
            has_passed: fields
                .token
                .as_deref()
                .is_some_and(|token| matches!(token, "fresh" | "old")),
            solves_s: fields.solves.unwrap_or_default().then_some(solve_s),
        },
    })
}

fn source(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| {
        format!("src is {}; it must be an IPv4 or IPv6 address", super::line::quoted(text))
    })
}

#[cfg(test)]
mod tests;
