//! Answers that the shield makes itself: small, coded, never stored by anyone.

use crate::body::{AnswerBody, OpenRequest};
use crate::connection::RequestFault;
use crate::core::Core;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONNECTION, CONTENT_TYPE, HeaderMap, RETRY_AFTER};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use seawall_types::{PlatformId, Reason, SourceKey, Verdict};
use seawall_wire::code::{AnswerCode, Capsule, seal, source_tag};

/// The header that every answer of ours carries, and that origins' answers are stripped of.
pub(crate) const VERDICT: HeaderName = HeaderName::from_static("seawall-verdict");

/// Why, and to whom, the shield answers itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Refusal {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Reason,
    pub(crate) status: StatusCode,
    pub(crate) platform: Option<PlatformId>,
    pub(crate) source: SourceKey,
}

/// In which form the client likes to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    /// RFC 9457.
    ProblemJson,
}

impl Form {
    /// JSON for those who ask for it and not for a page.
    pub(crate) fn wanted_by(headers: &HeaderMap) -> Self {
        let accepted = headers
            .get(http::header::ACCEPT)
            .and_then(|value| value.to_str().ok());
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
        Self {
            verdict: Verdict::Error,
            reason,
            status,
            platform: None,
            source,
        }
    }

    /// The answer to a request whose head or body was refused.
    pub(crate) fn fault(fault: RequestFault, source: SourceKey) -> Self {
        match fault {
            RequestFault::Gate(fault) => {
                let status = StatusCode::from_u16(fault.status());
                Self::error(
                    status.unwrap_or(StatusCode::BAD_REQUEST),
                    fault.reason(),
                    source,
                )
            }
            RequestFault::SlowHead => {
                Self::error(StatusCode::REQUEST_TIMEOUT, Reason::Slow, source)
            }
        }
    }

    fn code(&self, core: &Core) -> AnswerCode {
        let platform = core.platform_tag(self.platform);
        let capsule = Capsule {
            at_secs: core.wall_secs(),
            platform,
            mitigation: 0,
            source: source_tag(core.code_key(), self.source),
        };
        seal(core.code_key(), self.reason, &capsule)
    }

    /// Seconds after which trying again makes sense; none where it does not.
    const fn retry_after(&self) -> Option<&'static str> {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => Some("1"),
            StatusCode::BAD_GATEWAY
            | StatusCode::SERVICE_UNAVAILABLE
            | StatusCode::GATEWAY_TIMEOUT => Some("5"),
            _ => None,
        }
    }

    /// The answer as the HTTP engine sends it.
    pub(crate) fn response(
        &self,
        core: &Core,
        form: Form,
        open: OpenRequest,
    ) -> Response<AnswerBody> {
        let code = self.code(core);
        let (body, content_type) = self.body(code.as_str(), form);
        let mut response = Response::new(AnswerBody::own(body, open));
        *response.status_mut() = self.status;
        let headers = response.headers_mut();
        headers.insert(VERDICT, self.verdict_value(code.as_str()));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        if let Some(seconds) = self.retry_after() {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(seconds));
        }
        if self.closes() {
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }

    /// The answer as bytes, for a connection that no HTTP engine has seen.
    pub(crate) fn bytes(&self, core: &Core) -> Vec<u8> {
        let code = self.code(core);
        let (body, content_type) = self.body(code.as_str(), Form::Text);
        let phrase = self.status.canonical_reason().unwrap_or_default();
        let retry_after = self.retry_after().unwrap_or("1");
        format!(
            "HTTP/1.1 {} {phrase}\r\nseawall-verdict: {}; code={}\r\ncache-control: no-store\r\n\
             content-type: {content_type}\r\nretry-after: {retry_after}\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.status.as_u16(),
            self.verdict,
            code.as_str(),
            body.len(),
        )
        .into_bytes()
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
            | Reason::Capacity => false,
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

    fn body(&self, code: &str, form: Form) -> (String, &'static str) {
        let phrase = self.status.canonical_reason().unwrap_or("Error");
        let sentence = self.reason.sentence();
        match form {
            Form::Text => {
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

/// The longest verdict, a code, and what stands between: one allocation.
const VERDICT_VALUE_MAX: usize = 64;
/// More than the longest sentence with its phrase and code.
const BODY_MAX: usize = 192;
