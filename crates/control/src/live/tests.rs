use super::*;
use crate::integrity::tests::look;
use crate::routes::tests::{Stand, with_token};
use crate::shared::LIVE_EVENTS_MAX;
use crate::shared::tests::relieved;
use axum::http::{Method, header};
use futures_util::StreamExt as _;
use seawall_engine::PlatformSnapshot;
use seawall_engine::effect::{MitigationBegan, MitigationEnded};
use seawall_types::{Moment, Rung};

async fn open(stand: &Stand) -> Response {
    stand.begin(with_token(Method::GET, "/api/v1/live"), "").await
}

/// The next events, up to and with the first called `name`.
async fn until(body: &mut axum::body::BodyDataStream, name: &str) -> Vec<String> {
    let mut events = Vec::new();
    while let Some(chunk) = body.next().await {
        let text = String::from_utf8(chunk.unwrap().to_vec()).unwrap();
        let found = text.starts_with(&format!("event: {name}\n"));
        events.push(text);
        if found {
            return events;
        }
    }
    panic!("the stream ended: {events:?}");
}

fn www() -> Snapshot {
    Snapshot {
        platforms: vec![PlatformSnapshot { name: "www".to_owned(), ..PlatformSnapshot::default() }],
        ..Snapshot::default()
    }
}

#[tokio::test]
async fn a_reader_gets_the_status_first_and_a_mitigation_as_it_comes() {
    let stand = Stand::loopback();
    stand.shared.publish(www());
    let answer = open(&stand).await;
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "text/event-stream");
    let mut body = answer.into_body().into_data_stream();
    let first = until(&mut body, "status").await;
    assert_eq!(first.len(), 1);
    assert!(first[0].contains(r#""name":"www""#), "{first:?}");

    stand.shared.announce(&Effect::MitigationBegan(MitigationBegan {
        platform: PlatformId(0),
        at: Moment(1_500_000_000),
        rung: Rung::Limit,
        stopped_rps: 900.0,
        sources: 40,
        pressure: None,
    }));
    let events = until(&mut body, "mitigation").await;
    expect_test::expect![[r#"
        event: mitigation
        data: {"event":"began","platform":"www","at":"2026-03-01T12:00:01.500Z","rung":"limit","stopped_rps":900.0,"sources":40,"pressure":null}

    "#]]
    .assert_eq(events.last().unwrap());
}

#[tokio::test]
async fn a_reader_that_falls_behind_is_told_how_many_it_missed() {
    let stand = Stand::loopback();
    let mut body = open(&stand).await.into_body().into_data_stream();
    until(&mut body, "status").await;
    for _ in 0..LIVE_EVENTS_MAX + 3 {
        stand.shared.announce(&relieved(Moment(0)));
    }
    let events = until(&mut body, "missed").await;
    assert_eq!(events.last().unwrap(), "event: missed\ndata: {\"missed\":3}\n\n");
    until(&mut body, "mitigation").await;
}

#[tokio::test]
async fn the_reader_after_the_last_place_waits_until_one_goes() {
    let stand = Stand::loopback();
    let mut readers = Vec::new();
    for _ in 0..CLIENTS_MAX {
        let answer = open(&stand).await;
        assert_eq!(answer.status(), StatusCode::OK);
        readers.push(answer);
    }
    let refused = open(&stand).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    readers.pop();
    assert_eq!(open(&stand).await.status(), StatusCode::OK);
}

#[test]
fn every_effect_on_a_platform_is_told_in_words() {
    let told = |effect: &Effect, snapshot: &Snapshot| {
        LiveEvent::of(effect, &crate::shared::tests::identity(), snapshot).map(|event| event.data)
    };
    let ended = Effect::MitigationEnded(MitigationEnded {
        platform: PlatformId(0),
        at: Moment(61_000_000_000),
        began_at: Moment(1_000_000_000),
        stopped: 54_000,
        admitted: 2_400,
        peak_stopped_rps: 912.5,
    });
    let saturated = Effect::TableSaturated { table: "sources", at: Moment(0), times: 1 };
    let lines =
        [told(&ended, &www()), told(&relieved(Moment(2_000_000_000)), &Snapshot::default())];
    expect_test::expect![[r#"
        {"event":"ended","platform":"www","at":"2026-03-01T12:01:01.000Z","began_at":"2026-03-01T12:00:01.000Z","stopped":54000,"admitted":2400,"peak_stopped_rps":912.5}
        {"event":"relieved","platform":"platform 0","at":"2026-03-01T12:00:02.000Z","began_at":"2026-03-01T12:00:00.000Z","pressure":0.5}"#]].assert_eq(&lines.map(Option::unwrap).join("\n"));
    assert_eq!(told(&saturated, &www()), None);
}

#[tokio::test]
async fn a_departure_in_a_flood_is_told_live_and_stands_in_status_and_metrics() {
    let stand = Stand::loopback();
    stand.shared.publish(www());
    let mut body = open(&stand).await.into_body().into_data_stream();
    until(&mut body, "status").await;
    let seen = (7, seawall_types::evidence::Seen::Departs);
    let look = look(Some("www"), seawall_types::evidence::Aspect::Content, seen);
    stand.shared.note(look.until.wall, &Fact::IntegrityLook(look.clone()));
    let events = until(&mut body, "integrity").await;
    expect_test::expect![[r#"
        event: integrity
        data: {"event":"departed","platform":"www","aspect":"content","first_at":"2026-03-01T12:00:07.000Z","last_at":"2026-03-01T12:00:07.000Z","times":1,"stands":true,"detail":"page / is not what it was at the origin"}

    "#]]
    .assert_eq(events.last().unwrap());
    let status = status::present(&stand.shared);
    assert_eq!(status.integrity.len(), 1);
    let metrics = stand.see("/metrics").await;
    let counted = metrics.body.lines().filter(|line| line.starts_with("seawall_integrity_dep"));
    let counted: Vec<_> = counted.collect();
    assert_eq!(counted.len(), seawall_types::evidence::Aspect::ALL.len());
    assert_eq!(counted[0], "seawall_integrity_departures_total{kind=\"content\"} 1");
    assert_eq!(counted[1], "seawall_integrity_departures_total{kind=\"shield\"} 0");
}
