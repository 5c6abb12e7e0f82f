//! A token in the hands of whom it was issued to: what it may still ask for, and its renewal.

use super::cookie;
use super::{Visitor, cookie::Brought};
use crate::core::Core;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, SET_COOKIE};
use http::{Method, StatusCode};
use seawall_engine::admission::{Class, Fetch};
use seawall_engine::challenge::spend::{self, Purpose};
use seawall_engine::challenge::{Bound, Keys, Taken, Token};
use seawall_types::{Moment, PlatformId};
use seawall_wire::forwarded::Proto;

/// A token that is valid here and now.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bearer {
    token: Token,
    bound: Bound,
    platform: PlatformId,
    proto: Proto,
    /// Whether a person goes to a page with it, so that it may be renewed.
    navigates: bool,
    /// What it is charged as.
    fetch: Fetch,
}

impl Bearer {
    /// The pass of a request that brought a token; none when it is not valid.
    pub(super) fn of(core: &Core, visitor: &Visitor<'_>, platform: PlatformId) -> Option<Self> {
        let Brought(text) = visitor.brought?;
        let (connection, headers) = (visitor.connection, visitor.request.headers());
        let client = visitor.asker.client(connection);
        let bound = core.bound(platform, (connection, client), headers)?;
        let open = |keys: (&Keys, u32)| Token::open(keys, &bound, &text).ok();
        let token = core.side().with_keys(core, open)?;
        let method = visitor.request.method();
        let reads = matches!(*method, Method::GET | Method::HEAD);
        let fetch =
            if reads && !visitor.navigates() { Fetch::SubResource } else { Fetch::Navigation };
        let navigates = *method == Method::GET && fetch == Fetch::Navigation;
        let proto = visitor.asker.proto(connection);
        Some(Self { token, bound, platform, proto, navigates, fetch })
    }

    /// Takes a request from what it may ask for.
    pub(super) fn charge(&self, core: &Core, now: Moment) -> Taken {
        core.book().issue.charge(now, (self.token, &self.bound), self.fetch)
    }

    /// How its bearer stands in the queue for an origin.
    pub(crate) fn class(&self) -> Class {
        self.token.class()
    }

    /// Renews it with the answer to a navigation, after a clean day.
    ///
    /// Not while the origins are pressed: what behaves well then may be the flood.
    pub(crate) fn renew(self, core: &Core, (status, headers): (StatusCode, &mut HeaderMap)) {
        if !self.navigates || !status.is_success() || is_shared(headers) {
            return;
        }
        let now = core.coarse_now();
        let spoilt = (Purpose::Spoilt, self.token.id);
        let learns = core.with_proofs(self.platform, |proofs| proofs.learns(now)).unwrap_or(true);
        let Some(next) = self.token.renewed(core.wall_secs()).filter(|_| learns) else { return };
        if core.book().issue.spend.taken(now, spoilt, spend::SPOILT) > 0 {
            return;
        }
        let sealed = core.side().with_keys(core, |(keys, _)| next.sealed(keys, &self.bound));
        if let Some(value) = sealed.and_then(|text| cookie::set(&text, self.proto)) {
            headers.append(SET_COOKIE, value);
        }
    }
}

/// Whether a cache that others share may keep an answer.
fn is_shared(headers: &HeaderMap) -> bool {
    let says = |value: &HeaderValue| {
        let text = value.to_str().unwrap_or_default().to_ascii_lowercase();
        text.contains("public") || text.contains("s-maxage")
    };
    headers.get_all(CACHE_CONTROL).iter().any(says)
}
