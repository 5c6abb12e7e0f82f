//! Browsers: which fields each sends, in which order, for what.
//!
//! A stack is coherent: its fields agree with each other, with the transport and with the purpose.
//! Fetch metadata and client hints go to TLS doors only, as browsers send them to secure contexts
//! only (W3C Fetch Metadata §2, W3C Secure Contexts §3.1).

mod stacks;

use super::markup::AssetKind;
use crate::Chance;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use stacks::STACKS;

/// A browser as its requests show it.
#[derive(Debug)]
pub(super) struct Browser {
    user_agent: &'static str,
    /// Values of `sec-ch-ua`, `-mobile` and `-platform`, for stacks that send them.
    hints: Option<[&'static str; 3]>,
    page_accept: &'static str,
    image_accept: &'static str,
    /// Values of `Accept-Encoding` without and with TLS.
    encodings: [&'static str; 2],
    languages: &'static [&'static str],
    order: &'static [Field],
}

/// One position in a browser's order of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    Hints,
    Upgrade,
    UserAgent,
    Accept,
    Language,
    Encoding,
    Fetch,
    Referer,
    Cookie,
    Origin,
    Form,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A page, by link or address.
    Page,
    /// A file that a page needs.
    Asset(AssetKind),
    /// A form that is sent.
    Form,
}

/// Whether the connection is one that browsers call secure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Context {
    Plain,
    Secure,
}

/// Everything about one request that its fields depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub(super) purpose: Purpose,
    pub(super) context: Context,
    /// Scheme and host.
    pub(super) base: &'a str,
    /// The page one comes from.
    pub(super) referer: Option<&'a str>,
    pub(super) cookie: Option<&'a HeaderValue>,
}

/// A browser with the language that its owner has chosen.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owned {
    browser: &'static Browser,
    language: &'static str,
}

impl Owned {
    /// One of the stacks, about as common as each is.
    pub(super) fn choose(chance: &mut Chance) -> Self {
        let browser = &STACKS[chance.weighted([6, 2, 3].into_iter())];
        let language = chance.pick(browser.languages).copied().unwrap_or("en");
        Self { browser, language }
    }

    /// The fields of one request but for the host, in the browser's order.
    pub(super) fn fields(&self, occasion: &Occasion<'_>) -> HeaderMap {
        let mut fields = HeaderMap::with_capacity(16);
        for field in self.browser.order {
            self.put(*field, occasion, &mut fields);
        }
        fields
    }

    fn put(&self, field: Field, occasion: &Occasion<'_>, fields: &mut HeaderMap) {
        let browser = self.browser;
        let secure = occasion.context == Context::Secure;
        let form = occasion.purpose == Purpose::Form;
        match field {
            Field::Hints if secure => {
                let names = ["sec-ch-ua", "sec-ch-ua-mobile", "sec-ch-ua-platform"];
                for (name, value) in names.into_iter().zip(browser.hints.into_iter().flatten()) {
                    set(fields, name, value);
                }
            }
            Field::Upgrade if !matches!(occasion.purpose, Purpose::Asset(_)) => {
                set(fields, "upgrade-insecure-requests", "1");
            }
            Field::UserAgent => set(fields, "user-agent", browser.user_agent),
            Field::Accept => set(fields, "accept", browser.accept(occasion.purpose)),
            Field::Language => set(fields, "accept-language", self.language),
            Field::Encoding => {
                set(fields, "accept-encoding", browser.encodings[usize::from(secure)]);
            }
            Field::Fetch if secure => put_fetch(occasion, fields),
            Field::Referer => put_text(fields, "referer", occasion.referer),
            Field::Cookie => {
                if let Some(cookie) = occasion.cookie {
                    fields.insert("cookie", cookie.clone());
                }
            }
            Field::Origin if form => put_text(fields, "origin", Some(occasion.base)),
            Field::Form if form => {
                set(fields, "content-type", "application/x-www-form-urlencoded");
            }
            Field::Hints | Field::Upgrade | Field::Fetch | Field::Origin | Field::Form => {}
        }
    }
}

