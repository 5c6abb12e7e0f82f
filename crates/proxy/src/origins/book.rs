//! What is kept over reloads: origins by what a connection to them is worth, and budgets by platform.
//!
//! Asked when settings are taken up, never on the way of a request.
//! Bounds: the origins that a core still uses; the rest is forgotten when another is asked for.

use super::OriginState;
use super::budget::RetryBudget;
use crate::upstream::place::{Place, Worth};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// The origins that cores use, and what platforms may repeat.
#[derive(Debug, Default)]
pub(crate) struct OriginBook {
    states: Mutex<HashMap<Worth, Weak<OriginState>>>,
    budgets: Mutex<Vec<Arc<RetryBudget>>>,
}

impl OriginBook {
    /// The state of an origin: the one that cores share, or a new one.
    ///
    /// One place that proves itself in two ways is two: only one of them may fail.
    pub(crate) fn origin(&self, place: &Place) -> Arc<OriginState> {
        let mut states = locked(&self.states);
        let worth = place.worth();
        if let Some(state) = states.get(&worth).and_then(Weak::upgrade) {
            return state;
        }
        states.retain(|_, state| state.strong_count() > 0);
        let state = Arc::new(OriginState::new(&place.url));
        states.insert(worth, Arc::downgrade(&state));
        state
    }

    /// The state of an origin, if a core uses it.
    pub(crate) fn known(&self, place: &Place) -> Option<Arc<OriginState>> {
        locked(&self.states).get(&place.worth()).and_then(Weak::upgrade)
    }

    /// The budget of a platform, by its index.
    pub(crate) fn budget(&self, platform: usize) -> Arc<RetryBudget> {
        let mut budgets = locked(&self.budgets);
        if budgets.len() <= platform {
            budgets.resize_with(platform + 1, Arc::default);
        }
        budgets[platform].clone()
    }
}

/// Each change is whole by itself, so a panic elsewhere leaves nothing half done.
fn locked<T>(kept: &Mutex<T>) -> MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_one_for_all_while_a_core_uses_it_and_forgotten_after() {
        let book = OriginBook::default();
        let [one, two] =
            [1, 2].map(|n| Place::new(format!("http://192.0.2.{n}").parse().unwrap(), None));
        let first = book.origin(&one);
        assert!(Arc::ptr_eq(&first, &book.origin(&one)));
        drop(first);
        assert!(book.known(&one).is_none());
        let _second = book.origin(&two);
        assert_eq!(locked(&book.states).len(), 1);
    }
}
