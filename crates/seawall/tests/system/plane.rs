//! The control plane over HTTP: metrics, probes, the document, the live stream.

use crate::fixtures::shield::{control, metric, open_connections, open_control};
use crate::fixtures::{Client, HOST, SOON, Setup, Shield, Witness, wait_for};
use serde_json::Value;
use std::time::Duration;

#[test]
fn probes_and_metrics_need_no_token_on_loopback_and_the_api_does() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(open_control(&setup, path).status, 200, "{path}");
    }
    for path in ["/api/v1/status", "/api/v1/live", "/api/v1/openapi.json"] {
        assert_eq!(open_control(&setup, path).status, 401, "{path}");
    }
    let document = control(&setup, "/api/v1/openapi.json");
    let document: Value = serde_json::from_slice(&document.body).expect("JSON");
    for path in ["/api/v1/status", "/api/v1/live", "/metrics", "/healthz", "/readyz"] {
        assert!(document["paths"][path].is_object(), "{path} is described");
    }
}

#[test]
fn metrics_count_requests_by_verdict_and_reason() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address)
        .tables("[limits]\nsource_rps = \"0.02 rps\"\nsource_burst = 3");
    let _shield = Shield::start(&setup);
    let mut client = Client::plain(setup.plain);
    let statuses: Vec<u16> = (0..5).map(|_| client.ask("/").status).collect();
    assert_eq!(statuses, [200, 200, 200, 429, 429]);
    client.send("GET / HTTP/1.1\r\nhost: other.example.org\r\n\r\n");
    assert_eq!(client.answer().status, 421);
    for (labels, count) in [
        (r#"{platform="www",verdict="admit",reason="clear"}"#, 3.0),
        (r#"{platform="www",verdict="limit",reason="rate"}"#, 2.0),
        (r#"{platform="",verdict="error",reason="host"}"#, 1.0),
    ] {
        let line = format!("seawall_requests_total{labels}");
        wait_for(&format!("{line} {count}"), SOON, || {
            (metric(&setup, &line) == Some(count)).then_some(())
        });
    }
    assert_eq!(open_connections(&setup, setup.plain), Some(1.0));
    drop(client);
    wait_for("closed connection in the metrics", SOON, || {
        (open_connections(&setup, setup.plain) == Some(0.0)).then_some(())
    });
    let text = open_control(&setup, "/metrics").text();
    assert!(text.contains("seawall_build_info{version=\""), "{text}");
    assert!(!text.contains(HOST), "labels come from closed sets only");
}

#[test]
fn the_live_stream_tells_the_status_as_it_changes() {
    let origin = Witness::start(Duration::ZERO);
    let setup = Setup::before(origin.address);
    let _shield = Shield::start(&setup);
    let token = std::fs::read_to_string(setup.state().join("control.token")).expect("it is made");
    let mut stream = Client::plain(setup.control);
    stream.send(format!(
        "GET /api/v1/live HTTP/1.1\r\nhost: {}\r\nauthorization: Bearer {}\r\n\r\n",
        setup.control,
        token.trim()
    ));
    let head = stream.head().expect("an answer");
    assert!(head.starts_with("HTTP/1.1 200") && head.contains("text/event-stream"), "{head}");
    let mut visitor = Client::plain(setup.plain);
    wait_for("event in which a request was admitted", SOON, || {
        assert_eq!(visitor.ask("/").status, 200);
        let event = stream.until(b"\n\n").expect("the stream goes on");
        let event = String::from_utf8_lossy(&event);
        let data = event.split_once("event: status\ndata: ")?.1;
        let status: Value = serde_json::from_str(data).expect("JSON");
        (status["platforms"][0]["rps"]["admit"].as_f64()? > 0.0).then_some(())
    });
}
