//! One protected public service.

/// Index of a platform in the configuration in force; changes only with a reload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PlatformId(pub u16);

impl PlatformId {
    /// The index, for tables.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// Whether a platform's verdicts are carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Mode {
    /// Verdicts are carried out.
    #[default]
    Protect,
    /// Everything is judged, recorded as "would have", and admitted.
    Observe,
}
