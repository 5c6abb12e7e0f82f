use super::*;

const SMALL: HeadLimits =
    HeadLimits { head_bytes: 120, line_bytes: 40, target_bytes: 30, fields: 3 };

fn small(bytes: &[u8]) -> Result<HeadStep, HeadFault> {
    parse_head(bytes, &SMALL)
}

fn is_whole(bytes: &[u8]) -> bool {
    matches!(small(bytes), Ok(HeadStep::Complete(_)))
}

/// At the limit the head passes; with one more it is refused, at once and as soon as it shows.
fn check(at: &[u8], beyond: &[u8], fault: HeadFault) {
    assert!(is_whole(at), "{}", String::from_utf8_lossy(at));
    assert_eq!(small(beyond), Err(fault));
    let stepwise = (1..=beyond.len()).find_map(|end| small(&beyond[..end]).err());
    assert_eq!(stepwise, Some(fault), "byte by byte");
}

fn with_target(bytes: usize) -> Vec<u8> {
    format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "x".repeat(bytes - 1)).into_bytes()
}

fn with_line(bytes: usize) -> Vec<u8> {
    let value = "x".repeat(bytes - 3);
    format!("GET / HTTP/1.1\r\nHost: a\r\nX: {value}\r\n\r\n").into_bytes()
}

fn with_fields(count: usize) -> Vec<u8> {
    let more = "X: y\r\n".repeat(count - 1);
    format!("GET / HTTP/1.1\r\nHost: a\r\n{more}\r\n").into_bytes()
}

fn with_head(bytes: usize) -> Vec<u8> {
    let first = format!("POST / HTTP/1.1\r\nHost: a\r\nX: {}\r\n", "x".repeat(37));
    let fill = bytes - first.len() - "Y: \r\n\r\n".len();
    format!("{first}Y: {}\r\n\r\n", "y".repeat(fill)).into_bytes()
}

#[test]
fn a_target_may_be_as_long_as_its_limit() {
    check(&with_target(30), &with_target(31), HeadFault::TargetTooLong);
}

#[test]
fn a_line_may_be_as_long_as_its_limit() {
    check(&with_line(40), &with_line(41), HeadFault::LineTooLong);
}

#[test]
fn there_may_be_as_many_fields_as_the_limit() {
    check(&with_fields(3), &with_fields(4), HeadFault::TooManyFields);
}

#[test]
fn a_head_may_be_as_long_as_its_limit() {
    let limits = HeadLimits { head_bytes: 100, ..SMALL };
    let whole = |bytes: usize| parse_head(&with_head(bytes), &limits);
    assert!(matches!(whole(100), Ok(HeadStep::Complete(_))));
    assert_eq!(whole(101), Err(HeadFault::HeadTooLong));
}

#[test]
fn a_method_may_be_as_long_as_its_limit() {
    let with_method = |bytes: usize| {
        verdict(format!("{} / HTTP/1.1\r\nHost: a\r\n\r\n", "A".repeat(bytes)).as_bytes())
    };
    assert!(matches!(with_method(METHOD_BYTES_MAX), Ok(HeadStep::Complete(_))));
    assert_eq!(with_method(METHOD_BYTES_MAX + 1), Err(HeadFault::Method));
}

#[test]
fn a_host_may_be_as_long_as_a_name() {
    let with_host = |bytes: usize| {
        verdict(format!("GET / HTTP/1.1\r\nHost: {}\r\n\r\n", "a".repeat(bytes)).as_bytes())
    };
    assert!(matches!(with_host(255), Ok(HeadStep::Complete(_))));
    assert_eq!(with_host(256), Err(HeadFault::HostInvalid));
}

#[test]
fn the_defaults_refuse_what_a_stock_engine_takes() {
    let big = |line: &str, count: usize| {
        let fields = line.repeat(count);
        verdict(format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n").as_bytes())
    };
    assert_eq!(big(&format!("X: {}\r\n", "x".repeat(300_000)), 1), Err(HeadFault::LineTooLong));
    assert_eq!(big(&format!("X: {}\r\n", "x".repeat(8_000)), 5), Err(HeadFault::HeadTooLong));
    assert_eq!(big("X: y\r\n", 100), Err(HeadFault::TooManyFields));
    assert!(matches!(big("X: y\r\n", 99), Ok(HeadStep::Complete(_))));
    let target = format!("GET /{} HTTP/1.1\r\n", "x".repeat(60_000));
    assert_eq!(verdict(target.as_bytes()), Err(HeadFault::TargetTooLong));
}

#[test]
fn a_line_without_end_is_refused_at_its_limit() {
    let limits = HeadLimits::default();
    let endless = vec![b'A'; limits.head_bytes];
    let first_line = limits.target_bytes + METHOD_BYTES_MAX + " / HTTP/1.1".len() - 1;
    assert_eq!(verdict(&endless[..=first_line]), Ok(HeadStep::Partial));
    assert_eq!(verdict(&endless[..first_line + 2]), Err(HeadFault::TargetTooLong));
}
