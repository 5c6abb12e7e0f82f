//! Who is signed in to the status page: random names in a bounded table.
//!
//! Nothing is kept over a restart, and a session opens the page only: programs show the token.
//! Bounds: [`SESSIONS_MAX`] sessions of [`SESSION_LIFE`]; a further one ends the oldest.

use data_encoding::HEXLOWER;
use std::collections::VecDeque;
use std::time::{Duration, Instant};
use subtle::ConstantTimeEq as _;

/// People of one organisation who look at one shield, with room.
pub(crate) const SESSIONS_MAX: usize = 32;

/// A working day; then the token is asked for again.
pub(crate) const SESSION_LIFE: Duration = Duration::from_hours(12);

/// Name of the cookie.
pub(crate) const COOKIE: &str = "seawall_session";

/// Open sessions, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    open: VecDeque<Session>,
}

#[derive(Debug)]
struct Session {
    id: String,
    ends: Instant,
}

impl Sessions {
    /// Opens a session and gives its name.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub(crate) fn begin(&mut self, now: Instant) -> Result<String, getrandom::Error> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        let id = HEXLOWER.encode(&bytes);
        if self.open.len() >= SESSIONS_MAX {
            self.open.pop_front();
        }
        self.open.push_back(Session { id: id.clone(), ends: now + SESSION_LIFE });
        Ok(id)
    }

    /// Whether `shown` names an open session.
    pub(crate) fn holds(&self, now: Instant, shown: &str) -> bool {
        self.open.iter().any(|session| now < session.ends && same(&session.id, shown))
    }

    /// Ends a session.
    pub(crate) fn end(&mut self, shown: &str) {
        self.open.retain(|session| !same(&session.id, shown));
    }
}

fn same(id: &str, shown: &str) -> bool {
    id.as_bytes().ct_eq(shown.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_opens_until_it_ends_or_its_life_is_over() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let id = sessions.begin(start).unwrap();
        assert!(sessions.holds(start, &id));
        assert!(!sessions.holds(start, &id[1..]));
        assert!(!sessions.holds(start + SESSION_LIFE, &id));
        sessions.end(&id);
        assert!(!sessions.holds(start, &id));
    }

    #[test]
    fn one_session_too_many_ends_the_oldest() {
        let (mut sessions, start) = (Sessions::default(), Instant::now());
        let ids: Vec<_> = (0..=SESSIONS_MAX).map(|_| sessions.begin(start).unwrap()).collect();
        assert!(!sessions.holds(start, &ids[0]));
        assert!(ids[1..].iter().all(|id| sessions.holds(start, id)));
    }
}
