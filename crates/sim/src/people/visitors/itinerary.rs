//! What people ask for: where they come in, where they go on, what a page brings with it.

use super::plan::{Habits, Parts};
use super::trail::Trail;
use crate::Chance;
use crate::casting::Miscast;
use crate::request::{Query, Referer};
use crate::site::{Method, Purpose, RouteId, Site};

/// Items that a route with a number has.
pub(crate) const ITEMS: u32 = 200;
/// Words that people search for.
const WORDS: u32 = 400;
/// Sites that people come from.
const ELSEWHERE: u32 = 40;
/// People on a page with a form who send it, in percent.
const SENT_PERCENT: u32 = 25;

/// One thing asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) route: RouteId,
    pub(crate) item: u32,
    pub(crate) query: Query,
    pub(crate) referer: Referer,
}

/// How a visit begins, and so how it goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Where pages are opened anyway, from search engines, other sites or bookmarks.
    Anywhere,
    /// At one page that everybody comes for.
    At(Landing),
    /// As the visits of a real log did, which also go on as those did.
    Recorded,
}

/// A page that everybody comes for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Landing {
    pub(crate) route: RouteId,
    pub(crate) item: u32,
    pub(crate) query: Query,
    /// Whence; none for where people come from anyway.
    pub(crate) referer: Option<Referer>,
}

impl Landing {
    /// The page at a path of the site.
    pub(crate) fn at(site: &Site, path: &str) -> Result<Self, Miscast> {
        let route = site.at(path).ok_or_else(|| Miscast::site(format!("page {path}")))?;
        Ok(Self { route, item: 1, query: Query::None, referer: None })
    }
}

/// The ways through a site.
#[derive(Debug, Clone)]
pub(crate) struct Itinerary {
    pages: Vec<(RouteId, u16)>,
    searches: Vec<(RouteId, u16)>,
    logins: Vec<(RouteId, u16)>,
    /// Pages with the form that each holds.
    forms: Vec<(RouteId, RouteId)>,
    shared: Vec<RouteId>,
    pictures: Vec<(RouteId, u16)>,
    parts: Parts,
}

impl Itinerary {
    pub(crate) fn new(site: &Site) -> Result<Self, Miscast> {
        let pages = site.of(Purpose::Page);
        if pages.is_empty() {
            return Err(Miscast::site("pages"));
        }
        let shared = site.shared_assets();
        let own = |(route, _): &(RouteId, u16)| !shared.contains(route);
        Ok(Self {
            searches: site.of(Purpose::Search),
            logins: site.of(Purpose::Login),
            forms: forms(site),
            pictures: site.of(Purpose::Asset).into_iter().filter(own).collect(),
            parts: Parts::of(site),
            pages,
            shared,
        })
    }

    /// The first page of a visit.
    pub(super) fn first(&self, entry: Entry, chance: &mut Chance) -> (Step, Option<Trail>) {
        let referer = came_from(chance);
        match entry {
            Entry::Anywhere => (Step { referer, ..self.page(chance) }, None),
            Entry::At(Landing { route, item, query, referer: from }) => {
                (Step { route, item, query, referer: from.unwrap_or(referer) }, None)
            }
            Entry::Recorded => {
                let trail = Trail::draw(chance);
                (Step { referer, ..self.recorded(trail) }, Some(trail))
            }
        }
    }

    /// The page that a recorded visit has come to.
    pub(super) fn recorded(&self, trail: Trail) -> Step {
        let stop = trail.stop();
        let among = if stop.opens_a_page() { &self.pages } else { &self.pictures };
        let (mut own, referer) =
            (Chance::for_part(0x7061_6765, u64::from(stop.page)), Referer::None);
        let route = pick(&mut own, among).unwrap_or(RouteId(0));
        Step { route, item: own.below(ITEMS), query: Query::None, referer }
    }

    /// Whether a person opens it, rather than a page brings it.
    pub(super) fn opens(&self, step: Step) -> bool {
        self.pictures.iter().all(|(route, _)| *route != step.route)
    }

