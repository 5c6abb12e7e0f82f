//! One probe: asks an origin whether it is well.
//!
//! With a `health_path` it asks for that; 2xx and 3xx are good.
//! Without one, only origins that are out are probed.
//! One that could not be reached is well once it takes a connection.
//! One that answered badly or not at all is asked `OPTIONS *`, which RFC 9110 §9.3.7 has for this,
//! and is well once it says anything that is HTTP: a connection alone would prove nothing.
//! Bounds: [`PROBE_MAX`] each.

use super::health::{Fault, Others, Proof};
use crate::clock::Clock;
use crate::pool::{Fresh, OriginPool};
use crate::upstream::Upstream;
use crate::upstream::dial::Speaks;
use crate::upstream::h2::Slot;
use crate::upstream::response::Said;
use http::header::USER_AGENT;
use http::{Method, Request, StatusCode, Uri};
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

/// How long an origin may take to connect and answer.
pub(crate) const PROBE_MAX: Duration = Duration::from_secs(1);

/// Under which name probes ask.
const PROBE: &str = "seawall-probe";

/// What an origin is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Check {
    /// None where only clients' requests tell.
    pub(crate) path: Option<String>,
    /// Sent as `Host`.
    pub(crate) host: String,
    /// Between two probes of an origin that is healthy.
    pub(crate) every: Duration,
}

/// What came of a probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Good,
    Bad,
}

/// Probes an origin once and notes what came of it.
pub(super) async fn probe(pool: Rc<OriginPool>, check: Rc<Check>, clock: Clock) {
    let asked = tokio::time::timeout(PROBE_MAX, ask(&pool, &check)).await;
    let state = pool.state();
    match (asked.unwrap_or(Found::Bad), &check.path) {
        (Found::Good, _) => state.check_was_good(clock.now()),
        // Others are looked for by whoever has a request to send.
        (Found::Bad, Some(_)) => state.fault(clock.now(), Fault::Check, Others::None),
        (Found::Bad, None) => {}
    }
}

async fn ask(pool: &OriginPool, check: &Check) -> Found {
    let (method, target) = match &check.path {
        Some(path) => (Method::GET, path.as_str()),
        None => (Method::OPTIONS, "*"),
    };
    // One that could not be reached is well once it takes a connection.
    let takes_connection = check.path.is_none() && pool.state().health.proof() == Proof::Connection;
    let status = match pool.place().speaks() {
        Speaks::Http1 => {
            let Ok(Fresh { upstream, .. }) = pool.connect().await else { return Found::Bad };
            if takes_connection {
                return Found::Good;
            }
            over_h1(*upstream, (method, target), &check.host).await
        }
        Speaks::Http2 => {
            let Ok(slot) = pool.slot().await else { return Found::Bad };
            if takes_connection {
                return Found::Good;
            }
            if !pool.state().health.is_healthy() {
                // Should it be dead, the next probe must not find it again.
                slot.retire();
            }
            let scheme = if pool.place().url.protocol.is_tls() { "https" } else { "http" };
            let uri = Uri::builder().scheme(scheme).authority(&*check.host).path_and_query(target);
            over_h2(slot, Request::builder().method(method).uri(uri.build().unwrap_or_default()))
                .await
        }
    };
    match status {
        Some(status) if check.path.is_none() || is_good(status) => Found::Good,
        Some(_) | None => Found::Bad,
    }
}

async fn over_h1(
    mut upstream: Upstream,
    (method, target): (Method, &str),
    host: &str,
) -> Option<StatusCode> {
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {host}\r\nuser-agent: {PROBE}\r\n\
         connection: close\r\n\r\n"
    );
    upstream.send(head.as_bytes()).await.ok()?;
    loop {
        match poll_fn(|cx| upstream.poll_head(cx, &method)).await.ok()? {
            Said::Final(answer) => return Some(answer.parts.status),
            Said::Interim(_) => {}
        }
    }
}

async fn over_h2(mut slot: Slot, head: http::request::Builder) -> Option<StatusCode> {
    let head = head.header(USER_AGENT, PROBE).body(()).ok()?;
    let (answer, _) = slot.send(head, false).ok()?;
    let answer = answer.await.ok()?;
    slot.answered();
    Some(answer.status())
}

fn is_good(status: StatusCode) -> bool {
    status.is_success() || status.is_redirection()
}
