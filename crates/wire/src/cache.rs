//! What a shared cache may do with requests and answers (RFC 9111, RFC 5861), as pure judgements.
//!
//! Takes heads as [`Fields`] and seconds; gives whether an answer may be kept, for whom and for how
//! long, and whether one that is kept may be used.
//! More careful than the standard asks: only what an origin says in so many words is kept, nothing by
//! guess, nothing of a request that bears credentials, and nothing of a request that says what no
//! browser says by itself.
//! Never keeps anything, reads a clock, or changes a request.
//! Bounds: the named maxima of each module.

pub mod conditions;
pub mod control;
pub mod fields;
pub mod reuse;
pub mod select;
pub mod store;
pub mod target;
pub mod wish;

pub use control::Control;
pub use fields::Fields;
pub use reuse::Standing;
pub use select::Selecting;
pub use store::{Answer, NotKept, Terms, Times};
pub use wish::{Asked, Part};

#[cfg(test)]
mod tests;
