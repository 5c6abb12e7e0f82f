//! Where answers to puzzles are taken, and where those wait who run no scripts.
//!
//! | path below `/.well-known/seawall/` | does |
//! | --- | --- |
//! | `POST answer` | takes a solved puzzle, as ALTCHA's widget writes it, and sets the cookie |
//! | `GET answer` | 204 when the cookie is there and valid, 403 when not |
//! | `lane` | what [`crate::lane`] answers there |
//! | `GET wait` | gives a place in the line, shows when its turn is, and then sets the cookie |
//! | `GET waited` | sees whether the cookie came back, and leads on to what was asked for |
//!
//! Bounds: [`ANSWER_MAX`] bytes of an answer.

use super::kept::{Plus, decoded, read};
use super::page::{Wait, wait, wait_path};
use super::{Bearer, OWN, Shows, cookie};
use crate::answer::Refusal;
use crate::body::{AnswerBody, OpenRequest};
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::lane;
use crate::recorder::RecordedRequest;
use crate::shown::Shown;
use crate::tally::Noted;
use data_encoding::BASE64;
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use seawall_engine::challenge::place::GRACE_SECS;
use seawall_engine::challenge::{Answer, Bound, Keys, Origins, Place, PlaceFault};
use seawall_types::{CheckPassed, MeasureId, PlatformId, Reason, Verdict};
use serde_json::Value;
use std::rc::Rc;

/// Twice what a page sends.
pub(crate) const ANSWER_MAX: usize = 1_024;
/// A page that waits looks again at least so often.
const LOOK_AGAIN_S: u32 = 10;
/// When one whom the line did not take tries again.
const FULL_RETRY_S: u32 = 30;

/// The path behind [`OWN`] of a link into a lane.
pub(crate) const DOOR: &str = "lane";

/// A request to one of our own paths.
pub(crate) struct Call {
    pub(crate) request: Request<Incoming>,
    pub(crate) whom: (Rc<Connection>, Asker),
    pub(crate) platform: PlatformId,
    pub(crate) bearer: Option<Bearer>,
    pub(crate) told: (Noted, Shown),
    pub(crate) open: OpenRequest,
    pub(crate) record: Option<Box<RecordedRequest>>,
}

/// Whether a request is ours to answer.
pub(crate) fn serves(request: &Request<Incoming>) -> bool {
    request.uri().path().starts_with(OWN)
}

/// What is answered, before it is written.
enum Outcome {
    /// The cookie is there, or is being set.
    Passed(Option<HeaderValue>),
    Refused,
    /// On to where the visitor wanted to go.
    Onward(String, Option<HeaderValue>),
    Waits {
        place: Option<Place>,
        path: String,
    },
    /// The cookie does not come back.
    NoCookie(String),
    Unknown,
}

/// Answers a request to one of our own paths.
pub(crate) async fn serve(core: Rc<Core>, mut call: Call) -> Response<AnswerBody> {
    let path = call.request.uri().path().strip_prefix(OWN).unwrap_or_default().to_owned();
    if path == DOOR {
        return lane::serve(&core, call).await;
    }
    let method = call.request.method().clone();
    let outcome = match (path.as_str(), &method) {
        ("answer", &Method::POST) => match answered(&core, &mut call).await {
            Some(cookie) => Outcome::Passed(Some(cookie)),
            None => Outcome::Refused,
        },
        ("answer", &(Method::GET | Method::HEAD)) if call.may_go_on() => Outcome::Passed(None),
        ("answer", &(Method::GET | Method::HEAD)) => Outcome::Refused,
        ("wait" | "waited", &Method::GET) => waits(&core, &call),
        _ => Outcome::Unknown,
    };
    written(&core, call, &outcome)
}

impl Call {
    /// Whether its sender needs no check: it has passed one, or the operator allows it.
    fn may_go_on(&self) -> bool {
        self.bearer.is_some() || matches!(self.told.0.reason, Reason::Allowed | Reason::Lane)
    }

    fn bound(&self, core: &Core) -> Option<Bound> {
        let (connection, asker) = &self.whom;
        let client = asker.client(connection);
        core.bound(self.platform, (connection, client), self.request.headers())
    }

