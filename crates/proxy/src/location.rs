//! Where tables place whoever asks, for the traits of its requests.
//!
//! Takes whoever knows the tables; each core keeps what it said of the last addresses, since a look
//! into tables costs as much as a tenth of a request.
//! Says nothing where no table is configured.
//! Never opens a table, and never tells more than two letters and a number.
//! Bounds: [`KEPT`] addresses a core; of two that fall on one slot the later is kept.

use std::cell::RefCell;
use std::fmt;
use std::hash::BuildHasher as _;
use std::hash::RandomState;
use std::net::IpAddr;
use std::sync::Arc;

/// Addresses that a core keeps a location of, 40 bytes each.
const KEPT: usize = 4_096;

/// What tables say of an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Location {
    /// Two capital letters (ISO 3166-1).
    pub country: Option<[u8; 2]>,
    /// The number of its network (an autonomous system).
    pub network: Option<u32>,
}

/// Whoever knows where addresses are.
pub trait Locate: fmt::Debug + Send + Sync {
    /// Where an address is; never waits.
    fn locate(&self, address: IpAddr) -> Location;
}

/// An address that was asked for, and where it is.
type Slot = Option<(IpAddr, Location)>;

/// What one core was told of addresses.
pub(crate) struct Locations {
    told_by: Arc<dyn Locate>,
    seed: RandomState,
    kept: RefCell<Box<[Slot]>>,
}

impl Locations {
    pub(crate) fn new(told_by: Arc<dyn Locate>) -> Self {
        let kept = RefCell::new(vec![None; KEPT].into());
        Self { told_by, seed: RandomState::new(), kept }
    }

    pub(crate) fn of(&self, address: IpAddr) -> Location {
        let mut kept = self.kept.borrow_mut();
        #[expect(clippy::cast_possible_truncation, reason = "any bits will do")]
        let at = self.seed.hash_one(address) as usize % KEPT;
        match kept[at] {
            Some((known, location)) if known == address => location,
            _ => {
                let location = self.told_by.locate(address);
                kept[at] = Some((address, location));
                location
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

    /// Locations an address by its last byte, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct ByLastByte(AtomicU32);

    impl Locate for ByLastByte {
        fn locate(&self, address: IpAddr) -> Location {
            self.0.fetch_add(1, Relaxed);
            let IpAddr::V4(v4) = address else { return Location::default() };
            Location { country: None, network: Some(v4.octets()[3].into()) }
        }
    }

    #[test]
    fn tables_are_asked_once_for_an_address_that_comes_again() {
        let tables = Arc::<ByLastByte>::default();
        let locations = Locations::new(tables.clone());
        let address = IpAddr::from([192, 0, 2, 7]);
        for _ in 0..3 {
            assert_eq!(locations.of(address).network, Some(7));
        }
        assert_eq!(tables.0.load(Relaxed), 1);
    }

    #[test]
    fn more_addresses_than_are_kept_are_each_placed_right() {
        let locations = Locations::new(Arc::<ByLastByte>::default());
        for _ in 0..2 {
            for number in 0..3 * u32::try_from(KEPT).unwrap() {
                let [_, b, c, d] = number.to_be_bytes();
                let location = locations.of(IpAddr::from([10, b, c, d]));
                assert_eq!(location.network, Some(d.into()));
            }
        }
    }
}
