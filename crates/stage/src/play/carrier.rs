//! Carries one request to its platform's door and brings back what its sender is told.
//!
//! A kept connection may be closed by the other side while a request is on its way; it is then sent
//! once more on a new connection, as browsers do (RFC 9112 §9.3.1).

use super::PlayedPlatform;
use super::address::on_loopback;
use super::check::{Passes, Puzzle};
use super::door::{Before, OpenDoors, Way};
use super::idle::Idle;
use super::link::{Broken, Link};
use super::link_h2::Http2Link;
use super::message::Message;
use super::reply::Reply;
use crate::tls::secure;
use crate::{LoopbackTarget, StageError};
use http::StatusCode;
use seawall_sim::group::Passing;
use seawall_sim::origin::Trouble;
use seawall_sim::request::{Answer, Fate, Manner, Request, Ticket};
use seawall_sim::site::Site;
use seawall_sim::stack::Stacks;
use seawall_types::{PlatformId, Verdict};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// Bytes that the system takes in for a slow reader before it lets the other side wait.
const SLOW_READER_BUFFER: u32 = 4 * 1_024;

/// Everything that carrying a request takes.
#[derive(Debug)]
pub(super) struct Carrier {
    platforms: Vec<(PlayedPlatform, OpenDoors)>,
    stacks: Stacks,
    idle: Idle,
    passes: Passes,
    unconnected: AtomicU64,
}

/// How a request ended, where it came to an end.
#[derive(Debug)]
enum Outcome {
    Answered(Reply),
    Cancelled,
}

/// A request on its way to its platform.
#[derive(Debug, Clone, Copy)]
struct Errand<'a> {
    platform: &'a PlayedPlatform,
    request: &'a Request,
    message: &'a Message,
}

impl Carrier {
    pub(super) fn new(platforms: Vec<PlayedPlatform>, stacks: Stacks) -> Result<Self, StageError> {
        let open = |platform: PlayedPlatform| {
            let doors = OpenDoors::of(&platform.doors)?;
            Ok::<_, StageError>((platform, doors))
        };
        let platforms = platforms.into_iter().map(open).collect::<Result<_, _>>()?;
        Ok(Self {
            platforms,
            stacks,
            idle: Idle::default(),
            passes: Passes::default(),
            unconnected: AtomicU64::new(0),
        })
    }

    /// What the platform of a request serves.
    pub(super) fn site(&self, request: &Request) -> Option<&Site> {
        self.platforms.get(request.platform.index()).map(|(platform, _)| &platform.site)
    }

    /// What happens to an origin, happens now.
    pub(super) fn trouble(&self, platform: PlatformId, trouble: Trouble) {
        let platform = self.platforms.get(platform.index());
        if let Some(origin) = platform.and_then(|(platform, _)| platform.origin.as_ref()) {
            origin.trouble(trouble);
        }
    }

    /// Connections that this machine would not open.
    pub(super) fn unconnected(&self) -> u64 {
        self.unconnected.load(Relaxed)
    }

    /// One request and its end.
    pub(super) async fn carry(
        &self,
        (ticket, request): (Ticket, &Request),
        passes: Passing,
    ) -> Answer {
        let begun = Instant::now();
        let mut answer = Answer {
            fate: Fate::OriginFailed,
            took: Duration::ZERO,
            retry_after: None,
            set_cookie: None,
            has_passed: false,
        };
        if let Some((platform, doors)) = self.platforms.get(request.platform.index()) {
            let way = doors.way(request, &self.stacks);
            let mut message = Message::of(platform, &self.stacks, (ticket, request), way.scheme());
            if let Some(pass) = self.passes.of(request.sender) {
                message.bear(&pass);
            }
            let errand = Errand { platform, request, message: &message };
            match timeout(request.patience, self.go(errand, way)).await {
                Ok(Ok(Outcome::Answered(reply))) => {
                    answer.fate = fate_of(&reply);
                    answer.retry_after = reply.retry_after;
                    answer.set_cookie = reply.set_cookie;
                    if let (Some(page), Some(ms)) = (reply.page, passes.usually()) {
                        sleep(Duration::from_millis(ms.into())).await;
                        let way = doors.way(request, &self.stacks);
                        answer.has_passed = self.pass(errand, &page, way).await;
                    }
                }
                Ok(Ok(Outcome::Cancelled)) => answer.fate = Fate::Cancelled,
                Ok(Err(Broken)) => answer.fate = broken(doors.before),
                Err(_) => answer.fate = Fate::GaveUp,
            }
        }
        answer.took = begun.elapsed();
        answer
    }

    /// Passes the check of a page; says whether that went well.
    async fn pass(&self, errand: Errand<'_>, page: &[u8], way: Way<'_>) -> bool {
        let solved = Puzzle::of(page).and_then(|puzzle| puzzle.solved());
        let Some(message) = solved.map(|solved| errand.message.to_desk(solved)) else {
            return false;
        };
        let errand = Errand { message: &message, ..errand };
        let asked = timeout(errand.request.patience, self.go(errand, way)).await;
        let Ok(Ok(Outcome::Answered(Reply { pass: Some(pass), .. }))) = asked else {
            return false;
        };
        self.passes.give(errand.request.sender, pass);
        true
    }

