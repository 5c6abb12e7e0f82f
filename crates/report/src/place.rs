//! How many sources asked, and where tables place them: facts about tables and addresses, not people.
//!
//! Shares are over distinct sources and, apart, over requests, each with its Wilson interval at 95 %;
//! requests of one source count as one draw there (Kish's effective sample size), since whoever asks
//! a thousand times is still in one place.
//! Bounds: [`PLACES_MAX`] rows; the rest are summed.
//!
//! Source of the interval: E. B. Wilson, Journal of the American Statistical Association 22 (1927);
//! of the effective size: L. Kish, Survey Sampling (1965).

use crate::known::{Basis, Bound, Known, Quantity, Unit, Why};
use crate::line::Line;
use seawall_types::WallTime;
use seawall_types::evidence::{
    AddressWord, Cluster, Clusters, IncidentSources, PlaceCount, Placed, SourceCrowd,
};
use std::fmt;

/// Rows of a table of places.
pub const PLACES_MAX: usize = 20;
/// Stands wherever places are shown.
pub const CAVEAT: &str = "Where traffic entered from, not who sent it: rented machines and relays \
                          in other people's homes break the link between an address and a sender.";

/// Two letters as ISO 3166-1 has them; codes, never names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Reads two capital letters.
    pub fn read(text: &str) -> Option<Self> {
        let letters: [u8; 2] = text.as_bytes().try_into().ok()?;
        letters.iter().all(u8::is_ascii_uppercase).then_some(Self(letters))
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| fmt::Write::write_char(f, char::from(*letter)))
    }
}

/// What is known of the sources of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// The record that tells it last.
    pub record: u64,
    /// Since when sources were counted.
    pub since: WallTime,
    /// Until when.
    pub until: WallTime,
    /// Whose word stands for their addresses.
    pub addresses: AddressWord,
    /// Requests of this time whose sources may be missing.
    pub unlisted: u64,
    /// Tables that were looked into.
    pub tables: Vec<Table>,
    /// All who asked.
    pub asked: Crowd,
    /// Those that a measure met or that were not admitted.
    pub met: Crowd,
    /// Likely groups among these.
    pub clusters: Known<Vec<Group>>,
    /// Sources of the sample that stand in none of them.
    pub unassigned: u64,
}

/// Sources that look alike, aim alike and began together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// A digest of what their software shows.
    pub look: Line,
    /// Of the sample.
    pub count: PlaceCount,
    /// Their share of the sample.
    pub share: Share,
    /// Different things that they asked for first.
    pub aims: u64,
    /// When half of them had begun.
    pub began: WallTime,
    /// How much of it comes out again when half of the sample is left out.
    pub stability: Quantity,
}

/// A table of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The key of the configuration that names it.
    pub key: Line,
    /// What it calls itself.
    pub name: Line,
    /// The day on which it was built, as it says itself.
    pub dated: Line,
    /// Digest of its bytes.
    pub digest: Line,
}

/// A number of sources, and what a fair sample of them shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crowd {
    /// Different sources.
    pub sources: Quantity,
    /// How far that may be off at 95 % certainty, in thousandths.
    pub error_permille: u32,
    /// Requests of theirs.
    pub requests: Quantity,
    /// Sources in the sample, and their requests.
    pub sample: PlaceCount,
    /// Independent draws that those requests are worth.
    pub draws: u64,
    /// Marks of the sources with the smallest ones, in their order.
    pub marks: Vec<u64>,
    /// By apparent country.
    pub countries: Known<Split>,
    /// By network.
    pub networks: Known<Split>,
    /// By kind of network.
    pub classes: Known<Split>,
    /// Sources for which two tables name different countries, of those for which both name one.
    pub disagreeing: Known<(u64, u64)>,
}

/// The sample by what a table says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Split {
    /// Most sources first.
    pub rows: Vec<(Line, PlaceCount)>,
    /// Rows that found no room.
    pub others: PlaceCount,
    /// Of which the table says nothing.
    pub unplaced: PlaceCount,
}

/// One row of a table of places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// A code, a number of a network, or a kind.
    pub place: Line,
    /// Of the sample.
    pub count: PlaceCount,
    /// Over distinct sources.
    pub by_sources: Share,
    /// Over requests.
    pub by_requests: Share,
}

