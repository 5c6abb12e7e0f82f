//! Promises are worth a network's turn, and little more.

use crate::admission::{
    Alone, Body, Call, Class, Ending, Kind, MethodKind, Offer, OriginSet, Outcome, Permit, Prefix,
    Request, RouteKey, RouteSeed, Ticket,
};
use seawall_types::{Moment, OriginCapacity};
use std::net::Ipv4Addr;
use std::time::Duration;

const AGAIN: Call = Call::Again { waited: Duration::from_secs(4) };

/// Networks that ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Busy = 1,
    New = 2,
    Other = 3,
    Filler = 4,
}

/// An origin of one slot, which is taken.
struct Gate {
    core: Alone,
    now: Moment,
    out: Option<Permit>,
    waiting: Vec<(Ticket, Who)>,
}

impl Gate {
    /// A page costs 10 ms, and `/part` half a millisecond.
    fn new() -> Self {
        let mut core = Alone::new(Moment(0), vec![OriginCapacity::new(1_000.0)], [1, 2]);
        let now = Moment(1_500_000);
        let go = |core: &mut Alone, at, path| match core
            .offer(at, &request(Who::Filler, path, Call::First))
        {
            Offer::Admit(permit) => permit,
            offer => panic!("the slot is free: {offer:?}"),
        };
        let part = go(&mut core, Moment(1_000_000), "/part");
        core.finished(now, part, Outcome::answered(100));
        let page = go(&mut core, now, "/page");
        Self { core, now, out: Some(page), waiting: Vec::new() }
    }

    fn waits(&mut self, who: Who, path: &str, call: Call) {
        match self.core.offer(self.now, &request(who, path, call)) {
            Offer::Wait(ticket) => self.waiting.push((ticket, who)),
            offer => panic!("{who:?}: {offer:?}"),
        }
    }

    /// Pages are asked for, and their clients leave.
    fn asked_in_vain(&mut self, pages: u32) {
        for _ in 0..pages {
            let offer = self.core.offer(self.now, &request(Who::Filler, "/page", Call::First));
            let Offer::Wait(ticket) = offer else { panic!("{offer:?}") };
            self.core.cancelled(self.now, ticket);
        }
    }

    /// The slot is free; who has it next.
    fn next(&mut self) -> Who {
        let out = self.out.take().expect("the slot is taken");
        self.core.finished(self.now, out, Outcome::of(Ending::Left));
        let ready = loop {
            if let Some(ready) = self.core.poll_ready() {
                break ready;
            }
            // The slot is free before its work would be done.
            self.now = self.now + Duration::from_micros(100);
            assert!(self.now < Moment(10_000_000_000), "nobody is let in");
            self.core.use_origins(self.now, OriginSet::ALL);
        };
        self.out = Some(ready.answer.expect("nobody is sent away"));
        let at = self.waiting.iter().position(|(ticket, _)| *ticket == ready.ticket);
        self.waiting.swap_remove(at.expect("one of those who wait")).1
    }
}

fn request(who: Who, path: &str, call: Call) -> Request {
    Request {
        class: Class::Unknown,
        kind: Kind::Brief,
        body: Body::Whole,
        prefix: Prefix::of(Ipv4Addr::new(10, 0, who as u8, 1).into()),
        route: RouteKey::of(RouteSeed([1, 2]), MethodKind::Read, path),
        bytes: 100,
        call,
    }
}

#[test]
fn who_comes_back_goes_first_only_while_his_network_has_had_no_more_than_its_turn() {
    let mut gate = Gate::new();
    // More pages than half a second of work, and always another that waits.
    gate.waits(Who::Busy, "/page", Call::First);
    for _ in 0..70 {
        gate.waits(Who::Busy, "/page", Call::First);
        assert_eq!(gate.next(), Who::Busy);
    }
    gate.waits(Who::New, "/page", Call::First);
    gate.waits(Who::Busy, "/page", AGAIN);
    gate.waits(Who::Other, "/page", AGAIN);
    assert_eq!([gate.next(), gate.next(), gate.next()], [Who::Other, Who::New, Who::Busy]);
}

#[test]
fn cheap_parts_of_pages_go_first_until_their_network_is_eight_pages_ahead_of_its_turn() {
    let mut gate = Gate::new();
    gate.asked_in_vain(2_000);
    gate.waits(Who::New, "/page", Call::First);
    gate.waits(Who::Other, "/page", AGAIN);
    let mut parts = 0;
    loop {
        gate.asked_in_vain(1);
        gate.waits(Who::Busy, "/part", Call::Part);
        if gate.next() != Who::Busy {
            break;
        }
        parts += 1;
        assert!(parts < 2_000, "parts go first on and on");
    }
    println!("{parts} parts of half a millisecond went before a page");
    // Half a second that a network may be behind, and eight times 5 to 9 ms.
    assert!((1_050..=1_150).contains(&parts), "{parts}");
}
