//! Files of scenarios, read by name, and what a run is written to.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "the program reads and writes; the crate does not"
)]

use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Name and text of the scenarios of a folder that `names` begin with, or of all, sorted by name.
pub(crate) fn scenarios(folder: &str, names: &[String]) -> Result<Vec<(String, String)>, String> {
    let entries = fs::read_dir(folder).map_err(|cause| format!("cannot read {folder}: {cause}"))?;
    let mut found: Vec<_> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .filter_map(|path| Some((path.file_stem()?.to_str()?.to_owned(), path)))
        .collect();
    found.sort();
    if let Some(unknown) =
        names.iter().find(|name| !found.iter().any(|(known, _)| is_meant(known, name)))
    {
        let known: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        return Err(format!("no scenario is called {unknown}; there are {}", known.join(", ")));
    }
    found.retain(|(known, _)| names.is_empty() || names.iter().any(|name| is_meant(known, name)));
    found.into_iter().map(|(name, path)| Ok((name, read(&path)?))).collect()
}

/// By its whole name, or by its number.
fn is_meant(known: &str, name: &str) -> bool {
    known == name || known.split('-').next() == Some(name)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|cause| format!("cannot read {}: {cause}", path.display()))
}

/// Writes a whole file.
pub(crate) fn write(path: &str, text: &str) -> Result<(), String> {
    fs::write(path, text).map_err(|cause| format!("cannot write {path}: {cause}"))
}

/// A recording that is written while a scenario is played.
pub(crate) struct Recording {
    path: String,
    /// The file, or what went wrong first.
    file: io::Result<BufWriter<fs::File>>,
}

impl Recording {
    pub(crate) fn begin(path: &str) -> Result<Self, String> {
        let file =
            fs::File::create(path).map_err(|cause| format!("cannot write {path}: {cause}"))?;
        Ok(Self { path: path.to_owned(), file: Ok(BufWriter::new(file)) })
    }

    /// Adds a line.
    pub(crate) fn put(&mut self, line: &str) {
        if let Ok(open) = &mut self.file
            && let Err(cause) = open.write_all(line.as_bytes())
        {
            self.file = Err(cause);
        }
    }

    pub(crate) fn end(self) -> Result<(), String> {
        let ended = self.file.and_then(|mut open| open.flush());
        ended.map_err(|cause| format!("cannot write {}: {cause}", self.path))
    }
}
