//! The sums of a replay, and their JSON form.

use super::compare::Comparison;
use super::incidents::IncidentSummary;
use super::recorded::Recorded;
use super::recording::Capture;
use seawall_engine::PlatformSettings;
use seawall_types::Verdict;
use serde::ser::{SerializeMap, SerializeStruct};
use serde::{Serialize, Serializer};

/// The sums of one replay.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// Records that were read.
    pub records: u64,
    /// Lines and captures that were not read, or not to their end.
    pub unread: u64,
    /// The seed.
    pub seed: u64,
    /// SHA-256 over the verdict lines.
    pub decisions_hash: String,
    /// By platform index.
    pub platforms: Vec<PlatformSummary>,
    /// Records that no platform serves.
    pub unserved: u64,
    /// What each capture consists of.
    pub captures: Vec<Capture>,
    /// Incidents of all platforms, in the order in which they were told.
    pub incidents: Vec<IncidentSummary>,
}

/// The sums of one platform.
#[derive(Debug, Clone, PartialEq)]
pub struct PlatformSummary {
    /// Its name.
    pub name: String,
    /// What its origins are taken to carry, in milliseconds a second.
    pub capacity_ms_per_s: f64,
    /// By verdict.
    pub verdicts: [u64; Verdict::COUNT],
    /// Seconds in which more was let through than its origins carry.
    pub overload_seconds: u64,
    /// Milliseconds at its origins that were let through.
    pub admitted_ms: f64,
}

impl Summary {
    pub(super) fn new(recorded: &Recorded, platforms: &[PlatformSettings], seed: u64) -> Self {
        Self {
            records: recorded.records() as u64,
            unread: recorded.unread(),
            seed,
            decisions_hash: String::new(),
            platforms: platforms.iter().map(PlatformSummary::of).collect(),
            unserved: 0,
            captures: recorded.captures().to_vec(),
            incidents: Vec::new(),
        }
    }

    /// The share of records that were not admitted; 0 without records.
    #[expect(clippy::cast_precision_loss, reason = "a share, shown with a few digits")]
    pub fn not_admitted_share(&self) -> f64 {
        let admit = Verdict::Admit.index();
        let admitted: u64 = self.platforms.iter().map(|platform| platform.verdicts[admit]).sum();
        if self.records == 0 { 0.0 } else { (self.records - admitted) as f64 / self.records as f64 }
    }
}

impl PlatformSummary {
    pub(super) fn new(name: String, capacity_ms_per_s: f64) -> Self {
        Self {
            name,
            capacity_ms_per_s,
            verdicts: [0; Verdict::COUNT],
            overload_seconds: 0,
            admitted_ms: 0.0,
        }
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        self.verdicts[verdict.index()] += 1;
    }

    /// Its records.
    pub fn records(&self) -> u64 {
        self.verdicts.iter().sum()
    }

    /// Its records that were not admitted.
    pub fn not_admitted(&self) -> u64 {
        self.records() - self.verdicts[Verdict::Admit.index()]
    }
}

/// The summary for programs, with the difference that a second configuration makes.
///
/// # Errors
/// None in practice: there is nothing in it that JSON cannot say.
pub fn json(
    summary: &Summary,
    comparison: Option<&Comparison>,
) -> Result<String, serde_json::Error> {
    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        summary: &'a Summary,
        #[serde(skip_serializing_if = "Option::is_none")]
        compare: Option<&'a Comparison>,
    }
    serde_json::to_string(&Whole { summary, compare: comparison })
}

impl Serialize for Summary {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let by_name = |value: Value| ByName(&self.platforms, value);
        let mut summary = serializer.serialize_struct("Summary", 9)?;
        summary.serialize_field("records", &self.records)?;
        summary.serialize_field("unread", &self.unread)?;
        summary.serialize_field("seed", &self.seed)?;
        summary.serialize_field("decisions_hash", &self.decisions_hash)?;
        summary.serialize_field("capacity_ms_per_s", &by_name(Value::Capacity))?;
        summary.serialize_field("verdicts", &by_name(Value::Verdicts))?;
        summary.serialize_field("overload_seconds", &by_name(Value::Overload))?;
        summary.serialize_field("captures", &self.captures)?;
        summary.serialize_field("incidents", &self.incidents)?;
        summary.end()
    }
}

/// Which value of platforms is shown by their names.
#[derive(Clone, Copy)]
enum Value {
    Capacity,
    Verdicts,
    Overload,
}

struct ByName<'a>(&'a [PlatformSummary], Value);

impl Serialize for ByName<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for platform in self.0 {
            let name = &platform.name;
            match self.1 {
                Value::Capacity => map.serialize_entry(name, &platform.capacity_ms_per_s),
                Value::Verdicts => map.serialize_entry(name, &Verdicts(&platform.verdicts)),
                Value::Overload => map.serialize_entry(name, &platform.overload_seconds),
            }?;
        }
        map.end()
    }
}

/// Counts by verdict; `error`, which judges no sender, only where there was one.
struct Verdicts<'a>(&'a [u64; Verdict::COUNT]);

impl Serialize for Verdicts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let is_shown =
            |(verdict, count): &(Verdict, &u64)| *verdict != Verdict::Error || **count > 0;
        serializer.collect_map(
            Verdict::ALL
                .into_iter()
                .zip(self.0)
                .filter(is_shown)
                .map(|(verdict, count)| (verdict.word(), count)),
        )
    }
}

impl Serialize for Capture {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names: Vec<_> = self.summary.vectors.iter().map(|vector| &vector.name).collect();
        let mut capture = serializer.serialize_struct("Capture", 5)?;
        capture.serialize_field("input", &self.input)?;
        capture.serialize_field("packets", &self.summary.packets)?;
        capture.serialize_field("covered", &self.summary.covered)?;
        capture.serialize_field("vectors", &names)?;
        capture.serialize_field("spoofed", self.summary.spoofed.word())?;
        capture.end()
    }
}
