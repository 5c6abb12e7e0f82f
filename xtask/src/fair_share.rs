//! What each network gets of something scarce when all are treated alike: the max-min share.
//!
//! Whoever asks for less than an equal part gets all of it, and what they leave is shared alike by
//! the others.
//! Takes a capacity and groups of sources with what each group asks for; gives the part of its
//! demand that each group gets.
//! Source: Bertsekas and Gallager, Data Networks (1992), section 6.5.2.

use crate::shell::Failure;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::str::FromStr;

pub(crate) const USAGE: &str = "\
cargo x fair-share CAPACITY GROUP…   what each group gets of CAPACITY requests a second when every
                                     /24 is treated alike; a GROUP reads FIRST/COUNT+STRIDE@RPS,
                                     as in 10.16.0.1/1000+1000@12000
";

/// Sources that ask alike: `COUNT` addresses from `FIRST` on, each `STRIDE` after the last, and
/// together `RPS` requests a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Group {
    pub(crate) first: Ipv4Addr,
    pub(crate) count: u32,
    pub(crate) stride: u32,
    pub(crate) rps: f64,
}

impl Group {
    fn prefixes(&self) -> impl Iterator<Item = u32> {
        let Self { first, count, stride, .. } = *self;
        (0..count).map(move |at| u32::from(first).wrapping_add(at.wrapping_mul(stride)) >> 8)
    }

    fn rps_each(&self) -> f64 {
        self.rps / f64::from(self.count)
    }
}

impl FromStr for Group {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        let parts = || {
            let (sources, rps) = text.split_once('@')?;
            let (first, rest) = sources.split_once('/')?;
            let (count, stride) = rest.split_once('+')?;
            let (first, count) = (first.parse().ok()?, count.parse().ok()?);
            let (stride, rps) = (stride.parse().ok()?, rps.parse().ok()?);
            (count > 0 && rps > 0.0).then_some(Self { first, count, stride, rps })
        };
        parts().ok_or_else(|| Failure::new(format!("{text} is no FIRST/COUNT+STRIDE@RPS")))
    }
}

/// Prints what each group gets.
pub(crate) fn chore(words: &[String]) -> Result<(), Failure> {
    let (capacity, groups) = words.split_first().ok_or("say a capacity and groups")?;
    let capacity: f64 = capacity
        .parse()
        .ok()
        .filter(|capacity| *capacity > 0.0)
        .ok_or_else(|| Failure::new(format!("{capacity} is no capacity")))?;
    let groups: Vec<Group> = groups.iter().map(|text| text.parse()).collect::<Result<_, _>>()?;
    for (group, part) in groups.iter().zip(of(capacity, &groups)) {
        println!(
            "{}/{}+{}@{}: {:.1} % of it, {:.2} a second",
            group.first,
            group.count,
            group.stride,
            group.rps,
            part * 100.0,
            part * group.rps
        );
    }
    Ok(())
}

/// The part of its demand that each group gets.
pub(crate) fn of(capacity: f64, groups: &[Group]) -> Vec<f64> {
    let mut demand = BTreeMap::<u32, f64>::new();
    for group in groups {
        for prefix in group.prefixes() {
            *demand.entry(prefix).or_default() += group.rps_each();
        }
    }
    let level = level(capacity, demand.values().copied().collect());
    let served = |prefix: u32| {
        let asked = demand.get(&prefix).copied().unwrap_or(0.0);
        if asked > level { level / asked } else { 1.0 }
    };
    groups
        .iter()
        .map(|group| group.prefixes().map(served).sum::<f64>() / f64::from(group.count))
        .collect()
}

/// What nobody gets more of.
fn level(capacity: f64, mut demands: Vec<f64>) -> f64 {
    demands.sort_by(f64::total_cmp);
    let (mut left, mut sharing) = (capacity, demands.len());
    for demand in demands {
        #[expect(clippy::cast_precision_loss, reason = "a few thousand networks")]
        let part = left / sharing as f64;
        if demand >= part {
            return part;
        }
        left -= demand;
        sharing -= 1;
    }
    f64::INFINITY
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(capacity: f64, groups: &[&str]) -> Vec<String> {
        let groups: Vec<Group> = groups.iter().map(|text| text.parse().expect("a group")).collect();
        of(capacity, &groups).iter().map(|part| format!("{part:.3}")).collect()
    }

    #[test]
    fn who_asks_for_less_than_an_equal_part_gets_all_and_the_rest_is_shared_alike() {
        let groups = ["192.0.2.1/1+1@2", "198.51.100.1/2+256@20", "203.0.113.1/1+1@100"];
        assert_eq!(parts(29.0, &groups), ["1.000", "0.900", "0.090"]);
        assert_eq!(parts(200.0, &groups), ["1.000", "1.000", "1.000"]);
    }

    #[test]
    fn addresses_of_one_network_share_its_part() {
        let groups = ["192.0.2.1/4+1@40", "198.51.100.1/1+1@40"];
        assert_eq!(parts(40.0, &groups), ["0.500", "0.500"]);
    }

    #[test]
    fn what_is_no_group_is_a_sentence() {
        for text in ["", "192.0.2.1", "192.0.2.1/0+1@5", "192.0.2.1/1+1@0", "host/1+1@5"] {
            assert!(text.parse::<Group>().is_err(), "{text}");
        }
    }
}
