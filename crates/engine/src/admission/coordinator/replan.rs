//! Origins and platforms change; what was learned of those that stay, stays.

use super::{
    BulkLimit, Coordinator, LastingLimit, Learning, Limiter, Member, Origin, OriginIndex, Plan,
    Seat,
};
use crate::admission::ORIGINS_MAX;
use seawall_types::Moment;

impl Coordinator {
    /// One whose limits stay at what the operator says that origins can carry; where nothing is said
    /// they are learned.
    pub fn as_told(now: Moment, plan: Plan) -> Self {
        let nothing = Plan { origins: Vec::new(), platforms: Vec::new(), cores: plan.cores };
        let mut coordinator = Self::new(now, nothing);
        coordinator.learning = Learning::AsTold;
        coordinator.replan(now, plan, &[]);
        coordinator
    }

    /// Follows another plan; `kept` says which origin of the old plan each of the new one was.
    ///
    /// A platform whose origins are the same keeps what its cores hold. Of another one nothing is
    /// counted as held, so for as long as its old requests last more may be at an origin.
    pub fn replan(&mut self, now: Moment, plan: Plan, kept: &[Option<OriginIndex>]) {
        let learning = self.learning;
        let mut old: Vec<_> = std::mem::take(&mut self.origins).into_iter().map(Some).collect();
        let was = |index: usize| kept.get(index).copied().flatten();
        let take = |(index, capacity): (usize, &Option<_>)| {
            let known = was(index).and_then(|was| old.get_mut(was.0)?.take());
            let mut origin = known.unwrap_or_else(|| Origin {
                capacity: *capacity,
                limiter: Limiter::new(now, *capacity),
                bulk: BulkLimit::default(),
                lasting: LastingLimit::default(),
            });
            let was_told = origin.capacity.is_some();
            origin.capacity = *capacity;
            match (learning, capacity) {
                (Learning::AsTold, Some(_)) => origin.limiter = Limiter::told(now, *capacity),
                // What it was told until now says nothing of what it can carry.
                (Learning::AsTold, None) if was_told => origin.limiter = Limiter::new(now, None),
                (Learning::FromAnswers, _) | (Learning::AsTold, None) => {
                    origin.limiter.configure(*capacity);
                }
            }
            origin
        };
        self.origins = plan.origins.iter().enumerate().map(take).collect();
        let mut members = std::mem::take(&mut self.members);
        let is_same = |index: usize, origins: &[OriginIndex]| {
            let before = self.plan.platforms.get(index);
            before.is_some_and(|before| {
                let now = origins.iter().map(|origin| was(origin.0));
                now.eq(before.iter().copied().map(Some))
            })
        };
        let fresh = |origins: &[OriginIndex]| Member {
            seats: vec![Seat::default(); origins.len().min(ORIGINS_MAX)],
            ..Member::default()
        };
        let of_platform =
            |(index, origins): (usize, &Vec<OriginIndex>)| match members.get_mut(index) {
                Some(cores) if cores.len() == plan.cores && is_same(index, origins) => {
                    std::mem::take(cores)
                }
                _ => vec![fresh(origins); plan.cores],
            };
        let of_platform = plan.platforms.iter().enumerate().map(of_platform).collect();
        self.members = of_platform;
        self.pressure.resize(plan.platforms.len(), 0.0);
        self.plan = plan;
        self.deal_out();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::admission::Kind;
    use crate::admission::limiter::LIMIT_FIRST;
    use seawall_types::OriginCapacity;

    fn plan(origins: usize, platforms: &[&[usize]]) -> Plan {
        let indices = |origins: &&[usize]| origins.iter().copied().map(OriginIndex).collect();
        Plan {
            origins: vec![None; origins],
            platforms: platforms.iter().map(indices).collect(),
            cores: 1,
        }
    }

    #[test]
    fn what_is_told_stays_and_the_rest_is_learned_also_when_the_operator_changes_his_mind() {
        let told = OriginCapacity::new(4_000.0);
        let with = |origins: &[Option<OriginCapacity>]| Plan {
            origins: origins.to_vec(),
            ..plan(2, &[&[0], &[1]])
        };
        let mut coordinator = Coordinator::as_told(Moment(0), with(&[told, None]));
        let limits =
            |coordinator: &Coordinator| [0, 1].map(|at| coordinator.limit(OriginIndex(at)));
        assert_eq!(limits(&coordinator), [4, LIMIT_FIRST]);
        let kept = [0, 1].map(|at| Some(OriginIndex(at)));
        coordinator.replan(Moment(1), with(&[None, told]), &kept);
        assert_eq!(limits(&coordinator), [LIMIT_FIRST, 4]);
    }

    #[test]
    fn an_origin_that_stays_keeps_its_limit_and_a_platform_that_stays_its_grant() {
        let mut coordinator = Coordinator::new(Moment(0), plan(2, &[&[0], &[1]]));
        let first = coordinator.grant(0, 0).unwrap();
        let kept = [Some(OriginIndex(1)), Some(OriginIndex(0)), None];
        coordinator.replan(Moment(1), plan(3, &[&[1], &[2, 0]]), &kept);
        assert!(coordinator.grant(0, 0).unwrap().generation > first.generation);
        let other = coordinator.grant(1, 0).unwrap();
        assert_eq!((other.generation, other.origins.len()), (1, 2));
        let brief = Kind::Brief.index();
        let slots = |origin: usize| {
            let dealt = [(0, 0, 1), (1, 0, 2), (1, 1, 0)];
            let of = dealt.into_iter().filter(|(_, _, index)| *index == origin);
            let granted = |(platform, seat, _): (usize, usize, usize)| {
                coordinator.grant(platform, 0).unwrap().origins[seat].slots[brief]
            };
            of.map(granted).sum::<u32>()
        };
        for origin in 0..3 {
            assert_eq!(slots(origin), coordinator.limit(OriginIndex(origin)));
        }
    }
}
