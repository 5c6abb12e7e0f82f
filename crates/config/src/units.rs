//! Numbers that carry their unit in text, read against bounds and written back.
//!
//! Numbers are decimal digits with an optional fraction; a space before the unit is free.
//! Exponents, signs but the minus of a number that is too small, `inf` and `nan` are no numbers.

use crate::Capacity;
use seawall_types::{ByteCount, OriginCapacity, RequestRate};
use std::time::Duration;

/// What is wrong with a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Misread {
    /// No number with a unit of its kind.
    Form,
    /// Below the least that is allowed.
    Below,
    /// Above the most that is allowed.
    Above,
}

/// Rates beyond this are a slip of the pen: no source sends it and no shield counts it.
pub(crate) const RATE_MAX: f64 = 1e6;
/// Ten thousand requests in flight, always: beyond any origin.
pub(crate) const CAPACITY_MAX: f64 = 1e7;
/// Origin-milliseconds per second of one request that is always in flight.
const MS_PER_CONCURRENT: f64 = 1000.0;

const SPANS: [(&str, f64); 5] =
    [("ms", 0.001), ("s", 1.0), ("m", 60.0), ("h", 3600.0), ("d", 86_400.0)];
const SIZES: [(&str, u64); 5] =
    [("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];

/// `"500ms"`, `"5s"`, `"10m"`, `"1h"`, `"30d"` within `least` and `most`.
pub(crate) fn span(text: &str, least: Duration, most: Duration) -> Result<Duration, Misread> {
    let (number, unit) = measure(text).ok_or(Misread::Form)?;
    let seconds = number * scale(&SPANS, unit).ok_or(Misread::Form)?;
    if seconds < 0.0 {
        return Err(Misread::Below);
    }
    let span = Duration::try_from_secs_f64(seconds).map_err(|_| Misread::Above)?;
    within(span, least, most)
}

/// `"64 KiB"`, in whole units, within `least` and `most`.
pub(crate) fn size(text: &str, least: ByteCount, most: ByteCount) -> Result<ByteCount, Misread> {
    let (number, unit) = split(text).ok_or(Misread::Form)?;
    let scale = scale(&SIZES, unit).ok_or(Misread::Form)?;
    if number.contains('.') {
        return Err(Misread::Form);
    }
    if number.starts_with('-') {
        return Err(Misread::Below);
    }
    // Only digits are left, so that what does not fit is too large.
    let count = number.parse::<u64>().ok().and_then(|n| n.checked_mul(scale));
    within(ByteCount(count.ok_or(Misread::Above)?), least, most)
}

/// `"200 rps"`, or none for `"off"`.
pub(crate) fn rate(text: &str) -> Result<Option<RequestRate>, Misread> {
    if text == "off" {
        return Ok(None);
    }
    let (number, unit) = measure(text).ok_or(Misread::Form)?;
    if unit != "rps" {
        return Err(Misread::Form);
    }
    if number > RATE_MAX {
        return Err(Misread::Above);
    }
    RequestRate::new(number).map(Some).ok_or(Misread::Below)
}

/// `"auto"`, `"800 ms/s"` or `"40 concurrent"`.
pub(crate) fn capacity(text: &str) -> Result<Capacity, Misread> {
    if text == "auto" {
        return Ok(Capacity::Auto);
    }
    let (number, unit) = measure(text).ok_or(Misread::Form)?;
    let ms_per_second = match unit {
        "ms/s" => number,
        "concurrent" => number * MS_PER_CONCURRENT,
        _ => return Err(Misread::Form),
    };
    if ms_per_second > CAPACITY_MAX {
        return Err(Misread::Above);
    }
    OriginCapacity::new(ms_per_second).map(Capacity::Told).ok_or(Misread::Below)
}

/// A span as the file would write it, in the largest unit that divides it.
pub(crate) fn written(span: Duration) -> String {
    let ms = span.as_millis();
    for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000)] {
        if ms >= size && ms.is_multiple_of(size) {
            return format!("{}{unit}", ms / size);
        }
    }
    if ms == 0 { "0s".to_owned() } else { format!("{ms}ms") }
}

pub(crate) fn within<T: PartialOrd + Copy>(value: T, least: T, most: T) -> Result<T, Misread> {
    if value < least {
        Err(Misread::Below)
    } else if value > most {
        Err(Misread::Above)
    } else {
        Ok(value)
    }
}

fn scale<T: Copy>(units: &[(&str, T)], unit: &str) -> Option<T> {
    units.iter().find(|(name, _)| *name == unit).map(|(_, scale)| *scale)
}

fn measure(text: &str) -> Option<(f64, &str)> {
    let (number, unit) = split(text)?;
    Some((number.parse().ok()?, unit))
}

/// A number and the unit behind it: `"-1.5 rps"` is `("-1.5", "rps")`.
fn split(text: &str) -> Option<(&str, &str)> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let length = digits.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(digits.len());
    let (whole, fraction) = digits[..length].split_once('.').unwrap_or((&digits[..length], "0"));
    if whole.is_empty() || fraction.is_empty() || fraction.contains('.') {
        return None;
    }
    let (number, unit) = text.split_at(text.len() - digits.len() + length);
    Some((number, unit.strip_prefix(' ').unwrap_or(unit)))
}

#[cfg(test)]
mod tests;
