//! The forms of a report, each a pure function of a [`Case`].
//!
//! Bounds: those of the case; the same case gives the same bytes.

mod csv;
mod json;
mod says;
mod text;

use crate::case::Case;
use thiserror::Error;

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// Seconds for spreadsheets.
    Csv,
}

/// Why a form cannot be made of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unable {
    /// Nobody can act on it without single sources.
    #[error(
        "no record lists single sources with port and time; without them nobody can act on this \
         form"
    )]
    NoSources,
    /// What is known of the sources cannot carry a claim against them.
    #[error("no listed source completed a handshake: their addresses may be anybody's")]
    MayBeForged,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 3] = [Self::Text, Self::Json, Self::Csv];

    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Csv => "csv",
        }
    }

    /// Reads the word of the contract.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }

    /// What it is served as.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The document.
///
/// # Errors
/// The case does not hold what the form is about.
pub fn render(form: Form, case: &Case) -> Result<String, Unable> {
    Ok(match form {
        Form::Text => text::render(case),
        Form::Json => json::render(case),
        Form::Csv => csv::render(case),
    })
}
