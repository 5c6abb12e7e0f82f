use super::*;

/// First flights of real clients, and what another HTTP/2 implementation reads in them.
const EXPECTED: &str = include_str!("../../../tests/data/frames/expected.txt");

macro_rules! captured {
    ($($name:literal),+ $(,)?) => {
        [$((
            $name,
            include_bytes!(concat!("../../../tests/data/frames/", $name, ".bin")).as_slice(),
        )),+]
    };
}

const CAPTURED: [(&str, &[u8]); 7] =
    captured!["chromium", "curl", "h2load", "java", "nghttp", "node", "python_h2"];

fn metered(stream: &[u8]) -> FrameMeter {
    let mut meter = FrameMeter::new(FrameLimits::default());
    assert_eq!(meter.feed(Moment(0), stream), Ok(()));
    meter
}

#[test]
fn real_clients_have_the_fingerprint_that_another_implementation_reads() {
    let ours: Vec<String> = CAPTURED
        .iter()
        .map(|(name, stream)| {
            let meter = metered(stream);
            let fingerprint = meter.fingerprint().unwrap_or("none");
            format!("{name} {fingerprint} {}", meter.field_names().unwrap_or("none"))
        })
        .collect();
    assert_eq!(ours, EXPECTED.lines().collect::<Vec<_>>());
}

#[test]
fn fingerprints_are_those_that_were_published() {
    let of = |name: &str| {
        let stream = CAPTURED.iter().find(|(other, _)| *other == name).unwrap().1;
        metered(stream).fingerprint().unwrap().to_owned()
    };
    assert_eq!(of("chromium"), "1:65536;2:0;4:6291456;6:262144|15663105|0|m,a,s,p");
    assert_eq!(of("curl"), "3:100;4:33554432;2:0|33488897|0|m,p,s,a");
}

#[test]
fn a_fingerprint_is_known_once_the_first_header_block_has_ended() {
    for (name, stream) in CAPTURED {
        let mut meter = FrameMeter::new(FrameLimits::default());
        let (mut known, mut requests) = (None, 0);
        for (index, byte) in stream.iter().enumerate() {
            meter.feed(Moment(0), &[*byte]).unwrap();
            if known.is_none() && meter.fingerprint().is_some() {
                (known, requests) = (Some(index), meter.counts().requests);
            }
        }
        assert!(known.is_some(), "{name}");
        assert_eq!(requests, 1, "{name}");
        assert_eq!(meter.fingerprint(), metered(stream).fingerprint(), "{name}");
    }
}

#[test]
fn what_was_noted_can_be_forgotten() {
    let mut meter = metered(CAPTURED[0].1);
    meter.forget_traits();
    assert_eq!(meter.fingerprint(), None);
    assert_eq!(meter.feed(Moment(0), &request(101)), Ok(()));
    assert_eq!(meter.fingerprint(), None);
}

fn names_of(frames: &[Vec<u8>]) -> Option<String> {
    let mut meter = opened();
    meter.feed(Moment(0), &frames.concat()).unwrap();
    meter.field_names().map(str::to_owned)
}

#[test]
fn padding_priority_and_continuation_do_not_disturb_the_names() {
    let block = [0x82, 0x87, 0x84, 0x41, 1, b'a'];
    let expected = Some(":method,:scheme,:path,:authority".to_owned());
    let plain = frame(HEADERS, 0x5, 1, &block);
    assert_eq!(names_of(&[plain]), expected);
    let padded = [&[3], &block[..], &[0x82, 0x82, 0x82]].concat();
    assert_eq!(names_of(&[frame(HEADERS, 0xd, 1, &padded)]), expected);
    let weighted = [&[0x80, 0, 0, 0, 255], &block[..]].concat();
    assert_eq!(names_of(&[frame(HEADERS, 0x25, 1, &weighted)]), expected);
    let both = [&[1, 0x80, 0, 0, 0, 255], &block[..], &[0x82]].concat();
    assert_eq!(names_of(&[frame(HEADERS, 0x2d, 1, &both)]), expected);
    let split = [
        frame(HEADERS, 0x1, 1, &block[..4]),
        frame(CONTINUATION, 0, 1, &block[4..5]),
        frame(CONTINUATION, 0x4, 1, &block[5..]),
    ];
    assert_eq!(names_of(&split), expected);
    assert_eq!(names_of(&split[..2]), None);
    let only_padding = [&[200], &block[..]].concat();
    assert_eq!(names_of(&[frame(HEADERS, 0xd, 1, &only_padding)]), Some(String::new()));
}

