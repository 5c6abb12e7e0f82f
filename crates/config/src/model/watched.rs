//! What of a platform is watched for a change that nobody ordered.

/// Paths of a platform that are watched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Watched {
    /// Beginnings of paths where visitors log in.
    pub login: Vec<String>,
    /// Beginnings of paths where it is administered.
    pub admin: Vec<String>,
    /// Pages whose content is compared at the origin and as it is served.
    pub canaries: Vec<String>,
}
