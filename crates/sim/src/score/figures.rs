//! Single figures of a [`Summary`] by name, and their mean and spread over many runs.

use super::Summary;
use seawall_engine::IncidentKind;

/// One figure of a summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Figure {
    /// People's requests that were not served.
    HarmPeople,
    /// Honest programs' requests that were not served.
    HarmPrograms,
    /// The least possible harm, by work or by bytes, whichever is more.
    LeastHarm,
    /// The honest cost that no server could do while those who asked once wait.
    Unqueued,
    /// The flood's cost that reached an origin.
    LeakCost,
    /// Of that, what took more of an origin than it had to spare.
    LeakPressed,
    /// The flood's requests that reached an origin.
    LeakRequests,
    /// Honest requests that were served only on asking again.
    Friction,
    /// Honest requests that the defence stopped.
    Stopped,
    /// Honest requests that were refused or dropped.
    Refused,
    /// Honest requests that were challenged.
    Challenged,
    /// Those of them that were while everything that was asked for could be carried.
    ChallengedInVain,
    /// Honest requests that the origin failed.
    LostToOrigin,
    /// Honest requests whose sender waited no longer.
    LostToPatience,
    /// Seconds with too much work.
    Overload,
    /// Seconds in which too much work set out.
    OverloadSent,
    /// Seconds with too many bytes.
    OverloadBytes,
    /// Honest work served.
    Goodput,
    /// All work served.
    Served,
    /// Median time.
    P50,
    /// 99th percentile.
    P99,
    /// Until something was noticed.
    Detected,
    /// Until the flood was stopped.
    Effective,
    /// Until the origin was in its bound.
    Safe,
    /// Until honest senders were served again.
    Well,
    /// Most requests at the origins.
    AtOrigin,
    /// Most requests in the origins' lines.
    InLine,
    /// Most requests held by the defence.
    Held,
    /// Runs in which the defence called it a flood at last.
    CalledFlood,
    /// Runs in which it called it a surge at last.
    CalledSurge,
    /// Until it first said what it sees.
    Said,
    /// Until it called it a flood.
    SaidFlood,
    /// By how much its onset is wrong.
    OnsetError,
    /// The flood's cost that it described.
    Recall,
    /// The flood in the cost that it described.
    Precision,
    /// The greatest share of known visitors that it said it touches.
    Promised,
    /// People whom its descriptions matched.
    Touched,
}

/// What a figure is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Of 1.
    Share,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Origin-milliseconds per second.
    Work,
    /// Requests.
    Count,
}

impl Figure {
    /// How many there are.
    pub const COUNT: usize = 37;
    /// All of them.
    pub const ALL: [Self; Self::COUNT] = [
        Self::HarmPeople,
        Self::HarmPrograms,
        Self::LeastHarm,
        Self::Unqueued,
        Self::LeakCost,
        Self::LeakPressed,
        Self::LeakRequests,
        Self::Friction,
        Self::Stopped,
        Self::Refused,
        Self::Challenged,
        Self::ChallengedInVain,
        Self::LostToOrigin,
        Self::LostToPatience,
        Self::Overload,
        Self::OverloadSent,
        Self::OverloadBytes,
        Self::Goodput,
        Self::Served,
        Self::P50,
        Self::P99,
        Self::Detected,
        Self::Effective,
        Self::Safe,
        Self::Well,
        Self::AtOrigin,
        Self::InLine,
        Self::Held,
        Self::CalledFlood,
        Self::CalledSurge,
        Self::Said,
        Self::SaidFlood,
        Self::OnsetError,
        Self::Recall,
        Self::Precision,
        Self::Promised,
        Self::Touched,
    ];

    /// Its words in tables.
    pub const fn words(self) -> &'static str {
        match self {
            Self::HarmPeople => "harm to people",
            Self::HarmPrograms => "harm to programs",
            Self::LeastHarm => "least possible harm",
            Self::Unqueued => "too much to wait for",
            Self::LeakCost => "leak",
            Self::LeakPressed => "leak above 0.85",
            Self::LeakRequests => "leak by requests",
            Self::Friction => "friction",
            Self::Stopped => "honest requests stopped",
            Self::Refused => "honest requests refused",
            Self::Challenged => "honest requests challenged",
            Self::ChallengedInVain => "challenged within capacity",
            Self::LostToOrigin => "lost to the origin",
            Self::LostToPatience => "lost to patience",
            Self::Overload => "overload",
            Self::OverloadSent => "overload as sent",
            Self::OverloadBytes => "overload by bytes",
            Self::Goodput => "honest work served",
            Self::Served => "work served",
            Self::P50 => "p50",
            Self::P99 => "p99",
            Self::Detected => "detected",
            Self::Effective => "effective",
            Self::Safe => "safe",
            Self::Well => "well",
            Self::AtOrigin => "most at the origin",
            Self::InLine => "longest line",
            Self::Held => "most held",
            Self::CalledFlood => "called a flood",
            Self::CalledSurge => "called a surge",
            Self::Said => "said",
            Self::SaidFlood => "said to be a flood",
            Self::OnsetError => "onset wrong by",
            Self::Recall => "flood described",
            Self::Precision => "flood in what is described",
            Self::Promised => "promised at most",
            Self::Touched => "people described",
        }
    }

    /// What it is counted in.
    pub const fn unit(self) -> Unit {
        match self {
            Self::HarmPeople
            | Self::HarmPrograms
            | Self::LeastHarm
            | Self::Unqueued
            | Self::LeakCost
            | Self::LeakPressed
            | Self::LeakRequests
            | Self::Friction
            | Self::Stopped
            | Self::Refused
            | Self::Challenged
            | Self::ChallengedInVain
            | Self::LostToOrigin
            | Self::LostToPatience
            | Self::CalledFlood
            | Self::CalledSurge
            | Self::Recall
            | Self::Precision
            | Self::Promised
            | Self::Touched => Unit::Share,
            Self::Overload
            | Self::OverloadSent
            | Self::OverloadBytes
            | Self::Detected
            | Self::Effective
            | Self::Safe
            | Self::Well
            | Self::Said
            | Self::SaidFlood
            | Self::OnsetError => Unit::Seconds,
            Self::Goodput | Self::Served => Unit::Work,
            Self::P50 | Self::P99 => Unit::Milliseconds,
            Self::AtOrigin | Self::InLine | Self::Held => Unit::Count,
        }
    }
}

