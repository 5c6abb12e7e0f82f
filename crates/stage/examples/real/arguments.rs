//! What the command line says.

use std::path::{Path, PathBuf};

/// Everything that can be said.
#[derive(Debug)]
pub(crate) struct Arguments {
    /// The shield.
    pub(crate) program: PathBuf,
    /// The share of everybody that takes part.
    pub(crate) scale: f64,
    pub(crate) seed: u64,
    /// Whether stacks speak TLS and HTTP/2 where they would.
    pub(crate) tls: bool,
    /// Where the table goes beside standard output.
    pub(crate) write: Option<PathBuf>,
    /// By what and where, for what is written.
    pub(crate) made: String,
    pub(crate) files: Vec<PathBuf>,
}

const USAGE: &str = "real [--program SEAWALL] [--scale 0.1] [--seed 1] [--tls] [--write FILE] \
                     [--made TEXT] SCENARIO…, each a file or the beginning of a name in scenarios/";

/// Where scenarios lie.
const FOLDER: &str = "scenarios";

impl Arguments {
    /// Reads them.
    ///
    /// # Errors
    /// A sentence for what does not fit.
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut read = Self {
            program: beside_us(),
            scale: 0.1,
            seed: 1,
            tls: false,
            write: None,
            made: "this command".to_owned(),
            files: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value\n{USAGE}"));
            match word.as_str() {
                "--program" => read.program = value()?.into(),
                "--scale" => read.scale = number(&value()?)?,
                "--seed" => read.seed = number(&value()?)?,
                "--tls" => read.tls = true,
                "--write" => read.write = Some(value()?.into()),
                "--made" => read.made = value()?,
                _ if word.starts_with("--") => {
                    return Err(format!("{word} is not known\n{USAGE}"));
                }
                _ => read.files.push(file(&word)?),
            }
        }
        if read.files.is_empty() {
            return Err(USAGE.to_owned());
        }
        if !(read.scale > 0.0 && read.scale <= 1.0) {
            return Err(format!("--scale is {}; it must be above 0 and at most 1", read.scale));
        }
        Ok(read)
    }
}

/// The shield of the same build: examples lie in a folder beside it.
fn beside_us() -> PathBuf {
    let us = std::env::current_exe().unwrap_or_default();
    let build = us.parent().and_then(Path::parent).unwrap_or(Path::new("."));
    build.join("seawall")
}

/// The file of that path, or the scenario whose name is or begins with that word.
fn file(word: &str) -> Result<PathBuf, String> {
    if Path::new(word).extension().is_some() {
        return Ok(word.into());
    }
    let entries = std::fs::read_dir(FOLDER).map_err(|fault| format!("{FOLDER}: {fault}"))?;
    let begins = format!("{word}-");
    let mut found = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        name == word || name.starts_with(&begins)
    });
    found.next().ok_or_else(|| format!("no scenario is called {word}"))
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text:?} is not a number that fits\n{USAGE}"))
}
