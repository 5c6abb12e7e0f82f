//! What happens to requests whose verdict is `challenge`, and what a token of ours is worth.
//!
//! Takes judged requests; lets who bears a token go on, shows people the page, holds programs.
//! Answers the paths below [`OWN`] itself, where the page's answers come and those wait who run no
//! scripts.
//! Never sets a cookie for who was not challenged, and never challenges what is no navigation.
//! Bounds: answers of [`desk::ANSWER_MAX`] bytes, forms of [`kept::KEPT_MAX`] bytes that the page keeps,
//! and what [`seawall_engine::challenge`] bounds.

mod bearer;
mod book;
mod cookie;
pub(crate) mod desk;
pub(crate) mod kept;
mod page;
mod texts;

pub(crate) use bearer::Bearer;
pub(crate) use book::{Asks, Book, Side};
pub(crate) use cookie::{Brought, BroughtPass, LANE_NAME, Ours, set_pass, take};
pub(crate) use kept::{Kept, keep, keeps};
pub(crate) use page::{Shows, page};

use crate::answer::{Form, Refusal, status_of};
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::serve::redirects;
use http::Request;
use seawall_engine::challenge::issue::{Asked, Weighed, held_s, weighed};
use seawall_types::{Mode, Moment, PlatformId, Reason, Verdict};

/// Paths that the shield answers itself (RFC 8615).
pub(crate) const OWN: &str = "/.well-known/seawall/";

/// A request as far as a check goes.
#[derive(Clone, Copy)]
pub(crate) struct Visitor<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) asker: &'a Asker,
    pub(crate) request: &'a Request<Incoming>,
    /// What it brought of ours, before it was taken out.
    pub(crate) brought: Option<Brought>,
}

impl Visitor<'_> {
    fn path(&self) -> &str {
        self.request.uri().path()
    }

    /// Whether a person goes to another page with it.
    fn navigates(&self) -> bool {
        Form::wanted_by(self.request.headers()) == Form::Page
    }
}

/// What was judged: the platform that a request may go to and why it may, or what it is told.
pub(crate) type Judged = Result<(PlatformId, Reason), Refusal>;

/// Looks at what was judged again in the light of what a request brought of ours.
///
/// Who is not asked keeps what was judged; a token that has something left comes with it.
pub(crate) fn weigh(
    core: &Core,
    visitor: &Visitor<'_>,
    now: Moment,
    judged: Judged,
) -> (Judged, Option<Bearer>) {
    let (platform, told) = match &judged {
        Ok((_, Reason::Allowed | Reason::Lane)) => return (judged, None),
        Ok((platform, _)) => (*platform, None),
        Err(refusal) => match (refusal.verdict, refusal.platform) {
            (Verdict::Challenge, Some(platform)) => (platform, Some(*refusal)),
            _ => return (judged, None),
        },
    };
    let always = core.asks_always(platform);
    if visitor.brought.is_none() && told.is_none() && !always {
        return (judged, None);
    }
    let path = visitor.path();
    let bearer = Bearer::of(core, visitor, platform);
    if path.starts_with(OWN) {
        return (Ok((platform, Reason::Clear)), bearer);
    }
    let is_exempt = core.asks(platform, |asks| asks.exempts(path)).unwrap_or(false);
    let charged = bearer.map(|bearer| bearer.charge(core, now));
    let is_redirected = || redirects(core, visitor.connection, visitor.asker);
    let asked_of = match told {
        None if !always || is_exempt || is_redirected() => Asked::Nobody,
        _ if visitor.navigates() && !is_exempt => Asked::Page,
        _ => Asked::Other,
    };
    let source = visitor.asker.client(visitor.connection).source;
    let asked =
        told.unwrap_or(Refusal::of((Verdict::Challenge, Reason::Challenge), platform, source));
    let refusal = match weighed(asked_of, charged) {
        Weighed::Borne => return (Ok((platform, Reason::Clear)), bearer),
        Weighed::AsJudged => return (judged, None),
        Weighed::Limited => Refusal {
            verdict: Verdict::Limit,
            reason: Reason::Pass,
            status: status_of(Verdict::Limit),
            ..asked
        },
        Weighed::Challenged => asked,
        // The next stricter one: a program cannot be asked.
        Weighed::Held => {
            let retry_s = Some(held_s(now, asked.source.to_bits()));
            Refusal { verdict: Verdict::Hold, retry_s, ..asked }
        }
    };
    if told.is_none() && core.mode(platform) == Mode::Observe {
        core.tally().would_have(platform, refusal.verdict);
        return (judged, None);
    }
    (Err(refusal), None)
}
