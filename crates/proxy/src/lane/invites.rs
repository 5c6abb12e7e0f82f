//! Invitations into lanes: what operators handed out, how often it was used, and what was taken back.
//!
//! All cores look them up without a lock; what is taken back counts for nobody from that moment on.
//! Never writes a file: each change is told to whoever keeps them, and one that cannot be told does not
//! happen.
//! Bounds: [`INVITES_MAX`] invitations; those of which nothing is left make room.

use crate::core::Core;
use arc_swap::ArcSwap;
use seawall_engine::challenge::PlatformMark;
use seawall_engine::lane::{LaneKeys, LaneText, Link, Pass};
use seawall_types::{InviteId, PlatformId};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Invitations of which something may be left.
pub(crate) const INVITES_MAX: usize = 1_024;

/// What an operator wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewInvite {
    /// Where it leads.
    pub lane: String,
    /// On which platform.
    pub platform: String,
    /// Whom it is for, in the operator's words.
    pub name: String,
    /// How many may get in by it.
    pub uses_max: u32,
    /// How long the link can be used.
    pub link_secs: u32,
    /// How long each who came by it stays in.
    pub pass_secs: u32,
}

/// An invitation.
#[derive(Debug)]
pub struct Invite {
    /// Its name.
    pub id: InviteId,
    /// What was wanted.
    pub wanted: NewInvite,
    /// When it was made: seconds since 1970.
    pub made_secs: u32,
    uses: AtomicU32,
    revoked: AtomicBool,
}

/// An invitation as it was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Its name.
    pub id: InviteId,
    /// What was wanted.
    pub wanted: NewInvite,
    /// When it was made: seconds since 1970.
    pub made_secs: u32,
    /// How many got in by it.
    pub uses: u32,
    /// Whether it was taken back.
    pub revoked: bool,
}

/// What became of an invitation, for whoever keeps them.
#[derive(Debug, Clone)]
pub enum InviteTold {
    /// It was made.
    Made(Arc<Invite>),
    /// Somebody got in by it: which one, counted from one.
    Entered(Arc<Invite>, u32),
    /// It was taken back.
    Revoked(Arc<Invite>),
}

/// What invitations are kept with.
pub struct LanesSetup {
    /// Those of before.
    pub restored: Vec<Restored>,
    /// The last number that was given.
    pub last: u32,
    /// Told of every change; false when it cannot be kept now.
    pub tell: Box<dyn Fn(InviteTold) -> bool + Send + Sync>,
}

/// Why there is no invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InviteFault {
    /// There are as many as there may be.
    Full,
    /// It cannot be kept.
    Unkept,
}

impl fmt::Display for InviteFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(
                f,
                "there are {INVITES_MAX} invitations already; take some back that nobody needs"
            ),
            Self::Unkept => f.write_str("invitations cannot be kept now; look at the shield's log"),
        }
    }
}

impl std::error::Error for InviteFault {}

/// Every invitation.
pub struct Invites {
    keys: LaneKeys,
    /// By number.
    list: ArcSwap<Vec<Arc<Invite>>>,
    /// The last number that was given; held while the list changes.
    last: Mutex<u32>,
    tell: Box<dyn Fn(InviteTold) -> bool + Send + Sync>,
}

impl fmt::Debug for Invites {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invites").field("list", &self.list.load().len()).finish_non_exhaustive()
    }
}

/// Somebody who came by an invitation that still counts.
pub(crate) struct Invited {
    invite: Arc<Invite>,
}

impl Invited {
    /// The lane that the invitation leads to.
    pub(super) fn lane(&self) -> &str {
        &self.invite.wanted.lane
    }
}

impl Invite {
    /// How many got in by it.
    pub fn uses(&self) -> u32 {
        self.uses.load(Relaxed)
    }

    /// Whether it was taken back.
    pub fn is_revoked(&self) -> bool {
        self.revoked.load(Relaxed)
    }

    /// Until when the link can be used: seconds since 1970.
    pub fn link_until_secs(&self) -> u32 {
        self.made_secs.saturating_add(self.wanted.link_secs)
    }

    /// Whether somebody may still get in by it.
    pub fn is_open(&self, now_secs: u32) -> bool {
        !self.is_revoked()
            && now_secs < self.link_until_secs()
            && self.uses() < self.wanted.uses_max
    }

    /// Whether nothing is left of it: nobody can get in, and nobody who did is still in.
    fn is_over(&self, now_secs: u32) -> bool {
        now_secs >= self.link_until_secs().saturating_add(self.wanted.pass_secs)
    }

    fn of(restored: Restored) -> Self {
        let Restored { id, wanted, made_secs, uses, revoked } = restored;
        Self { id, wanted, made_secs, uses: uses.into(), revoked: revoked.into() }
    }

