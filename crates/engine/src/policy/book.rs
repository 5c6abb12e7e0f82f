//! Which measures stand: taken up, renewed, lifted, expired.
//!
//! The ladder and the operator write into it; what the hot path looks up is compiled from it.
//! Bounds: [`MEASURES_MAX`] measures a platform and [`MEASURES_COUNTED_MAX`] in all; none stands longer
//! than [`STANDS_MAX`] unless it is renewed.

use super::allowance::Allowance;
use super::measure::{By, Matches, Measure, Partly, STANDS_MAX, Wanted};
use super::measures::{MEASURES_MAX, Measures};
use crate::detect::Known;
use seawall_types::measure::MEASURES_COUNTED_MAX;
use seawall_types::{MeasureCounts, MeasureId, MeasureTotals, Moment, PlatformId, Rung};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// Measures that the ladder may have on a platform: the rest is kept for people.
const OF_LADDER_MAX: usize = MEASURES_MAX - 16;

/// The standing measures of a node.
#[derive(Debug, Default)]
pub struct MeasureBook {
    standing: Vec<Measure>,
    last_id: u32,
    compiled: Arc<Measures>,
}

/// Why a measure was not taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BookFault {
    /// So many stand on the platform, or on all together, already.
    Full,
    /// It would end at once, or stand longer than one may.
    Span,
}

impl fmt::Display for BookFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => {
                write!(
                    f,
                    "{MEASURES_MAX} measures stand on this platform already, or \
                     {MEASURES_COUNTED_MAX} on all; lift one first"
                )
            }
            Self::Span => {
                write!(f, "a measure stands for 1 second to {} days", STANDS_MAX.as_secs() / 86_400)
            }
        }
    }
}

impl std::error::Error for BookFault {}

impl MeasureBook {
    /// Takes a measure up.
    ///
    /// # Errors
    /// The platform has no room for another, or it stands for no time or for too long.
    pub fn add(&mut self, now: Moment, wanted: Wanted) -> Result<MeasureId, BookFault> {
        self.may_take(&wanted)?;
        let id = self.next_id().ok_or(BookFault::Full)?;
        self.put(now, id, wanted);
        Ok(id)
    }

    /// Takes up a measure of an earlier run under the name that it had; a measure that has that name
    /// here gives the newcomer another.
    ///
    /// # Errors
    /// As [`Self::add`].
    pub fn restore(
        &mut self,
        now: Moment,
        (id, wanted): (MeasureId, Wanted),
    ) -> Result<MeasureId, BookFault> {
        self.may_take(&wanted)?;
        if self.standing.iter().any(|one| one.id == id) {
            return self.add(now, wanted);
        }
        self.not_before(id);
        self.put(now, id, wanted);
        Ok(id)
    }

    /// Names that were given before are not given again soon.
    pub fn not_before(&mut self, id: MeasureId) {
        self.last_id = self.last_id.max(id.number());
    }

    fn may_take(&self, wanted: &Wanted) -> Result<(), BookFault> {
        if wanted.stands_for < Duration::from_secs(1) || wanted.stands_for > STANDS_MAX {
            return Err(BookFault::Span);
        }
        let on_platform = self.standing.iter().filter(|one| one.platform == wanted.platform);
        let is_full = on_platform.clone().count() >= MEASURES_MAX
            || wanted.by == By::Ladder
                && on_platform.filter(|one| one.by == By::Ladder).count() >= OF_LADDER_MAX;
        if is_full || self.standing.len() >= MEASURES_COUNTED_MAX {
            return Err(BookFault::Full);
        }
        Ok(())
    }

    fn put(&mut self, now: Moment, id: MeasureId, wanted: Wanted) {
        let Wanted { platform, matches, rung, by, stands_for, rate, text, why } = wanted;
        self.standing.push(Measure {
            id,
            platform,
            matches,
            rung,
            partly: None,
            by,
            began_at: now,
            expires_at: now + stands_for,
            allowance: Allowance::new(rate),
            totals: MeasureTotals::default(),
            text,
            why,
        });
        self.compile();
    }

    /// Takes what measures met on one core; what met one that is gone is left out.
    pub fn count(&mut self, counts: &[MeasureCounts]) {
        for counted in counts {
            if let Some(one) = self.standing.iter_mut().find(|one| one.id == counted.measure) {
                one.totals.add(counted);
            }
        }
    }

    /// Those that stand on a platform.
    pub fn on(&self, platform: PlatformId) -> impl Iterator<Item = &Measure> {
        self.standing.iter().filter(move |one| one.platform == platform)
    }

    /// Takes a measure away; what it was, or none when there is no such one.
    pub fn lift(&mut self, id: MeasureId) -> Option<Measure> {
        let at = self.standing.iter().position(|one| one.id == id)?;
        let lifted = self.standing.remove(at);
        self.compile();
        Some(lifted)
    }

    /// Changes the rung of a measure and lets it stand longer; false when there is no such one.
    pub fn renew(&mut self, now: Moment, id: MeasureId, (rung, span): (Rung, Duration)) -> bool {
        let Some(measure) = self.standing.iter_mut().find(|one| one.id == id) else {
            return false;
        };
        measure.rung = rung;
        measure.expires_at = now + span.min(STANDS_MAX);
        self.compile();
        true
    }

    /// Changes what a measure does and for whom; what it did before, or none when there is no such
    /// one.
    pub fn change(
        &mut self,
        id: MeasureId,
        (rung, partly): (Rung, Option<Partly>),
    ) -> Option<Rung> {
        let measure = self.standing.iter_mut().find(|one| one.id == id)?;
        let was = std::mem::replace(&mut measure.rung, rung);
        measure.partly = partly;
        self.compile();
        Some(was)
    }

