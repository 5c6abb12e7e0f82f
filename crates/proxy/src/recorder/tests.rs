use super::*;
use crate::client::Peer;
use crate::connection::{Connection, Opening};
use crate::watch::NEVER;
use http::{HeaderName, HeaderValue, Request, StatusCode};
use proptest::prelude::*;
use seawall_engine::policy::Standing;
use seawall_types::{Moment, Reason, Record, Verdict, WallTime};

/// What the clocks showed when they were last read.
const FOLLOWED: (WallTime, Moment) = (WallTime(1_772_366_400_000), Moment(0));

use std::fs;
use std::path::Path;

fn scratch(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn line(path: &str) -> String {
    format!("{{\"t\":0.0,\"src\":\"192.0.2.1\",\"path\":\"{path}\"}}\n")
}

fn written(folder: &Path) -> Vec<String> {
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut contents: Vec<_> =
        paths.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect();
    contents.sort();
    contents.into_iter().map(|(_, text)| text).collect()
}

#[test]
fn the_folder_never_holds_more_than_it_may_and_keeps_the_newest() {
    // One line at a time, many together, and so many that a file has no room for them.
    for together in [1, 7, 100] {
        let folder = scratch(&format!("rotation-{together}"));
        let folder_max = 8_000;
        let mut files = Files::new(RecorderSetup { folder: folder.clone(), folder_max });
        let lines: Vec<_> = (0..1_000).map(|number| line(&format!("/{number}"))).collect();
        for lines in lines.chunks(together) {
            files.write(lines.concat().as_bytes()).unwrap();
        }
        let texts = written(&folder);
        let held: usize = texts.iter().map(String::len).sum();
        assert!(held <= usize::try_from(folder_max).unwrap(), "{held}");
        assert!(held >= 5_000, "{held}");
        let paths = texts.iter().flat_map(|text| text.lines()).map(|line| {
            let record: Record = serde_json::from_str(line).unwrap();
            record.path
        });
        let paths: Vec<_> = paths.collect();
        let newest = (1_000 - paths.len()..1_000).map(|number| format!("/{number}"));
        assert!(newest.eq(paths.iter().cloned()), "{paths:?}");
        fs::remove_dir_all(folder).unwrap();
    }
}

#[test]
fn a_line_that_is_longer_than_a_file_may_be_is_whole_and_alone() {
    let folder = scratch("long");
    let mut files = Files::new(RecorderSetup { folder: folder.clone(), folder_max: 800 });
    let long = line(&"/x".repeat(200));
    files.write([line("/a"), long.clone(), line("/b")].concat().as_bytes()).unwrap();
    assert_eq!(written(&folder), [line("/a"), long, line("/b")]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_second_start_goes_on_behind_the_first() {
    let folder = scratch("restart");
    let setup = RecorderSetup { folder: folder.clone(), folder_max: 1 << 20 };
    for path in ["/first", "/second"] {
        Files::new(setup.clone()).write(line(path).as_bytes()).unwrap();
    }
    assert_eq!(written(&folder), [line("/first"), line("/second")]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn starts_that_write_little_leave_no_more_files_than_there_may_be() {
    let folder = scratch("starts");
    let setup = RecorderSetup { folder: folder.clone(), folder_max: 8_000 };
    for number in 0..30 {
        Files::new(setup.clone()).write(line(&format!("/{number}")).as_bytes()).unwrap();
    }
    let newest: Vec<_> = (22..30).map(|number| line(&format!("/{number}"))).collect();
    assert_eq!(written(&folder), newest);
    fs::remove_dir_all(folder).unwrap();
}

/// A plain connection from 192.0.2.1.
fn connection() -> Connection {
    Connection::new(&Opening {
        holder: "192.0.2.1:4711".parse().unwrap(),
        peer: Peer::Client,
        standing: Standing::Unjudged,
        listener: 0,
        tls: false,
        head_due: NEVER,
    })
}

/// A request of such a connection.
#[expect(clippy::unnecessary_box_returns, reason = "the box is used again")]
fn recorded(request: &Request<()>, sheet: &mut Sheet) -> Box<RecordedRequest> {
    recorded_on(&connection(), request, sheet)
}

#[expect(clippy::unnecessary_box_returns, reason = "the box is used again")]
fn recorded_on(
    connection: &Connection,
    request: &Request<()>,
    sheet: &mut Sheet,
) -> Box<RecordedRequest> {
    let of = (connection, connection.client());
    let mut record = sheet.begin(request, of, (Moment(20_900_000), &platform("www")));
    record.tell(Verdict::Admit, Reason::Clear);
    record
}

fn request(path: &str, fields: &[(&str, &[u8])]) -> Request<()> {
    let mut request = Request::get(path);
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    request.body(()).unwrap()
}

/// Lines of a sheet that was written to a folder of its own.
fn on_disk(name: &str, fill: impl FnOnce(&mut Sheet)) -> (Vec<Record>, u64) {
    let folder = scratch(name);
    let setup = RecorderSetup { folder: folder.clone(), folder_max: 1 << 30 };
    let recorder = Recorder::start(setup).unwrap();
    let mut sheet = Sheet::new(recorder.clone(), FOLLOWED);
    fill(&mut sheet);
    sheet.end();
    recorder.flush(Duration::from_secs(10));
    let texts = written(&folder).concat();
    fs::remove_dir_all(folder).unwrap();
    let records = texts.lines().map(|line| serde_json::from_str(line).unwrap());
    (records.collect(), recorder.lost())
}

#[test]
fn a_line_tells_what_the_request_showed_and_what_became_of_it() {
    let fields: &[(&str, &[u8])] = &[
        ("host", b"www.example.org"),
        ("accept-language", b"en"),
        ("x-twice", b"1"),
        ("x-twice", b"2"),
        ("user-agent", b"a \"quoted\" \xff agent\\"),
    ];
    let (records, lost) = on_disk("line", |sheet| {
        let mut first = recorded(&request("/a\"b", fields), sheet);
        first.status = Some(StatusCode::OK);
        first.origin_us = Some(12_034);
        first.bytes = 7;
        first.cache = Some("miss");
        sheet.add(first);
        // The room of the first is used again, and nothing of it is left.
        let mut second = recorded(&request("/second", &[("cookie", b"a=b")]), sheet);
        second.tell(Verdict::Drop, Reason::Rate);
        sheet.add(second);
    });
    let told = Record {
        t: 1_772_366_400.020,
        platform: Some("www".to_owned()),
        src: "192.0.2.1".to_owned(),
        method: Some("GET".to_owned()),
        proto: Some("h1".to_owned()),
        ja4: Some(String::new()),
        h2: Some(String::new()),
        ..Record::default()
    };
    let first = Record {
        host: Some("www.example.org".to_owned()),
        path: "/a\"b".to_owned(),
        ua: Some("a \"quoted\" \u{fffd} agent\\".to_owned()),
        lang: Some("en".to_owned()),
        headers: Some("host,accept-language,x-twice,user-agent".to_owned()),
        cookie: Some(false),
        verdict: Some("admit".to_owned()),
        reason: Some("clear".to_owned()),
        status: Some(200),
        bytes: Some(7),
        origin_ms: Some(12.034),
        cache: Some("miss".to_owned()),
        ..told.clone()
    };
    let second = Record {
        path: "/second".to_owned(),
        headers: Some("cookie".to_owned()),
        verdict: Some("drop".to_owned()),
        reason: Some("rate".to_owned()),
        bytes: Some(0),
        ..told
    };
    assert_eq!((records, lost), (vec![first, second], 0));
}

#[test]
fn everything_that_was_added_is_on_disk_after_a_flush() {
    let (records, lost) = on_disk("flush", |sheet| {
        for number in 0..5_000 {
            let record = recorded(&request(&format!("/{number}"), &[]), sheet);
            sheet.add(record);
        }
    });
    let paths = records.into_iter().map(|record| record.path);
    assert!(paths.eq((0..5_000).map(|number| format!("/{number}"))));
    assert_eq!(lost, 0);
}

#[test]
fn what_finds_no_room_while_the_writer_is_behind_is_lost_and_counted() {
    // Nobody takes what is put.
    let (queue, _work) = sync_channel(1);
    let recorder = Recorder { queue, lost: Arc::default() };
    let mut sheet = Sheet::new(recorder.clone(), FOLLOWED);
    for _ in 0..10_000 {
        let record = recorded(&request("/", &[]), &mut sheet);
        sheet.add(record);
    }
    let lost = recorder.lost();
    assert!((1..10_000).contains(&lost), "{lost}");
    drop(sheet);
    assert!(recorder.lost() > lost, "what waited is lost as well where there is no later");
}

#[test]
fn a_name_with_a_quote_as_http2_reads_it_is_one_text() {
    let name = HeaderName::from_lowercase(b"x\"y\"").expect("read over HTTP/2");
    let mut request = request("/", &[]);
    request.headers_mut().insert(name, HeaderValue::from_static("1"));
    *request.version_mut() = http::Version::HTTP_2;
    let (queue, _work) = sync_channel(1);
    let mut sheet = Sheet::new(Recorder { queue, lost: Arc::default() }, FOLLOWED);
    let told: Record = serde_json::from_slice(recorded(&request, &mut sheet).finish()).unwrap();
    assert_eq!(told.headers.as_deref(), Some("x\"y\""));
}

/// What a client may change from one request to the next: fields in their order.
fn head() -> impl Strategy<Value = Vec<(&'static str, &'static [u8])>> {
    let fields: [(&str, &[u8]); 12] = [
        ("host", b"a.example"),
        ("host", b"b.example"),
        ("user-agent", b"one"),
        ("user-agent", b"two \"quoted\""),
        ("accept-language", b"en"),
        ("accept-language", b"cy"),
        ("referer", b"https://a.example/1"),
        ("referer", b"https://a.example/2"),
        ("cookie", b"a=b"),
        ("accept", b"*/*"),
        ("x-one", b"1"),
        ("x-two", b"2"),
    ];
    proptest::collection::vec(proptest::sample::select(fields.to_vec()), 0..6)
}

proptest! {
    #[test]
    fn a_line_says_the_same_whatever_was_asked_on_its_connection_before(
        heads in proptest::collection::vec(head(), 3),
        targets in proptest::sample::select(vec![["/", "/"], ["/", "http://a.example/b?c"]]),
        asked in proptest::collection::vec((0..3_usize, 0..2_usize), 0..24),
    ) {
        let (queue, _work) = sync_channel(1);
        let mut sheet = Sheet::new(Recorder { queue, lost: Arc::default() }, FOLLOWED);
        let connection = connection();
        for (head, target) in asked {
            let request = request(targets[target], &heads[head]);
            let told = |record: &mut RecordedRequest| -> Record {
                serde_json::from_slice(record.finish()).unwrap()
            };
            let alone = told(&mut recorded(&request, &mut sheet));
            prop_assert_eq!(told(&mut recorded_on(&connection, &request, &mut sheet)), alone);
        }
    }

    #[test]
    fn whatever_a_sender_writes_is_one_line_and_comes_back(
        agent in proptest::collection::vec(any::<u8>(), 0..80),
        path in "/[ -~]{0,40}",
    ) {
        let agent: Vec<u8> = agent.into_iter().filter(|byte| *byte >= 0x20 && *byte != 0x7f).collect();
        let Ok(request) = Request::get(path.as_str()).header("user-agent", &agent[..]).body(()) else {
            return Ok(());
        };
        let (queue, _work) = sync_channel(1);
        let mut sheet = Sheet::new(Recorder { queue, lost: Arc::default() }, FOLLOWED);
        let mut record = recorded(&request, &mut sheet);
        let line = record.finish();
        let feeds = memchr::memchr_iter(b'\n', line).count();
        prop_assert_eq!((feeds, line.last()), (1, Some(&b'\n')));
        let told: Record = serde_json::from_slice(line).unwrap();
        prop_assert_eq!(told.ua, Some(String::from_utf8_lossy(&agent).into_owned()));
    }
}
