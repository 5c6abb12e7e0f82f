use super::*;
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;

const LINE: &str = r#"{"t":1,"src":"192.0.2.1","path":"/"}"#;

fn told(recorded: &Recorded) -> String {
    let lines: Vec<_> = recorded.unread_named().iter().map(ToString::to_string).collect();
    format!("{} read\n{}", recorded.records(), lines.join("\n"))
}

#[test]
fn foreign_lines_are_named_with_their_place_and_the_rest_is_read() {
    let text = format!("{LINE}\n\nhello\n{LINE}\n{{\"t\":2}}\n{LINE}");
    let log = br#"192.0.2.1 - - [17/May/2015:10:05:03 +0000] "GET /a HTT"#;
    let recorded = recorded(&[("a.jsonl", text.as_bytes()), ("b.log", log)]);
    check(
        &told(&recorded),
        &expect![[r"
        3 read
        a.jsonl:3: not read: neither a JSON object nor a line of an access log in common or combined format
        a.jsonl:5: not read: src and path are missing; every record has t, src and path
        b.log:1: not read: its request does not stand in quotes"]],
    );
}

#[test]
fn a_gzip_stream_that_ends_early_gives_its_whole_lines_and_says_where_it_broke() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    for number in 0..1_000 {
        writeln!(packed, r#"{{"t":{number},"src":"192.0.2.1","path":"/"}}"#).unwrap();
    }
    let packed = packed.finish().unwrap();
    let recorded = recorded(&[("a.jsonl.gz", &packed[..packed.len() / 2])]);
    assert_eq!(recorded.unread(), 1);
    let unread = &recorded.unread_named()[0];
    assert_eq!(unread.line, Some(recorded.records() as u64 + 1));
    assert!((400..600).contains(&recorded.records()), "{}", recorded.records());
    assert!(unread.sentence.contains("breaks off in this line"), "{}", unread.sentence);
}

#[test]
fn more_faults_than_are_named_are_counted_and_the_same_in_a_row_is_one() {
    let line = |n: usize| format!("{{\"t\":\"{n}\",\"src\":\"\",\"path\":\"\"}}\n");
    let lines = |count: usize| (0..count).map(line).collect::<Vec<_>>().concat();
    let many = recorded(&[("a.jsonl", lines(UNREAD_NAMED_MAX + 5).as_bytes())]);
    assert_eq!((many.unread(), many.unread_named().len()), (25, UNREAD_NAMED_MAX));
    assert_eq!(many.unread_unnamed(), 5);
    let same = recorded(&[("a.log", "hello\n".repeat(100).as_bytes())]);
    assert_eq!((same.unread(), same.unread_unnamed()), (100, 0));
    check(
        &told(&same),
        &expect![[r"
        0 read
        a.log:1: not read: neither a JSON object nor a line of an access log in common or combined format (and 99 more)"]],
    );
}

#[test]
fn a_broken_capture_is_told_and_summed_up_as_far_as_it_goes() {
    let header = [&[0xd4, 0xc3, 0xb2, 0xa1][..], &[0; 16], &[1, 0, 0, 0], &[0; 10]].concat();
    let recorded = recorded(&[("a.pcap", &header), ("b.pcap", b"")]);
    check(
        &told(&recorded),
        &expect![[r"
        0 read
        a.pcap: not read to its end: it ends inside a packet or block
        b.pcap: not read to its end: it ends inside a packet or block"]],
    );
    let captures = serde_json::to_string(recorded.captures()).unwrap();
    check(
        &captures,
        &expect![[
            r#"[{"input":"a.pcap","packets":0,"covered":0.0,"vectors":[],"spoofed":"unknown"},{"input":"b.pcap","packets":0,"covered":0.0,"vectors":[],"spoofed":"unknown"}]"#
        ]],
    );
}

#[test]
fn nothing_at_all_is_a_replay_of_nothing() {
    let recorded = recorded(&[]);
    let outcome = free(&recorded);
    check(
        &json(&outcome.summary, None).unwrap(),
        &expect![[
            r#"{"records":0,"unread":0,"seed":1,"decisions_hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","capacity_ms_per_s":{},"verdicts":{},"overload_seconds":{},"captures":[],"incidents":[]}"#
        ]],
    );
}
