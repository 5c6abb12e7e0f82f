use super::*;
use expect_test::{Expect, expect};

/// What is read of a line, or why nothing is.
fn check(line: &str, expected: &Expect) {
    let told = match read(line.as_bytes()) {
        Ok(request) => format!(
            "{} {} host={} {} {:?} {}",
            request.t,
            request.source,
            request.host.as_deref().unwrap_or("-"),
            request.method.as_deref().unwrap_or("-"),
            &*request.path,
            request.fault.map_or("sound", seawall_types::Reason::word),
        ),
        Err(sentence) => sentence,
    };
    expected.assert_eq(&told);
}

#[test]
fn combined_and_common_lines_are_read() {
    check(
        r#"192.0.2.9 - - [17/May/2015:10:05:03 +0000] "GET /a.png?q=1 HTTP/1.1" 200 203023 "http://example.org/" "Mozilla/5.0 (X11; \"odd\")""#,
        &expect![[r#"1431857103 192.0.2.9 host=- GET "/a.png?q=1" sound"#]],
    );
    check(
        r#"2001:db8::7 - frank [29/Sep/2021:12:37:05 +0000] "POST /login HTTP/1.0" 404 -"#,
        &expect![[r#"1632919025 2001:db8::7 host=- POST "/login" sound"#]],
    );
}

#[test]
fn hosts_in_front_and_names_with_spaces_and_brackets_are_read() {
    check(
        r#"www.example.org:80 192.0.2.1 - - [08/Jun/2020:08:04:43 +0000] "GET / HTTP/2.0" 301 0 "-" "-" "-""#,
        &expect![[r#"1591603483 192.0.2.1 host=www.example.org:80 GET "/" sound"#]],
    );
    check(
        r#"192.0.2.1 - Mr [x] Y [08/Jun/2020:08:04:43 +0000] "GET /a HTTP/1.1" 200 100"#,
        &expect![[r#"1591603483 192.0.2.1 host=- GET "/a" sound"#]],
    );
    check(
        r#"192.0.2.1 - [08/Jun/2020:08:04:43 +0000] "GET /a HTTP/1.1" 200 100"#,
        &expect![[r#"1591603483 192.0.2.1 host=- GET "/a" sound"#]],
    );
    check(
        r#"192.0.2.1 - - [08/Jun/2020:08:04:43 +0000] "GET http://www.example.org:80/a HTTP/1.0" 400 1"#,
        &expect![[r#"1591603483 192.0.2.1 host=www.example.org:80 GET "/a" sound"#]],
    );
}

#[test]
fn a_request_line_that_no_server_serves_is_kept_with_its_fault() {
    let line = |request: &str| {
        format!(r#"192.0.2.1 - - [08/Jun/2020:08:04:43 +0000] "{request}" 400 0 "-" "-""#)
    };
    for (request, expected) in [
        ("-", expect![[r#"1591603483 192.0.2.1 host=- - "-" malformed"#]]),
        ("", expect![[r#"1591603483 192.0.2.1 host=- - "" malformed"#]]),
        ("HELP", expect![[r#"1591603483 192.0.2.1 host=- - "HELP" malformed"#]]),
        (
            r"\x16\x03\x01\x00t\x01",
            expect![[r#"1591603483 192.0.2.1 host=- - "\u{16}\u{3}\u{1}\0t\u{1}" malformed"#]],
        ),
        ("GET / HTTP/1.2", expect![[r#"1591603483 192.0.2.1 host=- GET "/" malformed"#]]),
        ("GET / HTTP/2.1", expect![[r#"1591603483 192.0.2.1 host=- GET "/" malformed"#]]),
        ("GET /a b HTTP/1.1", expect![[r#"1591603483 192.0.2.1 host=- GET "/a b" malformed"#]]),
        ("GET /a#b HTTP/2.0", expect![[r#"1591603483 192.0.2.1 host=- GET "/a#b" ambiguous"#]]),
        (
            "CONNECT example.org:25 HTTP/1.1",
            expect![[r#"1591603483 192.0.2.1 host=- CONNECT "example.org:25" malformed"#]],
        ),
        (r"GET /\xff HTTP/1.1", expect![[r#"1591603483 192.0.2.1 host=- GET "/�" malformed"#]]),
    ] {
        check(&line(request), &expected);
    }
}

#[test]
fn a_foreign_line_is_named_for_what_it_lacks() {
    for (line, expected) in [
        (
            "2021/12/01 13:53:33 [error] 31#31: *46 open() failed",
            expect![
                "neither a JSON object nor a line of an access log in common or combined format"
            ],
        ),
        (
            r#"crawler.example.net - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 1"#,
            expect![[
                r#"its client is "crawler.example.net", not an address; have the server write addresses (in Apache `HostnameLookups Off`)"#
            ]],
        ),
        (
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HT"#,
            expect!["its request does not stand in quotes"],
        ),
        (
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 20"#,
            expect![[r#"its status is "20"; it must be three digits or `-`"#]],
        ),
        (
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1" 200 x"#,
            expect![[r#"its size is "x"; it must be a number or `-`"#]],
        ),
        (
            r#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET / HTTP/1.1""#,
            expect!["nothing follows its request"],
        ),
    ] {
        check(line, &expected);
    }
}
