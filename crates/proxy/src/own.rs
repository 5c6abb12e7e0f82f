//! What a platform says in its own name: the secret towards its origins, the operator's pages and
//! how long TLS is a must towards its visitors.

use crate::answer::Refusal;
use crate::connection::Connection;
use crate::lane;
use crate::pages::Page;
use crate::secret::{OriginSecret, SecretWord};
use crate::settings::SettingsFault;
use http::header::{HeaderMap, HeaderValue, STRICT_TRANSPORT_SECURITY};
use seawall_config as config;
use seawall_types::{Reason, Verdict};
use std::path::Path;

/// What one platform says in its own name.
#[derive(Debug, Default)]
pub(crate) struct Own {
    pub(crate) secret: Option<OriginSecret>,
    /// Whether requests name the shield in `Via`.
    pub(crate) via: bool,
    pub(crate) hsts: Option<HeaderValue>,
    error_page: Option<Page>,
    pub(crate) maintenance: Option<Page>,
}

impl Own {
    /// Reads everything that `platform` names.
    ///
    /// # Errors
    /// Every file that cannot be used.
    pub(crate) fn load(platform: &config::Platform) -> Result<Self, Vec<SettingsFault>> {
        let mut faults = Vec::new();
        let mut tell = |line, key: &str, problem: String| {
            let problem = format!("platform.{key} of {}: {problem}", platform.name);
            faults.push(SettingsFault { line, problem });
        };
        let mut page = |key: &str, file: &Option<config::PageFile>| {
            let file = file.as_ref()?;
            Page::read(&file.path).map_err(|problem| tell(file.line, key, problem)).ok()
        };
        let answers = &platform.own_answers;
        let error_page = page("error_page", &answers.error_page);
        let maintenance = page("maintenance", &answers.maintenance);
        let secret = platform.origin_secret.as_ref().and_then(|told| {
            let key = "origin_secret_file";
            OriginSecret::read(told).map_err(|problem| tell(told.line, key, problem)).ok()
        });
        let hsts = answers.hsts.and_then(|hsts| HeaderValue::try_from(hsts_text(hsts)).ok());
        if faults.is_empty() {
            Ok(Self { secret, via: platform.via, hsts, error_page, maintenance })
        } else {
            Err(faults)
        }
    }

    /// Makes the head of an answer ready to leave, whoever wrote it.
    ///
    /// A plain connection never carries how long TLS is a must (RFC 6797 §7.2), and nothing shows
    /// the secret.
    pub(crate) fn finish(&self, connection: &Connection, headers: &mut HeaderMap) {
        if let Some(secret) = &self.secret {
            headers.remove(&secret.name);
        }
        match &self.hsts {
            Some(hsts) if connection.tls => {
                headers.entry(STRICT_TRANSPORT_SECURITY).or_insert_with(|| hsts.clone());
            }
            Some(_) => {
                headers.remove(STRICT_TRANSPORT_SECURITY);
            }
            None => {}
        }
    }

    /// The operator's page for an answer of ours to a person, if there is one.
    pub(crate) fn page(&self, refusal: &Refusal) -> Option<&Page> {
        match (refusal.verdict, refusal.reason) {
            (Verdict::Hold, Reason::Maintenance) => self.maintenance.as_ref(),
            (Verdict::Error, _) if refusal.status.is_server_error() => self.error_page.as_ref(),
            _ => None,
        }
    }
}

/// `max-age=…` as RFC 6797 §6.1 writes it.
fn hsts_text(hsts: config::Hsts) -> String {
    let seconds = hsts.max_age.as_secs();
    match hsts.reach {
        config::HstsReach::Host => format!("max-age={seconds}"),
        config::HstsReach::Subdomains => format!("max-age={seconds}; includeSubDomains"),
    }
}

/// What is wrong with a file that a configuration names and that is no certificate.
///
/// A secret that is missing is no fault, since starting makes it.
pub fn inspect_file(kind: config::FileKind, path: &Path) -> Option<String> {
    match kind {
        config::FileKind::Page => Page::read(path).err(),
        config::FileKind::OriginSecret if !path.exists() => None,
        config::FileKind::OriginSecret => SecretWord::read(path).err(),
        config::FileKind::LaneKeys
        | config::FileKind::WebhookSecret
        | config::FileKind::CrawlerRanges
        | config::FileKind::BotKeys
        | config::FileKind::ClientAuthorities => lane::inspect(kind, path),
    }
}
