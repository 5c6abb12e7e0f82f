//! Incidents as the API tells them.

use crate::api::{Incident, Incidents, Problem};
use crate::plane::ControlPlane;
use crate::problem::problem;
use crate::shared::INCIDENTS_MAX;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use seawall_evidence::Report;
use serde::Deserialize;
use std::sync::Arc;

type Plane = State<Arc<ControlPlane>>;

/// Every incident that is known, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/incidents",
    tag = "v1",
    operation_id = "incidents",
    responses((status = 200, description = "Open and earlier incidents", body = Incidents))
)]
pub(crate) async fn list(State(plane): Plane) -> Json<Incidents> {
    Json(plane.shared.incidents(INCIDENTS_MAX))
}

/// One incident.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}",
    tag = "v1",
    operation_id = "incident",
    params(("id" = String, Path, description = "As the list gives it")),
    responses(
        (status = 200, description = "What is known of it", body = Incident),
        (
            status = 404,
            description = "No incident of that name is known",
            content_type = "application/problem+json",
            body = Problem,
        ),
    )
)]
pub(crate) async fn one(State(plane): Plane, Path(id): Path<String>) -> Response {
    match plane.shared.incident(&id) {
        Some(incident) => Json(incident).into_response(),
        None => unknown(),
    }
}

/// Which form a report has.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct As {
    /// For programs, or for people.
    #[serde(rename = "as", default)]
    #[param(inline)]
    form: Form,
}

/// A form of a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Form {
    /// For programs.
    #[default]
    Json,
    /// For people.
    Text,
}

/// The report on an incident, read from the evidence and checked while it is made.
#[utoipa::path(
    get,
    path = "/api/v1/incidents/{id}/report",
    tag = "v1",
    operation_id = "report",
    params(("id" = String, Path, description = "As the list gives it"), As),
    responses(
        (
            status = 200,
            description = "The incident with its seconds, the gaps in its evidence and whether the \
                evidence holds",
            content((Object = "application/json"), (String = "text/plain")),
        ),
        (
            status = 400,
            description = "A form that is not built",
            content_type = "application/problem+json",
            body = Problem,
        ),
        (
            status = 404,
            description = "The evidence holds no incident of that name",
            content_type = "application/problem+json",
            body = Problem,
        ),
        (
            status = 503,
            description = "The evidence cannot be read",
            content_type = "application/problem+json",
            body = Problem,
        ),
    )
)]
pub(crate) async fn report(
    State(plane): Plane,
    Path(id): Path<String>,
    form: Result<Query<As>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(As { form })) = form else {
        return problem(StatusCode::BAD_REQUEST, "A report is given as=json or as=text.");
    };
    match read(&plane, id).await {
        Ok(Some(report)) => rendered(&report, form),
        Ok(None) => unknown(),
        Err(sentence) => problem(StatusCode::SERVICE_UNAVAILABLE, sentence),
    }
}

/// Reads a report away from the thread that serves.
async fn read(plane: &ControlPlane, id: String) -> Result<Option<Report>, String> {
    let read = plane.shared.report().ok_or("No evidence is kept.")?;
    let turn = Arc::clone(&plane.report_place).acquire_owned().await;
    let turn = turn.map_err(|_| "The shield is stopping.")?;
    let report = move || {
        let report = read(&id);
        drop(turn);
        report
    };
    let report = tokio::task::spawn_blocking(report).await;
    report.unwrap_or_else(|_| Err("The report could not be made.".to_owned()))
}

fn rendered(report: &Report, form: Form) -> Response {
    match form {
        Form::Json => Json(report.json()).into_response(),
        Form::Text => {
            let plain = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
            ([plain], report.text()).into_response()
        }
    }
}

fn unknown() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "No incident of that name is known; `seawall incident list` and /api/v1/incidents list them.",
    )
}

#[cfg(test)]
pub(crate) mod tests;
