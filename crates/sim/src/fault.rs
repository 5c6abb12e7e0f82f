//! What goes wrong in a world besides those who mean harm: origins that weaken, die or hang, a link
//! that narrows, a shield that is started again.

use crate::casting::Span;
use crate::origin::{SERVERS_MAX, Trouble};
use crate::rate::moment;
use seawall_types::{Moment, PlatformId};
use serde::Deserialize;

/// Shares of capacity that a fault can leave.
const SHARE: (f64, f64) = (0.01, 10.0);

/// What a scenario says of one fault, besides where, from when and until when.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Parameters {
    /// Every server of an origin works at this share of its speed.
    Capacity {
        /// Of 1.
        share: f64,
    },
    /// An origin's link carries this share of its bytes.
    Link {
        /// Of 1.
        share: f64,
    },
    /// One server dies with all that it had, and is back at the end.
    Dies {
        /// Which, from 0.
        #[serde(default)]
        server: u16,
    },
    /// One server neither answers nor refuses until the end.
    Hangs {
        /// Which, from 0.
        #[serde(default)]
        server: u16,
    },
    /// The shield's node is away from the begin until the end and has then forgotten everything.
    NodeRestart,
}

/// Something that happens at one moment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fault {
    /// When.
    pub at: Moment,
    /// What.
    pub what: What,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum What {
    /// An origin is in trouble, or out of it.
    Origin(PlatformId, Trouble),
    /// The shield's node goes away, until then; what comes back knows nothing.
    NodeLeaves(Moment),
    /// The shield's node is started again, and is back then with what it kept on disk.
    NodeRestarts(Moment),
}

/// A fault that no world can have.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum BadFault {
    /// What is left must be something.
    #[error("share is {0}; it must be from 0.01 to 10")]
    Share(f64),
    /// There are not so many servers.
    #[error("server is {server}; the origin has {servers}, counted from 0")]
    Server {
        /// Which was named.
        server: u16,
        /// How many there are.
        servers: u16,
    },
}

impl Parameters {
    /// Checks every number against an origin of so many servers.
    ///
    /// # Errors
    /// The number that is out of its bounds.
    pub fn check(&self, servers: u16) -> Result<(), BadFault> {
        match *self {
            Self::Capacity { share } | Self::Link { share }
                if !(SHARE.0..=SHARE.1).contains(&share) =>
            {
                Err(BadFault::Share(share))
            }
            Self::Dies { server } | Self::Hangs { server }
                if server >= servers.min(SERVERS_MAX) =>
            {
                Err(BadFault::Server { server, servers })
            }
            _ => Ok(()),
        }
    }

    /// Its words in timelines.
    pub fn words(&self) -> String {
        match self {
            Self::Capacity { share } => format!("capacity x {share}"),
            Self::Link { share } => format!("link x {share}"),
            Self::Dies { server } => format!("server {server} dead"),
            Self::Hangs { server } => format!("server {server} hung"),
            Self::NodeRestart => "shield away".to_owned(),
        }
    }

    /// What happens at the begin of the span, and at its end where that comes.
    pub fn faults(&self, platform: PlatformId, span: Span) -> Vec<Fault> {
        let (begin, end) = match *self {
            Self::Capacity { share } => (Trouble::Speed(share), Trouble::Speed(1.0)),
            Self::Link { share } => (Trouble::Link(share), Trouble::Link(1.0)),
            Self::Dies { server } => (Trouble::Dies(server), Trouble::Returns(server)),
            Self::Hangs { server } => (Trouble::Hangs(server), Trouble::Returns(server)),
            Self::NodeRestart => {
                let what = What::NodeRestarts(moment(span.until));
                return vec![Fault { at: moment(span.from), what }];
            }
        };
        let at =
            |second, trouble| Fault { at: moment(second), what: What::Origin(platform, trouble) };
        let mut faults = vec![at(span.from, begin)];
        if span.until.is_finite() {
            faults.push(at(span.until, end));
        }
        faults
    }
}
