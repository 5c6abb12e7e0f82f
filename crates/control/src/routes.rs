//! Which path is answered by what.

use crate::api::{Explanation, Problem, ReloadDone, Status};
use crate::gate::gate;
use crate::plane::ControlPlane;
use crate::problem::{Busy, problem, with_faults};
use crate::shared::{CODE_LENGTH_MAX, Command, Phase};
use crate::{incidents, lanes, live, metrics, mitigations, openapi, packet, page, sign_in, status};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router, middleware};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Bytes of a request body: the largest we read is one token.
const BODY_MAX: usize = 64 * 1024;

pub(crate) type Plane = State<Arc<ControlPlane>>;

/// Every route, behind the gate.
pub(crate) fn router(plane: Arc<ControlPlane>) -> Router {
    Router::new()
        .route("/", get(front))
        .route("/style.css", get(style))
        .route("/sign-in", get(sign_in::form).post(sign_in::sign_in))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(scrape))
        .route("/api/v1/status", get(present))
        .route("/api/v1/live", get(live::stream))
        .route("/api/v1/incidents", get(incidents::list))
        .route("/api/v1/incidents/{id}", get(incidents::one))
        .route("/api/v1/incidents/{id}/report", get(incidents::report))
        .route("/api/v1/mitigations", get(mitigations::list).post(mitigations::add))
        .route("/api/v1/mitigations/{id}", get(mitigations::one).delete(mitigations::lift))
        .route("/api/v1/lanes", get(lanes::list))
        .route("/api/v1/lanes/invites", post(lanes::invite))
        .route("/api/v1/lanes/invites/{id}", delete(lanes::revoke))
        .route("/api/v1/reload", post(reload))
        .route("/api/v1/packet", get(packet::look))
        .route("/api/v1/packet/{order}", post(packet::order))
        .route("/api/v1/explain/{code}", get(explain))
        .route("/api/v1/openapi.json", get(openapi::document))
        .fallback(not_found)
        .method_not_allowed_fallback(not_allowed)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(middleware::from_fn_with_state(Arc::clone(&plane), gate))
        .with_state(plane)
}

/// What the shield says of itself and its platforms.
#[utoipa::path(
    get,
    path = "/api/v1/status",
    tag = "v1",
    operation_id = "status",
    responses((status = 200, description = "The present status", body = Status))
)]
pub(crate) async fn present(State(plane): Plane) -> Json<Status> {
    Json(status::present(&plane.shared))
}

/// Checks the configuration file and applies it whole, or says why not and keeps the old one.
#[utoipa::path(
    post,
    path = "/api/v1/reload",
    tag = "v1",
    responses(
        (status = 200, description = "It is applied", body = ReloadDone),
        (
            status = 422,
            description = "Nothing was changed; `faults` holds every fault",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn reload(State(plane): Plane) -> Response {
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::Reload { reply }, answer).await {
        Ok(Ok(done)) => Json(done).into_response(),
        Ok(Err(faults)) => with_faults(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The configuration has faults; the one in force stays.",
            faults,
        ),
        Err(refusal) => refusal,
    }
}

/// Opens the code of an answer.
#[utoipa::path(
    get,
    path = "/api/v1/explain/{code}",
    tag = "v1",
    params(("code" = String, Path, description = "As the client was shown it")),
    responses(
        (status = 200, description = "What the code says", body = Explanation),
        (
            status = 404,
            description = "Not a code of this shield",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn explain(State(plane): Plane, Path(code): Path<String>) -> Response {
    if code.len() > CODE_LENGTH_MAX {
        return problem(StatusCode::NOT_FOUND, "This is too long to be a code.");
    }
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::Explain { code, reply }, answer).await {
        Ok(Ok(explanation)) => Json(explanation).into_response(),
        Ok(Err(sentence)) => problem(StatusCode::NOT_FOUND, sentence),
        Err(refusal) => refusal,
    }
}

/// Hands a command to the main thread and waits for what it says.
pub(crate) async fn ask<T>(
    plane: &ControlPlane,
    command: Command,
    answer: oneshot::Receiver<T>,
) -> Result<T, Response> {
    plane.shared.command(command);
    answer.await.map_err(|_| {
        problem(
            StatusCode::SERVICE_UNAVAILABLE,
            "The shield is busy with other commands or is stopping. Try again.",
        )
    })
}

/// Whether the process answers.
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "probes",
    responses((status = 200, description = "ok"))
)]
pub(crate) async fn healthz() -> &'static str {
    "ok\n"
}

/// Whether new clients should be sent here.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "probes",
    responses(
        (status = 200, description = "ready"),
        (status = 503, description = "starting, or draining"),
    )
)]
pub(crate) async fn readyz(State(plane): Plane) -> (StatusCode, &'static str) {
    match plane.shared.phase() {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Ready => (StatusCode::OK, "ready\n"),
        Phase::Draining => (StatusCode::SERVICE_UNAVAILABLE, "draining\n"),
    }
}

/// Every metric, for Prometheus.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "probes",
    operation_id = "metrics",
    responses((
        status = 200,
        description = "Prometheus text format 0.0.4",
        content_type = "text/plain",
        body = String,
    ))
)]
pub(crate) async fn scrape(State(plane): Plane) -> impl IntoResponse {
    let shared = &plane.shared;
    let (snapshot, connections) = (shared.snapshot(), shared.connections());
    let evidence = shared.evidence();
    let version = &shared.identity().version;
    let mut text = metrics::render(&snapshot, &connections, (evidence.as_deref(), version));
    text.push_str(&metrics::mitigations(&snapshot, &shared.standing()));
    text.push_str(&metrics::departures(&shared.departures_by_kind()));
    text.push_str(&packet::metrics(shared.packet().as_deref()));
    ([(header::CONTENT_TYPE, metrics::CONTENT_TYPE)], text)
}

async fn front(State(plane): Plane) -> Html<String> {
    let snapshot = plane.shared.snapshot();
    let incidents = plane.shared.incidents(page::INCIDENTS_SHOWN);
    Html(page::status(&status::present(&plane.shared), &snapshot, &incidents))
}

async fn style() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/css; charset=utf-8")], page::STYLE)
}

async fn not_found() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "There is nothing here; /api/v1/openapi.json lists what there is.",
    )
}

async fn not_allowed() -> Response {
    problem(
        StatusCode::METHOD_NOT_ALLOWED,
        "This path takes another method; /api/v1/openapi.json says which.",
    )
}

#[cfg(test)]
pub(crate) mod tests;
