//! Who was told to come back and does: requests that come to a gate are put to the engine's
//! [`Returns`], and so is what becomes of them.
//!
//! Only while somebody was sent away lately; before that a request costs one look.
//! Lanes have their own turns, and whoever may always pass needs none.
//! Bounds: those of the engine's part.

use crate::core::Core;
use crate::forward::Asked;
use crate::proven::{Visit, fetch_of, stack};
use http::Method;
use seawall_engine::admission::{CallerMark, Fetch, Hold, Returns};
use seawall_types::Moment;
use std::time::Duration;

impl Visit {
    /// It comes to its platform's gate: what was promised to it is used up.
    pub(crate) fn comes(&mut self, core: &Core, now: Moment, asked: &Asked) {
        self.ask(core, |visit, returns| {
            if returns.is_busy(now) {
                let (mark, fetch) = visit.caller(core, asked);
                visit.set_call(returns.call(now, mark, fetch));
            }
        });
    }

    /// It goes to an origin, and where it is a page its parts may follow; or it is told to come back.
    ///
    /// # Errors
    /// What it is told.
    pub(crate) fn hears<T>(
        &mut self,
        core: &Core,
        asked: &Asked,
        entered: Result<T, Hold>,
    ) -> Result<T, Hold> {
        let now = core.coarse_now();
        self.ask(core, |visit, returns| {
            if let Err(hold) = &entered {
                let retry_after = Duration::from_secs(u64::from(hold.retry_after_s));
                let caller = visit.caller(core, asked);
                returns.sent_away(now, caller, (visit.call(), retry_after));
            } else if returns.is_busy(now)
                && let (mark, Some(Fetch::Navigation)) = visit.caller(core, asked)
            {
                returns.page_went(now, mark);
            }
        });
        entered
    }

    fn ask(&mut self, core: &Core, what: impl FnOnce(&mut Self, &Returns)) {
        if self.takes_turns_as_anybody() {
            core.with_proofs(self.platform(), |proofs| what(self, proofs.returns()));
        }
    }

    /// Who it is and what it asks for, as far as promises go.
    fn caller(&self, core: &Core, asked: &Asked) -> (CallerMark, Option<Fetch>) {
        let (headers, seed) = (asked.request.headers(), core.mark_seed());
        let client = asked.asker.client(&asked.connection);
        let mark = seed.caller(self.network(), stack(seed, (&asked.connection, client), headers));
        let tells = asked.present.form() && asked.request.method() == Method::GET;
        (mark, tells.then(|| fetch_of(headers)).flatten())
    }
}
