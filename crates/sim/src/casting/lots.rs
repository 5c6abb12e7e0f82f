//! Browsers as lots to be drawn: each as often as people have it, phones where phones are.

use crate::Chance;
use crate::network::NetworkClass;
use crate::stack::profiles::{Device, Profile};
use crate::stack::{Look, StackId};

/// Lots to draw a browser from.
#[derive(Debug, Clone)]
pub struct Lots {
    any: Vec<StackId>,
    phones: Vec<StackId>,
}

impl Lots {
    /// As many lots for each browser as its weight.
    pub fn of<'a>(browsers: impl Iterator<Item = (&'a Profile, &'a StackId)>) -> Self {
        let mut lots = Self { any: Vec::new(), phones: Vec::new() };
        for (profile, id) in browsers {
            let times = std::iter::repeat_n(*id, usize::from(profile.weight));
            if profile.device == Device::Phone {
                lots.phones.extend(times.clone());
            }
            lots.any.extend(times);
        }
        lots
    }

    /// A browser of somebody in a network of that class: in a network of phones, a phone's.
    pub fn draw(&self, class: NetworkClass, chance: &mut Chance) -> Look {
        let lots = if class == NetworkClass::Mobile { &self.phones } else { &self.any };
        Look::of(chance.pick(lots).copied().unwrap_or(StackId(0)))
    }
}
