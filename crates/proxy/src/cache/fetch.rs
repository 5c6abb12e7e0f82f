//! Questions that the shield asks an origin by itself: one page, and all of its answer.
//!
//! On a connection of their own, closed behind it; with a place at the origin like any request, behind
//! all others, and never after a wait.
//! Bounds: [`FETCH_MAX`] each, and the bytes that the caller allows.

use crate::admission::{Entered, Pass};
use crate::core::Core;
use crate::origins::{Repeatable, Seat, Tried};
use crate::upstream::Upstream;
use crate::upstream::body::{Framing, Part};
use crate::upstream::dial::Speaks;
use crate::upstream::h2::Slot;
use crate::upstream::h2::head::clean;
use crate::upstream::response::Said;
use bytes::Bytes;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Method, Request, StatusCode, Uri};
use seawall_engine::admission::{
    Body, Call, Class, Head, Kind, MethodKind, Prefix, Request as Wish, RouteKey,
};
use seawall_types::{Moment, PlatformId};
use seawall_wire::forwarded::Proto;
use std::future::poll_fn;
use std::net::{IpAddr, Ipv4Addr};
use std::rc::Rc;
use std::time::Duration;

use super::heads::Address;

/// How long one may take.
const FETCH_MAX: Duration = Duration::from_secs(10);
/// Memory that one holds while it is under way, about.
const FETCH_BYTES: u32 = 64 * 1024;

/// What the head of its answer tells admission.
const BRIEF: Head = Head { length: None, kind: Kind::Brief };

/// What is asked for.
pub(super) struct Errand {
    pub(super) address: Address,
    /// Beside the host and what the shield says of itself.
    pub(super) fields: HeaderMap,
    /// Bytes of the answer's body at most.
    pub(super) most: u64,
}

/// What was answered.
pub(super) struct Fetched {
    pub(super) status: StatusCode,
    pub(super) fields: HeaderMap,
    pub(super) body: Bytes,
    pub(super) asked: Moment,
    pub(super) asked_s: u64,
    pub(super) came: Moment,
    pub(super) came_s: u64,
}

/// A head, and the pieces of its body.
type Answer = (StatusCode, HeaderMap, Vec<u8>);

/// Asks an origin of a platform; none when there is no room, no whole answer, or one too large.
pub(super) async fn fetch(
    core: &Rc<Core>,
    platform: PlatformId,
    errand: &Errand,
) -> Option<Fetched> {
    let asked = core.now();
    let pass = enter(core, platform, (&errand.address.target, asked))?;
    let mut tried = Tried::default();
    let seat = core
        .with_origins(platform, |origins| {
            origins.choose(asked, (&mut tried, Repeatable::Yes), pass)
        })
        .flatten()?;
    let asked_s = u64::from(core.wall_secs());
    let asking = ask(core, (platform, &seat), errand);
    let answer = core.watchlist().until(asked + FETCH_MAX, asking).await;
    let Ok(Some((status, fields, body))) = answer else {
        seat.failed();
        return None;
    };
    let (came, came_s) = (core.now(), u64::from(core.wall_secs()));
    Some(Fetched { status, fields, body: body.into(), asked, asked_s, came, came_s })
}

