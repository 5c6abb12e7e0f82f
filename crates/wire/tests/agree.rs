//! Replays the corpus of the fuzz target `agree`.

#[path = "../../../fuzz/src/agree.rs"]
pub mod check;

use std::fs;
use std::path::Path;

#[test]
#[expect(clippy::disallowed_methods, reason = "a test reads its corpus")]
fn origins_read_what_the_gate_lets_through_as_it_does() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/agree");
    let (mut files, mut passed, mut read) = (0, 0, 0);
    for entry in fs::read_dir(&folder).expect("the corpus is there") {
        let path = entry.expect("the folder can be listed").path();
        println!("{}", path.display());
        let counts = check::agree(&fs::read(&path).expect("the file can be read"));
        (files, passed, read) = (files + 1, passed + counts.0, read + counts.1);
    }
    assert!(files >= 20, "{} holds {files} files", folder.display());
    // The other parser refuses little: else there would be nothing to agree about.
    assert!(passed >= 100 && read * 10 >= passed * 9, "{read} of {passed} requests read");
}
