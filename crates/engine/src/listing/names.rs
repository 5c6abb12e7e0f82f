//! Texts of values, each told once in a while.
//!
//! Bounds: [`NAMES_MAX`] texts of a batch, [`OF_ATTRIBUTE_MAX`] of them for one attribute, so that
//! values drawn by chance do not keep the others from being told; [`TOLD_MAX`] are remembered.

use seawall_types::observation::NAMES_MAX;
use seawall_types::traits::TRAIT_NAME_BYTES_MAX;
use seawall_types::{Attribute, Moment, Trait, TraitName, Traits};
use std::time::Duration;

/// Texts of one attribute that one batch carries.
const OF_ATTRIBUTE_MAX: u8 = 12;
/// Values remembered as told: 8 KiB; one that meets another's place is told again.
const TOLD_MAX: usize = 1_024;
const _: () = assert!(TOLD_MAX.is_power_of_two(), "a place is chosen by masking");
/// Whoever reads may forget what it was told long ago, so that it is told again.
const AGAIN_AFTER: Duration = Duration::from_mins(1);

/// What was told lately, and what is told with the next batch.
#[derive(Debug)]
pub(super) struct Names {
    told: Box<[u64]>,
    names: Vec<TraitName>,
    of_attribute: [u8; Attribute::COUNT],
    forgotten_at: Moment,
    /// What was looked at last since the last batch; the next request is often just like it.
    last: Option<Traits>,
}

impl Default for Names {
    fn default() -> Self {
        Self {
            told: vec![0; TOLD_MAX].into_boxed_slice(),
            names: Vec::new(),
            of_attribute: [0; Attribute::COUNT],
            forgotten_at: Moment(0),
            last: None,
        }
    }
}

impl Names {
    pub(super) fn tell(
        &mut self,
        traits: &Traits,
        mut text: impl FnMut(Attribute) -> Option<String>,
    ) {
        if self.last.replace(*traits) == Some(*traits) {
            return;
        }
        for attribute in Attribute::ALL {
            let value = traits.get(attribute);
            if self.is_new(attribute, value)
                && let Some(mut text) = text(attribute)
            {
                text.truncate(text.floor_char_boundary(TRAIT_NAME_BYTES_MAX));
                self.names.push(TraitName { attribute, value, text: text.into_boxed_str() });
            }
        }
    }

    /// What is to be told now.
    pub(super) fn cut(&mut self, now: Moment) -> Vec<TraitName> {
        if now.since(self.forgotten_at) >= AGAIN_AFTER {
            self.forgotten_at = now;
            self.told.fill(0);
        }
        self.of_attribute = [0; Attribute::COUNT];
        self.last = None;
        std::mem::take(&mut self.names)
    }

    /// Whether a value is to be told, which from then on it has been.
    fn is_new(&mut self, attribute: Attribute, value: Trait) -> bool {
        if !value.is_known() {
            return false;
        }
        let key = (attribute.index() as u64 + 1) << 32 | u64::from(value.to_bits());
        // The upper bits of the product depend on all bits of the key.
        let place = key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - TOLD_MAX.ilog2());
        let Some(told) = usize::try_from(place).ok().and_then(|place| self.told.get_mut(place))
        else {
            return false;
        };
        let count = &mut self.of_attribute[attribute.index()];
        if *told == key || *count >= OF_ATTRIBUTE_MAX || self.names.len() >= NAMES_MAX {
            return false;
        }
        *told = key;
        *count += 1;
        true
    }
}
