//! Chosen pages, as the origin has them and as the shield serves them.

use super::Look;
use crate::commands::check_origin::ask::{Answer, Carriage, Question, Said, ask};
use seawall_config::{Config, HostPattern, Platform};
use seawall_proxy::SecretWord;
use seawall_types::evidence::Seen;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _};

/// Pages of all platforms.
#[derive(Debug)]
pub(super) struct Pages(Vec<Site>);

/// The pages of one platform.
#[derive(Debug)]
struct Site {
    platform: String,
    host: String,
    origins: Vec<(String, u16, Carriage)>,
    /// Header and word that origins ask for.
    secret: Option<(String, SecretWord)>,
    /// Where it is served.
    served: Option<(SocketAddr, Carriage)>,
    pages: Vec<Page>,
}

/// One page and what it was when it was first seen.
#[derive(Debug)]
struct Page {
    path: String,
    first: Option<String>,
}

impl Pages {
    /// What a configuration chooses.
    pub(super) fn of(config: &Config) -> Self {
        let chosen = config.platforms.iter().filter(|one| !one.watched.canaries.is_empty());
        Self(chosen.map(|platform| Site::of(config, platform)).collect())
    }

    /// Looks at every page; one look a platform, the worst of its pages.
    pub(super) fn round(&mut self) -> Vec<(String, Look)> {
        let look = |site: &mut Site| (site.platform.clone(), site.look());
        self.0.iter_mut().map(look).collect()
    }
}

impl Site {
    fn of(config: &Config, platform: &Platform) -> Self {
        let origin = |url: &seawall_config::OriginUrl| {
            let carriage = if url.protocol.is_tls() { Carriage::Tls } else { Carriage::Plain };
            (url.host.clone(), url.port, carriage)
        };
        let serves = |listener: &&seawall_config::Listener| {
            let fits = listener.tls || !listener.redirect_https;
            fits && listener.http1 && !listener.proxy_protocol
        };
        let way_in = config.listeners.iter().find(serves).map(|listener| {
            let carriage = if listener.tls { Carriage::Tls } else { Carriage::Plain };
            (reachable(listener.address), carriage)
        });
        let secret = platform
            .origin_secret
            .as_ref()
            .and_then(|secret| Some((secret.header.clone(), SecretWord::read(&secret.file).ok()?)));
        let page = |path: &String| Page { path: path.clone(), first: None };
        Self {
            platform: platform.name.clone(),
            host: match platform.hosts.first() {
                Some(HostPattern::Exact(name)) => name.clone(),
                Some(HostPattern::Wildcard(suffix)) => format!("www.{suffix}"),
                None => String::new(),
            },
            origins: platform.origins.iter().map(origin).collect(),
            secret,
            served: way_in,
            pages: platform.watched.canaries.iter().map(page).collect(),
        }
    }

    fn look(&mut self) -> Look {
        let mut worst: Option<Look> = None;
        let pages = std::mem::take(&mut self.pages);
        let looked = pages.into_iter().map(|mut page| {
            let origin = self.at_origin(&page.path);
            let served = self.as_served(&page.path);
            let look = judge(&mut page, origin, served);
            if worst.as_ref().is_none_or(|worst| look.seen > worst.seen) {
                worst = Some(look);
            }
            page
        });
        self.pages = looked.collect();
        let count = self.pages.len();
        let all = Look { seen: Seen::AsBefore, detail: format!("{count} pages are as they were") };
        worst.filter(|worst| worst.seen != Seen::AsBefore).unwrap_or(all)
    }

    /// Digest of a page at the first origin that answers.
    fn at_origin(&self, path: &str) -> Result<String, String> {
        let mut why = "it has no origin".to_owned();
        for (host, port, carriage) in &self.origins {
            let Some(address) =
                (host.as_str(), *port).to_socket_addrs().ok().and_then(|mut all| all.next())
            else {
                why = format!("no address of {host} is known");
                continue;
            };
            let secret = self.secret.as_ref();
            let fields = secret.map(|(header, word)| (header.as_str(), word.expose()));
            let fields = fields.into_iter().collect();
            let (carriage, host) = (*carriage, self.host.as_str());
            match digest(&ask(&Question { address, carriage, host, path, fields }, None)) {
                Ok(digest) => return Ok(digest),
                Err(cause) => why = cause,
            }
        }
        Err(why)
    }

    /// Digest of a page as the shield serves it.
    fn as_served(&self, path: &str) -> Result<String, String> {
        let (address, carriage) = self.served.ok_or("no listener serves it")?;
        let (host, fields) = (self.host.as_str(), Vec::new());
        digest(&ask(&Question { address, carriage, host, path, fields }, None))
    }
}

