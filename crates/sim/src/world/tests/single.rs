//! Single requests, sent by a group that follows a script.

use super::*;

/// What was heard: the member, when, and what became of it.
type Log = Arc<Mutex<Vec<(u32, u64, Fate)>>>;

/// Sends what its script says; member 7 asks again half a second after each refusal, member 8 at
/// once, which no group should do.
struct Script {
    role: Role,
    sends: VecDeque<(u64, Request)>,
    again: Option<(Moment, Request)>,
    log: Log,
}

impl Group for Script {
    fn role(&self) -> Role {
        self.role
    }

    fn next_deadline(&self) -> Option<Moment> {
        let next = self.sends.front().map(|(ms, _)| at(*ms));
        next.into_iter().chain(self.again.map(|(due, _)| due)).min()
    }

    fn on_deadline(&mut self, now: Moment, out: &mut Outbox) {
        while let Some((_, request)) = self.sends.pop_front_if(|(ms, _)| at(*ms) <= now) {
            out.send(request);
        }
        if let Some((_, request)) = self.again.take_if(|(due, _)| *due <= now) {
            out.send_again(request);
        }
    }

    fn on_answer(&mut self, now: Moment, heard: Heard<'_>, out: &mut Outbox) {
        let Heard { request, answer, .. } = heard;
        let member = request.sender.member;
        self.log.lock().unwrap().push((member, now.0 / 1_000_000, answer.fate));
        if matches!(answer.fate, Fate::Stopped(_)) {
            match member {
                7 => self.again = Some((now + Duration::from_millis(500), *request)),
                8 => drop(out.send(*request)),
                _ => {}
            }
        }
    }
}

/// Stops everything until a moment; counts what it hears.
#[derive(Default)]
struct Gate {
    opens: Moment,
    holding: Option<Holding>,
    heard: Arc<Mutex<Heardings>>,
    waiting: Vec<FlightId>,
    waits: bool,
    /// Whether it spares a place for a body that has not come, and whether it hurries those.
    spares: bool,
    hurries: bool,
}

use crate::origin::FlightId;

#[derive(Debug, Default, PartialEq, Eq)]
struct Heardings {
    arrived: u32,
    finished: u32,
    left: u32,
}

impl Defence for Gate {
    fn name(&self) -> &'static str {
        "gate"
    }

    fn holding(&self) -> Holding {
        self.holding.unwrap_or(Holding::SHIELD)
    }

    fn spares_one(&self, _platform: PlatformId) -> bool {
        self.spares
    }

    fn hurries_bodies(&self, _now: Moment, _platform: PlatformId) -> bool {
        self.hurries
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        self.heard.lock().unwrap().arrived += 1;
        if self.waits && now < self.opens {
            self.waiting.push(arrival.flight);
            return Decision::Wait;
        }
        if now >= self.opens {
            return Decision::Admit;
        }
        let retry_after = Some(Duration::from_secs(1));
        Decision::Stop(crate::defence::Stopped::of(Verdict::Hold, retry_after))
    }

    fn finished(&mut self, _now: Moment, _ended: Ended) {
        self.heard.lock().unwrap().finished += 1;
    }

    fn left(&mut self, _now: Moment, flight: FlightId) {
        self.waiting.retain(|waiting| *waiting != flight);
        self.heard.lock().unwrap().left += 1;
    }

    fn next_deadline(&self) -> Option<Moment> {
        (!self.waiting.is_empty()).then_some(self.opens)
    }

    fn on_deadline(&mut self, _now: Moment) {}

    fn poll_release(&mut self) -> Option<(FlightId, Decision)> {
        None
    }
}

/// Like [`Gate`], but those that wait are let in when it opens.
#[derive(Default)]
struct Room(Gate, Vec<FlightId>);

impl Defence for Room {
    fn name(&self) -> &'static str {
        "room"
    }

    fn arrive(&mut self, now: Moment, arrival: Arrival<'_>) -> Decision {
        self.0.arrive(now, arrival)
    }

    fn left(&mut self, now: Moment, flight: FlightId) {
        self.0.left(now, flight);
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.0.next_deadline()
    }

    fn on_deadline(&mut self, _now: Moment) {
        self.1.append(&mut self.0.waiting);
    }

    fn poll_release(&mut self) -> Option<(FlightId, Decision)> {
        self.1.pop().map(|flight| (flight, Decision::Admit))
    }
}

fn at(ms: u64) -> Moment {
    Moment(ms * 1_000_000)
}

