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
use crate::upstream::response::ResponseHead;
use http::Method;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::Duration;

/// How long an origin may take to connect and answer.
pub(crate) const PROBE_MAX: Duration = Duration::from_secs(1);

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
    let Ok(Fresh { mut upstream, .. }) = pool.connect().await else {
        return Found::Bad;
    };
    let (method, target) = match &check.path {
        Some(path) => (Method::GET, path.as_str()),
        None if pool.state().health.proof() == Proof::Connection => return Found::Good,
        None => (Method::OPTIONS, "*"),
    };
    let head = format!(
        "{method} {target} HTTP/1.1\r\nhost: {}\r\nuser-agent: seawall-probe\r\n\
         connection: close\r\n\r\n",
        check.host
    );
    if upstream.send(head.as_bytes()).await.is_err() {
        return Found::Bad;
    }
    match poll_fn(|cx| upstream.poll_head(cx, &method)).await {
        Ok(answer) if check.path.is_none() || is_good(&answer) => Found::Good,
        Ok(_) | Err(_) => Found::Bad,
    }
}

fn is_good(answer: &ResponseHead) -> bool {
    answer.parts.status.is_success() || answer.parts.status.is_redirection()
}
