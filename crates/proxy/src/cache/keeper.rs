//! Keeps copies of essential pages fresh: on the first core, while nobody has to wait.
//!
//! Bounds: one page of a platform at a time, [`PACE`] apart; none within [`CALM_FOR`] of a request
//! that was sent away for want of a place, and none while the origins are out.

use super::essential::PAGE_MAX;
use super::fetch::{Errand, Fetched, fetch};
use super::heads::{Address, Heads};
use super::kept::{Kept, kept_fields};
use super::{Copies, Rules};
use crate::core::{Core, Stage};
use http::StatusCode;
use http::header::{
    ACCEPT, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED,
    LOCATION, USER_AGENT,
};
use seawall_types::PlatformId;
use seawall_wire::cache::{Control, Selecting, Terms, Times, store};
use seawall_wire::forwarded::Proto;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

/// Between two pages of a platform.
const PACE: Duration = Duration::from_millis(200);
/// After a request was sent away.
const CALM_FOR: Duration = Duration::from_secs(5);
/// After a page could not be had.
const AGAIN: Duration = Duration::from_secs(5);
/// Under which name the shield asks.
const AGENT: &str = "seawall-essential";

/// Fetches what is due, for as long as the core runs.
pub(crate) async fn keep_fresh(core: Rc<Core>) {
    let mut pace = tokio::time::interval(PACE);
    pace.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut nth = 0_u32;
    while core.stage() == Stage::Serving {
        pace.tick().await;
        let now = core.now();
        for (platform, copies) in core.all_copies() {
            nth = nth.wrapping_add(1);
            let may = copies.is_calm(now, CALM_FOR) && !core.origins_are_out(platform);
            if may
                && copies.essential.due(now).is_some()
                && !copies.essential.busy.swap(true, Relaxed)
            {
                tokio::task::spawn_local(keep_one(core.clone(), platform, copies, nth));
            }
        }
    }
}

/// Frees the way for the next page, however this one ended.
struct Busy(Arc<Copies>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.essential.busy.store(false, Relaxed);
    }
}

async fn keep_one(core: Rc<Core>, platform: PlatformId, copies: Arc<Copies>, nth: u32) {
    let busy = Busy(copies);
    let (copies, now) = (&busy.0, core.coarse_now());
    let Some(page) = copies.essential.due(now) else { return };
    let other = copies.essential.other_scheme.load(Relaxed);
    let scheme = scheme(&copies.rules, other);
    let address = Address { scheme, host: page.host.clone(), target: page.target.clone() };
    let known = page.copy();
    let errand = Errand { address, fields: fields(known.as_deref()), most: PAGE_MAX };
    let kept = match fetch(&core, platform, &errand).await {
        None => Err("the origin gives no whole answer in time, or one that is too large"),
        Some(fetched) if leads_elsewhere(&fetched, &errand.address) => {
            copies.essential.other_scheme.store(!other, Relaxed);
            Err("the origin sends visitors to the other scheme, which is asked for next")
        }
        Some(fetched) => taken(fetched, known.as_deref()),
    };
    let next = match kept {
        Ok(kept) => {
            copies.essential.keep(page, kept);
            spread(copies.rules.every, nth)
        }
        Err(why) => {
            page.tell(why);
            AGAIN.min(copies.rules.every)
        }
    };
    page.due.store((core.now() + next).0, Relaxed);
}

/// By which scheme visitors come.
fn scheme(rules: &Rules, other: bool) -> Proto {
    if rules.is_secure == other { Proto::Http } else { Proto::Https }
}

/// The span, a quarter more or less, so that pages and shields do not ask all at once.
fn spread(span: Duration, nth: u32) -> Duration {
    // Turns of the golden ratio: spread evenly, whatever the number.
    let turned = nth.wrapping_mul(0x9E37_79B9) >> 16;
    span * 3 / 4 + span * turned / (1 << 17)
}

/// What is asked with: nothing of any visitor.
fn fields(known: Option<&Kept>) -> HeaderMap {
    let mut fields = HeaderMap::new();
    fields.insert(USER_AGENT, HeaderValue::from_static(AGENT));
    fields.insert(ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml,*/*;q=0.8"));
    if let Some(known) = known {
        for (has, asks) in [(ETAG, IF_NONE_MATCH), (LAST_MODIFIED, IF_MODIFIED_SINCE)] {
            if let Some(value) = known.fields.get(has) {
                fields.insert(asks, value.clone());
            }
        }
    }
    fields
}

/// Whether the same page is to be had by the other scheme.
fn leads_elsewhere(fetched: &Fetched, asked: &Address) -> bool {
    let to = fetched.fields.get(LOCATION).and_then(|to| to.to_str().ok());
    let other = match asked.scheme {
        Proto::Http => "https://",
        Proto::Https => "http://",
    };
    let place = to.and_then(|to| to.strip_prefix(other));
    fetched.status.is_redirection()
        && place.is_some_and(|place| place.strip_prefix(&*asked.host) == Some(&asked.target))
}

/// The copy that an answer makes.
fn taken(fetched: Fetched, known: Option<&Kept>) -> Result<Kept, &'static str> {
    let Fetched { status, fields, body, asked_s, came, came_s, .. } = fetched;
    let (fields, body) = match (status, known) {
        (StatusCode::OK, _) => {
            let fields = kept_fields(&fields, body.len());
            (fields, body)
        }
        (StatusCode::NOT_MODIFIED, Some(known)) => {
            (known.fields_renewed_by(&fields), known.body.clone())
        }
        _ => return Err("the origin answers with another status than 200"),
    };
    let control = Control::of(&Heads(&fields));
    if control.private() || control.no_store() {
        return Err("the origin says that it is private or may not be stored");
    }
    let times = Times { asked_s, came_s };
    let terms = Terms::of_copy(store::age_s(&Heads(&fields), times));
    Ok(Kept { status: StatusCode::OK, fields, body, terms, selecting: Selecting::default(), came })
}

impl Core {
    /// What every platform keeps.
    fn all_copies(&self) -> Vec<(PlatformId, Arc<Copies>)> {
        self.with_copies(|all| {
            let all = (0_u16..).zip(all);
            all.filter_map(|(id, copies)| Some((PlatformId(id), copies.clone()?))).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::Moment;

    #[test]
    fn pages_are_fetched_a_quarter_earlier_or_later_and_not_all_alike() {
        let span = Duration::from_mins(1);
        let spans: Vec<Duration> = (0..100).map(|nth| spread(span, nth)).collect();
        assert!(spans.iter().all(|one| (45..=75).contains(&one.as_secs())));
        let early = spans.iter().filter(|one| **one < span).count();
        assert!((40..60).contains(&early), "{early}");
    }

    #[test]
    fn an_origin_that_sends_to_the_other_scheme_is_asked_by_it() {
        let address =
            Address { scheme: Proto::Http, host: "a.example".into(), target: "/b?c".into() };
        for (to, leads) in [
            ("https://a.example/b?c", true),
            ("https://a.example/b", false),
            ("https://b.example/b?c", false),
            ("/b?c", false),
        ] {
            let mut fields = HeaderMap::new();
            fields.insert(LOCATION, HeaderValue::from_static(to));
            let at = Moment(0);
            let status = StatusCode::MOVED_PERMANENTLY;
            let body = bytes::Bytes::new();
            let fetched =
                Fetched { status, fields, body, asked: at, asked_s: 0, came: at, came_s: 0 };
            assert_eq!(leads_elsewhere(&fetched, &address), leads, "{to}");
        }
    }
}
