//! Whether the senders of an excess look like the known-good visitors do.
//!
//! What is asked for (a page, a campaign's query, a referer, a network) changes with every crowd;
//! the clients that ask do not: they are the same browsers in about the same mix.
//! So a description must show that its clients depart from the usual mix: either it names a thing
//! of the client that is far more frequent here than among known-good visitors, or it names none
//! and the mix of its rows is not the usual one.
//! Clients that imitate the usual mix therefore cannot be described here, and are not.

use super::beam::{Branch, Ground};
use crate::detect::columns::{Rows, Window};
use crate::detect::reservoir::{Known, ones};
use seawall_types::{Attribute, Trait};

/// What belongs to the client, not to what it asks for.
const OF_CLIENT: [Attribute; 5] =
    [Attribute::Agent, Attribute::Headers, Attribute::Ja4, Attribute::H2, Attribute::Wire];

/// A thing of the client must be so much more frequent than among known-good visitors.
const DEPARTS_FROM: f64 = 5.0;
/// Or the two mixes have less than this in common; noise counts as being in common. With more, a
/// crowd is among the rows, and a description has to name the client to leave it alone.
const IN_COMMON: f64 = 0.15;
/// A value below this part of known requests is one of the rare ones, which are taken together.
const RARE: f64 = 0.01;
/// Bin of the rare values; values that nobody showed are among them.
const RARE_BIN: u8 = 0;
/// Marks a row that does not show the attribute.
const NO_BIN: u8 = u8::MAX;

/// Whether a thing belongs to the client.
pub(in crate::detect) fn is_of_client(attribute: Attribute) -> bool {
    OF_CLIENT.contains(&attribute)
}

/// The mix of known-good clients, and where each row of the window lies in it.
pub(super) struct Looks(Vec<Mix>);

/// The mix in one attribute.
struct Mix {
    /// By bin: its part of known requests.
    usual: Vec<f64>,
    /// By row of the window.
    bins: Vec<u8>,
}

impl Looks {
    pub(super) fn new(window: &Window<'_>, known: &Known) -> Self {
        let measured = OF_CLIENT.into_iter().filter(|attribute| known.tells_novelty(*attribute));
        Self(measured.map(|attribute| Mix::new(attribute, window, known)).collect())
    }

    /// Whether the clients of a conjunction depart from the usual ones.
    pub(super) fn depart(&self, ground: &Ground<'_>, branch: &Branch, left: &Rows) -> bool {
        let of_client = |column: &u16| is_of_client(ground.term(*column).attribute());
        let (of_client, asked): (Vec<u16>, Vec<u16>) =
            branch.columns.iter().copied().partition(of_client);
        if of_client.is_empty() {
            return self.0.iter().any(|mix| mix.in_common(&branch.rows, ground.window) < IN_COMMON);
        }
        // Among all that ask for the same, how many are such clients?
        let mut same = left.clone();
        for column in asked {
            let rows = &ground.columns[usize::from(column)].rows;
            same.iter_mut().zip(rows).for_each(|(word, more)| *word &= more);
        }
        let weight = ground.window.heft(&same, &same).weight;
        let here = ground.window.heft(&branch.rows, &branch.rows).weight / weight.max(1e-9);
        let touched = f64::from(ground.touched(of_client.into_iter()));
        let usual = (touched + 1.0) / (f64::from(ground.side.visitors()) + 1.0);
        here >= DEPARTS_FROM * usual
    }
}

impl Mix {
    fn new(attribute: Attribute, window: &Window<'_>, known: &Known) -> Self {
        let shown = f64::from(known.shown(attribute)).max(1.0);
        let mut frequent: Vec<(u32, u32)> = known
            .values(attribute)
            .filter(|(_, requests)| f64::from(*requests) >= RARE * shown)
            .collect();
        frequent.sort_unstable();
        let parts: Vec<f64> = frequent.iter().map(|(_, n)| f64::from(*n) / shown).collect();
        let mut usual = vec![(1.0 - parts.iter().sum::<f64>()).max(0.0)];
        usual.extend(parts);
        let bin = |value: Trait| match value {
            Trait::UNKNOWN => NO_BIN,
            _ => match frequent.binary_search_by_key(&value.to_bits(), |(value, _)| *value) {
                // At most a hundred values are frequent.
                Ok(at) => u8::try_from(at + 1).unwrap_or(RARE_BIN),
                Err(_) => RARE_BIN,
            },
        };
        let bins = window.rows().map(|row| bin(row.traits.get(attribute))).collect();
        Self { usual, bins }
    }

    /// What the mix of some rows and the usual mix have in common, from 0 to 1, with the part that
    /// chance alone may have taken away.
    fn in_common(&self, rows: &Rows, window: &Window<'_>) -> f64 {
        let mut here = vec![0.0; self.usual.len()];
        let (mut total, mut count) = (0.0, 0_u32);
        for row in ones(rows) {
            let bin = self.bins[row];
            if bin != NO_BIN {
                here[usize::from(bin)] += window.weight(row);
                total += window.weight(row);
                count += 1;
            }
        }
        if count == 0 {
            return 1.0;
        }
        let overlaps = self.usual.iter().zip(&here).map(|(usual, here)| usual.min(here / total));
        let used = here.iter().filter(|weight| **weight > 0.0).count();
        let used = f64::from(u32::try_from(used).unwrap_or(u32::MAX));
        overlaps.sum::<f64>() + 0.5 * ((used - 1.0) / f64::from(count)).sqrt()
    }
}
