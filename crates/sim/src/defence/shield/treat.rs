//! What standing measures do to a request, as a node's hot path does it.
//!
//! Bounds: [`CHALLENGED_MAX`] senders whose challenge is open; of more, who passed is not counted.

use super::super::{Arrival, Stopped, Token};
use super::Shield;
use super::ledger::Entry;
use crate::request::Sender;
use seawall_engine::admission::Class;
use seawall_engine::policy::{Asked, Client, Treatment};
use seawall_types::{MeasureId, Verdict};
use std::collections::BTreeMap;
use std::time::Duration;

/// Senders whose challenge is open.
const CHALLENGED_MAX: usize = 262_144;
/// When a program that is held may come back.
const HELD_FOR: Duration = Duration::from_secs(10);

/// Challenges that were handed out and not passed yet.
#[derive(Debug, Default)]
pub(super) struct Trials {
    open: BTreeMap<Sender, MeasureId>,
}

impl Shield {
    /// What comes of the measure that a request meets: the class that it has for it, none where it
    /// keeps its own, or the answer.
    pub(super) fn treat(
        &mut self,
        arrival: Arrival<'_>,
        entry: &mut Entry,
    ) -> Result<Option<Class>, Stopped> {
        let Arrival { request, token, site, .. } = arrival;
        if token == Some(Token::Fresh)
            && let Some(measure) = self.trials.open.remove(&request.sender)
        {
            self.ledger.passed(measure);
        }
        let by_token = (token == Some(Token::Old)).then_some(Class::OldToken);
        let measures = self.engine.measures();
        if !measures.stand_on(entry.platform) {
            return Ok(by_token);
        }
        let asked = Asked {
            platform: entry.platform,
            address: request.source,
            target: &request.target(site),
            traits: &entry.traits,
        };
        let Some(met) = self.rules.meet(measures, self.now, &asked) else {
            return Ok(by_token);
        };
        entry.measure = Some(met.measure);
        let is_trusted = token.is_some() || entry.is_proven;
        let treatment = met.treatment(Client { is_trusted, navigates: request.navigates });
        let verdict = match treatment {
            Treatment::Served | Treatment::ServedLast => None,
            Treatment::Stopped(verdict) => Some(verdict),
        };
        self.ledger.met(met.measure, (entry.is_proven, verdict));
        match treatment {
            Treatment::Served => Ok(by_token),
            Treatment::ServedLast => Ok(Some(Class::Low)),
            Treatment::Stopped(verdict) => {
                if verdict == Verdict::Challenge && self.trials.open.len() < CHALLENGED_MAX {
                    self.trials.open.insert(request.sender, met.measure);
                }
                let waits = matches!(verdict, Verdict::Hold | Verdict::Limit);
                Err(Stopped { verdict, retry_after: waits.then_some(HELD_FOR) })
            }
        }
    }
}
