//! Cases from records, and every form of them.

mod browser;
mod case;
mod forms;
mod injection;
mod lint;
mod simulated;
mod validators;
