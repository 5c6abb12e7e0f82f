//! Answers that are renewed after they were given once more (`stale-while-revalidate`, RFC 5861 §3).
//!
//! Asked with what its visitor would be asked by, without cookies and addresses.
//! Bounds: [`RENEWALS_MAX`] of a platform at once; one that finds no place at the origin is left.

use super::fetch::{Errand, fetch};
use super::lead::{Came, Lead};
use crate::core::Core;
use http::StatusCode;
use http::header::{COOKIE, HeaderMap};
use seawall_types::PlatformId;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;

/// Renewals of one platform under way at once.
const RENEWALS_MAX: u32 = 64;

/// Fields of a visitor that an origin is asked with again.
const SAID: [&str; 4] = ["accept", "accept-encoding", "accept-language", "user-agent"];

/// Renews what a lead is for, in a task of its own.
pub(super) fn begin(core: &Rc<Core>, platform: PlatformId, lead: Lead) {
    if lead.store.renewals.fetch_add(1, Relaxed) >= RENEWALS_MAX {
        lead.store.renewals.fetch_sub(1, Relaxed);
        return;
    }
    tokio::task::spawn_local(renew(core.clone(), platform, lead));
}

async fn renew(core: Rc<Core>, platform: PlatformId, mut lead: Lead) {
    let store = lead.store.clone();
    lead.request.remove(COOKIE);
    lead.bears_cookie = false;
    let mut fields = HeaderMap::new();
    let selecting = lead.renews.as_ref().map(|kept| kept.selecting.clone()).unwrap_or_default();
    let selecting: Vec<&str> = selecting.iter().map(|(name, _)| name).collect();
    for (name, value) in &lead.request {
        if SAID.contains(&name.as_str()) || selecting.contains(&name.as_str()) {
            fields.append(name.clone(), value.clone());
        }
    }
    lead.ask_for_changes(&mut fields);
    let errand = Errand { address: lead.address.clone(), fields, most: store.answer_max() };
    if let Some(fetched) = fetch(&core, platform, &errand).await {
        let came = Came {
            status: fetched.status,
            fields: &fetched.fields,
            at: fetched.came,
            at_s: fetched.came_s,
        };
        lead.asked = fetched.asked;
        lead.asked_s = fetched.asked_s;
        if fetched.status == StatusCode::NOT_MODIFIED {
            let _ = lead.renewed(&came);
        } else if let Ok(terms) = lead.judge(&came) {
            let _ = lead.whole(&came, terms, fetched.body);
        } else if !seawall_wire::cache::reuse::is_error(fetched.status.as_u16()) {
            lead.land_own();
        }
    }
    store.renewals.fetch_sub(1, Relaxed);
}
