//! What a request shows of itself, for the engine: its traits, its cost, and the texts of both.
//!
//! Takes a request as the HTTP engine read it, or the bytes of a head that the gate has passed; the
//! traits are made by the one function that recordings and simulations go through as well.
//! Fingerprints of a connection are its holder's: where that is a trusted proxy, nothing is told of
//! the connection.
//! Never allocates, but for the text of a value that was not told lately.

use crate::client::{Client, Via};
use crate::connection::Connection;
use crate::core::Core;
use crate::early::Sender;
use crate::request;
use crate::settings::host_of;
use http::{HeaderMap, HeaderName, Request};
use seawall_engine::admission::{MethodKind, RouteKey};
use seawall_types::template::Template;
use seawall_types::{PlatformId, Traits};
use seawall_wire::traits::{self, Cookie, Fields, Protocol, Told, View, Wire};
use std::net::IpAddr;

/// What is listed of a request beside its verdict.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shown {
    pub(crate) traits: Traits,
    /// What it would cost its origin.
    pub(crate) cost_us: u32,
    /// Whether it was counted as asked for, since it waited.
    pub(crate) is_asked: bool,
    /// Its route, where a gate knows what requests cost by that.
    pub(crate) route: Option<RouteKey>,
}

impl Core {
    /// What a request shows; what it costs is not known yet.
    pub(crate) fn shown<B>(
        &self,
        (request, platform): (&Request<B>, PlatformId),
        connection: &Connection,
        client: &Client,
    ) -> Shown {
        // Few requests name a page that they come from.
        let host = || request::authority(request).map_or("", host_of);
        let is_own = |named: &str| {
            named.eq_ignore_ascii_case(host()) || self.platform(named) == Some(platform)
        };
        let location = self.location(client.address);
        let view = View {
            method: request.method().as_str(),
            target: target(request),
            source: client.address,
            country: location.country,
            network: location.network,
            is_own: Some(&is_own),
            ..with_connection(fields(request.headers()), connection, client.via)
        };
        let names = || request.headers().keys().map(HeaderName::as_str);
        // Both the trait and the route are made from it.
        let template = Template::of(view.target);
        let traits = traits::traits_at(&view, &template);
        self.tally().name(&traits, |attribute| traits::text(&view, attribute, names()));
        Shown {
            traits,
            cost_us: 0,
            is_asked: false,
            route: self.route((platform, view.method), &template),
        }
    }

    /// The same with what a request of its route costs its origin.
    pub(crate) fn with_cost(&self, shown: Shown, platform: PlatformId) -> Shown {
        Shown { cost_us: self.cost_us(platform, shown.route), ..shown }
    }

    /// What a head shows that is all there is of its request, and what that costs.
    pub(crate) fn shown_by_head(
        &self,
        head: &[u8],
        platform: PlatformId,
        sender: &Sender,
    ) -> Shown {
        let (method, target, lines) = parts(head);
        let fields = Fields::of_lines(lines);
        let is_own = |named: &str| self.platform(named) == Some(platform);
        let location = self.location(sender.address);
        let mut view = View {
            method,
            target,
            source: sender.address,
            country: location.country,
            network: location.network,
            is_own: Some(&is_own),
            ..of_fields(fields)
        };
        if sender.via == Via::Socket {
            view.protocol = Some(Protocol::H1);
            view.ja4 = told(sender.ja4.as_ref().map(|ja4| ja4.as_str().as_bytes()), sender.tls);
            view.h2 = Told::Absent;
            view.wire = Some(Wire::Even);
        }
        let template = Template::of(target);
        let traits = traits::traits_at(&view, &template);
        let names = || Fields::names_of_lines(lines);
        self.tally().name(&traits, |attribute| traits::text(&view, attribute, names()));
        let route = self.route((platform, method), &template);
        Shown { traits, cost_us: self.cost_us(platform, route), is_asked: false, route }
    }

