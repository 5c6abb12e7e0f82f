//! How large, how various and how lasting an incident was: counts, each on a scale that is printed
//! beside it.
//!
//! Says numbers and steps, never a word that judges who sent the traffic.
//! Steps of different scales are not added up: they count different things.

use super::gather::Beside;
use super::{PlatformView, State, Usual};
use crate::between::Between;
use crate::known::{Known, Quantity, Unit, Why};
use seawall_types::WallTime;
use seawall_types::evidence::IncidentKind;

/// Earlier incidents are looked for as far back as this.
const EARLIER_MS: u64 = 7 * 24 * 3_600 * 1_000;
/// A description stated this much after the first is one that came later.
const LATER_MS: u64 = 60_000;

/// Stands beside the scales in every form.
pub const SCALE_TERMS: &str = "Each scale has steps from 0 to 4; the numbers say above which value a \
    step begins. They are of this report and of no authority, and steps of different scales are not \
    added up. Skill is not measured.";

/// One scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scale {
    /// One word.
    pub word: &'static str,
    /// For people.
    pub name: &'static str,
    /// What it counts.
    pub unit: Unit,
    /// Above which values steps 1 to 4 begin; thousandths where the unit says so.
    pub above: [u64; 4],
}

/// Every scale, in the order of its readings.
pub const SCALES: [Scale; 6] = [
    Scale {
        word: "peak_over_capacity",
        name: "size: highest demand over what the origins can carry",
        unit: Unit::TimesCapacity,
        above: [1_000, 2_000, 10_000, 100_000],
    },
    Scale {
        word: "peak_over_usual",
        name: "size: most requests in one second over the mean of calm seconds before",
        unit: Unit::TimesUsual,
        above: [2_000, 10_000, 100_000, 1_000_000],
    },
    Scale {
        word: "descriptions",
        name: "variety: different descriptions of its traffic",
        unit: Unit::Descriptions,
        above: [0, 1, 3, 7],
    },
    Scale {
        word: "later_descriptions",
        name: "adaptation: descriptions stated more than 60 s after the first",
        unit: Unit::Descriptions,
        above: [0, 1, 3, 7],
    },
    Scale {
        word: "duration",
        name: "persistence: time from first to last traffic",
        unit: Unit::Seconds,
        above: [60, 600, 3_600, 86_400],
    },
    Scale {
        word: "earlier_floods",
        name: "persistence: floods on any platform that began in the seven days before",
        unit: Unit::Incidents,
        above: [0, 1, 3, 9],
    },
];

impl Scale {
    /// The step of a value.
    fn step(&self, value: u64) -> u8 {
        self.above.iter().fold(0, |step, above| step + u8::from(value > *above))
    }

    /// Its thresholds in words.
    pub fn meaning(&self) -> String {
        let number = |value| Quantity::measured(value, self.unit).number();
        let [one, two, three, four] = self.above.map(number);
        format!(
            "step 1 above {one}, 2 above {two}, 3 above {three}, 4 above {four} {}",
            self.unit.word()
        )
    }
}

/// What an incident came to on one scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// The scale.
    pub scale: &'static Scale,
    /// The value.
    pub value: Known<Between>,
}

impl Reading {
    /// The steps that its bounds come to: this or more, and at most that.
    pub fn steps(&self) -> Known<(u8, Known<u8>)> {
        let step = |value| self.scale.step(value);
        self.value.map(|value| (step(value.least), value.most.map(step)))
    }

    /// The step in words.
    pub fn step_phrase(&self) -> String {
        match self.steps() {
            Known::Is((least, Known::Is(most))) if least == most => format!("step {least}"),
            Known::Is((least, Known::Is(most))) => format!("step {least} to {most}"),
            // Nothing lies above the highest.
            Known::Is((4, Known::Unknown(_))) => "step 4".to_owned(),
            Known::Is((least, Known::Unknown(_))) => format!("step {least} or more"),
            Known::Unknown(_) => "step unknown".to_owned(),
        }
    }

    /// One sentence.
    pub fn sentence(&self) -> String {
        let Self { scale, value } = self;
        format!("{}: {}: {value} ({}).", scale.name, self.step_phrase(), scale.meaning())
    }
}

