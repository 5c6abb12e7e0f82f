//! Tables that place addresses.

use std::path::PathBuf;

/// Tables that place addresses, as facts about the tables.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Geo {
    /// Gives an address its apparent country.
    pub country: Option<PathBuf>,
    /// Gives an address its apparent network.
    pub network: Option<PathBuf>,
}
