use crate::routes::tests::{Stand, with_token};
use axum::http::Method;
use expect_test::expect;
use futures_util::StreamExt as _;
use seawall_evidence::verify::Trusted;
use seawall_evidence::{DirectoryStore, Report};
use seawall_types::WallTime;
use seawall_types::evidence::{
    Clocks, Fact, Incident, IncidentKind, Measured, Stamp, VisitorsHarmed,
};
use seawall_types::{Moment, Verdict};
use std::sync::Arc;

fn incident(id: &str) -> Incident {
    let detected_at = Stamp { wall: WallTime(1_772_366_400_000), moment: Moment(0) };
    Incident {
        id: id.parse().expect("a name"),
        platform: "www".to_owned(),
        kind: IncidentKind::Unknown,
        clocks: Clocks { detected_at: Some(detected_at), ..Clocks::default() },
        requests: [(Verdict::Admit, 3), (Verdict::Hold, 47)].into(),
        visitors_harmed: VisitorsHarmed::Between { least: 0, most: 47 },
        measured: Measured::default(),
        signatures: Vec::new(),
    }
}

/// An incident opens.
pub(crate) fn opened(id: &str) -> Fact {
    Fact::IncidentOpened(incident(id))
}

#[tokio::test]
async fn incidents_are_told_as_they_were_noted_and_unknown_ones_are_not_found() {
    let stand = Stand::loopback();
    let list = |body: &str| serde_json::from_str::<serde_json::Value>(body).expect("JSON");
    let answer = stand.ask(Method::GET, "/api/v1/incidents").await;
    assert_eq!(answer.body, r#"{"incidents":[],"older":0}"#);
    stand.shared.note(WallTime(1), &opened("www-1"));
    stand.shared.note(WallTime(2), &opened("www-2"));
    stand.shared.note(WallTime(3), &Fact::IncidentClosed(incident("www-1")));
    let answer = stand.ask(Method::GET, "/api/v1/incidents").await;
    let told = list(&answer.body);
    assert_eq!(told["incidents"][0]["id"], "www-2");
    assert_eq!(told["incidents"][1]["state"], "closed");
    let answer = stand.ask(Method::GET, "/api/v1/incidents/www-1").await;
    assert_eq!(list(&answer.body), told["incidents"][1]);
    for path in ["/api/v1/incidents/www-3", "/api/v1/incidents/..%2f", "/api/v1/incidents/www-1/x"]
    {
        assert_eq!(stand.ask(Method::GET, path).await.status, 404, "{path}");
    }
    assert_eq!(stand.see("/api/v1/incidents").await.status, 401, "without a token");
}

#[tokio::test]
async fn a_live_reader_is_told_of_an_incident_as_it_changes() {
    let stand = Stand::loopback();
    let answer = stand.begin(with_token(Method::GET, "/api/v1/live"), "").await;
    let mut body = answer.into_body().into_data_stream();
    // The status comes first, and shows that the reader is there.
    body.next().await.expect("a status").expect("a chunk");
    stand.shared.note(WallTime(1), &opened("www-1"));
    let event = body.next().await.expect("an event").expect("a chunk");
    expect![[r#"
        event: incident
        data: {"event":"opened","id":"www-1","platform":"www","kind":"unknown","state":"open","merged_into":null,"vectors":null,"onset_at":null,"detected_at":"2026-03-01T12:00:00.000Z","mitigated_at":null,"relieved_at":null,"ended_at":null,"requests":{"admit":3,"hold":47},"visitors_harmed":{"between":{"least":0,"most":47}},"measured":{"peak_requests_per_s":null,"peak_admitted_per_s":null,"peak_pressure_permille":null,"peak_in_flight":null,"queue_wait_max_ms":null,"origin_ms":null,"bytes_out":null,"sources_least":null},"signatures":[]}

    "#]].assert_eq(std::str::from_utf8(&event).expect("text"));
}

#[tokio::test]
async fn a_report_is_read_in_the_form_that_is_asked_for_and_a_fault_is_told() {
    let stand = Stand::loopback();
    let path = "/api/v1/incidents/www-1/report";
    assert_eq!(stand.ask(Method::GET, path).await.status, 503, "no evidence is kept");
    let folder = std::env::temp_dir().join(format!("seawall-reports-{}", std::process::id()));
    let place = folder.clone();
    stand.shared.read_reports_with(Arc::new(move |id| {
        let read = Report::read(&mut DirectoryStore::new(&place), id, &Trusted::default());
        read.map_err(|fault| fault.to_string())
    }));
    assert_eq!(stand.ask(Method::GET, path).await.status, 404, "nothing is recorded");
    let key = seawall_evidence::NodeKey::of_node("a".parse().expect("a name"), &[7; 32]);
    let limits = seawall_evidence::Limits::default();
    let store = DirectoryStore::new(&folder);
    let mut log = seawall_evidence::Log::open(store, key, limits, Stamp::default());
    log.append(Stamp::default(), &opened("www-1"));
    log.finish(Stamp::default());
    let text = stand.ask(Method::GET, &format!("{path}?as=text")).await;
    assert_eq!(text.headers["content-type"], "text/plain; charset=utf-8");
    assert!(text.body.starts_with("incident www-1 on www\n"), "{}", text.body);
    let json = stand.ask(Method::GET, &format!("{path}?as=json")).await;
    let json: serde_json::Value = serde_json::from_str(&json.body).expect("JSON");
    assert_eq!(json["evidence"]["holds"], true);
    assert_eq!(json["incident"]["requests"]["hold"], 47);
    let other = stand.ask(Method::GET, &format!("{path}?as=stix")).await;
    assert_eq!(other.status, 400, "a form that is not built");
    std::fs::remove_dir_all(folder).expect("it is ours");
}
