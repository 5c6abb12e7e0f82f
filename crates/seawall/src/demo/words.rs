//! Numbers as people read them; never better than they were measured.

use std::time::Duration;

/// `5,830`.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `17`, a second, of what was counted over `span`; a dash when there was no time to count in.
pub(super) fn rate(counted: u64, span: Duration) -> String {
    match u64::try_from(span.as_millis()) {
        Ok(ms @ 1..) => count((counted * 1_000 + ms / 2) / ms),
        Ok(0) | Err(_) => "-".to_owned(),
    }
}

/// `2,655`, of a rate that somebody else has worked out.
pub(super) fn per_second(rate: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float is cut to the nearest whole number that there is"
    )]
    let whole = rate.round() as u64;
    count(whole)
}

/// `100 % of 412`; a share is rounded down, so that 100 % is said of all and never of nearly all.
pub(super) fn share_of(part: u64, of: u64) -> String {
    match share(part, of) {
        Some(share) => format!("{share} of {}", count(of)),
        None => "none came".to_owned(),
    }
}

/// `99.8 %`, rounded down; `None` of nothing.
pub(super) fn share(part: u64, of: u64) -> Option<String> {
    let permille = (part * 1_000).checked_div(of)?;
    Some(match permille % 10 {
        0 => format!("{} %", permille / 10),
        tenth => format!("{}.{tenth} %", permille / 10),
    })
}

/// `85 ms`; `under 1 ms`.
pub(super) fn latency(span: Duration) -> String {
    match span.as_millis() {
        0 => "under 1 ms".to_owned(),
        ms => format!("{} ms", count(u64::try_from(ms).unwrap_or(u64::MAX))),
    }
}

/// `1.7 s`.
pub(super) fn seconds(span: Duration) -> String {
    format!("{:.1} s", span.as_secs_f64())
}

/// Demand beside what an origin carries: `3.3 x capacity`, `0.19 x capacity`.
pub(super) fn demand(pressure: f64) -> String {
    if pressure < 1.0 {
        format!("{pressure:.2} x capacity")
    } else {
        format!("{pressure:.1} x capacity")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_set_apart() {
        let counts = [0, 999, 1_000, 65_432, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "65,432", "1,234,567"]);
    }

    #[test]
    fn all_but_one_of_many_is_not_all() {
        assert_eq!(share_of(1_000, 1_000), "100 % of 1,000");
        assert_eq!(share_of(9_999, 10_000), "99.9 % of 10,000");
        assert_eq!(share_of(0, 3), "0 % of 3");
        assert_eq!(share_of(0, 0), "none came");
    }

    #[test]
    fn a_rate_is_what_was_counted_over_the_time_that_it_took() {
        assert_eq!(rate(105, Duration::from_secs(5)), "21");
        assert_eq!(rate(13_000, Duration::from_millis(2_500)), "5,200");
        assert_eq!(rate(13, Duration::ZERO), "-");
        assert_eq!(per_second(2_654.6), "2,655");
    }

    #[test]
    fn demand_is_told_beside_what_the_origin_carries() {
        assert_eq!(demand(0.187), "0.19 x capacity");
        assert_eq!(demand(3.31), "3.3 x capacity");
        assert_eq!(latency(Duration::from_micros(900)), "under 1 ms");
        assert_eq!(seconds(Duration::from_millis(1_740)), "1.7 s");
    }
}
