//! Standing measures: listed, taken up, taken away.

use crate::api::{Mitigation, MitigationAdded, Mitigations, NewMitigation, Problem};
use crate::plane::ControlPlane;
use crate::problem::{Busy, NotJson, problem, with_faults};
use crate::routes::ask;
use crate::shared::Command;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use seawall_types::MeasureId;
use std::sync::Arc;
use tokio::sync::oneshot;

type Plane = State<Arc<ControlPlane>>;

/// Every measure that stands.
#[utoipa::path(
    get,
    path = "/api/v1/mitigations",
    tag = "v1",
    operation_id = "mitigations",
    responses((status = 200, description = "What stands, by whomever it was wanted", body = Mitigations))
)]
pub(crate) async fn list(State(plane): Plane) -> Json<Mitigations> {
    Json(Mitigations { mitigations: plane.shared.standing().to_vec() })
}

/// One measure that stands, or stood lately.
#[utoipa::path(
    get,
    path = "/api/v1/mitigations/{id}",
    tag = "v1",
    operation_id = "mitigation",
    params(("id" = String, Path, description = "As the list gives it")),
    responses(
        (status = 200, description = "What is known of it", body = Mitigation),
        (
            status = 404,
            description = "No measure of that name is known to this run",
            content_type = "application/problem+json",
            body = Problem,
        ),
    )
)]
pub(crate) async fn one(State(plane): Plane, Path(id): Path<String>) -> Response {
    match plane.shared.mitigation(&id) {
        Some(mitigation) => Json(mitigation).into_response(),
        None => unknown(),
    }
}

/// Takes a measure up.
#[utoipa::path(
    post,
    path = "/api/v1/mitigations",
    tag = "v1",
    operation_id = "add_mitigation",
    request_body = NewMitigation,
    responses(
        (status = 201, description = "It stands; every core looks it up", body = MitigationAdded),
        NotJson,
        (
            status = 422,
            description = "Nothing was taken up; `faults` holds every fault",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn add(
    State(plane): Plane,
    wanted: Result<Json<NewMitigation>, JsonRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(rejection) => return problem(StatusCode::BAD_REQUEST, rejection.body_text()),
    };
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::AddMitigation { wanted, reply }, answer).await {
        Ok(Ok(added)) => (StatusCode::CREATED, Json(added)).into_response(),
        Ok(Err(faults)) => with_faults(
            StatusCode::UNPROCESSABLE_ENTITY,
            "The measure has faults; nothing was taken up.",
            faults,
        ),
        Err(refusal) => refusal,
    }
}

/// Takes a measure away.
#[utoipa::path(
    delete,
    path = "/api/v1/mitigations/{id}",
    tag = "v1",
    operation_id = "lift_mitigation",
    params(("id" = String, Path, description = "As the list gives it")),
    responses(
        (status = 204, description = "It stands no more"),
        (
            status = 404,
            description = "No measure of that name stands",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn lift(State(plane): Plane, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<MeasureId>() else { return unknown() };
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::LiftMitigation { id, reply }, answer).await {
        Ok(true) => StatusCode::NO_CONTENT.into_response(),
        Ok(false) => unknown(),
        Err(refusal) => refusal,
    }
}

fn unknown() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "No measure of that name stands; `seawall mitigation list` and /api/v1/mitigations list them.",
    )
}

#[cfg(test)]
pub(crate) mod tests;
