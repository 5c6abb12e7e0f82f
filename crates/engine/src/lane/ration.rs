//! What a lane may ask for: a rate for all who hold something, and one as large for what anyone can
//! ask for, of which one network gets a part.
//!
//! Takes the time and who asks; says whether there is room. All cores share one without a lock.

use crate::admission::Prefix;
use crate::challenge::spend::{Pace, Purpose, Spend, Taken};
use crate::policy::Allowance;
use seawall_types::{Moment, RequestRate};
use std::time::Duration;

/// Of what anyone can ask for one network gets this part.
const NETWORK_SHARE: u32 = 8;

/// How somebody is in a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// By something that not everyone has.
    Held,
    /// By asking for something that anyone can ask for.
    Open,
}

/// What a lane may ask for.
#[derive(Debug)]
pub struct Ration {
    /// None for no rate.
    rates: Option<Rates>,
    /// Tells the lane from others.
    turn: Prefix,
}

#[derive(Debug)]
struct Rates {
    held: Allowance,
    /// Who has nothing takes nothing from who holds something.
    open: Allowance,
    of_network: Pace,
}

impl Ration {
    /// Of the lane whose turn is that network's; none for no rate.
    pub fn new(rate: Option<RequestRate>, turn: Prefix) -> Self {
        let rates = rate.map(|rate| {
            let interval = rate.interval() * NETWORK_SHARE;
            // A second's worth at once, and two at least.
            let burst = Duration::from_secs(1).as_nanos() / interval.as_nanos().max(1);
            let burst = u32::try_from(burst).unwrap_or(u32::MAX).max(2);
            Rates {
                held: Allowance::new(Some(rate)),
                open: Allowance::new(Some(rate)),
                of_network: Pace::every(interval, burst),
            }
        });
        Self { rates, turn }
    }

    /// The rate, where there is one.
    pub fn rate(&self) -> Option<RequestRate> {
        self.rates.as_ref().and_then(|rates| rates.held.rate())
    }

    /// The network that all in the lane count as where turns are taken.
    pub fn turn(&self) -> Prefix {
        self.turn
    }

    /// Takes a request of a network; `used` keeps what networks took.
    pub fn take(&self, now: Moment, used: &Spend, (entry, network): (Entry, Prefix)) -> bool {
        let Some(rates) = &self.rates else { return true };
        match entry {
            Entry::Held => rates.held.take(now),
            Entry::Open => {
                let key = network.to_bits() ^ self.turn.to_bits().rotate_left(17);
                used.take(now, (Purpose::Route, key), rates.of_network) != Taken::Over
                    && rates.open.take(now)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;

    fn network(number: u8) -> Prefix {
        Prefix::of(Ipv4Addr::new(192, 0, number, 1).into())
    }

    #[test]
    fn one_network_takes_an_eighth_of_what_anyone_can_ask_for_and_nothing_of_what_is_held() {
        let ration = Ration::new(RequestRate::new(16.0), network(0));
        let used = Spend::new([1, 2]);
        let take = |second: u64, entry, from| {
            let now = Moment(second * 1_000_000_000);
            ration.take(now, &used, (entry, network(from)))
        };
        let took = |second, from| (0..100).filter(|_| take(second, Entry::Open, from)).count();
        assert_eq!((took(0, 1), took(0, 2)), (2, 2));
        assert_eq!(took(1, 1), 2);
        assert!((0..16).all(|_| take(0, Entry::Held, 1)));
        let all: usize = (1..=100).map(|from| took(10, from)).sum();
        assert!((16..=18).contains(&all), "{all}");
        assert!(Ration::new(None, network(0)).take(Moment(0), &used, (Entry::Open, network(1))));
    }
}
