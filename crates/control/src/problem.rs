//! Faults as answers.
//!
//! Source: RFC 9457.

use crate::api::Problem;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::IntoResponses;

/// What every command may come to, as the document of the API tells it.
#[derive(IntoResponses)]
#[response(
    status = 503,
    description = "The shield is busy or stopping",
    content_type = "application/problem+json"
)]
pub(crate) struct Busy(#[expect(dead_code, reason = "its type alone is told")] Problem);

/// What every body may come to, as the document of the API tells it.
#[derive(IntoResponses)]
#[response(
    status = 400,
    description = "The body is not such JSON",
    content_type = "application/problem+json"
)]
pub(crate) struct NotJson(#[expect(dead_code, reason = "its type alone is told")] Problem);

/// A problem with its status's own title.
pub(crate) fn problem(status: StatusCode, detail: impl Into<String>) -> Response {
    with_faults(status, detail, Vec::new())
}

/// The same, with every fault of a configuration.
pub(crate) fn with_faults(
    status: StatusCode,
    detail: impl Into<String>,
    faults: Vec<String>,
) -> Response {
    let body = Problem {
        kind: "about:blank".to_owned(),
        title: status.canonical_reason().unwrap_or_default().to_owned(),
        status: status.as_u16(),
        detail: detail.into(),
        faults,
    };
    let mut answer = (status, Json(body)).into_response();
    answer
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    answer
}
