//! The checkout as text, read once.
//!
//! Leaves out what is built, generated or not text.
//! Bounds: files over [`FILE_MAX`] are left out.

use crate::shell::Failure;
use std::fs;
use std::path::Path;

/// 4 MiB: nothing that a person writes is longer.
const FILE_MAX: u64 = 4 << 20;

/// Folders that hold what programs made.
const MADE: [&str; 5] = ["target", "corpus", "artifacts", "node_modules", "__pycache__"];

/// Hidden folders that are part of the project all the same.
const HIDDEN_OURS: [&str; 2] = [".ci", ".cargo"];

/// Every text file of a checkout.
pub(super) struct Tree {
    /// Sorted by path.
    files: Vec<TextFile>,
}

/// One text file.
pub(super) struct TextFile {
    /// From the root, with forward slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl Tree {
    /// Reads the checkout at `root`.
    ///
    /// # Errors
    /// When a folder or file of it cannot be read.
    pub(super) fn read(root: &Path) -> Result<Self, Failure> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    /// A tree of these files.
    pub(super) fn of(mut files: Vec<TextFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        Self { files }
    }

    /// Every file.
    pub(super) fn files(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter()
    }

    /// The file at `path`, if there is one.
    pub(super) fn file(&self, path: &str) -> Option<&TextFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Every Rust file.
    pub(super) fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.files().filter(|file| file.is("rs"))
    }
}

impl TextFile {
    /// Whether the name ends in `.extension`.
    pub(super) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension() == Some(extension.as_ref())
    }

    /// Whether the whole file is test code.
    pub(super) fn is_test(&self) -> bool {
        let mut parts = self.path.split('/');
        parts.any(|part| matches!(part, "tests" | "tests.rs" | "benches" | "fuzz"))
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<TextFile>) -> Result<(), Failure> {
    let unreadable = |cause| Failure::of(format!("read {}", folder.display()), cause);
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if kind.is_dir() && !skipped(&name) {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file()
            && name != ".git"
            && entry.metadata().map_err(unreadable)?.len() <= FILE_MAX
        {
            let bytes = fs::read(entry.path()).map_err(unreadable)?;
            if let Ok(text) = String::from_utf8(bytes) {
                files.push(TextFile { path, text });
            }
        }
    }
    Ok(())
}

fn skipped(folder: &str) -> bool {
    MADE.contains(&folder) || (folder.starts_with('.') && !HIDDEN_OURS.contains(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_or_is_not_text_is_left_out() {
        let root = std::env::temp_dir().join(format!("seawall-tidy-{}", std::process::id()));
        for (path, bytes) in [
            ("crates/a/src/lib.rs", b"//! A.\n".as_slice()),
            (".ci/run", b"#!/bin/sh\n"),
            ("target/debug/x.rs", b"//! Built.\n"),
            (".git/config", b"[core]\n"),
            ("data/capture.pcap", b"\xd4\xc3\xb2\xa1"),
        ] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("made");
            fs::write(path, bytes).expect("written");
        }
        let tree = Tree::read(&root).expect("readable");
        fs::remove_dir_all(&root).expect("removable");
        let paths: Vec<_> = tree.files().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, [".ci/run", "crates/a/src/lib.rs"]);
    }
}
