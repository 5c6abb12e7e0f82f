//! Whether an answer that is kept may be used now (RFC 9111 §4, RFC 5861).

use super::store::Terms;

/// How an answer that is kept stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It may be used.
    Fresh,
    /// It may be used once more while the origin is asked (RFC 5861 §3).
    WhileRevalidating,
    /// The origin must be asked; where that fails, it may be used (RFC 5861 §4).
    IfError,
    /// The origin must be asked.
    Stale,
}

impl Terms {
    /// Its age once it has been kept for so many seconds (RFC 9111 §4.2.3).
    pub fn age_s(&self, kept_s: u64) -> u64 {
        u64::from(self.age_at_arrival_s) + kept_s
    }

    /// How it stands once it has been kept for so many seconds (RFC 9111 §4.2).
    pub fn standing(&self, kept_s: u64) -> Standing {
        let Some(over) = self.age_s(kept_s).checked_sub(u64::from(self.lifetime_s)) else {
            return Standing::Fresh;
        };
        if over < u64::from(self.while_revalidate_s) {
            Standing::WhileRevalidating
        } else if over < u64::from(self.if_error_s) {
            Standing::IfError
        } else {
            Standing::Stale
        }
    }

    /// Whether it may be used where the origin gives no answer or a bad one, after so many seconds.
    pub fn may_stand_in(&self, kept_s: u64) -> bool {
        let age = self.age_s(kept_s);
        age < u64::from(self.lifetime_s) + u64::from(self.if_error_s)
    }
}

/// Whether an answer says that its origin failed (RFC 5861 §4).
pub const fn is_error(status: u16) -> bool {
    matches!(status, 500 | 502 | 503 | 504)
}

/// Whether a request may have changed what is kept of its target (RFC 9111 §4.4).
///
/// A method that nobody knows is taken for one that changes things.
pub fn invalidates(method: &str, status: u16) -> bool {
    let safe = matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
    !safe && (200..400).contains(&status)
}
