//! Navigations that a source and stack completed: a page, then something that it consists of.
//!
//! Bounds: [`VISITS_MAX`] visits under way. One that finds no place is not counted, which is
//! counted; one that rests for [`REST`] gives its place up.

use super::Fetch;
use seawall_types::Moment;
use std::time::Duration;

/// 8,192 visits at 24 bytes: 192 KiB.
pub const VISITS_MAX: usize = 8_192;
/// Navigations that prove.
pub const NAVIGATIONS: u8 = 3;
/// A sub-resource belongs to the last navigation when it comes so soon after.
const LOADS_WITHIN: Duration = Duration::from_secs(30);
/// A visit that rests for so long may be forgotten.
pub const REST: Duration = Duration::from_mins(30);
const WAYS: usize = 4;

#[derive(Debug, Clone, Copy, Default)]
struct Visit {
    mark: u64,
    navigated_at: Moment,
    completed: u8,
    loading: bool,
}

/// Visits under way.
#[derive(Debug)]
pub struct Visits {
    visits: Box<[Visit]>,
    saturated: u64,
}

impl Default for Visits {
    fn default() -> Self {
        let visits = vec![Visit::default(); VISITS_MAX].into_boxed_slice();
        Self { visits, saturated: 0 }
    }
}

impl Visits {
    /// Counts a request; whether it completed the last navigation that was needed.
    pub fn fetched(&mut self, now: Moment, mark: u64, fetch: Fetch) -> bool {
        let first = usize::try_from(mark >> 32).unwrap_or(0) % (VISITS_MAX / WAYS) * WAYS;
        let set = &mut self.visits[first..first + WAYS];
        let known = set.iter().position(|visit| visit.mark == mark);
        let free = |visit: &Visit| visit.mark == 0 || now.since(visit.navigated_at) > REST;
        let at = match (known, fetch) {
            (Some(at), _) => at,
            // Without a page before it, it says nothing.
            (None, Fetch::SubResource) => return false,
            (None, Fetch::Navigation) => {
                let Some(at) = set.iter().position(free) else {
                    self.saturated += 1;
                    return false;
                };
                set[at] = Visit { mark, ..Visit::default() };
                at
            }
        };
        let visit = &mut set[at];
        match fetch {
            Fetch::Navigation => {
                visit.navigated_at = now;
                visit.loading = true;
                false
            }
            Fetch::SubResource => {
                let completes = visit.loading && now.since(visit.navigated_at) <= LOADS_WITHIN;
                visit.loading = false;
                visit.completed = visit.completed.saturating_add(u8::from(completes));
                completes && visit.completed == NAVIGATIONS
            }
        }
    }

    /// Navigations that found no place.
    pub fn saturated(&self) -> u64 {
        self.saturated
    }
}