impl Summary {
    /// One figure; none where it has no meaning in this run, or never came to pass.
    pub fn figure(&self, figure: Figure) -> Option<f64> {
        let count = |count: u32| Some(f64::from(count));
        let ms = |span: std::time::Duration| span.as_secs_f64() * 1e3;
        match figure {
            Figure::HarmPeople => self.harm_people,
            Figure::HarmPrograms => self.harm_programs,
            Figure::LeastHarm => Some(self.least_harm_work.max(self.least_harm_bytes)),
            Figure::Unqueued => Some(self.unqueued),
            Figure::LeakCost => self.leak_cost,
            Figure::LeakPressed => self.leak_pressed,
            Figure::LeakRequests => self.leak_requests,
            Figure::Friction => self.friction,
            Figure::Stopped => self.stopped,
            Figure::Refused => self.refused,
            Figure::Challenged => self.challenged,
            Figure::ChallengedInVain => self.challenged_in_vain,
            Figure::LostToOrigin => self.lost_to_origin,
            Figure::LostToPatience => self.lost_to_patience,
            Figure::Overload => count(self.overload_s),
            Figure::OverloadSent => count(self.overload_sent_s),
            Figure::OverloadBytes => count(self.overload_bytes_s),
            Figure::Goodput => Some(self.goodput_ms_per_s),
            Figure::Served => Some(self.served_ms_per_s),
            Figure::P50 => self.p50.map(ms),
            Figure::P99 => self.p99.map(ms),
            Figure::Detected => self.clocks.detected_s,
            Figure::Effective => self.clocks.effective_s,
            Figure::Safe => self.clocks.safe_s,
            Figure::Well => self.clocks.well_s,
            Figure::AtOrigin => count(self.peaks.at_origin),
            Figure::InLine => count(self.peaks.in_line),
            Figure::Held => count(self.peaks.held),
            Figure::CalledFlood => Some(self.told.is_called(IncidentKind::Flood)),
            Figure::CalledSurge => Some(self.told.is_called(IncidentKind::Surge)),
            Figure::Said => self.told.said_s,
            Figure::SaidFlood => self.told.flood_s,
            Figure::OnsetError => self.told.onset_error_s,
            Figure::Recall => self.told.recall,
            Figure::Precision => self.told.precision,
            Figure::Promised => self.told.promised,
            Figure::Touched => self.told.touched,
        }
    }
}

/// One figure over many runs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spread {
    /// Runs in which it has a value.
    pub runs: u32,
    /// Runs in which it has none.
    pub without: u32,
    /// Mean of the values.
    pub mean: f64,
    /// Standard deviation of the values, over `runs - 1`; 0 for a single run.
    pub deviation: f64,
    /// Least value.
    pub least: f64,
    /// Greatest value.
    pub most: f64,
}

impl Spread {
    /// A figure over runs; none when it has a value in none of them.
    pub fn of<'a>(figure: Figure, runs: impl IntoIterator<Item = &'a Summary>) -> Option<Self> {
        let all: Vec<_> = runs.into_iter().map(|run| run.figure(figure)).collect();
        let values: Vec<f64> = all.iter().copied().flatten().collect();
        let count = u32::try_from(values.len()).unwrap_or(u32::MAX);
        let (first, rest) = values.split_first()?;
        let mean = values.iter().sum::<f64>() / f64::from(count);
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        Some(Self {
            runs: count,
            without: u32::try_from(all.len() - values.len()).unwrap_or(u32::MAX),
            mean,
            deviation: (squares / f64::from(count.max(2) - 1)).sqrt(),
            least: rest.iter().fold(*first, |least, value| least.min(*value)),
            most: rest.iter().fold(*first, |most, value| most.max(*value)),
        })
    }
}
