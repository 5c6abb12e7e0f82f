//! The same seed gives the same bytes, and one change changes only what it should.

use super::SMALL;
use crate::defence::DefenceKind;
use crate::group::Role;
use crate::scenario::sweep::{Grid, Sweep};
use crate::scenario::{Prepared, Scenario, Setting, record, table};
use crate::score::Score;
use expect_test::expect;
use proptest::prelude::*;

const QUIET: Setting = Setting { seed: 1, defence: DefenceKind::Nothing, times_normal: None };

fn prepared(text: &str) -> Prepared {
    Prepared::new(Scenario::parse(text, "small").unwrap()).unwrap()
}

fn honest(score: &Score, from: usize, until: usize) -> Vec<[u32; 2]> {
    let rows = &score.seconds[from..until];
    rows.iter()
        .map(|row| [Role::Person, Role::Program].map(|role| row.offered[role.index()]))
        .collect()
}

fn flood(score: &Score) -> f64 {
    f64::from(score.seconds.iter().map(|row| row.offered[Role::Flood.index()]).sum::<u32>())
}

/// What every run of a small sweep came to, as any machine and build must give it.
#[test]
fn a_small_sweep_comes_to_the_golden_table() {
    let grid = Grid {
        seeds: vec![1, 2],
        capacities: vec![None, Some(1.5)],
        defences: vec![DefenceKind::Nothing, DefenceKind::PerAddressStrict],
    };
    let mut sweep = Sweep::new(vec![prepared(SMALL)], grid);
    let played = sweep.cells().iter().map(|cell| sweep.play(cell).unwrap()).collect();
    sweep.keep(played);
    assert_eq!(sweep.broken(), Vec::<String>::new());
    expect![[r"
        ## Each scenario at the capacity that its file says

        | scenario | least possible harm | nothing | per address, strict |
        | --- | --- | --- | --- |
        | small | 0.0 | 92.6 / 100.0 / 10.0 | 92.6 / 66.9 / 10.0 |

        ## Origins that carry 1.5 times normal demand

        | scenario | least possible harm | nothing | per address, strict |
        | --- | --- | --- | --- |
        | small | 0.0 | 94.8 / 100.0 / 10.5 | 94.8 / 66.9 / 10.5 |

        ## small

        A small flood
        Source: made up for this test
        Normal demand of www: 58 requests/s, 183 origin-ms/s.

        | platform | capacity | defence | harm to people, % | harm to programs, % | least possible harm, % | leak, % | friction, % | lost to the origin, % | lost to patience, % | overload, s | overload by bytes, s | detected, s | effective, s | p99, ms |
        | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
        | www | its own | nothing | 92.6 ± 1.6 | – | 0.0 | 100.0 | 0.0 | 45.7 ± 4.4 | 34.7 ± 3.4 | 10.0 | 0.0 | – | – | 2429 ± 620 |
        | www | its own | per address, strict | 92.6 ± 1.6 | – | 0.0 | 66.9 ± 0.2 | 0.0 | 39.0 ± 2.7 | 41.4 ± 1.6 | 10.0 | 0.0 | – | – | 2429 ± 620 |
        | www | 1.5 x | nothing | 94.8 ± 1.3 | – | 0.0 | 100.0 | 0.0 | 52.2 ± 10.3 | 29.7 ± 8.1 | 10.5 ± 0.7 | 0.0 | – | – | 2736 ± 46 |
        | www | 1.5 x | per address, strict | 94.8 ± 1.3 | – | 0.0 | 66.9 ± 0.2 | 0.0 | 49.6 ± 9.6 | 32.3 ± 7.5 | 10.5 ± 0.7 | 0.0 | – | – | 2736 ± 46 |
    "]].assert_eq(&table::page(&sweep));
}

#[test]
fn a_recording_holds_every_request_of_its_run_and_is_the_same_each_time() {
    let prepared = prepared(SMALL);
    let record = || {
        let mut lines = String::new();
        record::play(&prepared, QUIET, &mut |line| lines.push_str(line)).unwrap();
        lines
    };
    let (lines, scores) = (record(), prepared.play(QUIET).unwrap());
    let ended = scores[0].seconds.iter().flat_map(|row| {
        let of = |role: usize| {
            let stopped: u32 = row.stopped[role].iter().sum();
            row.served[role] + row.failed[role] + row.gave_up[role] + row.cancelled[role] + stopped
        };
        (0..Role::COUNT).map(of)
    });
    assert_eq!(lines.lines().count(), ended.sum::<u32>() as usize);
    assert_eq!(lines, record());
    let first = lines.lines().next().unwrap();
    for field in ["\"t\":", "\"src\":\"10.", "\"visitor\":\"browsers-", "\"solves\":true"] {
        assert!(first.contains(field), "{first}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_flood_changes_nothing_of_others_before_it_begins(rps in 50_u32..900, seed in any::<u64>()) {
        let flooded = prepared(&SMALL.replace("rps = 500", &format!("rps = {rps}")));
        let calm = prepared(SMALL.split_once("[[flood]]").unwrap().0);
        let setting = Setting { seed, ..QUIET };
        let (flooded, calm) = (flooded.play(setting).unwrap(), calm.play(setting).unwrap());
        prop_assert_eq!(honest(&flooded[0], 0, 25), honest(&calm[0], 0, 25));
        prop_assert!(flood(&calm[0]) < 0.5);
    }

    #[test]
    fn another_seed_changes_draws_and_no_rate(seed in any::<u64>()) {
        let prepared = prepared(SMALL);
        let one = prepared.play(Setting { seed, ..QUIET }).unwrap();
        let other = prepared.play(Setting { seed: seed ^ 1, ..QUIET }).unwrap();
        prop_assert_ne!(&one, &other);
        let (one, other) = (flood(&one[0]), flood(&other[0]));
        prop_assert!((one - 5_000.0).abs() < 300.0 && (other - 5_000.0).abs() < 300.0, "{one} {other}");
    }

    #[test]
    fn another_defence_or_capacity_changes_nothing_before_the_flood(seed in any::<u64>(), times in 2.0_f64..9.0) {
        let prepared = prepared(SMALL);
        let plain = prepared.play(Setting { seed, ..QUIET }).unwrap();
        let limited = Setting { seed, defence: DefenceKind::PerAddress, times_normal: Some(times) };
        let limited = prepared.play(limited).unwrap();
        // Answers come sooner or later with the capacity, and with them what is read next.
        let (plain, limited) = (honest(&plain[0], 0, 20), honest(&limited[0], 0, 20));
        let sum = |rows: &[[u32; 2]]| f64::from(rows.iter().flatten().sum::<u32>());
        prop_assert!((sum(&plain) - sum(&limited)).abs() < 0.08 * sum(&plain), "{plain:?} {limited:?}");
    }
}
