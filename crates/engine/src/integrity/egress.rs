//! What leaves a platform, against what requests usually take with them.
//!
//! A window of a minute is compared with the admitted requests of the same minute, so that a crowd is
//! no departure: each request takes so many bytes as before, and six standard deviations more.
//! What is learned while nothing departs and no incident is open grows old within hours.

use super::Look;
use seawall_types::Moment;
use seawall_types::evidence::Seen;
use std::collections::VecDeque;
use std::time::Duration;

/// How often what was sent is looked at.
pub const EGRESS_SPAN: Duration = Duration::from_secs(10);
/// Spans that are looked at together.
pub const EGRESS_WINDOW: usize = 6;
/// Bytes beyond what is expected that are never odd: one large download.
const SLACK: f64 = 24.0 * 1024.0 * 1024.0;
/// Standard deviations that are still as before.
const DEVIATIONS: f64 = 6.0;
/// Windows that are worth as much as one new one: half an hour.
const MEMORY: f64 = 180.0;
/// Windows before anything can depart.
const LEARNT_AFTER: f64 = 2.0;
const MIB: f64 = 1024.0 * 1024.0;

/// What was sent, span by span.
#[derive(Debug, Default)]
pub(super) struct Egress {
    /// When the newest reading was taken, and what it was: bytes and requests since the start.
    readings: VecDeque<(Moment, u64, u64)>,
    /// Bytes a request: mean and variance over windows, and how many windows.
    mean: f64,
    variance: f64,
    windows: f64,
}

impl Egress {
    /// Takes sums since the start; gives a look at each end of a span.
    #[expect(clippy::cast_precision_loss, reason = "bytes and requests of a minute")]
    pub(super) fn look(
        &mut self,
        now: Moment,
        (bytes, admitted): (u64, u64),
        in_incident: bool,
    ) -> Option<Look> {
        let last = self.readings.back().map(|(at, ..)| *at);
        if last.is_some_and(|last| now.since(last) < EGRESS_SPAN) {
            return None;
        }
        self.readings.push_back((now, bytes, admitted));
        if self.readings.len() <= EGRESS_WINDOW {
            let detail = "less than a minute was seen so far".to_owned();
            return Some(Look { seen: Seen::Learning, detail });
        }
        let (_, bytes_then, admitted_then) = self.readings.pop_front()?;
        let sent = bytes.saturating_sub(bytes_then) as f64;
        let requests = admitted.saturating_sub(admitted_then) as f64;
        let most = requests * (self.mean + DEVIATIONS * self.variance.max(0.0).sqrt()) + SLACK;
        let is_learnt = self.windows >= LEARNT_AFTER;
        if is_learnt && sent > most {
            let detail = format!(
                "{:.1} MiB left within a minute with {requests} admitted requests, where at most \
                 {:.1} MiB were to be expected (measured)",
                sent / MIB,
                most / MIB
            );
            if !in_incident && requests > 0.0 {
                // A new usual becomes one in time; a flood's never does.
                self.learn(sent.min(2.0 * most) / requests);
            }
            return Some(Look { seen: Seen::Departs, detail });
        }
        if !in_incident && requests > 0.0 {
            self.learn(sent / requests);
        }
        let detail = format!("more than {:.1} MiB within this minute would depart", most / MIB);
        let seen = if is_learnt { Seen::AsBefore } else { Seen::Learning };
        Some(Look { seen, detail })
    }

    /// Mean and variance, the old fading.
    ///
    /// Source: T. Finch, "Incremental calculation of weighted mean and variance", 2009.
    fn learn(&mut self, each: f64) {
        self.windows += 1.0;
        let weight = 1.0 / self.windows.min(MEMORY);
        let off = each - self.mean;
        self.mean += weight * off;
        self.variance = (1.0 - weight) * (self.variance + weight * off * off);
    }
}
