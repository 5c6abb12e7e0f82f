//! Conditions and renewals: RFC 9111 §4.3.

use super::super::conditions::{is_of_another, is_unchanged, renews};
use super::{Head, reuse, store};

/// The request, what is kept, and whether the client has it.
const CONDITIONS: [(&str, &str, bool); 13] = [
    ("GET /", "200 | etag: \"a\"", false),
    ("GET / | if-none-match: \"a\"", "200 | etag: \"a\"", true),
    ("GET / | if-none-match: \"b\"", "200 | etag: \"a\"", false),
    ("GET / | if-none-match: W/\"a\"", "200 | etag: \"a\"", true),
    ("GET / | if-none-match: \"a\"", "200 | etag: W/\"a\"", true),
    ("GET / | if-none-match: \"x\", \"a,b\"", "200 | etag: \"a,b\"", true),
    ("GET / | if-none-match: \"x\" | if-none-match: \"a\"", "200 | etag: \"a\"", true),
    ("GET / | if-none-match: *", "200", true),
    (
        "GET / | if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT",
        "200 | last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
        true,
    ),
    (
        "GET / | if-modified-since: Sun, 06 Nov 1994 08:49:36 GMT",
        "200 | last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
        false,
    ),
    (
        "GET / | if-modified-since: yesterday",
        "200 | last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
        false,
    ),
    ("GET / | if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT", "200", false),
    // RFC 9110 §13.2.2: dates count only where no tag is asked for.
    (
        "GET / | if-none-match: \"b\" | if-modified-since: Sun, 06 Nov 1994 08:49:37 GMT",
        "200 | etag: \"a\" | last-modified: Sun, 06 Nov 1994 08:49:37 GMT",
        false,
    ),
];

#[test]
fn a_client_is_told_that_it_has_what_is_kept_where_its_condition_says_so() {
    for (request, kept, has) in CONDITIONS {
        assert_eq!(is_unchanged(&Head::of(request), &Head::of(kept)), has, "{request} {kept}");
    }
}

#[test]
fn a_renewal_with_another_tag_is_of_another_answer() {
    for (renewal, kept, another) in [
        ("304 | etag: \"a\"", "200 | etag: \"a\"", false),
        ("304 | etag: W/\"a\"", "200 | etag: \"a\"", false),
        ("304 | etag: \"b\"", "200 | etag: \"a\"", true),
        ("304", "200 | etag: \"a\"", false),
        ("304 | etag: \"b\"", "200", true),
    ] {
        assert_eq!(is_of_another(&Head::of(renewal), &Head::of(kept)), another, "{renewal}");
    }
}

#[test]
fn a_renewal_brings_dates_and_directives_and_leaves_what_describes_the_bytes() {
    for (name, taken) in [
        ("date", true),
        ("cache-control", true),
        ("expires", true),
        ("etag", true),
        ("vary", true),
        ("x-frame-options", true),
        ("content-length", false),
        ("content-encoding", false),
        ("content-type", false),
        ("content-range", false),
        ("set-cookie", false),
        ("connection", false),
    ] {
        assert_eq!(renews(name), taken, "{name}");
    }
}

#[test]
fn the_tables_of_rfc_9111_have_at_least_eighty_cases() {
    let cases = store::TABLE.len()
        + reuse::STANDINGS.len()
        + reuse::SELECTIONS.len()
        + reuse::INVALIDATIONS.len()
        + CONDITIONS.len();
    assert!(cases >= 80, "{cases}");
}
