use super::*;

fn fault(line: &str) -> String {
    read(line.as_bytes()).expect_err("the line is wrong")
}

#[test]
fn three_fields_are_enough_and_unknown_ones_are_ignored() {
    let line = br#"{"t": 1, "src": "2001:db8::1", "path": "/", "verdict": 7, "new": [{}]}"#;
    let request = read(line).unwrap();
    assert_eq!((request.t, request.path.as_ref()), (1.0, "/"));
    assert_eq!(request.source.to_string(), "2001:db8::1");
    assert_eq!((request.host, request.origin_ms, request.cache), (None, None, None));
}

#[test]
fn what_the_recorder_writes_is_read_whole() {
    let record = seawall_types::Record {
        t: 1_431_857_103.25,
        platform: Some("www".to_owned()),
        host: Some("www.example.org".to_owned()),
        src: "192.0.2.1".to_owned(),
        method: Some("GET".to_owned()),
        path: "/a\"b\\c?q=\u{e9}".to_owned(),
        cookie: Some(true),
        status: Some(200),
        bytes: Some(7),
        origin_ms: Some(12.5),
        ..seawall_types::Record::default()
    };
    let line = serde_json::to_vec(&record).unwrap();
    let request = read(&line).unwrap();
    assert_eq!((request.t, request.origin_ms), (record.t, record.origin_ms));
    assert_eq!(*request.path, *record.path);
    assert_eq!(request.platform.as_deref(), record.platform.as_deref());
}

#[test]
fn a_field_that_is_left_out_as_null_is_left_out() {
    let line = br#"{"t": -0.5, "src": "192.0.2.1", "path": "", "host": null, "status": null}"#;
    assert_eq!(read(line).unwrap().host, None);
}

#[test]
fn every_fault_names_the_field_its_value_and_what_is_needed() {
    let with = |fields: &str| format!(r#"{{"t":1,"src":"192.0.2.1","path":"/",{fields}}}"#);
    for (line, sentence) in [
        (r#"{"t":1}"#.to_owned(), "src and path are missing; every record has t, src and path"),
        (
            r#"{"t":"1","src":"192.0.2.1","path":"/"}"#.to_owned(),
            "t is the text \"1\"; it must be a number",
        ),
        (
            r#"{"t":1,"src":"localhost","path":"/"}"#.to_owned(),
            "src is \"localhost\"; it must be an IPv4 or IPv6 address",
        ),
        (r#"{"t":1,"src":"192.0.2.1","path":null}"#.to_owned(), "path is null; it must be a text"),
        (
            with(r#""status":"200""#),
            "status is the text \"200\"; it must be a whole number, 0 or more",
        ),
        (with(r#""bytes":-1"#), "bytes is -1; it must be a whole number, 0 or more"),
        (with(r#""cookie":1"#), "cookie is 1; it must be true or false"),
        (with(r#""ua":["a"]"#), "ua is a list; it must be a text"),
        (
            with(r#""cache":"maybe""#),
            "cache is the text \"maybe\"; it must be \"hit\", \"miss\" or \"pass\"",
        ),
        (with(r#""origin_ms":-3"#), "origin_ms is -3; it must be 0 to 86400000 milliseconds"),
        (with(r#""solves":"yes""#), "solves is the text \"yes\"; it must be true or false"),
        (with(r#""t":2"#), "duplicate field `t` at column 39"),
        (
            r#"{"t":1e13,"src":"192.0.2.1","path":"/"}"#.to_owned(),
            "t is 10000000000000; it must be seconds, at most 1000000000000",
        ),
        ("{\"t\":1".to_owned(), "not one JSON object: EOF while parsing an object at column 6"),
        ("[1]".to_owned(), "not one JSON object: invalid type: sequence, expected a map"),
    ] {
        assert_eq!(fault(&line), sentence, "{line}");
    }
}
