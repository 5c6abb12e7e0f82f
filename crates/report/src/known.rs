//! A value or the reason why there is none, and numbers that carry unit, bound and basis.
//!
//! A missing value never becomes a default: it is unknown, and says why.

use std::fmt;

/// A value, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known<T> {
    /// It is known.
    Is(T),
    /// It is not.
    Unknown(Why),
}

impl<T> Known<T> {
    /// From a record's field: what is absent there was not measured.
    pub fn measured(value: Option<T>) -> Self {
        Self::or(value, Why::NotMeasured)
    }

    /// The value, or unknown for that reason.
    pub fn or(value: Option<T>, why: Why) -> Self {
        value.map_or(Self::Unknown(why), Self::Is)
    }

    /// The value, if it is known.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unknown(_) => None,
        }
    }

    /// The same with the value turned to another.
    pub fn map<U>(self, turn: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Is(value) => Known::Is(turn(value)),
            Self::Unknown(why) => Known::Unknown(why),
        }
    }
}

impl<T: fmt::Display> fmt::Display for Known<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => value.fmt(f),
            Self::Unknown(why) => write!(f, "unknown: {}", why.sentence()),
        }
    }
}

/// Why something is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// No record states it.
    NotRecorded,
    /// The record leaves it open.
    NotMeasured,
    /// It has not happened as far as the records go.
    NotYet,
    /// No table of places is configured.
    NoTable,
    /// The configured tables do not tell it.
    NotInTables,
    /// Nothing of it was watched.
    NotWatched,
    /// Records of this time are lost.
    Lost,
    /// Some records could not be read.
    Unread,
    /// The wall clock was stepped.
    ClockStepped,
    /// Some seconds have no record.
    PartlyUnseen,
    /// No capacity is known, so load cannot be judged.
    NoCapacity,
    /// Nobody told the shield.
    NotTold,
    /// The evidence does not hold.
    Broken,
    /// Nobody checked.
    NotChecked,
    /// The shield has no way to measure it.
    OutOfSight,
    /// The label of the document keeps it back.
    Withheld,
    /// It was measured for the incident as a whole alone.
    NotApart,
    /// The log does not go back as far as that.
    TooShort,
}

impl Why {
    /// Every reason.
    pub const ALL: [Self; 18] = [
        Self::NotRecorded,
        Self::NotMeasured,
        Self::NotYet,
        Self::NoTable,
        Self::NotInTables,
        Self::NotWatched,
        Self::Lost,
        Self::Unread,
        Self::ClockStepped,
        Self::PartlyUnseen,
        Self::NoCapacity,
        Self::NotTold,
        Self::Broken,
        Self::NotChecked,
        Self::OutOfSight,
        Self::Withheld,
        Self::NotApart,
        Self::TooShort,
    ];

    /// One word, for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::NotRecorded => "not_recorded",
            Self::NotMeasured => "not_measured",
            Self::NotYet => "not_yet",
            Self::NoTable => "no_table",
            Self::NotInTables => "not_in_tables",
            Self::NotWatched => "not_watched",
            Self::Lost => "lost",
            Self::Unread => "unread",
            Self::ClockStepped => "clock_stepped",
            Self::PartlyUnseen => "partly_unseen",
            Self::NoCapacity => "no_capacity",
            Self::NotTold => "not_told",
            Self::Broken => "broken",
            Self::NotChecked => "not_checked",
            Self::OutOfSight => "out_of_sight",
            Self::Withheld => "withheld",
            Self::NotApart => "not_apart",
            Self::TooShort => "too_short",
        }
    }

    /// For people.
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::NotRecorded => "no record states it",
            Self::NotMeasured => "it was not measured",
            Self::NotYet => "it has not happened as far as the records go",
            Self::NoTable => "no table configured",
            Self::NotInTables => "the configured tables do not tell it",
            Self::NotWatched => "nothing was watched that could show it",
            Self::Lost => "records of this time are lost",
            Self::Unread => "some records could not be read",
            Self::ClockStepped => "the clock was stepped in this time",
            Self::PartlyUnseen => "not every second has a record",
            Self::NoCapacity => "no capacity is known, so load cannot be judged",
            Self::NotTold => "nobody told the shield",
            Self::Broken => "the evidence does not hold",
            Self::NotChecked => "nobody checked it for this report",
            Self::OutOfSight => "the shield cannot see it",
            Self::Withheld => "the label of this document keeps it back",
            Self::NotApart => "it was measured for the incident as a whole alone",
            Self::TooShort => "the log does not go back as far as that",
        }
    }
}

/// How a number came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Basis {
    /// Every one was counted.
    Measured,
    /// Some were counted, the rest follows from them.
    Sampled,
    /// It follows from other numbers by a model.
    Estimated,
}

