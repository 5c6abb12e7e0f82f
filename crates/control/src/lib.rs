//! The running shield as people and programs see it: API, metrics, status page, and their client.
//!
//! Takes [`seawall_engine::Snapshot`]s and [`seawall_engine::Effect`]s from the engine's thread and
//! requests from operators; gives answers, and [`Command`]s to the main thread.
//! Never touches visitors' traffic and never blocks whoever feeds it: a shield whose control plane
//! is gone, slow or under siege carries on unaware.
//! Bounds: [`server::CONNECTIONS_MAX`] connections, [`live::CLIENTS_MAX`] of them live;
//! [`shared::COMMANDS_MAX`] commands and [`shared::LIVE_EVENTS_MAX`] events waiting.

pub mod api;
pub mod client;
mod lanes;
pub mod live;
pub mod server;
pub mod shared;
pub mod text;
pub mod token;

mod gate;
mod incidents;
mod integrity;
mod metrics;
mod mitigations;
mod openapi;
mod packet;
mod page;
mod plane;
mod problem;
mod routes;
mod sessions;
mod sign_in;
mod standing;
mod status;
mod tries;

pub use client::Client;
pub use server::{bind, serve};
pub use shared::{Command, ConnectionGauge, EvidenceLook, Identity, PacketOrder, Phase, Shared};
pub use text::{lanes_text, status_text};
pub use token::Token;
