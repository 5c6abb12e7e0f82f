//! The text of a signature read back: `method=POST and path=/login and new ja4`.
//!
//! Takes what people copy from a finding, or write themselves; gives its terms, or where it cannot be
//! read and why.
//! A value with blanks, or with anything but letters, digits and `/._-:{},*#`, stands in double quotes.
//! Never allocates more than its few terms.
//! Bounds: [`TERMS_MAX`] terms, [`TEXT_MAX`] bytes.

use crate::traits::{NotAValue, read};
use seawall_types::{Attribute, Trait};
use std::fmt;

/// Terms that a text may have.
pub const TERMS_MAX: usize = 4;
/// Bytes of a text: four terms with the longest values.
pub const TEXT_MAX: usize = 1_024;

/// One thing that a request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermText {
    /// This value.
    Is(Attribute, Trait),
    /// A value that no known visitor showed.
    Novel(Attribute),
}

impl TermText {
    /// What it is about.
    pub const fn attribute(self) -> Attribute {
        match self {
            Self::Is(attribute, _) | Self::Novel(attribute) => attribute,
        }
    }
}

/// Why a text is no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotASignature {
    /// Bytes before the place where it cannot be read.
    pub at: usize,
    /// The text from there on, cut.
    pub near: String,
    /// What was expected there.
    pub why: &'static str,
}

impl fmt::Display for NotASignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { at, near, why } = self;
        write!(f, "signature cannot be read at character {}, {near:?}: {why}", at + 1)
    }
}

impl std::error::Error for NotASignature {}

