//! Divides a number among those who want it.

/// Max-min: nobody gets more while another who wants more has less; what nobody wants is spread
/// evenly, so that whoever asks next finds some.
///
/// The parts sum up to `total`, unless nobody is there. What does not divide goes round by `turn`,
/// so that where there is less than one for each, each has one in its turn.
pub(super) fn deal(total: u32, wanted: &[u32], turn: usize) -> Vec<u32> {
    let mut parts = vec![0; wanted.len()];
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by_key(|at| wanted[*at]);
    let mut rest = total;
    for (done, at) in order.iter().enumerate() {
        let level = rest / count(wanted.len() - done);
        if wanted[*at] <= level {
            parts[*at] = wanted[*at];
            rest -= wanted[*at];
            continue;
        }
        for at in &order[done..] {
            parts[*at] = level;
            rest -= level;
        }
        break;
    }
    let around = (0..wanted.len()).map(|at| (at + turn) % wanted.len());
    for at in around.clone().filter(|at| parts[*at] < wanted[*at]).collect::<Vec<_>>() {
        let one = rest.min(1);
        parts[at] += one;
        rest -= one;
    }
    for (done, at) in around.enumerate() {
        let more = rest.div_ceil(count(wanted.len() - done));
        parts[at] += more;
        rest -= more;
    }
    parts
}

fn count(of: usize) -> u32 {
    u32::try_from(of.max(1)).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_flood_on_one_leaves_the_others_their_equal_part() {
        assert_eq!(deal(30, &[1_000, 4, 20], 0), [13, 4, 13]);
        assert_eq!(deal(30, &[0, 0, 1_000], 0), [0, 0, 30]);
        assert_eq!(deal(30, &[1, 2, 3], 0), [9, 10, 11]);
        assert_eq!(deal(1, &[0, 7], 0), [0, 1]);
        assert_eq!(deal(5, &[], 0), [0; 0]);
    }

    #[test]
    fn where_there_is_one_for_two_each_has_it_in_turn() {
        assert_eq!(deal(1, &[5, 7], 0), [1, 0]);
        assert_eq!(deal(1, &[5, 7], 1), [0, 1]);
        assert_eq!(deal(1, &[5, 7], 2), [1, 0]);
    }

    proptest! {
        #[test]
        fn nobody_has_more_while_another_who_wants_has_less(
            total in 0_u32..5_000,
            wanted in proptest::collection::vec(0_u32..2_000, 1..40),
            turn in 0_usize..50,
        ) {
            let parts = deal(total, &wanted, turn);
            prop_assert_eq!(parts.iter().sum::<u32>(), total);
            let short = wanted.iter().zip(&parts).filter(|(wanted, part)| part < wanted);
            let least = short.map(|(_, part)| *part).min();
            if let Some(least) = least {
                prop_assert!(parts.iter().all(|part| *part <= least + 1), "{parts:?}");
            }
        }
    }
}
