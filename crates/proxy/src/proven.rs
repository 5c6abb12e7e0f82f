//! Who of those that ask is known to be a real visitor: what requests bring and answers set is put
//! to the engine's [`Proofs`].
//!
//! Only for platforms whose origins are bounded, since elsewhere nobody goes before another.
//! All cores share what is remembered of a platform, so that a visitor whose next connection another
//! core takes is not a stranger there.
//! Never keeps a cookie or an address, and never asks for one.
//! Bounds: [`COOKIES_MAX`] cookies of a request or an answer are looked at, [`COOKIE_BYTES_MAX`]
//! bytes each at most; what is remembered is 1.4 MiB a platform, less beyond [`WHOLE_MEMORIES`].

use crate::client::Client;
use crate::connection::Connection;
use crate::core::Core;
use crate::forward::Asked;
use crate::lane::Place;
use crate::request::Present;
use http::header::{ACCEPT, COOKIE, HeaderMap, HeaderName, REFERER, SET_COOKIE, USER_AGENT};
use http::{HeaderValue, Method, StatusCode};
use seawall_engine::TableSnapshot;
use seawall_engine::admission::{
    Call, Class, Fetch, MarkSeed, Prefix, Proof, Proofs, Scale, StackMark,
};
use seawall_engine::lane::Entry;
use seawall_engine::policy::Standing;
use seawall_types::{Moment, PlatformId};
use std::rc::Rc;
use std::sync::{Arc, Mutex, PoisonError};

/// Cookies that are looked at: more than nearly every site sets.
const COOKIES_MAX: usize = 16;
/// What browsers keep of one at most (RFC 6265 §6.1).
const COOKIE_BYTES_MAX: usize = 4_096;
/// Platforms that each remember as much as there is to remember; where there are more, each
/// remembers less.
const WHOLE_MEMORIES: usize = 16;

/// What kind of request a browser makes (Fetch Metadata §2.2).
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// What is remembered of each bounded platform's visitors.
#[derive(Debug, Default)]
pub(crate) struct ProofBook {
    /// By platform index.
    platforms: Mutex<Vec<Option<Arc<Proofs>>>>,
}

impl ProofBook {
    /// The memory of a platform, one of so many; made when first asked for.
    pub(crate) fn of(&self, now: Moment, (platform, platforms): (usize, usize)) -> Arc<Proofs> {
        let mut table = self.platforms.lock().unwrap_or_else(PoisonError::into_inner);
        if table.len() <= platform {
            table.resize_with(platform + 1, || None);
        }
        let make = || Arc::new(Proofs::new(now, Scale::among(platforms, WHOLE_MEMORIES)));
        table[platform].get_or_insert_with(make).clone()
    }

    /// Visits under way of all platforms together, and places of those who were told to come back; walks
    /// every table.
    pub(crate) fn tables(&self, now: Moment) -> [TableSnapshot; 2] {
        let returns = |proofs: &Proofs| (proofs.returns().fill(now), proofs.returns().saturated());
        [self.sum("visits", |proofs| proofs.visits(now)), self.sum("returns", returns)]
    }

    fn sum(&self, name: &'static str, look: impl Fn(&Proofs) -> ([u64; 2], u64)) -> TableSnapshot {
        let table = self.platforms.lock().unwrap_or_else(PoisonError::into_inner);
        let none = TableSnapshot { name, entries: 0, capacity: 0, saturated: 0 };
        table.iter().flatten().fold(none, |sum, proofs| {
            let ([entries, capacity], saturated) = look(proofs);
            TableSnapshot {
                entries: sum.entries + entries,
                capacity: sum.capacity + capacity,
                saturated: sum.saturated + saturated,
                ..sum
            }
        })
    }
}

