//! Signed bots: requests signed as Web Bot Auth says (RFC 9421), by keys that the operator wrote down.
//!
//! No key is fetched, and none that a request brings along is looked at.
//! A signature costs more to check than anything else here, so how many are checked is rationed: for one
//! network, and for all together; beyond that a bot is nobody.
//! Bounds: [`KEYS_MAX`] keys of a lane; [`FIELDS_MAX`] bytes of the fields that a signature stands in;
//! a signature holds for [`LIFE_MAX_SECS`] at most.

use super::Asks;
use super::files::text;
use crate::core::Core;
use http::HeaderValue;
use http::header::HeaderMap;
use seawall_engine::admission::Prefix;
use seawall_engine::challenge::Taken;
use seawall_engine::challenge::spend::{Pace, Purpose};
use seawall_engine::policy::Allowance;
use seawall_types::{Moment, RequestRate};
use seawall_wire::forwarded::Proto;
use std::path::Path;
use std::time::Duration;
use web_bot_auth::WebBotAuthVerifier;
use web_bot_auth::components::{CoveredComponent, DerivedComponent, HTTPField};
use web_bot_auth::keyring::{JSONWebKeySet, KeyRing};
use web_bot_auth::message_signatures::SignedMessage;

/// Keys of one lane.
const KEYS_MAX: usize = 256;
/// Twice what a bot with two signatures sends.
const FIELDS_MAX: usize = 4_096;
/// Longer ones are not to be repeated for a day by whoever sees one.
const LIFE_MAX_SECS: i64 = 24 * 60 * 60;
/// A bot's clock may be ahead by this.
const AHEAD_MAX_SECS: i64 = 60;
/// Signatures that are checked in a second for all together: about a twentieth of a core.
const CHECKED_RPS: f64 = 500.0;
/// And for one network: one in this, and [`NETWORK_BURST`] at once.
const NETWORK_INTERVAL: Duration = Duration::from_millis(20);
const NETWORK_BURST: u32 = 50;

/// Keys of the bots of one lane.
#[derive(Debug)]
pub(super) struct Bots {
    ring: KeyRing,
    checked: Allowance,
    pace: Pace,
}

impl Bots {
    /// Reads keys as a JSON Web Key Set.
    ///
    /// # Errors
    /// What is wrong with the file, as the second half of a sentence.
    pub(super) fn load(path: &Path) -> Result<Self, String> {
        let set: JSONWebKeySet = serde_json::from_str(&text(path)?)
            .map_err(|cause| format!("it is no JSON Web Key Set ({cause})"))?;
        if set.keys.is_empty() || set.keys.len() > KEYS_MAX {
            return Err(format!("it holds {} keys; 1 to {KEYS_MAX} are taken", set.keys.len()));
        }
        let mut ring = KeyRing::default();
        for (key, number) in set.keys.iter().zip(1..) {
            ring.try_import_jwk(key).map_err(|cause| {
                format!("its key {number} is none that is taken ({cause:?}); use Ed25519")
            })?;
        }
        let checked = Allowance::new(RequestRate::new(CHECKED_RPS));
        Ok(Self { ring, checked, pace: Pace::every(NETWORK_INTERVAL, NETWORK_BURST) })
    }

    /// Whether a request is signed by one of the keys, here and now.
    pub(super) fn signed(&self, core: &Core, asks: Asks<'_>) -> bool {
        let headers = asks.request.headers();
        if fields_length(headers) > FIELDS_MAX {
            return false;
        }
        let Ok(parsed) = WebBotAuthVerifier::parse(&Signed(asks)) else { return false };
        let said = &parsed.get_parsed_label().base.parameters.details;
        let (Some(created), Some(expires)) = (said.created, said.expires) else { return false };
        let is_known = said.keyid.as_ref().is_some_and(|key| self.ring.get(key).is_some());
        is_known
            && holds((created, expires), i64::from(core.wall_secs()))
            && self.may_check(core.coarse_now(), core, asks)
            && parsed.verify(&self.ring, None).is_ok()
    }

    fn may_check(&self, now: Moment, core: &Core, asks: Asks<'_>) -> bool {
        let network = Prefix::of(asks.asker.client(asks.connection).address).to_bits();
        core.book().issue.used.take(now, (Purpose::Signature, network), self.pace) != Taken::Over
            && self.checked.take(now)
    }
}

