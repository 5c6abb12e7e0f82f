//! Identity lanes: who is known by something that he holds, whatever his traffic looks like.
//!
//! Takes judged requests; says in which lane one is, and whether the lane's rate has room for it.
//! Who is in a lane is not held by the rate of his source, meets no measure of the shield's own, is never
//! challenged, and takes his lane's turn at a bounded origin.
//! Who only asks for what anyone can ask for is no better known by it, and has nothing of what is kept.
//! Never asks anybody while a request waits, and never believes what anyone can write.
//! Bounds: as many lanes as a configuration may have and those of [`builtin`]; bodies of signed
//! webhooks of [`hook::BODY_MAX`] bytes, [`hook::READING_MAX`] at once; and those of [`certificate`] and
//! [`invites`].

mod bots;
mod builtin;
mod certificate;
mod door;
mod files;
mod hook;
mod invites;
mod lanes;
mod names;
mod ways;

pub(crate) use certificate::{Asking, Chain, kept};
pub(crate) use door::serve;
pub(crate) use files::inspect;
pub(crate) use hook::{reads, with_body};
pub(crate) use invites::Invited;
pub use invites::{Invite, InviteFault, InviteTold, Invites, LanesSetup, NewInvite, Restored};
pub use lanes::LaneLook;
pub(crate) use lanes::Lanes;
pub(crate) use names::Names;

use crate::answer::Refusal;
use crate::challenge::BroughtPass;
use crate::client::Asker;
use crate::connection::Connection;
use crate::core::Core;
use crate::incoming::Incoming;
use crate::measured::Judged;
use crate::request::Present;
use http::Request;
use lanes::Lane;
use seawall_engine::admission::Prefix;
use seawall_engine::lane::Entry;
use seawall_types::{Mode, Moment, PlatformId, Reason, Verdict};
use std::sync::Arc;
use ways::Way;

/// A request as far as lanes go.
#[derive(Clone, Copy)]
pub(crate) struct Asks<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) asker: &'a Asker,
    pub(crate) request: &'a Request<Incoming>,
    pub(crate) present: Present,
    /// What it brought in the place of a pass, before it was taken out.
    pub(crate) pass: Option<BroughtPass>,
}

/// A request's place in a lane.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    lane: Arc<Lane>,
    /// How it got there: who only asked for what anyone can ask for is no better known by it.
    pub(crate) entry: Entry,
}

impl Place {
    /// The network that all in its lane count as where turns are taken.
    pub(crate) fn turn(&self) -> Prefix {
        self.lane.turn()
    }
}

/// Whether a lane has room for one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Left,
    Used,
}

/// What was judged, in the light of the lane that a request is in.
pub(crate) fn weigh(
    core: &Core,
    asks: Asks<'_>,
    now: Moment,
    judged: Judged,
) -> (Judged, Option<Place>) {
    if let Err(Refusal { reason: Reason::Rate, platform: Some(platform), .. }) = judged
        && door::opens(core, platform, asks.request)
    {
        return (Ok((platform, Reason::Lane)), None);
    }
    let platform = match &judged {
        Ok((_, Reason::Allowed)) => None,
        Ok((platform, _)) => Some(*platform),
        // A rate of its source is not its own; who judges the message or the origin has not judged it.
        Err(refusal) => refusal.platform.filter(|_| refusal.reason == Reason::Rate),
    };
    let found = platform.and_then(|platform| Some((platform, core.lane_of(asks, platform)?)));
    let Some((platform, (lane, way))) = found else { return (judged, None) };
    if judged.is_err() && way.keeps_its_rate() {
        return (judged, None);
    }
    let client = asks.asker.client(asks.connection);
    match lane.take((core, now), way, Prefix::of(client.address)) {
        Room::Left => {
            let place = Place { lane, entry: way.entry() };
            (Ok((platform, Reason::Lane)), Some(place))
        }
        Room::Used if way.is_told_of_its_rate() => {
            if core.mode(platform) == Mode::Observe {
                core.tally().would_have(platform, Verdict::Limit);
                return (judged, None);
            }
            let told = (Verdict::Limit, Reason::Lane);
            (Err(Refusal::of(told, platform, client.source)), None)
        }
        Room::Used => (judged, None),
    }
}

impl Core {
    /// The lane that a request to a platform is in, and how it got there.
    fn lane_of(&self, asks: Asks<'_>, platform: PlatformId) -> Option<(Arc<Lane>, Way)> {
        self.with_lanes(|lanes| lanes.of(self, asks, platform))
    }
}
