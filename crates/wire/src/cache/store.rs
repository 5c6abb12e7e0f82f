//! Whether an answer may be kept, and on which terms (RFC 9111 §3, §4.2).

use super::control::{Control, SECONDS_MAX, seconds};
use super::fields::{Fields, date};
use super::target::is_disguised;
use super::wish::{Asked, Part};

/// An answer, as a cache sees it.
#[derive(Debug, Clone, Copy)]
pub struct Answer<'a, F> {
    /// Its status.
    pub status: u16,
    /// Its fields.
    pub fields: &'a F,
}

/// When a request was sent and its answer came, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// When it was sent.
    pub asked_s: u64,
    /// When the head of its answer came.
    pub came_s: u64,
}

/// On which terms an answer is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// For how long it is fresh, by its age.
    pub lifetime_s: u32,
    /// Its age when it came (RFC 9111 §4.2.3).
    pub age_at_arrival_s: u32,
    /// For how long it may then be used while the origin is asked.
    pub while_revalidate_s: u32,
    /// For how long it may then be used where the origin fails.
    pub if_error_s: u32,
    /// Whether the origin said that it is for everyone: then those who bear cookies get it too.
    pub for_everyone: bool,
}

/// Why an answer is not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotKept {
    /// Its request has no part in a cache, or may not fill it.
    Request,
    /// Its status says that it is not whole, or an error, or nothing that is known.
    Status,
    /// `no-store`, `no-cache` or `private`.
    Forbidden,
    /// It sets a cookie.
    SetsCookie,
    /// It differs by what cannot be told again.
    Varies,
    /// Its request bore a cookie, and it does not say that it is for everyone.
    Personal,
    /// It does not say for how long it may be kept, or that time is over.
    NoLifetime,
    /// It calls itself a file and is a page.
    Disguised,
}

impl Terms {
    /// The terms of a copy that its operator wants kept, whatever its origin says of time.
    pub const fn of_copy(age_at_arrival_s: u32) -> Self {
        Self {
            lifetime_s: 0,
            age_at_arrival_s,
            while_revalidate_s: 0,
            if_error_s: 0,
            for_everyone: true,
        }
    }
}

/// Errors are kept no longer: who provokes one must not have it stay.
pub const ERROR_LIFETIME_MAX_S: u32 = 10;

/// The terms on which an answer may be kept.
///
/// # Errors
/// Why it may not.
pub fn terms<Q: Fields, A: Fields>(
    asked: &Asked<'_, Q>,
    answer: &Answer<'_, A>,
    times: Times,
) -> Result<Terms, NotKept> {
    if asked.part() != Part::Fills {
        return Err(NotKept::Request);
    }
    kept(asked.target, asked.bears_cookie(), answer, times)
}

/// The terms of an answer to a request that may fill a cache.
///
/// # Errors
/// Why it may not be kept.
pub fn kept<A: Fields>(
    target: &str,
    bears_cookie: bool,
    answer: &Answer<'_, A>,
    times: Times,
) -> Result<Terms, NotKept> {
    let Answer { status, fields } = *answer;
    let is_gone = matches!(status, 404 | 410);
    // Those that are whole and final; errors show what somebody did to a request (§3, §15.1 of 9110).
    let is_known = is_gone || matches!(status, 200 | 203 | 301 | 308);
    if !is_known || fields.has("content-range") {
        return Err(NotKept::Status);
    }
    let control = Control::of(fields);
    if control.no_store() || control.private() || control.no_cache() {
        return Err(NotKept::Forbidden);
    }
    if fields.has("set-cookie") {
        return Err(NotKept::SetsCookie);
    }
    if fields.members("vary").any(|name| name == b"*") {
        return Err(NotKept::Varies);
    }
    let for_everyone = control.public() || control.shared_max_age_s.is_some();
    if bears_cookie && !for_everyone {
        return Err(NotKept::Personal);
    }
    if is_disguised(target, fields.first("content-type")) {
        return Err(NotKept::Disguised);
    }
    let told_s = lifetime_s(fields, &control, times).ok_or(NotKept::NoLifetime)?;
    let most = if is_gone { ERROR_LIFETIME_MAX_S } else { SECONDS_MAX };
    let stale = |told: Option<u32>| {
        if control.must_revalidate() || is_gone { 0 } else { told.unwrap_or(0) }
    };
    let terms = Terms {
        lifetime_s: told_s.min(most),
        age_at_arrival_s: age_s(fields, times),
        while_revalidate_s: stale(control.while_revalidate_s),
        if_error_s: stale(control.if_error_s),
        for_everyone,
    };
    let last =
        u64::from(terms.lifetime_s) + u64::from(terms.while_revalidate_s.max(terms.if_error_s));
    if terms.age_s(0) < last { Ok(terms) } else { Err(NotKept::NoLifetime) }
}

/// How long an answer says that it is fresh; none where it does not, since we do not guess
/// (§4.2.1, §4.2.2).
fn lifetime_s(fields: &impl Fields, control: &Control, times: Times) -> Option<u32> {
    if let Some(told) = control.shared_max_age_s.or(control.max_age_s) {
        return Some(told);
    }
    let mut expires = fields.lines("expires");
    let (line, further) = (expires.next()?, expires.next());
    // One that cannot be read is over (§5.3), and so is one that stands twice.
    let Some(expires) = date(line).filter(|_| further.is_none()) else { return Some(0) };
    let date = fields.first("date").and_then(date).unwrap_or(times.came_s);
    Some(u32::try_from(expires.saturating_sub(date)).unwrap_or(SECONDS_MAX).min(SECONDS_MAX))
}

/// Its age when it came (§4.2.3).
pub fn age_s(fields: &impl Fields, times: Times) -> u32 {
    let told = match fields.first("age") {
        None => 0,
        // One that cannot be read may be anything (§5.1).
        Some(line) if line.is_empty() || !line.iter().all(u8::is_ascii_digit) => SECONDS_MAX,
        Some(line) => seconds(line),
    };
    let date = fields.first("date").and_then(date).unwrap_or(times.came_s);
    let apparent = times.came_s.saturating_sub(date);
    let corrected = u64::from(told) + times.came_s.saturating_sub(times.asked_s);
    u32::try_from(apparent.max(corrected)).unwrap_or(SECONDS_MAX).min(SECONDS_MAX)
}
