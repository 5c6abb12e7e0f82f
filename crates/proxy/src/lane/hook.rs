//! Webhooks that are signed: the body is read before it is judged, since the signature is over it.
//!
//! Only where a lane expects them, where the field of the signature is there, and where the body is small;
//! everything else goes on as it came.
//! Each signed message opens its lane once; who repeats it is nobody.
//! Bounds: [`BODY_MAX`] bytes of a body, within [`READ_WITHIN`], or [`READ_WITHIN_CROWDED`]; [`READING_MAX`] bodies
//! at once on a core, beyond which nobody's signature is looked at.

use super::files;
use crate::core::Core;
use crate::incoming::{Incoming, Kept};
use crate::request::{self, Present};
use http::{HeaderValue, Method, Request};
use http_body::Body as _;
use seawall_config as config;
use seawall_engine::challenge::Taken;
use seawall_engine::challenge::spend::{self, Purpose};
use seawall_engine::lane::Form;
use seawall_engine::lane::webhook::Sender;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

/// Senders keep to less: the largest of GitHub's common events have some tens of KiB.
pub(crate) const BODY_MAX: usize = 64 * 1024;
/// With full bodies 4 MiB a core.
pub(crate) const READING_MAX: usize = 64;
/// How long a body may take.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// The same while more than half of the places are taken: bodies that come slowly leave none to the
/// others, and a sender's arrives whole.
const READ_WITHIN_CROWDED: Duration = Duration::from_secs(1);

/// Where a lane's webhooks come, and how they are known.
#[derive(Debug)]
pub(super) struct Hook {
    lane: u16,
    paths: Vec<String>,
    sender: Sender,
}

/// Left with a request whose signature is the sender's.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hooked {
    pub(super) lane: u16,
}

impl Hook {
    /// The webhooks that a lane says.
    ///
    /// # Errors
    /// The secret cannot be read.
    pub(super) fn load(told: &config::WebhookLane, lane: u16) -> Result<Self, String> {
        let form = match told.form {
            config::WebhookForm::Standard => Form::Standard,
            config::WebhookForm::Stripe => Form::Stripe,
            config::WebhookForm::Github => Form::Github,
        };
        let secret = files::secret(Path::new(&told.secret))?;
        let sender = Sender::new((form, told.window), secret.expose());
        Ok(Self { lane, paths: told.paths.clone(), sender })
    }

    fn expects(&self, request: &Request<Incoming>) -> bool {
        let path = request.uri().path();
        self.paths.iter().any(|begin| path.starts_with(begin.as_str()))
            && request.headers().contains_key(self.sender.form().field())
    }
}

/// One of the bodies that may be read at once; gives its place back when dropped.
pub(crate) struct Reading {
    core: Rc<Core>,
}

impl Drop for Reading {
    fn drop(&mut self) {
        let reading = self.core.hooks_reading();
        reading.set(reading.get().saturating_sub(1));
    }
}

/// Whether the body of a request is to be read before it is judged.
pub(crate) fn reads(
    core: &Rc<Core>,
    request: &Request<Incoming>,
    present: Present,
) -> Option<Reading> {
    if *request.method() != Method::POST || request.body().is_end_stream() || present.expect() {
        return None;
    }
    let length = present.length().then(|| request::told_length(request.headers())).flatten();
    if length.is_some_and(|length| length > BODY_MAX as u64) {
        return None;
    }
    let platform = core.platform(request::authority(request)?)?;
    let is_expected =
        core.with_lanes(|lanes| lanes.hooks(platform).any(|hook| hook.expects(request)));
    let reading = core.hooks_reading();
    if !is_expected || reading.get() >= READING_MAX {
        return None;
    }
    reading.set(reading.get() + 1);
    Some(Reading { core: core.clone() })
}

/// The request with its body read, and a mark on it where its signature is the sender's.
pub(crate) async fn with_body(
    core: &Rc<Core>,
    request: Request<Incoming>,
    reading: Reading,
) -> Request<Incoming> {
    let (parts, body) = request.into_parts();
    let mut kept = Kept::before(body);
    let is_crowded = core.hooks_reading().get() > READING_MAX / 2;
    let due = core.now() + if is_crowded { READ_WITHIN_CROWDED } else { READ_WITHIN };
    // Who is late goes on as who signed nothing.
    let is_whole = core.watchlist().until(due, kept.fill(BODY_MAX)).await.unwrap_or(false);
    drop(reading);
    let mut request = Request::from_parts(parts, Incoming::Kept(Box::new(kept)));
    if is_whole && let Some(hooked) = signed(core, &request) {
        request.extensions_mut().insert(hooked);
    }
    request
}

fn signed(core: &Core, request: &Request<Incoming>) -> Option<Hooked> {
    let Incoming::Kept(kept) = request.body() else { return None };
    let platform = core.platform(request::authority(request)?)?;
    let field = |name: &str| request.headers().get(name).map(HeaderValue::as_bytes);
    let now_secs = core.wall_secs();
    let found = core.with_lanes(|lanes| {
        let mut expected = lanes.hooks(platform).filter(|hook| hook.expects(request));
        expected.find_map(|hook| {
            let signed = hook.sender.check(now_secs, field, kept.read()).ok()?;
            Some((hook.lane, signed.mark))
        })
    });
    let (lane, mark) = found?;
    let key = (Purpose::Webhook, mark ^ u64::from(lane).rotate_left(48));
    // One that cannot be remembered could be repeated at will.
    let is_first =
        core.book().issue.used.take(core.coarse_now(), key, spend::ONCE) == Taken::Within;
    is_first.then_some(Hooked { lane })
}
