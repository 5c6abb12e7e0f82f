//! What standing measures make of a request.
//!
//! Takes what was judged so far and what the request shows; gives the stricter of that and of what the
//! strictest measure asks for that meets it.
//! Who is on the allow list meets none, who is in a lane an operator's alone; who was known to be good before passes `lane` and `challenge`.
//! Where no measure stands on a platform nothing is looked at.
//! Never sets a measure: the engine does, and publishes all of them at once.

use crate::answer::{Form, Refusal};
use crate::client::{Asker, Via};
use crate::connection::Connection;
use crate::core::Core;
use crate::early::Sender;
use crate::incoming::Incoming;
use crate::proven;
use crate::request::Present;
use http::Request;
use seawall_engine::lane::Entry;
use seawall_engine::policy::{self, Bears, Met, Reach, Treatment};
use seawall_types::{
    MeasureId, Mode, Moment, PlatformId, Reason, Rung, SourceKey, Traits, Verdict,
};

/// A request that a measure met.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    met: Met,
    /// Whether its visitor was known to be good before it asked.
    pub(crate) is_proven: bool,
    /// Whether its sender is in a lane, and so meets an operator's measures alone.
    is_in_lane: bool,
    /// Whether a person goes to another page with it.
    navigates: bool,
    at: Moment,
    traits: Traits,
}

/// Who asks, and for what.
pub(crate) struct Question<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) asker: &'a Asker,
    pub(crate) request: &'a Request<Incoming>,
    pub(crate) present: Present,
    /// How its sender is in a lane, where it is in one.
    pub(crate) lane: Option<Entry>,
}

/// What was judged: the platform that a request may go to and why it may, or what it is told.
pub(crate) type Judged = Result<(PlatformId, Reason), Refusal>;

impl Measured {
    /// The measure that meets a request, which is counted; none where it meets none.
    pub(crate) fn of(
        core: &Core,
        question: &Question<'_>,
        (platform, traits): (PlatformId, &Traits),
        now: Moment,
    ) -> Option<Self> {
        let client = question.asker.client(question.connection);
        let target = question.request.uri().path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let asked = policy::Asked { platform, address: client.address, target, traits };
        let Question { connection, request, present, lane, .. } = *question;
        let is_in_lane = lane.is_some();
        let met = core.met(now, is_in_lane, &asked)?;
        let who = ((request.headers(), present), (connection, client));
        let is_proven = lane == Some(Entry::Held) || proven::is_proven(core, who, platform);
        core.tally().met(met.measure, is_proven);
        let navigates = Form::wanted_by(request.headers()) == Form::Page;
        Some(Self { met, is_proven, is_in_lane, navigates, at: now, traits: *traits })
    }

    /// Which, where it does something: one that only watches takes nobody out of what is looked at.
    pub(crate) fn measure(&self) -> Option<MeasureId> {
        (self.met.rung > Rung::Watch).then_some(self.met.measure)
    }

    /// Whether it goes to the origin behind all others.
    pub(crate) fn goes_last(&self, bears: Bears) -> bool {
        self.met.goes_last(self.client(), bears)
    }

