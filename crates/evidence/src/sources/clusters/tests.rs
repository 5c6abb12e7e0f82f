use super::*;
use seawall_engine::sources::CrowdSeen;
use seawall_types::{FarEnd, PlatformId, Reason, RequestObservation, SourceKey, Traits, Verdict};

/// Draws that are the same each time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }
}

const SECOND: u64 = 1_000_000_000;

fn everybody(sample: &[Sampled]) -> Vec<usize> {
    (0..sample.len()).collect()
}

/// Botnets of a world, and what visitors are called among them.
const VISITOR: usize = usize::MAX;

/// A source, and the botnet that it is of.
fn source(dice: &mut Dice, (look, aim): (u64, u64), first: u64, requests: u64) -> Sampled {
    let request = RequestObservation {
        at: Moment(first),
        platform: PlatformId(0),
        source: SourceKey::of(std::net::Ipv4Addr::LOCALHOST.into()),
        far: FarEnd::default(),
        verdict: Verdict::Limit,
        reason: Reason::Rate,
        cost_us: 1,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    };
    let mut one = Sampled::new(dice.roll(u64::MAX), &request);
    one.look = u32::try_from(look).unwrap();
    one.aim = u32::try_from(aim).unwrap();
    one.requests = requests;
    one
}

/// Up to four botnets, each with its tool, its aim and its hour; two of them may have the same tool;
/// and visitors of a dozen browsers, one of which a botnet's tool looks like.
fn world(seed: u64) -> Vec<(Sampled, usize)> {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    let botnets = 1 + usize::try_from(dice.roll(4)).unwrap();
    for botnet in 0..botnets {
        // The second borrows the tool of the first; the third passes for a browser.
        let look = match botnet {
            0 | 1 => 1_000 + seed,
            2 => 3,
            other => 2_000 + other as u64,
        };
        let begins = (20 + 90 * botnet as u64) * SECOND;
        // Some ask for one thing, others for whatever they find.
        let aims = if botnet % 2 == 0 { 1 } else { 40 };
        for _ in 0..60 + dice.roll(700) {
            // A few come late: machines are switched on, and addresses change.
            let delay =
                if dice.roll(10) == 0 { dice.roll(25 * SECOND) } else { dice.roll(3 * SECOND) };
            let aim = 100 * botnet as u64 + dice.roll(aims);
            let requests = 5 + dice.roll(200);
            all.push((source(&mut dice, (look, aim), begins + delay, requests), botnet));
        }
    }
    for _ in 0..dice.roll(900) {
        let (look, aim) = (dice.roll(12), 5_000 + dice.roll(30));
        let (first, requests) = (dice.roll(600 * SECOND), 1 + dice.roll(6));
        all.push((source(&mut dice, (look, aim), first, requests), VISITOR));
    }
    all.sort_by_key(|(one, _)| one.mark);
    all
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^53")]
fn whole(count: u64) -> f64 {
    count as f64
}

/// How well two ways to part the same things agree, corrected for chance: 1 is "entirely".
fn adjusted_rand(labels: &[(usize, usize)]) -> f64 {
    let pairs = |count: u64| whole(count) * (whole(count) - 1.0) / 2.0;
    let mut cells: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    let (mut rows, mut columns): (BTreeMap<usize, u64>, BTreeMap<usize, u64>) = Default::default();
    for (one, two) in labels {
        *cells.entry((*one, *two)).or_default() += 1;
        *rows.entry(*one).or_default() += 1;
        *columns.entry(*two).or_default() += 1;
    }
    let sum = |counts: &mut dyn Iterator<Item = u64>| counts.map(pairs).sum::<f64>();
    let both = sum(&mut cells.into_values());
    let (one, two) = (sum(&mut rows.into_values()), sum(&mut columns.into_values()));
    let chance = one * two / pairs(labels.len() as u64).max(1.0);
    let most = f64::midpoint(one, two);
    if (most - chance).abs() < f64::EPSILON { 1.0 } else { (both - chance) / (most - chance) }
}

#[test]
fn in_fifty_worlds_botnets_come_out_as_groups_and_visitors_in_none() {
    let (mut agreement, mut worst) = (0.0, 1.0_f64);
    let (mut visitors, mut taken_in, mut bots, mut missed) = (0_u64, 0_u64, 0_u64, 0_u64);
    for seed in 1..=50 {
        let all = world(seed);
        let sample: Vec<_> = all.iter().map(|(one, _)| *one).collect();
        let found = groups(&sample, &everybody(&sample), 1);
        let group_of = |at: usize| found.iter().position(|members| members.contains(&at));
        let mut labels = Vec::new();
        for (at, (_, truth)) in all.iter().enumerate() {
            match (*truth, group_of(at)) {
                (VISITOR, group) => {
                    visitors += 1;
                    taken_in += u64::from(group.is_some());
                }
                (truth, Some(group)) => labels.push((truth, group)),
                (_, None) => missed += 1,
            }
            bots += u64::from(*truth != VISITOR);
        }
        let agrees = adjusted_rand(&labels);
        agreement += agrees / 50.0;
        worst = worst.min(agrees);
        let told = clusters(&sample, &everybody(&sample), |moment| moment.0 / 1_000_000);
        assert_eq!(told.rows.len(), found.len(), "seed {seed}: each of them is stable");
        let assigned: u64 = told.rows.iter().map(|row| row.sources).sum();
        assert_eq!(assigned + told.unassigned, sample.len() as u64);
    }
    println!("FIGURE report.clusters {agreement:.3} adjusted-rand");
    let share = |part: u64, of: u64| 100.0 * whole(part) / whole(of);
    println!("FIGURE report.clusters.visitors {:.2} %", share(taken_in, visitors));
    println!("worst {worst:.3}; {missed} of {bots} bots in none");
    assert!(agreement >= 0.95, "{agreement}");
    assert!(share(taken_in, visitors) <= 1.0, "{taken_in} of {visitors} visitors");
    assert!(share(missed, bots) <= 5.0, "{missed} of {bots}");
}

#[test]
fn visitors_alone_are_no_group_however_many_share_a_browser() {
    let mut dice = Dice(7);
    let one = |dice: &mut Dice| {
        let (first, requests) = (dice.roll(300 * SECOND), 1 + dice.roll(9));
        source(dice, (3, 9), first, requests)
    };
    let sample: Vec<_> = (0..2_000).map(|_| one(&mut dice)).collect();
    let told = clusters(&sample, &everybody(&sample), |moment| moment.0);
    assert_eq!((told.rows.len(), told.unassigned), (0, 2_000));
    assert_eq!(clusters(&[], &[], |moment| moment.0).unassigned, 0);
}

#[test]
fn what_falls_apart_when_half_is_left_out_is_told_of_nobody() {
    // Two bursts that only a few in between hold together.
    let mut dice = Dice(9);
    let mut sample: Vec<_> = (0..22)
        .map(|at| {
            let first = if at < 11 { at } else { 28 * SECOND + at };
            source(&mut dice, (3, 9), first, 9)
        })
        .collect();
    sample.sort_by_key(|one| one.mark);
    assert_eq!(clusters(&sample, &everybody(&sample), |moment| moment.0).rows, []);
}

#[test]
fn who_only_waited_is_of_no_group_whenever_he_began() {
    let mut dice = Dice(5);
    let alike: Vec<_> = (0..3 * MEMBERS_LEAST)
        .map(|_| {
            let first = 100 * SECOND + dice.roll(SECOND);
            source(&mut dice, (3, 9), first, 9)
        })
        .collect();
    let crowd = |sample: &[Sampled]| CrowdSeen {
        sources: sample.len() as u64,
        error_permille: 0,
        requests: 9 * sample.len() as u64,
        sample: sample.to_vec(),
    };
    let groups = |against: &[Sampled]| {
        let told = of(
            &SourcesSeen {
                platform: PlatformId(0),
                since: Moment(100 * SECOND),
                until: Moment(110 * SECOND),
                asked: crowd(&alike),
                met: crowd(&alike),
                against: crowd(against),
                unlisted: 0,
            },
            |moment| moment.0,
        );
        (told.rows.len(), told.unassigned)
    };
    assert_eq!(groups(&[]), (0, 3 * MEMBERS_LEAST as u64));
    assert_eq!(groups(&alike), (1, 0));
}