/// A request, as far as it may prove its visitor or teach who is one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Visit {
    platform: PlatformId,
    /// Where it comes from.
    network: Prefix,
    /// As which network it takes its turn.
    turn: Prefix,
    known: Known,
    /// How it stands by a token of ours that has something left, or by what it asks for.
    pass: Option<Class>,
    /// As what it comes to the gate.
    call: Call,
}

#[derive(Debug, Clone, Copy)]
enum Known {
    /// It goes first for a reason of its own.
    Allowed,
    /// It holds what opens a lane.
    InLane,
    Proven(Proof),
    /// What it asks for may be a page or a part of one, from which something is learned.
    Stranger(Option<(StackMark, Fetch)>),
}

impl Known {
    /// What needs no look at what is remembered.
    fn at_once(standing: Standing, entry: Option<Entry>) -> Option<Self> {
        match (standing, entry) {
            (Standing::Allowed, _) => Some(Self::Allowed),
            (_, Some(Entry::Held)) => Some(Self::InLane),
            (Standing::Counted(_) | Standing::Unjudged | Standing::Crowded, _) => None,
        }
    }
}

/// The class that what is asked for brings, whoever asks.
fn class_by(entry: Entry) -> Option<Class> {
    match entry {
        // What is kept for who holds something, anyone could use up.
        Entry::Open => Some(Class::Proven),
        Entry::Held => None,
    }
}

impl Visit {
    /// What a request to a bounded platform shows.
    pub(crate) fn of(core: &Rc<Core>, asked: &Asked, platform: PlatformId) -> Self {
        let client = asked.asker.client(&asked.connection);
        let entry = asked.lane.as_ref().map(|place| place.entry);
        let own = Prefix::of(client.address);
        let turn = asked.lane.as_ref().map_or(own, Place::turn);
        // Who holds nothing is known by what he comes from and brings, as anybody is.
        let network = if entry == Some(Entry::Held) { turn } else { own };
        let known = Known::at_once(client.standing, entry).unwrap_or_else(|| {
            core.with_proofs(platform, |proofs| known(core, asked, (proofs, network)))
                .unwrap_or(Known::Stranger(None))
        });
        let pass = asked.bearer.map(|bearer| bearer.class());
        let pass = pass.into_iter().chain(entry.and_then(class_by)).min();
        Self { platform, network, turn, known, pass, call: Call::First }
    }

    /// As which network it takes its turn.
    pub(crate) fn turn(&self) -> Prefix {
        self.turn
    }

    pub(crate) fn platform(&self) -> PlatformId {
        self.platform
    }

    /// Where it comes from.
    pub(crate) fn network(&self) -> Prefix {
        self.network
    }

    /// As what it comes to the gate.
    pub(crate) fn call(&self) -> Call {
        self.call
    }

    pub(crate) fn set_call(&mut self, call: Call) {
        self.call = call;
    }

    /// Whether it has no turn of its own.
    pub(crate) fn takes_turns_as_anybody(&self) -> bool {
        matches!(self.known, Known::Proven(_) | Known::Stranger(_))
    }

    /// How it stands with us.
    pub(crate) fn class(&self) -> Class {
        let shown = match self.known {
            Known::Allowed | Known::InLane => Class::Lane,
            Known::Proven(_) => Class::Proven,
            Known::Stranger(_) => Class::Unknown,
        };
        self.pass.map_or(shown, |pass| pass.min(shown))
    }

    /// Whether its visitor was known to be good before it asked.
    pub(crate) fn is_proven(&self) -> bool {
        matches!(self.known, Known::Proven(_) | Known::InLane)
    }

