//! Whatever is asked, in whatever order, the bounds hold.

use super::world::{moment, prefix};
use crate::admission::{
    Alone, Body, Call, Class, ENTRIES_MAX, Ending, Head, Kind, MethodKind, Offer, Outcome, Permit,
    Request, RouteKey, RouteSeed, Share, ShareSettings, Ticket, WAIT_MAX,
};
use proptest::prelude::*;
use seawall_types::Moment;
use std::time::Duration;

#[derive(Debug, Clone)]
enum Step {
    Offer { prefix: u16, class: usize, kind: usize, route: u8, body: Body, bytes: u32 },
    Finish { which: usize, ending: u8, bytes: u64 },
    Head { which: usize, length: u64, kind: usize },
    Leave { which: usize },
    Pass { ms: u64 },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        6 => (
            (0_u16..12, 0..Class::COUNT, 0..10_usize),
            (0_u8..4, prop_oneof![Just(Body::Whole), Just(Body::Comes)], 0_u32..9_000_000),
        )
            .prop_map(|((prefix, class, kind), (route, body, bytes))| Step::Offer {
                prefix,
                class,
                kind,
                route,
                body,
                bytes
            }),
        4 => (0..1_000_usize, 0_u8..8, 0_u64..5_000_000)
            .prop_map(|(which, ending, bytes)| Step::Finish { which, ending, bytes }),
        1 => (0..1_000_usize, 0_u64..3_000_000, 0..Kind::COUNT)
            .prop_map(|(which, length, kind)| Step::Head { which, length, kind }),
        1 => (0..1_000_usize).prop_map(|which| Step::Leave { which }),
        3 => (0_u64..400).prop_map(|ms| Step::Pass { ms }),
        1 => (1_000_u64..2_500).prop_map(|ms| Step::Pass { ms }),
    ];
    proptest::collection::vec(step, 1..60)
}

struct Driver {
    core: Alone,
    now: Moment,
    out: Vec<Permit>,
    waiting: Vec<(Ticket, Moment)>,
}

impl Driver {
    fn new() -> Self {
        let settings = ShareSettings { origins: 2, prefixes: 8, seed: [3, 4] };
        let share = Share::new(Moment(0), settings);
        let core = Alone::with_share(Moment(0), vec![None, None], share);
        Self { core, now: moment(0.0), out: Vec::new(), waiting: Vec::new() }
    }

    fn step(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Offer { prefix: number, class, kind, route, body, bytes } => {
                let path = ["/", "/a", "/b?c", "/d/1"][usize::from(route)];
                let request = Request {
                    route: RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, path),
                    prefix: prefix(number),
                    class: Class::ALL[class],
                    kind: Kind::ALL.get(kind).copied().unwrap_or(Kind::Brief),
                    body,
                    bytes,
                    call: [Call::First, Call::Again { waited: WAIT_MAX }, Call::Part]
                        [usize::from(number) % 3],
                };
                match self.core.offer(self.now, &request) {
                    Offer::Admit(permit) => self.out.push(permit),
                    Offer::Wait(ticket) => self.waiting.push((ticket, self.now)),
                    Offer::Hold(hold) => prop_assert!((2..=60).contains(&hold.retry_after_s)),
                }
            }
            Step::Finish { which, ending, bytes } if !self.out.is_empty() => {
                let permit = self.out.swap_remove(which % self.out.len());
                let ending = match ending {
                    0 => Ending::Failed,
                    1 => Ending::Faulted,
                    2 => Ending::Left,
                    3 => Ending::Unfound,
                    _ => Ending::Answered,
                };
                self.core.finished(
                    self.now,
                    permit,
                    Outcome { bytes_out: bytes, ..Outcome::of(ending) },
                );
            }
            Step::Head { which, length, kind } if !self.out.is_empty() => {
                let permit = &self.out[which % self.out.len()];
                let head = Head { length: Some(length), kind: Kind::ALL[kind] };
                self.core.headed(self.now, permit, head);
            }
            Step::Leave { which } if !self.waiting.is_empty() => {
                let (ticket, _) = self.waiting.swap_remove(which % self.waiting.len());
                self.core.cancelled(self.now, ticket);
            }
            Step::Finish { .. } | Step::Head { .. } | Step::Leave { .. } => {}
            Step::Pass { ms } => self.pass(self.now + Duration::from_millis(ms))?,
        }
        self.look()
    }

    fn pass(&mut self, until: Moment) -> Result<(), TestCaseError> {
        let mut turns = 0;
        while self.core.next_deadline() <= until {
            let next = self.core.next_deadline();
            turns += u32::from(next <= self.now);
            prop_assert!(turns < 100, "time stands still");
            self.now = self.now.max(next);
            self.core.on_deadline(self.now);
            self.look()?;
        }
        self.now = until;
        Ok(())
    }

    fn look(&mut self) -> Result<(), TestCaseError> {
        while let Some(ready) = self.core.poll_ready() {
            let at = self.waiting.iter().position(|(ticket, _)| *ticket == ready.ticket);
            prop_assert!(at.is_some(), "who does not wait is called");
            let (_, since) = self.waiting.swap_remove(at.unwrap());
            prop_assert!(self.now.since(since) <= WAIT_MAX, "waited {:?}", self.now.since(since));
            if let Ok(permit) = ready.answer {
                self.out.push(permit);
            }
        }
        let brief = self.core.in_flight(Kind::Brief);
        prop_assert!(self.core.limit_of(0) >= 1 && self.core.limit_of(1) >= 1);
        prop_assert!(brief <= self.core.limit(), "{brief} of {}", self.core.limit());
        let counted: u32 = Kind::ALL.map(|kind| self.core.in_flight(kind)).iter().sum();
        prop_assert!(counted as usize + self.core.hung() as usize == self.out.len());
        prop_assert!(self.core.bodies() as usize <= self.out.len());
        let waiting: u32 = Kind::ALL.map(|kind| self.core.waiting(kind)).iter().sum();
        prop_assert_eq!(waiting as usize, self.waiting.len());
        prop_assert!(waiting as usize <= ENTRIES_MAX * Kind::COUNT);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, ..ProptestConfig::default() })]

    #[test]
    fn no_slot_leaks_nobody_waits_too_long_and_the_limit_is_kept(steps in steps()) {
        let mut driver = Driver::new();
        for step in &steps {
            driver.step(step)?;
        }
        // All that is out comes back; then nothing is out, hung or waiting.
        driver.pass(driver.now + WAIT_MAX)?;
        while let Some(permit) = driver.out.pop() {
            driver.core.finished(driver.now, permit, Outcome::answered(1));
            driver.look()?;
        }
        prop_assert_eq!(Kind::ALL.map(|kind| driver.core.in_flight(kind)), [0; Kind::COUNT]);
        prop_assert_eq!(driver.core.hung(), 0);
        prop_assert_eq!(driver.core.bodies(), 0);
        prop_assert!(driver.waiting.is_empty());
    }
}