    /// As it can be kept.
    pub fn kept(&self) -> Restored {
        let (uses, revoked) = (self.uses(), self.is_revoked());
        Restored {
            id: self.id,
            wanted: self.wanted.clone(),
            made_secs: self.made_secs,
            uses,
            revoked,
        }
    }
}

impl Invites {
    pub(crate) fn new(secret: &[u8; 32], setup: LanesSetup) -> Self {
        let mut list: Vec<_> = setup.restored.into_iter().map(Invite::of).map(Arc::new).collect();
        list.sort_by_key(|invite| invite.id);
        list.dedup_by_key(|invite| invite.id);
        list.truncate(INVITES_MAX);
        let newest = list.last().map_or(0, |invite| invite.id.number()).max(setup.last);
        Self {
            keys: LaneKeys::new(secret),
            list: ArcSwap::from_pointee(list),
            last: Mutex::new(newest),
            tell: setup.tell,
        }
    }

    /// Makes an invitation, and the text of its link.
    ///
    /// # Errors
    /// There are too many, or it cannot be kept.
    pub fn make(
        &self,
        now_secs: u32,
        wanted: NewInvite,
    ) -> Result<(Arc<Invite>, LaneText), InviteFault> {
        let mut newest = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut list: Vec<_> = self.list.load().to_vec();
        list.retain(|invite| !invite.is_over(now_secs));
        if list.len() >= INVITES_MAX {
            return Err(InviteFault::Full);
        }
        let id = newest.checked_add(1).and_then(InviteId::new).ok_or(InviteFault::Full)?;
        let platform = PlatformMark::of(&wanted.platform);
        let made = Restored { id, wanted, made_secs: now_secs, uses: 0, revoked: false };
        let invite = Arc::new(Invite::of(made));
        list.push(invite.clone());
        self.list.store(Arc::new(list));
        *newest = id.number();
        if !(self.tell)(InviteTold::Made(invite.clone())) {
            invite.revoked.store(true, Relaxed);
            return Err(InviteFault::Unkept);
        }
        let link = Link { invite: id.number(), made_secs: now_secs };
        Ok((invite, link.sealed(&self.keys, platform)))
    }

    /// Takes an invitation back, and with it everybody who came by it; false where there is none.
    pub fn revoke(&self, id: InviteId) -> bool {
        let Some(invite) = self.find(id.number()) else { return false };
        invite.revoked.store(true, Relaxed);
        // It counts for nobody from now on, whether that can be kept or not; whoever keeps them says so,
        // and tries again when it is asked for again.
        let _ = (self.tell)(InviteTold::Revoked(invite));
        true
    }

    /// Every invitation of which something may be left, and the last number that was given.
    pub fn all(&self) -> (Arc<Vec<Arc<Invite>>>, u32) {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        (self.list.load_full(), last)
    }

    fn find(&self, number: u32) -> Option<Arc<Invite>> {
        let list = self.list.load();
        let at = list.binary_search_by_key(&number, |invite| invite.id.number()).ok()?;
        Some(list[at].clone())
    }

    /// The invitation that a link is, where somebody may still get in by it.
    pub(super) fn linked(
        &self,
        (now_secs, platform): (u32, PlatformMark),
        text: &[u8],
    ) -> Option<Arc<Invite>> {
        let link = Link::open(&self.keys, platform, text)?;
        // A number may be given again where what was kept is gone.
        let is_its = |invite: &Arc<Invite>| invite.made_secs == link.made_secs;
        self.find(link.invite).filter(is_its).filter(|invite| invite.is_open(now_secs))
    }

    /// Lets one in by an invitation: the pass that he bears from now on; none where it was used up.
    pub(super) fn enter(
        &self,
        (now_secs, platform): (u32, PlatformMark),
        invite: &Arc<Invite>,
    ) -> Option<LaneText> {
        let most = invite.wanted.uses_max;
        let one_more = |uses: u32| (uses < most).then(|| uses + 1);
        let before = invite.uses.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        let member = before + 1;
        if !(self.tell)(InviteTold::Entered(invite.clone(), member)) {
            invite.uses.fetch_sub(1, Relaxed);
            return None;
        }
        // A core's clock is as old as its last tick, and may be a second behind whoever invited.
        let issued_secs = now_secs.max(invite.made_secs);
        let pass = Pass { invite: invite.id.number(), member, issued_secs };
        Some(pass.sealed(&self.keys, platform))
    }

    fn invited(&self, (now_secs, platform): (u32, PlatformMark), text: &[u8]) -> Option<Invited> {
        let pass = Pass::open(&self.keys, platform, text)?;
        let invite = self.find(pass.invite)?;
        let is_in = pass.issued_secs >= invite.made_secs
            && now_secs < pass.issued_secs.saturating_add(invite.wanted.pass_secs);
        (is_in && !invite.is_revoked()).then_some(Invited { invite })
    }
}

