//! The page behind a link into a lane, and what sets the cookie.
//!
//! `GET /.well-known/seawall/lane?link=…` shows a page and uses nothing up, since programs that preview
//! links open them too; the button on it asks by `POST`, which lets one in.
//! The button's address has the link too, so that it is known before the form is read.
//! Bounds: [`ASKED_MAX`] bytes of what is posted.

use super::Invite;
use crate::answer::Refusal;
use crate::body::AnswerBody;
use crate::challenge::OWN;
use crate::challenge::desk::{Call, DOOR};
use crate::challenge::kept::read;
use crate::challenge::set_pass;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::pages::push_escaped;
use crate::tally::Noted;
use http::header::{CONTENT_SECURITY_POLICY, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use seawall_engine::challenge::PlatformMark;
use seawall_types::{PlatformId, Reason, Verdict};
use std::rc::Rc;
use std::sync::Arc;

/// Three times what the page sends.
const ASKED_MAX: usize = 256;
const PAGE: &str = include_str!("door.html");
/// What the page may do: send its form home.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
);
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");

/// What is answered, before it is written.
enum Outcome {
    /// The page, for a link that may be used.
    Asks(Arc<Invite>, String),
    /// The cookie.
    LetIn(HeaderValue),
    /// The link cannot be used, or not any more.
    Over,
    Unknown,
}

/// Answers a request for the page behind a link.
pub(crate) async fn serve(core: &Rc<Core>, mut call: Call) -> Response<AnswerBody> {
    let method = call.request.method().clone();
    let asked = match method {
        Method::POST => read(core, &mut call.request, ASKED_MAX).await.unwrap_or_default(),
        _ => call.request.uri().query().unwrap_or_default().as_bytes().to_vec(),
    };
    let mark = core.asks(call.platform, crate::challenge::Asks::mark);
    let outcome = match (&method, mark) {
        (&(Method::GET | Method::HEAD), Some(mark)) => asks(core, mark, &asked),
        (&Method::POST, Some(mark)) => lets_in(core, &call, mark, &asked),
        _ => Outcome::Unknown,
    };
    written(core, call, &outcome)
}

/// Whether a request brings a link that may be used, which opens the door whatever the rate of its source:
/// who shares an address with many needs the lane most when that is used up.
pub(super) fn opens(core: &Core, platform: PlatformId, request: &Request<Incoming>) -> bool {
    let uri = request.uri();
    if uri.path().strip_prefix(OWN) != Some(DOOR) {
        return false;
    }
    let mark = core.asks(platform, crate::challenge::Asks::mark);
    let linked = |mark, text| core.invites().linked((core.wall_secs(), mark), text).is_some();
    let brought = mark.zip(uri.query().and_then(|query| link(query.as_bytes())));
    brought.is_some_and(|(mark, text)| linked(mark, text))
}

/// The text of a link in a query or a form: letters that need no decoding.
fn link(asked: &[u8]) -> Option<&[u8]> {
    let mut pairs = asked.split(|byte| *byte == b'&');
    pairs.find_map(|pair| pair.strip_prefix(b"link="))
}

fn asks(core: &Core, mark: PlatformMark, asked: &[u8]) -> Outcome {
    let linked = |text| Some((core.invites().linked((core.wall_secs(), mark), text)?, text));
    match link(asked).and_then(linked) {
        Some((invite, text)) => Outcome::Asks(invite, String::from_utf8_lossy(text).into_owned()),
        None => Outcome::Over,
    }
}

fn lets_in(core: &Core, call: &Call, mark: PlatformMark, asked: &[u8]) -> Outcome {
    let at = (core.wall_secs(), mark);
    let invite = link(asked).and_then(|text| core.invites().linked(at, text));
    let proto = call.whom.1.proto(&call.whom.0);
    let cookie = invite.and_then(|invite| {
        let pass = core.invites().enter(at, &invite)?;
        set_pass(&pass, invite.wanted.pass_secs, proto)
    });
    cookie.map_or(Outcome::Over, Outcome::LetIn)
}

fn written(core: &Core, call: Call, outcome: &Outcome) -> Response<AnswerBody> {
    let (verdict, reason, status) = match outcome {
        Outcome::Asks(..) => (Verdict::Admit, Reason::Lane, StatusCode::OK),
        Outcome::LetIn(_) => (Verdict::Admit, Reason::Lane, StatusCode::SEE_OTHER),
        Outcome::Over => (Verdict::Refuse, Reason::Lane, StatusCode::FORBIDDEN),
        Outcome::Unknown => (Verdict::Error, Reason::Method, StatusCode::NOT_FOUND),
    };
    let Call { whom, platform, told, open, record, .. } = call;
    let source = whom.1.client(&whom.0).source;
    let refusal = Refusal { status, ..Refusal::of((verdict, reason), platform, source) };
    core.note(&Noted { verdict, reason, ..told.0 }, &told.1);
    if let Some(mut record) = record {
        record.tell(verdict, reason);
        record.status = Some(status);
        core.record(record);
    }
    let body = |_: &str| match outcome {
        Outcome::Asks(invite, link) => (page(&invite.wanted.name, link), HTML),
        Outcome::LetIn(_) => (String::new(), TEXT),
        Outcome::Over => (OVER.to_owned(), TEXT),
        Outcome::Unknown => (UNKNOWN.to_owned(), TEXT),
    };
    let mut response = refusal.written(core, open, body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    // The link stands in the address.
    headers.insert(REFERRER_POLICY, NO_REFERRER);
    if let Outcome::LetIn(cookie) = outcome {
        headers.insert(SET_COOKIE, cookie.clone());
        headers.insert(LOCATION, HeaderValue::from_static("/"));
    }
    core.own(platform, |own| own.finish(&whom.0, response.headers_mut()));
    response
}

const HTML: &str = "text/html; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";
const OVER: &str = "This link cannot be used: it was used up, its time is over, or it was taken back.\n\
                    Ask whoever gave it to you for another.\n";
const UNKNOWN: &str = "There is nothing here.\n";

fn page(name: &str, link: &str) -> String {
    let mut out = String::with_capacity(PAGE.len() + name.len() + link.len());
    let mut rest = PAGE;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (mark, after) = behind.split_once("}}").unwrap_or((behind, ""));
        out.push_str(before);
        push_escaped(&mut out, if mark == "link" { link } else { name });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_holds_the_link_and_what_an_operator_wrote_cannot_leave_its_place() {
        let page = page("<b>Anna & \"co\"", "LINK");
        assert!(
            page.contains("&lt;b&gt;Anna &amp;") && page.matches("LINK").count() == 2,
            "{page}"
        );
        assert!(!page.contains("{{") && page.contains("method=\"post\""));
    }

    #[test]
    fn a_link_is_found_among_what_else_is_asked() {
        assert_eq!(link(b"a=1&link=abc_-"), Some(&b"abc_-"[..]));
        assert_eq!(link(b"links=abc"), None);
        assert_eq!(link(b""), None);
    }
}
