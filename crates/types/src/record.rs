//! One request as a line of JSON: what the recorder writes and `replay` reads.

use serde::{Deserialize, Serialize};

/// A recorded request, version 1 of the record format.
///
/// Only `t`, `src` and `path` are required; unknown fields are ignored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Default)]
pub struct Record {
    /// Seconds since any epoch, fraction allowed.
    pub t: f64,
    /// Which platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Which host was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Address text, IPv4 or IPv6.
    pub src: String,
    /// Request method.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// Path with query.
    pub path: String,
    /// `h1`, `h2` or `h3`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proto: Option<String>,
    /// `User-Agent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ua: Option<String>,
    /// `Referer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub referer: Option<String>,
    /// `Accept-Language`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// Header names in the order they came, comma separated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub headers: Option<String>,
    /// TLS client fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ja4: Option<String>,
    /// HTTP/2 settings fingerprint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub h2: Option<String>,
    /// Whether the request bore a cookie that the origin had set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cookie: Option<bool>,
    /// What the shield did with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdict: Option<String>,
    /// Why: one word of the closed list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Status of the answer; none when nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Bytes of the answer's body.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Milliseconds at the origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin_ms: Option<f64>,
    /// What a cache did with it: `hit`, `miss` or `pass`; none where nothing is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<String>,
}
