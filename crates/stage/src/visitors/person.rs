//! One person: comes, reads, thinks, follows a link or leaves, and comes again.

use super::VisitorsSpec;
use super::browser::{Context, Occasion, Owned, Purpose};
use super::doors::{OpenDoor, Way};
use super::link::{Answer, Broken, Link};
use super::markup::{self, Found};
use super::report::{Outcome, VisitorCounters};
use crate::Chance;
use crate::bounds::REQUEST_DEADLINE;
use bytes::Bytes;
use http::header::{HOST, SET_COOKIE};
use http::{HeaderValue, Method, Request, Version};
use http_body_util::Full;
use seawall_types::Verdict;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::time::{Instant, sleep, timeout, timeout_at};

/// After a page, this share leaves; a session is then two to three pages on average.
const LEAVING_SHARE: f64 = 0.35;
/// On a page with a form, this share sends it.
const FORM_SHARE: f64 = 0.4;
/// Files that one page view loads.
const ASSETS_MAX: usize = 6;

/// What everybody shares.
#[derive(Debug)]
pub(super) struct World {
    pub(super) spec: VisitorsSpec,
    pub(super) doors: Vec<OpenDoor>,
    pub(super) counters: VisitorCounters,
}

/// One person with a browser.
#[derive(Debug)]
pub(super) struct Person {
    world: Arc<World>,
    source: Ipv4Addr,
    chance: Chance,
    door: OpenDoor,
    browser: Owned,
    /// The session cookie of each platform, kept from session to session.
    cookies: Vec<Option<HeaderValue>>,
}

/// A visit to one platform.
#[derive(Debug)]
struct Session {
    platform: usize,
    /// Scheme and host.
    base: String,
    link: Option<Link>,
    /// Files that the browser has by now.
    loaded: Vec<String>,
}

/// What a person wants next.
#[derive(Debug)]
struct Wish {
    purpose: Purpose,
    path: String,
    referer: Option<String>,
}

impl Person {
    pub(super) fn new(world: Arc<World>, source: Ipv4Addr, mut chance: Chance) -> Self {
        let door = world.doors[chance.weighted(world.doors.iter().map(|door| door.weight))].clone();
        let browser = Owned::choose(&mut chance);
        let cookies = vec![None; world.spec.platforms.len()];
        Self {
            world,
            source,
            chance,
            door,
            browser,
            cookies,
        }
    }

    /// Sessions at random times until `until`; the last one is broken off there.
    pub(super) async fn live(mut self, until: Instant) {
        let away = self.world.spec.pace.away;
        let sessions = async {
            loop {
                sleep(self.chance.exponential(away)).await;
                self.session().await;
            }
        };
        // The time being up is the only way out.
        let _: Result<(), _> = timeout_at(until, sessions).await;
    }

    async fn session(&mut self) {
        let world = Arc::clone(&self.world);
        let platforms = &world.spec.platforms;
        let platform = self
            .chance
            .weighted(platforms.iter().map(|platform| platform.weight));
        let chosen = &platforms[platform];
        world.counters.session(platform);
        let scheme = match self.door.way {
            Way::Plain => "http",
            Way::TlsHttp1(_) | Way::TlsHttp2(_) => "https",
        };
        let base = format!("{scheme}://{}", chosen.host);
        let mut session = Session {
            platform,
            base,
            link: None,
            loaded: Vec::new(),
        };
        let Some(path) = self.chance.pick(&chosen.entrances).cloned() else {
            return;
        };
        let mut wish = Wish {
            purpose: Purpose::Page,
            path,
            referer: None,
        };
        while let Some(found) = self.view(&mut session, &wish).await {
            sleep(self.chance.exponential(world.spec.pace.think)).await;
            match self.next_wish(&found, format!("{}{}", session.base, wish.path)) {
                Some(next) => wish = next,
                None => return,
            }
        }
    }

    /// Opens a page with its files; `None` when the page did not come, which ends the session.
    async fn view(&mut self, session: &mut Session, wish: &Wish) -> Option<Found> {
        let page = self.fetch(session, wish).await?;
        let found = markup::find(&String::from_utf8_lossy(&page.body));
        let referer = format!("{}{}", session.base, wish.path);
        let missing: Vec<_> = found
            .assets
            .iter()
            .filter(|asset| !session.loaded.contains(&asset.path))
            .collect();
        for asset in missing.into_iter().take(ASSETS_MAX) {
            let (purpose, path) = (Purpose::Asset(asset.kind), asset.path.clone());
            let wish = Wish {
                purpose,
                path,
                referer: Some(referer.clone()),
            };
            if self.fetch(session, &wish).await.is_some() {
                session.loaded.push(wish.path);
            }
        }
        Some(found)
    }