pub(super) fn request(member: u32, manner: Manner) -> Request {
    let class = NetworkClass::Residential;
    let network = Network { index: member, class, country: *b"GB", asn: 64_500 };
    Request {
        sender: Sender { group: 0, member },
        platform: PlatformId(0),
        source: network.v4(member),
        network,
        look: Look::of(StackId(0)),
        language: 0,
        route: RouteId(9),
        item: 0,
        query: Query::None,
        referer: Referer::None,
        cookie: None,
        navigates: false,
        manner,
        patience: Duration::from_mins(1),
    }
}

fn play(
    role: Role,
    sends: Vec<(u64, Request)>,
    defence: Box<dyn Defence>,
    spec: &OriginSpec,
) -> (Vec<(u32, u64, Fate)>, Score) {
    let log = Log::default();
    let script = Script { role, sends: sends.into(), again: None, log: Arc::clone(&log) };
    let platform = WorldPlatform::new(Site::organisation(), spec);
    let world = World::new(vec![Box::new(script)], vec![platform], defence);
    let score = world.run(at(200_000)).remove(0);
    let log = log.lock().unwrap().clone();
    (log, score)
}

fn one_worker() -> OriginSpec {
    OriginSpec {
        workers: 1,
        holds: crate::origin::Holds::Worker,
        timeout_s: 600.0,
        ..OriginSpec::default()
    }
}

#[test]
fn who_sends_slowly_holds_the_origin_only_where_nothing_stands_before_it() {
    let slow = Duration::from_secs(30);
    for (manner, proxy, shield) in [
        (Manner::SlowHead(slow), (30_060, Fate::Served), (10_000, Fate::Stopped(Verdict::Error))),
        (Manner::SlowBody(slow), (30_060, Fate::Served), (10_000, Fate::Stopped(Verdict::Error))),
    ] {
        let sends = || vec![(0, request(1, manner)), (100, request(2, Manner::Plain))];
        let nothing = play(Role::Flood, sends(), Box::new(Nothing), &one_worker()).0;
        assert_eq!(nothing[0], (1, 30_060, Fate::Served), "{manner:?}");
        assert_eq!(nothing[1], (2, 30_120, Fate::Served), "{manner:?}");
        let proxied = play(Role::Flood, sends(), Box::new(PerAddress::new(1, 1)), &one_worker()).0;
        assert_eq!(proxied, [(2, 160, Fate::Served), (1, proxy.0, proxy.1)], "{manner:?}");
        let gate = Gate::default();
        let shielded = play(Role::Flood, sends(), Box::new(gate), &one_worker()).0;
        let of_slow = shielded.iter().find(|(member, ..)| *member == 1);
        assert_eq!(of_slow, Some(&(1, shield.0, shield.1)), "{manner:?}");
        let other = shielded.iter().find(|(member, ..)| *member == 2).unwrap().1;
        assert_eq!(other, 160, "{manner:?}");
    }
}

#[test]
fn a_slow_body_for_which_a_place_is_spared_holds_it_until_it_is_whole_hurried_or_given_up() {
    let error = Fate::Stopped(Verdict::Error);
    for (takes_s, hurries, slow, other) in [
        (5, false, (5_060, Fate::Served), 5_120),
        (5, true, (2_020, error), 2_080),
        (30, false, (10_020, error), 10_080),
        // It is whole before anybody looks.
        (2, true, (2_060, Fate::Served), 2_120),
    ] {
        let manner = Manner::SlowBody(Duration::from_secs(takes_s));
        let sends = vec![(0, request(1, manner)), (300, request(2, Manner::Plain))];
        let gate = Gate { spares: true, hurries, ..Gate::default() };
        let heard = play(Role::Flood, sends, Box::new(gate), &one_worker()).0;
        let of = |member| {
            heard.iter().find(|(one, ..)| *one == member).map(|(_, at, fate)| (*at, *fate))
        };
        assert_eq!(of(1), Some(slow), "{takes_s} s");
        assert_eq!(of(2), Some((other, Fate::Served)), "{takes_s} s");
    }
}

#[test]
fn a_slow_reader_is_cut_off_by_the_shield_and_not_met_behind_a_proxy_that_takes_answers_whole() {
    let download = Request { route: RouteId(16), ..request(1, Manner::SlowRead(100)) };
    let sends = || vec![(0, Request { patience: Duration::from_secs(150), ..download })];
    let heard = |defence| play(Role::Flood, sends(), defence, &one_worker()).0;
    assert_eq!(heard(Box::new(Nothing)), [(1, 150_000, Fate::GaveUp)]);
    assert_eq!(heard(Box::new(PerAddress::new(1, 1))), [(1, 2, Fate::Served)]);
    let cut = Fate::Stopped(Verdict::Error);
    assert_eq!(heard(Box::<Gate>::default()), [(1, 10_000, cut)]);
}