/// The address by which a listener is reached from here.
fn reachable(listener: SocketAddr) -> SocketAddr {
    let address = match listener.ip() {
        IpAddr::V4(any) if any.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(any) if any.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    SocketAddr::new(address, listener.port())
}

fn judge(page: &mut Page, origin: Result<String, String>, served: Result<String, String>) -> Look {
    let path = &page.path;
    let failed = |what: &str, cause: &str| Look {
        seen: Seen::Failed,
        detail: format!("page {path} could not be looked at {what}: {cause}"),
    };
    let origin = match origin {
        Ok(digest) => digest,
        Err(cause) => return failed("at the origin", &cause),
    };
    let departs = |how: &str| Look { seen: Seen::Departs, detail: format!("page {path} {how}") };
    let first = page.first.get_or_insert_with(|| origin.clone());
    if *first != origin {
        return departs(&format!("is not what it was at the origin: {origin}, first {first}"));
    }
    match served {
        Err(cause) => failed("as it is served", &cause),
        Ok(served) if served != origin => {
            departs(&format!("is served otherwise than the origin has it: {served}, not {origin}"))
        }
        Ok(_) => Look { seen: Seen::AsBefore, detail: format!("page {path} is {origin}") },
    }
}

/// Digest of what an answer says, if it is one.
fn digest(said: &Said) -> Result<String, String> {
    match said {
        Said::Answer(answer) if answer.field("Seawall-Verdict").is_some() => {
            Err(format!("the shield itself answered {}", answer.status))
        }
        Said::Answer(answer) if answer.status == 200 => {
            Ok(seawall_evidence::digest(&content(answer)))
        }
        Said::Answer(answer) => Err(format!("status {}", answer.status)),
        Said::Nothing(cause) | Said::Unreached(cause) => Err(cause.clone()),
    }
}

/// The content without what carries it: the same page may come in other chunks.
fn content(answer: &Answer) -> Vec<u8> {
    let is_chunked = answer.field("Transfer-Encoding").is_some();
    let mut rest = answer.body.as_slice();
    let mut content = Vec::new();
    while is_chunked && !rest.is_empty() {
        let Some(end) = rest.windows(2).position(|two| two == b"\r\n") else { break };
        let size = std::str::from_utf8(&rest[..end]).ok().and_then(|line| {
            let hex = line.split(';').next().unwrap_or_default().trim();
            usize::from_str_radix(hex, 16).ok()
        });
        let Some(size) = size.filter(|size| *size > 0) else { break };
        let from = end + 2;
        let to = from.saturating_add(size).min(rest.len());
        content.extend_from_slice(&rest[from..to]);
        rest = rest.get(to.saturating_add(2)..).unwrap_or_default();
    }
    if is_chunked { content } else { answer.body.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(page: &mut Page, origin: &str, served: &str) -> Seen {
        judge(page, Ok(origin.to_owned()), Ok(served.to_owned())).seen
    }

    #[test]
    fn a_page_departs_when_the_origin_changes_it_or_something_else_is_served() {
        let mut page = Page { path: "/".to_owned(), first: None };
        assert_eq!(judge(&mut page, Err("gone".to_owned()), Err(String::new())).seen, Seen::Failed);
        assert_eq!(look(&mut page, "a", "a"), Seen::AsBefore);
        assert_eq!(look(&mut page, "a", "b"), Seen::Departs);
        assert_eq!(look(&mut page, "b", "b"), Seen::Departs);
        assert_eq!(look(&mut page, "a", "a"), Seen::AsBefore);
        assert_eq!(judge(&mut page, Ok("a".to_owned()), Err(String::new())).seen, Seen::Failed);
        // Nobody knows what is served, but the origin's page has changed.
        assert_eq!(judge(&mut page, Ok("b".to_owned()), Err(String::new())).seen, Seen::Departs);
    }

    #[test]
    fn the_same_content_is_the_same_however_it_is_carried() {
        let answer = |head: &str, body: &str| {
            Said::Answer(Answer {
                status: 200,
                head: format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n"),
                body: body.as_bytes().to_vec(),
                wanted_certificate: false,
            })
        };
        let plain = digest(&answer("Content-Length: 7", "welcome"));
        let chunked =
            digest(&answer("Transfer-Encoding: chunked", "3\r\nwel\r\n4;x=y\r\ncome\r\n0\r\n\r\n"));
        assert!(plain.is_ok());
        assert_eq!(plain, chunked);
        assert_ne!(plain, digest(&answer("Content-Length: 7", "hacked!")));
        assert!(digest(&answer("Seawall-Verdict: hold; code=x", "welcome")).is_err());
    }
}
