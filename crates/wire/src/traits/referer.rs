//! Whose page a request says it came from.

use super::{Told, View};

/// A kind of page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Referer {
    None,
    Own,
    Search,
    Other,
}

impl Referer {
    pub(super) fn of_word(word: &str) -> Option<Self> {
        let all = [Self::None, Self::Own, Self::Search, Self::Other];
        all.into_iter().find(|class| class.word() == word)
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Own => "own",
            Self::Search => "search",
            Self::Other => "other",
        }
    }
}

/// Names under any ending: `google.co.uk`, `search.brave.com`.
const SEARCH_ENGINES: [&str; 14] = [
    "google",
    "bing",
    "duckduckgo",
    "yahoo",
    "yandex",
    "baidu",
    "ecosia",
    "qwant",
    "startpage",
    "brave",
    "kagi",
    "seznam",
    "naver",
    "search",
];

/// The kind of page; none when that is not known.
pub(super) fn class(view: &View<'_>) -> Option<Referer> {
    let text = match view.referer {
        Told::Unknown => return None,
        Told::Absent => return Some(Referer::None),
        Told::Text(text) => text,
    };
    let Some(host) = host(text) else { return Some(Referer::Other) };
    if view.is_own.is_some_and(|is_own| is_own(host)) {
        return Some(Referer::Own);
    }
    if is_search_engine(host) {
        return Some(Referer::Search);
    }
    // Where nobody knows the platform's hosts it may be its own.
    view.is_own.map(|_| Referer::Other)
}

/// The host of an address of a page, without its port.
fn host(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok()?;
    let (_, rest) = text.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = &rest[..end];
    let host = match authority.rfind(':') {
        Some(colon) if !authority.ends_with(']') => &authority[..colon],
        _ => authority,
    };
    (!host.is_empty()).then_some(host)
}

fn is_search_engine(host: &str) -> bool {
    let Some((names, _ending)) = host.rsplit_once('.') else { return false };
    let is_one = |name: &str| SEARCH_ENGINES.iter().any(|known| known.eq_ignore_ascii_case(name));
    names.rsplit('.').take(2).any(is_one)
}
