//! What poisons caches: an answer made by one request must not be what others get.

use super::super::target::{form_of, without};
use super::{Head, check};
use proptest::prelude::*;

const GOOD: &str = "200 | cache-control: public, max-age=60 | content-type: text/html";

/// A name for the trick, the request of who tries it, the answer it provokes, what becomes of it.
const TRICKS: [(&str, &str, &str, &str); 36] = [
    ("unkeyed rewrite of the target", "GET / | x-original-url: /admin", GOOD, "Request"),
    ("unkeyed rewrite, another name", "GET / | x-rewrite-url: /admin", GOOD, "Request"),
    ("unkeyed host", "GET / | x-host: evil.example", GOOD, "Request"),
    ("unkeyed scheme", "GET / | x-scheme: http", GOOD, "Request"),
    ("unkeyed server name", "GET / | x-forwarded-server: evil.example", GOOD, "Request"),
    ("unkeyed prefix", "GET / | x-forwarded-prefix: /evil", GOOD, "Request"),
    ("client address that is shown", "GET / | true-client-ip: <script>", GOOD, "Request"),
    (
        "a field of the key that the origin is not to see",
        "GET / | accept: text/html | connection: accept",
        GOOD,
        "Request",
    ),
    (
        "the same in other letters, among others",
        "GET / | accept-language: cy | connection: keep-alive, Accept-Language",
        GOOD,
        "Request",
    ),
    ("method override", "GET / | x-http-method-override: POST", GOOD, "Request"),
    ("method override, another name", "GET / | x-method-override: DELETE", GOOD, "Request"),
    ("fat GET", "GET / body", GOOD, "Request"),
    ("fat GET that only speaks of a body", "GET / | content-length: 0", GOOD, "Request"),
    (
        "fat GET by its type",
        "GET / | content-type: application/x-www-form-urlencoded",
        GOOD,
        "Request",
    ),
    ("another form of the page for scripts", "GET / | rsc: 1", GOOD, "Request"),
    ("a part of the page for scripts", "GET / | x-requested-with: XMLHttpRequest", GOOD, "Request"),
    ("debugging", "GET / | x-debug: 1", GOOD, "Request"),
    ("markup in the user agent", "GET / | user-agent: <script>alert(1)</script>", GOOD, "Request"),
    ("markup in the referer", "GET / | referer: https://a.example/'onload=", GOOD, "Request"),
    ("markup in the language", "GET / | accept-language: \"><svg>", GOOD, "Request"),
    (
        "a header too large for the origin",
        "GET / | user-agent: xxxxxxxx",
        "400 | cache-control: public, max-age=60",
        "Status",
    ),
    (
        "a header too large, told so",
        "GET / | user-agent: xxxxxxxx",
        "431 | cache-control: public, max-age=60",
        "Status",
    ),
    ("a method refused", "GET /", "405 | cache-control: public, max-age=60", "Status"),
    ("an error of the origin", "GET /", "503 | cache-control: public, max-age=600", "Status"),
    (
        "a page that was missing for a moment",
        "GET /new",
        "404 | cache-control: public, max-age=86400",
        "10s everyone",
    ),
    (
        "a redirect that was tricked",
        "GET /",
        "302 | location: https://evil.example | cache-control: public, max-age=60",
        "Status",
    ),
    ("an account as a style sheet", "GET /account/x.css | cookie: s=1", GOOD, "Disguised"),
    (
        "an account as a script behind a semicolon",
        "GET /account;x.js | cookie: s=1",
        GOOD,
        "Disguised",
    ),
    (
        "an account as a picture behind a coded slash",
        "GET /account%2fx.png | cookie: s=1",
        GOOD,
        "Disguised",
    ),
    (
        "an account as an icon behind a coded null",
        "GET /account%00x.ico | cookie: s=1",
        GOOD,
        "Disguised",
    ),
    ("an ending with more behind it", "GET /account/x.css;y | cookie: s=1", GOOD, "Disguised"),
    ("an ending in a large hand", "GET /account/x.CSS | cookie: s=1", GOOD, "Disguised"),
    (
        "a page for one who is signed in",
        "GET /account | cookie: s=1",
        "200 | cache-control: max-age=60",
        "Personal",
    ),
    (
        "a page that varies by cookie",
        "GET / | cookie: s=1",
        "200 | cache-control: public, max-age=60 | vary: cookie",
        "Varies",
    ),
    (
        "a page that varies by everything",
        "GET /",
        "200 | cache-control: public, max-age=60 | vary: *",
        "Varies",
    ),
    (
        "a page that varies by too much",
        "GET /",
        "200 | cache-control: public, max-age=60 | vary: a,b,c,d,e,f,g,h,i,j",
        "Varies",
    ),
];

