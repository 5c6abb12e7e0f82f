//! Lets requests go to origins in as many as these can carry: the engine's admission, on cores.
//!
//! Each core has a [`Gate`] of each platform, which decides alone; ten times a second they tell
//! [`Rounds`] what they saw and are told what they may use. Rounds are turned by the cores
//! themselves, so that an engine that is slow or gone changes nothing here.
//! Never lets more go because something of ours failed.
//! Bounds: those of the engine's admission.

mod gate;
mod plan;
mod rounds;
mod timing;

pub(crate) use gate::{Entered, Gate, OriginPermit, Pass, Waiting};
pub(crate) use plan::{Bounds, Planned};
pub(crate) use rounds::Rounds;
pub(crate) use timing::{Alarm, keep_time};
