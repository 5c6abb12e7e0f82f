//! The way of a request on a platform that keeps answers.
//!
//! Bounds: a request waits for another's answer [`WAIT_MAX`] at most, in a lane [`LANE_WAIT_MAX`], and for [`ROUNDS_MAX`] others who
//! leave without one; then it goes by itself.

use super::Copies;
use super::flights::{Flight, Joined, Landed};
use super::heads::{Address, Asks, Key, part, strip};
use super::kept::{Given, Kept};
use super::lead::Lead;
use super::order::{MISS, Order, PASS, PATIENCE, Spare, Then, given};
use super::renew;
use super::store::Store;
use crate::body::AnswerBody;
use crate::core::Core;
use crate::forward::{Admitted, ask_origin};
use http::header::{ACCEPT, COOKIE, HeaderMap};
use http::{Method, Response};
use seawall_types::{Moment, PlatformId};
use seawall_wire::cache::{Part, Standing};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Longer than nearly every page takes: who gives up costs the origin one request more.
const WAIT_MAX: Duration = Duration::from_secs(10);
/// How long one in a lane waits for another's answer: who leads may stand in a flood's queue.
const LANE_WAIT_MAX: Duration = Duration::from_millis(250);
/// Others who led and left, until one goes by itself.
const ROUNDS_MAX: u32 = 4;

/// Answers a request from what is kept, or has it go to an origin.
pub(crate) async fn answer(
    core: Rc<Core>,
    copies: Arc<Copies>,
    mut admitted: Admitted,
) -> Response<AnswerBody> {
    let asked = &mut admitted.asked;
    let reads = matches!(*asked.request.method(), Method::GET | Method::HEAD);
    if reads && copies.store.is_some() {
        strip(&mut asked.request, &copies.rules.ignored);
    }
    let asks = Asks::of(&asked.request);
    let address = Address::of(&asked.request, asked.asker.proto(&asked.connection));
    let Some(address) = address else {
        let order =
            Order { platform: admitted.platform, copies, asks, spare: None, then: Then::Nothing };
        return ask_origin(core, admitted, Some(Box::new(order))).await;
    };
    let may_have_copy = reads && !asked.present.upgrade();
    let copy = may_have_copy.then(|| copies.essential.find(&address.host, &address.target));
    let spare = copy.flatten().map(|kept| Spare { kept, given: Given::Essential });
    if let Some(spare) = &spare
        && core.origins_are_out(admitted.platform)
    {
        return given(&core, admitted, (&asks, spare));
    }
    let found = match &copies.store {
        Some(store) => {
            let looks = Look { core: &core, store, copies: &copies, address: &address };
            looks.find(&mut admitted, spare).await
        }
        None => Found::Goes(spare, Then::Nothing),
    };
    match found {
        Found::Has(spare) => given(&core, admitted, (&asks, &spare)),
        Found::Goes(spare, then) => {
            if let Some(record) = &mut admitted.record {
                let word = if matches!(then, Then::Keeps(_)) { MISS } else { PASS };
                record.record.cache = Some(word.to_owned());
            }
            let platform = admitted.platform;
            let order = Order { platform, copies, asks, spare, then };
            ask_origin(core, admitted, Some(Box::new(order))).await
        }
    }
}

/// What was found for a request.
enum Found {
    /// This may be given.
    Has(Spare),
    /// The origin must be asked; what may stand in, and what is done with its answer.
    Goes(Option<Spare>, Then),
}

/// One look for an answer that may be shared.
struct Look<'a> {
    core: &'a Rc<Core>,
    store: &'a Arc<Store>,
    copies: &'a Copies,
    address: &'a Address,
}

