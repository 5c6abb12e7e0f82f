use super::*;

/// A head as a browser sends it, with eight fields.
pub(super) const BROWSER: &str = concat!(
    "GET /donate?amount=20&from=mail HTTP/1.1\r\n",
    "Host: donate.example.org\r\n",
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\n",
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8\r\n",
    "Accept-Language: en-GB,en;q=0.5\r\n",
    "Accept-Encoding: gzip, deflate, br, zstd\r\n",
    "Connection: keep-alive\r\n",
    "Cookie: session=8c1f2e0b7a; consent=yes\r\n",
    "Upgrade-Insecure-Requests: 1\r\n",
    "\r\n",
);

#[test]
fn a_browser_s_head_passes_and_says_what_it_is() {
    let head = good(BROWSER);
    assert_eq!(head.length, BROWSER.len());
    assert_eq!(head.fields, 8);
    assert_eq!(head.body, BodyFraming::None);
    assert_eq!(head.version, Version::H11);
    assert!(!head.closes && !head.upgrade && !head.expects_continue);
    let names: Vec<&[u8]> = field_names(BROWSER.as_bytes()).collect();
    assert_eq!(names[0], b"Host");
    assert_eq!(names[7], b"Upgrade-Insecure-Requests");
    assert_eq!(names.len(), 8);
}

#[test]
fn bytes_behind_the_blank_line_are_not_part_of_the_head() {
    let one = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
    assert_eq!(good(&format!("{one}{one}\0\n")).length, one.len());
}

#[test]
fn every_beginning_of_a_good_head_is_partial() {
    for end in 0..BROWSER.len() {
        assert_eq!(verdict(&BROWSER.as_bytes()[..end]), Ok(HeadStep::Partial), "{end} bytes");
    }
}

#[test]
fn one_empty_line_in_front_is_passed_by_and_counted() {
    let head = "\r\nGET / HTTP/1.1\r\nhOsT: a\r\n\r\n";
    assert_eq!(good(head).length, head.len());
    let names: Vec<&[u8]> = field_names(head.as_bytes()).collect();
    assert_eq!(names, [b"hOsT"]);
}

#[test]
fn hosts_that_people_use_pass() {
    for host in [
        "a",
        "WWW.Example.org",
        "example.org.",
        "my_shop.example.org:8080",
        "192.0.2.7",
        "192.0.2.7:443",
        "[2001:db8::1]",
        "[2001:db8::1]:8443",
        "xn--bcher-kva.example",
        " a\t",
    ] {
        good(&format!("GET / HTTP/1.1\r\nHost:{host}\r\n\r\n"));
    }
}

#[test]
fn an_absolute_target_passes_when_it_is_the_host_s() {
    for (target, host) in [
        ("http://a/x", "a"),
        ("http://a", "a"),
        ("http://a?x", "a"),
        ("HTTP://A/", "a"),
        ("http://a:80/", "a"),
        ("https://a/", "a:443"),
        ("https://a:8443/", "A:8443"),
        ("http://[2001:db8::1]/", "[2001:DB8::1]:80"),
    ] {
        good(&format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n"));
    }
    good("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    good("M-SEARCH / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn characters_that_browsers_leave_in_queries_pass() {
    good("GET /a|b?q={x:[1]}&y='`^\\~! HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn values_may_hold_tabs_and_bytes_above_ascii() {
    let head = b"GET / HTTP/1.1\r\nHost: a\r\nX:\t\xc3\xa9 \t b\r\nY:\r\n\r\n";
    assert!(matches!(verdict(head), Ok(HeadStep::Complete(Head { fields: 3, .. }))));
}

#[test]
fn body_framing_is_what_the_fields_say() {
    let framing = |fields: &str| good(&format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n")).body;
    assert_eq!(framing(""), BodyFraming::None);
    assert_eq!(framing("Content-Length: 0\r\n"), BodyFraming::Length(0));
    assert_eq!(framing("content-length:  42 \r\n"), BodyFraming::Length(42));
    let most = 999_999_999_999_999_999;
    assert_eq!(framing(&format!("Content-Length: {most}\r\n")), BodyFraming::Length(most));
    assert_eq!(framing("Transfer-Encoding: Chunked\r\n"), BodyFraming::Chunked);
    let head = good("GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    assert_eq!(head.body, BodyFraming::Length(0));
}

#[test]
fn the_connection_closes_when_the_client_asks_or_cannot_keep_it() {
    let closes = |version: &str, options: &str| {
        good(&format!("GET / HTTP/{version}\r\nHost: a\r\n{options}\r\n")).closes
    };
    assert!(!closes("1.1", ""));
    assert!(closes("1.1", "Connection: Close\r\n"));
    assert!(closes("1.1", "Connection: x-y\r\nConnection: te ,close\r\n"));
    assert!(closes("1.0", ""));
    assert!(!closes("1.0", "Connection: Keep-Alive\r\n"));
    assert!(closes("1.0", "Connection: keep-alive, close\r\n"));
}

#[test]
fn an_upgrade_needs_its_field_its_option_and_the_current_version() {
    let upgrade = |version: &str, fields: &str| {
        good(&format!("GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n")).upgrade
    };
    let both = "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n";
    assert!(upgrade("1.1", both));
    assert!(!upgrade("1.0", both));
    assert!(!upgrade("1.1", "Connection: upgrade\r\n"));
    assert!(!upgrade("1.1", "Upgrade: websocket\r\n"));
}

#[test]
fn a_client_waits_for_100_only_with_a_body_to_send() {
    let waits = |version: &str, length: u32| {
        let expect = "Expect: 100-Continue";
        good(&format!(
            "POST / HTTP/{version}\r\nHost: a\r\n{expect}\r\nContent-Length: {length}\r\n\r\n"
        ))
        .expects_continue
    };
    assert!(waits("1.1", 5));
    assert!(!waits("1.1", 0));
    assert!(!waits("1.0", 5));
}

#[test]
fn field_names_of_any_bytes_end() {
    for bytes in [&b""[..], b"\n", b"\r\n", b"a\n:b\n c: d\n\xff\nE: f", b"a\r\n\r\nB: c"] {
        assert!(field_names(bytes).count() <= 1, "{bytes:?}");
    }
}
