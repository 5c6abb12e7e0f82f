//! What may be kept, and for how long: RFC 9111 §3, §4.2, §5.

use super::check;

/// Section, request, answer, and the terms.
pub(super) const TABLE: [(&str, &str, &str, &str); 66] = [
    // §3: what may be stored at all.
    ("3 explicit max-age", "GET /", "200 | cache-control: max-age=60", "60s"),
    ("3 explicit s-maxage", "GET /", "200 | cache-control: s-maxage=60", "60s everyone"),
    (
        "3 explicit Expires",
        "GET /",
        "200 | date: Sun, 06 Nov 1994 08:49:37 GMT | expires: Sun, 06 Nov 1994 08:50:37 GMT",
        "60s",
    ),
    ("3 method not understood", "BREW /", "200 | cache-control: max-age=60", "Request"),
    ("3 method POST", "POST /", "200 | cache-control: max-age=60", "Request"),
    ("3 method PUT", "PUT /", "200 | cache-control: max-age=60", "Request"),
    ("3 method OPTIONS", "OPTIONS /", "200 | cache-control: max-age=60", "Request"),
    ("3 HEAD brings no content", "HEAD /", "200 | cache-control: max-age=60", "Request"),
    ("3 status not final", "GET /", "103 | cache-control: max-age=60", "Status"),
    ("3 status not understood", "GET /", "299 | cache-control: max-age=60", "Status"),
    ("3 status 203", "GET /", "203 | cache-control: max-age=60", "60s"),
    ("3 status 301", "GET /", "301 | cache-control: max-age=60", "60s"),
    ("3 status 308", "GET /", "308 | cache-control: max-age=60", "60s"),
    ("3 status 302", "GET /", "302 | cache-control: max-age=60", "Status"),
    ("3 status 304 is no answer to keep", "GET /", "304 | cache-control: max-age=60", "Status"),
    ("3 status 500", "GET /", "500 | cache-control: max-age=60", "Status"),
    ("3 no-store of the answer", "GET /", "200 | cache-control: no-store, max-age=60", "Forbidden"),
    (
        "3 no-store in another line",
        "GET /",
        "200 | cache-control: max-age=60 | cache-control: no-store",
        "Forbidden",
    ),
    ("3 private", "GET /", "200 | cache-control: private, max-age=60", "Forbidden"),
    (
        "3 private goes before public",
        "GET /",
        "200 | cache-control: public, private, max-age=60",
        "Forbidden",
    ),
    ("3 nothing is said", "GET /", "200", "NoLifetime"),
    ("3 public says nothing of time", "GET /", "200 | cache-control: public", "NoLifetime"),
    // §3.1, §3.3, §3.4: parts.
    (
        "3.3 an incomplete answer",
        "GET /",
        "206 | cache-control: max-age=60 | content-range: bytes 0-1/9",
        "Status",
    ),
    (
        "3.3 Content-Range in a 200",
        "GET /",
        "200 | cache-control: max-age=60 | content-range: bytes 0-1/9",
        "Status",
    ),
    (
        "3.4 a part is asked for",
        "GET / | range: bytes=0-1",
        "200 | cache-control: max-age=60",
        "Request",
    ),
    // §3.5: Authorization.
    (
        "3.5 credentials",
        "GET / | authorization: Basic YTpi",
        "200 | cache-control: max-age=60",
        "Request",
    ),
    (
        "3.5 credentials, although public",
        "GET / | authorization: Basic YTpi",
        "200 | cache-control: public, max-age=60",
        "Request",
    ),
    (
        "3.5 credentials, although s-maxage",
        "GET / | authorization: Basic YTpi",
        "200 | cache-control: s-maxage=60",
        "Request",
    ),
    (
        "3.5 proxy credentials",
        "GET / | proxy-authorization: Basic YTpi",
        "200 | cache-control: max-age=60",
        "Request",
    ),
    // §4.2.1: lifetime.
    (
        "4.2.1 s-maxage goes first",
        "GET /",
        "200 | cache-control: max-age=5, s-maxage=60",
        "60s everyone",
    ),
    (
        "4.2.1 max-age before Expires",
        "GET /",
        "200 | cache-control: max-age=60 | expires: Sun, 06 Nov 1994 08:49:38 GMT",
        "60s",
    ),
    ("4.2.1 two numbers", "GET /", "200 | cache-control: max-age=60, max-age=90", "NoLifetime"),
    ("4.2.1 one number twice", "GET /", "200 | cache-control: max-age=60, max-age=60", "60s"),
    (
        "4.2.1 two Expires",
        "GET /",
        "200 | expires: Sun, 06 Nov 1994 08:50:37 GMT | expires: Sun, 06 Nov 1994 08:51:37 GMT",
        "NoLifetime",
    ),
    (
        "4.2.1 an Expires in the past",
        "GET /",
        "200 | expires: Sun, 06 Nov 1994 08:49:36 GMT",
        "NoLifetime",
    ),
    ("4.2.1 Expires without Date", "GET /", "200 | expires: Sun, 06 Nov 1994 08:50:37 GMT", "60s"),
    (
        "4.2.2 nothing is guessed of Last-Modified",
        "GET /",
        "200 | last-modified: Sat, 05 Nov 1994 08:49:37 GMT",
        "NoLifetime",
    ),
    // §4.2.3: age.
    (
        "4.2.3 Age of a cache before",
        "GET /",
        "200 | cache-control: max-age=60 | age: 20",
        "60s old 20",
    ),
    (
        "4.2.3 apparent age",
        "GET /",
        "200 | cache-control: max-age=60 | date: Sun, 06 Nov 1994 08:49:07 GMT",
        "60s old 30",
    ),
    (
        "4.2.3 the larger of both",
        "GET /",
        "200 | cache-control: max-age=60 | age: 40 | date: Sun, 06 Nov 1994 08:49:07 GMT",
        "60s old 40",
    ),
    (
        "4.2.3 a Date in the future",
        "GET /",
        "200 | cache-control: max-age=60 | date: Sun, 06 Nov 1994 09:49:07 GMT",
        "60s",
    ),
    ("4.2.3 stale as it comes", "GET /", "200 | cache-control: max-age=60 | age: 60", "NoLifetime"),
    // §5.1, §5.2, §5.3: fields.
    (
        "5.1 an Age that is no number",
        "GET /",
        "200 | cache-control: max-age=60 | age: soon",
        "NoLifetime",
    ),
    ("5.1 a negative Age", "GET /", "200 | cache-control: max-age=60 | age: -1", "NoLifetime"),
    (
        "5.1 the first of two Ages",
        "GET /",
        "200 | cache-control: max-age=60 | age: 5 | age: 50",
        "60s old 5",
    ),
    (
        "1.2.2 a number too large to hold",
        "GET /",
        "200 | cache-control: max-age=99999999999",
        "2147483648s",
    ),
    ("5.2 names in any case", "GET /", "200 | cache-control: Max-Age=60", "60s"),
    ("5.2 a number in quotes", "GET /", "200 | cache-control: max-age=\"60\"", "60s"),
    ("5.2 no number", "GET /", "200 | cache-control: max-age=soon", "NoLifetime"),
    ("5.2 a negative number", "GET /", "200 | cache-control: max-age=-1", "NoLifetime"),
    ("5.2 an empty member", "GET /", "200 | cache-control: ,max-age=60,,", "60s"),
    (
        "5.2.3 an unknown directive",
        "GET /",
        "200 | cache-control: max-age=60, community=\"UCI\"",
        "60s",
    ),
    (
        "5.2.3 a comma and a word in quotes",
        "GET /",
        "200 | cache-control: max-age=60, x=\"a, no-store\"",
        "60s",
    ),
    (
        "5.2.1.5 no-store of the request",
        "GET / | cache-control: no-store",
        "200 | cache-control: max-age=60",
        "Request",
    ),
    (
        "5.2.2.3 must-understand",
        "GET /",
        "200 | cache-control: max-age=60, no-store, must-understand",
        "Forbidden",
    ),
    ("5.2.2.4 no-cache", "GET /", "200 | cache-control: no-cache, max-age=60", "Forbidden"),
    (
        "5.2.2.4 no-cache with a field",
        "GET /",
        "200 | cache-control: no-cache=\"x\", max-age=60",
        "Forbidden",
    ),
    (
        "5.2.2.7 private with a field",
        "GET /",
        "200 | cache-control: private=\"x\", max-age=60",
        "Forbidden",
    ),
    ("5.3 Expires of zero", "GET /", "200 | expires: 0", "NoLifetime"),
    (
        "5.4 Pragma of an answer means nothing",
        "GET /",
        "200 | pragma: no-cache | cache-control: max-age=60",
        "60s",
    ),
    (
        "5861 3 while revalidating",
        "GET /",
        "200 | cache-control: max-age=60, stale-while-revalidate=30",
        "60s while 30",
    ),
    (
        "5861 4 if the origin fails",
        "GET /",
        "200 | cache-control: max-age=60, stale-if-error=300",
        "60s error 300",
    ),
    (
        "5.2.2.2 must-revalidate goes before",
        "GET /",
        "200 | cache-control: max-age=60, stale-if-error=300, must-revalidate",
        "60s",
    ),
    (
        "5.2.2.8 proxy-revalidate goes before",
        "GET /",
        "200 | cache-control: max-age=60, stale-if-error=300, proxy-revalidate",
        "60s",
    ),
    (
        "5.2.2.10 s-maxage says so too",
        "GET /",
        "200 | cache-control: s-maxage=60, stale-while-revalidate=300",
        "60s everyone",
    ),
    (
        "7.3 a cookie is set",
        "GET /",
        "200 | cache-control: max-age=60 | set-cookie: a=b",
        "SetsCookie",
    ),
];

#[test]
fn an_answer_is_kept_where_rfc_9111_allows_it_and_its_origin_says_so() {
    check(&TABLE);
}
