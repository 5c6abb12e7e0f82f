//! Why a group cannot be built, as a sentence that says how to mend it.

use crate::rate::BadShape;
use std::fmt::Display;
use std::ops::RangeInclusive;

/// A group cannot be built from its parameters.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Miscast {
    /// A value is out of its bounds.
    #[error("{key} is {value}; it must be {must}")]
    Value {
        /// The parameter.
        key: &'static str,
        /// What it is.
        value: String,
        /// What it must be.
        must: String,
    },
    /// The points of a line are not usable.
    #[error("{key}: {bad}")]
    Shape {
        /// The parameter.
        key: &'static str,
        /// What is wrong with its points.
        bad: BadShape,
    },
    /// The platform's site has no route that the group needs.
    #[error("the site has no {what}")]
    Site {
        /// What is missing.
        what: String,
    },
    /// Every network of the world is taken.
    #[error("no network is left; use fewer")]
    Networks,
    /// Parameters that do not fit each other.
    #[error("{0}")]
    Told(String),
}

impl Miscast {
    /// `key` is `value` but must be `must`.
    pub fn value(key: &'static str, value: impl Display, must: impl Into<String>) -> Self {
        Self::Value { key, value: value.to_string(), must: must.into() }
    }

    /// The site has none of what is said.
    pub fn site(what: impl Into<String>) -> Self {
        Self::Site { what: what.into() }
    }
}

/// A number that must lie within bounds.
pub fn within(key: &'static str, value: f64, bounds: RangeInclusive<f64>) -> Result<f64, Miscast> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    Err(Miscast::value(key, value, format!("{} to {}", bounds.start(), bounds.end())))
}

/// A share: 0 to 1.
pub fn share(key: &'static str, value: f64) -> Result<f64, Miscast> {
    within(key, value, 0.0..=1.0)
}

/// A whole number that must lie within bounds.
pub fn whole(key: &'static str, value: u32, bounds: RangeInclusive<u32>) -> Result<u32, Miscast> {
    if bounds.contains(&value) {
        return Ok(value);
    }
    Err(Miscast::value(key, value, format!("{} to {}", bounds.start(), bounds.end())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_out_of_bounds_is_named_with_its_bounds() {
        let fault = within("rps", -3.0, 0.0..=100.0).unwrap_err();
        assert_eq!(fault.to_string(), "rps is -3; it must be 0 to 100");
        assert_eq!(whole("people", 5, 1..=5), Ok(5));
        assert!(share("returning", f64::NAN).is_err());
    }
}
