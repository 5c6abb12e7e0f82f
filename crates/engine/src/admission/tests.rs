//! The core against origins of several kinds, in virtual time.

mod bodies;
mod calls;
mod calm;
mod fair;
mod limit;
mod model;
mod traces;
mod trouble;
pub(in crate::admission) mod world;
