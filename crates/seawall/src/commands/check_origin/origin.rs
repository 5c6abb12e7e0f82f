//! The questions to one address of one origin, and what their answers come to.
//!
//! Bounds: one greeting, then four questions and what port 443 is asked, all at once.

mod judge;

use super::ask::{Carriage, Question, Said, ask};
use super::handshake::{Greeting, greet};
use super::likeness::{is_locked_by_certificate, told};
use super::line::cut;
use super::ours::Ours;
use super::way::{Finding, Sight, Way};
use crate::certificate::CertificateFacts;
use seawall_config::{HostPattern, Platform};
use seawall_proxy::SecretWord;
use std::net::{IpAddr, SocketAddr};
use std::thread;

/// The port on which scans look for certificates.
const HTTPS: u16 = 443;
/// A secret that no origin was ever told, of the length of one.
const WRONG_SECRET: &str = "wrong-secret-of-seawall-check-origin-000000";
/// A client address for the header that origins read it from (RFC 5737).
const SOMEBODY: &str = "192.0.2.1";

/// One address of an origin.
pub(super) struct Place<'a> {
    pub(super) platform: &'a Platform,
    pub(super) address: SocketAddr,
    /// What the shield sends to it; none where it has no secret.
    pub(super) secret: Option<&'a SecretWord>,
    pub(super) from: Option<IpAddr>,
    pub(super) ours: &'a Ours,
}

/// What one address said.
struct Heard {
    /// To anybody.
    direct: Said,
    /// To the shield; none where it has no secret, and over TLS, where nothing vouches here for
    /// whom the secret would be told.
    shield: Option<Said>,
    /// To who shows a wrong secret; none where there is no right one.
    wrong: Option<Said>,
}

/// What came of asking one address.
#[derive(Debug, Default)]
pub(super) struct Looked {
    pub(super) findings: Vec<Finding>,
    /// Why it could not be asked.
    pub(super) unasked: Option<String>,
    /// What could not be told apart, each a sentence.
    pub(super) unclear: Vec<String>,
    /// What carries requests there, once that is known.
    pub(super) carriage: Option<Carriage>,
}

