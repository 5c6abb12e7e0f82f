//! Who of a platform's visitors is asked for a check.

/// Who is asked for a check, and what the page says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// When visitors are asked.
    pub when: ChallengeWhen,
    /// Whom one can write to who does not pass.
    pub contact: Option<String>,
    /// Beginnings of paths that cannot be challenged.
    pub exempt: Vec<String>,
}

/// When visitors are asked for a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChallengeWhen {
    /// When a measure says so.
    #[default]
    Auto,
    /// All the time.
    Always,
}
