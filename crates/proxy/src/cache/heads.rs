//! Heads as the judgements of caches read them, and requests as they are kept by.

use crate::incoming::Incoming;
use http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Method, Request, Uri};
use http_body::Body as _;
use seawall_wire::cache::target::{form_of, without};
use seawall_wire::cache::{Asked, Fields, Part};
use seawall_wire::forwarded::Proto;

/// The fields of a head.
pub(super) struct Heads<'a>(pub(super) &'a HeaderMap);

impl Fields for Heads<'_> {
    fn lines<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(HeaderName::as_str)
    }
}

/// What answers are kept by.
pub(super) type Key = Box<[u8]>;

/// What is asked for, as the origin sees it: byte for byte, since one that folded two into one would
/// give the answer of the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: Proto,
    pub(super) host: String,
    pub(super) target: String,
}

/// Every form that a page may be asked for in.
const FORMS: &[u8] = b"hjxet*";

impl Address {
    /// The address of a request; none when its host is no text.
    pub(super) fn of(request: &Request<Incoming>, scheme: Proto) -> Option<Self> {
        let host = match request.headers().get(HOST) {
            Some(host) => host.to_str().ok()?,
            None => request.uri().authority()?.as_str(),
        };
        let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
        let front = if target.starts_with('/') { "" } else { "/" };
        Some(Self { scheme, host: host.to_owned(), target: [front, target].concat() })
    }

    /// What an answer to a request with this `Accept` is kept by.
    pub(super) fn key(&self, accept: Option<&HeaderValue>) -> Key {
        self.key_of(self.scheme, form_of(accept.map(HeaderValue::as_bytes)))
    }

    /// Everything that may be kept of this address, by whatever scheme and form it was asked for.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let schemes = [Proto::Http, Proto::Https].into_iter();
        schemes.flat_map(move |scheme| FORMS.iter().map(move |form| self.key_of(scheme, *form)))
    }

    fn key_of(&self, scheme: Proto, form: u8) -> Key {
        let scheme = match scheme {
            Proto::Http => b'p',
            Proto::Https => b's',
        };
        // A host holds no space.
        let parts = [&[scheme, form][..], self.host.as_bytes(), &b" "[..], self.target.as_bytes()];
        parts.concat().into()
    }
}

/// Takes parameters that mean nothing out of a request, also for its origin.
pub(super) fn strip(request: &mut Request<Incoming>, ignored: &[String]) {
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let Some(left) = without(target, ignored) else { return };
    let mut parts = request.uri().clone().into_parts();
    let Ok(target) = PathAndQuery::try_from(left) else { return };
    parts.path_and_query = Some(target);
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
}

/// What part a request may have.
pub(super) fn part(request: &Request<Incoming>, target: &str) -> Part {
    let heads = Heads(request.headers());
    let asked = Asked {
        method: request.method().as_str(),
        target,
        fields: &heads,
        has_body: !request.body().is_end_stream(),
    };
    asked.part()
}

/// What of a request decides how an answer is given.
#[derive(Debug, Clone)]
pub(super) struct Asks {
    pub(super) method: Method,
    /// What the client has already, if it says so.
    conditions: HeaderMap,
}

impl Asks {
    pub(super) fn of(request: &Request<Incoming>) -> Self {
        let mut conditions = HeaderMap::new();
        for name in [http::header::IF_NONE_MATCH, http::header::IF_MODIFIED_SINCE] {
            for value in request.headers().get_all(&name) {
                conditions.append(name.clone(), value.clone());
            }
        }
        Self { method: request.method().clone(), conditions }
    }

    /// Whether the client has what is kept.
    pub(super) fn has(&self, kept: &HeaderMap) -> bool {
        let (asks, kept) = (Heads(&self.conditions), Heads(kept));
        seawall_wire::cache::conditions::is_unchanged(&asks, &kept)
    }
}
