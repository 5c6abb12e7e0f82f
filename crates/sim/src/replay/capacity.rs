//! What origins can carry, where nobody said: taken from the quiet beginning of the records.

/// The part of the records that is taken as quiet: the first tenth.
const QUIET_PART: usize = 10;
/// Per cent of its seconds that lie below the demand that is taken.
const PERCENTILE: usize = 95;
/// How much more than that an origin is taken to carry.
const HEADROOM: f64 = 3.0;
/// The least that an origin is taken to carry.
const CAPACITY_MIN_MS_PER_S: f64 = 10.0;

/// Three times the 95th percentile (the nearest rank) of demand per second, over those seconds of
/// the first tenth of `requests` that hold one; in milliseconds a second, at least 10.
///
/// `requests` are the second and the cost of each, in the order of their times.
pub(super) fn automatic(requests: &[(i64, f64)]) -> f64 {
    let quiet = &requests[..requests.len().div_ceil(QUIET_PART)];
    let mut demands: Vec<f64> = Vec::new();
    let mut last = None;
    for (second, cost_ms) in quiet {
        match demands.last_mut() {
            Some(demand) if last == Some(*second) => *demand += cost_ms,
            _ => demands.push(*cost_ms),
        }
        last = Some(*second);
    }
    demands.sort_by(f64::total_cmp);
    let rank = (demands.len() * PERCENTILE).div_ceil(100);
    let demand = rank.checked_sub(1).map_or(0.0, |at| demands[at]);
    (HEADROOM * demand).max(CAPACITY_MIN_MS_PER_S)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(requests: &[(i64, f64)], expected: f64) {
        assert!(automatic(requests).total_cmp(&expected).is_eq(), "{}", automatic(requests));
    }

    #[test]
    fn the_nearest_rank_over_seconds_that_hold_a_request_decides() {
        // 100 quiet seconds, far apart, that ask 1 to 100 ms; then a flood that does not count.
        let quiet = (1..=100).map(|n| (i64::from(n) * 7, f64::from(n)));
        let flood = std::iter::repeat_n((800, 50.0), 900);
        let requests: Vec<_> = quiet.chain(flood).collect();
        check(&requests, 3.0 * 95.0);
    }

    #[test]
    fn costs_of_one_second_add_up_and_little_is_ten() {
        let requests: Vec<_> = (0..30).map(|_| (5, 20.0)).collect();
        check(&requests, 3.0 * 60.0);
        check(&[(1, 0.5)], 10.0);
        check(&[], 10.0);
    }
}
