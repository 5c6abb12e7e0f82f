//! Plain structs as bytes and back.

#![expect(unsafe_code, reason = "structs are handed to the kernel as bytes")]

use crate::abi;

/// A struct all of whose bytes have a meaning, and any of whose bytes may be anything.
///
/// # Safety
/// It is `repr(C)`, has no padding, and every pattern of bits is a value of it.
pub(super) unsafe trait Plain: Copy {}

macro_rules! plain {
    ($($name:ty),*) => {
        $(
            // SAFETY: integers alone, in C's order; `abi` asserts that the sizes leave no padding.
            unsafe impl Plain for $name {}
        )*
    };
}

plain!(
    u8,
    u32,
    u64,
    abi::Config,
    abi::Beat,
    abi::Entry,
    abi::Counter,
    abi::Signatures,
    abi::Ports,
    abi::Page,
    abi::Sample
);

// SAFETY: an array of plain values has no bytes between them.
unsafe impl<T: Plain, const N: usize> Plain for [T; N] {}

/// The bytes of a value.
pub(super) fn bytes<T: Plain>(value: &T) -> &[u8] {
    // SAFETY: `Plain` has no padding, so all its bytes are initialised; they live as long as it.
    unsafe { std::slice::from_raw_parts(std::ptr::from_ref(value).cast(), size_of::<T>()) }
}

/// The bytes of values in a row.
pub(super) fn row<T: Plain>(values: &[T]) -> &[u8] {
    // SAFETY: as for `bytes`; a slice has no bytes between its values.
    unsafe { std::slice::from_raw_parts(values.as_ptr().cast(), size_of_val(values)) }
}

/// A value from its bytes; none where they are not as many.
pub(super) fn read<T: Plain>(bytes: &[u8]) -> Option<T> {
    // SAFETY: as many bytes as the value has, any of which are a value of it; they may be unaligned.
    (bytes.len() == size_of::<T>()).then(|| unsafe { bytes.as_ptr().cast::<T>().read_unaligned() })
}