    /// What was judged, or what the measure asks for where that is stricter.
    ///
    /// Who is only sent on to https is told there, unless it is refused.
    pub(crate) fn judged(
        &self,
        core: &Core,
        (judged, question): (Judged, &Question<'_>),
        (platform, is_redirected): (PlatformId, bool),
    ) -> Judged {
        let client = question.asker.client(question.connection);
        let (verdict, met) = match self.verdict(client.via) {
            Verdict::Admit if judged.is_ok() && !is_redirected => {
                match self.over_limit(core, question, platform) {
                    Some(met) => (Verdict::Limit, met),
                    None => (Verdict::Admit, self.met),
                }
            }
            verdict => (verdict, self.met),
        };
        if verdict == Verdict::Admit || is_redirected && verdict < Verdict::Refuse {
            return judged;
        }
        if core.mode(platform) == Mode::Observe {
            let Ok((_, Reason::Clear | Reason::Lane)) = judged else { return judged };
            core.tally().would_have(platform, verdict);
            return Ok((platform, met.reason()));
        }
        // Who is over its source's rate is not asked for anything milder than a refusal: what it
        // could pass would undo the rate.
        let is_over = |told: &Refusal| matches!(told.reason, Reason::Rate | Reason::Connections);
        if verdict < Verdict::Refuse && judged.as_ref().is_err_and(is_over) {
            return judged;
        }
        // An answer of ours to who may go on, or one that judges the message, stays what it is.
        let is_answered = |told: Verdict| matches!(told, Verdict::Admit | Verdict::Error);
        if judged.as_ref().is_err_and(|told| is_answered(told.verdict) || told.verdict >= verdict) {
            return judged;
        }
        Err(refusal((verdict, met), (platform, client.source)))
    }

    /// Counts what became of the request, when it is known whether a token lets it go on.
    pub(crate) fn stops(&self, core: &Core, refusal: &Refusal) {
        if let Some(measure) = refusal.measure {
            core.tally().stopped(measure, self.is_proven);
        }
    }

    /// A rate among those of the platform's measures that is used up.
    fn over_limit(
        &self,
        core: &Core,
        question: &Question<'_>,
        platform: PlatformId,
    ) -> Option<Met> {
        let address = question.asker.client(question.connection).address;
        let target = question.request.uri().path_and_query();
        let target = target.map_or("/", |target| target.as_str());
        let asked = policy::Asked { platform, address, target, traits: &self.traits };
        let over = core.with_measures(|measures| {
            if self.is_in_lane {
                measures.over_limit_in_lane(self.at, &asked)
            } else {
                measures.over_limit(self.at, &asked)
            }
        })?;
        if over.measure != self.met.measure {
            core.tally().met(over.measure, self.is_proven);
        }
        Some(over)
    }

    fn verdict(&self, via: Via) -> Verdict {
        match self.treatment() {
            Treatment::Served | Treatment::ServedLast => Verdict::Admit,
            Treatment::Stopped(Verdict::Drop) => dropped(via),
            Treatment::Stopped(verdict) => verdict,
        }
    }

    fn treatment(&self) -> Treatment {
        self.met.treatment(self.client())
    }

    fn client(&self) -> policy::Client {
        // Who cannot be asked is held once it is known that no token comes with it.
        let navigates = self.navigates || self.met.reach == Reach::Everything;
        let is_trusted = self.is_proven || self.is_in_lane;
        policy::Client { is_trusted, navigates }
    }
}

fn refusal((verdict, met): (Verdict, Met), (platform, source): (PlatformId, SourceKey)) -> Refusal {
    let measure = Some(met.measure);
    Refusal { measure, ..Refusal::of((verdict, met.reason()), platform, source) }
}

/// A connection that belongs to a proxy carries others as well: who would be dropped is refused.
fn dropped(via: Via) -> Verdict {
    match via {
        Via::Socket => Verdict::Drop,
        Via::Proxy | Via::Announced | Via::Named => Verdict::Refuse,
    }
}

/// The verdict on a request that its source's rate has refused already, and the measure that decides
/// it: one that refuses or drops, since nobody reads here who was known before.
pub(crate) fn over_rate(
    core: &Core,
    (now, sender, platform): (Moment, &Sender, PlatformId),
    (target, traits): (&str, &Traits),
    (verdict, reason): (Verdict, Reason),
) -> (Verdict, Reason, Option<MeasureId>) {
    let asked = policy::Asked { platform, address: sender.address, target, traits };
    let met = core.has_measures(platform).then(|| core.met(now, false, &asked)).flatten();
    let Some(met) = met else { return (verdict, reason, None) };
    core.tally().met(met.measure, false);
    let asked_for = match met.rung {
        Rung::Watch | Rung::Lane | Rung::Limit | Rung::Challenge => Verdict::Admit,
        Rung::Refuse => Verdict::Refuse,
        Rung::Drop => dropped(sender.via),
    };
    if asked_for <= verdict {
        return (verdict, reason, None);
    }
    core.tally().stopped(met.measure, false);
    (asked_for, met.reason(), Some(met.measure))
}

impl Core {
    /// Whether a request to a platform may meet a measure.
    pub(crate) fn has_measures(&self, platform: PlatformId) -> bool {
        self.measures_stand() && self.with_measures(|measures| measures.stand_on(platform))
    }

    /// The measure that decides about a request, by the allow list of now.
    fn met(&self, now: Moment, is_in_lane: bool, asked: &policy::Asked<'_>) -> Option<Met> {
        self.with_measures(|measures| {
            self.with_rules(|rules| {
                if is_in_lane {
                    rules.meet_in_lane(measures, now, asked)
                } else {
                    rules.meet(measures, now, asked)
                }
            })
        })
    }
}
