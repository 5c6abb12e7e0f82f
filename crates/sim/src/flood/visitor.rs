//! Sources that pretend to be visitors: browsers' looks, pages as often as people open them, referers
//! that fit, and as much of the rest as a kind says.
//!
//! A source keeps its look and language for as long as the world lasts.
//! Bounds: a few bytes per source; [`TRIES_MAX`] tries for one page.

use super::aim::Aim;
use super::forgery::Forged;
use super::sending::{After, Pattern, Turn};
use super::sources::Sources;
use crate::Chance;
use crate::casting::{Casting, Lots, Miscast};
use crate::group::{Heard, Outbox, Passing, Solving};
use crate::request::{Answer, Fate, LANGUAGES, Query, Referer, Request};
use crate::site::{Purpose, RouteId, Site};
use crate::stack::Look;
use crate::world::cookie_of;
use seawall_types::Verdict;
use serde::Deserialize;
use std::time::Duration;

/// Tries for one page before the source opens another.
const TRIES_MAX: u8 = 5;
/// The longest wait that a source's browser sits through.
const WAIT_MAX: Duration = Duration::from_mins(1);
/// Of ten pages, so many are the last of a visit.
const LAST_OF_TEN: u32 = 3;
/// Numbers of pages, as visitors know them.
const ITEMS: u32 = 200;

/// What sources do with cookies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cookies {
    /// They bear none.
    Dropped,
    /// They bear what the origin has set for them.
    Kept,
    /// They have been here before the world began, and bear the cookie from then.
    Had,
}

/// How far the pretence goes.
#[derive(Debug, Clone)]
pub(super) struct Pretence {
    /// What of the browser's look is not the browser's after all.
    pub(super) forged: Option<(Forged, u32)>,
    /// Whether the parts of a page are loaded with it.
    pub(super) parts: Parts,
    /// Cookies.
    pub(super) cookies: Cookies,
    /// Sources that pass a challenge, of all, and how long that takes them.
    pub(super) solving: Option<(f64, Solving)>,
}

/// Whether the parts of a page are loaded with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Parts {
    /// The page alone.
    Left,
    /// Style sheets, scripts and pictures too.
    Loaded,
}

/// Sources that pretend to be visitors.
#[derive(Debug)]
pub(super) struct Visitors {
    pretence: Pretence,
    pages: Aim,
    assets: Option<(Aim, u8)>,
    looks: Lots,
    seed: u64,
    parts: Chance,
    sources: Vec<Source>,
}

/// What a source remembers.
#[derive(Debug, Clone, Copy, Default)]
struct Source {
    last: Option<RouteId>,
    cookie: Option<u64>,
    tries: u8,
}

impl Visitors {
    pub(super) fn new(
        pretence: Pretence,
        target: &str,
        sources: &Sources,
        casting: &Casting<'_>,
    ) -> Result<Self, Miscast> {
        let mut remembered = vec![Source::default(); sources.count as usize];
        if pretence.cookies == Cookies::Had {
            for (source, member) in remembered.iter_mut().zip(0_u32..) {
                source.cookie = Some(cookie_of(casting.group, member));
            }
        }
        Ok(Self {
            pages: Aim::parse(target, casting.site)?,
            assets: assets(pretence.parts, casting.site),
            pretence,
            looks: casting.pools.lots().clone(),
            seed: casting.seed,
            parts: Chance::for_part(casting.seed, 0x7061_7274),
            sources: remembered,
        })
    }

    /// Requests that one page brings.
    pub(super) fn requests_per_page(&self) -> f64 {
        1.0 + self.assets.as_ref().map_or(0.0, |(_, count)| f64::from(*count))
    }

    /// The source's look and language, which nothing changes.
    fn dressed(&self, plain: Request) -> Request {
        let mut own = Chance::for_part(self.seed ^ 0x6472_6573, u64::from(plain.sender.member));
        let Look { stack, .. } = self.looks.draw(plain.network.class, &mut own);
        let languages = u32::try_from(LANGUAGES.len()).unwrap_or(2) - 1;
        Request {
            look: match self.pretence.forged {
                Some((forged, number)) => forged.look(stack, number),
                None => Look::of(stack),
            },
            language: u8::try_from(1 + own.below(languages)).unwrap_or(1),
            navigates: true,
            ..plain
        }
    }