/// A share and its interval.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// What the sample has.
    pub share: Quantity,
    /// Lower end of its interval.
    pub least: Quantity,
    /// Upper end of its interval.
    pub most: Quantity,
}

impl Places {
    /// As a record tells it.
    pub fn of(record: u64, told: &IncidentSources) -> Self {
        let table = |table: &seawall_types::evidence::PlaceTable| {
            let built = WallTime(table.built_s.saturating_mul(1_000));
            Table {
                key: Line::of(&table.key),
                name: Line::of(&table.name),
                dated: Line::of(seawall_types::wall::rfc3339(built).get(..10).unwrap_or_default()),
                digest: Line::of(&table.digest),
            }
        };
        let has_tables = !told.tables.is_empty();
        let met = Crowd::of(&told.met, (told.unlisted, has_tables));
        let groups = |told: &Clusters| told.rows.iter().map(|row| Group::of(row, &met)).collect();
        let clusters = told.clusters.as_ref();
        Self {
            clusters: Known::or(clusters.map(groups), Why::NotRecorded),
            unassigned: clusters.map_or(0, |told| told.unassigned),
            record,
            since: told.since.wall,
            until: told.until.wall,
            addresses: told.addresses,
            unlisted: told.unlisted,
            tables: told.tables.iter().map(table).collect(),
            asked: Crowd::of(&told.asked, (told.unlisted, has_tables)),
            met,
        }
    }

    /// The crowd that shares are shown of, and what it is: those that were met, where there are any.
    pub fn shown(&self) -> (&'static str, &Crowd) {
        match self.met.sources.value {
            0 => ("sources that asked", &self.asked),
            _ => ("sources that a measure met or that were not admitted", &self.met),
        }
    }

    /// The tables in one line.
    pub fn named(&self) -> String {
        let named = |table: &Table| format!("{} {} of {}", table.key, table.name, table.dated);
        self.tables.iter().map(named).collect::<Vec<_>>().join("; ")
    }

    /// Whether the addresses are the sources' own, in one sentence.
    pub const fn own_addresses(&self) -> &'static str {
        match self.addresses {
            AddressWord::Handshake => {
                "Not spoofed: each of these sources completed a TCP handshake with the shield, so \
                 that its address answered."
            }
            AddressWord::Proxies => {
                "May be spoofed: proxies in front of the shield named some or all of these \
                 addresses, and nothing here shows that each answered."
            }
        }
    }
}

impl Group {
    fn of(told: &Cluster, crowd: &Crowd) -> Self {
        let sampled = crowd.sample.sources;
        let stability = u64::from(told.stability_permille.min(1_000)) * 100;
        Self {
            look: Line::of(&told.look),
            count: PlaceCount { sources: told.sources, requests: told.requests },
            share: crowd.share((told.sources.min(sampled), sampled), sampled),
            aims: told.aims,
            began: WallTime(told.began_ms),
            stability: Quantity::measured(stability, Unit::Percent).by(Basis::Estimated),
        }
    }
}

impl Crowd {
    fn of(told: &SourceCrowd, (unlisted, has_tables): (u64, bool)) -> Self {
        let bounded = |quantity: Quantity| match unlisted {
            0 => quantity,
            _ => quantity.bounded(Bound::AtLeast),
        };
        let basis = if told.error_permille == 0 { Basis::Measured } else { Basis::Estimated };
        let absent = if has_tables { Why::NotInTables } else { Why::NoTable };
        let split = |placed: &Option<Placed>, is_place: fn(&str) -> bool| match placed {
            Some(placed) => Known::Is(Split::of(placed, is_place)),
            None => Known::Unknown(absent),
        };
        Self {
            sources: bounded(Quantity::measured(told.sources, Unit::Sources).by(basis)),
            error_permille: told.error_permille,
            requests: bounded(Quantity::measured(told.requests, Unit::Requests)),
            sample: PlaceCount { sources: told.sampled, requests: told.sampled_requests },
            draws: told.effective_requests,
            marks: marks(&told.marks),
            countries: split(&told.countries, |text| CountryCode::read(text).is_some()),
            networks: split(&told.networks, |text| {
                text.strip_prefix("AS").is_some_and(|rest| rest.parse::<u32>().is_ok())
            }),
            classes: split(&told.classes, |text| CLASSES.contains(&text)),
            disagreeing: match told.compared {
                0 => Known::Unknown(absent),
                compared => Known::Is((told.disagreeing.min(compared), compared)),
            },
        }
    }