    /// The route of a request.
    pub(crate) fn route_of<B>(&self, request: &Request<B>) -> RouteKey {
        let method = MethodKind::of(request.method().as_str());
        RouteKey::of(self.route_seed(), method, target(request))
    }

    fn route(
        &self,
        (platform, method): (PlatformId, &str),
        template: &Template,
    ) -> Option<RouteKey> {
        let of = || RouteKey::of_template(self.route_seed(), MethodKind::of(method), template);
        self.is_gated(platform).then(of)
    }

    fn cost_us(&self, platform: PlatformId, route: Option<RouteKey>) -> u32 {
        match (self.gate(platform), route) {
            (Some(gate), Some(route)) => gate.cost_us(route),
            _ => self.tally().mean_us(platform),
        }
    }
}

fn target<B>(request: &Request<B>) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// Path and query of a head that the gate has passed.
pub(crate) fn target_of_head(head: &[u8]) -> &str {
    parts(head).1
}

/// Method, target and field lines of a head that the gate has passed.
fn parts(head: &[u8]) -> (&str, &str, &[u8]) {
    let head = head.trim_ascii_start();
    let end = head.iter().position(|byte| *byte == b'\n').unwrap_or(head.len());
    let (line, lines) = head.split_at(end);
    let mut words = line.split(|byte| *byte == b' ');
    let mut word = || std::str::from_utf8(words.next().unwrap_or_default()).unwrap_or_default();
    let (method, target) = (word(), word());
    (method, path_of(target), lines)
}

/// The path of a target, which may be a whole address (RFC 9112 §3.2.2).
fn path_of(target: &str) -> &str {
    match target.split_once("://") {
        Some((_, rest)) if !target.starts_with('/') => rest.find('/').map_or("/", |at| &rest[at..]),
        _ => target,
    }
}

/// What the fields of a request show.
fn fields(headers: &HeaderMap) -> Fields<'_> {
    let mut fields = Fields::default();
    let mut last: Option<&HeaderName> = None;
    for (name, value) in headers {
        // Further values of a name come right behind its first.
        if last.is_none_or(|last| !std::ptr::eq(last, name)) {
            fields.take(name.as_str().as_bytes(), value.as_bytes());
        }
        last = Some(name);
    }
    fields
}

/// What fields and the connection show, the latter where it is the client's own.
fn with_connection<'a>(fields: Fields<'a>, connection: &'a Connection, via: Via) -> View<'a> {
    let view = of_fields(fields);
    if via != Via::Socket {
        return view;
    }
    let is_h2 = connection.h2.get();
    let ja4 = connection.ja4.get().map(|ja4| ja4.as_str().as_bytes());
    let h2 = connection.h2_fingerprint.get().map(|text| text.as_bytes());
    let wire = if connection.took_back.get() { Wire::Resets } else { Wire::Even };
    View {
        protocol: Some(if is_h2 { Protocol::H2 } else { Protocol::H1 }),
        ja4: told(ja4, connection.tls),
        h2: told(h2, is_h2),
        wire: Some(wire),
        ..view
    }
}

/// A fingerprint, which there is none of where what it is taken from is not spoken.
fn told(text: Option<&[u8]>, is_spoken: bool) -> Told<'_> {
    match text {
        Some(text) => Told::Text(text),
        None if is_spoken => Told::Unknown,
        None => Told::Absent,
    }
}

/// A view of fields alone.
fn of_fields(fields: Fields<'_>) -> View<'_> {
    View {
        method: "GET",
        target: "/",
        source: IpAddr::from([0, 0, 0, 0]),
        agent: Told::found(fields.agent),
        referer: Told::found(fields.referer),
        language: Told::found(fields.language),
        headers: Some(fields.order),
        cookie: Some(if fields.bears_cookie { Cookie::Borne } else { Cookie::None }),
        protocol: None,
        ja4: Told::Unknown,
        h2: Told::Unknown,
        country: None,
        network: None,
        wire: None,
        is_own: None,
    }
}

#[cfg(test)]
mod tests;
