//! What every request passes before its route, and every answer after it.
//!
//! Takes a request; lets it through or answers it: a foreign Host, a missing or wrong token, too
//! slow a handler.
//! Everything needs a token unless [`access`] says otherwise, so a route that is added is closed.

mod host;
mod secure;

use crate::plane::{ControlPlane, Reach};
use crate::problem::problem;
use crate::sessions::COOKIE;
use crate::tries::{Answer, WINDOW};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use seawall_types::SourceKey;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a route may take to begin its answer.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a wrong token waits for its answer.
const WRONG_TOKEN_DELAY: Duration = Duration::from_millis(250);

/// The address at the other end of the connection.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Peer(pub(crate) IpAddr);

/// What a path asks of whoever asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    /// Nothing.
    Anyone,
    /// The token, unless only this machine can reach the listener.
    Probe,
    /// A session, or the token.
    Person,
    /// The token.
    Program,
}

fn access(path: &str) -> Access {
    match path {
        "/sign-in" | "/style.css" => Access::Anyone,
        "/healthz" | "/readyz" | "/metrics" => Access::Probe,
        "/" | "/sign-out" => Access::Person,
        _ => Access::Program,
    }
}

/// The middleware around every route.
pub(crate) async fn gate(
    State(plane): State<Arc<ControlPlane>>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = match passage(&plane, &request) {
        Passage::Through => {
            tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await.unwrap_or_else(|_| {
                problem(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The shield did not answer within 10 s; it may be busy. Try again.",
                )
            })
        }
        Passage::Answered(answer) => *answer,
        Passage::WrongToken(source) => wrong_token(&plane, source).await,
    };
    secure::headers(answer.headers_mut());
    answer
}

/// How far a request gets.
enum Passage {
    /// To its route.
    Through,
    /// No further.
    Answered(Box<Response>),
    /// No further, and it counts as a guess of this source.
    WrongToken(SourceKey),
}

fn passage(plane: &ControlPlane, request: &Request) -> Passage {
    if let Err(foreign) = host::check(request) {
        return Passage::Answered(Box::new(problem(foreign.status(), foreign.sentence())));
    }
    let headers = request.headers();
    match access(request.uri().path()) {
        Access::Anyone => Passage::Through,
        Access::Probe if plane.reach == Reach::Loopback => Passage::Through,
        Access::Person if signed_in(plane, headers) => Passage::Through,
        Access::Person if bearer(headers).is_none() => {
            Passage::Answered(Box::new(Redirect::to("/sign-in").into_response()))
        }
        Access::Probe | Access::Person | Access::Program => match bearer(headers) {
            Some(shown) if plane.token.matches(shown) => Passage::Through,
            Some(_) => Passage::WrongToken(peer(request)),
            None => Passage::Answered(Box::new(unauthorised(
                "This needs the control token, as: Authorization: Bearer TOKEN.",
            ))),
        },
    }
}

fn signed_in(plane: &ControlPlane, headers: &HeaderMap) -> bool {
    session(headers).is_some_and(|id| plane.sessions().holds(Instant::now(), id))
}

/// The session that a request names.
pub(crate) fn session(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim_ascii().split_once('='))
        .find_map(|(name, value)| (name == COOKIE).then_some(value))
}

/// The token that a request shows.
///
/// Source: RFC 6750 §2.1; the scheme is matched in any case, RFC 9110 §11.1.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim_ascii())
}

/// Answers a wrong token, slowly; the eleventh in a minute from one source at once.
pub(crate) async fn wrong_token(plane: &ControlPlane, source: SourceKey) -> Response {
    let answer = plane.tries().wrong(Instant::now(), source);
    match answer {
        Answer::Wrong => {
            tokio::time::sleep(WRONG_TOKEN_DELAY).await;
            unauthorised("This is not the control token of this shield.")
        }
        Answer::TooMany => {
            let mut answer = problem(
                StatusCode::TOO_MANY_REQUESTS,
                "Too many wrong tokens came from this address; wait a minute.",
            );
            answer.headers_mut().insert(header::RETRY_AFTER, WINDOW.as_secs().into());
            answer
        }
    }
}

/// Whom wrong tokens are counted against.
pub(crate) fn peer(request: &Request) -> SourceKey {
    // Only a router called without its server has no peer; then all share one budget.
    let unknown = IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);
    let address = request.extensions().get::<Peer>();
    SourceKey::of(address.map_or(unknown, |peer| peer.0))
}

fn unauthorised(detail: &str) -> Response {
    let mut answer = problem(StatusCode::UNAUTHORIZED, detail);
    answer
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"seawall\""));
    answer
}

#[cfg(test)]
mod tests;
