//! What records name: a platform, a host, both or neither, each pair kept once.

use std::collections::BTreeMap;

/// Different pairs of platform and host that are told apart; records with further ones name a
/// host that nobody has.
pub const NAMES_MAX: usize = 65_535;

/// Bytes of a name that is kept: the longest there is in DNS (RFC 1035 §2.3.4); a longer one counts
/// as one of too many.
const NAME_BYTES_MAX: usize = 253;

/// What a record names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Named {
    /// A platform.
    pub platform: Option<String>,
    /// A host, as it was asked for.
    pub host: Option<String>,
}

/// All that the records of a replay name.
#[derive(Debug)]
pub(super) struct Names {
    /// By number.
    all: Vec<Named>,
    numbers: BTreeMap<String, u16>,
    /// The key and number found last: records of one input mostly name the same.
    last: (String, u16),
    scratch: String,
}

/// Number of whatever found no room.
const OVERFLOW: u16 = 0;

impl Names {
    pub(super) fn new() -> Self {
        let nobody = Named { platform: None, host: Some(String::new()) };
        Self {
            all: vec![nobody],
            numbers: BTreeMap::new(),
            // No pair has this key.
            last: ("?".to_owned(), OVERFLOW),
            scratch: String::new(),
        }
    }

    /// The number of a pair.
    pub(super) fn number(&mut self, platform: Option<&str>, host: Option<&str>) -> u16 {
        self.scratch.clear();
        for (mark, name) in [('p', platform), ('h', host)] {
            if let Some(name) = name {
                self.scratch.push('\0');
                self.scratch.push(mark);
                self.scratch.push_str(name);
            }
        }
        if self.last.0 == self.scratch {
            return self.last.1;
        }
        let number = match self.numbers.get(&self.scratch) {
            Some(number) => *number,
            None => self.add(platform, host),
        };
        self.last.0.clone_from(&self.scratch);
        self.last.1 = number;
        number
    }

    fn add(&mut self, platform: Option<&str>, host: Option<&str>) -> u16 {
        let is_long = |name: Option<&str>| name.is_some_and(|name| name.len() > NAME_BYTES_MAX);
        if self.all.len() >= NAMES_MAX || is_long(platform) || is_long(host) {
            return OVERFLOW;
        }
        let number = u16::try_from(self.all.len()).unwrap_or(OVERFLOW);
        let owned = |name: Option<&str>| name.map(str::to_owned);
        self.all.push(Named { platform: owned(platform), host: owned(host) });
        self.numbers.insert(self.scratch.clone(), number);
        number
    }

    /// By number.
    pub(super) fn all(&self) -> &[Named] {
        &self.all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_greatest_length_is_kept_and_one_byte_more_names_nobody() {
        let mut names = Names::new();
        let longest = "h".repeat(NAME_BYTES_MAX);
        assert_ne!(names.number(None, Some(&longest)), OVERFLOW);
        assert_eq!(names.number(None, Some(&format!("{longest}h"))), OVERFLOW);
        assert_eq!(names.all().len(), 2);
    }

    #[test]
    fn pairs_keep_their_number_and_those_beyond_the_bound_name_nobody() {
        let mut names = Names::new();
        let first = names.number(Some("www"), None);
        let second = names.number(None, Some("www"));
        let neither = names.number(None, None);
        assert_eq!(names.number(Some("www"), None), first);
        assert_eq!([first, second, neither], [1, 2, 3]);
        assert_eq!(names.all()[3], Named::default());
        for number in 0..NAMES_MAX {
            names.number(None, Some(&format!("host-{number}")));
        }
        assert_eq!(names.all().len(), NAMES_MAX);
        let beyond = names.number(None, Some("one-too-many"));
        assert_eq!(names.all()[usize::from(beyond)].host.as_deref(), Some(""));
        assert_eq!(names.number(Some("www"), None), first);
    }
}
