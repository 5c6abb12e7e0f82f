use super::*;
use crate::shared::{Shared, tests as shared};
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, request};
use std::net::IpAddr;
use tokio::sync::mpsc;
use tower::ServiceExt as _;

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";

/// A control plane without its socket.
pub(crate) struct Stand {
    pub(crate) shared: Arc<Shared>,
    pub(crate) commands: mpsc::Receiver<Command>,
    routes: Router,
}

/// Everything of an answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Stand {
    pub(crate) fn on(listener: &str) -> Self {
        let (shared, commands) = shared::shared();
        let address: IpAddr = listener.parse().unwrap();
        let plane = ControlPlane::new(Arc::clone(&shared), TOKEN.parse().unwrap(), address);
        Self { shared, commands, routes: router(Arc::new(plane)) }
    }

    pub(crate) fn loopback() -> Self {
        Self::on("127.0.0.1")
    }

    /// Sends a request and gives the answer before its body is read.
    pub(crate) async fn begin(&self, request: request::Builder, body: &str) -> Response {
        let request = request
            .header(header::HOST, "127.0.0.1:9180")
            .body(Body::from(body.to_owned()))
            .unwrap();
        self.routes.clone().oneshot(request).await.unwrap()
    }

    pub(crate) async fn send(&self, request: request::Builder, body: &str) -> Answer {
        let answer = self.begin(request, body).await;
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        Answer {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    /// `GET` without any token.
    pub(crate) async fn see(&self, path: &str) -> Answer {
        self.send(Request::get(path), "").await
    }

    /// With the token.
    pub(crate) async fn ask(&self, method: Method, path: &str) -> Answer {
        self.send(with_token(method, path), "").await
    }
}

pub(crate) fn with_token(method: Method, path: &str) -> request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {TOKEN}"))
}

fn problem_of(answer: &Answer) -> Problem {
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
    serde_json::from_str(&answer.body).unwrap()
}

#[tokio::test]
async fn the_status_is_told_to_whoever_shows_the_token() {
    let answer = Stand::loopback().ask(Method::GET, "/api/v1/status").await;
    assert_eq!(answer.status, 200);
    let status: Status = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((status.node.as_str(), status.packet), ("a", None));
}

#[tokio::test]
async fn readiness_follows_the_phase_and_health_does_not() {
    let stand = Stand::loopback();
    for (phase, status, word) in [
        (Phase::Starting, 503, "starting\n"),
        (Phase::Ready, 200, "ready\n"),
        (Phase::Draining, 503, "draining\n"),
    ] {
        stand.shared.enter(phase);
        let ready = stand.see("/readyz").await;
        assert_eq!((ready.status, ready.body.as_str()), (status, word));
        assert_eq!(stand.see("/healthz").await.status, 200);
    }
}

#[tokio::test]
async fn what_is_not_built_is_not_found_and_says_where_to_look() {
    let stand = Stand::loopback();
    for path in ["/api/v1/findings", "/api/v1/fleet", "/api/v2/status"] {
        let answer = stand.ask(Method::GET, path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert!(problem_of(&answer).detail.contains("openapi.json"));
    }
    let answer = stand.ask(Method::DELETE, "/api/v1/status").await;
    assert_eq!(answer.status, 405);
    assert_eq!(problem_of(&answer).title, "Method Not Allowed");
}

#[tokio::test]
async fn a_reload_tells_its_notes_or_every_fault() {
    let mut stand = Stand::loopback();
    let verdicts = [
        Ok(ReloadDone { notes: vec!["packet layer is off".to_owned()] }),
        Err(vec!["seawall.toml:3: one".to_owned(), "seawall.toml:9: two".to_owned()]),
    ];
    for verdict in verdicts {
        let main = async {
            match stand.commands.recv().await {
                Some(Command::Reload { reply }) => reply.send(verdict.clone()).unwrap(),
                other => panic!("{other:?}"),
            }
        };
        let request = with_token(Method::POST, "/api/v1/reload")
            .header(header::HOST, "127.0.0.1")
            .body(Body::empty())
            .unwrap();
        let (answer, ()) = tokio::join!(stand.routes.clone().oneshot(request), main);
        let answer = answer.unwrap();
        let status = answer.status();
        let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
        match verdict {
            Ok(done) => {
                assert_eq!(status, StatusCode::OK);
                assert_eq!(serde_json::from_slice::<ReloadDone>(&body).unwrap(), done);
            }
            Err(faults) => {
                assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
                assert_eq!(serde_json::from_slice::<Problem>(&body).unwrap().faults, faults);
            }
        }
    }
}

#[tokio::test]
async fn a_shield_that_takes_no_commands_says_that_it_is_busy() {
    let mut stand = Stand::loopback();
    stand.commands.close();
    let answer = stand.ask(Method::POST, "/api/v1/reload").await;
    assert_eq!(answer.status, 503);
    assert!(problem_of(&answer).detail.contains("busy"));
}

#[tokio::test(start_paused = true)]
async fn a_main_thread_that_does_not_answer_costs_ten_seconds_and_no_more() {
    let stand = Stand::loopback();
    let start = tokio::time::Instant::now();
    let answer = stand.ask(Method::POST, "/api/v1/reload").await;
    assert_eq!(answer.status, 503);
    assert!(problem_of(&answer).detail.contains("10 s"));
    assert_eq!(start.elapsed().as_secs(), 10);
}

#[tokio::test]
async fn a_code_longer_than_any_is_not_handed_on() {
    let mut stand = Stand::loopback();
    let code = "x".repeat(CODE_LENGTH_MAX + 1);
    let answer = stand.ask(Method::GET, &format!("/api/v1/explain/{code}")).await;
    assert_eq!(answer.status, 404);
    assert!(stand.commands.try_recv().is_err());
}

#[tokio::test]
async fn a_code_that_is_not_ours_is_not_found_with_the_reason() {
    let mut stand = Stand::loopback();
    let main = async {
        match stand.commands.recv().await {
            Some(Command::Explain { code, reply }) => {
                assert_eq!(code, "rate.ABC");
                reply.send(Err("another shield made it".to_owned())).unwrap();
            }
            other => panic!("{other:?}"),
        }
    };
    let request = with_token(Method::GET, "/api/v1/explain/rate.ABC")
        .header(header::HOST, "[::1]")
        .body(Body::empty())
        .unwrap();
    let (answer, ()) = tokio::join!(stand.routes.clone().oneshot(request), main);
    let answer = answer.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    assert!(String::from_utf8_lossy(&body).contains("another shield made it"));
}