    /// What is new to visitors is new to those who are known now: measures of the ladder on a platform
    /// spare who became known since they were taken up.
    pub fn renew_what_is_new(&mut self, platform: PlatformId, known: &Known) {
        let mut is_other = false;
        for measure in &mut self.standing {
            let is_own = measure.platform == platform && measure.by == By::Ladder;
            if let Matches::Signature(compiled) = &mut measure.matches
                && is_own
                && let Some(renewed) = compiled.renewed(known)
            {
                *compiled = renewed;
                is_other = true;
            }
        }
        if is_other {
            self.compile();
        }
    }

    /// A measure that stands.
    pub fn get(&self, id: MeasureId) -> Option<&Measure> {
        self.standing.iter().find(|one| one.id == id)
    }

    /// Takes away what has expired.
    pub fn expire(&mut self, now: Moment) -> Vec<Measure> {
        let (over, standing): (Vec<_>, Vec<_>) =
            self.standing.drain(..).partition(|one| one.expires_at <= now);
        self.standing = standing;
        if !over.is_empty() {
            self.compile();
        }
        over
    }

    /// What stands, in the order in which it was taken up.
    pub fn standing(&self) -> &[Measure] {
        &self.standing
    }

    /// Those of one party.
    pub fn of(&self, by: By) -> impl Iterator<Item = &Measure> {
        self.standing.iter().filter(move |one| one.by == by)
    }

    /// What the hot path looks up.
    pub fn compiled(&self) -> &Arc<Measures> {
        &self.compiled
    }

    fn next_id(&mut self) -> Option<MeasureId> {
        for _ in 0..=self.standing.len() {
            self.last_id = self.last_id % MeasureId::MAX + 1;
            let id = MeasureId::new(self.last_id)?;
            if self.standing.iter().all(|one| one.id != id) {
                return Some(id);
            }
        }
        None
    }

    fn compile(&mut self) {
        let version = self.compiled.version() + 1;
        self.compiled = Arc::new(Measures::new(self.standing.iter().cloned(), version));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(span: Duration) -> Wanted {
        Wanted {
            platform: PlatformId(0),
            matches: Matches::Path("/".into()),
            rung: Rung::Challenge,
            by: By::Operator,
            stands_for: span,
            rate: None,
            text: "path=/".into(),
            why: "test".into(),
        }
    }

    #[test]
    fn every_measure_expires() {
        let mut book = MeasureBook::default();
        let id = book.add(Moment(0), wanted(Duration::from_secs(5))).unwrap();
        assert_eq!(book.expire(Moment(0) + Duration::from_secs(4)), []);
        let over = book.expire(Moment(0) + Duration::from_secs(5));
        assert_eq!(over.iter().map(|one| one.id).collect::<Vec<_>>(), [id]);
        assert_eq!(book.compiled().all().count(), 0);
    }

    #[test]
    fn a_measure_for_no_time_or_for_ever_is_refused() {
        let mut book = MeasureBook::default();
        for span in [Duration::ZERO, STANDS_MAX + Duration::from_secs(1)] {
            assert_eq!(book.add(Moment(0), wanted(span)), Err(BookFault::Span));
        }
    }

    #[test]
    fn a_full_platform_says_so_and_a_lifted_measure_makes_room() {
        let mut book = MeasureBook::default();
        let span = Duration::from_secs(5);
        let ids: Vec<_> =
            (0..MEASURES_MAX).map(|_| book.add(Moment(0), wanted(span)).unwrap()).collect();
        assert_eq!(book.add(Moment(0), wanted(span)), Err(BookFault::Full));
        assert!(book.lift(ids[3]).is_some());
        assert!(book.lift(ids[3]).is_none());
        assert!(book.add(Moment(0), wanted(span)).is_ok());
    }

    #[test]
    fn a_measure_of_an_earlier_run_keeps_its_name_and_later_ones_get_others() {
        let mut book = MeasureBook::default();
        let span = Duration::from_secs(5);
        let old = MeasureId::new(41).unwrap();
        assert_eq!(book.restore(Moment(0), (old, wanted(span))), Ok(old));
        let next = book.add(Moment(0), wanted(span)).unwrap();
        assert_eq!(next.number(), 42);
        let again = book.restore(Moment(0), (old, wanted(span))).unwrap();
        assert_eq!(again.number(), 43, "a name stands for one");
    }

    #[test]
    fn what_a_measure_meets_on_every_core_adds_up() {
        let mut book = MeasureBook::default();
        let id = book.add(Moment(0), wanted(Duration::from_secs(5))).unwrap();
        let counts = MeasureCounts { met: 7, stopped: 5, ..MeasureCounts::none(id) };
        let gone = MeasureCounts { met: 9, ..MeasureCounts::none(MeasureId::new(99).unwrap()) };
        book.count(&[counts, gone]);
        book.count(&[counts]);
        let totals = book.standing()[0].totals;
        assert_eq!((totals.met, totals.stopped, totals.passed), (14, 10, 0));
    }

    #[test]
    fn what_is_compiled_follows_every_change() {
        let mut book = MeasureBook::default();
        let id = book.add(Moment(0), wanted(Duration::from_secs(5))).unwrap();
        let before = book.compiled().version();
        assert!(book.renew(Moment(0), id, (Rung::Refuse, Duration::from_secs(50))));
        assert!(book.compiled().version() > before);
        assert_eq!(book.compiled().all().next().map(|one| one.rung), Some(Rung::Refuse));
    }
}