impl Look<'_> {
    async fn find(&self, admitted: &mut Admitted, essential: Option<Spare>) -> Found {
        let is_in_lane = admitted.asked.lane.is_some();
        let request = &mut admitted.asked.request;
        let part = part(request, &self.address.target);
        if part == Part::Passes {
            let then = if request.method().is_safe() {
                Then::Nothing
            } else {
                Then::Changes(self.address.clone())
            };
            return Found::Goes(essential, then);
        }
        let key = self.address.key(request.headers().get(ACCEPT));
        let bears_cookie = request.headers().contains_key(COOKIE);
        // Where a copy may stand in nobody waits for another's answer longer than for his own.
        let patience = match (is_in_lane, &essential) {
            (true, _) => LANE_WAIT_MAX,
            (false, Some(_)) => PATIENCE,
            (false, None) => WAIT_MAX,
        };
        let give_up = self.core.coarse_now() + patience;
        let mut renews = None;
        for _ in 0..ROUNDS_MAX {
            let now = self.core.coarse_now();
            let asked = (request.headers(), bears_cookie);
            if let Some(kept) = self.store.find(&key, asked) {
                match kept.standing(now) {
                    Standing::Fresh => return usual(kept),
                    Standing::WhileRevalidating => {
                        // Who may not fill the cache does not renew it either.
                        if part == Part::Fills {
                            self.renew((admitted.platform, &key), asked, &kept);
                        }
                        return usual(kept);
                    }
                    Standing::IfError | Standing::Stale => renews = Some(kept),
                }
            }
            if renews.is_none() && self.store.is_aside(&key, bears_cookie) {
                break;
            }
            let waits = match part {
                Part::Fills => match Flight::join(self.store, &key) {
                    Joined::Leads(flight) => {
                        let lead = self.lead(flight, asked, renews.clone());
                        let spare = Self::spare(renews, essential, now);
                        lead.ask_for_changes(request.headers_mut());
                        return Found::Goes(spare, Then::Keeps(Box::new(lead)));
                    }
                    Joined::Waits(receiver) => receiver,
                    Joined::Alone => break,
                },
                // It brings nothing for others, and takes what is on its way.
                Part::Reads => match self.store.flights.under_way(&key) {
                    Some(receiver) => receiver,
                    None => break,
                },
                Part::Passes => break,
            };
            match self.wait(waits, give_up).await {
                Waited::Landed(Landed::Kept(kept)) if kept.is_for(asked.0, bears_cookie) => {
                    return usual(kept);
                }
                // Another answer of the same target may be under way next.
                Waited::Landed(Landed::Kept(_)) | Waited::Left => {}
                Waited::Landed(Landed::Own) | Waited::Overdue => break,
            }
        }
        let now = self.core.coarse_now();
        Found::Goes(Self::spare(renews, essential, now), Then::Nothing)
    }

    /// What may stand in: what the origin allowed to, else the copy of an essential page.
    fn spare(stale: Option<Arc<Kept>>, essential: Option<Spare>, now: Moment) -> Option<Spare> {
        let stale = stale.filter(|kept| kept.may_stand_in(now));
        stale.map(|kept| Spare { kept, given: Given::IfError }).or(essential)
    }

    fn lead(
        &self,
        flight: Flight,
        (request, bears_cookie): (&HeaderMap, bool),
        renews: Option<Arc<Kept>>,
    ) -> Lead {
        Lead {
            flight,
            store: self.store.clone(),
            address: self.address.clone(),
            request: request.clone(),
            bears_cookie,
            renews,
            asked: self.core.now(),
            asked_s: u64::from(self.core.wall_secs()),
        }
    }

    /// Has the origin asked for what is given once more; nothing while it has no room.
    fn renew(
        &self,
        (platform, key): (PlatformId, &Key),
        asked: (&HeaderMap, bool),
        kept: &Arc<Kept>,
    ) {
        if !self.copies.is_calm(self.core.coarse_now(), CALM_FOR) {
            return;
        }
        if let Joined::Leads(flight) = Flight::join(self.store, key) {
            let lead = self.lead(flight, asked, Some(kept.clone()));
            renew::begin(self.core, platform, lead);
        }
    }

    async fn wait(&self, mut receiver: watch::Receiver<Option<Landed>>, give_up: Moment) -> Waited {
        let landed = receiver.wait_for(Option::is_some);
        let waited = self.core.watchlist().until(give_up, landed).await;
        // What comes now counts from the end of the wait.
        self.core.now();
        match waited {
            Ok(Ok(landed)) => landed.clone().map_or(Waited::Left, Waited::Landed),
            Ok(Err(_)) => Waited::Left,
            Err(_) => Waited::Overdue,
        }
    }
}

/// After a request was sent away, how long nothing is asked that can wait.
const CALM_FOR: Duration = Duration::from_secs(1);

/// How a wait ended.
enum Waited {
    Landed(Landed),
    /// Who led has left, or got no answer.
    Left,
    Overdue,
}

fn usual(kept: Arc<Kept>) -> Found {
    Found::Has(Spare { kept, given: Given::Usual })
}
