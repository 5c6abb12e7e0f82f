use super::*;
use crate::upstream::place::Place;

fn at(ms: u64) -> Moment {
    Moment(1_000_000_000) + Duration::from_millis(ms)
}

fn origins<const N: usize>(trials: Trials) -> PlatformOrigins {
    let pool = |index: usize| {
        let url = format!("http://192.0.2.{index}").parse().unwrap();
        let state = Arc::new(OriginState::new(&url));
        Rc::new(OriginPool::new(Arc::new(Place::new(url, None)), state))
    };
    let rules = ChoiceRules { slow_start: Some(Duration::from_secs(10)), trials };
    PlatformOrigins::new((0..N).map(pool).collect(), Arc::default(), rules)
}

impl PlatformOrigins {
    fn take(&self, ms: u64) -> Option<Seat> {
        self.choose(at(ms), (&mut Tried::default(), Repeatable::Yes), Pass::Free)
    }

    fn index_of(&self, seat: &Seat) -> usize {
        self.pools.iter().position(|pool| Rc::ptr_eq(pool, seat.pool())).unwrap()
    }

    /// How many of a thousand requests that do not overlap each origin gets.
    fn shares<const N: usize>(&self, ms: u64) -> [usize; N] {
        let mut shares = [0; N];
        for _ in 0..1_000 {
            shares[self.index_of(&self.take(ms).unwrap())] += 1;
        }
        shares
    }

    fn take_out(&self, index: usize, ms: u64, fault: Fault) {
        let state = self.pools[index].state();
        (0..3).for_each(|_| state.fault(at(ms), fault, Others::None));
        assert!(!state.health.is_healthy());
    }
}

#[test]
fn equal_origins_take_turns() {
    let origins = origins::<4>(Trials::Allowed);
    assert_eq!(origins.shares(0), [250; 4]);
}

#[test]
fn the_origin_with_the_fewest_requests_is_next() {
    let origins = origins::<3>(Trials::Allowed);
    let seats: Vec<_> = (0..9).map(|_| origins.take(0).unwrap()).collect();
    let counts = origins.pools.iter().map(|pool| pool.state().in_flight());
    assert_eq!(counts.collect::<Vec<_>>(), [3; 3]);
    let (ended, _going_on): (Vec<_>, Vec<_>) =
        seats.into_iter().partition(|seat| origins.index_of(seat) == 1);
    drop(ended);
    let next: Vec<_> = (0..3).map(|_| origins.take(0).unwrap()).collect();
    assert!(next.iter().all(|seat| origins.index_of(seat) == 1));
}

#[test]
fn an_origin_that_is_out_gets_nothing_while_another_is_healthy() {
    let origins = origins::<3>(Trials::Needless);
    origins.take_out(1, 0, Fault::Timeout);
    assert_eq!(origins.shares(60_000), [500, 0, 500]);
}

#[test]
fn an_origin_that_is_back_counts_a_tenth_of_another_and_then_more_and_more() {
    let origins = origins::<2>(Trials::Needless);
    origins.take_out(1, 0, Fault::Refused);
    origins.pools[1].state().check_was_good(at(1_000));
    for (ms, share) in [(1_000, 91), (6_000, 355), (11_000, 500)] {
        let [_, told] = origins.shares(ms);
        assert!(told.abs_diff(share) <= share / 10, "{told} of 1000 after {ms} ms, not {share}");
    }
    let held: Vec<_> = (0..1_000).map(|_| origins.take(1_000).unwrap()).collect();
    let returned = held.iter().filter(|seat| origins.index_of(seat) == 1).count();
    assert!((80..=100).contains(&returned), "{returned} of 1000 that overlap");
}

#[test]
fn when_all_are_out_the_one_that_failed_longest_ago_is_tried() {
    let origins = origins::<3>(Trials::Allowed);
    for (index, ms) in [(0, 300), (1, 100), (2, 200)] {
        origins.take_out(index, ms, Fault::Timeout);
    }
    let mut tried = Tried::default();
    let mut next = || {
        let seat = origins.choose(at(400), (&mut tried, Repeatable::No), Pass::Free)?;
        Some(origins.index_of(&seat))
    };
    assert_eq!([next(), next(), next(), next()], [Some(1), Some(2), Some(0), None]);
}

#[test]
fn origins_that_cannot_be_reached_are_tried_now_and_then_and_the_rest_is_answered_at_once() {
    let origins = origins::<2>(Trials::Allowed);
    origins.take_out(0, 0, Fault::Unreached);
    origins.take_out(1, 0, Fault::Unreached);
    let tries = (0..1_000).filter(|ms| origins.take(*ms).is_some()).count();
    assert_eq!(tries, 8, "four a second each");
    let alone = self::origins::<1>(Trials::Allowed);
    alone.take_out(0, 0, Fault::Refused);
    let tries = (0..1_000).filter(|ms| alone.take(*ms).is_some()).count();
    assert_eq!(tries, 4);
}

#[test]
fn a_request_that_may_be_repeated_is_now_and_then_a_trial() {
    let trials = |trials, repeatable| {
        let origins = origins::<2>(trials);
        origins.take_out(0, 0, Fault::Closed);
        let at_first = |ms: &u64| {
            let seat =
                origins.choose(at(*ms), (&mut Tried::default(), repeatable), Pass::Free).unwrap();
            assert_eq!(seat.role() == Role::Trial, origins.index_of(&seat) == 0);
            seat.role() == Role::Trial
        };
        (0..10_000).step_by(10).filter(at_first).count()
    };
    assert_eq!(trials(Trials::Allowed, Repeatable::Yes), 3, "after 1, 3 and 7 seconds");
    assert_eq!(trials(Trials::Allowed, Repeatable::No), 0);
    assert_eq!(trials(Trials::Needless, Repeatable::Yes), 0);
}

#[test]
fn requests_that_an_ill_origin_had_taken_do_not_take_it_out_again() {
    let origins = origins::<2>(Trials::Needless);
    let old: Vec<_> = (0..100).map(|_| origins.take(0).unwrap()).collect();
    origins.take_out(1, 500, Fault::Timeout);
    origins.pools[1].state().check_was_good(at(1_000));
    let at_it = |seat: &&Seat| origins.index_of(seat) == 1;
    assert_eq!(old.iter().filter(at_it).count(), 50);
    old.iter().filter(at_it).for_each(|seat| origins.blame(at(1_500), seat, Fault::Timeout));
    assert!(origins.pools[1].state().health.is_healthy());
}

#[test]
fn no_origin_is_chosen_twice_for_one_request() {
    let origins = origins::<2>(Trials::Allowed);
    let mut tried = Tried::default();
    let mut next = || origins.choose(at(0), (&mut tried, Repeatable::Yes), Pass::Free);
    assert!(next().is_some() && next().is_some());
    assert!(next().is_none());
    let alone = self::origins::<1>(Trials::Allowed);
    let mut tried = Tried::default();
    assert!(alone.choose(at(0), (&mut tried, Repeatable::Yes), Pass::Free).is_some());
    assert!(!alone.has_other(tried));
    assert!(alone.choose(at(0), (&mut tried, Repeatable::Yes), Pass::Free).is_none());
}