    async fn go(&self, errand: Errand<'_>, way: Way<'_>) -> Result<Outcome, Broken> {
        match way {
            Way::Plain(target) => {
                self.over_http1(errand, async || Ok(Link::over(self.dial(errand, target).await?)))
                    .await
            }
            Way::TlsHttp1(target, settings) => {
                let open = async || {
                    let stream = self.dial(errand, target).await?;
                    Ok(Link::over(secure(settings, &errand.platform.host, stream).await?))
                };
                self.over_http1(errand, open).await
            }
            Way::TlsHttp2(target, settings) => {
                let open = async || {
                    let stream = self.dial(errand, target).await?;
                    let stream = secure(settings, &errand.platform.host, stream).await?;
                    Http2Link::over(stream).await
                };
                self.over_http2(errand, open).await
            }
        }
    }

    async fn over_http1(
        &self,
        errand: Errand<'_>,
        open: impl AsyncFnOnce() -> Result<Link, Broken>,
    ) -> Result<Outcome, Broken> {
        let Errand { request, message, .. } = errand;
        if matches!(request.manner, Manner::Reset | Manner::Handshake) {
            let link = open().await?;
            if request.manner == Manner::Reset {
                link.cancel(message).await?;
            }
            return Ok(Outcome::Cancelled);
        }
        let manner = request.manner;
        if manner == Manner::Plain
            && let Some(mut kept) = self.idle.take(request)
            && let Ok(reply) = kept.exchange(message, manner).await
        {
            self.keep(request, &reply, kept);
            return Ok(Outcome::Answered(reply));
        }
        let mut link = open().await?;
        let reply = link.exchange(message, manner).await?;
        match manner {
            Manner::Socket(lasting) if reply.status == StatusCode::SWITCHING_PROTOCOLS => {
                tokio::spawn(async move {
                    sleep(lasting).await;
                    drop(link);
                });
            }
            Manner::Plain => self.keep(request, &reply, link),
            Manner::SlowHead(_)
            | Manner::SlowBody(_)
            | Manner::SlowRead(_)
            | Manner::Reset
            | Manner::Socket(_)
            | Manner::Handshake => {}
        }
        Ok(Outcome::Answered(reply))
    }

    async fn over_http2(
        &self,
        errand: Errand<'_>,
        open: impl AsyncFnOnce() -> Result<Http2Link, Broken>,
    ) -> Result<Outcome, Broken> {
        let request = errand.request;
        if let Some(mut kept) = self.idle.shared(request)
            && let Ok(outcome) = ask(&mut kept, errand).await
        {
            return Ok(outcome);
        }
        let mut link = open().await?;
        self.idle.share(request, link.clone());
        ask(&mut link, errand).await
    }

    async fn dial(&self, errand: Errand<'_>, target: LoopbackTarget) -> Result<TcpStream, Broken> {
        let buffer =
            matches!(errand.request.manner, Manner::SlowRead(_)).then_some(SLOW_READER_BUFFER);
        let source = Some(on_loopback(errand.request.source));
        target.dial_with(source, buffer).await.map_err(|_| {
            self.unconnected.fetch_add(1, Relaxed);
            Broken
        })
    }

    fn keep(&self, request: &Request, reply: &Reply, link: Link) {
        if reply.reusable {
            self.idle.put(request, link);
        }
    }
}

async fn ask(link: &mut Http2Link, errand: Errand<'_>) -> Result<Outcome, Broken> {
    let Errand { platform, request, message } = errand;
    if request.manner == Manner::Reset {
        link.cancel(message, &platform.host).await?;
        return Ok(Outcome::Cancelled);
    }
    Ok(Outcome::Answered(link.exchange(message, &platform.host).await?))
}

/// What an answer means to its sender.
fn fate_of(reply: &Reply) -> Fate {
    match reply.verdict {
        // The shield speaks for an origin that failed or did not answer in time.
        Some(Verdict::Error)
            if matches!(reply.status, StatusCode::BAD_GATEWAY | StatusCode::GATEWAY_TIMEOUT) =>
        {
            Fate::OriginFailed
        }
        Some(verdict) => Fate::Stopped(verdict),
        None if reply.status.is_server_error() => Fate::OriginFailed,
        None => Fate::Served,
    }
}

/// What a connection that ended without an answer means.
fn broken(before: Before) -> Fate {
    match before {
        Before::Shield => Fate::Stopped(Verdict::Drop),
        Before::Origin => Fate::OriginFailed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate(status: u16, verdict: Option<Verdict>) -> Fate {
        let status = StatusCode::from_u16(status).unwrap();
        fate_of(&Reply {
            status,
            verdict,
            retry_after: None,
            set_cookie: None,
            page: None,
            pass: None,
            reusable: true,
        })
    }

    #[test]
    fn who_speaks_decides_what_an_answer_means() {
        assert_eq!(fate(200, None), Fate::Served);
        assert_eq!(fate(404, None), Fate::Served);
        assert_eq!(fate(503, None), Fate::OriginFailed);
        assert_eq!(fate(429, Some(Verdict::Limit)), Fate::Stopped(Verdict::Limit));
        assert_eq!(fate(503, Some(Verdict::Hold)), Fate::Stopped(Verdict::Hold));
        assert_eq!(fate(504, Some(Verdict::Error)), Fate::OriginFailed);
        assert_eq!(fate(400, Some(Verdict::Error)), Fate::Stopped(Verdict::Error));
        assert_eq!(broken(Before::Shield), Fate::Stopped(Verdict::Drop));
    }
}