impl Core {
    /// Who bears a pass that counts on a platform.
    pub(super) fn invited(&self, platform: PlatformId, text: &[u8]) -> Option<Invited> {
        let platform = self.asks(platform, crate::challenge::Asks::mark)?;
        self.invites().invited((self.wall_secs(), platform), text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    const NOW: u32 = 1_790_000_000;

    fn wanted(uses_max: u32) -> NewInvite {
        NewInvite {
            lane: "staff".to_owned(),
            platform: "www".to_owned(),
            name: "Anna".to_owned(),
            uses_max,
            link_secs: 3_600,
            pass_secs: 86_400,
        }
    }

    fn invites(room: usize) -> Invites {
        let told = AtomicUsize::new(0);
        let tell = move |_| told.fetch_add(1, Relaxed) < room;
        Invites::new(&[1; 32], LanesSetup { restored: Vec::new(), last: 0, tell: Box::new(tell) })
    }

    fn www() -> PlatformMark {
        PlatformMark::of("www")
    }

    #[test]
    fn a_link_lets_in_as_many_as_it_says_and_no_more_however_many_cores_are_asked() {
        let invites = invites(usize::MAX);
        let (invite, link) = invites.make(NOW, wanted(3)).unwrap();
        let linked = invites.linked((NOW, www()), link.as_str().as_bytes()).unwrap();
        assert_eq!(linked.id, invite.id);
        let let_in: usize = std::thread::scope(|scope| {
            let tries = (0..8).map(|_| {
                scope
                    .spawn(|| (0..100).filter_map(|_| invites.enter((NOW, www()), &invite)).count())
            });
            tries.collect::<Vec<_>>().into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!((let_in, invite.uses()), (3, 3));
        assert!(invites.linked((NOW, www()), link.as_str().as_bytes()).is_none());
    }

    #[test]
    fn a_pass_holds_for_its_time_and_not_a_second_after_its_invitation_is_taken_back() {
        let invites = invites(usize::MAX);
        let (invite, link) = invites.make(NOW, wanted(1)).unwrap();
        let pass = invites.enter((NOW, www()), &invite).unwrap();
        let is_in = |now: u32, text: &LaneText| {
            invites.invited((now, www()), text.as_str().as_bytes()).is_some()
        };
        assert!(is_in(NOW, &pass) && is_in(NOW + 86_399, &pass) && !is_in(NOW + 86_400, &pass));
        assert!(!is_in(NOW, &link), "a link is no pass");
        assert!(invites.revoke(invite.id) && !is_in(NOW, &pass));
        assert!(!invites.revoke(InviteId::new(9).unwrap()));
    }

    #[test]
    fn who_enters_by_a_clock_that_is_behind_whoever_invited_is_in() {
        let invites = invites(usize::MAX);
        let (invite, _) = invites.make(NOW, wanted(1)).unwrap();
        let pass = invites.enter((NOW - 1, www()), &invite).unwrap();
        assert!(invites.invited((NOW - 1, www()), pass.as_str().as_bytes()).is_some());
    }

    #[test]
    fn what_cannot_be_kept_does_not_happen() {
        assert_eq!(invites(0).make(NOW, wanted(1)).unwrap_err(), InviteFault::Unkept);
        let invites = invites(1);
        let (invite, _) = invites.make(NOW, wanted(1)).unwrap();
        assert!(invites.enter((NOW, www()), &invite).is_none());
        assert_eq!(invite.uses(), 0);
    }

    #[test]
    fn after_a_restart_everything_counts_as_before_and_no_name_is_given_twice() {
        let before = invites(usize::MAX);
        let (first, _) = before.make(NOW, wanted(2)).unwrap();
        let (second, _) = before.make(NOW, wanted(2)).unwrap();
        let passes = [&first, &second].map(|one| before.enter((NOW, www()), one).unwrap());
        before.revoke(second.id);
        let (all, last) = before.all();
        let restored = all.iter().map(|invite| invite.kept()).collect();
        let setup = LanesSetup { restored, last: last + 5, tell: Box::new(|_| true) };
        let after = Invites::new(&[1; 32], setup);
        let is_in =
            |pass: &LaneText| after.invited((NOW + 60, www()), pass.as_str().as_bytes()).is_some();
        assert_eq!(passes.each_ref().map(is_in), [true, false]);
        assert_eq!(after.make(NOW, wanted(1)).unwrap().0.id.number(), 8);
    }

    #[test]
    fn one_too_many_is_refused_until_nothing_is_left_of_an_earlier_one() {
        let invites = invites(usize::MAX);
        for _ in 0..INVITES_MAX {
            invites.make(NOW, wanted(1)).unwrap();
        }
        assert_eq!(invites.make(NOW, wanted(1)).unwrap_err(), InviteFault::Full);
        assert!(invites.make(NOW + 3_600 + 86_400, wanted(1)).is_ok());
    }
}
