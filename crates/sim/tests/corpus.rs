//! Replays the corpus of the fuzz target `recording`.

use std::path::Path;

#[path = "../../../fuzz/src/recording.rs"]
pub mod target;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its corpus")]
fn every_recording_of_the_corpus_keeps_the_promises_of_the_replay() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/recording");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be listed").path();
        println!("{}", path.display());
        target::recording(&std::fs::read(&path).expect("the file can be read"));
        files += 1;
    }
    assert!(files >= 18, "the corpus holds {files} files");
}