    /// The head of the origin's answer is there.
    ///
    /// `cookies` are its fields, where any of them may set one.
    pub(crate) fn answered(
        &self,
        core: &Core,
        (status, cookies): (StatusCode, Option<&HeaderMap>),
    ) {
        if status.is_client_error() || status.is_server_error() {
            return;
        }
        core.with_proofs(self.platform, |proofs| {
            let now = core.coarse_now();
            match self.known {
                Known::Allowed | Known::InLane | Known::Stranger(None) => {}
                Known::Proven(proof) => proofs.served(proof),
                Known::Stranger(Some((stack, fetch))) => proofs.fetched(now, stack, fetch),
            }
            if let Some(headers) = cookies.filter(|_| proofs.learns(now)) {
                let seed = core.mark_seed();
                let set = headers.get_all(SET_COOKIE).iter().take(COOKIES_MAX);
                for pair in set.filter_map(|value| cookie_of(first_of(value.as_bytes()))) {
                    proofs.cookie_set(now, seed.cookie(pair), self.network);
                }
            }
        });
    }
}

/// A request's fields, and who sent them.
pub(crate) type Sent<'a> = ((&'a HeaderMap, Present), (&'a Connection, &'a Client));

/// Whether a request's visitor is known to be good; nobody is where nothing bounds the origins.
pub(crate) fn is_proven(core: &Core, sent: Sent<'_>, platform: PlatformId) -> bool {
    let network = Prefix::of(sent.1.1.address);
    let proof = |proofs: &Proofs| proof(core, sent, (proofs, network)).1.is_some();
    core.with_proofs(platform, proof).unwrap_or(false)
}

/// Who asks and with what, and what of it proves a visitor.
fn proof(
    core: &Core,
    ((headers, present), (connection, client)): Sent<'_>,
    (proofs, network): (&Proofs, Prefix),
) -> (StackMark, Option<Proof>) {
    let seed = core.mark_seed();
    let stack = stack(seed, (connection, client), headers);
    let lines = present.cookie().then(|| headers.get_all(COOKIE));
    let cookies = lines.iter().flat_map(|lines| lines.iter().flat_map(cookies_of));
    let marks = cookies.take(COOKIES_MAX).map(|pair| seed.cookie(pair));
    (stack, proofs.look(marks, (stack, network)))
}

fn known(core: &Core, asked: &Asked, (proofs, network): (&Proofs, Prefix)) -> Known {
    let (request, connection) = (&asked.request, &asked.connection);
    let sent =
        ((request.headers(), asked.present), (&**connection, asked.asker.client(connection)));
    let (stack, proof) = proof(core, sent, (proofs, network));
    if let Some(proof) = proof {
        return Known::Proven(proof);
    }
    let tells = asked.present.form() && request.method() == Method::GET;
    let tells = tells && proofs.learns(core.coarse_now());
    let fetch = tells.then(|| fetch_of(request.headers())).flatten();
    Known::Stranger(fetch.map(|fetch| (stack, fetch)))
}

/// The mark of who asks and with what, made once for each client of a connection.
///
/// The TLS fingerprint of a connection that carries others as well is not the client's.
pub(crate) fn stack(
    seed: MarkSeed,
    (connection, client): (&Connection, &Client),
    headers: &HeaderMap,
) -> StackMark {
    client.stack.get().unwrap_or_else(|| {
        let ja4 = connection.ja4.get().filter(|_| client.via.owns_connection());
        let ja4 = ja4.map_or(&b""[..], |ja4| ja4.as_str().as_bytes());
        let agent = headers.get(USER_AGENT).map_or(&b""[..], HeaderValue::as_bytes);
        let stack = seed.stack(client.source, [ja4, agent]);
        client.stack.set(Some(stack));
        stack
    })
}

/// What a browser asks for, as far as its fields tell.
///
/// Browsers say it themselves where the page came safely; elsewhere a page is what HTML is wanted
/// for, and a part of it names the page that it is for.
pub(crate) fn fetch_of(headers: &HeaderMap) -> Option<Fetch> {
    if let Some(mode) = headers.get(&SEC_FETCH_MODE) {
        let navigates = mode == "navigate";
        return Some(if navigates { Fetch::Navigation } else { Fetch::SubResource });
    }
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|accepted| accepted.contains("text/html")) {
        return Some(Fetch::Navigation);
    }
    headers.contains_key(REFERER).then_some(Fetch::SubResource)
}