    /// The cookie of a fresh token, once for each name; `measure` had its bearer asked.
    fn cookie(
        &self,
        core: &Core,
        (bound, id): (&Bound, u64),
        measure: Option<MeasureId>,
    ) -> Option<HeaderValue> {
        let at = (core.coarse_now(), core.wall_secs());
        let token = core.book().issue.token(at, (bound, id))?;
        let (connection, asker) = &self.whom;
        if let Some(measure) = measure {
            let source = asker.client(connection).source;
            core.tally().passed(CheckPassed { measure, source });
        }
        let seal = |(keys, _): (&Keys, u32)| token.sealed(keys, bound);
        cookie::set(&core.side().with_keys(core, seal)?, asker.proto(connection))
    }
}

/// The cookie for a solved puzzle.
async fn answered(core: &Rc<Core>, call: &mut Call) -> Option<HeaderValue> {
    let body = read(core, &mut call.request, ANSWER_MAX).await?;
    let told = payload(&body)?;
    let text = |name: &str| told.get(name)?.as_str();
    let answer = Answer {
        challenge: text("challenge")?,
        salt: text("salt")?,
        number: told.get("number")?.as_u64()?,
        signature: text("signature")?,
    };
    let bound = call.bound(core)?;
    let solved = core.side().with_keys(core, |keys| answer.check(keys, &bound)).ok()?;
    call.cookie(core, (&bound, solved.id), MeasureId::new(solved.measure))
}

/// What stands in an answer: base64 of JSON, alone or as the field that ALTCHA's widget sends.
fn payload(body: &[u8]) -> Option<Value> {
    let text = match body.strip_prefix(b"altcha=") {
        Some(field) => decoded(field.split(|byte| *byte == b'&').next()?, Plus::IsPlus)?,
        None => str::from_utf8(body).ok()?.to_owned(),
    };
    let json = BASE64.decode(text.trim().as_bytes()).ok()?;
    serde_json::from_slice(&json).ok()
}

/// What becomes of somebody who waits.
fn waits(core: &Core, call: &Call) -> Outcome {
    let query = call.request.uri().query().unwrap_or_default();
    let asked = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
    };
    let to = asked("to").and_then(|to| decoded(to.as_bytes(), Plus::IsPlus));
    let to = to.filter(|to| leads_home(to)).unwrap_or_else(|| "/".to_owned());
    // Who had them asked is its word, and worth no more than that: one more of those who pass.
    let measure = asked("m").and_then(|text| text.parse().ok()).and_then(MeasureId::new);
    if call.may_go_on() {
        return Outcome::Onward(to, None);
    }
    if call.request.uri().path().ends_with("/waited") {
        return Outcome::NoCookie(wait_path((&to, measure), None));
    }
    let Some(bound) = call.bound(core) else { return Outcome::Unknown };
    let open = |keys: (&Keys, u32)| Some(Place::open(keys, &bound, asked("place")?.as_bytes()));
    match core.side().with_keys(core, open) {
        Some(Ok(id)) if let Some(cookie) = call.cookie(core, (&bound, id), measure) => {
            // Of another path than the line, since browsers of text take a page that leads to itself
            // for a loop, whatever its query says.
            let waited = wait_path((&to, None), None).replacen("wait?", "waited?", 1);
            Outcome::Onward(waited, Some(cookie))
        }
        Some(Err(PlaceFault::Early(place))) => {
            Outcome::Waits { path: wait_path((&to, measure), asked("place")), place: Some(place) }
        }
        // A place that is over, used or not ours: the end of the line.
        Some(Ok(_) | Err(PlaceFault::Form | PlaceFault::Missed | PlaceFault::Forged)) | None => {
            let place = join(core, call.platform, &bound);
            let text = place.and_then(|place| {
                core.side().with_keys(core, |(keys, _)| place.sealed(keys, &bound))
            });
            let path = wait_path(
                (&to, measure),
                text.as_ref().map(seawall_engine::challenge::place::PlaceText::as_str),
            );
            Outcome::Waits { path, place: place.filter(|_| text.is_some()) }
        }
    }
}

/// A place at the end of the line; none where the line, or the network's part of it, is full.
fn join(core: &Core, platform: PlatformId, bound: &Bound) -> Option<Place> {
    let at = (core.coarse_now(), core.wall_secs());
    let has_room = core.with_proofs(platform, |proofs| proofs.learns(at.0)).unwrap_or(true);
    let origins = if has_room { Origins::HaveRoom } else { Origins::ArePressed };
    core.book().issue.place(at, (platform.index(), bound), origins)
}

