//! One answer that is kept, and how it is given again.

use super::heads::{Asks, Heads};
use crate::body::{AnswerBody, OpenRequest};
use bytes::Bytes;
use http::header::{
    AGE, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, EXPIRES, HeaderMap,
    HeaderName, HeaderValue,
};
use http::{Method, Response, StatusCode};
use seawall_types::Moment;
use seawall_wire::cache::conditions::renews;
use seawall_wire::cache::{Selecting, Standing, Terms};

/// What a field takes beside its bytes, about.
const FIELD_BYTES: usize = 96;
/// What an answer takes beside its fields and its body, about.
const ANSWER_BYTES: usize = 512;

/// How the cache was used, where that must be said (RFC 9211).
const CACHE_STATUS: HeaderName = HeaderName::from_static("cache-status");

/// An answer that is kept.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) body: Bytes,
    pub(super) terms: Terms,
    pub(super) selecting: Selecting,
    /// When it came, or was last renewed.
    pub(super) came: Moment,
}

/// Why an answer that is kept is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Given {
    /// It is what the origin would say.
    Usual,
    /// The origin fails, and allowed that it stands in (RFC 5861 §4).
    IfError,
    /// The origin fails or has no room, and the page is essential.
    Essential,
}

impl Kept {
    /// Bytes that it takes.
    pub(super) fn bytes(&self) -> usize {
        let field = |(name, value): (&HeaderName, &HeaderValue)| {
            name.as_str().len() + value.len() + FIELD_BYTES
        };
        let fields: usize = self.fields.iter().map(field).sum();
        self.body.len() + fields + self.selecting.bytes() + ANSWER_BYTES
    }

    /// Seconds since it came.
    fn kept_s(&self, now: Moment) -> u64 {
        now.since(self.came).as_secs()
    }

    pub(super) fn standing(&self, now: Moment) -> Standing {
        self.terms.standing(self.kept_s(now))
    }

    pub(super) fn may_stand_in(&self, now: Moment) -> bool {
        self.terms.may_stand_in(self.kept_s(now))
    }

    /// The same answer as a 304 with these fields has renewed it.
    pub(super) fn fields_renewed_by(&self, renewal: &HeaderMap) -> HeaderMap {
        let mut fields = self.fields.clone();
        for name in renewal.keys().filter(|name| renews(name.as_str())) {
            fields.remove(name);
            for value in renewal.get_all(name) {
                fields.append(name.clone(), copied(value));
            }
        }
        fields
    }

    /// Whether a request may have it: it says the same, and bears no cookie where that matters.
    pub(super) fn is_for(&self, request: &HeaderMap, bears_cookie: bool) -> bool {
        (self.terms.for_everyone || !bears_cookie) && self.selecting.selects(&Heads(request))
    }

    /// The status that a client gets.
    pub(super) fn status_for(&self, asks: &Asks) -> StatusCode {
        let is_had = self.status == StatusCode::OK && asks.has(&self.fields);
        if is_had { StatusCode::NOT_MODIFIED } else { self.status }
    }

    /// Bytes of the body that a client gets.
    pub(super) fn bytes_for(&self, asks: &Asks) -> u64 {
        let nothing =
            asks.method == Method::HEAD || self.status_for(asks) == StatusCode::NOT_MODIFIED;
        if nothing { 0 } else { self.body.len() as u64 }
    }

    /// The answer for a client.
    pub(super) fn response(
        &self,
        asks: &Asks,
        (now, given): (Moment, Given),
        open: OpenRequest,
    ) -> Response<AnswerBody> {
        let status = self.status_for(asks);
        let is_had = status == StatusCode::NOT_MODIFIED;
        let body = if is_had { Bytes::new() } else { self.body.clone() };
        let mut response = Response::new(AnswerBody::shared(body, open));
        *response.status_mut() = status;
        let age_s = self.terms.age_s(self.kept_s(now));
        let headers = response.headers_mut();
        *headers = self.fields.clone();
        headers.insert(AGE, HeaderValue::from(age_s));
        if is_had {
            for name in [CONTENT_LENGTH, CONTENT_TYPE, CONTENT_ENCODING] {
                headers.remove(name);
            }
        }
        if given != Given::Usual {
            let detail = if given == Given::Essential { "essential" } else { "stale-if-error" };
            let left_s = i128::from(self.terms.lifetime_s) - i128::from(age_s);
            let told = format!("Seawall; hit; ttl={left_s}; detail={detail}");
            if let Ok(told) = HeaderValue::from_str(&told) {
                headers.insert(CACHE_STATUS, told);
            }
        }
        if given == Given::Essential {
            // It is for this moment alone.
            headers.remove(EXPIRES);
            headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
        response
    }
}

/// Fields as they are kept: without what each answer says anew, and in memory of their own, since they
/// came as slices of a buffer that is much larger.
pub(super) fn kept_fields(fields: &HeaderMap, length: usize) -> HeaderMap {
    let mut kept = HeaderMap::with_capacity(fields.len() + 1);
    for (name, value) in fields {
        let own = matches!(
            name.as_str(),
            "age" | "content-length" | "connection" | "keep-alive" | "set-cookie" | "cache-status"
        );
        if !own {
            kept.append(name.clone(), copied(value));
        }
    }
    kept.insert(CONTENT_LENGTH, HeaderValue::from(length));
    kept
}

fn copied(value: &HeaderValue) -> HeaderValue {
    HeaderValue::from_bytes(value.as_bytes()).unwrap_or_else(|_| value.clone())
}
