//! Everything that is wrong with one scenario file, in the order of its lines.

use std::fmt;

/// One thing that is wrong, as a sentence that holds value and remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Line in the file, from 1.
    pub line: usize,
    /// The sentence, without its place.
    pub problem: String,
}

/// All faults of one file, at least one, sorted by line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults {
    file: String,
    list: Vec<Fault>,
}

impl Faults {
    /// Sorts by line; faults of one line keep the order they were found in.
    pub(super) fn new(file: &str, mut list: Vec<Fault>) -> Self {
        list.sort_by_key(|fault| fault.line);
        Self { file: file.to_owned(), list }
    }

    /// The faults, sorted by line.
    pub fn list(&self) -> &[Fault] {
        &self.list
    }
}

/// One fault a line, each `file:line: sentence`, without a line break at the end.
impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Fault { line, problem }) in self.list.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}:{line}: {problem}", self.file)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