impl Place<'_> {
    /// The origin with its address, as an URL.
    pub(super) fn url(&self, carriage: Carriage) -> String {
        let scheme = match carriage {
            Carriage::Plain => "http",
            Carriage::Tls => "https",
        };
        format!("{scheme}://{}", self.address)
    }

    /// A name that the platform answers for.
    pub(super) fn host(&self) -> String {
        match self.platform.hosts.first() {
            Some(HostPattern::Exact(name)) => name.clone(),
            Some(HostPattern::Wildcard(suffix)) => format!("www.{suffix}"),
            None => String::new(),
        }
    }

    /// Asks everything.
    pub(super) fn look(&self) -> Looked {
        let mut looked = Looked::default();
        let (carriage, wanted) = match greet(self.address, self.from) {
            Greeting::Unreached(cause) => {
                let url = self.url(Carriage::Plain);
                looked.unasked = Some(format!("{url} cannot be connected to: {cause}"));
                return looked;
            }
            Greeting::NotTls if self.is_to_speak_tls() => {
                let url = self.url(Carriage::Tls);
                looked.unasked = Some(format!(
                    "{url} finishes no TLS handshake for its address; nothing is asked of it in clear"
                ));
                return looked;
            }
            Greeting::NotTls => (Carriage::Plain, false),
            Greeting::Tls(seen) => {
                looked.findings.extend(self.certificate_names(self.address, seen.certificate()));
                (Carriage::Tls, seen.wanted_ours())
            }
        };
        looked.carriage = Some(carriage);
        let heard = thread::scope(|scope| {
            let beside = scope.spawn(|| self.https_beside());
            let page = scope.spawn(|| self.default_page(carriage));
            let heard = self.hear(carriage);
            looked.findings.extend(page.join().ok().flatten());
            looked.findings.extend(beside.join().unwrap_or_default());
            heard
        });
        self.judge(carriage, (&heard, wanted), &mut looked);
        looked
    }

    /// Whether the configuration says that TLS is spoken at this port: then nothing, and least of all
    /// the secret, goes there in clear.
    fn is_to_speak_tls(&self) -> bool {
        let mut origins = self.platform.origins.iter();
        origins.any(|url| url.protocol.is_tls() && url.port == self.address.port())
    }

    /// Asks as anybody, as the shield and with a wrong secret, at once.
    fn hear(&self, carriage: Carriage) -> Heard {
        let with = |secret: &str| self.ask(carriage, Some(secret));
        thread::scope(|scope| {
            let told = self.secret.filter(|_| carriage == Carriage::Plain);
            let shield = scope.spawn(move || told.map(|secret| with(secret.expose())));
            let wrong = scope.spawn(|| self.secret.map(|_| with(WRONG_SECRET)));
            let direct = self.ask(carriage, None);
            Heard {
                direct,
                shield: shield.join().ok().flatten(),
                wrong: wrong.join().ok().flatten(),
            }
        })
    }

    /// What the shield sends beside the secret, which anybody can send as well.
    fn forwarded(&self) -> [(&str, &str); 2] {
        let proto = if self.platform.certificate.is_some() { "https" } else { "http" };
        [("X-Forwarded-For", SOMEBODY), ("X-Forwarded-Proto", proto)]
    }

    fn ask(&self, carriage: Carriage, secret: Option<&str>) -> Said {
        let host = self.host();
        let mut fields = self.forwarded().to_vec();
        let header = self.platform.origin_secret.as_ref().map(|told| told.header.as_str());
        fields.extend(header.zip(secret));
        let question = Question { address: self.address, carriage, host: &host, path: "/", fields };
        ask(&question, self.from)
    }

    /// The platform's name in what a scan of addresses gets.
    fn default_page(&self, carriage: Carriage) -> Option<Finding> {
        let host = self.address.to_string();
        let (address, fields) = (self.address, Vec::new());
        let question = Question { address, carriage, host: &host, path: "/", fields };
        let Said::Answer(answer) = ask(&question, self.from) else {
            return None;
        };
        let text = answer.text().to_ascii_lowercase();
        let line = text.lines().find(|line| self.names_platform(line))?;
        let remedy = "have the origin refuse hosts that it does not serve (return 444 in a default \
                      server of nginx), and let only the shield reach its port (firewall below)";
        let answered = format!("a line that names the platform: {}", cut(line));
        Some(self.finding(
            (Way::AnswerTells, Sight::FromHere),
            (carriage, "by address alone, as scans do"),
            (&answered, remedy),
        ))
    }

    fn names_platform(&self, line: &str) -> bool {
        self.platform.hosts.iter().any(|host| match host {
            // A single label is a word like any other.
            HostPattern::Exact(name) => name.contains('.') && line.contains(name.as_str()),
            HostPattern::Wildcard(suffix) => line.contains(&format!(".{suffix}")),
        })
    }

    /// Port 443 of the same address, where an origin may answer beside its configured port.
    fn https_beside(&self) -> Vec<Finding> {
        let beside = SocketAddr::new(self.address.ip(), HTTPS);
        if self.address.port() == HTTPS || self.ours.listens_on(beside) {
            return Vec::new();
        }
        let Greeting::Tls(seen) = greet(beside, self.from) else {
            return Vec::new();
        };
        let mut findings = self.certificate_names(beside, seen.certificate());
        let (host, fields) = (self.host(), self.forwarded().to_vec());
        let carriage = Carriage::Tls;
        let question = Question { address: beside, carriage, host: &host, path: "/", fields };
        let said = ask(&question, self.from);
        if !is_locked_by_certificate(&said) {
            let remedy = "close port 443 of the origin's address to all but the shield";
            let mut finding = self.finding(
                (Way::Direct, Sight::FromHere),
                (Carriage::Tls, "on port 443, as anybody can"),
                (&told(&said), remedy),
            );
            finding.place = format!("https://{beside}");
            findings.push(finding);
        }
        findings
    }

    fn certificate_names(&self, address: SocketAddr, der: Option<&[u8]>) -> Vec<Finding> {
        let facts = der.and_then(CertificateFacts::of);
        let named = facts.as_ref().and_then(|facts| facts.name_of(&self.platform.hosts));
        let finding = named.map(|name| Finding {
            way: Way::CertificateNames,
            platform: self.platform.name.clone(),
            place: format!("https://{address}"),
            asked: "TLS by address alone, as scans do".to_owned(),
            answered: format!("a certificate for {name}"),
            remedy: "give the origin a certificate of your own authority, or one for a name that \
                     nobody knows; let only the shield reach its port (firewall below)"
                .to_owned(),
            sight: Sight::FromHere,
        });
        finding.into_iter().collect()
    }

    fn finding(
        &self,
        (way, sight): (Way, Sight),
        (carriage, asked): (Carriage, &str),
        (answered, remedy): (&str, &str),
    ) -> Finding {
        Finding {
            way,
            platform: self.platform.name.clone(),
            place: self.url(carriage),
            asked: format!("GET / of {} {asked}", self.host()),
            answered: answered.to_owned(),
            remedy: remedy.to_owned(),
            sight,
        }
    }
}
