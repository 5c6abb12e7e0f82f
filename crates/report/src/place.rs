//! Where a table places addresses: a fact about the table and the addresses, not about people.
//!
//! Shares are over distinct sources, each with its Wilson interval at 95 %.
//! Bounds: [`PLACES_MAX`] rows; the rest are summed.
//!
//! Source of the interval: E. B. Wilson, Journal of the American Statistical Association 22 (1927).

use crate::known::{Basis, Bound, Quantity, Unit};
use crate::line::Line;
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

/// Where a table places the distinct sources of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Name of the table.
    pub table: Line,
    /// Its date, as the table gives it.
    pub dated: Line,
    /// How sources came into the count.
    pub basis: Basis,
    /// Distinct sources looked up.
    pub sources: u64,
    /// Distinct sources by apparent country, most first.
    pub countries: Vec<(CountryCode, u64)>,
}

/// One row of a table of places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Sources of that country.
    pub sources: Quantity,
    /// Their share.
    pub share: Quantity,
    /// Lower end of its interval.
    pub least: Quantity,
    /// Upper end of its interval.
    pub most: Quantity,
}

impl Places {
    /// Rows as they are shown, most first; and the sources of those left out.
    pub fn rows(&self) -> (Vec<(CountryCode, Share)>, u64) {
        let shown = self.countries.iter().take(PLACES_MAX);
        let rows = shown.map(|(code, sources)| (*code, self.share(*sources))).collect();
        let left = self.countries.iter().skip(PLACES_MAX).map(|(_, sources)| *sources);
        (rows, left.fold(0, u64::saturating_add))
    }

    /// Sources that the table does not place.
    pub fn unplaced(&self) -> u64 {
        let placed = self.countries.iter().map(|(_, sources)| *sources);
        self.sources.saturating_sub(placed.fold(0, u64::saturating_add))
    }

    fn share(&self, sources: u64) -> Share {
        let (share, least, most) = wilson(sources, self.sources);
        let percent = |value| Quantity::measured(value, Unit::Percent).by(self.basis);
        Share {
            sources: Quantity::measured(sources, Unit::Sources).by(self.basis),
            share: percent(share),
            least: percent(least).bounded(Bound::AtLeast),
            most: percent(most).bounded(Bound::AtMost),
        }
    }
}

/// Share of `part` in `whole` and its interval at 95 %, each in thousandths of a percent.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "shares lie between 0 and 100,000 thousandths of a percent"
)]
fn wilson(part: u64, whole: u64) -> (u64, u64, u64) {
    const Z: f64 = 1.959_963_984_540_054;
    if whole == 0 {
        return (0, 0, 100_000);
    }
    let n = whole as f64;
    let p = part.min(whole) as f64 / n;
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
        assert_eq!(wilson(0, 10), (0, 0, 27_753));
        assert_eq!(wilson(10, 10), (100_000, 72_247, 100_000));
        assert_eq!(wilson(5, 10), (50_000, 23_659, 76_341));
        assert_eq!(wilson(0, 0), (0, 0, 100_000));
    }

    #[test]
    fn a_code_is_two_capital_letters() {
        assert_eq!(CountryCode::read("GB").map(|code| code.to_string()).as_deref(), Some("GB"));
        for bad in ["", "gb", "GBR", "<b", "G\n"] {
            assert_eq!(CountryCode::read(bad), None, "{bad:?}");
        }
    }
}
