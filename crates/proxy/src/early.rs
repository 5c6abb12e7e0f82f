//! Refusals without an HTTP engine: the cheapest answer that still says why.
//!
//! A source that is over its rate is answered from the bytes of its head alone, at accept or on a
//! connection it keeps, as long as nothing else of that connection is under way.
//! Anything unusual (a body, a pipeline, a recorded source) goes the ordinary way.

use crate::answer::{Form, Refusal};
use crate::client::{Client, Via};
use crate::connection::Connection;
use crate::core::{Core, Stage};
use crate::lane::Lanes;
use crate::measured;
use crate::shown::target_of_head;
use crate::tally::Noted;
use seawall_engine::policy::Standing;
use seawall_types::{FarEnd, Moment, SourceKey, Verdict};
use seawall_wire::h1::{BodyFraming, Head};
use seawall_wire::hello::Ja4;
use std::net::IpAddr;

/// What to do with a head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Early {
    /// Nothing is known against it: the engine takes it.
    Pass,
    /// Send these bytes, and go on or close as told.
    Answer(Vec<u8>, After),
    /// Reset the connection.
    Reset,
}

/// What becomes of the connection after an early answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Keep,
    Close,
}

/// Whose head it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sender {
    pub(crate) address: IpAddr,
    pub(crate) source: SourceKey,
    pub(crate) far: FarEnd,
    /// TLS client fingerprint of the connection.
    pub(crate) ja4: Option<Ja4>,
    pub(crate) standing: Standing,
    pub(crate) via: Via,
    /// Whether it came by TLS.
    pub(crate) tls: bool,
    /// Whether it showed a certificate that may open a lane.
    pub(crate) certified: bool,
}

impl Sender {
    /// The client of a connection.
    pub(crate) fn of(connection: &Connection) -> Self {
        let &Client { address, source, far, standing, via, .. } = connection.client();
        let ja4 = connection.ja4.get().copied();
        let certified = connection.certificate.get().is_some();
        Self { address, source, far, ja4, standing, via, tls: connection.tls, certified }
    }
}

/// Judges a good head that makes up all of `bytes`.
///
/// `after` is what the caller wants of the connection; the client or the rules may want a close.
pub(crate) fn judge(
    core: &Core,
    (now, sender): (Moment, Sender),
    (head, bytes): (&Head, &[u8]),
    after: After,
) -> Early {
    // The answer to HEAD has no body, which only the engine knows to leave out.
    let is_head = bytes.trim_ascii_start().starts_with(b"HEAD ");
    let is_alone = head.length == bytes.len() && head.body == BodyFraming::None;
    let is_plain = is_alone && !head.upgrade && !is_head;
    if !is_plain || !core.is_over(now, sender.standing) || core.records(sender.source) {
        return Early::Pass;
    }
    let may_be_known = |lanes: &Lanes| lanes.may_hold(core, sender.address, bytes);
    if sender.certified || core.with_lanes(may_be_known) {
        return Early::Pass;
    }
    let Some(platform) = field(bytes, b"host").and_then(|host| core.platform(host)) else {
        return Early::Pass;
    };
    let judgement = core.judge_request(now, (sender.standing, sender.via), platform);
    let (verdict, reason) = (judgement.verdict, judgement.reason);
    if verdict == Verdict::Admit {
        return Early::Pass;
    }
    let (source, far) = (sender.source, sender.far);
    let shown = core.shown_by_head(bytes, platform, &sender);
    let asked_for = (target_of_head(bytes), &shown.traits);
    let (verdict, reason, measure) =
        measured::over_rate(core, (now, &sender, platform), asked_for, (verdict, reason));
    let noted = Noted {
        at: now,
        platform: Some(platform),
        source,
        far,
        verdict,
        reason,
        is_proven: false,
        measure,
    };
    core.note(&noted, &shown);
    if verdict == Verdict::Drop {
        return Early::Reset;
    }
    let refusal = Refusal { measure, ..Refusal::of((verdict, reason), platform, source) };
    let asked = after == After::Close || head.closes;
    let closes = asked || core.closes_over_rate() || core.stage() == Stage::Leaving;
    let after = if closes { After::Close } else { After::Keep };
    let form = Form::of(field(bytes, b"accept"));
    Early::Answer(refusal.bytes(core, form, (after, sender)), after)
}

/// The value of a field in a head that the gate has passed.
fn field<'a>(head: &'a [u8], name: &[u8]) -> Option<&'a str> {
    let mut lines = head.split(|&byte| byte == b'\n').skip(1);
    let line = lines.find(|line| {
        line.len() > name.len()
            && line[name.len()] == b':'
            && line[..name.len()].eq_ignore_ascii_case(name)
    })?;
    std::str::from_utf8(&line[name.len() + 1..]).ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_whole_name_in_any_case() {
        let head = b"GET / HTTP/1.1\r\nX-Host: a\r\nHOST:  www.example.org \r\nAccept:\r\n\r\n";
        assert_eq!(field(head, b"host"), Some("www.example.org"));
        assert_eq!(field(head, b"accept"), Some(""));
        assert_eq!(field(head, b"cookie"), None);
    }
}
