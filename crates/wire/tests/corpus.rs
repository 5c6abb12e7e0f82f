//! Replays every file of the fuzz corpora through the checks of the fuzz targets.

#[path = "../../../fuzz/src/lib.rs"]
pub mod checks;

use std::fs;
use std::path::Path;

#[expect(clippy::disallowed_methods, reason = "a test reads its corpus")]
fn replay(target: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut files = 0;
    for entry in fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be listed").path();
        println!("{}", path.display());
        check(&fs::read(&path).expect("the file can be read"));
        files += 1;
    }
    assert!(files >= 20, "{} holds {files} files", folder.display());
}

#[test]
fn the_gate_keeps_its_promises_on_its_corpus() {
    replay("gate", checks::gate);
}

#[test]
fn the_chunk_scanner_keeps_its_promises_on_its_corpus() {
    replay("chunked", checks::chunked);
}

#[test]
fn the_hello_parser_keeps_its_promises_on_its_corpus() {
    replay("hello", checks::hello);
}

#[test]
fn the_frame_meter_keeps_its_promises_on_its_corpus() {
    replay("frames", checks::frames);
}

#[test]
fn codes_keep_their_promises_on_their_corpus() {
    replay("code", checks::code);
}

#[test]
fn proxy_headers_keep_their_promises_on_their_corpus() {
    replay("proxy_header", checks::proxy_header);
}

#[test]
fn lists_of_forwarded_addresses_keep_their_promises_on_their_corpus() {
    replay("forwarded", checks::forwarded);
}
