//! The packet layer in API and metrics.
//!
//! Bounds: the reasons are a closed list, so its metric has a closed set of labels.

use crate::api::{PacketLayer, Problem};
use crate::problem::{Busy, problem};
use crate::routes::{Plane, ask};
use crate::shared::{Command, PacketOrder};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use std::fmt::Write as _;
use tokio::sync::oneshot;

/// How the packet layer stands.
#[utoipa::path(
    get,
    path = "/api/v1/packet",
    tag = "v1",
    operation_id = "packet",
    responses((status = 200, description = "How it stands", body = PacketLayer))
)]
pub(crate) async fn look(State(plane): Plane) -> Json<PacketLayer> {
    Json(plane.shared.packet().as_deref().cloned().unwrap_or_default())
}

/// Arms the packet layer for a minute, confirms that, or takes it off.
#[utoipa::path(
    post,
    path = "/api/v1/packet/{order}",
    tag = "v1",
    operation_id = "packet_order",
    params(("order" = String, Path, description = "`arm`, `confirm` or `off`")),
    responses(
        (status = 200, description = "It is done", body = PacketLayer),
        (
            status = 404,
            description = "Not an order",
            content_type = "application/problem+json",
            body = Problem,
        ),
        (
            status = 409,
            description = "It cannot be done now",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn order(State(plane): Plane, Path(order): Path<String>) -> Response {
    let order = match order.as_str() {
        "arm" => PacketOrder::Arm,
        "confirm" => PacketOrder::Confirm,
        "off" => PacketOrder::Off,
        _ => return problem(StatusCode::NOT_FOUND, "The orders are arm, confirm and off."),
    };
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::Packet { order, reply }, answer).await {
        Ok(Ok(look)) => Json(look).into_response(),
        Ok(Err(sentence)) => problem(StatusCode::CONFLICT, sentence),
        Err(refusal) => refusal,
    }
}

/// Packets by verdict and reason; nothing while no interface is covered.
pub(crate) fn metrics(look: Option<&PacketLayer>) -> String {
    let Some(look) = look.filter(|look| !look.packets.is_empty()) else { return String::new() };
    let mut text = String::from(
        "# HELP seawall_packets_total Packets since start, by what became of them and why.\n\
         # TYPE seawall_packets_total counter\n",
    );
    for count in &look.packets {
        let (verdict, reason) = (&count.verdict, &count.reason);
        let _ = writeln!(
            text,
            "seawall_packets_total{{verdict=\"{verdict}\",reason=\"{reason}\"}} {}",
            count.packets
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::PacketCount;

    #[test]
    fn packets_are_told_by_verdict_and_reason_once_there_are_counts() {
        assert_eq!(metrics(None), "");
        let count =
            PacketCount { verdict: "drop".to_owned(), reason: "host".to_owned(), packets: 7 };
        let look = PacketLayer { packets: vec![count], ..PacketLayer::default() };
        let text = metrics(Some(&look));
        assert!(text.ends_with("seawall_packets_total{verdict=\"drop\",reason=\"host\"} 7\n"));
    }
}
