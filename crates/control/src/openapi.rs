//! The description of the API, made from the routes themselves.

use crate::api;
use crate::{incidents, lanes, live, mitigations, packet, routes};
use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

/// Everything a program can ask the shield.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Seawall control API",
        description = "What a running Seawall says and takes. \
            A field whose part is not built, or whose value is not known, is null. \
            Any path may also answer 400 or 421 (the Host header is not an address or localhost), \
            401 (no token, or a wrong one) or 429 (too many wrong ones), each as a Problem.",
        license(name = "MIT OR Apache-2.0")
    ),
    paths(
        routes::present,
        live::stream,
        incidents::list,
        incidents::one,
        incidents::report,
        mitigations::list,
        mitigations::one,
        mitigations::add,
        mitigations::lift,
        lanes::list,
        lanes::invite,
        lanes::revoke,
        routes::reload,
        packet::look,
        packet::order,
        routes::explain,
        document,
        routes::healthz,
        routes::readyz,
        routes::scrape
    ),
    components(schemas(
        api::MitigationEvent,
        api::FindingEvent,
        api::IncidentEvent,
        api::IntegrityEvent
    )),
    security(("token" = [])),
    modifiers(&BearerToken)
)]
struct Description;

/// Says how the token is shown.
struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, description: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some(
                "The content of the control token file. /healthz, /readyz and /metrics need none \
                 when control.listen is a loopback address.",
            ))
            .build();
        description
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// This description.
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    tag = "v1",
    operation_id = "openapi",
    responses((status = 200, description = "OpenAPI 3.1", content_type = "application/json"))
)]
pub(crate) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Description::openapi())
}

#[cfg(test)]
mod tests;
