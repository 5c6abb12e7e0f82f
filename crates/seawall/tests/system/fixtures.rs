//! What several system tests need: the shield as a process, origins, clients, programs from outside.
//!
//! Everything that is started here is ended by its own process id when its guard is dropped, also
//! when a test fails.
//! Never sleeps for a result: it waits for a value and says which one did not come.

pub(crate) mod authority;
pub(crate) mod axe;
pub(crate) mod backdrop;
pub(crate) mod bulk_origin;
pub(crate) mod capture;
pub(crate) mod certificate;
pub(crate) mod chromium;
pub(crate) mod client;
pub(crate) mod config;
pub(crate) mod counting;
pub(crate) mod curl;
pub(crate) mod figure;
pub(crate) mod firefox;
pub(crate) mod folder;
pub(crate) mod frames;
pub(crate) mod h2_origin;
pub(crate) mod nginx;
pub(crate) mod played;
pub(crate) mod ports;
pub(crate) mod program;
pub(crate) mod python;
pub(crate) mod records;
pub(crate) mod script;
pub(crate) mod secure_nginx;
pub(crate) mod shield;
pub(crate) mod tables;
pub(crate) mod wait;
pub(crate) mod witness;

pub(crate) use certificate::Certificate;
pub(crate) use client::{Answer, Client, Ended};
pub(crate) use config::Setup;
pub(crate) use counting::Counting;
pub(crate) use figure::figure;
pub(crate) use folder::Folder;
pub(crate) use nginx::Nginx;
pub(crate) use played::Played;
pub(crate) use program::{Ran, needs, run};
pub(crate) use shield::{Shield, seawall};
pub(crate) use tables::countries;
pub(crate) use wait::wait_for;
pub(crate) use witness::Witness;

use std::time::Duration;

/// The host that the platform of every [`Setup`] answers for.
pub(crate) const HOST: &str = "www.example.org";
/// How long anything may take that takes no time: generous, because the machine may be busy.
pub(crate) const SOON: Duration = Duration::from_secs(20);
