//! What may stand at a key, with its bounds, and how to say so.

use crate::units::{CAPACITY_MAX, RATE_MAX, written};
use seawall_types::ByteCount;
use std::time::Duration;

/// What may stand at a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Word(&'static [&'static str]),
    /// At least one of these words, each once.
    Words(&'static [&'static str]),
    /// A duration within bounds.
    Span {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// `"off"` or a duration within bounds.
    SpanOrOff {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// A size within bounds.
    Size {
        /// The smallest.
        least: ByteCount,
        /// The largest.
        most: ByteCount,
    },
    /// A whole number within bounds.
    Count {
        /// The least.
        least: u32,
        /// The most.
        most: u32,
    },
    /// `"auto"`, or a whole number of cores within bounds.
    Cores {
        /// The most.
        most: u32,
    },
    /// `"off"` or requests per second.
    Rate,
    /// What an origin can carry.
    Capacity,
    /// Address and port.
    Address,
    /// Addresses and networks.
    Networks {
        /// Entries.
        most: usize,
    },
    /// The name of a platform.
    Name,
    /// Names, each once.
    Names {
        /// Entries.
        most: usize,
    },
    /// The name or the address that a TLS certificate is for.
    ServerName,
    /// A path to a file or a folder.
    Path,
    /// The name of a header.
    FieldName,
    /// Text for people.
    Text {
        /// Characters.
        most: usize,
    },
    /// Host names.
    Hosts {
        /// Entries.
        most: usize,
    },
    /// Origin URLs.
    Origins {
        /// Entries.
        most: usize,
    },
    /// Beginnings of request paths.
    Prefixes {
        /// Entries.
        most: usize,
    },
    /// Names of parameters of a query.
    Parameters {
        /// Entries.
        most: usize,
    },
    /// The path of a request.
    Target,
    /// Network interfaces.
    Interfaces {
        /// Entries.
        most: usize,
    },
    /// Whatever a part that is not built will take.
    Anything,
}

impl Kind {
    /// The form of a value, as the second half of a sentence: `it must be true or false`.
    pub(crate) fn form(&self) -> String {
        let fixed = match self {
            Self::Word(words) => return format!("it must be {}", alternatives(words)),
            Self::Words(words) => {
                return format!("it must be a list of {}", alternatives(words));
            }
            Self::Flag => "it must be true or false",
            Self::Span { .. } | Self::SpanOrOff { .. } => {
                "a duration carries its unit, such as \"500ms\", \"5s\", \"10m\", \"1h\" or \"30d\""
            }
            Self::Size { .. } => {
                "a size is whole and carries its unit, such as \"512 B\", \"64 KiB\" or \"2 GiB\""
            }
            Self::Count { .. } => "it must be a whole number, without quotes",
            Self::Cores { .. } => "it must be \"auto\" or a whole number without quotes",
            Self::Rate => "it must be \"off\" or a rate with its unit, such as \"200 rps\"",
            Self::Capacity => {
                "it must be \"auto\", \"800 ms/s\" (origin-milliseconds per second) or \
                 \"40 concurrent\""
            }
            Self::Address => {
                "an address has a port and no name, such as \"0.0.0.0:443\" or \"[::]:443\""
            }
            Self::Networks { .. } => {
                "it must be a list of addresses or networks, such as [\"192.0.2.0/24\"]"
            }
            Self::Name => "a name is 1 to 63 ASCII letters, digits, hyphens and underscores",
            Self::Names { .. } => {
                "it must be a list of names of ASCII letters, digits, hyphens and underscores"
            }
            Self::ServerName => {
                "it must be a name without a star, or an address, such as \"app.example.org\""
            }
            Self::Path => {
                "a path stands in quotes and has 1 to 4096 characters, none of them a control \
                 character"
            }
            Self::FieldName => {
                "a header is 1 to 64 letters, digits and inner hyphens, and none that HTTP or the shield \
                 itself gives a meaning"
            }
            Self::Text { most } => {
                return format!("it must be text in quotes, at most {most} characters on one line");
            }
            Self::Hosts { .. } => "it must be a list of names, such as [\"donate.example.org\"]",
            Self::Origins { .. } => "it must be a list of URLs, such as [\"http://10.0.0.5:8080\"]",
            Self::Prefixes { .. } => {
                "it must be a list of paths that begin with a slash, such as [\"/api/\"]"
            }
            Self::Target => {
                "a path begins with a slash and has at most 1024 characters of printable ASCII, such \
                 as \"/health\""
            }
            Self::Parameters { .. } => {
                "it must be a list of names of parameters, such as [\"utm_source\"]"
            }
            Self::Interfaces { .. } => "it must be a list of interfaces, such as [\"eth0\"]",
            Self::Anything => "it may be anything",
        };
        fixed.to_owned()
    }

    /// The lower bound, as the end of `it must be …`.
    pub(crate) fn least(&self) -> String {
        match self {
            Self::Span { least, .. } => format!("at least {}", written(*least)),
            Self::SpanOrOff { least, .. } => format!("\"off\" or at least {}", written(*least)),
            Self::Size { least, .. } => format!("at least {least}"),
            Self::Count { least, .. } => format!("at least {least}"),
            Self::Cores { .. } => "\"auto\" or at least 1".to_owned(),
            Self::Rate => "above 0 rps".to_owned(),
            Self::Capacity => "above 0 ms/s".to_owned(),
            _ => self.bounds(),
        }
    }

    /// The upper bound, as the end of `it must be …`.
    pub(crate) fn most(&self) -> String {
        match self {
            Self::Span { most, .. } | Self::SpanOrOff { most, .. } => {
                format!("at most {}", written(*most))
            }
            Self::Size { most, .. } => format!("at most {most}"),
            Self::Count { most, .. } | Self::Cores { most } => format!("at most {most}"),
            Self::Rate => format!("at most {RATE_MAX} rps"),
            Self::Capacity => format!("at most {CAPACITY_MAX} ms/s"),
            _ => self.bounds(),
        }
    }

    /// The bounds of a value, for `config explain`.
    pub fn bounds(&self) -> String {
        match self {
            Self::Flag => "true or false".to_owned(),
            Self::Word(words) => alternatives(words),
            Self::Words(words) => format!("one or more of {}", words.join(", ")),
            Self::Span { least, most } => {
                format!("from {} to {}", written(*least), written(*most))
            }
            Self::SpanOrOff { least, most } => {
                format!("\"off\", or from {} to {}", written(*least), written(*most))
            }
            Self::Size { least, most } => format!("from {least} to {most}"),
            Self::Count { least, most } => format!("from {least} to {most}"),
            Self::Cores { most } => format!("\"auto\", or from 1 to {most}"),
            Self::Rate => format!("\"off\", or above 0 rps and at most {RATE_MAX} rps"),
            Self::Capacity => format!(
                "\"auto\", or above 0 ms/s and at most {CAPACITY_MAX} ms/s (1 concurrent is 1000 \
                 ms/s)"
            ),
            Self::Address => "an IPv4 address, or an IPv6 address in brackets, and a port".into(),
            Self::Networks { most } => format!("at most {most} addresses or networks"),
            Self::Name => "1 to 63 ASCII letters, digits, hyphens and underscores".to_owned(),
            Self::Names { most } => format!("at most {most} names"),
            Self::ServerName => "an exact name or an address".to_owned(),
            Self::Path => "a path; a relative one starts from the file's folder".to_owned(),
            Self::FieldName => "1 to 64 letters, digits and inner hyphens".to_owned(),
            Self::Text { most } => format!("at most {most} characters on one line"),
            Self::Hosts { most } => format!(
                "1 to {most} exact names, or names with one leading wildcard label such as \
                 \"*.example.org\""
            ),
            Self::Origins { most } => {
                format!("1 to {most} URLs of scheme http, https, h2c or h2, without a path")
            }
            Self::Prefixes { most } => format!("at most {most} paths that begin with a slash"),
            Self::Target => "a path that begins with a slash".to_owned(),
            Self::Parameters { most } => format!("at most {most} names of parameters"),
            Self::Interfaces { most } => format!("at most {most} interfaces"),
            Self::Anything => "not yet settled".to_owned(),
        }
    }
}

/// `"a", "b" or "c"`.
fn alternatives(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
