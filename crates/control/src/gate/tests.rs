use super::*;
use crate::routes::tests::{Stand, TOKEN, with_token};
use crate::tries::TRIES_MAX;
use axum::http::{Method, Request};

const API: [&str; 5] = [
    "/api/v1/status",
    "/api/v1/live",
    "/api/v1/explain/x",
    "/api/v1/openapi.json",
    "/api/v1/nothing",
];

#[tokio::test]
async fn without_the_token_the_api_says_nothing_not_even_what_exists() {
    let stand = Stand::loopback();
    for path in API {
        let answer = stand.see(path).await;
        assert_eq!(answer.status, 401, "{path}");
        assert!(answer.headers.contains_key(header::WWW_AUTHENTICATE));
    }
    let reload = stand.send(Request::post("/api/v1/reload"), "").await;
    assert_eq!(reload.status, 401);
}

#[tokio::test]
async fn probes_need_no_token_on_loopback_and_need_it_on_a_network() {
    for (listener, status) in [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 401)] {
        let stand = Stand::on(listener);
        stand.shared.enter(crate::Phase::Ready);
        for path in ["/healthz", "/readyz", "/metrics"] {
            assert_eq!(stand.see(path).await.status, status, "{listener} {path}");
            assert_eq!(stand.ask(Method::GET, path).await.status, 200);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_waits_and_the_eleventh_is_turned_away_at_once() {
    let stand = Stand::loopback();
    let wrong =
        || Request::get("/api/v1/status").header(header::AUTHORIZATION, format!("Bearer {TOKEN}0"));
    for _ in 0..TRIES_MAX {
        let start = tokio::time::Instant::now();
        assert_eq!(stand.send(wrong(), "").await.status, 401);
        assert!(start.elapsed() >= WRONG_TOKEN_DELAY);
    }
    let start = tokio::time::Instant::now();
    let answer = stand.send(wrong(), "").await;
    assert_eq!((answer.status, start.elapsed()), (429, Duration::ZERO));
    assert_eq!(answer.headers[header::RETRY_AFTER], "60");
    // The operator shares the address with whoever guessed, and is not locked out.
    assert_eq!(stand.ask(Method::GET, "/api/v1/status").await.status, 200);
}

#[tokio::test]
async fn the_scheme_is_read_in_any_case_and_no_other_scheme_counts() {
    let stand = Stand::loopback();
    for (value, status) in [
        (format!("bearer {TOKEN}"), 200),
        (format!("BEARER  {TOKEN} "), 200),
        (format!("Basic {TOKEN}"), 401),
        (TOKEN.to_owned(), 401),
    ] {
        let request = Request::get("/api/v1/status").header(header::AUTHORIZATION, &value);
        assert_eq!(stand.send(request, "").await.status, status, "{value}");
    }
}

#[tokio::test]
async fn a_rebound_name_is_refused_even_with_the_token() {
    let (shared, _commands) = crate::shared::tests::shared();
    let plane = ControlPlane::new(shared, TOKEN.parse().unwrap(), [127, 0, 0, 1].into());
    let routes = crate::routes::router(Arc::new(plane));
    for path in ["/", "/healthz", "/metrics", "/api/v1/status", "/sign-in"] {
        let request = with_token(Method::GET, path)
            .header(header::HOST, "rebind.example.org:9180")
            .body(axum::body::Body::empty())
            .unwrap();
        let answer = tower::ServiceExt::oneshot(routes.clone(), request).await.unwrap();
        assert_eq!(answer.status(), StatusCode::MISDIRECTED_REQUEST, "{path}");
    }
}

#[tokio::test]
async fn every_answer_carries_the_policy_whatever_it_is() {
    let stand = Stand::loopback();
    let answers = [
        stand.see("/sign-in").await,
        stand.see("/style.css").await,
        stand.see("/").await,
        stand.see("/metrics").await,
        stand.see("/api/v1/status").await,
        stand.ask(Method::GET, "/nothing").await,
        stand.ask(Method::PUT, "/").await,
    ];
    for answer in answers {
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
}

#[test]
fn only_the_listed_paths_are_open_and_near_misses_are_not() {
    for path in ["/metrics/", "//metrics", "/healthz/x", "/Sign-In", "/%6detrics", ""] {
        assert_eq!(access(path), Access::Program, "{path}");
    }
}
