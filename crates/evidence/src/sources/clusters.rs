//! Sources that look alike, aim alike and began together: likely machines of one group.
//!
//! Takes a fair sample of a crowd; gives its groups, each with how far it comes out again when half of
//! the sample is left out, and how many sources stand in none.
//! A group may be a part of a botnet or, where machines are lent, of two; who operates it is nowhere
//! in what a shield sees.
//! Visitors who share a browser are no group: they come one after another and ask little.
//! Who was neither stopped by a measure nor asked more often than a source may is of no group: where
//! counting begins, visitors who are there seem to begin together too.
//! Pure: the same sample gives the same groups.
//! Bounds: [`CLUSTERS_MAX`] groups; the smaller ones are unassigned.
//!
//! Source of the measure of stability: C. Hennig, "Cluster-wise assessment of cluster stability",
//! Computational Statistics and Data Analysis 52 (2007).

#[cfg(test)]
mod tests;

use seawall_engine::SourcesSeen;
use seawall_engine::sources::Sampled;
use seawall_types::Moment;
use seawall_types::evidence::{Cluster, Clusters};
use std::collections::{BTreeMap, BTreeSet};

/// Groups that are told.
const CLUSTERS_MAX: usize = 12;
/// Sources below which nothing is called a group, and as a share of the sample in thousandths.
const MEMBERS_LEAST: usize = 20;
const MEMBERS_LEAST_PERMILLE: usize = 10;
/// Sources of one look that ask for one thing, in thousandths, to be looked at apart.
const AIM_APART_PERMILLE: usize = 200;
/// Time without a newcomer that parts two groups, and in which half of a group must have begun.
const APART_NS: u64 = 30_000_000_000;
const TOGETHER_NS: u64 = 5_000_000_000;
/// Requests that half of a group must have asked at least.
const REQUESTS_LEAST: u64 = 3;
/// Stability below which a group is not told.
const STABLE_PERMILLE: u32 = 600;
/// Halves of the sample that are drawn.
const HALVES: u64 = 10;

/// Places of a sample, of one group.
type Members = BTreeSet<usize>;

/// The groups of those that a measure met, by when they began to ask where that is known.
pub(super) fn of(seen: &SourcesSeen, wall: impl Fn(Moment) -> u64) -> Clusters {
    let asked: BTreeMap<u64, Moment> =
        seen.asked.sample.iter().map(|one| (one.mark, one.first)).collect();
    let against: BTreeSet<u64> = seen.against.sample.iter().map(|one| one.mark).collect();
    let mut sample = seen.met.sample.clone();
    for one in &mut sample {
        one.first = asked.get(&one.mark).copied().unwrap_or(one.first).min(one.first);
    }
    let may_be = (0..sample.len()).filter(|at| against.contains(&sample[*at].mark));
    let may_be: Vec<usize> = may_be.collect();
    clusters(&sample, &may_be, wall)
}

/// The groups among those of a sample that may be of one; `wall` is what people's clocks said at a
/// moment.
fn clusters(sample: &[Sampled], may_be: &[usize], wall: impl Fn(Moment) -> u64) -> Clusters {
    let found = groups(sample, may_be, 1);
    let halves: Vec<(Members, Vec<Members>)> =
        (0..HALVES).map(|draw| half(sample, may_be, draw)).collect();
    let told = found.into_iter().map(|members| {
        let stability = stability(&members, &halves);
        (members, stability)
    });
    let mut told: Vec<_> = told.filter(|(_, stability)| *stability >= STABLE_PERMILLE).collect();
    told.sort_by_key(|(members, _)| (std::cmp::Reverse(members.len()), members.first().copied()));
    told.truncate(CLUSTERS_MAX);
    let assigned: usize = told.iter().map(|(members, _)| members.len()).sum();
    let row = |(members, stability_permille): (Members, u32)| {
        row(sample, &members, (stability_permille, &wall))
    };
    Clusters {
        unassigned: (sample.len() - assigned) as u64,
        rows: told.into_iter().map(row).collect(),
    }
}

