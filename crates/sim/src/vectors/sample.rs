//! A bounded sample of headers, evenly over a capture.
//!
//! Bounds: [`SAMPLES_MAX`]; when it is full every second one is given up, and from then on half as many
//! are taken.

use super::Addresses;
use seawall_engine::packets::{self, SAMPLES_MAX};
use seawall_types::PacketFields;

/// Every so many frames one is kept.
#[derive(Debug)]
pub(super) struct Sample {
    kept: Vec<PacketFields>,
    every: u64,
    seen: u64,
}

impl Default for Sample {
    fn default() -> Self {
        Self { kept: Vec::new(), every: 1, seen: 0 }
    }
}

impl Sample {
    pub(super) fn add(&mut self, fields: &PacketFields) {
        let is_taken = self.seen.is_multiple_of(self.every);
        self.seen += 1;
        if !is_taken {
            return;
        }
        if self.kept.len() == SAMPLES_MAX {
            let mut number = 0;
            self.kept.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.every *= 2;
        }
        self.kept.push(*fields);
    }

    /// What the packets have in common that belong to no conversation; those that do are what is normal.
    pub(super) fn describe(self, conversing: &Addresses) -> Vec<packets::Vector> {
        let (normal, rest): (Vec<_>, Vec<_>) =
            self.kept.into_iter().partition(|fields| conversing.contains(&fields.source));
        packets::describe(&rest, &normal)
    }
}