impl Basis {
    /// The word that stands beside the number.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Sampled => "sampled",
            Self::Estimated => "estimated",
        }
    }
}

/// What a number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unit {
    /// Requests.
    Requests,
    /// Requests in a second.
    RequestsPerSecond,
    /// Requests at the origins at once.
    RequestsAtOnce,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// Milliseconds that origins worked.
    OriginMilliseconds,
    /// Bytes.
    Bytes,
    /// Different sources.
    Sources,
    /// People and programs.
    Visitors,
    /// Thousandths of what the origins can carry.
    TimesCapacity,
    /// Thousandths of what is usual.
    TimesUsual,
    /// Thousandths of a millisecond that origins worked for each admitted request.
    OriginMillisecondsEach,
    /// Descriptions of traffic.
    Descriptions,
    /// Incidents.
    Incidents,
    /// Thousandths of a percent.
    Percent,
    /// Records of the log.
    Records,
}

impl Unit {
    /// As it stands behind the number.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::RequestsPerSecond => "requests/s",
            Self::RequestsAtOnce => "requests at once",
            Self::Seconds => "s",
            Self::Milliseconds => "ms",
            Self::OriginMilliseconds => "origin-ms",
            Self::Bytes => "bytes",
            Self::Sources => "sources",
            Self::Visitors => "visitors",
            Self::TimesCapacity => "times capacity",
            Self::TimesUsual => "times the usual",
            Self::OriginMillisecondsEach => "origin-ms per admitted request",
            Self::Descriptions => "descriptions",
            Self::Incidents => "incidents",
            Self::Percent => "%",
            Self::Records => "records",
        }
    }

    /// Whether values are kept in thousandths.
    pub const fn in_thousandths(self) -> bool {
        matches!(
            self,
            Self::TimesCapacity | Self::TimesUsual | Self::OriginMillisecondsEach | Self::Percent
        )
    }
}

/// Whether a number is what it is, or a bound of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bound {
    /// It is this.
    Exact,
    /// It is this or more.
    AtLeast,
    /// It is this or less.
    AtMost,
}

impl Bound {
    /// For programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::AtLeast => "at_least",
            Self::AtMost => "at_most",
        }
    }
}

/// A number that says what it counts and how it came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quantity {
    /// Whole, or thousandths where the unit says so.
    pub value: u64,
    /// What it counts.
    pub unit: Unit,
    /// How it came about.
    pub basis: Basis,
    /// Whether it is exact.
    pub bound: Bound,
}

impl Quantity {
    /// Counted one by one.
    pub const fn measured(value: u64, unit: Unit) -> Self {
        Self { value, unit, basis: Basis::Measured, bound: Bound::Exact }
    }

    /// The same, known only as a bound.
    #[must_use]
    pub const fn bounded(self, bound: Bound) -> Self {
        Self { bound, ..self }
    }

    /// The same, come about otherwise.
    #[must_use]
    pub const fn by(self, basis: Basis) -> Self {
        Self { basis, ..self }
    }

    /// The number alone: thousands apart, thousandths behind a point.
    pub fn number(&self) -> String {
        if self.unit.in_thousandths() {
            let (whole, rest) = (self.value / 1_000, self.value % 1_000);
            let rest = format!("{rest:03}");
            let rest = rest.trim_end_matches('0');
            return match rest {
                "" => thousands(whole),
                rest => format!("{}.{rest}", thousands(whole)),
            };
        }
        thousands(self.value)
    }

    /// Number and unit, without the basis: for tables whose head names it.
    pub fn short(&self) -> String {
        let before = match self.bound {
            Bound::Exact => "",
            Bound::AtLeast => "at least ",
            Bound::AtMost => "at most ",
        };
        format!("{before}{} {}", self.number(), self.unit.word())
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.short(), self.basis.word())
    }
}

/// `12345678` as `12,345,678`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_its_unit_its_bound_and_how_it_came_about() {
        for (quantity, text) in [
            (Quantity::measured(12_345, Unit::Requests), "12,345 requests (measured)"),
            (Quantity::measured(1_930, Unit::TimesCapacity), "1.93 times capacity (measured)"),
            (Quantity::measured(7, Unit::Percent).by(Basis::Sampled), "0.007 % (sampled)"),
            (
                Quantity::measured(900, Unit::Sources).bounded(Bound::AtLeast),
                "at least 900 sources (measured)",
            ),
            (Quantity::measured(0, Unit::Seconds), "0 s (measured)"),
        ] {
            assert_eq!(quantity.to_string(), text);
        }
        assert_eq!(thousands(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn what_is_not_known_says_why() {
        let known: Known<Quantity> = Known::Unknown(Why::NoTable);
        assert_eq!(known.to_string(), "unknown: no table configured");
        for why in Why::ALL {
            assert!(!why.sentence().is_empty() && why.word().is_ascii());
        }
    }
}
