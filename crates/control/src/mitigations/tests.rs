use super::*;
use crate::routes::tests::{Stand, with_token};
use axum::http::{Method, header};
use seawall_engine::policy::{Allowance, By, Matches, Measure};
use seawall_engine::{Effect, MeasureChange};
use seawall_types::{MeasureTotals, Moment, PlatformId, Rung};
use std::time::Duration;

const WANTED: &str = r#"{"platform": "www", "match": {"source": "192.0.2.0/24"}, "rung": "refuse",
    "for": "10m", "reason": "test"}"#;

pub(crate) fn measure() -> Measure {
    Measure {
        id: MeasureId::new(17).unwrap(),
        platform: PlatformId(0),
        matches: Matches::Source("192.0.2.0/24".parse().unwrap()),
        rung: Rung::Refuse,
        partly: None,
        by: By::Operator,
        began_at: Moment(0),
        expires_at: Moment(0) + Duration::from_mins(10),
        allowance: Allowance::new(None),
        totals: MeasureTotals { met: 9, stopped: 7, ..MeasureTotals::default() },
        text: "source=192.0.2.0/24".into(),
        why: "test".into(),
    }
}

fn post() -> axum::http::request::Builder {
    with_token(Method::POST, "/api/v1/mitigations").header(header::CONTENT_TYPE, "application/json")
}

#[tokio::test]
async fn what_stands_is_listed_and_what_stood_is_still_told() {
    let stand = Stand::loopback();
    stand.shared.publish_standing(&[measure()]);
    let list = stand.ask(Method::GET, "/api/v1/mitigations").await;
    let list: Mitigations = serde_json::from_str(&list.body).unwrap();
    let told = &list.mitigations[0];
    assert_eq!((told.id.as_str(), told.met, told.stopped), ("m17", 9, 7));
    assert_eq!(told.matches.source.as_deref(), Some("192.0.2.0/24"));
    assert_eq!(told.expires_at, "2026-03-01T12:10:00.000Z");

    let at = Moment(0) + Duration::from_secs(5);
    let lifted = MeasureChange::Lifted { measure: measure(), at };
    stand.shared.announce(&Effect::Measure(lifted));
    stand.shared.publish_standing(&[]);
    let list = stand.ask(Method::GET, "/api/v1/mitigations").await;
    assert_eq!(list.body, r#"{"mitigations":[]}"#);
    let one = stand.ask(Method::GET, "/api/v1/mitigations/m17").await;
    let one: Mitigation = serde_json::from_str(&one.body).unwrap();
    assert_eq!(one.ended.as_deref(), Some("lifted"));
    assert_eq!(one.ended_at.as_deref(), Some("2026-03-01T12:00:05.000Z"));
}

#[tokio::test]
async fn a_measure_is_handed_to_the_main_thread_and_its_answer_comes_back() {
    let mut stand = Stand::loopback();
    let mut commands = std::mem::replace(&mut stand.commands, tokio::sync::mpsc::channel(1).1);
    let main = tokio::spawn(async move {
        while let Some(command) = commands.recv().await {
            match command {
                Command::AddMitigation { wanted, reply } if wanted.platform == "www" => {
                    let (id, expires_at) = ("m17".to_owned(), "then".to_owned());
                    let added = MitigationAdded { id, expires_at, notes: Vec::new() };
                    drop(reply.send(Ok(added)));
                }
                Command::AddMitigation { reply, .. } => {
                    drop(reply.send(Err(vec!["unknown platform".to_owned()])));
                }
                Command::LiftMitigation { id, reply } => drop(reply.send(id.number() == 17)),
                Command::Reload { .. }
                | Command::Packet { .. }
                | Command::Explain { .. }
                | Command::Invite { .. }
                | Command::Lanes { .. }
                | Command::RevokeInvite { .. } => unreachable!("not asked for"),
            }
        }
    });
    let added = stand.send(post(), WANTED).await;
    assert_eq!(added.status, 201);
    assert!(added.body.contains(r#""id":"m17""#), "{}", added.body);
    let refused = stand.send(post(), &WANTED.replace("www", "shop")).await;
    assert_eq!(refused.status, 422);
    let refused: Problem = serde_json::from_str(&refused.body).unwrap();
    assert_eq!(refused.faults, ["unknown platform"]);
    for (id, status) in [("m17", 204), ("m18", 404), ("17", 404)] {
        let path = format!("/api/v1/mitigations/{id}");
        assert_eq!(stand.ask(Method::DELETE, &path).await.status, status, "{id}");
    }
    drop(stand);
    main.abort();
}

#[tokio::test]
async fn a_body_that_is_no_measure_says_what_is_wrong() {
    let stand = Stand::loopback();
    for (body, part) in [
        ("{", "JSON"),
        (r#"{"platform": "www"}"#, "missing field"),
        (&WANTED.replace("\"for\"", "\"lasting\""), "unknown field `lasting`"),
    ] {
        let answer = stand.send(post(), body).await;
        assert_eq!(answer.status, 400, "{body}");
        let told: Problem = serde_json::from_str(&answer.body).unwrap();
        assert!(told.detail.contains(part), "{}", told.detail);
    }
}
