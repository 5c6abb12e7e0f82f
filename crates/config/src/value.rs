//! A checked value on its way from the file to its field.

use crate::{Capacity, HostPattern, OriginUrl};
use seawall_types::{ByteCount, RequestRate, SourceNetwork};
use std::net::SocketAddr;
use std::time::Duration;

/// Something with the line it stands on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct At<T> {
    pub(crate) line: usize,
    pub(crate) value: T,
}

/// A value that fits its key.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Flag(bool),
    Word(&'static str),
    Words(Vec<&'static str>),
    Span(Duration),
    SpanOrOff(Option<Duration>),
    Size(ByteCount),
    Count(u32),
    Cores(Option<usize>),
    Rate(Option<RequestRate>),
    Capacity(Capacity),
    Address(SocketAddr),
    Networks(Vec<SourceNetwork>),
    Text(String),
    Texts(Vec<String>),
    Hosts(Vec<At<HostPattern>>),
    Origins(Vec<At<OriginUrl>>),
    /// Of a part that is not built, so nobody asks.
    Anything,
}

impl Value {
    /// Whether it is a list without entries, which says nothing.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Networks(list) => list.is_empty(),
            Self::Texts(list) => list.is_empty(),
            _ => false,
        }
    }
}

/// A type that one variant of [`Value`] holds.
pub(crate) trait Held: Sized {
    /// The value as this type; nothing when the table gives its key another kind.
    fn held(value: &Value) -> Option<Self>;
}

macro_rules! held {
    ($($variant:ident: $type:ty),* $(,)?) => {$(
        impl Held for $type {
            fn held(value: &Value) -> Option<Self> {
                match value {
                    Value::$variant(held) => Some(held.clone()),
                    _ => None,
                }
            }
        }
    )*};
}

held!(
    Flag: bool,
    Word: &'static str,
    Words: Vec<&'static str>,
    Span: Duration,
    SpanOrOff: Option<Duration>,
    Size: ByteCount,
    Count: u32,
    Cores: Option<usize>,
    Rate: Option<RequestRate>,
    Capacity: Capacity,
    Address: SocketAddr,
    Networks: Vec<SourceNetwork>,
    Texts: Vec<String>,
    Text: String,
    Hosts: Vec<At<HostPattern>>,
    Origins: Vec<At<OriginUrl>>,
);