#[test]
fn none_of_the_known_tricks_has_its_answer_kept_for_others() {
    check(&TRICKS);
    assert!(TRICKS.len() >= 20);
}

#[test]
fn what_is_no_trick_is_kept() {
    let browser = "GET / | host: www.example.org | user-agent: Mozilla/5.0 (X11; Linux) Gecko/1 | \
                   accept: text/html,*/*;q=0.8 | accept-language: cy,en;q=0.5 | \
                   accept-encoding: gzip, br | connection: keep-alive | cookie: theme=dark | \
                   upgrade-insecure-requests: 1 | sec-fetch-dest: document | \
                   sec-ch-ua: \"Chromium\";v=\"120\" | referer: https://www.example.org/a?b=c";
    check(&[
        ("a browser", browser, GOOD, "60s everyone"),
        (
            "a style sheet",
            "GET /x.css",
            "200 | cache-control: max-age=60 | content-type: text/css",
            "60s",
        ),
        (
            "a list",
            "GET /x.csv",
            "200 | cache-control: max-age=60 | content-type: text/plain",
            "60s",
        ),
    ]);
}

#[test]
fn a_parameter_that_means_nothing_is_taken_out_whole_and_nothing_else_is() {
    let ignored = ["utm_source".to_owned(), "fbclid".to_owned()];
    for (target, left) in [
        ("/a", None),
        ("/a?b=1", None),
        ("/a?utm_source=x", Some("/a")),
        ("/a?b=1&utm_source=x&c=2", Some("/a?b=1&c=2")),
        ("/a?fbclid", Some("/a")),
        // Cloaking: what one reader takes for two parameters goes as the one that it is to others.
        ("/a?utm_source=x;page=2", Some("/a")),
        ("/a?page=1;utm_source=x", None),
        ("/a?utm%5fsource=x", None),
        ("/a?UTM_SOURCE=x", None),
        ("/a?utm_source[]=x", None),
        ("/a?b=1&&utm_source=x", Some("/a?b=1&")),
        ("/a?b=?utm_source=x", None),
        ("/a#?utm_source=x", Some("/a#")),
    ] {
        assert_eq!(without(target, &ignored).as_deref(), left, "{target}");
    }
}

#[test]
fn a_page_and_what_a_script_asks_for_at_the_same_place_are_two() {
    for (accept, form) in [
        (Some("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), b'h'),
        (Some("application/json"), b'j'),
        (Some("application/ld+JSON"), b'j'),
        (Some("text/x-component"), b't'),
        (Some("application/rss+xml"), b'x'),
        (Some("image/avif,image/webp"), b'*'),
        (Some("*/*"), b'*'),
        (None, b'*'),
    ] {
        assert_eq!(form_of(accept.map(str::as_bytes)), form, "{accept:?}");
    }
}

proptest! {
    #[test]
    fn nothing_that_is_private_or_sets_a_cookie_is_ever_kept(
        request in prop::collection::vec("(cookie|accept|range|x-a|cache-control): [a-z=, 0-9]{0,12}", 0..4),
        answer in prop::collection::vec("(vary|age|expires|cache-control): [a-z=, 0-9\"]{0,24}", 0..4),
        bad in "(set-cookie: a=b|cache-control: private|cache-control: a, no-store|vary: \\*)",
    ) {
        let head = |first: &str, fields: Vec<String>| [vec![first.to_owned()], fields].concat().join(" | ");
        let mut fields = answer;
        fields.push(bad);
        fields.push("cache-control: max-age=60".to_owned());
        let kept = super::told(&head("GET /", request), &head("200", fields));
        prop_assert!(!kept.contains('s') || !kept.as_bytes()[0].is_ascii_digit(), "{}", kept);
    }

    #[test]
    fn no_bytes_make_a_judgement_panic(control in ".{0,40}", tag in ".{0,20}", age in "[0-9\\-a]{0,30}") {
        let fields = vec![("cache-control".to_owned(), control), ("etag".to_owned(), tag.clone()), ("age".to_owned(), age)];
        let head = Head { first: "200".to_owned(), fields };
        let asks = Head { first: "GET /".to_owned(), fields: vec![("if-none-match".to_owned(), tag)] };
        let _ = super::super::conditions::is_unchanged(&asks, &head);
        let _ = super::super::Control::of(&head);
        let times = super::Times { asked_s: 0, came_s: 0 };
        let _ = super::kept::terms(&asks.asked(), &head.answer(), times);
    }
}
