//! How a person signs in to the status page: the token once, then a cookie.

use crate::gate;
use crate::page;
use crate::plane::ControlPlane;
use crate::problem::problem;
use crate::sessions::{COOKIE, SESSION_LIFE};
use axum::Form;
use axum::extract::{FromRequest as _, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;
use std::time::Instant;

/// What the form sends.
#[derive(Deserialize)]
struct SignIn {
    token: String,
}

/// `GET /sign-in`: the form.
pub(crate) async fn form() -> Html<String> {
    Html(page::sign_in(page::Notice::None))
}

/// `POST /sign-in`: opens a session for the token.
pub(crate) async fn sign_in(State(plane): State<Arc<ControlPlane>>, request: Request) -> Response {
    let source = gate::peer(&request);
    let Form(SignIn { token }) = match Form::from_request(request, &()).await {
        Ok(form) => form,
        Err(rejection) => {
            return problem(rejection.status(), "The form must send one field: token.");
        }
    };
    if !plane.token.matches(token.trim_ascii()) {
        let refused = gate::wrong_token(&plane, source).await.status();
        let notice = match refused {
            StatusCode::TOO_MANY_REQUESTS => page::Notice::TooMany,
            _ => page::Notice::Wrong,
        };
        return (refused, Html(page::sign_in(notice))).into_response();
    }
    let begun = plane.sessions().begin(Instant::now());
    match begun {
        Ok(id) => with_cookie(Redirect::to("/").into_response(), &id, SESSION_LIFE.as_secs()),
        Err(error) => {
            tracing::error!(%error, "no random bytes for a session");
            problem(
                StatusCode::INTERNAL_SERVER_ERROR,
                "The system gave no random bytes, so no session could be opened.",
            )
        }
    }
}

/// `POST /sign-out`: ends the session.
pub(crate) async fn sign_out(
    State(plane): State<Arc<ControlPlane>>,
    headers: HeaderMap,
) -> Response {
    if let Some(id) = gate::session(&headers) {
        plane.sessions().end(id);
    }
    with_cookie(Redirect::to("/sign-in").into_response(), "", 0)
}

/// Sets the cookie; `id` is our own hex or empty.
fn with_cookie(mut answer: Response, id: &str, life_s: u64) -> Response {
    let cookie = format!("{COOKIE}={id}; Path=/; Max-Age={life_s}; HttpOnly; SameSite=Strict");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    answer
}

#[cfg(test)]
mod tests;
