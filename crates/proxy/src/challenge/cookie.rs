//! The cookie that holds a token: taken out of what goes to the origin, set when one passes.
//!
//! Over TLS it bears the prefix by which browsers keep it to this very host (RFC 6265bis §4.1.3.2).
//! Bounds: a token has one length; anything else in its place is taken out and forgotten.

use http::header::{COOKIE, HeaderMap, HeaderValue};
use seawall_engine::challenge::token::{LIFE_SECS, TEXT_BYTES, TokenText};
use seawall_wire::forwarded::Proto;

const PLAIN: &[u8] = b"seawall=";
const SECURE: &[u8] = b"__Host-seawall=";

/// What a request brought in the place of a token.
#[derive(Clone, Copy)]
pub(crate) struct Brought(pub(super) [u8; TEXT_BYTES]);

/// Takes our cookie out of the fields of a request that has cookies.
pub(crate) fn take(headers: &mut HeaderMap, proto: Proto) -> Option<Brought> {
    let mentions = |line: &HeaderValue| memchr::memmem::find(line.as_bytes(), PLAIN).is_some();
    if !headers.get_all(COOKIE).iter().any(mentions) {
        return None;
    }
    let lines: Vec<HeaderValue> = headers.get_all(COOKIE).iter().cloned().collect();
    headers.remove(COOKIE);
    let mut brought = None;
    for line in lines {
        let mut rest = Vec::with_capacity(line.len());
        for pair in line.as_bytes().split(|byte| *byte == b';') {
            let (secure, plain) = (value(pair, SECURE), value(pair, PLAIN));
            if secure.is_none() && plain.is_none() {
                if !rest.is_empty() {
                    rest.push(b';');
                }
                let pair = if rest.is_empty() { pair.trim_ascii_start() } else { pair };
                rest.extend_from_slice(pair);
            }
            let ours = if proto == Proto::Https { secure } else { plain };
            let text = ours.and_then(|text| text.try_into().ok());
            brought = brought.or(text.map(Brought));
        }
        if let Some(rest) = HeaderValue::from_bytes(&rest).ok().filter(|rest| !rest.is_empty()) {
            headers.append(COOKIE, rest);
        }
    }
    brought
}

fn value<'a>(pair: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    pair.trim_ascii().strip_prefix(name)
}

/// What sets the cookie.
pub(super) fn set(token: &TokenText, proto: Proto) -> Option<HeaderValue> {
    let token = token.as_str();
    let text = match proto {
        Proto::Https => format!(
            "__Host-seawall={token}; Path=/; Max-Age={LIFE_SECS}; Secure; HttpOnly; SameSite=Lax"
        ),
        Proto::Http => {
            format!("seawall={token}; Path=/; Max-Age={LIFE_SECS}; HttpOnly; SameSite=Lax")
        }
    };
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
        let brought = take(&mut headers, proto).is_some();
        let left = headers.get_all(COOKIE).iter();
        (brought, left.map(|line| line.to_str().unwrap().to_owned()).collect())
    }

    const TOKEN: &str = "seawall=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn our_cookie_is_taken_out_and_every_other_stays_as_it_was() {
        let plain: &'static str = format!("sid=1; {TOKEN}; theme=dark").leak();
        assert_eq!(taken(&[plain], Proto::Http), (true, vec!["sid=1; theme=dark".to_owned()]));
        let first: &'static str = format!("__Host-{TOKEN}; b=2").leak();
        assert_eq!(taken(&[first], Proto::Https), (true, vec!["b=2".to_owned()]));
        let crumb: &'static str = format!("__Host-{TOKEN}").leak();
        assert_eq!(taken(&["a=1", crumb], Proto::Https), (true, vec!["a=1".to_owned()]));
        assert_eq!(taken(&[crumb], Proto::Https), (true, vec![]));
    }

    #[test]
    fn a_cookie_that_anyone_on_the_way_could_have_set_is_worth_nothing_over_tls() {
        assert_eq!(taken(&[TOKEN], Proto::Https), (false, vec![]));
        assert_eq!(taken(&["seawall=short; a=1"], Proto::Http), (false, vec!["a=1".to_owned()]));
        let other = ["a=1;b=2", "notseawall=3"];
        assert_eq!(taken(&other, Proto::Http), (false, other.map(str::to_owned).to_vec()));
    }
}
