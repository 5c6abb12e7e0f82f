//! One in so many members of a group, for a world that is smaller and otherwise the same.
//!
//! Those who stay do what they would have done: rates of single sources, sessions and looks are
//! unchanged, and there are fewer of them.
//! The others are never heard of: what they send is dropped, and they get no answer.
//! Bounds: at least the first member stays.

use super::{Group, Heard, Outbox, Passing, Remembered, Role};
use seawall_types::Moment;

/// 2^32 over the golden ratio: multiples of it, taken modulo 2^32, are spread evenly, so that those
/// who stay have no pattern in common (Knuth, The Art of Computer Programming, vol. 3, §6.4).
const SPREAD: u32 = 0x9E37_79B9;

/// A group of which a share of the members takes part.
struct Thinned {
    inner: Box<dyn Group>,
    /// Of 2^32.
    stay_below: u64,
}

/// The `share` of the members of a group, from 0 to 1; the group itself for 1.
pub fn thinned(group: Box<dyn Group>, share: f64) -> Box<dyn Group> {
    if share >= 1.0 {
        return group;
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "from 0 to 2^32")]
    let stay_below = (share.max(0.0) * 4_294_967_296.0) as u64;
    Box::new(Thinned { inner: group, stay_below })
}

impl Thinned {
    fn stays(&self, member: u32) -> bool {
        let place = u64::from(member.wrapping_mul(SPREAD));
        member == 0 || place < self.stay_below
    }
}

impl Group for Thinned {
    fn role(&self) -> Role {
        self.inner.role()
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.inner.next_deadline()
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        self.inner.on_deadline(now, out);
        out.retain(|request| self.stays(request.sender.member));
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        self.inner.on_answer(now, heard, out);
        out.retain(|request| self.stays(request.sender.member));
    }

    fn remembered(&self) -> Vec<Remembered> {
        let mut remembered = self.inner.remembered();
        remembered.retain(|member| self.stays(member.request.sender.member));
        remembered
    }

    fn passes(&self, member: u32) -> Passing {
        self.inner.passes(member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flood::one_tool;
    use crate::flood::pace::Pace;
    use crate::flood::sources::Sources;
    use crate::site::Site;
    use crate::{Casting, Pools, Span};
    use seawall_types::PlatformId;
    use std::collections::BTreeMap;

    /// Requests by member of a flood of 2,000 sources and 3,000 requests a second over 10 s.
    fn sent(share: f64) -> BTreeMap<u32, u32> {
        let flood = one_tool::Parameters {
            pace: Pace::steady(3_000.0),
            sources: Sources::homes(2_000),
            ..Default::default()
        };
        let casting = Casting {
            group: 0,
            platform: PlatformId(0),
            site: &Site::organisation(),
            pools: &mut Pools::new(),
            span: Span { from: 0.0, until: 10.0 },
            seed: 1,
        };
        let mut group = thinned(flood.cast(casting).unwrap(), share);
        let mut out = Outbox::of_group(0);
        let mut sent = BTreeMap::new();
        while let Some(now) = group.next_deadline() {
            group.on_deadline(now, &mut out);
            for (_, request) in out.drain() {
                *sent.entry(request.sender.member).or_default() += 1;
            }
        }
        sent
    }

    #[test]
    fn those_who_stay_send_what_they_would_have_sent() {
        let (all, few) = (sent(1.0), sent(0.1));
        assert!(few.len().abs_diff(all.len() / 10) <= 2, "{} of {}", few.len(), all.len());
        for (member, count) in &few {
            assert_eq!(all.get(member), Some(count), "member {member}");
        }
    }

    #[test]
    fn the_first_member_stays_whatever_the_share() {
        assert_eq!(sent(0.0).into_keys().collect::<Vec<_>>(), [0]);
    }
}