    /// How its sources came into the shares.
    pub const fn basis(&self) -> Basis {
        if self.error_permille == 0 { Basis::Measured } else { Basis::Sampled }
    }

    /// Rows as they are shown, most first; and what of the sample stands in none of them.
    pub fn rows(&self, split: &Split) -> (Vec<Row>, PlaceCount) {
        let mut left = split.others;
        for (_, count) in split.rows.iter().skip(PLACES_MAX) {
            left.sources = left.sources.saturating_add(count.sources);
            left.requests = left.requests.saturating_add(count.requests);
        }
        let row = |(place, count): &(Line, PlaceCount)| Row {
            place: place.clone(),
            count: *count,
            by_sources: self.share((count.sources, self.sample.sources), self.sample.sources),
            by_requests: self.share((count.requests, self.sample.requests), self.draws),
        };
        (split.rows.iter().take(PLACES_MAX).map(row).collect(), left)
    }

    /// The number of sources with its error, in words.
    pub fn counted(&self) -> String {
        match self.error_permille {
            0 => self.sources.to_string(),
            error => format!("{}, within {}.{} %", self.sources, error / 10, error % 10),
        }
    }

    fn share(&self, (part, whole): (u64, u64), draws: u64) -> Share {
        let (share, least, most) = wilson((part, whole), draws);
        let percent = |value| Quantity::measured(value, Unit::Percent).by(self.basis());
        Share {
            share: percent(share),
            least: percent(least).bounded(Bound::AtLeast),
            most: percent(most).bounded(Bound::AtMost),
        }
    }
}

impl Split {
    /// What is no place is not shown: a table is not ours.
    fn of(placed: &Placed, is_place: impl Fn(&str) -> bool) -> Self {
        let mut split = Self { rows: Vec::new(), others: placed.others, unplaced: placed.unplaced };
        for row in &placed.rows {
            if is_place(&row.place) {
                split.rows.push((Line::of(&row.place), row.count));
            } else {
                split.unplaced.sources = split.unplaced.sources.saturating_add(row.count.sources);
                split.unplaced.requests =
                    split.unplaced.requests.saturating_add(row.count.requests);
            }
        }
        split
    }
}

/// Marks as numbers; what is none is left out.
fn marks(told: &[String]) -> Vec<u64> {
    let read = told.iter().filter_map(|mark| u64::from_str_radix(mark, 16).ok());
    let mut marks: Vec<_> = read.collect();
    marks.sort_unstable();
    marks.dedup();
    marks
}

/// Kinds of network that records name.
const CLASSES: [&str; 4] = ["residential", "mobile", "hosting", "proxy"];

/// Share of a part in a whole and its interval at 95 % from that many independent draws, each in
/// thousandths of a percent.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares lie between 0 and 100,000 thousandths of a percent"
)]
fn wilson((part, whole): (u64, u64), draws: u64) -> (u64, u64, u64) {
    const Z: f64 = 1.959_963_984_540_054;
    if whole == 0 || draws == 0 {
        return (0, 0, 100_000);
    }
    let n = draws as f64;
    let p = part.min(whole) as f64 / whole as f64;
    let middle = p + Z * Z / (2.0 * n);
    let reach = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
    let all = 1.0 + Z * Z / n;
    let scaled = |share: f64| (share.clamp(0.0, 1.0) * 100_000.0).round() as u64;
    (scaled(p), scaled((middle - reach) / all), scaled((middle + reach) / all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_has_its_known_ends() {
        // Known values of the score interval without correction.
        assert_eq!(wilson((0, 10), 10), (0, 0, 27_753));
        assert_eq!(wilson((10, 10), 10), (100_000, 72_247, 100_000));
        assert_eq!(wilson((5, 10), 10), (50_000, 23_659, 76_341));
        assert_eq!(wilson((0, 0), 0), (0, 0, 100_000));
        // A thousand requests of ten sources are worth ten draws.
        assert_eq!(wilson((500, 1_000), 10), wilson((5, 10), 10));
    }

    #[test]
    fn a_code_is_two_capital_letters() {
        assert_eq!(CountryCode::read("GB").map(|code| code.to_string()).as_deref(), Some("GB"));
        for bad in ["", "gb", "GBR", "<b", "G\n"] {
            assert_eq!(CountryCode::read(bad), None, "{bad:?}");
        }
    }
}
