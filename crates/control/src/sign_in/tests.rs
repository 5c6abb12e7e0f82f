use crate::routes::tests::{Answer, Stand, TOKEN};
use axum::http::{Request, header};

async fn sign_in(stand: &Stand, body: &str) -> Answer {
    let request =
        Request::post("/sign-in").header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    stand.send(request, body).await
}

fn cookie_of(answer: &Answer) -> String {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    cookie.split(';').next().unwrap().to_owned()
}

async fn page(stand: &Stand, cookie: &str) -> Answer {
    let request = Request::get("/").header(header::COOKIE, format!("other=1; {cookie}; x=y"));
    stand.send(request, "").await
}

#[tokio::test]
async fn the_token_opens_a_session_that_ends_on_sign_out() {
    let stand = Stand::loopback();
    let asked = stand.see("/").await;
    assert_eq!(asked.status, 303);
    assert_eq!(asked.headers[header::LOCATION], "/sign-in");
    assert!(stand.see("/sign-in").await.body.contains("<form"));

    let signed = sign_in(&stand, &format!("token={TOKEN}%0A")).await;
    assert_eq!((signed.status, &signed.headers[header::LOCATION]), (303, &"/".parse().unwrap()));
    let set = signed.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.ends_with("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict"), "{set}");
    let cookie = cookie_of(&signed);
    assert!(!cookie.contains(TOKEN));
    assert_eq!(page(&stand, &cookie).await.status, 200);

    let out = Request::post("/sign-out").header(header::COOKIE, &cookie);
    let out = stand.send(out, "").await;
    assert_eq!(cookie_of(&out), "seawall_session=");
    assert_eq!(page(&stand, &cookie).await.status, 303);
}

#[tokio::test]
async fn a_session_opens_the_page_and_not_the_api() {
    let stand = Stand::loopback();
    let cookie = cookie_of(&sign_in(&stand, &format!("token={TOKEN}")).await);
    let request = Request::post("/api/v1/reload").header(header::COOKIE, &cookie);
    assert_eq!(stand.send(request, "").await.status, 401);
}

#[tokio::test(start_paused = true)]
async fn a_wrong_token_shows_the_form_again_and_ten_are_enough() {
    let stand = Stand::loopback();
    for _ in 0..10 {
        let wrong = sign_in(&stand, "token=guess").await;
        assert_eq!(wrong.status, 401);
        assert!(wrong.body.contains("not the control token"));
        assert!(!wrong.body.contains("guess"));
        assert!(!wrong.headers.contains_key(header::SET_COOKIE));
    }
    let many = sign_in(&stand, "token=guess").await;
    assert_eq!(many.status, 429);
    assert!(many.body.contains("Too many"));
}

#[tokio::test]
async fn a_body_that_is_no_form_or_too_large_is_refused() {
    let stand = Stand::loopback();
    assert_eq!(sign_in(&stand, "").await.status, 422);
    let large = format!("token={}", "x".repeat(64 * 1024));
    assert_eq!(sign_in(&stand, &large).await.status, 413);
    let untyped = stand.send(Request::post("/sign-in"), "token=x").await;
    assert_eq!(untyped.status, 415);
}
