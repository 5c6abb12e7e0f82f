//! Cases from records, and every form of them.

#[expect(clippy::disallowed_methods, reason = "files are how other programs are handed pages")]
mod browser;
mod case;
mod forms;
mod founding;
mod injection;
mod lint;
mod phases;
mod scales;
mod simulated;
mod streamed;
mod traced;
mod truth;
#[expect(clippy::disallowed_methods, reason = "files are how other programs are handed pages")]
mod validators;