/// Whether a target stays on this host.
pub(super) fn leads_home(to: &str) -> bool {
    to.starts_with('/')
        && !to.starts_with("//")
        && !to.starts_with("/\\")
        && to.bytes().all(|byte| byte.is_ascii_graphic())
        && !to.starts_with(OWN)
}

fn written(core: &Core, call: Call, outcome: &Outcome) -> Response<AnswerBody> {
    let (verdict, reason, status) = match outcome {
        Outcome::Passed(_) => (Verdict::Admit, Reason::Clear, StatusCode::NO_CONTENT),
        Outcome::Onward(..) => (Verdict::Admit, Reason::Clear, StatusCode::SEE_OTHER),
        Outcome::Refused => (Verdict::Refuse, Reason::Challenge, StatusCode::FORBIDDEN),
        Outcome::Waits { .. } | Outcome::NoCookie(_) => {
            (Verdict::Hold, Reason::Challenge, StatusCode::SERVICE_UNAVAILABLE)
        }
        Outcome::Unknown => (Verdict::Error, Reason::Method, StatusCode::NOT_FOUND),
    };
    let Call { request, whom, platform, told, open, record, .. } = call;
    let (connection, asker) = (&whom.0, &whom.1);
    let client = asker.client(connection);
    let refusal = Refusal { status, ..Refusal::of((verdict, reason), platform, client.source) };
    core.note(&Noted { verdict, reason, ..told.0 }, &told.1);
    if let Some(mut record) = record {
        record.tell(verdict, reason);
        record.status = Some(status);
        core.record(record);
    }
    let headers = request.headers();
    let shows = Shows { core, connection, client, headers, platform };
    let now_secs = core.wall_secs();
    match outcome {
        Outcome::Passed(cookie) | Outcome::Onward(_, cookie) => {
            let nothing = |_: &str| (String::new(), "text/plain; charset=utf-8");
            let mut response = refusal.written(core, open, nothing);
            let headers = response.headers_mut();
            headers.remove(CONTENT_TYPE);
            if let Some(cookie) = cookie {
                headers.insert(SET_COOKIE, cookie.clone());
            }
            if let Outcome::Onward(to, _) = outcome
                && let Ok(to) = HeaderValue::from_str(to)
            {
                headers.insert(LOCATION, to);
            }
            core.own(platform, |own| own.finish(connection, response.headers_mut()));
            response
        }
        Outcome::Waits { place: Some(place), path } => {
            let left = place.turn_secs.saturating_sub(now_secs);
            let page = Wait {
                path,
                refresh_s: Some(left.min(LOOK_AGAIN_S) + 1),
                says: ("turn", left.max(1)),
                until_secs: place.turn_secs + GRACE_SECS,
            };
            wait(shows, &page, (&refusal, open))
        }
        Outcome::Waits { place: None, path } => {
            let says = ("full", FULL_RETRY_S);
            let page = Wait { path, refresh_s: Some(FULL_RETRY_S), says, until_secs: now_secs };
            wait(shows, &page, (&refusal, open))
        }
        Outcome::NoCookie(path) => {
            let says = ("cookies", 0);
            let page = Wait { path, refresh_s: None, says, until_secs: now_secs };
            wait(shows, &page, (&refusal, open))
        }
        Outcome::Refused | Outcome::Unknown => {
            let form = refusal.form(headers);
            let mut response = refusal.response(core, form, open);
            core.own(platform, |own| own.finish(connection, response.headers_mut()));
            response
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_is_sent_to_another_host_or_back_to_the_line() {
        for (to, home) in [
            ("/", true),
            ("/a?b=//c", true),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("https://evil.example", false),
            ("/a\r\nset-cookie: b", false),
            ("/.well-known/seawall/wait", false),
            ("", false),
        ] {
            assert_eq!(leads_home(to), home, "{to}");
        }
    }

    #[test]
    fn an_answer_is_read_as_the_page_sends_it_and_as_the_public_widget_does() {
        let json = serde_json::json!({"number": 7, "salt": "ab>?"});
        let text = BASE64.encode(json.to_string().as_bytes());
        assert_eq!(payload(text.as_bytes()), Some(json.clone()));
        let field = text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        assert_eq!(payload(format!("altcha={field}&name=x").as_bytes()), Some(json));
        assert_eq!(payload(b"altcha=%"), None);
        assert_eq!(payload(b"\xff"), None);
    }
}
