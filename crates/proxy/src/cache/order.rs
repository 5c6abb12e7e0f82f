//! What is to be done with the answer to one request, and what stands in where there is none.

use super::Copies;
use super::gather::{Gathered, gather};
use super::heads::{Address, Asks};
use super::kept::{Given, Kept};
use super::lead::{Came, Lead};
use crate::body::{AnswerBody, OpenRequest};
use crate::connection::Connection;
use crate::core::Core;
use crate::forward::Admitted;
use http::header::{CONTENT_LOCATION, HeaderMap, LOCATION};
use http::{Response, StatusCode};
use seawall_types::PlatformId;
use seawall_wire::cache::NotKept;
use seawall_wire::cache::reuse::{invalidates, is_error};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// A page that takes longer is as good as away for who waits for it, and a copy is there.
pub(super) const PATIENCE: Duration = Duration::from_secs(3);

/// One request that goes to an origin of a platform that keeps answers.
pub(crate) struct Order {
    pub(super) platform: PlatformId,
    pub(super) copies: Arc<Copies>,
    pub(super) asks: Asks,
    pub(super) spare: Option<Spare>,
    pub(super) then: Then,
}

/// An answer that may stand in for the origin's.
#[derive(Clone)]
pub(super) struct Spare {
    pub(super) kept: Arc<Kept>,
    pub(super) given: Given,
}

/// What is done with the answer.
pub(super) enum Then {
    Nothing,
    /// What is kept of its target may not be true any more.
    Changes(Address),
    /// It may be for others too.
    Keeps(Box<Lead>),
}

/// What stands in, where something does.
pub(crate) struct StandIn<'a> {
    order: &'a Order,
    spare: &'a Spare,
}

impl StandIn<'_> {
    /// The status that the client gets.
    pub(crate) fn status(&self) -> StatusCode {
        self.spare.kept.status_for(&self.order.asks)
    }

    /// The answer.
    pub(crate) fn response(&self, core: &Core, open: OpenRequest) -> Response<AnswerBody> {
        let Order { asks, platform, .. } = self.order;
        core.tally().bytes_out(*platform, self.spare.kept.bytes_for(asks));
        self.spare.kept.response(asks, (core.coarse_now(), self.spare.given), open)
    }
}

impl Order {
    /// What stands in where there is no answer.
    pub(crate) fn stands_in(&self) -> Option<StandIn<'_>> {
        Some(StandIn { order: self, spare: self.spare.as_ref()? })
    }

    /// How long the origin may take until something stands in; none where nothing does.
    pub(crate) fn patience(&self) -> Option<Duration> {
        let spare = self.spare.as_ref()?;
        (spare.given == Given::Essential).then_some(PATIENCE)
    }

    /// What stands in for an answer of the origin with this status: one that says that it fails.
    pub(crate) fn instead_of(&self, status: StatusCode) -> Option<StandIn<'_>> {
        if is_error(status.as_u16()) { self.stands_in() } else { None }
    }

    /// There is no place at the origin: gives what stands in, or the request back.
    pub(crate) fn instead_of_hold(
        self,
        core: &Rc<Core>,
        admitted: Admitted,
    ) -> Result<Response<AnswerBody>, Box<Admitted>> {
        self.copies.pressed(core.coarse_now());
        let Some(spare) = &self.spare else { return Err(Box::new(admitted)) };
        Ok(given(core, admitted, (&self.asks, spare)))
    }

    /// What a client is told that wants something done while the origin cannot be reached: that it was
    /// not, and when to try again.
    pub(crate) fn fault_status(&self, status: StatusCode) -> StatusCode {
        let is_told = !self.copies.rules.essential.is_empty() && !self.asks.method.is_safe();
        if is_told && status == StatusCode::BAD_GATEWAY {
            StatusCode::SERVICE_UNAVAILABLE
        } else {
            status
        }
    }

    /// Does with an answer what is to be done with it; gives what the client gets.
    pub(crate) async fn settle(
        self,
        (core, connection): (&Rc<Core>, &Rc<Connection>),
        response: Response<AnswerBody>,
    ) -> Response<AnswerBody> {
        if let Some(stands_in) = self.instead_of(response.status()) {
            let open = ended(core, connection, response.into_body());
            return stands_in.response(core, open);
        }
        let Self { copies, asks, then, .. } = self;
        match then {
            Then::Nothing => response,
            Then::Changes(address) => {
                if invalidates(asks.method.as_str(), response.status().as_u16()) {
                    forget(core, &copies, (&address, response.headers()));
                }
                response
            }
            Then::Keeps(lead) => keep((core, connection), (*lead, asks), response).await,
        }
    }
}

/// Lets go of what a body came by; the request goes on with another.
fn ended(core: &Rc<Core>, connection: &Rc<Connection>, body: AnswerBody) -> OpenRequest {
    // One request ends with that body and one begins with ours: the same one.
    connection.request_goes_on();
    drop(body);
    OpenRequest::new(core.clone(), connection.clone())
}

