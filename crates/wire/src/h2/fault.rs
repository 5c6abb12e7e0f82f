//! What a connection may spend on frames, and what is said when it spends more.

use seawall_types::Reason;
use std::fmt;

/// Budgets of one connection; "per second" means within one of the seconds that begin with the
/// first counted frame after the last one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameLimits {
    /// Payload bytes of one frame: our `SETTINGS_MAX_FRAME_SIZE`.
    pub frame_bytes: u32,
    /// `RST_STREAM` frames per second.
    pub resets_per_second: u32,
    /// `RST_STREAM` frames over the life of the connection that are free of the next rule: beyond
    /// them, resets may never be more than half of the requests. Never decays.
    pub resets_free: u32,
    /// SETTINGS, PING, PRIORITY, GOAWAY, unknown frames and trailers per second.
    pub control_per_second: u32,
    /// `WINDOW_UPDATE` frames per second.
    pub window_updates_per_second: u32,
    /// Frames per second that carry nothing and end nothing.
    pub empty_per_second: u32,
    /// CONTINUATION frames behind one HEADERS.
    pub continuations: u8,
}

impl FrameLimits {
    /// The smallest that RFC 9113 §4.2 allows, and the default.
    pub const FRAME_BYTES: u32 = 16_384;
    /// A page that is left while it loads cancels what is in flight: at most our 100 streams.
    pub const RESETS_PER_SECOND: u32 = 100;
    /// A map that is dragged cancels tiles by the dozen, and yet asks for more than it cancels.
    pub const RESETS_FREE: u32 = 200;
    /// Browsers send a priority for each image; nothing sends hundreds in every second.
    pub const CONTROL_PER_SECOND: u32 = 500;
    /// An upload-heavy program acknowledges each DATA frame on stream and connection.
    pub const WINDOW_UPDATES_PER_SECOND: u32 = 10_000;
    /// No client needs one.
    pub const EMPTY_PER_SECOND: u32 = 100;
    /// 8 x 16 KiB is beyond any header list that is taken.
    pub const CONTINUATIONS: u8 = 8;
}

impl Default for FrameLimits {
    fn default() -> Self {
        Self {
            frame_bytes: Self::FRAME_BYTES,
            resets_per_second: Self::RESETS_PER_SECOND,
            resets_free: Self::RESETS_FREE,
            control_per_second: Self::CONTROL_PER_SECOND,
            window_updates_per_second: Self::WINDOW_UPDATES_PER_SECOND,
            empty_per_second: Self::EMPTY_PER_SECOND,
            continuations: Self::CONTINUATIONS,
        }
    }
}

/// Why a connection is to be closed: the closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FrameFault {
    /// It does not begin with the client preface (RFC 9113 §3.4).
    Preface,
    /// Its first frame is not SETTINGS (RFC 9113 §3.4).
    FirstFrame,
    /// A frame is longer than [`FrameLimits::frame_bytes`] (RFC 9113 §4.2).
    FrameLength,
    /// Too many `RST_STREAM` in one second (CVE-2023-44487).
    ResetRate,
    /// Resets are more than half of the requests (the patient form of the same).
    ResetShare,
    /// Too many control frames in one second (CVE-2019-9512, -9513, -9515).
    Control,
    /// Too many `WINDOW_UPDATE` in one second.
    WindowUpdates,
    /// Too many frames that carry nothing in one second (CVE-2019-9518).
    Empty,
    /// Too many CONTINUATION behind one HEADERS (CVE-2024-27316).
    Continuations,
    /// It made us reset too many streams by breaking the rules on them (CVE-2025-8671).
    ProvokedResets,
}

impl FrameFault {
    /// The word for metrics and records.
    pub const fn reason(self) -> Reason {
        match self {
            Self::Preface | Self::FirstFrame => Reason::Malformed,
            Self::FrameLength => Reason::Oversize,
            Self::ResetRate
            | Self::ResetShare
            | Self::Control
            | Self::WindowUpdates
            | Self::Empty
            | Self::Continuations
            | Self::ProvokedResets => Reason::Frames,
        }
    }

    /// What was wrong, for people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Preface => "The connection does not begin with the HTTP/2 preface.",
            Self::FirstFrame => "The first HTTP/2 frame is not SETTINGS.",
            Self::FrameLength => "An HTTP/2 frame is too long.",
            Self::ResetRate => "Too many streams were reset in one second.",
            Self::ResetShare => "More than half of the requests were reset.",
            Self::Control => "Too many control frames came in one second.",
            Self::WindowUpdates => "Too many window updates came in one second.",
            Self::Empty => "Too many empty frames came in one second.",
            Self::Continuations => "A header block is split over too many frames.",
            Self::ProvokedResets => "Too many streams were broken on purpose.",
        }
    }
}

impl fmt::Display for FrameFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.sentence())
    }
}

impl std::error::Error for FrameFault {}