#[test]
fn a_reset_leaves_the_origin_its_work_and_the_defence_hears_that_its_client_left_and_when_it_is_done()
 {
    let gate = Gate::default();
    let heard = Arc::clone(&gate.heard);
    let sends = vec![(0, request(1, Manner::Reset)), (1, request(2, Manner::Plain))];
    let (log, score) = play(Role::Flood, sends, Box::new(gate), &one_worker());
    assert_eq!(log, [(1, 0, Fate::Cancelled), (2, 120, Fate::Served)]);
    assert_eq!(*heard.lock().unwrap(), Heardings { arrived: 2, finished: 2, left: 1 });
    assert_eq!(score.seconds[0].admitted[Role::Flood.index()], 2);
}

#[test]
fn a_handshake_alone_is_work_for_whoever_ends_tls() {
    let sends = || vec![(0, request(1, Manner::Handshake))];
    for (defence, ms) in
        [(Box::new(Nothing) as Box<dyn Defence>, 0.39), (Box::new(PerAddress::new(1, 1)), 0.0)]
    {
        let (log, score) = play(Role::Flood, sends(), defence, &one_worker());
        assert_eq!(log, [(1, 0, Fate::Cancelled)]);
        let cost = score.seconds[0].admitted_ms[Role::Flood.index()];
        assert!((cost - ms).abs() < 1e-9, "{cost}");
    }
}

#[test]
fn who_is_held_and_served_on_asking_again_was_delayed_and_not_harmed() {
    let gate = Gate { opens: at(1_200), ..Gate::default() };
    let sends = vec![(0, request(7, Manner::Plain)), (0, request(1, Manner::Plain))];
    let (log, score) = play(Role::Person, sends, Box::new(gate), &one_worker());
    assert_eq!(log.last(), Some(&(7, 1_560, Fate::Served)));
    let summary = score.summary();
    assert_eq!(summary.offered[Role::Person.index()], 2);
    assert_eq!(summary.harm_people, Some(0.5));
    assert_eq!(summary.friction, Some(0.5));
    let p99_ms = summary.p99.unwrap().as_secs_f64() * 1e3;
    assert!((p99_ms - 1_560.0).abs() < 16.0, "from the first sending: {p99_ms} ms");
}

#[test]
fn a_group_that_asks_again_at_once_does_not_stop_the_world() {
    let gate = Gate { opens: at(5), ..Gate::default() };
    let sends = vec![(0, request(8, Manner::Plain))];
    let (log, _) = play(Role::Program, sends, Box::new(gate), &one_worker());
    assert_eq!(log.last(), Some(&(8, 65, Fate::Served)));
}

#[test]
fn those_that_wait_are_let_in_or_lose_patience() {
    let gate = Gate { opens: at(500), waits: true, ..Gate::default() };
    let heard = Arc::clone(&gate.heard);
    let hasty = Request { patience: Duration::from_millis(300), ..request(2, Manner::Plain) };
    let sends = vec![(0, request(1, Manner::Plain)), (0, hasty)];
    let (log, score) = play(Role::Person, sends, Box::new(Room(gate, Vec::new())), &one_worker());
    assert_eq!(log, [(2, 300, Fate::GaveUp), (1, 560, Fate::Served)]);
    assert_eq!(heard.lock().unwrap().left, 1);
    assert_eq!(score.peaks.held, 2);
}

#[test]
fn a_flood_on_one_platform_is_no_load_for_another() {
    let log = Log::default();
    let mut sends: Vec<_> = (0..1_000).map(|n| (n, request(1, Manner::Plain))).collect();
    let other = Request { platform: PlatformId(1), ..request(2, Manner::Plain) };
    sends.push((1_000, other));
    let script =
        Script { role: Role::Flood, sends: sends.into(), again: None, log: Arc::clone(&log) };
    let platforms = (0..2).map(|_| WorldPlatform::new(Site::organisation(), &one_worker()));
    let world = World::new(vec![Box::new(script)], platforms.collect(), Box::new(Nothing));
    let scores = world.run(at(200_000));
    assert!(log.lock().unwrap().contains(&(2, 1_060, Fate::Served)));
    assert_eq!(scores[1].peaks.at_origin, 1);
    assert!(scores[0].summary().overload_s > 0 && scores[1].summary().overload_s == 0);
}