#[test]
fn a_name_that_the_block_itself_inserted_is_found_again() {
    // "x-a" and "x-b" are inserted, then used by index: the newest is 62.
    let block = [
        &[0x40, 3][..],
        b"x-a",
        &[0],
        &[0x40, 3],
        b"x-b",
        &[0],
        &[0xbe, 0xbf, 0x3f, 0xe1, 0x1f, 0x7e, 0],
    ]
    .concat();
    let names = names_of(&[frame(HEADERS, 0x5, 1, &block)]);
    assert_eq!(names.as_deref(), Some("x-a,x-b,x-b,x-a,x-b"));
}

#[test]
fn names_that_no_header_may_have_are_shown_as_a_question_mark() {
    for name in [&b""[..], b"a,b", b"a b", b"a\r\n", b"\xff"] {
        let length = u8::try_from(name.len()).unwrap();
        let block = [&[0x82, 0, length], name, &[0, 0x84]].concat();
        let names = names_of(&[frame(HEADERS, 0x5, 1, &block)]);
        assert_eq!(names.as_deref(), Some(":method,?,:path"));
    }
}

#[test]
fn a_block_that_breaks_off_gives_the_names_before() {
    for rest in [
        &[0x80][..],
        &[0xff, 0xff, 0xff, 0xff, 0xff],
        &[0xc0],
        &[0x40, 0x05, b'a'],
        &[0x00, 0x81, 0x00, 0x00],
        &[0x44, 0x7f],
        &[0x40],
    ] {
        let block = [&[0x82, 0x84], rest].concat();
        let names = names_of(&[frame(HEADERS, 0x5, 1, &block)]);
        assert_eq!(names.as_deref(), Some(":method,:path"), "{rest:?}");
    }
}

#[test]
fn of_a_huge_block_only_the_beginning_is_read() {
    let many = frame(HEADERS, 0x5, 1, &[0x90; 16_000]);
    let names = names_of(&[many]).unwrap();
    assert_eq!(names.split(',').count(), NAMES_MAX);
    let long = [&[0x00, 0x7f, 0x81, 0x7e][..], &[b'a'; 16_256], &[0]].concat();
    let names = names_of(&[frame(HEADERS, 0x5, 1, &long)]).unwrap();
    assert_eq!(names, "", "a name beyond what is kept");
}

#[test]
fn settings_and_priorities_beyond_what_is_kept_are_left_out() {
    let mut meter = FrameMeter::new(FrameLimits::default());
    let settings = frame(SETTINGS, 0, 0, &[0, 9, 0, 0, 0, 1].repeat(SETTINGS_MAX + 5));
    let priority = frame(PRIORITY, 0, 3, &[0, 0, 0, 0, 9]);
    let frames =
        [PREFACE, &settings, &priority.repeat(PRIORITIES_MAX + 5), &request(5)[..]].concat();
    assert_eq!(meter.feed(Moment(0), &frames), Ok(()));
    let parts: Vec<&str> = meter.fingerprint().unwrap().split('|').collect();
    assert_eq!(parts[0].split(';').count(), SETTINGS_MAX);
    assert_eq!(parts[2].split(',').count(), PRIORITIES_MAX);
    assert_eq!(parts[3], "m");
}

#[test]
fn only_the_first_settings_and_the_connection_s_first_window_update_count() {
    let mut meter = FrameMeter::new(FrameLimits::default());
    let frames = [
        PREFACE,
        &frame(SETTINGS, 0, 0, &[0, 1, 0, 0, 0, 2]),
        &frame(SETTINGS, 0, 0, &[0, 3, 0, 0, 0, 4]),
        &frame(WINDOW_UPDATE, 0, 1, &[0, 0, 0, 5]),
        &frame(WINDOW_UPDATE, 0, 0, &[0x80, 0, 0, 6]),
        &frame(WINDOW_UPDATE, 0, 0, &[0, 0, 0, 7]),
        &request(1)[..],
    ]
    .concat();
    assert_eq!(meter.feed(Moment(0), &frames), Ok(()));
    assert_eq!(meter.fingerprint(), Some("1:2|6|0|m"));
}
