//! One person: comes, reads, thinks, follows a link or leaves, and comes again.

use super::browser::Purpose;
use super::client::{Client, Session, Wish, World};
use super::markup::{self, Found};
use crate::Chance;
use std::net::Ipv4Addr;
use std::sync::Arc;
use tokio::time::{Instant, sleep, timeout_at};

/// After a page, this share leaves; a session is then about three pages long.
const LEAVING_SHARE: f64 = 0.35;
/// On a page with a form, this share sends it.
const FORM_SHARE: f64 = 0.4;
/// Files that one page view loads.
const ASSETS_MAX: usize = 6;
/// Files that a browser remembers within a session; the others it loads again.
const LOADED_MAX: usize = 64;

/// One person with a browser.
#[derive(Debug)]
pub(super) struct Person {
    world: Arc<World>,
    chance: Chance,
    client: Client,
}

impl Person {
    pub(super) fn new(world: Arc<World>, source: Ipv4Addr, mut chance: Chance) -> Self {
        let client = Client::choose(Arc::clone(&world), source, &mut chance);
        Self { world, chance, client }
    }

    /// Sessions at random times until `until`; the last one is broken off there.
    pub(super) async fn live(mut self, until: Instant) {
        let away = self.world.spec.pace.away;
        let sessions = async {
            loop {
                sleep(self.chance.exponential(away)).await;
                self.session().await;
            }
        };
        // The time being up is the only way out.
        let _: Result<(), _> = timeout_at(until, sessions).await;
    }

    async fn session(&mut self) {
        let world = Arc::clone(&self.world);
        let platforms = &world.spec.platforms;
        let platform = self.chance.weighted(platforms.iter().map(|platform| platform.weight));
        let Some(path) = self.chance.pick(&platforms[platform].entrances).cloned() else {
            return;
        };
        let mut session = self.client.session(platform);
        let mut loaded = Vec::new();
        let mut wish = Wish { purpose: Purpose::Page, path, referer: None };
        while let Some(found) = self.view(&mut session, &wish, &mut loaded).await {
            sleep(self.chance.exponential(world.spec.pace.think)).await;
            match self.next_wish(&found, session.address_of(&wish.path)) {
                Some(next) => wish = next,
                None => return,
            }
        }
    }

    /// Opens a page with those of its files that are not `loaded` yet.
    ///
    /// `None` when the page did not come, which ends the session.
    async fn view(
        &mut self,
        session: &mut Session,
        wish: &Wish,
        loaded: &mut Vec<String>,
    ) -> Option<Found> {
        let page = self.client.fetch(session, wish).await?;
        let found = markup::find(&String::from_utf8_lossy(&page.body));
        let mut missing = found.assets.clone();
        missing.retain(|asset| !loaded.contains(&asset.path));
        missing.truncate(ASSETS_MAX);
        for asset in missing {
            let referer = Some(session.address_of(&wish.path));
            let wish = Wish { purpose: Purpose::Asset(asset.kind), path: asset.path, referer };
            let came = self.client.fetch(session, &wish).await.is_some();
            if came && loaded.len() < LOADED_MAX {
                loaded.push(wish.path);
            }
        }
        Some(found)
    }

    /// A form to send or a link to follow, or `None` to leave.
    fn next_wish(&mut self, found: &Found, here: String) -> Option<Wish> {
        let referer = Some(here);
        if let Some(path) = self.chance.pick(&found.forms).cloned()
            && self.chance.unit() < FORM_SHARE
        {
            return Some(Wish { purpose: Purpose::Form, path, referer });
        }
        if self.chance.unit() < LEAVING_SHARE {
            return None;
        }
        let path = self.chance.pick(&found.links).cloned()?;
        Some(Wish { purpose: Purpose::Page, path, referer })
    }
}
