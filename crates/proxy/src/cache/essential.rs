//! Copies of essential pages, fetched by the shield itself as anybody would get them.
//!
//! Kept for [`super::HOSTS_MAX`] hosts of a platform; given for the exact target alone.
//! Bounds: [`BYTES_MAX`] bytes a platform, [`PAGE_MAX`] bytes each.

use super::kept::Kept;
use arc_swap::ArcSwapOption;
use seawall_types::Moment;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

/// Bytes of all copies of a platform.
const BYTES_MAX: u64 = 64 << 20;
/// Bytes of one copy.
pub(super) const PAGE_MAX: u64 = 4 << 20;

/// The essential pages of a platform.
#[derive(Debug)]
pub(super) struct Essential {
    pub(super) pages: Vec<Page>,
    by_address: HashMap<Box<str>, usize>,
    /// Whether one is being fetched: never two at once.
    pub(super) busy: AtomicBool,
    /// Whether the origin wants visitors to come by the other scheme.
    pub(super) other_scheme: AtomicBool,
}

/// One page on one host.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) host: String,
    pub(super) target: String,
    copy: ArcSwapOption<Kept>,
    /// When it is fetched next, in nanoseconds.
    pub(super) due: AtomicU64,
    /// Whether the operator knows that it cannot be kept.
    told: AtomicBool,
}

impl Essential {
    pub(super) fn new(hosts: &[String], targets: &[String]) -> Self {
        let page = |host: &String, target: &String| Page {
            host: host.clone(),
            target: target.clone(),
            copy: ArcSwapOption::empty(),
            due: AtomicU64::new(0),
            told: AtomicBool::new(false),
        };
        let pages: Vec<Page> =
            hosts.iter().flat_map(|host| targets.iter().map(|target| page(host, target))).collect();
        let by_address =
            pages.iter().enumerate().map(|(at, page)| (name(&page.host, &page.target), at));
        Self {
            by_address: by_address.collect(),
            pages,
            busy: AtomicBool::new(false),
            other_scheme: AtomicBool::new(false),
        }
    }

    /// The copy of a page, if there is one.
    pub(super) fn find(&self, host: &str, target: &str) -> Option<Arc<Kept>> {
        if self.pages.is_empty() {
            return None;
        }
        let at = self.by_address.get(&*name(&super::plain_host(host), target))?;
        self.pages.get(*at)?.copy.load_full()
    }

    /// The page that is due first, if one is.
    pub(super) fn due(&self, now: Moment) -> Option<&Page> {
        let page = self.pages.iter().min_by_key(|page| page.due.load(Relaxed))?;
        (page.due.load(Relaxed) <= now.0).then_some(page)
    }

    /// Bytes that the copies take, and that they may.
    pub(super) fn filled(&self) -> (u64, u64) {
        let copies = self.pages.iter().filter_map(Page::copy);
        let most = if self.pages.is_empty() { 0 } else { BYTES_MAX };
        (copies.map(|kept| kept.bytes() as u64).sum(), most)
    }

    /// Keeps a copy, where there is room beside the others.
    pub(super) fn keep(&self, page: &Page, kept: Kept) {
        let others = self.pages.iter().filter(|other| !std::ptr::eq(*other, page));
        let taken: usize =
            others.filter_map(|other| Some(other.copy.load().as_ref()?.bytes())).sum();
        if (taken + kept.bytes()) as u64 > BYTES_MAX {
            page.tell("it does not fit beside the others");
            return;
        }
        page.told.store(false, Relaxed);
        page.copy.store(Some(Arc::new(kept)));
    }
}

impl Page {
    pub(super) fn copy(&self) -> Option<Arc<Kept>> {
        self.copy.load_full()
    }

    /// Tells the operator once why a page is not kept.
    pub(super) fn tell(&self, why: &str) {
        if !self.told.swap(true, Relaxed) {
            let (host, target) = (&*self.host, &*self.target);
            tracing::warn!(host, target, why, "an essential page is not kept, or not anew");
        }
    }
}

/// What a page is found by; a host holds no slash.
fn name(host: &str, target: &str) -> Box<str> {
    [host, target].concat().into()
}
