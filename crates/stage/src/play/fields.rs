//! What each field of a request says.

use super::PlayedPlatform;
use seawall_sim::request::{LANGUAGES, Manner, Referer, Request};
use seawall_sim::site::{Purpose, Route};
use seawall_sim::stack::Stack;

/// Fields that a request has whether its stack names them or not, where there is something to say.
pub(super) const NEEDED: [&str; 5] =
    ["host", "referer", "cookie", "content-type", "content-length"];
/// Fields that ask for a WebSocket (RFC 6455 §4.1).
pub(super) const UPGRADE: [&str; 4] =
    ["connection", "upgrade", "sec-websocket-key", "sec-websocket-version"];

/// What stands before the host in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    const fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }
}

/// Everything about one request that its fields depend on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Occasion<'a> {
    pub(super) platform: &'a PlayedPlatform,
    pub(super) request: &'a Request,
    pub(super) purpose: Purpose,
    pub(super) stack: Option<&'a Stack>,
    pub(super) body: &'a str,
    pub(super) scheme: Scheme,
}

impl Occasion<'_> {
    /// The value of a field; none when the request has nothing to say in it.
    pub(super) fn value(&self, name: &str) -> Option<String> {
        let request = self.request;
        let say = |text: &str| Some(text.to_owned());
        let socket = matches!(request.manner, Manner::Socket(_));
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            _ if name.starts_with("sec-fetch-") => self.fetch(&name),
            "host" => say(&self.platform.host),
            "user-agent" => self.user_agent(),
            "accept" => say(self.accept()),
            "accept-language" => language(request.language).map(str::to_owned),
            "accept-encoding" => say(match self.scheme {
                Scheme::Http => "gzip, deflate",
                Scheme::Https => "gzip, deflate, br",
            }),
            "connection" => say(if socket { "Upgrade" } else { "keep-alive" }),
            "upgrade" => socket.then(|| "websocket".to_owned()),
            // The example of RFC 6455 §1.3: nobody here looks at what is made of it.
            "sec-websocket-key" => socket.then(|| "dGhlIHNhbXBsZSBub25jZQ==".to_owned()),
            "sec-websocket-version" => socket.then(|| "13".to_owned()),
            "referer" => self.referer(),
            "origin" => self.with_body(self.base()),
            "cookie" => request.cookie.map(|value| format!("session={value:016x}")),
            "content-type" => self.with_body("application/x-www-form-urlencoded".to_owned()),
            "content-length" => self.with_body(self.body.len().to_string()),
            "upgrade-insecure-requests" => request.navigates.then(|| "1".to_owned()),
            // Client hints go to secure contexts alone (W3C Secure Contexts §3.1).
            _ if name.starts_with("sec-ch-") && self.scheme == Scheme::Http => None,
            "sec-ch-ua-mobile" => say("?0"),
            "sec-ch-ua-platform" => say("\"Windows\""),
            "sec-ch-ua" => say("\"Chromium\";v=\"140\", \"Not=A?Brand\";v=\"24\""),
            "cache-control" | "pragma" => say("no-cache"),
            "priority" => say("u=0, i"),
            "te" => say("trailers"),
            // What a tool or an app adds says nothing that anybody reads.
            _ => say("1"),
        }
    }

    fn base(&self) -> String {
        format!("{}://{}", self.scheme.word(), self.platform.host)
    }

    /// Fetch metadata goes to secure contexts alone (W3C Fetch Metadata §2).
    fn fetch(&self, name: &str) -> Option<String> {
        let value = match name {
            _ if self.scheme == Scheme::Http => return None,
            "sec-fetch-site" => self.fetch_site(),
            "sec-fetch-mode" if self.request.navigates => "navigate",
            "sec-fetch-mode" => "no-cors",
            "sec-fetch-user" if self.request.navigates => "?1",
            "sec-fetch-dest" => self.fetch_destination(),
            _ => return None,
        };
        Some(value.to_owned())
    }

    fn user_agent(&self) -> Option<String> {
        let text = self.stack.map_or("a-program/1.0", |stack| stack.user_agent.as_str());
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn with_body(&self, value: String) -> Option<String> {
        (!self.body.is_empty()).then_some(value)
    }

    fn accept(&self) -> &'static str {
        match self.purpose {
            _ if self.request.navigates => "text/html,application/xhtml+xml,*/*;q=0.8",
            Purpose::Asset => "image/avif,image/webp,*/*;q=0.8",
            Purpose::Api => "application/json",
            _ => "*/*",
        }
    }

    fn referer(&self) -> Option<String> {
        match self.request.referer {
            Referer::None => None,
            Referer::Own(route) => {
                let page = self.platform.site.route(route).map_or("/", path_of);
                Some(format!("{}{page}", self.base()))
            }
            Referer::Search => Some("https://search.example/".to_owned()),
            Referer::Elsewhere(site) => Some(format!("https://site-{site}.example/")),
        }
    }

    fn fetch_site(&self) -> &'static str {
        match self.request.referer {
            Referer::None => "none",
            Referer::Own(_) => "same-origin",
            Referer::Search | Referer::Elsewhere(_) => "cross-site",
        }
    }

    fn fetch_destination(&self) -> &'static str {
        match self.purpose {
            _ if self.request.navigates => "document",
            Purpose::Asset => "image",
            _ => "empty",
        }
    }
}

fn path_of(route: &Route) -> &str {
    route.path.split("{id}").next().unwrap_or("/")
}

fn language(row: u8) -> Option<&'static str> {
    LANGUAGES.get(usize::from(row)).copied().filter(|text| !text.is_empty())
}
