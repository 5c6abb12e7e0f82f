//! Who reports, as documents of incidents name it.

/// Who reports.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reporter {
    /// The organisation.
    pub organisation: Option<String>,
    /// Whom a reader can ask.
    pub contact: Option<String>,
    /// How far a document may be passed on.
    pub tlp: Option<Tlp>,
}

/// A label of the Traffic Light Protocol 2.0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tlp {
    /// For the eyes of those who got it.
    Red,
    /// Within the organisation alone.
    AmberStrict,
    /// Within the organisation and its clients.
    Amber,
    /// Within the community.
    Green,
    /// For everyone.
    Clear,
}
