//! The time of an access log: `17/May/2015:10:05:03 +0000`.

use crate::recording::calendar::{days_since_1970, number};

/// Bytes of a time without its brackets.
pub(super) const BYTES: usize = "17/May/2015:10:05:03 +0000".len();

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Seconds since 1970, or none when it is no time.
pub(super) fn seconds(text: &[u8; BYTES]) -> Option<i64> {
    let punctuation = [(2, b'/'), (6, b'/'), (11, b':'), (14, b':'), (17, b':'), (20, b' ')];
    if punctuation.iter().any(|(place, byte)| text[*place] != *byte) {
        return None;
    }
    let month = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(&text[3..6]))?;
    let day = number(&text[..2]).filter(|day| (1..=31).contains(day))?;
    let days = days_since_1970(number(&text[7..11])?, i64::try_from(month).ok()? + 1, day);
    let hour = number(&text[12..14]).filter(|hour| *hour < 24)?;
    let minute = number(&text[15..17]).filter(|minute| *minute < 60)?;
    // A leap second is written as 60.
    let second = number(&text[18..20]).filter(|second| *second <= 60)?;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second - zone(&text[21..])?)
}

/// The seconds that a zone such as `-0700` is ahead of UTC.
fn zone(text: &[u8]) -> Option<i64> {
    let (hours, minutes) = (number(text.get(1..3)?)?, number(text.get(3..5)?)?);
    let seconds = hours * 3_600 + minutes * 60;
    match text[0] {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<i64> {
        seconds(text.as_bytes().try_into().unwrap())
    }

    #[test]
    fn times_are_seconds_since_1970_in_any_zone() {
        // By `date -u -d '…' +%s`.
        for (text, seconds) in [
            ("01/Jan/1970:00:00:00 +0000", 0),
            ("17/May/2015:10:05:03 +0000", 1_431_857_103),
            ("29/Jul/2023:10:26:06 -0700", 1_690_651_566),
            ("29/Feb/2024:23:59:60 +0530", 1_709_231_400),
            ("01/mar/2024:00:00:00 +0000", 1_709_251_200),
            ("31/Dec/1969:23:59:59 +0000", -1),
        ] {
            assert_eq!(read(text), Some(seconds), "{text}");
        }
        for text in [
            "17/Mai/2015:10:05:03 +0000",
            "00/May/2015:10:05:03 +0000",
            "17/May/2015:24:05:03 +0000",
            "17/May/2015:10:05:03 00000",
            "17-May/2015:10:05:03 +0000",
            "17/May/20x5:10:05:03 +0000",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