    /// The page after another.
    pub(super) fn after(&self, at: Step, habits: &Habits, chance: &mut Chance) -> Step {
        let referer = Referer::Own(at.route);
        let form = self.form_on(at.route).filter(|_| chance.below(100) < SENT_PERCENT);
        if let Some(route) = form {
            return Step { route, item: 0, query: Query::None, referer };
        }
        let wish = chance.unit();
        if wish < habits.searches {
            if let Some(route) = pick(chance, &self.searches) {
                let query = Query::Known(word(chance));
                return Step { route, item: 0, query, referer };
            }
        } else if wish < habits.searches + habits.logins
            && let Some(route) = pick(chance, &self.logins)
        {
            return Step { route, item: 0, query: Query::None, referer };
        }
        Step { referer, ..self.page(chance) }
    }

    /// The form that a page holds.
    pub(crate) fn form_on(&self, page: RouteId) -> Option<RouteId> {
        self.forms.iter().find(|(at, _)| *at == page).map(|(_, form)| *form)
    }

    /// What a page brings with it.
    pub(crate) fn parts(&self, page: Step, brings: Brings) -> impl Iterator<Item = Step> + '_ {
        let referer = Referer::Own(page.route);
        let first = brings == Brings::Everything;
        let shared = self.shared.iter().filter(move |_| first).map(|route| (*route, 0));
        let count = match brings {
            Brings::Everything => self.parts.first,
            Brings::WhatIsNew => self.parts.later,
            Brings::AsRecorded(count) => count,
        };
        let place = u64::from(page.route.0) << 32 | u64::from(page.item);
        let mut own = Chance::for_part(0x7061_7274, place);
        let pictures = std::iter::from_fn(move || {
            pick(&mut own, &self.pictures).map(|route| (route, own.below(ITEMS)))
        });
        shared.chain(pictures).take(usize::from(count)).map(move |(route, item)| Step {
            route,
            item,
            query: Query::None,
            referer,
        })
    }

    fn page(&self, chance: &mut Chance) -> Step {
        let route = pick(chance, &self.pages).unwrap_or(RouteId(0));
        Step { route, item: popular(chance, ITEMS), query: Query::None, referer: Referer::None }
    }
}

/// What a page brings to a browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Brings {
    /// Everything: it has nothing of the site.
    Everything,
    /// Its pictures that the browser has not seen elsewhere on the site.
    WhatIsNew,
    /// As much as a real log says.
    AsRecorded(u8),
}

/// Half from search engines, a fifth from other sites, the rest from bookmarks (assumed).
fn came_from(chance: &mut Chance) -> Referer {
    let elsewhere = u16::try_from(chance.below(ELSEWHERE)).unwrap_or(0);
    match chance.below(10) {
        0..=4 => Referer::Search,
        5..=6 => Referer::Elsewhere(elsewhere),
        _ => Referer::None,
    }
}

/// Forms by the page that stands at the same path.
fn forms(site: &Site) -> Vec<(RouteId, RouteId)> {
    let page_of = |form: RouteId| {
        let path = &site.route(form)?.path;
        let pages = site.of(Purpose::Page).into_iter().map(|(page, _)| page);
        let same = |page: &RouteId| {
            let row = site.route(*page);
            row.is_some_and(|row| row.method == Method::Get && row.path == *path)
        };
        { pages }.find(same)
    };
    let forms = site.of(Purpose::Form).into_iter().map(|(form, _)| form);
    forms.filter_map(|form| page_of(form).map(|page| (page, form))).collect()
}

/// A search that people make, a few of them often.
fn word(chance: &mut Chance) -> u16 {
    u16::try_from(popular(chance, WORDS)).unwrap_or(0)
}

/// A number below `end`, low ones more often: half of all draws lie in the first quarter.
fn popular(chance: &mut Chance, end: u32) -> u32 {
    let (a, b) = (chance.below(end), chance.below(end));
    a.min(b).min(chance.below(end))
}

pub(crate) fn pick(chance: &mut Chance, routes: &[(RouteId, u16)]) -> Option<RouteId> {
    let at = chance.weighted(routes.iter().map(|(_, weight)| *weight));
    routes.get(at).map(|(route, _)| *route)
}
