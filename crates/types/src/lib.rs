//! The words of Seawall: plain data that every other crate shares.
//!
//! Nothing here reads a clock, opens a file or decides anything.
//! A type's constructor keeps its promise, so that holding a value is the proof.

pub mod evidence;
pub mod invite;
pub mod measure;
pub mod moment;
pub mod observation;
pub mod packet;
pub mod platform;
pub mod reason;
pub mod record;
pub mod source;
pub mod template;
pub mod traits;
pub mod units;
pub mod verdict;
pub mod wall;

pub use invite::InviteId;
pub use measure::{CheckPassed, MeasureCounts, MeasureId, MeasureTotals};
pub use moment::{Moment, WallTime};
pub use observation::{
    Batch, OriginAnswer, PLATFORMS_MAX, PlatformCounts, RequestObservation, Upload, UseKind,
    WatchedUse,
};
pub use packet::{PacketFields, PacketSignature};
pub use platform::{Mode, PlatformId};
pub use reason::Reason;
pub use record::Record;
pub use source::{FarEnd, SourceKey, SourceNetwork};
pub use traits::{Attribute, Trait, TraitName, Traits};
pub use units::{ByteCount, OriginCapacity, RequestRate};
pub use verdict::{Rung, Verdict};
