//! Inputs that are broken, foreign or no files.

use super::{data, replay, summary};
use crate::fixtures::{Folder, figure};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

const RECORD: &str = r#"{"t":1,"src":"192.0.2.1","path":"/"}"#;

/// A broken input, the records and packets that are read of it, and what is said of the rest.
fn broken(folder: &Folder) -> Vec<(PathBuf, u64, u64, &'static str)> {
    let packed = fs::read(data("logs/apache-first-5000.log.gz")).expect("the project has it");
    let capture = fs::read(data("pcap/amp.UDP.snmp.src161.pcapng")).expect("the project has it");
    let text = |line: &str| format!("{RECORD}\n{line}\n{RECORD}\n");
    let long = "x".repeat((1 << 20) + 1);
    vec![
        (folder.write("half.log.gz", &packed[..60_000]), 2_554, 0, "breaks off in this line"),
        (folder.write("half.pcap", &capture[..500_000]), 0, 1_900, "ends inside a packet"),
        (folder.write("other.pcap", [0, 1, 2, 3]), 0, 0, "does not begin as a capture"),
        (folder.write("foreign.jsonl", text("hello")), 2, 0, "foreign.jsonl:2: not read: neither"),
        (folder.write("type.jsonl", text(r#"{"t":"1"}"#)), 2, 0, "src and path are missing"),
        (
            folder.write("field.jsonl", text(r#"{"t":1,"src":"192.0.2.1","path":7}"#)),
            2,
            0,
            "field.jsonl:2: not read: path is 7; it must be a text",
        ),
        (
            folder.write("bytes.log", [&[0xff, 0xfe, 0, 1][..], b"\n"].concat()),
            0,
            0,
            "bytes.log:1:",
        ),
        (folder.write("long.jsonl", text(&long)), 2, 0, "longer than 1048576 bytes"),
    ]
}

#[test]
fn what_is_not_read_is_counted_and_named_and_the_rest_is_replayed() {
    let folder = Folder::new();
    let mut kinds = 0;
    for (path, records, packets, words) in broken(&folder) {
        let ran = replay([path.as_os_str(), "--json".as_ref()]);
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let told = summary(&ran);
        assert_eq!((&told["unread"], &told["records"]), (&json!(1), &json!(records)), "{ran:?}");
        let read = told["captures"][0]["packets"].as_u64().unwrap_or(0);
        assert_eq!(read, packets, "{ran:?}");
        assert!(ran.err.contains(words), "{words:?} is not in {:?}", ran.err);
        assert!(ran.err.starts_with(&path.display().to_string()), "{ran:?}");
        kinds += 1;
    }
    kinds += no_files(&folder);
    figure("replay.bad", kinds, "kinds");
}

/// What is no file is refused politely, all at once, and nothing is replayed.
fn no_files(folder: &Folder) -> u32 {
    let missing = folder.join("missing.log");
    let socket = folder.join("socket");
    let _socket = std::os::unix::net::UnixListener::bind(&socket).expect("the folder is ours");
    let ran = replay([folder.path().as_os_str(), missing.as_os_str(), socket.as_os_str()]);
    assert_eq!((ran.code, ran.out.as_str()), (Some(1), ""), "{ran:?}");
    let sentences = [
        (folder.path().to_owned(), "is a folder; name the files in it"),
        (missing, "cannot be read"),
        (socket, "is not a file"),
    ];
    for (path, words) in &sentences {
        let sentence = format!("{}: {words}", path.display());
        assert!(ran.err.contains(&sentence), "{sentence:?} is not in {:?}", ran.err);
    }
    assert_eq!(ran.err.lines().count(), sentences.len(), "{ran:?}");
    u32::try_from(sentences.len()).expect("three")
}
