//! A question to the origin whose answer others may get.

use super::flights::{Flight, Landed};
use super::heads::{Address, Heads};
use super::kept::{Kept, kept_fields};
use super::store::Store;
use bytes::Bytes;
use http::StatusCode;
use http::header::{ETAG, HeaderMap, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use seawall_types::Moment;
use seawall_wire::cache::conditions::is_of_another;
use seawall_wire::cache::store::kept as terms_of;
use seawall_wire::cache::{Answer, NotKept, Selecting, Terms, Times};
use std::sync::Arc;

/// A question that leads a flight.
pub(super) struct Lead {
    pub(super) flight: Flight,
    pub(super) store: Arc<Store>,
    pub(super) address: Address,
    /// What was asked, as answers are selected by it.
    pub(super) request: HeaderMap,
    pub(super) bears_cookie: bool,
    /// What is kept and no longer fresh.
    pub(super) renews: Option<Arc<Kept>>,
    pub(super) asked: Moment,
    pub(super) asked_s: u64,
}

/// The head of what came.
pub(super) struct Came<'a> {
    pub(super) status: StatusCode,
    pub(super) fields: &'a HeaderMap,
    pub(super) at: Moment,
    pub(super) at_s: u64,
}

impl Lead {
    /// Asks only for what has changed (RFC 9111 §4.3.1).
    pub(super) fn ask_for_changes(&self, request: &mut HeaderMap) {
        let Some(kept) = &self.renews else { return };
        for (has, asks) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
            if let Some(value) = kept.fields.get(has) {
                request.insert(asks, value.clone());
            }
        }
    }

    /// Whether an answer may be kept, and on which terms.
    pub(super) fn judge(&self, came: &Came<'_>) -> Result<(Terms, Selecting), NotKept> {
        let times = Times { asked_s: self.asked_s, came_s: came.at_s };
        let fields = &Heads(came.fields);
        let answer = Answer { status: came.status.as_u16(), fields };
        let terms = terms_of(&self.address.target, self.bears_cookie, &answer, times)?;
        Ok((terms, Selecting::of(fields, &Heads(&self.request))?))
    }

    /// What is kept, as a 304 renewed it; it goes to everyone who waits, where it may.
    ///
    /// None where nothing is renewed.
    pub(super) fn renewed(self, came: &Came<'_>) -> Option<Arc<Kept>> {
        let known = self.renews.clone()?;
        if is_of_another(&Heads(came.fields), &Heads(&known.fields)) {
            // What it speaks of is not known; who asked gets what it asked about.
            self.land_own();
            return Some(known);
        }
        let fields = known.fields_renewed_by(came.fields);
        let renewed = Came { status: known.status, fields: &fields, at: came.at, at_s: came.at_s };
        let judged = self.judge(&renewed);
        let body = known.body.clone();
        let (terms, selecting, may_stay) = match judged {
            Ok((terms, selecting)) => (terms, selecting, true),
            Err(_) => (Terms::of_copy(0), known.selecting.clone(), false),
        };
        let kept = Kept { status: known.status, fields, body, terms, selecting, came: came.at };
        let kept = Arc::new(kept);
        if may_stay {
            self.land(&kept);
        } else {
            self.land_own();
        }
        Some(kept)
    }

    /// Keeps an answer, and gives it to everyone who waits.
    pub(super) fn whole(
        self,
        came: &Came<'_>,
        (terms, selecting): (Terms, Selecting),
        body: Bytes,
    ) -> Arc<Kept> {
        let fields = kept_fields(came.fields, body.len());
        let (status, came) = (came.status, came.at);
        let kept = Arc::new(Kept { status, fields, body, terms, selecting, came });
        self.land(&kept);
        kept
    }

    fn land(self, kept: &Arc<Kept>) {
        self.store.keep(&self.flight.key, kept, self.asked);
        self.flight.land(Landed::Kept(kept.clone()));
    }

    /// The answer is for who asked alone: others ask themselves, and do not wait next time.
    pub(super) fn land_own(self) {
        self.store.put_aside(&self.flight.key, self.bears_cookie);
        self.land_own_now();
    }

    /// The same of this answer; the next one may be for all.
    pub(super) fn land_own_now(self) {
        if self.renews.is_some() {
            self.store.forget(&self.flight.key);
        }
        self.flight.land(Landed::Own);
    }
}
