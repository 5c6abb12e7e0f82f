//! Types of JSON whose values are not kept.

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;

macro_rules! any {
    ($(#[doc = $doc:literal] $name:ident: $method:ident, $word:literal, { $($visit:item)+ })+) => {$(
        #[doc = $doc]
        #[derive(Debug)]
        pub(super) struct $name;

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.$method($name)
            }
        }

        impl Visitor<'_> for $name {
            type Value = Self;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str($word)
            }
            $($visit)+
        }
    )+};
}

any! {
    /// A text.
    AnyText: deserialize_str, "a text", {
        fn visit_str<E: Error>(self, _: &str) -> Result<Self, E> {
            Ok(self)
        }
    }
    /// A whole number that is not negative.
    AnyWhole: deserialize_u64, "a whole number", {
        fn visit_u64<E: Error>(self, _: u64) -> Result<Self, E> {
            Ok(self)
        }
    }
}
