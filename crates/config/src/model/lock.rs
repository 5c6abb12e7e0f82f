//! What a platform says in its own name, to its origins and to its visitors.

use std::path::PathBuf;
use std::time::Duration;

/// A secret that origins can ask for, so that nobody but the shield is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginSecret {
    /// Name of the header that carries it, in lower case.
    pub header: String,
    /// File that holds it; made when missing.
    pub file: PathBuf,
    /// Line of the file's key.
    pub line: usize,
}

/// What the shield adds to answers of a platform, or says in place of its origins.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnAnswers {
    /// How long browsers must come by TLS alone; none to say nothing.
    pub hsts: Option<Hsts>,
    /// Shown to people in place of our 502, 503 and 504.
    pub error_page: Option<PageFile>,
    /// Shown to people in place of everything, while set.
    pub maintenance: Option<PageFile>,
}

/// How long browsers must come by TLS alone, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hsts {
    /// From the last answer on; whole seconds count.
    pub max_age: Duration,
    /// Which names it is for.
    pub reach: HstsReach,
}

/// Which names an [`Hsts`] is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HstsReach {
    /// The name that was asked for.
    Host,
    /// That name and every name below it.
    Subdomains,
}

/// An HTML file of the operator's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageFile {
    /// Where it is.
    pub path: PathBuf,
    /// Line of its key.
    pub line: usize,
}
