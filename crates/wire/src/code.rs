//! The code in every answer that the shield makes itself: `<reason>.<26 base32 characters>`.
//!
//! Takes what is known of a verdict; gives a text that opens again only under the node's own key,
//! so that nothing is stored per answer.
//! Hides nothing from the client but the source and the platform's name, which are keyed hashes.
//! Bounds: a code is at most [`CODE_BYTES_MAX`] bytes; sealing and opening allocate nothing.

mod capsule;
mod text;

pub use capsule::{Capsule, CodeKey, platform_tag, source_tag};
pub use text::{AnswerCode, CODE_BYTES_MAX, CodeFault, open, seal};

#[cfg(test)]
mod tests;
