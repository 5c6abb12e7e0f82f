//! Host names as platforms claim them: exact, or everything one label below a name.

use std::fmt;
use std::str::FromStr;

/// Bytes a name may have: RFC 1035 §2.3.4, without the root's dot.
const NAME_MAX: usize = 253;
/// Bytes one label may have: RFC 1035 §2.3.4.
const LABEL_MAX: usize = 63;

/// A host name, or everything one label below one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostPattern {
    /// Exactly this name, lower case.
    Exact(String),
    /// `*.example.org`: one leading label and this suffix (`example.org`), lower case.
    Wildcard(String),
}

impl FromStr for HostPattern {
    type Err = NotAHost;

    fn from_str(text: &str) -> Result<Self, NotAHost> {
        let lower = text.to_ascii_lowercase();
        let (suffix, is_wildcard) = match lower.strip_prefix("*.") {
            Some(suffix) => (suffix, true),
            None => (lower.as_str(), false),
        };
        check_name(suffix)?;
        let suffix = suffix.to_owned();
        Ok(if is_wildcard { Self::Wildcard(suffix) } else { Self::Exact(suffix) })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => f.write_str(name),
            Self::Wildcard(suffix) => write!(f, "*.{suffix}"),
        }
    }
}

/// Why a text is not a host name that a platform can claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAHost {
    /// Nothing is written.
    Empty,
    /// A scheme or a path stands beside the name.
    Url,
    /// A port stands behind the name.
    Port,
    /// A star stands anywhere but as the whole first label.
    Star,
    /// Letters beyond ASCII.
    NotAscii,
    /// A label is empty, too long, or holds what a name cannot hold.
    Label,
    /// The whole is too long.
    Long,
}

impl fmt::Display for NotAHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a host is a name such as \"donate.example.org\"",
            Self::Url => "a host is only a name, without a scheme or a path",
            Self::Port => "a host is only a name; the port belongs to listener.address",
            Self::Star => {
                "a host is an exact name or has one leading wildcard label, such as \
                 \"*.example.org\""
            }
            Self::NotAscii => "write a host in its ASCII form, which begins with \"xn--\"",
            Self::Label => {
                "the labels of a host are 1 to 63 letters, digits and inner hyphens, with one dot \
                 between them"
            }
            Self::Long => "a host has at most 253 characters",
        })
    }
}

impl std::error::Error for NotAHost {}

/// Checks a name without its wildcard label.
///
/// Underscores are let through: RFC 1123 §2.1 does not know them, but names in service do.
pub(crate) fn check_name(name: &str) -> Result<(), NotAHost> {
    if name.is_empty() {
        return Err(NotAHost::Empty);
    }
    if !name.is_ascii() {
        return Err(NotAHost::NotAscii);
    }
    if name.contains('/') {
        return Err(NotAHost::Url);
    }
    if name.contains('*') {
        return Err(NotAHost::Star);
    }
    if name.contains(':') {
        return Err(NotAHost::Port);
    }
    if name.len() > NAME_MAX {
        return Err(NotAHost::Long);
    }
    if name.split('.').all(is_label) { Ok(()) } else { Err(NotAHost::Label) }
}

fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_name_and_one_leading_wildcard_are_hosts_in_lower_case() {
        for (text, host) in [
            ("Donate.Example.org", HostPattern::Exact("donate.example.org".into())),
            ("*.Example.org", HostPattern::Wildcard("example.org".into())),
            ("localhost", HostPattern::Exact("localhost".into())),
            ("192.0.2.7", HostPattern::Exact("192.0.2.7".into())),
        ] {
            assert_eq!(text.parse(), Ok(host.clone()));
            assert_eq!(host.to_string().parse(), Ok(host));
        }
    }

    #[test]
    fn anything_else_is_refused_with_its_own_reason() {
        let refused = |text: &str| text.parse::<HostPattern>().unwrap_err();
        assert_eq!(refused(""), NotAHost::Empty);
        assert_eq!(refused("*."), NotAHost::Empty);
        assert_eq!(refused("*"), NotAHost::Star);
        assert_eq!(refused("*.*.example.org"), NotAHost::Star);
        assert_eq!(refused("www.*.org"), NotAHost::Star);
        assert_eq!(refused("w*.example.org"), NotAHost::Star);
        assert_eq!(refused("https://example.org"), NotAHost::Url);
        assert_eq!(refused("example.org:443"), NotAHost::Port);
        assert_eq!(refused("[2001:db8::1]"), NotAHost::Port);
        assert_eq!(refused("bücher.example"), NotAHost::NotAscii);
        assert_eq!(refused("example.org."), NotAHost::Label);
        assert_eq!(refused("a..b"), NotAHost::Label);
        assert_eq!(refused("-a.org"), NotAHost::Label);
        assert_eq!(refused("a b.org"), NotAHost::Label);
    }

    #[test]
    fn lengths_hold_at_their_limit_and_not_one_beyond() {
        let label = "a".repeat(LABEL_MAX);
        let longest = [&label[..], &label, &label, &label[..61]].join(".");
        assert_eq!(longest.len(), NAME_MAX);
        assert!(longest.parse::<HostPattern>().is_ok());
        assert_eq!(format!("{longest}a").parse::<HostPattern>(), Err(NotAHost::Long));
        assert_eq!(format!("{label}a").parse::<HostPattern>(), Err(NotAHost::Label));
    }
}
