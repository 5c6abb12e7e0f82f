//! Checks as their senders pass them.

use super::*;
use crate::defence::{Check, Pass, Stopped, Turn};
use crate::group::{Passing, Solving};
use seawall_engine::admission::Prefix;
use seawall_engine::challenge::{Bound, Difficulty, Family, Keys, Place, PlatformMark, Token};

/// When what became of a member's page was heard: milliseconds, and whether it was served.
type Log = Arc<Mutex<Vec<(u32, u64, Fate)>>>;

const SOLVER: u32 = 0;
const WAITER: u32 = 1;
const LEAVER: u32 = 2;
/// How long its line is, in seconds.
const LINE_S: u64 = 5;

/// Three browsers that each open a page at once, and again when they have passed.
struct Browsers {
    sends: Vec<Request>,
    log: Log,
}

impl Group for Browsers {
    fn role(&self) -> Role {
        Role::Person
    }

    fn next_deadline(&self) -> Option<Moment> {
        (!self.sends.is_empty()).then_some(Moment(0))
    }

    fn on_deadline(&mut self, _now: Moment, out: &mut Outbox) {
        for request in self.sends.drain(..) {
            out.send(request);
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        let Heard { request, answer, .. } = heard;
        self.log.lock().unwrap().push((request.sender.member, now.0 / 1_000_000, answer.fate));
        if answer.has_passed {
            out.send_again(*request);
        }
    }

    fn passes(&self, member: u32) -> Passing {
        match member {
            SOLVER => Passing::Solves(Solving {
                page: Duration::from_millis(400),
                sum: Duration::from_millis(100),
            }),
            WAITER => Passing::Waits,
            _ => Passing::Never,
        }
    }
}

/// Asks everybody who has not passed.
struct AsksAll {
    keys: Keys,
    line_s: u64,
}

impl AsksAll {
    fn bound() -> Bound {
        let prefix = Prefix::of([192, 0, 2, 1].into());
        Bound { platform: PlatformMark::of("www"), prefix, family: Family::of(b"", b"") }
    }

    fn pass(&self, id: u64) -> Option<Pass> {
        Token::fresh(id, 0).sealed(&self.keys, &Self::bound()).map(Pass)
    }
}

impl Defence for AsksAll {
    fn name(&self) -> &'static str {
        "asks all"
    }

    fn arrive(&mut self, _now: Moment, arrival: Arrival<'_>) -> Decision {
        if arrival.pass.is_some() {
            return Decision::Admit;
        }
        // Four times the easiest.
        let check = Some(Check { id: 1, measure: None, difficulty: Difficulty::after(16) });
        Decision::Stop(Stopped { check, ..Stopped::of(Verdict::Challenge, None) })
    }

    fn answered(&mut self, _now: Moment, _request: &Request, check: Check) -> Option<Pass> {
        self.pass(check.id)
    }

    fn joins(&mut self, now: Moment, _request: &Request) -> Option<Turn> {
        let place = Place { joined_secs: 0, turn_secs: 0 };
        let text = place.sealed(&self.keys, &Self::bound())?;
        Some(Turn { text, at: now + Duration::from_secs(self.line_s) })
    }

    fn turn_came(
        &mut self,
        _now: Moment,
        _request: &Request,
        _waited: (Turn, Check),
    ) -> Option<Pass> {
        self.pass(2)
    }
}

/// What three browsers hear before a line of so many seconds.
fn heard(line_s: u64) -> Vec<(u32, u64, Fate)> {
    let log = Log::default();
    let sends = [SOLVER, WAITER, LEAVER].map(|member| Request {
        sender: Sender { group: 0, member },
        navigates: true,
        ..single::request(member, Manner::Plain)
    });
    let group = Browsers { sends: sends.to_vec(), log: Arc::clone(&log) };
    let defence = AsksAll { keys: Keys::new(&[7; 32], 0), line_s };
    let platform = WorldPlatform::new(Site::organisation(), &OriginSpec::default());
    World::new(vec![Box::new(group)], vec![platform], Box::new(defence))
        .run(Moment(0) + Duration::from_mins(5));
    let log = log.lock().unwrap();
    log.clone()
}

#[test]
fn who_solves_hears_after_the_work_and_who_waits_at_its_turn_and_both_are_served() {
    const ASKED: Fate = Fate::Stopped(Verdict::Challenge);
    let all = heard(LINE_S);
    let of = |member| all.iter().filter(move |one| one.0 == member).map(|one| (one.1, one.2));
    let (solver, waiter): (Vec<_>, Vec<_>) = (of(SOLVER).collect(), of(WAITER).collect());
    assert_eq!(solver[0], (800, ASKED), "a page of 400 ms and four times a sum of 100 ms");
    assert_eq!(waiter[0], (3_000 + 1_000 * LINE_S, ASKED));
    assert_eq!((solver[1].1, waiter[1].1), (Fate::Served, Fate::Served));
    assert_eq!(of(LEAVER).collect::<Vec<_>>(), [(0, ASKED)]);
}

#[test]
fn nobody_waits_in_a_line_for_longer_than_a_minute() {
    let waiter = |line_s| heard(line_s).iter().filter(|one| one.0 == WAITER).count();
    assert_eq!((waiter(60), waiter(61)), (2, 1));
}
