//! Like questions are one route: the kind of method and the path with what varies taken out.
//!
//! Takes a method and a path; gives a [`RouteKey`].
//! What varies is told by [`seawall_types::template`], the same rules by which traits are made.
//! Never allocates, keeps text, or looks at more than
//! [`PATH_BYTES_MAX`](seawall_types::template::PATH_BYTES_MAX) of a path.

use seawall_types::template::Template;
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// Whether a request reads or changes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MethodKind {
    /// GET, HEAD, OPTIONS.
    Read,
    /// Everything else.
    Write,
}

impl MethodKind {
    /// The kind of a method by its name.
    pub fn of(method: &str) -> Self {
        match method {
            "GET" | "HEAD" | "OPTIONS" => Self::Read,
            _ => Self::Write,
        }
    }
}

/// Keys the hash, so that nobody can make their route meet another's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteSeed(pub [u64; 2]);

/// A class of like questions, as a keyed hash of its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RouteKey(u64);

impl RouteKey {
    /// The route of a request with this method and target path (a query may follow).
    pub fn of(seed: RouteSeed, method: MethodKind, path_and_query: &str) -> Self {
        Self::of_template(seed, method, &Template::of(path_and_query))
    }

    /// The same for whoever has the template of the path already.
    pub fn of_template(seed: RouteSeed, method: MethodKind, template: &Template) -> Self {
        let query = u8::from(template.has_query());
        let mut hasher = SipHasher13::new_with_keys(seed.0[0], seed.0[1]);
        hasher.write(template.bytes());
        hasher.write(&[query << 1 | u8::from(method == MethodKind::Write)]);
        Self(hasher.finish() | 1)
    }

    /// As a number; never zero.
    pub fn to_bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> RouteKey {
        RouteKey::of(RouteSeed([3, 4]), MethodKind::Read, path)
    }

    #[test]
    fn identifiers_and_queries_do_not_make_new_routes() {
        for (one, other) in [
            ("/donate/123", "/donate/99887"),
            ("/user/5f3e9c1a/photo", "/user/00ff00ff/photo"),
            ("/s/aGVsbG8gd29ybGQ", "/s/Zm9vYmFyYmF6cXV4"),
            ("/static/app.8f3a1c.js", "/static/app.11bb22.js"),
            ("/search?q=one", "/search?q=two&page=3"),
            ("/a/b/c/d/e/f/g", "/a/b/c/d/e/f/h"),
        ] {
            assert_eq!(key(one), key(other), "{one} {other}");
        }
    }

    #[test]
    fn different_questions_stay_different_routes() {
        let paths = ["/", "/dyn", "/dyn?x", "/donate/1", "/donate/1/receipt", "/about", "/News"];
        let mut keys: Vec<_> = paths.iter().map(|path| key(path)).collect();
        keys.push(key("/static/app.8f3a1c.css"));
        keys.push(key("/static/app.8f3a1c.js"));
        keys.push(RouteKey::of(RouteSeed([3, 4]), MethodKind::of("POST"), "/dyn"));
        keys.push(RouteKey::of(RouteSeed([5, 4]), MethodKind::Read, "/dyn"));
        let all = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), all);
    }

    #[test]
    fn a_path_of_any_bytes_has_a_route() {
        for path in ["", "?", "//", "*", "/é/ü", &"/x".repeat(10_000), &"a".repeat(10_000)] {
            assert_ne!(key(path).to_bits(), 0, "{path:.20}");
        }
    }
}