    /// Loads what a page is made of.
    fn load_parts(&mut self, page: &Request, out: &mut Outbox) -> After {
        let Some((assets, count)) = &self.assets else {
            return After::Nothing;
        };
        for _ in 0..*count {
            out.send(Request {
                route: assets.pick(&mut self.parts),
                item: self.parts.below(ITEMS),
                query: Query::None,
                referer: Referer::Own(page.route),
                navigates: false,
                ..*page
            });
        }
        After::Sent(u16::from(*count))
    }

    /// What a browser does that was not served: it passes the challenge, or waits as told.
    fn try_again(&mut self, member: u32, answer: &Answer) -> After {
        let pause = match answer.fate {
            Fate::Stopped(Verdict::Challenge) => answer.has_passed.then_some(Duration::ZERO),
            Fate::Stopped(_) => answer.retry_after.filter(|wait| *wait <= WAIT_MAX),
            Fate::Served | Fate::OriginFailed | Fate::GaveUp | Fate::Cancelled => None,
        };
        let pause = pause.filter(|_| self.pretence.solving.is_some());
        match (pause, self.sources.get_mut(member as usize)) {
            (Some(pause), Some(source)) if source.tries < TRIES_MAX => {
                source.tries += 1;
                After::Again(pause)
            }
            _ => After::Nothing,
        }
    }
}

/// The assets of a site and how many a page brings, for those who load them.
fn assets(parts: Parts, site: &Site) -> Option<(Aim, u8)> {
    let aim = Aim::of(site, Purpose::Asset)?;
    (parts == Parts::Loaded && site.assets_per_page > 0).then_some((aim, site.assets_per_page))
}

impl Pattern for Visitors {
    fn request(&mut self, plain: Request, turn: Turn<'_>) -> Request {
        let route = self.pages.pick(turn.chance);
        let item = turn.chance.below(ITEMS);
        let last_page = turn.chance.below(10) < LAST_OF_TEN;
        let mut request = Request { route, item, referer: Referer::Search, ..self.dressed(plain) };
        if let Some(source) = self.sources.get_mut(plain.sender.member as usize) {
            request.cookie = source.cookie;
            request.referer = source.last.map_or(Referer::Search, Referer::Own);
            source.last = (!last_page).then_some(route);
            source.tries = 0;
        }
        request
    }

    fn heard(&mut self, heard: &Heard<'_>, out: &mut Outbox) -> After {
        let Heard { request, answer, .. } = heard;
        let member = request.sender.member;
        if let Some(source) = self.sources.get_mut(member as usize)
            && self.pretence.cookies != Cookies::Dropped
        {
            source.cookie = source.cookie.or(answer.set_cookie);
        }
        match answer.fate {
            _ if !request.navigates => After::Nothing,
            Fate::Served => {
                let cookie = self.sources.get(member as usize).and_then(|source| source.cookie);
                self.load_parts(&Request { cookie, ..**request }, out)
            }
            _ => self.try_again(member, answer),
        }
    }

    fn passes(&self, member: u32) -> Passing {
        let Some((share, solving)) = self.pretence.solving else { return Passing::Never };
        let mut own = Chance::for_part(self.seed ^ 0x736f_6c76, u64::from(member));
        if own.unit() < share { Passing::Solves(solving) } else { Passing::Never }
    }

    fn remembered(&self, plain: Request) -> Option<Request> {
        let member = plain.sender.member;
        (self.pretence.cookies == Cookies::Had).then(|| {
            let cookie = Some(cookie_of(plain.sender.group, member));
            let route = self.pages.pick(&mut Chance::for_part(self.seed, u64::from(member)));
            Request { route, cookie, ..self.dressed(plain) }
        })
    }
}
