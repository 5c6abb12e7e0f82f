//! The shield as its users meet it: one process, real clients, real origins, hostile peers.
//!
//! The program under test is the one that the environment variable `SEAWALL` names, or the one
//! that was built beside the tests.
//! Everything happens on loopback; what a test starts ends with it.
//! Run them one at a time (`--test-threads 1`): a flood beside a deadline measures the neighbour.

#[cfg(test)]
mod fixtures;

#[cfg(test)]
mod address;
#[cfg(test)]
mod admission;
#[cfg(test)]
mod answers;
#[cfg(test)]
mod bad_input;
#[cfg(test)]
mod bodies;
#[cfg(test)]
mod bulk;
#[cfg(test)]
mod cache;
#[cfg(test)]
mod challenge;
#[cfg(test)]
mod clients;
#[cfg(test)]
mod continuity;
#[cfg(test)]
mod counts;
#[cfg(test)]
mod desync;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod faithful;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod grpc;
#[cfg(test)]
mod honest;
#[cfg(test)]
mod incidents;
#[cfg(test)]
mod integrity;
#[cfg(test)]
mod isolation;
#[cfg(test)]
mod lanes;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod lock;
#[cfg(test)]
mod measures;
#[cfg(test)]
mod operate;
#[cfg(test)]
mod origin_h2;
#[cfg(test)]
mod origin_tls;
#[cfg(test)]
mod origins;
#[cfg(test)]
mod packet;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod passage;
#[cfg(test)]
mod plane;
#[cfg(test)]
mod proof;
#[cfg(test)]
mod reality;
#[cfg(test)]
mod replay;
#[cfg(test)]
mod requirements;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod standing;
#[cfg(test)]
mod trials;
#[cfg(test)]
mod websocket;
