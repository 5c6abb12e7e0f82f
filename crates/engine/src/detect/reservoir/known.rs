//! Which values known-good visitors have shown, and in how many of their requests.

use crate::detect::tally::Tally;
use seawall_types::{Attribute, Trait, Traits};

/// A value is new only where at least this part of known requests show any value of its kind:
/// where nothing was measured everything would look new.
const MEASURED_FOR_NOVELTY: f64 = 0.5;
/// An attribute tells visitors from others only where this part of known requests show it.
const MEASURED_AT_ALL: f64 = 0.1;

/// Values of the known-good visitors that descriptions are searched on.
#[derive(Debug, Clone)]
pub struct Known {
    values: Vec<Tally>,
    /// By attribute: requests that show any value.
    shown: [u32; Attribute::COUNT],
    requests: u32,
}

impl Known {
    /// Nobody has shown anything.
    pub(super) fn new(seed: u64) -> Self {
        let values = Attribute::ALL.map(|_| Tally::new(seed)).into();
        Self { values, shown: [0; Attribute::COUNT], requests: 0 }
    }

    /// Nobody is known, so nothing can be called new.
    pub fn nobody() -> Self {
        Self::new(0)
    }

    /// Every value of an attribute that known requests show.
    pub fn shown_values(&self, attribute: Attribute) -> Vec<u32> {
        self.values(attribute)
            .filter(|(_, requests)| *requests > 0)
            .map(|(value, _)| value)
            .collect()
    }

    /// Whether a value is one that no known-good visitor showed, where that can be said.
    pub fn is_novel(&self, attribute: Attribute, value: Trait) -> bool {
        value.is_known() && self.tells_novelty(attribute) && self.count(attribute, value) == 0
    }

    /// Whether enough known requests show the attribute for a value to be called new.
    pub fn tells_novelty(&self, attribute: Attribute) -> bool {
        self.is_measured(attribute, MEASURED_FOR_NOVELTY)
    }

    /// Whether enough known requests show the attribute for any value to tell something.
    pub fn is_comparable(&self, attribute: Attribute) -> bool {
        self.is_measured(attribute, MEASURED_AT_ALL)
    }

    /// Known requests that show a value.
    pub(in crate::detect) fn count(&self, attribute: Attribute, value: Trait) -> u32 {
        self.values[attribute.index()].count(value.to_bits())
    }

    /// Known requests that show any value of the attribute.
    pub(in crate::detect) fn shown(&self, attribute: Attribute) -> u32 {
        self.shown[attribute.index()]
    }

    /// Every value of the attribute with the requests that show it.
    pub(in crate::detect) fn values(
        &self,
        attribute: Attribute,
    ) -> impl Iterator<Item = (u32, u32)> {
        self.values[attribute.index()].counted()
    }

    pub(super) fn add(&mut self, traits: &Traits) {
        self.requests += 1;
        for attribute in Attribute::ALL {
            let value = traits.get(attribute);
            if value.is_known() {
                *self.values[attribute.index()].entry(value.to_bits()) += 1;
                self.shown[attribute.index()] += 1;
            }
        }
    }

    pub(super) fn forget_all(&mut self, left: &[Option<Traits>]) {
        for traits in left.iter().flatten() {
            self.requests = self.requests.saturating_sub(1);
            for attribute in Attribute::ALL {
                let value = traits.get(attribute);
                if value.is_known() {
                    let count = self.values[attribute.index()].entry(value.to_bits());
                    *count = count.saturating_sub(1);
                    let shown = &mut self.shown[attribute.index()];
                    *shown = shown.saturating_sub(1);
                }
            }
        }
    }

    fn is_measured(&self, attribute: Attribute, part: f64) -> bool {
        let shown = f64::from(self.shown[attribute.index()]);
        self.requests > 0 && shown >= part * f64::from(self.requests)
    }
}
