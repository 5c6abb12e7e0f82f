//! A head's fields, whoever holds them.

/// Fields of a head; names are in lower case.
pub trait Fields {
    /// The lines of one name, in their order.
    fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a;

    /// Every name that is there; one that stands twice may be told twice.
    fn names(&self) -> impl Iterator<Item = &str>;

    /// Whether a name is there.
    fn has(&self, name: &str) -> bool {
        self.lines(name).next().is_some()
    }

    /// The first line of a name.
    fn first<'a>(&'a self, name: &'a str) -> Option<&'a [u8]> {
        self.lines(name).next()
    }

    /// The members of a list of tokens, over all lines of a name (RFC 9110 §5.6.1).
    fn members<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        let parts = self.lines(name).flat_map(|line| line.split(|byte| *byte == b','));
        parts.map(<[u8]>::trim_ascii).filter(|member| !member.is_empty())
    }
}

/// A date of HTTP in seconds since 1970 (RFC 9110 §5.6.7).
pub fn date(line: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(line).ok()?;
    let at = httpdate::parse_http_date(text.trim()).ok()?;
    Some(at.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
}