impl Browser {
    fn accept(&self, purpose: Purpose) -> &'static str {
        match purpose {
            Purpose::Page | Purpose::Form => self.page_accept,
            Purpose::Asset(AssetKind::Style) => "text/css,*/*;q=0.1",
            Purpose::Asset(AssetKind::Script) => "*/*",
            Purpose::Asset(AssetKind::Image) => self.image_accept,
        }
    }
}

fn put_fetch(occasion: &Occasion<'_>, fields: &mut HeaderMap) {
    let (mode, destination) = match occasion.purpose {
        Purpose::Page | Purpose::Form => ("navigate", "document"),
        Purpose::Asset(AssetKind::Style) => ("no-cors", "style"),
        Purpose::Asset(AssetKind::Script) => ("no-cors", "script"),
        Purpose::Asset(AssetKind::Image) => ("no-cors", "image"),
    };
    let origin = if occasion.referer.is_some() { "same-origin" } else { "none" };
    set(fields, "sec-fetch-site", origin);
    set(fields, "sec-fetch-mode", mode);
    if mode == "navigate" {
        set(fields, "sec-fetch-user", "?1");
    }
    set(fields, "sec-fetch-dest", destination);
}

fn set(fields: &mut HeaderMap, name: &'static str, value: &'static str) {
    fields.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
}

/// Leaves the field out when the text cannot stand in one, as browsers do.
fn put_text(fields: &mut HeaderMap, name: &'static str, text: Option<&str>) {
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
        fields.insert(HeaderName::from_static(name), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(stack: usize, purpose: Purpose, context: Context) -> HeaderMap {
        let browser = &STACKS[stack];
        let owned = Owned { browser, language: browser.languages[0] };
        let base = "http://www.example.org";
        let referer = Some("http://www.example.org/");
        owned.fields(&Occasion { purpose, context, base, referer, cookie: None })
    }

    #[test]
    fn a_browser_tells_its_fetch_metadata_to_secure_doors_only() {
        for stack in 0..STACKS.len() {
            let plain = fields(stack, Purpose::Page, Context::Plain);
            assert!(plain.keys().all(|name| !name.as_str().starts_with("sec-")));
            let secure = fields(stack, Purpose::Page, Context::Secure);
            assert_eq!(secure["sec-fetch-mode"], "navigate");
            let image = fields(stack, Purpose::Asset(AssetKind::Image), Context::Secure);
            assert_eq!(image["sec-fetch-dest"], "image");
            assert!(!image.contains_key("upgrade-insecure-requests"));
        }
    }

    #[test]
    fn client_hints_come_from_chrome_alone_and_name_the_same_version() {
        let hints = |stack| fields(stack, Purpose::Page, Context::Secure).remove("sec-ch-ua");
        let chrome = hints(0).unwrap();
        assert!(chrome.to_str().unwrap().contains("\"Google Chrome\";v=\"140\""));
        assert!(STACKS[0].user_agent.contains("Chrome/140."));
        assert_eq!((hints(1), hints(2)), (None, None));
    }

    #[test]
    fn each_browser_keeps_its_own_order_of_fields() {
        let first = |stack| {
            let fields = fields(stack, Purpose::Page, Context::Plain);
            fields.keys().take(2).map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(first(0), ["upgrade-insecure-requests", "user-agent"]);
        assert_eq!(first(1), ["user-agent", "accept"]);
        assert_eq!(first(2), ["upgrade-insecure-requests", "accept"]);
    }

    #[test]
    fn a_form_names_where_it_was_filled_in() {
        let form = fields(0, Purpose::Form, Context::Plain);
        assert_eq!(form["origin"], "http://www.example.org");
        assert_eq!(form["content-type"], "application/x-www-form-urlencoded");
    }
}
