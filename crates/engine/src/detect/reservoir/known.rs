//! Which values known-good visitors have shown, and in how many of their requests.
//!
//! Told of the visitors that descriptions are searched on; what the others show is counted beside it,
//! so that both sets keep their requests as short numbers of one table.

use super::lexicon::{Lexicon, NO_CODE};
use super::side::Part;
use seawall_types::{Attribute, Trait, Traits};

/// A value is new only where at least this part of known requests show any value of its kind:
/// where nothing was measured everything would look new.
const MEASURED_FOR_NOVELTY: f64 = 0.5;
/// An attribute tells visitors from others only where this part of known requests show it.
const MEASURED_AT_ALL: f64 = 0.1;

/// What a request shows, each value by its code.
pub(super) type Codes = [u16; Attribute::COUNT];
/// Of a request that there is not.
pub(super) const NOTHING: Codes = [NO_CODE; Attribute::COUNT];

/// Values of the known-good visitors that descriptions are searched on.
#[derive(Debug, Clone)]
pub struct Known {
    values: Vec<Lexicon>,
    /// By attribute: requests that show any value.
    shown: [u32; Attribute::COUNT],
    requests: u32,
    version: u64,
}

impl Known {
    /// Nobody has shown anything.
    pub(super) fn new(seed: u64) -> Self {
        let values = Attribute::ALL.map(|_| Lexicon::new(seed)).into();
        Self { values, shown: [0; Attribute::COUNT], requests: 0, version: 0 }
    }

    /// Nobody is known, so nothing can be called new.
    pub fn nobody() -> Self {
        Self::new(0)
    }

    /// Changes whenever what they show may have: with the same number the same is new.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// Every value of an attribute that known requests show.
    pub fn shown_values(&self, attribute: Attribute) -> Vec<u32> {
        self.values(attribute).map(|(value, _)| value).collect()
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
    fn count(&self, attribute: Attribute, value: Trait) -> u32 {
        self.code(attribute, value).map_or(0, |code| self.count_of(attribute, code))
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
        self.values[attribute.index()].counted(Part::OfKnown.set())
    }

    /// Known requests that show a value, by its code.
    pub(super) fn count_of(&self, attribute: Attribute, code: u16) -> u32 {
        self.values[attribute.index()].count(Part::OfKnown.set(), code)
    }

    /// The code of a value; none when no request that is kept shows it.
    pub(super) fn code(&self, attribute: Attribute, value: Trait) -> Option<u16> {
        self.values[attribute.index()].code(value.to_bits())
    }

    /// The value that a code stands for.
    pub(super) fn value(&self, attribute: Attribute, code: u16) -> Trait {
        Trait::new(self.values[attribute.index()].value(code))
    }

    /// What a request showed.
    pub(super) fn traits(&self, codes: &Codes) -> Traits {
        let mut traits = Traits::default();
        for (attribute, code) in Attribute::ALL.into_iter().zip(codes) {
            traits.set(attribute, self.value(attribute, *code));
        }
        traits
    }

    /// A request of a visitor is kept from now on.
    pub(super) fn take_in(&mut self, part: Part, traits: &Traits) -> Codes {
        let mut codes = NOTHING;
        for (attribute, code) in Attribute::ALL.into_iter().zip(&mut codes) {
            let value = traits.get(attribute).to_bits();
            *code = self.values[attribute.index()].take_in(part.set(), value);
            if part == Part::OfKnown {
                self.shown[attribute.index()] += u32::from(*code != NO_CODE);
            }
        }
        self.requests += u32::from(part == Part::OfKnown);
        self.version += u64::from(part == Part::OfKnown);
        codes
    }

    /// A request of a visitor is kept no longer.
    pub(super) fn let_go(&mut self, part: Part, codes: &Codes) {
        for (attribute, code) in Attribute::ALL.into_iter().zip(codes) {
            self.values[attribute.index()].let_go(part.set(), *code);
            if part == Part::OfKnown && *code != NO_CODE {
                let shown = &mut self.shown[attribute.index()];
                *shown = shown.saturating_sub(1);
            }
        }
        let is_known = u32::from(part == Part::OfKnown);
        self.requests = self.requests.saturating_sub(is_known);
        self.version += u64::from(is_known);
    }

    fn is_measured(&self, attribute: Attribute, part: f64) -> bool {
        let shown = f64::from(self.shown[attribute.index()]);
        self.requests > 0 && shown >= part * f64::from(self.requests)
    }
}