/// What an incident came to on every scale.
pub(super) fn readings(
    beside: &Beside<'_>,
    (subject, usual): (&PlatformView, &Usual),
    doubt: Option<Why>,
) -> [Reading; SCALES.len()] {
    let [capacity, times, all, later, duration, earlier] = &SCALES;
    let unit = |scale: &Scale, (least, most)| Between::measured(least, most, scale.unit);
    let reading = |scale, value: Known<(u64, Known<u64>)>| Reading {
        scale,
        value: value.map(|bounds| unit(scale, bounds)),
    };
    let (descriptions, came_later) = descriptions(beside, doubt);
    [
        reading(capacity, over_capacity(beside, subject)),
        reading(times, over_usual(subject, usual)),
        reading(all, Known::Is(descriptions)),
        reading(later, Known::Is(came_later)),
        reading(duration, Known::Is(lasted(beside))),
        reading(earlier, Known::Is(before(beside, doubt))),
    ]
}

fn whole(subject: &PlatformView, least: u64) -> (u64, Known<u64>) {
    (least, subject.coverage.is_whole().map_or_else(Known::Unknown, |()| Known::Is(least)))
}

fn over_capacity(beside: &Beside<'_>, subject: &PlatformView) -> Known<(u64, Known<u64>)> {
    let told = beside.told.incident.measured.peak_pressure_permille;
    let Some(peak) = told.max(subject.impact.peak_pressure_permille) else {
        return Known::Unknown(Why::NoCapacity);
    };
    let (least, most) = whole(subject, peak.into());
    let is_judged = subject.impact.judged_s >= subject.coverage.seen_s;
    Known::Is((least, if is_judged { most } else { Known::Unknown(Why::NoCapacity) }))
}

fn over_usual(subject: &PlatformView, usual: &Usual) -> Known<(u64, Known<u64>)> {
    match subject.coverage.seen_s {
        0 => Known::Unknown(Why::NotRecorded),
        _ => usual.times(subject.impact.peak_requests).map(|times| whole(subject, times)),
    }
}

/// How many there are, and how many came later.
///
/// One that is sharpened is stated anew, so that all that were ever stated are the upper bound; those
/// that stood to the end are the lower one.
fn descriptions(beside: &Beside<'_>, doubt: Option<Why>) -> ((u64, Known<u64>), (u64, Known<u64>)) {
    let told = beside.told;
    let first = told.stated.values().min().copied().unwrap_or_default();
    let is_later = |at: &WallTime| at.0 > first.0.saturating_add(LATER_MS);
    let stood =
        || told.incident.signatures.iter().filter_map(|one| told.stated.get(&one.expression));
    let bounds = |least: usize, most: usize| {
        let most = doubt.map_or(Known::Is(most as u64), Known::Unknown);
        (least as u64, most)
    };
    let later = told.stated.values().filter(|at| is_later(at)).count();
    (
        bounds(stood().count(), told.stated.len()),
        bounds(stood().filter(|at| is_later(at)).count(), later),
    )
}

fn lasted(beside: &Beside<'_>) -> (u64, Known<u64>) {
    let seconds = beside.told.window(beside.newest).seconds();
    let clocks = &beside.told.incident.clocks;
    let most = match (clocks.onset_at, clocks.ended_at) {
        (_, None) if beside.told.state == State::Open => Known::Unknown(Why::NotYet),
        (Some(_), Some(_)) => Known::Is(seconds),
        _ => Known::Unknown(Why::NotMeasured),
    };
    (seconds, most)
}

fn before(beside: &Beside<'_>, doubt: Option<Why>) -> (u64, Known<u64>) {
    let own = beside.told.window(beside.newest).from;
    let since = WallTime(own.0.saturating_sub(EARLIER_MS));
    let floods = beside.incidents.values().filter(|other| {
        let from = other.window(beside.newest).from;
        other.incident.kind == IncidentKind::Flood
            && !matches!(other.state, State::MergedInto(_))
            && (since..own).contains(&from)
    });
    let count = floods.count() as u64;
    let most = match doubt {
        Some(why) => Known::Unknown(why),
        None if beside.oldest <= since => Known::Is(count),
        None => Known::Unknown(Why::TooShort),
    };
    (count, most)
}