/// One half of the sample, and the groups that it shows by itself.
fn half(sample: &[Sampled], may_be: &[usize], draw: u64) -> (Members, Vec<Members>) {
    // A mark is a hash already: mixed with the draw, one bit of it is a coin.
    let coin = |mark: u64| {
        let mixed = (mark ^ draw).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 63 == 1
    };
    let drawn: Vec<usize> = may_be.iter().copied().filter(|at| coin(sample[*at].mark)).collect();
    let found = groups(sample, &drawn, 2);
    (drawn.into_iter().collect(), found)
}

/// Mean likeness to the likest group of each half, in thousandths.
fn stability(members: &Members, halves: &[(Members, Vec<Members>)]) -> u32 {
    let likest = |(drawn, found): &(Members, Vec<Members>)| {
        let expected: Members = members.intersection(drawn).copied().collect();
        let like = |other: &Members| {
            let both = expected.intersection(other).count();
            1_000 * both / (expected.len() + other.len() - both).max(1)
        };
        found.iter().map(like).max().unwrap_or(0)
    };
    let sum: usize = halves.iter().map(likest).sum();
    u32::try_from(sum / halves.len().max(1)).unwrap_or(0)
}

/// The groups among some of the sample, of which one in `of` was drawn.
fn groups(sample: &[Sampled], among: &[usize], of: usize) -> Vec<Members> {
    let share = sample.len() * MEMBERS_LEAST_PERMILLE / 1_000;
    let least = MEMBERS_LEAST.max(share) / of;
    let mut by_look: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for at in among {
        by_look.entry(sample[*at].look).or_default().push(*at);
    }
    let aims = by_look.into_values().flat_map(|alike| by_aim(sample, &alike));
    let spans = aims.flat_map(|alike| by_time(sample, alike));
    spans
        .filter(|members| members.len() >= least && is_one(sample, members))
        .map(|members| members.into_iter().collect())
        .collect()
}

/// Those that ask for one thing in great number apart, the others together.
fn by_aim(sample: &[Sampled], alike: &[usize]) -> Vec<Vec<usize>> {
    let mut by_aim: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
    for at in alike {
        by_aim.entry(sample[*at].aim).or_default().push(*at);
    }
    let is_apart = |some: &Vec<usize>| some.len() * 1_000 >= alike.len() * AIM_APART_PERMILLE;
    let (mut apart, rest): (Vec<_>, Vec<_>) = by_aim.into_values().partition(is_apart);
    apart.push(rest.into_iter().flatten().collect());
    apart
}

/// Parts where nobody came for a while; in the order in which they came.
fn by_time(sample: &[Sampled], mut alike: Vec<usize>) -> Vec<Vec<usize>> {
    alike.sort_by_key(|at| (sample[*at].first, *at));
    alike
        .chunk_by(|one, next| sample[*next].first.0 - sample[*one].first.0 <= APART_NS)
        .map(<[usize]>::to_vec)
        .collect()
}

/// Whether those in the middle half came together, and half of all asked more than a few times.
fn is_one(sample: &[Sampled], members: &[usize]) -> bool {
    let first = |at: usize| sample[members[at]].first.0;
    let middle = first(members.len() * 3 / 4) - first(members.len() / 4);
    let mut requests: Vec<_> = members.iter().map(|at| sample[*at].requests).collect();
    requests.sort_unstable();
    middle <= TOGETHER_NS && requests[requests.len() / 2] >= REQUESTS_LEAST
}

fn median_start(sample: &[Sampled], members: &Members) -> Option<Moment> {
    let mut firsts: Vec<_> = members.iter().map(|at| sample[*at].first).collect();
    firsts.sort_unstable();
    firsts.get(firsts.len() / 2).copied()
}

fn row(
    sample: &[Sampled],
    members: &Members,
    (stability_permille, wall): (u32, &impl Fn(Moment) -> u64),
) -> Cluster {
    let all = || members.iter().map(|at| &sample[*at]);
    let mut aims: Vec<_> = all().map(|one| one.aim).collect();
    aims.sort_unstable();
    aims.dedup();
    Cluster {
        look: all().next().map(|one| format!("{:08x}", one.look)).unwrap_or_default(),
        sources: members.len() as u64,
        requests: all().fold(0, |sum: u64, one| sum.saturating_add(one.requests)),
        aims: aims.len() as u64,
        began_ms: median_start(sample, members).map_or(0, wall),
        stability_permille,
    }
}
