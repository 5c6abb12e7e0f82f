//! What pages say, in the language that a visitor likes best of those that there are.
//!
//! Bounds: [`WISHES_MAX`] wishes of an `Accept-Language` are read.

use http::header::{ACCEPT_LANGUAGE, HeaderMap};
use std::sync::LazyLock;

/// More than any browser sends.
const WISHES_MAX: usize = 16;
/// Spoken where nothing else is liked.
const ENGLISH: &str = "en";

static TEXTS: LazyLock<toml::Table> =
    LazyLock::new(|| include_str!("texts.toml").parse().unwrap_or_default());

/// One language.
#[derive(Debug, Clone, Copy)]
pub(super) struct Texts {
    pub(super) lang: &'static str,
    words: Option<&'static toml::Table>,
}

impl Texts {
    /// The language that a request likes best (RFC 9110 §12.5.4).
    pub(super) fn liked_by(headers: &HeaderMap) -> Self {
        let liked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self::named(best(liked.unwrap_or_default()))
    }

    fn named(lang: &'static str) -> Self {
        Self { lang, words: TEXTS.get(lang).and_then(toml::Value::as_table) }
    }

    /// The text of that name.
    pub(super) fn get(self, name: &str) -> &'static str {
        self.words.and_then(|words| words.get(name)?.as_str()).unwrap_or_default()
    }
}

fn best(liked: &str) -> &'static str {
    let mut best = (0.0, ENGLISH);
    for wish in liked.split(',').take(WISHES_MAX) {
        let (tag, quality) = wish.split_once(';').unwrap_or((wish, "q=1"));
        let quality: f32 =
            quality.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(0.0);
        let primary = tag.trim().split('-').next().unwrap_or_default();
        let known = TEXTS.keys().find(|lang| lang.eq_ignore_ascii_case(primary));
        if let Some(lang) = known.filter(|_| quality > best.0) {
            best = (quality, lang.as_str());
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_says_everything_and_fills_in_what_english_fills_in() {
        assert_eq!(TEXTS.len(), 8);
        let english = Texts::named(ENGLISH);
        for lang in TEXTS.keys() {
            let texts = Texts::named(lang.as_str());
            let names = |texts: Texts| texts.words.unwrap().keys().cloned().collect::<Vec<_>>();
            assert_eq!(names(texts), names(english), "{lang}");
            for name in names(english) {
                let marks = |text: &str| {
                    ["{contact}", "{seconds}", "{until}"].map(|mark| text.matches(mark).count())
                };
                assert_eq!(marks(texts.get(&name)), marks(english.get(&name)), "{lang} {name}");
                assert!(!texts.get(&name).is_empty(), "{lang} {name}");
            }
            assert!(["ltr", "rtl"].contains(&texts.get("dir")), "{lang}");
        }
    }

    #[test]
    fn the_language_that_is_liked_best_of_those_there_are_is_spoken() {
        for (liked, lang) in [
            ("", "en"),
            ("de-CH,de;q=0.9,en;q=0.8", "de"),
            ("nl,fr;q=0.3,cy;q=0.7", "cy"),
            ("UR", "ur"),
            ("sv;q=1", "en"),
            ("pl;q=0,ar;q=0.1", "ar"),
            ("es;q=x", "en"),
            (";;;,,,q=", "en"),
        ] {
            assert_eq!(best(liked), lang, "{liked}");
        }
    }
}
