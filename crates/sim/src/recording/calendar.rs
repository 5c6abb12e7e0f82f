//! Days and digits, as every written time has them.

/// A number of decimal digits alone.
pub(super) fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |number, digit| {
        digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
    })
}

/// Days of the Gregorian calendar.
///
/// Years begin in March here, so that the leap day is the last of its year and the lengths of the
/// months before a given one follow one line: 153 days in five months.
pub(super) fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let from_march = (month + 9) % 12;
    let year = year - i64::from(month <= 2);
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    // From 1 March of year 0 to 1 January 1970.
    365 * year + leap_days + day_of_year - 719_468
}