/// A place at an origin that is free now.
fn enter(core: &Rc<Core>, platform: PlatformId, (target, now): (&str, Moment)) -> Option<Pass> {
    let Some(gate) = core.gate(platform) else { return Some(Pass::Free) };
    let wish = Wish {
        route: RouteKey::of(core.route_seed(), MethodKind::of("GET"), target),
        prefix: Prefix::of(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        class: Class::Low,
        kind: Kind::Brief,
        body: Body::Whole,
        bytes: FETCH_BYTES,
        call: Call::First,
    };
    match gate.enter(now, &wish) {
        Entered::Admitted(permit) => Some(Pass::Permit(permit)),
        Entered::Waits(_) | Entered::Held(_) => None,
    }
}

async fn ask(
    core: &Rc<Core>,
    (platform, seat): (PlatformId, &Seat),
    errand: &Errand,
) -> Option<Answer> {
    let pool = seat.pool();
    let fields = fields(core, platform, errand);
    let (status, headers, body) = match pool.place().speaks() {
        Speaks::Http1 => {
            let lease = pool.connect().await.ok()?;
            over_h1(*lease.upstream, (seat, errand), &fields, core).await?
        }
        Speaks::Http2 => {
            let scheme = if pool.place().url.protocol.is_tls() { "https" } else { "http" };
            let slot = pool.slot().await.ok()?;
            over_h2(slot, (seat, errand, scheme), fields, core).await?
        }
    };
    Some((status, headers, body))
}

/// What the origin is told beside the host.
fn fields(core: &Core, platform: PlatformId, errand: &Errand) -> HeaderMap {
    let mut fields = errand.fields.clone();
    let proto = match errand.address.scheme {
        Proto::Https => "https",
        Proto::Http => "http",
    };
    fields.insert(HeaderName::from_static("x-forwarded-proto"), HeaderValue::from_static(proto));
    if let Ok(host) = HeaderValue::from_str(&errand.address.host) {
        fields.insert(HeaderName::from_static("x-forwarded-host"), host);
    }
    core.own(platform, |own| {
        if let Some(secret) = &own.secret {
            fields.insert(secret.name.clone(), secret.value.clone());
        }
    });
    fields
}

async fn over_h1(
    mut upstream: Upstream,
    (seat, errand): (&Seat, &Errand),
    fields: &HeaderMap,
    core: &Core,
) -> Option<Answer> {
    let Address { host, target, .. } = &errand.address;
    let mut head = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    for (name, value) in fields {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"connection: close\r\n\r\n");
    upstream.send(&head).await.ok()?;
    let answer = loop {
        match poll_fn(|cx| upstream.poll_head(cx, &Method::GET)).await.ok()? {
            Said::Final(answer) => break answer,
            Said::Interim(_) => {}
        }
    };
    let told = || (answer.parts.status, BRIEF);
    seat.answered(core.now(), told);
    let (mut framing, mut body) = (answer.framing, Vec::new());
    while framing != Framing::Ended {
        let Some(part) = poll_fn(|cx| upstream.body(&mut framing, cx)).await else { break };
        match part.ok()? {
            Part::Data(data) => take(&mut body, &data, errand.most)?,
            Part::Trailers(_) => {}
        }
    }
    Some((answer.parts.status, answer.parts.headers, body))
}

async fn over_h2(
    mut slot: Slot,
    (seat, errand, scheme): (&Seat, &Errand, &str),
    fields: HeaderMap,
    core: &Core,
) -> Option<Answer> {
    let Address { host, target, .. } = &errand.address;
    let uri = Uri::builder().scheme(scheme).authority(&**host).path_and_query(&**target);
    let mut head = Request::new(());
    *head.uri_mut() = uri.build().ok()?;
    *head.headers_mut() = fields;
    let (answer, _sending) = slot.send(head, false).ok()?;
    let (parts, mut incoming) = answer.await.ok()?.into_parts();
    slot.answered();
    let told = || (parts.status, BRIEF);
    seat.answered(core.now(), told);
    let mut body = Vec::new();
    while let Some(data) = poll_fn(|cx| incoming.poll_data(cx)).await {
        let data = data.ok()?;
        incoming.flow_control().release_capacity(data.len()).ok()?;
        take(&mut body, &data, errand.most)?;
    }
    let mut headers = parts.headers;
    clean(&mut headers);
    Some((parts.status, headers, body))
}

fn take(body: &mut Vec<u8>, data: &Bytes, most: u64) -> Option<()> {
    body.extend_from_slice(data);
    (body.len() as u64 <= most).then_some(())
}
