//! Everything that is wrong with one file, in the order of its lines.

use std::fmt;
use std::path::{Path, PathBuf};

/// One thing that is wrong, as a sentence that holds place, value and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1.
    pub line: usize,
    /// The key in question, such as `limits.source_rps`; empty where the text is not TOML.
    pub key: String,
    /// The sentence, without its place: `drain is 10; …`.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

/// All faults of one file, at least one, sorted by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    file: PathBuf,
    list: Vec<Fault>,
}

impl Faults {
    /// Sorts by line; faults of one line keep the order they were found in.
    pub(crate) fn new(file: &Path, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|fault| fault.line);
        Self { file: file.to_owned(), list }
    }

    /// The file that they are in, as it was named.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The faults, sorted by line.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }
}

/// One fault a line, each `file:line: sentence`, without a line break at the end.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{}: {fault}", self.file.display(), fault.line)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