/// The cookies of one line of a request (RFC 6265 §4.2.1), each as `name=value`.
fn cookies_of(line: &HeaderValue) -> impl Iterator<Item = &[u8]> {
    line.as_bytes().split(|byte| *byte == b';').filter_map(cookie_of)
}

/// What `Set-Cookie` sets, without its attributes (RFC 6265 §4.1.1).
fn first_of(value: &[u8]) -> &[u8] {
    value.split(|byte| *byte == b';').next().unwrap_or_default()
}

/// A pair that may be told from others; one without a value is being taken away.
fn cookie_of(pair: &[u8]) -> Option<&[u8]> {
    let pair = pair.trim_ascii();
    let name = pair.iter().position(|byte| *byte == b'=')?;
    (name + 1 < pair.len() && pair.len() <= COOKIE_BYTES_MAX).then_some(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let field = |(name, value): &(&'static str, &'static str)| {
            (HeaderName::from_static(name), HeaderValue::from_static(value))
        };
        fields.iter().map(field).collect()
    }

    #[test]
    fn who_asks_for_a_feed_is_no_better_known_by_it_and_who_holds_a_lane_is() {
        let visit = |entry| Visit {
            platform: PlatformId(0),
            network: Prefix::of([192, 0, 2, 1].into()),
            turn: Prefix::of([192, 0, 2, 1].into()),
            known: Known::at_once(Standing::Unjudged, entry).unwrap_or(Known::Stranger(None)),
            pass: entry.and_then(class_by),
            call: Call::First,
        };
        let (reader, staff) = (visit(Some(Entry::Open)), visit(Some(Entry::Held)));
        assert!(!reader.is_proven() && staff.is_proven() && !visit(None).is_proven());
        assert_eq!(visit(None).class(), Class::Unknown);
        assert_eq!(reader.class(), Class::Proven);
        let passed = Visit { pass: Some(Class::OldToken), ..reader };
        assert_eq!(passed.class(), Class::OldToken, "his own is better");
        assert_eq!(staff.class(), Class::Lane);
    }

    #[test]
    fn a_cookie_reads_the_same_where_it_is_set_and_where_it_is_brought() {
        let set = HeaderValue::from_static("sid=a1b2=; Path=/; HttpOnly");
        let brought = HeaderValue::from_static("theme=dark; sid=a1b2=;gone=; bare");
        let set = cookie_of(first_of(set.as_bytes()));
        let brought: Vec<_> = cookies_of(&brought).collect();
        assert_eq!(set, Some(&b"sid=a1b2="[..]));
        assert_eq!(brought, [&b"theme=dark"[..], b"sid=a1b2="]);
    }

    #[test]
    fn a_browsers_fields_tell_a_page_from_what_it_consists_of() {
        let told = |fields: &[_]| fetch_of(&headers(fields));
        let page = [("sec-fetch-mode", "navigate"), ("accept", "text/html,*/*;q=0.8")];
        assert_eq!(told(&page), Some(Fetch::Navigation));
        assert_eq!(told(&page[1..]), Some(Fetch::Navigation));
        let part = [("sec-fetch-mode", "no-cors"), ("accept", "image/avif,*/*;q=0.8")];
        assert_eq!(told(&part), Some(Fetch::SubResource));
        assert_eq!(told(&part[1..]), None);
        let of_a_page = [("accept", "*/*"), ("referer", "http://www.example.org/")];
        assert_eq!(told(&of_a_page), Some(Fetch::SubResource));
    }

    #[test]
    fn a_platform_has_one_memory_whoever_asks() {
        let book = ProofBook::default();
        let first = book.of(Moment(0), (1, 2));
        assert!(Arc::ptr_eq(&first, &book.of(Moment(9), (1, 300))));
        assert!(!Arc::ptr_eq(&first, &book.of(Moment(0), (0, 2))));
    }
}