/// Whether a signature from `created` to `expires` holds now, and for no longer than one may.
fn holds((created, expires): (i64, i64), now: i64) -> bool {
    let is_now = created <= now.saturating_add(AHEAD_MAX_SECS) && now < expires;
    is_now && expires.saturating_sub(created) <= LIFE_MAX_SECS
}

fn fields_length(headers: &HeaderMap) -> usize {
    let names = ["signature-input", "signature", "signature-agent"];
    let values = names.into_iter().flat_map(|name| headers.get_all(name));
    values.map(HeaderValue::len).sum()
}

/// A request as signatures see it.
struct Signed<'a>(Asks<'a>);

impl SignedMessage for Signed<'_> {
    fn lookup_component(&self, component: &CoveredComponent) -> Vec<String> {
        let Asks { connection, asker, request, .. } = self.0;
        let proto = asker.proto(connection);
        let authority = crate::request::authority(request).map(|text| plain_authority(text, proto));
        let path = request.uri().path();
        let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
        let value = match component {
            CoveredComponent::HTTP(HTTPField { name, parameters }) => {
                // Parameters change how a field is read, but for the one that names a key of it.
                if !parameters.0.is_empty() && name != "signature-agent" {
                    return Vec::new();
                }
                let values = request.headers().get_all(name.as_str()).iter();
                return values.filter_map(|value| value.to_str().ok().map(str::to_owned)).collect();
            }
            CoveredComponent::Derived(DerivedComponent::Authority { req: false }) => authority,
            CoveredComponent::Derived(DerivedComponent::Method { req: false }) => {
                Some(request.method().as_str().to_owned())
            }
            CoveredComponent::Derived(DerivedComponent::Path { req: false }) => {
                Some(path.to_owned())
            }
            CoveredComponent::Derived(DerivedComponent::TargetUri { req: false }) => {
                authority.map(|authority| format!("{}://{authority}{target}", scheme(proto)))
            }
            CoveredComponent::Derived(_) => None,
        };
        value.into_iter().collect()
    }
}

const fn scheme(proto: Proto) -> &'static str {
    match proto {
        Proto::Https => "https",
        Proto::Http => "http",
    }
}

/// The authority in lower case and without the usual port (RFC 9421 §2.2.3).
fn plain_authority(text: &str, proto: Proto) -> String {
    let lower = text.to_ascii_lowercase();
    let usual = match proto {
        Proto::Https => ":443",
        Proto::Http => ":80",
    };
    match lower.strip_suffix(usual) {
        Some(plain) => plain.to_owned(),
        None => lower,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_between_its_times_and_for_a_day_at_most() {
        assert!(holds((1_000, 2_000), 1_000) && holds((1_000, 2_000), 1_999));
        assert!(!holds((1_000, 2_000), 2_000) && !holds((1_000, 2_000), 939));
        assert!(!holds((0, LIFE_MAX_SECS + 1), 100) && !holds((i64::MIN, i64::MAX), 100));
    }

    #[test]
    fn an_authority_is_signed_without_its_usual_port() {
        assert_eq!(plain_authority("WWW.Example.org:443", Proto::Https), "www.example.org");
        assert_eq!(plain_authority("www.example.org:443", Proto::Http), "www.example.org:443");
        assert_eq!(plain_authority("www.example.org:80", Proto::Http), "www.example.org");
    }

    #[test]
    fn keys_are_read_from_a_set_and_what_is_no_key_is_said() {
        let path = std::env::temp_dir().join(format!("seawall-bots-{}", std::process::id()));
        let load = |text: &str| {
            std::fs::write(&path, text).unwrap();
            Bots::load(&path).map(drop)
        };
        // The key of RFC 9421's appendix B.1.4.
        let key = r#"{"kty":"OKP","crv":"Ed25519","kid":"test","x":"JrQLj5P_89iXES9-vFgrIy29clF9CC_oPPsw3c5D0bs"}"#;
        assert_eq!(load(&format!(r#"{{"keys":[{key}]}}"#)), Ok(()));
        assert!(load(r#"{"keys":[]}"#).unwrap_err().contains("1 to 256"));
        let other = r#"{"keys":[{"kty":"OKP","crv":"X25519","x":"AA"}]}"#;
        assert!(load(other).unwrap_err().contains("use Ed25519"));
        assert!(load("[]").is_err());
        std::fs::remove_file(path).unwrap();
    }
}
