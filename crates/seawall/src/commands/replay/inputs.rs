//! The inputs of a replay, opened before any is read, so that every fault is told at once.

use crate::failure::Failure;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// An input that can be read.
pub(super) struct Input {
    /// As it was given.
    pub(super) name: String,
    pub(super) bytes: u64,
    pub(super) file: File,
}

/// Opens every input.
///
/// # Errors
/// A sentence for each that cannot be opened or is no file.
pub(super) fn open(paths: &[PathBuf]) -> Result<Vec<Input>, Failure> {
    let mut inputs = Vec::new();
    let mut sentences = Vec::new();
    for path in paths {
        match open_one(path) {
            Ok(input) => inputs.push(input),
            Err(sentence) => sentences.push(format!("{}: {sentence}", path.display())),
        }
    }
    if sentences.is_empty() { Ok(inputs) } else { Err(Failure::all_failed(sentences)) }
}

fn open_one(path: &Path) -> Result<Input, String> {
    let unreadable = |cause: io::Error| {
        let remedy = match cause.kind() {
            io::ErrorKind::NotFound => "; give the path of a log, a record file or a capture",
            io::ErrorKind::PermissionDenied => "; run it as a user who may read the file",
            _ => "",
        };
        format!("cannot be read: {cause}{remedy}")
    };
    // Before it is opened: opening a pipe waits for whoever writes into it.
    let kind = std::fs::metadata(path).map_err(unreadable)?;
    if kind.is_dir() {
        let files = path.join("*").display().to_string();
        return Err(format!("is a folder; name the files in it, such as {files}"));
    }
    if !kind.is_file() {
        return Err("is not a file; write what it gives into one first".to_owned());
    }
    let file = File::open(path).map_err(unreadable)?;
    Ok(Input { name: path.display().to_string(), bytes: kind.len(), file })
}