/// Forgets what a request may have changed (RFC 9111 §4.4).
fn forget(core: &Core, copies: &Copies, (address, headers): (&Address, &HeaderMap)) {
    let Some(store) = &copies.store else { return };
    let now = core.now();
    address.keys().for_each(|key| store.has_changed(&key, now));
    for name in [LOCATION, CONTENT_LOCATION] {
        let told = headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(target) = told.and_then(|told| here(told, &address.host)) {
            let other = Address { target: target.to_owned(), ..address.clone() };
            other.keys().for_each(|key| store.has_changed(&key, now));
        }
    }
}

/// The target of a reference that stays on a host.
fn here<'a>(reference: &'a str, host: &str) -> Option<&'a str> {
    let bare = reference.strip_prefix("https://").or_else(|| reference.strip_prefix("http://"));
    match bare {
        Some(bare) => bare.strip_prefix(host).filter(|target| target.starts_with('/')),
        None => Some(reference).filter(|it| it.starts_with('/') && !it.starts_with("//")),
    }
}

/// Keeps an answer where that may be.
async fn keep(
    (core, connection): (&Rc<Core>, &Rc<Connection>),
    (lead, asks): (Lead, Asks),
    response: Response<AnswerBody>,
) -> Response<AnswerBody> {
    let (parts, body) = response.into_parts();
    let (at, at_s) = (core.coarse_now(), u64::from(core.wall_secs()));
    let came = Came { status: parts.status, fields: &parts.headers, at, at_s };
    if parts.status == StatusCode::NOT_MODIFIED && lead.renews.is_some() {
        let open = ended(core, connection, body);
        return match lead.renewed(&came) {
            Some(kept) => kept.response(&asks, (at, Given::Usual), open),
            None => Response::from_parts(parts, AnswerBody::shared(bytes::Bytes::new(), open)),
        };
    }
    let terms = match lead.judge(&came) {
        Ok(terms) => terms,
        Err(_) if is_error(parts.status.as_u16()) => {
            // It says nothing of the answer that there will be.
            drop(lead);
            return Response::from_parts(parts, body);
        }
        // Somebody may have been sent away or on for what he showed; the next may not be.
        Err(NotKept::Status) => {
            lead.land_own_now();
            return Response::from_parts(parts, body);
        }
        Err(_) => {
            lead.land_own();
            return Response::from_parts(parts, body);
        }
    };
    let store = lead.store.clone();
    match gather(&store, body).await {
        Gathered::Whole(whole, body) => {
            let kept = lead.whole(&came, terms, whole);
            let open = ended(core, connection, body);
            kept.response(&asks, (core.coarse_now(), Given::Usual), open)
        }
        Gathered::Streams(body) => {
            lead.land_own();
            Response::from_parts(parts, body)
        }
    }
}

/// A request that is answered without an origin.
pub(super) fn given(
    core: &Rc<Core>,
    admitted: Admitted,
    (asks, spare): (&Asks, &Spare),
) -> Response<AnswerBody> {
    let Admitted { asked, platform, mut noted, mut shown, record, open, .. } = admitted;
    let (kept, now) = (&spare.kept, core.coarse_now());
    // It takes nothing of an origin.
    shown.cost_us = 0;
    let status = kept.status_for(asks);
    if core.is_gated(platform) {
        // Who reads pages shows what visitors show, wherever those come from.
        let visit = crate::proven::Visit::of(core, &asked, platform);
        noted.is_proven = visit.is_proven();
        visit.answered(core, (status, Some(&kept.fields)));
    }
    core.note(&noted, &shown);
    let bytes = kept.bytes_for(asks);
    core.tally().bytes_out(platform, bytes);
    if let Some(mut record) = record {
        record.record.status = Some(status.as_u16());
        record.record.origin_ms = Some(0.0);
        record.record.cache = Some(HIT.to_owned());
        record.bytes = bytes;
        core.record(record);
    }
    let mut response = kept.response(asks, (now, spare.given), open);
    core.own(platform, |own| own.finish(&asked.connection, response.headers_mut()));
    if let Some(bearer) = asked.bearer {
        bearer.renew(core, (response.status(), response.headers_mut()));
    }
    response
}

/// What a record says of a request that cost an origin nothing.
pub(super) const HIT: &str = "hit";
/// Of one whose answer may be kept.
pub(super) const MISS: &str = "miss";
/// Of one that a cache has no part in.
pub(super) const PASS: &str = "pass";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_on_the_host_is_forgotten_with_a_request() {
        for (reference, target) in [
            ("/a", Some("/a")),
            ("//b.example/a", None),
            ("https://a.example/c?d", Some("/c?d")),
            ("http://a.example/c", Some("/c")),
            ("https://a.example.evil/c", None),
            ("https://b.example/c", None),
            ("c", None),
        ] {
            assert_eq!(here(reference, "a.example"), target, "{reference}");
        }
    }
}
