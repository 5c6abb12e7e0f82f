//! What the values of traits read, for those who look at signatures.
//!
//! Bounds: [`TEXTS_MAX`] texts; values met when there is no room have none.

use seawall_types::{Attribute, Trait, Traits};
use std::collections::BTreeMap;

/// Texts of all attributes together, of at most 160 bytes each.
pub const TEXTS_MAX: usize = 65_536;
/// Values remembered as met lately, so that nearly all need no search: 32 KiB.
const MET_MAX: usize = 4_096;
const _: () = assert!(MET_MAX.is_power_of_two(), "a place is chosen by masking");

/// Texts by attribute and value.
#[derive(Debug)]
pub(super) struct Texts {
    known: BTreeMap<(Attribute, Trait), Box<str>>,
    met: Box<[u64]>,
}

impl Default for Texts {
    fn default() -> Self {
        Self { known: BTreeMap::new(), met: vec![0; MET_MAX].into_boxed_slice() }
    }
}

impl Texts {
    /// Keeps the texts of values that are new; `text` is asked for those alone.
    pub(super) fn learn(
        &mut self,
        traits: &Traits,
        mut text: impl FnMut(Attribute) -> Option<String>,
    ) {
        for attribute in Attribute::ALL {
            let value = traits.get(attribute);
            if !value.is_known() || self.was_met(attribute, value) {
                continue;
            }
            if self.known.len() < TEXTS_MAX
                && !self.known.contains_key(&(attribute, value))
                && let Some(text) = text(attribute)
            {
                self.known.insert((attribute, value), text.into_boxed_str());
            }
        }
    }

    /// What a value reads; none where that was not kept.
    pub(super) fn text(&self, attribute: Attribute, value: Trait) -> Option<&str> {
        self.known.get(&(attribute, value)).map(AsRef::as_ref)
    }

    fn was_met(&mut self, attribute: Attribute, value: Trait) -> bool {
        let key = (attribute.index() as u64 + 1) << 32 | u64::from(value.to_bits());
        let place = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - MET_MAX.ilog2());
        let met = usize::try_from(place).ok().and_then(|place| self.met.get_mut(place));
        met.is_some_and(|met| std::mem::replace(met, key) == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_up_to_the_bound_and_those_that_are_known_stay() {
        let mut texts = Texts::default();
        let most = u32::try_from(TEXTS_MAX).unwrap();
        for value in 1..=most + 1 {
            let traits = Traits::default().with(Attribute::Agent, Trait::new(value));
            texts.learn(&traits, |attribute| Some(format!("{attribute} {value}")));
        }
        assert_eq!(texts.text(Attribute::Agent, Trait::new(most)), Some("ua 65536"));
        assert_eq!(texts.text(Attribute::Agent, Trait::new(most + 1)), None);
        assert_eq!(texts.text(Attribute::Ja4, Trait::new(1)), None);
    }
}
