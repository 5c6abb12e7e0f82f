//! Breaking news by push message: everybody who has subscribed opens the same page within seconds.
//!
//! Nearly all were here before, which is how they subscribed; links in a message bear no referer.

use crate::casting::{Casting, Miscast, share, whole, within};
use crate::group::Group;
use crate::people::homes::{Cast, Homes};
use crate::people::visitors::{Entry, Habits, Landing, Plan, Visitors};
use crate::people::{Begin, MEMBERS_MAX};
use crate::rate::RateShape;
use crate::request::Referer;
use serde::Deserialize;

/// When most of them look, as a part of the time in which all do (assumed).
const PEAK: f64 = 0.15;
/// How busy the start is, before anybody can have read the message, as a part of the peak.
const FIRST: f64 = 0.1;

/// Subscribers for each who opens a message (assumed).
const SUBSCRIBERS: u32 = 5;

/// What a scenario says of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Parameters {
    /// Messages that are opened.
    pub opened: u32,
    /// Seconds within which all are.
    pub within_s: f64,
    /// Visits by people who were here before the world began and hold the origin's cookie.
    pub returning: f64,
    /// The page that it leads to, as the site's table writes it.
    pub page: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { opened: 5_000, within_s: 20.0, returning: 0.9, page: "/news/{id}".to_owned() }
    }
}

impl Parameters {
    /// The group, before its first visit.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        let landing =
            Landing { referer: Some(Referer::None), ..Landing::at(casting.site, &self.page)? };
        // More subscribers than messages opened: hardly anybody opens it twice.
        let opened = whole("opened", self.opened, 1..=MEMBERS_MAX / SUBSCRIBERS)?;
        let plan = Plan {
            visits: self.line(casting.span.from)?,
            start: Begin::Empty,
            people: SUBSCRIBERS * opened,
            returning: share("returning", self.returning)?,
            cast: Cast {
                homes: Homes::spread(casting.pools),
                lots: casting.pools.lots().clone(),
                seed: casting.seed,
            },
            entry: Entry::At(landing),
            habits: Habits::default(),
            update: None,
        };
        Ok(Box::new(Visitors::new(plan, casting.place())?))
    }

    /// Steeply up, then down in a straight line: as many in all as are opened.
    fn line(&self, from: f64) -> Result<RateShape, Miscast> {
        let length = within("within_s", self.within_s, 1.0..=3_600.0)?;
        let area = 0.5 * length * (1.0 + FIRST * PEAK);
        let peak = f64::from(self.opened) / area;
        let points = vec![(from, FIRST * peak), (from + PEAK * length, peak), (from + length, 0.0)];
        RateShape::new(points).map_err(|bad| Miscast::Shape { key: "within_s", bad })
    }
}
