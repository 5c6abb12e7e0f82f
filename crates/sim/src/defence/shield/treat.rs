//! What standing measures, and what was passed of checks, do to a request, as a node's hot path does it.

use super::super::{Arrival, Stopped};
use super::Shield;
use super::ledger::Entry;
use super::proven::Visit;
use seawall_engine::admission::Class;
use seawall_engine::challenge::issue::{Asked, Weighed, held_s, weighed};
use seawall_engine::policy::{self, Bears, Client, Met, Treatment};
use seawall_types::{Reason, SourceKey, Verdict};
use std::time::Duration;

/// When one whose token has nothing left may come back.
const LIMITED_FOR: Duration = Duration::from_secs(1);

impl Shield {
    /// The class with which a request goes to its origin, or the answer that it gets and why.
    pub(super) fn treat(
        &mut self,
        arrival: Arrival<'_>,
        (entry, visit): (&mut Entry, &Visit),
    ) -> Result<Class, (Stopped, Reason)> {
        let met = self.met(arrival, entry);
        entry.measure = met.map(|met| met.measure);
        let is_trusted = entry.is_proven;
        let navigates = arrival.request.navigates;
        let client = Client { is_trusted, navigates };
        let treatment = met.map_or(Treatment::Served, |met| met.treatment(client));
        let asked = match treatment {
            Treatment::Served | Treatment::ServedLast => Asked::Nobody,
            Treatment::Stopped(Verdict::Challenge) => Asked::Page,
            Treatment::Stopped(Verdict::Hold) => Asked::Other,
            Treatment::Stopped(verdict) => {
                self.tell_met(met, entry, Some(verdict));
                return Err((Stopped::of(verdict, None), Reason::Flood));
            }
        };
        let shown = (arrival.request, arrival.pass);
        let borne = self.desk.open((self.now, &self.shows), shown);
        let charge = |borne| self.desk.charge(self.now, borne, (arrival.request, arrival.site));
        let weighed = weighed(asked, borne.as_ref().map(charge));
        let (verdict, reason, wait) = match weighed {
            Weighed::Borne | Weighed::AsJudged => {
                self.tell_met(met, entry, None);
                let borne = borne.filter(|_| weighed == Weighed::Borne);
                let class = borne.map_or(visit.class(), |borne| borne.class().min(visit.class()));
                let bears = if borne.is_some() { Bears::Token } else { Bears::Nothing };
                let goes_last = met.is_some_and(|met| met.goes_last(client, bears));
                return Ok(if goes_last && class == Class::Unknown { Class::Low } else { class });
            }
            Weighed::Limited => (Verdict::Limit, Reason::Pass, Some(LIMITED_FOR)),
            Weighed::Challenged => (Verdict::Challenge, Reason::Flood, None),
            Weighed::Held => {
                let source = SourceKey::of(arrival.request.source).to_bits();
                let wait = Duration::from_secs(u64::from(held_s(self.now, source)));
                (Verdict::Hold, Reason::Flood, Some(wait))
            }
        };
        self.tell_met(met, entry, Some(verdict));
        let check = met.filter(|_| verdict == Verdict::Challenge).and_then(|met| {
            self.desk.check((self.now, &self.shows), (arrival.request, met.measure))
        });
        Err((Stopped { check, ..Stopped::of(verdict, wait) }, reason))
    }

    fn met(&self, arrival: Arrival<'_>, entry: &Entry) -> Option<Met> {
        let Arrival { request, site, .. } = arrival;
        let measures = self.engine.measures();
        if !measures.stand_on(entry.platform) {
            return None;
        }
        let asked = policy::Asked {
            platform: entry.platform,
            address: request.source,
            target: &request.target(site),
            traits: &entry.traits,
        };
        self.rules.meet(measures, self.now, &asked)
    }

    fn tell_met(&mut self, met: Option<Met>, entry: &Entry, verdict: Option<Verdict>) {
        if let Some(met) = met {
            self.ledger.met(met.measure, (entry.is_proven, verdict));
        }
    }
}
