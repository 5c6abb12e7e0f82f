//! Answers that the shield makes itself: small, coded, never stored by anyone.

use crate::body::{AnswerBody, OpenRequest};
use crate::connection::RequestFault;
use crate::core::Core;
use crate::early::{After, Sender};
use crate::own::Own;
use crate::pages::Page;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use seawall_types::{MeasureId, PlatformId, Reason, SourceKey, Verdict};
use seawall_wire::code::{AnswerCode, Capsule, seal, source_tag};
use std::borrow::Cow;
use std::sync::LazyLock;

/// The header that every answer of ours carries, and that origins' answers are stripped of.
pub(crate) const VERDICT: HeaderName = HeaderName::from_static("seawall-verdict");

/// What kind of request a browser makes (Fetch Metadata §2.2).
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Why, and to whom, the shield answers itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    pub(crate) status: StatusCode,
    pub(crate) platform: Option<PlatformId>,
    pub(crate) source: SourceKey,
    /// Seconds after which to come back, where they were drawn for this answer alone.
    pub(crate) retry_s: Option<u16>,
    /// The standing measure that decided.
    pub(crate) measure: Option<MeasureId>,
}

/// In which form the client likes to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    /// RFC 9457.
    ProblemJson,
    /// A person looks at it: the operator's page where there is one, else text.
    Page,
}

impl Form {
    /// A page for navigations, JSON for those who ask for it.
    pub(crate) fn wanted_by(headers: &HeaderMap) -> Self {
        let accepted = headers.get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
        // Browsers say themselves that a person goes to another page; those that do not ask for HTML.
        let navigates = match headers.get(&SEC_FETCH_MODE) {
            Some(mode) => mode == "navigate",
            None => accepted.is_some_and(|accepted| accepted.contains("text/html")),
        };
        if navigates { Self::Page } else { Self::of(accepted) }
    }

    /// JSON for those who ask for it and not for a page, by the value of `Accept`.
    pub(crate) fn of(accepted: Option<&str>) -> Self {
        match accepted {
            Some(accepted) if accepted.contains("json") && !accepted.contains("text/html") => {
                Self::ProblemJson
            }
            _ => Self::Text,
        }
    }
}

/// The status of a verdict that is answered.
pub(crate) const fn status_of(verdict: Verdict) -> StatusCode {
    match verdict {
        Verdict::Limit => StatusCode::TOO_MANY_REQUESTS,
        Verdict::Challenge | Verdict::Hold => StatusCode::SERVICE_UNAVAILABLE,
        Verdict::Refuse | Verdict::Drop => StatusCode::FORBIDDEN,
        Verdict::Admit | Verdict::Error => StatusCode::BAD_REQUEST,
    }
}

impl Refusal {
    /// An answer that judges the message or the origin, not the sender.
    pub(crate) fn error(status: StatusCode, reason: Reason, source: SourceKey) -> Self {
        let (verdict, platform) = (Verdict::Error, None);
        Self { verdict, reason, status, platform, source, retry_s: None, measure: None }
    }

    /// The answer of a verdict on a request to `platform`.
    pub(crate) fn of(
        (verdict, reason): (Verdict, Reason),
        platform: PlatformId,
        source: SourceKey,
    ) -> Self {
        let status = status_of(verdict);
        let platform = Some(platform);
        Self { verdict, reason, status, platform, source, retry_s: None, measure: None }
    }

    /// The answer to a request whose head or body was refused.
    pub(crate) fn fault(fault: RequestFault, source: SourceKey) -> Self {
        match fault {
            RequestFault::Gate(fault) => {
                let status = StatusCode::from_u16(fault.status());
                Self::error(status.unwrap_or(StatusCode::BAD_REQUEST), fault.reason(), source)
            }
            RequestFault::SlowHead => {
                Self::error(StatusCode::REQUEST_TIMEOUT, Reason::Slow, source)
            }
        }
    }

    /// The form of this answer for who sent these headers; under maintenance programs get JSON.
    pub(crate) fn form(&self, headers: &HeaderMap) -> Form {
        match Form::wanted_by(headers) {
            Form::Text if self.reason == Reason::Maintenance => Form::ProblemJson,
            form => form,
        }
    }

    fn code(&self, core: &Core) -> AnswerCode {
        let platform = core.platform_tag(self.platform);
        let capsule = Capsule {
            at_secs: core.wall_secs(),
            platform,
            mitigation: self.measure.map_or(0, MeasureId::number),
            source: source_tag(core.code_key(), self.source),
        };
        seal(core.code_key(), self.reason, &capsule)
    }

