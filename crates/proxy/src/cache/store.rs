//! The answers of one platform that may be shared.
//!
//! Bounds: the bytes that it is made for, and the same again for what is being gathered;
//! [`ANSWER_MAX`] bytes each; [`VARIANTS_MAX`] answers of one target; [`NOTES_MAX`] notes of targets.

use super::flights::Flights;
use super::heads::Key;
use super::kept::Kept;
use http::header::HeaderMap;
use moka::sync::Cache;
use seawall_types::Moment;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Bytes of one body at most, where the whole store is large enough.
const ANSWER_MAX: u64 = 8 << 20;
/// Part of the store that one answer may take.
const PART_MAX: u64 = 8;
/// Answers of one target; who varies more than that has the oldest go.
const VARIANTS_MAX: usize = 16;
/// Targets of which something is noted.
const NOTES_MAX: u64 = 16_384;
/// How long it is known of a target that its answers are not kept.
const ASIDE_FOR: Duration = Duration::from_mins(1);
/// More than an answer that was under way when its target changed can take.
const CHANGED_FOR: Duration = Duration::from_mins(2);
/// What the table takes for each key, about.
const KEY_BYTES: usize = 256;

type Variants = Arc<[Arc<Kept>]>;

/// The answers of one platform.
#[derive(Debug)]
pub(super) struct Store {
    answers: Cache<Key, Variants>,
    pub(super) flights: Flights,
    /// Targets whose answers are not kept: nobody waits for another there.
    asides: Cache<u64, ()>,
    /// When targets were changed.
    changed: Cache<u64, Moment>,
    hasher: RandomState,
    size: u64,
    gathering: AtomicU64,
    /// Answers that are being renewed after they were given.
    pub(super) renewals: AtomicU32,
}

impl Store {
    pub(super) fn new(size: u64) -> Self {
        let weigh = |key: &Key, variants: &Variants| {
            let bytes: usize = variants.iter().map(|kept| kept.bytes()).sum();
            u32::try_from(bytes + key.len() + KEY_BYTES).unwrap_or(u32::MAX)
        };
        let notes = |span| Cache::builder().max_capacity(NOTES_MAX).time_to_live(span);
        Self {
            answers: Cache::builder().max_capacity(size).weigher(weigh).build(),
            flights: Flights::default(),
            asides: notes(ASIDE_FOR).build(),
            changed: Cache::builder().max_capacity(NOTES_MAX).time_to_live(CHANGED_FOR).build(),
            hasher: RandomState::new(),
            size,
            gathering: AtomicU64::new(0),
            renewals: AtomicU32::new(0),
        }
    }

    /// Bytes that one body may have.
    pub(super) fn answer_max(&self) -> u64 {
        ANSWER_MAX.min(self.size / PART_MAX)
    }

    /// The answer that a request may have, fresh or not.
    pub(super) fn find(
        &self,
        key: &Key,
        (request, bears_cookie): (&HeaderMap, bool),
    ) -> Option<Arc<Kept>> {
        let variants = self.answers.get(&**key)?;
        variants.iter().find(|kept| kept.is_for(request, bears_cookie)).cloned()
    }

    /// Keeps an answer to what was asked at `asked`, unless its target has changed since.
    pub(super) fn keep(&self, key: &Key, kept: &Arc<Kept>, asked: Moment) {
        if self.changed.get(&self.hash(key)).is_some_and(|changed| changed >= asked) {
            return;
        }
        self.answers.entry(key.clone()).and_upsert_with(|known| {
            let known = known.map(moka::Entry::into_value);
            let others = known.iter().flat_map(|variants| variants.iter());
            let others = others.filter(|other| other.selecting != kept.selecting).cloned();
            std::iter::once(kept.clone()).chain(others).take(VARIANTS_MAX).collect()
        });
        // What goes for it goes now: its bytes are a bound and no wish.
        self.answers.run_pending_tasks();
    }

    /// Forgets every answer of a key.
    pub(super) fn forget(&self, key: &Key) {
        self.answers.invalidate(&**key);
    }

    /// Something may have changed what the key leads to.
    pub(super) fn has_changed(&self, key: &Key, now: Moment) {
        self.changed.insert(self.hash(key), now);
        self.forget(key);
    }

    /// Notes that answers to this are not kept.
    pub(super) fn put_aside(&self, key: &Key, bears_cookie: bool) {
        self.asides.insert(self.hash(key) ^ u64::from(bears_cookie), ());
    }

    /// Whether answers to this were not kept lately.
    pub(super) fn is_aside(&self, key: &Key, bears_cookie: bool) -> bool {
        self.asides.contains_key(&(self.hash(key) ^ u64::from(bears_cookie)))
    }

    /// Answers by target, and the bytes that they take.
    pub(super) fn filled(&self) -> (u64, u64) {
        (self.answers.entry_count(), self.answers.weighted_size())
    }

    fn hash(&self, key: &Key) -> u64 {
        self.hasher.hash_one(key)
    }
}

/// Room for an answer that is under way; given back when dropped.
pub(super) struct Room<'a> {
    store: &'a Store,
    bytes: u64,
}

impl<'a> Room<'a> {
    pub(super) fn none_yet(store: &'a Store) -> Self {
        Self { store, bytes: 0 }
    }

    /// Whether there is room for so many bytes more.
    pub(super) fn grow(&mut self, bytes: u64) -> bool {
        self.bytes += bytes;
        let all = self.store.gathering.fetch_add(bytes, Relaxed) + bytes;
        self.bytes <= self.store.answer_max() && all <= self.store.size
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        self.store.gathering.fetch_sub(self.bytes, Relaxed);
    }
}
