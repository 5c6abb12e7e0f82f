//! Wall time as text.

use crate::WallTime;

/// `2026-03-01T12:00:00.250Z`: UTC with milliseconds.
///
/// Source: RFC 3339 §5.6.
pub fn rfc3339(wall: WallTime) -> String {
    let (days, in_day) = (wall.0 / 86_400_000, wall.0 % 86_400_000);
    let (year, month, day) = civil(days);
    let (hour, minute) = (in_day / 3_600_000, in_day / 60_000 % 60);
    let (second, milli) = (in_day / 1_000 % 60, in_day % 1_000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// The time of such a text, in this one form alone; none of any other.
pub fn of_rfc3339(text: &str) -> Option<WallTime> {
    const FORM: &str = "0000-00-00T00:00:00.000Z";
    let has_form = text.len() == FORM.len()
        && text.bytes().zip(FORM.bytes()).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            other => byte == other,
        });
    if !has_form {
        return None;
    }
    let number = |from: usize, to: usize| text[from..to].parse::<u64>().ok();
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    let in_day = (number(11, 13)? * 60 + number(14, 16)?) * 60 + number(17, 19)?;
    let in_day = in_day * 1_000 + number(20, 23)?;
    // Days grow with dates, so that the day is found by halving: 365 a year at least.
    let (mut low, mut high) = (0, year.saturating_sub(1_970).saturating_mul(366) + 366);
    while low < high {
        let middle = low.midpoint(high);
        if civil(middle) < (year, month, day) { low = middle + 1 } else { high = middle }
    }
    (civil(low) == (year, month, day)).then(|| WallTime(low * 86_400_000 + in_day))
}

/// Year, month and day of a day counted from 1970-01-01.
///
/// Years begin in March here, so that the leap day is the last one and months follow one formula.
fn civil(days: u64) -> (u64, u64, u64) {
    const DAYS_OF_400_YEARS: u64 = 146_097;
    /// From 0000-03-01 to 1970-01-01.
    const EPOCH: u64 = 719_468;
    let day = days.saturating_add(EPOCH);
    let (era, day) = (day / DAYS_OF_400_YEARS, day % DAYS_OF_400_YEARS);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let from_march = (5 * day + 2) / 153;
    let day = day - (153 * from_march + 2) / 5 + 1;
    let (month, carry) = match from_march {
        0..10 => (from_march + 3, 0),
        _ => (from_march - 9, 1),
    };
    (era * 400 + year + carry, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_days_have_their_known_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000Z"),
            (1_735_689_600, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(rfc3339(WallTime(seconds * 1_000)), text);
        }
        assert_eq!(rfc3339(WallTime(250)), "1970-01-01T00:00:00.250Z");
    }

    #[test]
    fn a_time_reads_back() {
        for ms in [0, 250, 951_782_400_000, 1_772_366_400_123, 4_107_542_400_000] {
            assert_eq!(of_rfc3339(&rfc3339(WallTime(ms))), Some(WallTime(ms)));
        }
        for text in
            ["", "2026-02-30T00:00:00.000Z", "2026-03-01T12:00:00Z", "1960-01-01T00:00:00.000Z"]
        {
            assert_eq!(of_rfc3339(text), None, "{text}");
        }
    }

    #[test]
    fn no_time_is_too_large_to_be_written() {
        assert!(rfc3339(WallTime(u64::MAX)).ends_with('Z'));
    }
}
