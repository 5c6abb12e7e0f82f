//! Sockets, TLS, meter, HTTP engines, judge and forwarding: the hot path.
//!
//! One thread, one runtime and one listener of each address for every core; nothing is shared on
//! the way of a request but the source table and the settings in force, and neither is locked.
//!
//! ```text
//! accept -> ClientHello tee -> TLS -> meter and gate -> HTTP engine -> judge -> forward -> origin
//! ```
//!
//! Takes [`Settings`] and bound [`Listeners`]; gives batches of observations and, when asked,
//! records. Never decides what is normal: that is the engine's.
//! Bounds: connections by the descriptors the process may hold, heads by the gate's limits, waiting by the
//! timeouts of the configuration.

mod accept;
mod admission;
mod announce;
mod answer;
mod body;
mod cache;
mod challenge;
mod client;
mod clock;
mod coalesce;
mod connection;
mod core;
mod early;
mod forward;
mod incoming;
mod interims;
mod kernel;
mod lane;
mod listen;
mod location;
mod measured;
mod meter;
mod origins;
mod own;
mod pace;
mod pages;
mod pool;
mod proven;
mod pseudonym;
mod recorder;
mod request;
mod returning;
mod secret;
mod serve;
mod settings;
mod shield;
mod shown;
mod stream;
mod supervise;
mod tally;
mod tls;
mod upstream;
mod watch;

pub use clock::Clock;
pub use core::run::Queue;
pub use lane::{
    Invite, InviteFault, InviteTold, Invites, LaneLook, LanesSetup, NewInvite, Restored,
};
pub use listen::{ListenFault, Listeners};
pub use location::{Locate, Location};
pub use own::inspect_file;
pub use secret::SecretWord;
pub use settings::{Hosts, PlatformNames, Settings, SettingsFault, rules};
pub use shield::{ConnectionCount, RecordsSetup, Shield, ShieldSetup};
pub use tls::inspect;
