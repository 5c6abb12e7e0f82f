//! Cases from records, and every form of them.

#[expect(clippy::disallowed_methods, reason = "a script of other people's is kept as a file")]
#[path = "../../../seawall/tests/system/fixtures/axe.rs"]
mod axe;
#[expect(clippy::disallowed_methods, reason = "files are how other programs are handed pages")]
mod browser;
mod case;
mod forms;
mod founding;
mod injection;
mod lint;
mod phases;
#[expect(clippy::disallowed_methods, reason = "an environment of other programs is files")]
#[path = "../../../seawall/tests/system/fixtures/python.rs"]
mod python;
mod scales;
mod simulated;
mod streamed;
mod traced;
mod truth;
#[expect(clippy::disallowed_methods, reason = "files are how other programs are handed pages")]
mod validators;
