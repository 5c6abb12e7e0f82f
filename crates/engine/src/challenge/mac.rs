//! HMAC-SHA-256 (RFC 2104) whose key was taken in beforehand: a short text costs two blocks.

use sha2::{Digest as _, Sha256};
use std::fmt;

/// Bytes that SHA-256 takes at once.
const BLOCK: usize = 64;

/// A key, ready to vouch.
#[derive(Clone)]
pub(crate) struct Mac {
    inner: Sha256,
    outer: Sha256,
}

/// Secrets are not shown.
impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Mac")
    }
}

impl Mac {
    pub(crate) fn new(key: &[u8; 32]) -> Self {
        Self::of(key)
    }

    /// With a key of any length (RFC 2104 §2).
    pub(crate) fn of(key: &[u8]) -> Self {
        let hashed = Sha256::digest(key);
        let key = if key.len() > BLOCK { &hashed[..] } else { key };
        let padded = |pad: u8| {
            let mut block = [pad; BLOCK];
            for (byte, key) in block.iter_mut().zip(key) {
                *byte ^= key;
            }
            Sha256::new_with_prefix(block)
        };
        Self { inner: padded(0x36), outer: padded(0x5c) }
    }

    /// The tag of `parts` one behind the other; callers keep them apart by their lengths.
    pub(crate) fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut inner = self.inner.clone();
        for part in parts {
            inner.update(part);
        }
        let mut outer = self.outer.clone();
        outer.update(inner.finalize());
        outer.finalize().into()
    }

    /// The key of a purpose in a span of time.
    pub(crate) fn derived(&self, purpose: &str, span: u32) -> Self {
        Self::new(&self.tag(&[&span.to_be_bytes(), purpose.as_bytes()]))
    }
}

/// Whether two tags are the same, in a time that does not tell where they differ.
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(one, other).into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use data_encoding::HEXLOWER;

    #[test]
    fn the_tag_is_that_of_the_standard() {
        // Made with `openssl dgst -sha256 -mac hmac -macopt hexkey:0b0b…`.
        let mac = Mac::new(&[0x0b; 32]);
        let whole = mac.tag(&[b"Hi There"]);
        let expected = "198a607eb44bfbc69903a0f1cf2bbdc5ba0aa3f3d9ae3c1c7a3b1696a0b68cf7";
        assert_eq!(HEXLOWER.encode(&whole), expected);
        assert_eq!(mac.tag(&[b"Hi ", b"There"]), whole);
        assert!(same(&whole, &whole) && !same(&whole, &mac.tag(&[b"Hi there"])));
    }
}