    /// A form to send or a link to follow, or `None` to leave.
    fn next_wish(&mut self, found: &Found, here: String) -> Option<Wish> {
        let referer = Some(here);
        if let Some(path) = self.chance.pick(&found.forms).cloned()
            && self.chance.unit() < FORM_SHARE
        {
            return Some(Wish {
                purpose: Purpose::Form,
                path,
                referer,
            });
        }
        if self.chance.unit() < LEAVING_SHARE {
            return None;
        }
        let path = self.chance.pick(&found.links).cloned()?;
        Some(Wish {
            purpose: Purpose::Page,
            path,
            referer,
        })
    }

    /// One request, counted; gives the answer only if it is a good one.
    async fn fetch(&mut self, session: &mut Session, wish: &Wish) -> Option<Answer> {
        let begin = Instant::now();
        let asked = timeout(REQUEST_DEADLINE, self.ask(session, wish)).await;
        let (outcome, answer) = match asked {
            Ok(Ok(answer)) => (judge(&answer, begin), Some(answer)),
            Ok(Err(Broken)) => (Outcome::Error, None),
            Err(_) => (Outcome::Timeout, None),
        };
        self.world.counters.count(session.platform, outcome);
        if answer.is_none() {
            session.link = None;
        }
        let answer = answer.filter(|_| matches!(outcome, Outcome::Ok(_)))?;
        if let Some(cookie) = cookie_of(&answer) {
            self.cookies[session.platform] = Some(cookie);
        }
        Some(answer)
    }

    /// Asks on the open connection, or on a new one.
    ///
    /// A kept connection may have been closed while the person was thinking; browsers then ask once
    /// more on a new one (RFC 9112 §9.3.1), and so does this, for what can be repeated.
    async fn ask(&self, session: &mut Session, wish: &Wish) -> Result<Answer, Broken> {
        if let Some(mut link) = session.link.take() {
            let asked = link.fetch(self.request(session, wish)).await;
            if let Ok(answer) = asked {
                session.link = Some(link);
                return Ok(answer);
            }
            if wish.purpose == Purpose::Form {
                return Err(Broken);
            }
        }
        let host = &self.world.spec.platforms[session.platform].host;
        let mut link = Link::open(&self.door, self.source, host).await?;
        let answer = link.fetch(self.request(session, wish)).await?;
        session.link = Some(link);
        Ok(answer)
    }

    fn request(&self, session: &Session, wish: &Wish) -> Request<Full<Bytes>> {
        let form = wish.purpose == Purpose::Form;
        let body = if form {
            Bytes::from_static(b"amount=10&name=A+visitor")
        } else {
            Bytes::new()
        };
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = if form { Method::POST } else { Method::GET };
        let context = match self.door.way {
            Way::Plain => Context::Plain,
            Way::TlsHttp1(_) | Way::TlsHttp2(_) => Context::Secure,
        };
        let fields = self.browser.fields(&Occasion {
            purpose: wish.purpose,
            context,
            base: &session.base,
            referer: wish.referer.as_deref(),
            cookie: self.cookies[session.platform].as_ref(),
        });
        self.address(&mut request, session, wish);
        request.headers_mut().extend(fields);
        request
    }

    /// Host and path, where each protocol has them.
    fn address(&self, request: &mut Request<Full<Bytes>>, session: &Session, wish: &Wish) {
        let host = &self.world.spec.platforms[session.platform].host;
        let target = match self.door.way {
            Way::Plain | Way::TlsHttp1(_) => {
                if let Ok(host) = HeaderValue::from_str(host) {
                    request.headers_mut().insert(HOST, host);
                }
                wish.path.clone()
            }
            Way::TlsHttp2(_) => {
                *request.version_mut() = Version::HTTP_2;
                format!("{}{}", session.base, wish.path)
            }
        };
        if let Ok(target) = target.parse() {
            *request.uri_mut() = target;
        }
    }
}

fn judge(answer: &Answer, begin: Instant) -> Outcome {
    match verdict_of(answer) {
        Some(verdict) => Outcome::Refused(verdict),
        None if answer.status.is_success() || answer.status.is_redirection() => {
            Outcome::Ok(begin.elapsed())
        }
        None => Outcome::Failed,
    }
}

/// The verdict word of an answer that the shield made itself.
///
/// A word that is not on the list counts as `error`: it was not the origin that spoke.
fn verdict_of(answer: &Answer) -> Option<Verdict> {
    let field = answer.fields.get("seawall-verdict")?;
    let word = field
        .as_bytes()
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default();
    let same = |verdict: &Verdict| verdict.word().as_bytes() == word.trim_ascii();
    Some(
        Verdict::ALL
            .into_iter()
            .find(same)
            .unwrap_or(Verdict::Error),
    )
}

/// Name and value of the first cookie that an answer sets.
fn cookie_of(answer: &Answer) -> Option<HeaderValue> {
    let set = answer.fields.get(SET_COOKIE)?;
    let crumb = set.as_bytes().split(|byte| *byte == b';').next()?;
    HeaderValue::from_bytes(crumb.trim_ascii()).ok()
}
