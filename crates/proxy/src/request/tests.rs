use super::*;
use http_body_util::Empty;

fn request(uri: &str, fields: &[(&str, &str)]) -> Request<Empty<bytes::Bytes>> {
    let mut request = Request::builder().uri(uri);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(Empty::new()).unwrap()
}

#[test]
fn http2_is_held_to_the_rules_of_the_gate() {
    for (uri, fields, outcome) in [
        ("https://a.example/", &[][..], Ok(())),
        ("https://a.example/", &[("host", "a.example")], Ok(())),
        ("https://a.example/", &[("host", "b.example")], Err(Reason::Ambiguous)),
        (
            "https://a.example/",
            &[("host", "a.example"), ("host", "a.example")],
            Err(Reason::Ambiguous),
        ),
        ("https://u@a.example/", &[], Err(Reason::Malformed)),
        ("https://a.example/", &[("x_forwarded_for", "1")], Err(Reason::Ambiguous)),
        ("/", &[], Err(Reason::Malformed)),
        ("/", &[("host", "a.example:8443")], Ok(())),
        ("/", &[("host", "a b.example")], Err(Reason::Malformed)),
        ("/", &[("host", "u@a.example")], Err(Reason::Malformed)),
        ("/", &[("host", "a.example/x")], Err(Reason::Malformed)),
    ] {
        assert_eq!(check_h2(&request(uri, fields)), outcome, "{uri} {fields:?}");
    }
}
