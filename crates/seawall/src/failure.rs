//! How a command ends when it cannot do what it was asked.

use std::error::Error;
use std::process::ExitCode;

/// It failed: says what, and what to do.
pub(crate) const FAILED: u8 = 1;
/// The command line or the configuration is wrong.
pub(crate) const WRONG: u8 = 2;

/// Something did not hold.
pub(crate) const DID_NOT_HOLD: u8 = 3;

/// Why a command ends without having done its work.
#[derive(Debug)]
pub(crate) struct Failure {
    code: u8,
    /// One sentence a line.
    sentences: Vec<String>,
}

impl Failure {
    /// Something did not work.
    pub(crate) fn failed(sentence: impl Into<String>) -> Self {
        Self { code: FAILED, sentences: vec![sentence.into()] }
    }

    /// Several things did not work.
    pub(crate) fn all_failed(sentences: Vec<String>) -> Self {
        Self { code: FAILED, sentences }
    }

    /// The configuration or the command line is wrong.
    pub(crate) fn wrong(sentences: Vec<String>) -> Self {
        Self { code: WRONG, sentences }
    }

    /// An error with all its causes, in one sentence.
    pub(crate) fn caused_by(error: &dyn Error) -> Self {
        Self::failed(chain(error))
    }

    /// Tells the person, and gives the exit code.
    pub(crate) fn report(&self) -> ExitCode {
        for sentence in &self.sentences {
            eprintln!("{sentence}");
        }
        ExitCode::from(self.code)
    }

    /// How many sentences it has.
    pub(crate) fn count(&self) -> usize {
        self.sentences.len()
    }

    pub(crate) fn sentences(self) -> Vec<String> {
        self.sentences
    }
}

/// What failed, and why, and why that: `cannot open a.log: permission denied`.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
