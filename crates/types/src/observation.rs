//! What the cores tell the engine: counts that are exact, and a bounded list of single requests.

use crate::{
    CheckPassed, FarEnd, MeasureCounts, MeasureId, Moment, PlatformId, Reason, SourceKey,
    TraitName, Traits, Verdict,
};

/// Uses of watched paths that one batch lists.
pub const USES_MAX: usize = 256;
/// Of these, so many may be uploads: anyone can send one, and they crowd out no sign-in.
pub const UPLOADS_LISTED_MAX: usize = 64;
/// Platforms one shield can carry.
///
/// A batch holds one row of counts for each, so this bounds what a core sends.
pub const PLATFORMS_MAX: usize = 256;
/// Texts of values that one batch carries.
pub const NAMES_MAX: usize = 64;
/// Single requests that one batch lists.
///
/// At 112 bytes each this is 448 KiB a core.
pub const LISTED_MAX: usize = 4_096;
/// Times at the origins that one batch lists.
pub const ANSWERS_MAX: usize = 4_096;

/// Exact counts of one platform on one core since the core's last batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PlatformCounts {
    /// Requests by verdict and reason.
    pub requests: [[u32; Reason::COUNT]; Verdict::COUNT],
    /// Verdicts that `mode = "observe"` did not carry out: what would have happened.
    pub would_have: [u32; Verdict::COUNT],
    /// Time spent at the origin by requests that ended, in microseconds.
    pub origin_us: u64,
    /// Answers from the origin.
    pub origin_answers: u32,
    /// Origin faults: not reached, broken off, timed out.
    pub origin_faults: u32,
    /// What everything that asked would cost the origins, in microseconds, as a gate saw it.
    pub offered_us: u64,
    /// What of that was let through.
    pub let_through_us: u64,
    /// Costs of all requests, listed or not, in microseconds: of one that waits when it begins to, of
    /// others as their verdict falls.
    pub asked_us: u64,
    /// Requests of visitors known to be good that were not admitted.
    pub harmed: u32,
    /// Requests that waited for an origin when the batch was cut.
    pub queued: u32,
    /// Longest wait of a request that was let through, in microseconds.
    pub waited_max_us: u32,
    /// Body and head bytes sent to clients.
    pub bytes_out: u64,
    /// Requests at the origin when the batch was cut, until the last byte of their answers.
    pub in_flight: u32,
    /// Those among them that wait for the head of their answer.
    pub waiting: u32,
}

impl PlatformCounts {
    /// Requests of one verdict, all reasons together.
    pub fn of(&self, verdict: Verdict) -> u32 {
        self.requests[verdict.index()].iter().sum()
    }
}

/// One request as the engine sees it, told when its verdict falls: an origin that hangs is no
/// reason to know nothing of what asks for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RequestObservation {
    /// When its head was complete.
    pub at: Moment,
    /// Which platform it asked for.
    pub platform: PlatformId,
    /// Who asked.
    pub source: SourceKey,
    /// From which far end of it.
    pub far: FarEnd,
    /// What it got.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
    /// What it would cost the origin by what its route usually takes, in microseconds, whatever
    /// became of it.
    pub cost_us: u32,
    /// Whether its visitor was known to be good before it asked.
    pub is_proven: bool,
    /// The standing measure that it met, whatever its verdict.
    pub measure: Option<MeasureId>,
    /// What it showed of itself.
    pub traits: Traits,
}

impl RequestObservation {
    /// Whether it came as far as the origins' gate: nothing before that stopped it.
    pub fn came_to_the_gate(&self) -> bool {
        match self.verdict {
            Verdict::Admit => true,
            Verdict::Hold => self.reason == Reason::Overload,
            Verdict::Limit
            | Verdict::Challenge
            | Verdict::Refuse
            | Verdict::Drop
            | Verdict::Error => false,
        }
    }
}

/// One request whose time at an origin is known: it was answered, or it failed, or its client left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OriginAnswer {
    /// Of which platform.
    pub platform: PlatformId,
    /// Time until the head of the answer or until it failed, in microseconds.
    pub took_us: u32,
}

/// A path of `platform.login` or `platform.admin` was used, and the origin has answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WatchedUse {
    /// When the answer came.
    pub at: Moment,
    /// Of which platform.
    pub platform: PlatformId,
    /// Which kind of path.
    pub kind: UseKind,
    /// Who asked.
    pub source: SourceKey,
    /// Whether the origin let it through: a status below 400, and of a file that it would run one that
    /// says that it was made (201, 204).
    pub went_through: bool,
}

/// Which kind of path is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UseKind {
    /// Where visitors log in; only what is sent with a body is a login.
    Login,
    /// Where the platform is administered.
    Admin,
    /// A file was sent, wherever to: by a method that puts one somewhere, or in a form that may carry
    /// one.
    Upload(Upload),
}

/// What is known of a file that was sent, without a look into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// Nothing that matters.
    Plain,
    /// It was put under a name that servers run as a program.
    Program,
}

/// Everything one core saw since its last batch.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Batch {
    /// Which core.
    pub core: u16,
    /// When it was cut.
    pub at: Moment,
    /// By platform index.
    pub platforms: Vec<PlatformCounts>,
    /// Single requests, at most [`LISTED_MAX`]; counts above are exact regardless.
    ///
    /// All of them, or where there were more a sample: the costlier a request, the likelier.
    pub requests: Vec<RequestObservation>,
    /// Requests that did not fit into `requests`.
    pub unlisted: u32,
    /// What a listed request stands for at least, in microseconds: the greater of this and its own
    /// cost is an unbiased estimate of the cost of those that it stands for. 0 when all are listed.
    pub stands_for_us: f64,
    /// Times at the origins, at most [`ANSWERS_MAX`]: the first of the batch.
    pub answers: Vec<OriginAnswer>,
    /// Uses of watched paths, at most [`USES_MAX`].
    pub uses: Vec<WatchedUse>,
    /// Texts of values that this core has not told lately, at most [`NAMES_MAX`].
    pub names: Vec<TraitName>,
    /// Whole batches that this core could not hand over since the last one that it could.
    pub batches_dropped: u32,
    /// What standing measures met, at most [`crate::measure::MEASURES_COUNTED_MAX`].
    pub measures: Vec<MeasureCounts>,
    /// Who passed a check, at most [`crate::measure::PASSES_LISTED_MAX`]; counts are exact regardless.
    pub passes: Vec<CheckPassed>,
    /// Requests that belonged to no platform, by reason.
    pub no_platform: [u32; Reason::COUNT],
    /// Connections that were reset at accept.
    pub resets_at_accept: u32,
}
