//! Names that stand in records, file names and keys: short, and of harmless characters.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Characters of a name at most.
pub const NAME_MAX: usize = 64;

/// The text is empty, too long, or has another character than letters, digits, `.`, `-` and `_`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadName;

impl fmt::Display for BadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a name is 1 to {NAME_MAX} letters, digits, dots, dashes or underscores (ASCII)")
    }
}

impl std::error::Error for BadName {}

fn checked(text: &str) -> Result<Box<str>, BadName> {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
    let good = (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(harmless);
    good.then(|| text.into()).ok_or(BadName)
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Box<str>);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;
            fn from_str(text: &str) -> Result<Self, BadName> {
                checked(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;
            fn try_from(text: String) -> Result<Self, BadName> {
                checked(&text).map(Self)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0.into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// One running shield, as the operator calls it.
    NodeName
}

name! {
    /// One case; unique for its node.
    IncidentId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_leave_its_place_is_none() {
        for good in ["a", "www-20260301.1", &"x".repeat(NAME_MAX)] {
            assert_eq!(good.parse::<NodeName>().map(String::from).as_deref(), Ok(good));
        }
        for bad in ["", "a b", "a+b", "../a", "a\n", "\u{e9}", &"x".repeat(NAME_MAX + 1)] {
            assert_eq!(bad.parse::<IncidentId>(), Err(BadName), "{bad:?}");
        }
    }
}