    /// Seconds after which trying again makes sense; none where it does not.
    fn retry_after(&self) -> Option<Cow<'static, str>> {
        let usual = match self.status {
            _ if let Some(seconds) = self.retry_s => return Some(seconds.to_string().into()),
            _ if matches!(self.reason, Reason::Maintenance) => "120",
            StatusCode::TOO_MANY_REQUESTS => "1",
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => "5",
            _ => return None,
        };
        Some(usual.into())
    }

    /// The answer as the HTTP engine sends it.
    pub(crate) fn response(
        &self,
        core: &Core,
        form: Form,
        open: OpenRequest,
    ) -> Response<AnswerBody> {
        let write = |shown: &str| {
            let page = if form == Form::Page { self.page(core, shown) } else { None };
            page.unwrap_or_else(|| self.body(shown, form))
        };
        self.written(core, open, write)
    }

    /// The answer with a body of its own, which `write` makes of the code, and that body's type.
    pub(crate) fn written(
        &self,
        core: &Core,
        open: OpenRequest,
        write: impl FnOnce(&str) -> (String, &'static str),
    ) -> Response<AnswerBody> {
        let sealed = self.code(core);
        let shown = sealed.as_str();
        let (body, content_type) = write(shown);
        let mut response = Response::new(AnswerBody::own(body, open));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(VERDICT, self.verdict_value(shown));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, text_value(&seconds));
        }
        if self.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer as bytes, for a request that no HTTP engine has seen.
    pub(crate) fn bytes(&self, core: &Core, form: Form, (after, to): (After, Sender)) -> Vec<u8> {
        let sealed = self.code(core);
        let shown = sealed.as_str();
        let (body, content_type) = self.body(shown, form);
        let mut answer = Vec::with_capacity(EARLY_MAX);
        let mut write = |pieces: &[&str]| {
            for piece in pieces {
                answer.extend_from_slice(piece.as_bytes());
            }
        };
        write(&["HTTP/1.1 ", self.status.as_str(), " "]);
        write(&[self.status.canonical_reason().unwrap_or_default(), "\r\nseawall-verdict: "]);
        write(&[self.verdict.word(), "; code=", shown, "\r\ncache-control: no-store"]);
        write(&["\r\ncontent-type: ", content_type]);
        if let Some(seconds) = self.retry_after() {
            write(&["\r\nretry-after: ", &seconds]);
        }
        if after == After::Close {
            write(&["\r\nconnection: close"]);
        }
        if let Some(platform) = self.platform.filter(|_| to.tls) {
            core.own(platform, |own| {
                if let Some(Ok(hsts)) = own.hsts.as_ref().map(HeaderValue::to_str) {
                    write(&["\r\nstrict-transport-security: ", hsts]);
                }
            });
        }
        core.with_date(|date| write(&["\r\ndate: ", date]));
        let length = body.len();
        let digits = [length / 100, length / 10 % 10, length % 10];
        let digits = digits.map(|digit| DIGITS[digit % 10]);
        write(&["\r\ncontent-length: ", digits[0], digits[1], digits[2], "\r\n\r\n", &body]);
        answer
    }

    /// A message that breaks the protocol ends its connection: what follows cannot be trusted.
    fn closes(&self) -> bool {
        match self.reason {
            Reason::Malformed | Reason::Ambiguous | Reason::Oversize | Reason::Slow => true,
            Reason::Clear
            | Reason::Allowed
            | Reason::Rate
            | Reason::Connections
            | Reason::Host
            | Reason::Frames
            | Reason::Unreachable
            | Reason::Timeout
            | Reason::Capacity
            | Reason::Loop
            | Reason::Method
            | Reason::Maintenance
            | Reason::Overload
            | Reason::Flood
            | Reason::Operator
            | Reason::Challenge
            | Reason::Pass
            | Reason::Lane => false,
        }
    }

    /// `limit; code=rate.…`
    fn verdict_value(&self, code: &str) -> HeaderValue {
        let mut value = String::with_capacity(VERDICT_VALUE_MAX);
        value.push_str(self.verdict.word());
        value.push_str("; code=");
        value.push_str(code);
        HeaderValue::from_maybe_shared(Bytes::from(value))
            .unwrap_or(HeaderValue::from_static(self.verdict.word()))
    }

    /// The operator's page for this answer, filled in.
    fn page(&self, core: &Core, shown: &str) -> Option<(String, &'static str)> {
        let seconds = self.retry_after().unwrap_or_default();
        let fill = |own: &Own| Some(own.page(self)?.filled(shown, &seconds));
        let filled = core.own(self.platform?, fill).flatten();
        let own: Option<&Page> = match (self.verdict, self.reason) {
            (Verdict::Hold, Reason::Overload) => Some(&WAITING_PAGE),
            (Verdict::Hold, Reason::Flood | Reason::Operator) => Some(&GUARDED_PAGE),
            _ => None,
        };
        let page = filled.or_else(|| Some(own?.filled(shown, &seconds)))?;
        Some((page, "text/html; charset=utf-8"))
    }

    fn body(&self, code: &str, form: Form) -> (String, &'static str) {
        let phrase = self.status.canonical_reason().unwrap_or("Error");
        let sentence = self.reason.sentence();
        match form {
            Form::Text | Form::Page => {
                // Written on every refusal of a flood: no formatting machinery.
                let mut text = String::with_capacity(BODY_MAX);
                text.push_str(phrase);
                text.push('\n');
                text.push_str(sentence);
                text.push_str("\nCode: ");
                text.push_str(code);
                text.push('\n');
                (text, "text/plain; charset=utf-8")
            }
            Form::ProblemJson => {
                let status = self.status.as_u16();
                let json = format!(
                    r#"{{"type":"about:blank","title":"{phrase}","status":{status},"detail":"{sentence}","code":"{code}"}}"#
                );
                (json, "application/problem+json")
            }
        }
    }
}

fn text_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("5"))
}

/// What a person sees who waits for an origin that is asked for more than it can carry.
static WAITING_PAGE: LazyLock<Page> = LazyLock::new(|| Page::cut(include_str!("waiting.html")));

/// The same where a measure makes a person wait: nothing is known of how many others do.
static GUARDED_PAGE: LazyLock<Page> = LazyLock::new(|| {
    let text = include_str!("waiting.html");
    Page::cut(
        &text.replace("Many people are here at the moment", "This service is being protected"),
    )
});

const DIGITS: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
/// More than the largest early answer: one allocation.
const EARLY_MAX: usize = 640;
/// The longest verdict, a code, and what stands between: one allocation.
const VERDICT_VALUE_MAX: usize = 64;
/// More than the longest sentence with its phrase and code.
const BODY_MAX: usize = 192;
