//! The forms of a report, each a pure function of a [`Case`].
//!
//! Bounds: those of the case; the same case gives the same bytes.

mod csv;
mod draft;
mod flowspec;
mod html;
mod ico;
mod ids;
mod json;
mod misp;
mod ncsc;
mod says;
mod sheet;
mod statement;
mod stix;
mod term;
mod text;
mod whence;
mod xarf;

use crate::case::Case;
use crate::redact;
use thiserror::Error;

/// A form of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// For a terminal.
    Text,
    /// For programs.
    Json,
    /// A page for a browser and for paper.
    Html,
    /// Answers to the questions of the UK's National Cyber Security Centre.
    Ncsc,
    /// A worksheet for a breach of availability.
    Ico,
    /// A draft of the early warning that is due within 24 hours.
    Draft24h,
    /// A draft of the notification that is due within 72 hours.
    Draft72h,
    /// A draft of the final report that is due within a month.
    DraftMonth,
    /// STIX 2.1.
    Stix,
    /// A MISP event.
    Misp,
    /// XARF 4, for networks that host sources.
    Xarf,
    /// Rules for the router before us.
    FlowSpec,
    /// Seconds for spreadsheets.
    Csv,
    /// A letter to members and a line for the press.
    Statement,
}

/// Why a form cannot be made of a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unable {
    /// The form accuses sources or acts on them.
    #[error("the incident is not of kind flood: nothing was shown that this form could act on")]
    NotAFlood,
    /// Nobody can act on it without single sources.
    #[error(
        "no single source is listed for this incident: addresses are kept apart from the log for 90 \
         days, of sources on connections of their own that a measure or their own rate stopped ten \
         times or more"
    )]
    NoSources,
    /// A report of abuse needs somebody who can be asked.
    #[error(
        "the form needs report.organisation and report.contact, and the contact must be an address \
         of mail"
    )]
    NoContact,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 14] = [
        Self::Text,
        Self::Json,
        Self::Html,
        Self::Ncsc,
        Self::Ico,
        Self::Draft24h,
        Self::Draft72h,
        Self::DraftMonth,
        Self::Stix,
        Self::Misp,
        Self::Xarf,
        Self::FlowSpec,
        Self::Csv,
        Self::Statement,
    ];

    /// Whether addresses of sources stand in it.
    pub const fn names_sources(self) -> bool {
        matches!(self, Self::Xarf | Self::FlowSpec)
    }

    /// The word of the contract.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Html => "html",
            Self::Ncsc => "ncsc",
            Self::Ico => "ico",
            Self::Draft24h => "draft-24h",
            Self::Draft72h => "draft-72h",
            Self::DraftMonth => "draft-month",
            Self::Stix => "stix",
            Self::Misp => "misp",
            Self::Xarf => "xarf",
            Self::FlowSpec => "flowspec",
            Self::Csv => "csv",
            Self::Statement => "statement",
        }
    }

    /// Reads the word of the contract.
    pub fn read(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|form| form.word() == word)
    }

    /// What it is served as.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Text
            | Self::Ncsc
            | Self::Ico
            | Self::Draft24h
            | Self::Draft72h
            | Self::DraftMonth
            | Self::FlowSpec
            | Self::Statement => "text/plain; charset=utf-8",
            Self::Json | Self::Misp | Self::Xarf => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Stix => "application/stix+json;version=2.1",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }
}

/// The document.
///
/// # Errors
/// The case does not hold what the form is about.
pub fn render(form: Form, case: &Case) -> Result<String, Unable> {
    let case = redact::for_readers(case);
    let case = case.as_ref();
    Ok(match form {
        Form::Text => text::render(case),
        Form::Json => json::render(case),
        Form::Html => html::render(case),
        Form::Ncsc => ncsc::render(case),
        Form::Ico => ico::render(case),
        Form::Draft24h => draft::early_warning(case),
        Form::Draft72h => draft::notification(case),
        Form::DraftMonth => draft::final_report(case),
        Form::Stix => stix::render(case),
        Form::Misp => misp::render(case),
        Form::Xarf => xarf::render(case)?,
        Form::FlowSpec => flowspec::render(case)?,
        Form::Csv => csv::render(case),
        Form::Statement => statement::render(case),
    })
}
