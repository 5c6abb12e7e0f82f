//! What a defence did on one platform, in order: measures that stand, incidents that open and close.
//!
//! Bounds: [`DEEDS_MAX`] of each platform; later ones are not kept.

use seawall_types::{Moment, Rung};

/// Things done on one platform that are kept.
pub const DEEDS_MAX: usize = 4_096;

/// Something that a defence did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deed {
    /// When.
    pub at: Moment,
    /// What.
    pub what: Done,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// From now on so many measures stand, this the strictest.
    Stands(u32, Option<Rung>),
    /// An incident opened, or one goes on that had closed.
    Opened,
    /// An incident closed, which ended then.
    Closed(Moment),
    /// The platform is called one with an incident from now on, or no longer.
    Called(Calling),
}

/// What a platform is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calling {
    /// One with an incident that goes on.
    Incident,
    /// Anything else.
    Over,
}

impl Deed {
    /// The same by another clock.
    #[must_use]
    pub fn by(self, clock: impl Fn(Moment) -> Moment) -> Self {
        let what = match self.what {
            Done::Closed(ended) => Done::Closed(clock(ended)),
            other => other,
        };
        Self { at: clock(self.at), what }
    }
}
