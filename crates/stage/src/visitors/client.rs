//! A person's browser at its address: everything of a person that a server can see.
//!
//! Takes a [`Wish`]; makes the request, counts how it ended and keeps the cookie.

use super::VisitorsSpec;
use super::browser::{Context, Occasion, Owned, Purpose};
use super::doors::{OpenDoor, Way};
use super::link::{Answer, Broken, Link};
use super::report::{Outcome, VisitorCounters};
use crate::Chance;
use crate::bounds::REQUEST_DEADLINE;
use bytes::Bytes;
use http::header::HOST;
use http::{HeaderValue, Method, Request, Version};
use http_body_util::Full;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::time::{Instant, timeout};

/// What everybody shares.
#[derive(Debug)]
pub(super) struct World {
    pub(super) spec: VisitorsSpec,
    pub(super) doors: Vec<OpenDoor>,
    pub(super) counters: VisitorCounters,
}

/// A browser with its address, its way in and its cookies.
#[derive(Debug)]
pub(super) struct Client {
    world: Arc<World>,
    source: Ipv4Addr,
    door: OpenDoor,
    browser: Owned,
    /// The session cookie of each platform, kept from session to session.
    cookies: Vec<Option<HeaderValue>>,
}

/// A visit to one platform, over one connection for as long as that lasts.
#[derive(Debug)]
pub(super) struct Session {
    platform: usize,
    /// Scheme and host.
    base: String,
    link: Option<Link>,
}

/// What a person wants next.
#[derive(Debug)]
pub(super) struct Wish {
    pub(super) purpose: Purpose,
    pub(super) path: String,
    pub(super) referer: Option<String>,
}

impl Session {
    /// The whole address of a page, as its links name where they come from.
    pub(super) fn address_of(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

impl Client {
    pub(super) fn choose(world: Arc<World>, source: Ipv4Addr, chance: &mut Chance) -> Self {
        let door = chance.weighted(world.doors.iter().map(|door| door.weight));
        let door = world.doors[door].clone();
        let browser = Owned::choose(chance);
        let cookies = vec![None; world.spec.platforms.len()];
        Self { world, source, door, browser, cookies }
    }

    pub(super) fn session(&self, platform: usize) -> Session {
        self.world.counters.session(platform);
        let scheme = match self.context() {
            Context::Plain => "http",
            Context::Secure => "https",
        };
        let base = format!("{scheme}://{}", self.host(platform));
        Session { platform, base, link: None }
    }

    /// One request, counted; gives the answer only if it is a good one.
    pub(super) async fn fetch(&mut self, session: &mut Session, wish: &Wish) -> Option<Answer> {
        let begin = Instant::now();
        let asked = timeout(REQUEST_DEADLINE, self.ask(session, wish)).await;
        let outcome = match &asked {
            Ok(Ok(answer)) => judge(answer, begin),
            Ok(Err(Broken)) => Outcome::Error,
            Err(_) => Outcome::Timeout,
        };
        self.world.counters.count(session.platform, outcome);
        let answer = asked.ok()?.ok().filter(|_| matches!(outcome, Outcome::Ok(_)))?;
        if let Some(cookie) = answer.cookie() {
            self.cookies[session.platform] = Some(cookie);
        }
        Some(answer)
    }

    /// Asks on the kept connection, or on a new one.
    ///
    /// A kept connection may be closed while a request is on its way; browsers then ask once more
    /// on a new one, if asking twice does no harm (RFC 9112 §9.3.1), and so does this.
    async fn ask(&self, session: &mut Session, wish: &Wish) -> Result<Answer, Broken> {
        if let Some(mut link) = session.link.take()
            && link.ready().await.is_ok()
        {
            let asked = link.fetch(self.request(session, wish)).await;
            if asked.is_ok() {
                session.link = Some(link);
            }
            if asked.is_ok() || wish.purpose == Purpose::Form {
                return asked;
            }
        }
        let host = self.host(session.platform);
        let mut link = Link::open(&self.door, self.source, host).await?;
        let answer = link.fetch(self.request(session, wish)).await?;
        session.link = Some(link);
        Ok(answer)
    }

    fn request(&self, session: &Session, wish: &Wish) -> Request<Full<Bytes>> {
        let (method, body) = match wish.purpose {
            Purpose::Form => (Method::POST, "amount=10&name=A+visitor"),
            Purpose::Page | Purpose::Asset(_) => (Method::GET, ""),
        };
        let fields = self.browser.fields(&Occasion {
            purpose: wish.purpose,
            context: self.context(),
            base: &session.base,
            referer: wish.referer.as_deref(),
            cookie: self.cookies[session.platform].as_ref(),
        });
        let mut request = Request::new(Full::new(Bytes::from_static(body.as_bytes())));
        *request.method_mut() = method;
        self.address(&mut request, session, wish);
        request.headers_mut().extend(fields);
        request
    }

    /// Host and path, where each protocol has them.
    fn address(&self, request: &mut Request<Full<Bytes>>, session: &Session, wish: &Wish) {
        let target = match self.door.way {
            Way::Plain | Way::TlsHttp1(_) => {
                if let Ok(host) = HeaderValue::from_str(self.host(session.platform)) {
                    request.headers_mut().insert(HOST, host);
                }
                wish.path.parse()
            }
            Way::TlsHttp2(_) => {
                *request.version_mut() = Version::HTTP_2;
                session.address_of(&wish.path).parse()
            }
        };
        // Entrances and links have been checked to be paths that can be sent.
        if let Ok(target) = target {
            *request.uri_mut() = target;
        }
    }

    fn context(&self) -> Context {
        match self.door.way {
            Way::Plain => Context::Plain,
            Way::TlsHttp1(_) | Way::TlsHttp2(_) => Context::Secure,
        }
    }

    fn host(&self, platform: usize) -> &str {
        &self.world.spec.platforms[platform].host
    }
}

fn judge(answer: &Answer, begin: Instant) -> Outcome {
    match answer.verdict() {
        Some(verdict) => Outcome::Refused(verdict),
        None if answer.status.is_success() || answer.status.is_redirection() => {
            Outcome::Ok(begin.elapsed())
        }
        None => Outcome::Failed,
    }
}