/// The terms of a text.
///
/// # Errors
/// Where it cannot be read, and what stands there in one that can.
pub fn terms(text: &str) -> Result<Vec<TermText>, NotASignature> {
    let mut reader = Reader { text, at: 0 };
    if text.len() > TEXT_MAX {
        return Err(reader.fault("it is longer than 1024 bytes"));
    }
    let mut terms: Vec<TermText> = Vec::with_capacity(TERMS_MAX);
    loop {
        reader.blanks();
        let begin = Reader { ..reader };
        let term = reader.term()?;
        if terms.iter().any(|known| known.attribute() == term.attribute()) {
            return Err(begin.fault("each attribute can be named once"));
        }
        if terms.len() == TERMS_MAX {
            return Err(begin.fault("a signature has at most four terms"));
        }
        terms.push(term);
        reader.blanks();
        if reader.rest().is_empty() {
            return Ok(terms);
        }
        if !reader.word("and") {
            return Err(reader.fault("terms are joined by `and`"));
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn fault(&self, why: &'static str) -> NotASignature {
        NotASignature { at: self.at, near: self.rest().chars().take(24).collect(), why }
    }

    fn blanks(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
    }

    /// Takes a whole word, if it comes next.
    fn word(&mut self, word: &str) -> bool {
        let follows = self.rest().strip_prefix(word);
        let is_there = follows.is_some_and(|after| after.starts_with(char::is_whitespace));
        self.at += if is_there { word.len() } else { 0 };
        is_there
    }

    fn term(&mut self) -> Result<TermText, NotASignature> {
        self.blanks();
        if self.word("new") {
            self.blanks();
            return self.attribute().map(TermText::Novel);
        }
        let attribute = self.attribute()?;
        if !self.rest().starts_with('=') {
            return Err(self.fault("behind an attribute stands = and its value"));
        }
        self.at += 1;
        let value = Reader { ..*self };
        let text = self.value()?;
        let value = read(attribute, text).map_err(|NotAValue(why)| value.fault(why))?;
        Ok(TermText::Is(attribute, value))
    }

    fn attribute(&mut self) -> Result<Attribute, NotASignature> {
        let rest = self.rest();
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        let attribute = Attribute::of_word(&rest[..end]).ok_or_else(|| {
            self.fault(
                "an attribute is method, path, query, referer, lang, ua, headers, ja4, h2, proto, \
                 cookie, prefix, country, asn or wire",
            )
        })?;
        self.at += end;
        Ok(attribute)
    }

    fn value(&mut self) -> Result<&'a str, NotASignature> {
        let rest = self.rest();
        if let Some(quoted) = rest.strip_prefix('"') {
            let end = quoted.find('"');
            let end = end.ok_or_else(|| self.fault("a quote that opens must close"))?;
            self.at += end + 2;
            return Ok(&quoted[..end]);
        }
        let end = rest.find(|c: char| c.is_whitespace()).unwrap_or(rest.len());
        let value = &rest[..end];
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:{},*#".contains(c);
        if !value.chars().all(is_plain) {
            return Err(self.fault("a value with such characters stands in double quotes"));
        }
        self.at += end;
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::traits::{Cookie, HeaderOrder, Protocol, Told, View, Wire, text, traits};
    use proptest::prelude::*;
    use std::net::IpAddr;

    fn says(text: &str) -> String {
        terms(text).unwrap_err().to_string()
    }

    #[test]
    fn a_sentence_reads_as_its_terms() {
        let read = terms(r#"method=POST  and path=/login and new ja4 and ua="a b; c""#).unwrap();
        let attributes: Vec<_> = read.iter().map(|term| term.attribute()).collect();
        let expected = [Attribute::Method, Attribute::Route, Attribute::Ja4, Attribute::Agent];
        assert_eq!(attributes, expected);
        assert_eq!(read[2], TermText::Novel(Attribute::Ja4));
    }

    #[test]
    fn what_cannot_be_read_says_where_and_why() {
        for (text, expected) in [
            ("", "at character 1, \"\": an attribute is method"),
            ("path=/a or ja4=b", "at character 9, \"or ja4=b\": terms are joined by `and`"),
            ("path=/a and jaa4=b", "at character 13, \"jaa4=b\": an attribute is"),
            ("path", "at character 5, \"\": behind an attribute stands ="),
            ("path=login", "at character 6, \"login\": a path begins with /"),
            ("ua=\"open", "at character 4, \"\\\"open\": a quote that opens must close"),
            ("ua=a(b)", "stands in double quotes"),
            (
                "path=/a and path=/b",
                "at character 13, \"path=/b\": each attribute can be named once",
            ),
            ("new ja4 and new ua and new h2 and new headers and new lang", "at most four terms"),
            (&"a".repeat(TEXT_MAX + 1), "longer than 1024 bytes"),
        ] {
            assert!(says(text).contains(expected), "{text}: {}", says(text));
        }
    }

    fn view<'a>((agent, target, ja4): (&'a str, &'a str, &'a str), source: IpAddr) -> View<'a> {
        View {
            method: "GET",
            target,
            source,
            agent: Told::found(Some(agent.as_bytes())),
            referer: Told::Absent,
            language: Told::Text(b"de-DE,de;q=0.9"),
            headers: Some(HeaderOrder::of_list("host,user-agent,accept")),
            cookie: Some(Cookie::Borne),
            protocol: Some(Protocol::H2),
            ja4: Told::found(Some(ja4.as_bytes())),
            h2: Told::Absent,
            country: Some(*b"DE"),
            network: Some(64_496),
            wire: Some(Wire::Even),
            is_own: Some(&|_| false),
        }
    }

    proptest! {
        #[test]
        fn what_a_request_shows_reads_back_as_the_value_that_it_has(
            agent in "[ -!#-~]{0,158}",
            target in "/[a-zA-Z0-9/._-]{0,60}(\\?[a-z=&0-9]{0,20})?",
            ja4 in "[a-z0-9_]{0,40}",
            address in any::<u32>(),
        ) {
            prop_assume!(agent != "none" && ja4 != "none" && !agent.starts_with('#'));
            let view = view((&agent, &target, &ja4), IpAddr::from(address.to_be_bytes()));
            let shown = traits(&view);
            for attribute in Attribute::ALL {
                let names = "host,user-agent,accept".split(',');
                let text = text(&view, attribute, names).expect("everything is known");
                prop_assume!(!text.is_empty());
                let read = terms(&format!("{attribute}=\"{text}\""));
                prop_assert_eq!(read, Ok(vec![TermText::Is(attribute, shown.get(attribute))]));
            }
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,80}") {
            let _ = terms(&text).map_err(|fault| fault.to_string());
        }
    }
}
