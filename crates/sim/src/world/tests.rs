use super::*;
use crate::clock::{EPOCH, Step};
use crate::defence::{
    Arrival, Decision, DefenceKind, Ended, Nothing, PerAddress, Protected, Setup,
};
use crate::fault;
use crate::flood::one_tool;
use crate::flood::pace::Pace;
use crate::group::{Heard, Role};
use crate::network::{Network, NetworkClass};
use crate::people::browsers;
use crate::request::{Manner, Query, Referer, Sender};
use crate::site::RouteId;
use crate::stack::{Look, StackId};
use crate::{Casting, Pools};
use std::sync::{Arc, Mutex};

mod checks;
mod crowd;
mod single;
