//! What an origin can carry.

use crate::bounds::{OutOfBounds, within};
use std::time::Duration;

/// Workers of one origin: beyond this it would be no bottleneck on this machine.
const WORKERS_MAX: u16 = 1_024;
/// Requests that may wait in line.
const QUEUE_MAX: u16 = 10_000;
/// What one request may cost at most; longer is [`super::Origin::stall`].
const SERVICE_MAX: Duration = Duration::from_secs(30);

/// One origin: whose it is and what it can carry.
#[derive(Debug, Clone)]
pub struct OriginSpec {
    /// The platform it serves; stands in its pages and errors.
    pub platform: String,
    /// Requests worked on at once, 1 to 1,024.
    pub workers: u16,
    /// Requests that may wait for a worker, at most 10,000; the next gets 503.
    pub queue: u16,
    /// What a request costs a worker.
    pub service: ServiceTimes,
    /// Fixes the text of its pages and its session cookies.
    pub seed: u64,
}

impl OriginSpec {
    /// A small server as a charity might rent: 16 workers, 64 places in line, [`ServiceTimes::default`].
    pub fn of(platform: impl Into<String>) -> Self {
        Self {
            platform: platform.into(),
            workers: 16,
            queue: 64,
            service: ServiceTimes::default(),
            seed: 1,
        }
    }

    pub(super) fn checked(self) -> Result<Self, OutOfBounds> {
        within("origin workers", self.workers, 1..=WORKERS_MAX)?;
        within("origin queue", self.queue, 0..=QUEUE_MAX)?;
        for class in PageClass::ALL {
            within("origin service time", self.service.of(class), Duration::ZERO..=SERVICE_MAX)?;
        }
        Ok(self)
    }
}

/// What a request costs a worker, by class; at most 30 s each.
///
/// Kept to a millisecond and never shorter than said; [`super::OriginLoad::busy_ms`] tells what it was.
#[derive(Debug, Clone, Copy)]
pub struct ServiceTimes {
    /// An ordinary page.
    pub page: Duration,
    /// A style sheet, script or picture.
    pub asset: Duration,
    /// A search.
    pub search: Duration,
    /// A page with a form, or what the form sends.
    pub form: Duration,
}

impl Default for ServiceTimes {
    /// 5 ms a page, 1 ms a file, 40 ms a search, 60 ms a form.
    fn default() -> Self {
        Self {
            page: Duration::from_millis(5),
            asset: Duration::from_millis(1),
            search: Duration::from_millis(40),
            form: Duration::from_millis(60),
        }
    }
}

impl ServiceTimes {
    /// What a request of `class` costs.
    pub fn of(&self, class: PageClass) -> Duration {
        match class {
            PageClass::Page => self.page,
            PageClass::Asset => self.asset,
            PageClass::Search => self.search,
            PageClass::Form => self.form,
        }
    }
}

/// Requests that cost alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PageClass {
    /// An ordinary page; also whatever is not found.
    Page,
    /// Everything under `/assets/`.
    Asset,
    /// `/search`.
    Search,
    /// `/donate` and `/register`.
    Form,
}

impl PageClass {
    /// How many classes there are.
    pub const COUNT: usize = 4;
    /// The whole list.
    pub const ALL: [Self; Self::COUNT] = [Self::Page, Self::Asset, Self::Search, Self::Form];

    /// The class of a path without its query.
    pub fn of_path(path: &str) -> Self {
        match path {
            "/search" => Self::Search,
            "/donate" | "/register" => Self::Form,
            _ if path.starts_with("/assets/") => Self::Asset,
            _ => Self::Page,
        }
    }

    /// Position in [`Self::ALL`], for tables.
    pub const fn index(self) -> usize {
        self as usize
    }
}
