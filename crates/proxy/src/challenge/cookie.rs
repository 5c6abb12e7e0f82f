//! The cookies that hold a token or a pass into a lane: taken out of what goes to the origin, set when
//! one passes or gets in.
//!
//! Over TLS it bears the prefix by which browsers keep it to this very host (RFC 6265bis §4.1.3.2).
//! Bounds: a token has one length and a pass another; anything else in their place is taken out and
//! forgotten.

use http::header::{COOKIE, HeaderMap, HeaderValue};
use seawall_engine::challenge::token::{LIFE_SECS, TEXT_BYTES, TokenText};
use seawall_engine::lane::{LaneText, pass};
use seawall_wire::forwarded::Proto;

/// What all our names begin with, behind what browsers demand of a name.
const OURS: &[u8] = b"seawall";
const SECURE: &[u8] = b"__Host-";
const TOKEN: &[u8] = b"=";
const LANE: &[u8] = b"-lane=";
/// How the name of a pass ends, as a head holds it.
pub(crate) const LANE_NAME: &[u8] = b"seawall-lane=";

/// What a request brought in the place of a token.
#[derive(Clone, Copy)]
pub(crate) struct Brought(pub(super) [u8; TEXT_BYTES]);

/// What a request brought in the place of a pass into a lane.
#[derive(Clone, Copy)]
pub(crate) struct BroughtPass(pub(crate) [u8; pass::TEXT_BYTES]);

/// What a request brought of ours.
#[derive(Clone, Copy, Default)]
pub(crate) struct Ours {
    pub(crate) token: Option<Brought>,
    pub(crate) pass: Option<BroughtPass>,
}

/// Takes our cookies out of the fields of a request that has cookies.
pub(crate) fn take(headers: &mut HeaderMap, proto: Proto) -> Ours {
    let mentions = |line: &HeaderValue| memchr::memmem::find(line.as_bytes(), OURS).is_some();
    if !headers.get_all(COOKIE).iter().any(mentions) {
        return Ours::default();
    }
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    let mut brought = Ours::default();
    for line in lines {
        let mut rest = Vec::with_capacity(line.len());
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let Some((is_secure, ours)) = ours(pair) else {
                if !rest.is_empty() {
                    rest.push(b';');
                }
                let pair = if rest.is_empty() { pair.trim_ascii_start() } else { pair };
                rest.extend_from_slice(pair);
                continue;
            };
            if is_secure != (proto == Proto::Https) {
                continue;
            }
            if let Some(text) = ours.strip_prefix(TOKEN).and_then(|text| text.try_into().ok()) {
                brought.token = brought.token.or(Some(Brought(text)));
            } else if let Some(text) = ours.strip_prefix(LANE).and_then(|text| text.try_into().ok())
            {
                brought.pass = brought.pass.or(Some(BroughtPass(text)));
            }
        }
        if let Some(rest) = HeaderValue::from_bytes(&rest).ok().filter(|rest| !rest.is_empty()) {
            headers.append(COOKIE, rest);
        }
    }
    brought
}

/// Whether a pair is one of ours over TLS or in clear, and what follows what all ours begin with.
fn ours(pair: &[u8]) -> Option<(bool, &[u8])> {
    let pair = pair.trim_ascii();
    let (is_secure, rest) = match pair.strip_prefix(SECURE) {
        Some(rest) => (true, rest),
        None => (false, pair),
    };
    let rest = rest.strip_prefix(OURS)?;
    (rest.starts_with(TOKEN) || rest.starts_with(LANE)).then_some((is_secure, rest))
}

/// What sets the cookie of a token.
pub(super) fn set(token: &TokenText, proto: Proto) -> Option<HeaderValue> {
    written(("seawall", token.as_str()), LIFE_SECS, proto)
}

/// What sets the cookie of a pass that holds for so long.
pub(crate) fn set_pass(pass: &LaneText, life_secs: u32, proto: Proto) -> Option<HeaderValue> {
    written(("seawall-lane", pass.as_str()), life_secs, proto)
}

fn written((name, value): (&str, &str), life_secs: u32, proto: Proto) -> Option<HeaderValue> {
    let (prefix, secure) = match proto {
        Proto::Https => ("__Host-", " Secure;"),
        Proto::Http => ("", ""),
    };
    let text = format!(
        "{prefix}{name}={value}; Path=/; Max-Age={life_secs};{secure} HttpOnly; SameSite=Lax"
    );
    HeaderValue::try_from(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(lines: &[&'static str], proto: Proto) -> (bool, Vec<String>) {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(COOKIE, HeaderValue::from_static(line));
        }
        let brought = take(&mut headers, proto).token.is_some();
        let left = headers.get_all(COOKIE).iter();
        (brought, left.map(|line| line.to_str().unwrap().to_owned()).collect())
    }

    const CRUMB: &str = "seawall=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn our_cookie_is_taken_out_and_every_other_stays_as_it_was() {
        let plain: &'static str = format!("sid=1; {CRUMB}; theme=dark").leak();
        assert_eq!(taken(&[plain], Proto::Http), (true, vec!["sid=1; theme=dark".to_owned()]));
        let first: &'static str = format!("__Host-{CRUMB}; b=2").leak();
        assert_eq!(taken(&[first], Proto::Https), (true, vec!["b=2".to_owned()]));
        let crumb: &'static str = format!("__Host-{CRUMB}").leak();
        assert_eq!(taken(&["a=1", crumb], Proto::Https), (true, vec!["a=1".to_owned()]));
        assert_eq!(taken(&[crumb], Proto::Https), (true, vec![]));
    }

    #[test]
    fn a_pass_into_a_lane_is_taken_out_beside_a_token() {
        let pass = "P".repeat(pass::TEXT_BYTES);
        let line = format!("a=1; __Host-seawall-lane={pass}; __Host-{CRUMB}; seawall-lanes=3");
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::try_from(line).unwrap());
        let ours = take(&mut headers, Proto::Https);
        assert_eq!(ours.pass.map(|pass| pass.0.to_vec()), Some(pass.into_bytes()));
        assert!(ours.token.is_some());
        assert_eq!(headers.get(COOKIE).unwrap(), "a=1; seawall-lanes=3");
    }

    #[test]
    fn a_cookie_that_anyone_on_the_way_could_have_set_is_worth_nothing_over_tls() {
        assert_eq!(taken(&[CRUMB], Proto::Https), (false, vec![]));
        assert_eq!(taken(&["seawall=short; a=1"], Proto::Http), (false, vec!["a=1".to_owned()]));
        let other = ["a=1;b=2", "notseawall=3"];
        assert_eq!(taken(&other, Proto::Http), (false, other.map(str::to_owned).to_vec()));
    }
}
