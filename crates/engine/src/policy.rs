//! What is allowed: compiled rules and the budgets of single sources.
//!
//! The hot path asks [`Judge::request`] once a request and [`Judge::at_accept`] once a connection.
//! Both look things up; neither locks, waits or allocates.

pub mod addresses;
pub mod allowance;
pub mod book;
pub mod budget;
mod climb;
mod collateral;
pub mod ladder;
pub mod measure;
pub mod measures;
pub mod rules;
pub mod sources;
mod trial;

pub use addresses::AddressSet;
pub use allowance::{Allowance, LIMIT_RPS_DEFAULT};
pub use book::{BookFault, MeasureBook};
pub use ladder::{Ladder, Sight};
pub use measure::{By, CompiledSignature, Matches, Measure, Partly, STANDS_MAX, Wanted};
pub use measures::{Asked, Bears, Client, Measures, Met, Reach, Treatment};
pub use rules::{AtAccept, Judge, Judgement, OverRate, Rules, SourceBudget, Standing};
pub use sources::{SOURCES_MAX, Slot, SourceTable};
