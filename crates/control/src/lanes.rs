//! Identity lanes: listed, links into them made and taken back.

use crate::api::{InviteMade, Lanes, NewInvite, Problem};
use crate::plane::ControlPlane;
use crate::problem::{Busy, NotJson, problem, with_faults};
use crate::routes::ask;
use crate::shared::Command;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use seawall_types::InviteId;
use std::sync::Arc;
use tokio::sync::oneshot;

type Plane = State<Arc<ControlPlane>>;

/// Every lane and every link into one.
#[utoipa::path(
    get,
    path = "/api/v1/lanes",
    tag = "v1",
    operation_id = "lanes",
    responses(
        (status = 200, description = "What there is", body = Lanes),
        Busy,
    )
)]
pub(crate) async fn list(State(plane): Plane) -> Response {
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::Lanes { reply }, answer).await {
        Ok(lanes) => Json(lanes).into_response(),
        Err(refusal) => refusal,
    }
}

/// Makes a link into a lane.
#[utoipa::path(
    post,
    path = "/api/v1/lanes/invites",
    tag = "v1",
    operation_id = "invite",
    request_body = NewInvite,
    responses(
        (status = 201, description = "It can be used", body = InviteMade),
        NotJson,
        (
            status = 422,
            description = "No link was made; `faults` holds every fault",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn invite(
    State(plane): Plane,
    wanted: Result<Json<NewInvite>, JsonRejection>,
) -> Response {
    let wanted = match wanted {
        Ok(Json(wanted)) => wanted,
        Err(rejection) => return problem(StatusCode::BAD_REQUEST, rejection.body_text()),
    };
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::Invite { wanted, reply }, answer).await {
        Ok(Ok(made)) => (StatusCode::CREATED, Json(made)).into_response(),
        Ok(Err(faults)) => with_faults(
            StatusCode::UNPROCESSABLE_ENTITY,
            "What was asked for has faults; no link was made.",
            faults,
        ),
        Err(refusal) => refusal,
    }
}

/// Takes a link back, and with it everybody who came by it.
#[utoipa::path(
    delete,
    path = "/api/v1/lanes/invites/{id}",
    tag = "v1",
    operation_id = "revoke_invite",
    params(("id" = String, Path, description = "As the list gives it")),
    responses(
        (status = 204, description = "It counts for nobody any more, on no core"),
        (
            status = 404,
            description = "There is no link of that name",
            content_type = "application/problem+json",
            body = Problem,
        ),
        (
            status = 500,
            description = "It counts for nobody, but that cannot be kept over a restart",
            content_type = "application/problem+json",
            body = Problem,
        ),
        Busy,
    )
)]
pub(crate) async fn revoke(State(plane): Plane, Path(id): Path<String>) -> Response {
    let Ok(id) = id.parse::<InviteId>() else { return unknown() };
    let (reply, answer) = oneshot::channel();
    match ask(&plane, Command::RevokeInvite { id, reply }, answer).await {
        Ok(Ok(true)) => StatusCode::NO_CONTENT.into_response(),
        Ok(Ok(false)) => unknown(),
        Ok(Err(sentence)) => problem(StatusCode::INTERNAL_SERVER_ERROR, sentence),
        Err(refusal) => refusal,
    }
}

fn unknown() -> Response {
    problem(
        StatusCode::NOT_FOUND,
        "There is no link of that name; `seawall lane list` and /api/v1/lanes list them.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::Lanes;
    use crate::routes::tests::{Stand, with_token};
    use axum::http::{Method, header};

    const WANTED: &str = r#"{"name": "Anna", "for": "30d"}"#;

    #[tokio::test]
    async fn links_are_made_listed_and_taken_back_by_the_main_thread() {
        let mut stand = Stand::loopback();
        let mut commands = std::mem::replace(&mut stand.commands, tokio::sync::mpsc::channel(1).1);
        let main = tokio::spawn(async move {
            while let Some(command) = commands.recv().await {
                match command {
                    Command::Invite { wanted, reply } if wanted.name == "Anna" => {
                        assert_eq!(wanted.stays_for.as_deref(), Some("30d"));
                        drop(reply.send(Ok(made())));
                    }
                    Command::Invite { reply, .. } => drop(reply.send(Err(vec!["no".to_owned()]))),
                    Command::Lanes { reply } => drop(reply.send(Lanes::default())),
                    Command::RevokeInvite { id, reply } => drop(reply.send(match id.number() {
                        3 => Ok(true),
                        4 => Err("the disk is full".to_owned()),
                        _ => Ok(false),
                    })),
                    _ => unreachable!("not asked for"),
                }
            }
        });
        let post = || {
            let path = "/api/v1/lanes/invites";
            with_token(Method::POST, path).header(header::CONTENT_TYPE, "application/json")
        };
        let told = stand.send(post(), WANTED).await;
        assert_eq!(told.status, 201, "{}", told.body);
        assert!(told.body.contains("?link=LINK"), "{}", told.body);
        assert_eq!(stand.send(post(), &WANTED.replace("Anna", "Bela")).await.status, 422);
        assert_eq!(stand.send(post(), "{}").await.status, 400);
        assert_eq!(stand.ask(Method::GET, "/api/v1/lanes").await.status, 200);
        for (id, status) in [("i3", 204), ("i4", 500), ("i5", 404), ("3", 404)] {
            let path = format!("/api/v1/lanes/invites/{id}");
            assert_eq!(stand.ask(Method::DELETE, &path).await.status, status, "{id}");
        }
        drop(stand);
        main.abort();
    }

    fn made() -> InviteMade {
        InviteMade {
            id: "i3".to_owned(),
            link: "https://www.example.org/.well-known/seawall/lane?link=LINK".to_owned(),
            lane: "staff".to_owned(),
            platform: "www".to_owned(),
            uses_max: 1,
            link_until: "2026-03-02T12:00:00.000Z".to_owned(),
        }
    }
}
