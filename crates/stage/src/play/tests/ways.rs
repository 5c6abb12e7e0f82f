//! Every way and manner in which a request can be sent.

use super::super::*;
use super::{platform_at, request};
use crate::Trust;
use crate::tests::servers::{Behind, tls_front};
use seawall_sim::Outbox;
use seawall_sim::fault::What;
use seawall_sim::group::{Heard, Role};
use seawall_sim::origin::{OriginSpec, Trouble};
use seawall_sim::request::{Answer, Fate, Manner, Request};
use seawall_sim::score::Capacity;
use seawall_sim::site::RouteId;
use seawall_sim::stack::{Look, Protocol, Stack};
use seawall_types::{Moment, PlatformId};

/// One member that sends one request and keeps the answer.
struct One {
    request: Option<Request>,
    answer: Arc<Mutex<Option<Answer>>>,
}

impl Group for One {
    fn role(&self) -> Role {
        Role::Person
    }

    fn next_deadline(&self) -> Option<Moment> {
        self.request.map(|_| Moment::default())
    }

    fn on_deadline(&mut self, _now: Moment, out: &mut Outbox) {
        if let Some(request) = self.request.take() {
            out.send(request);
        }
    }

    fn on_answer(&mut self, _now: Moment, heard: Heard<'_>, _out: &mut Outbox) {
        *self.answer.lock().unwrap() = Some(heard.answer);
    }
}

/// A client that shows `ja4` and speaks `protocol`.
fn stacks(protocol: Protocol, ja4: &str) -> Stacks {
    let mut stacks = Stacks::default();
    stacks.intern(Stack {
        user_agent: "A browser/1.0".to_owned(),
        ja4: ja4.to_owned(),
        h2: String::new(),
        headers: "host,user-agent,accept,sec-fetch-mode".to_owned(),
        tcp: String::new(),
        protocol,
    });
    stacks
}

fn ledger() -> Arc<Ledger> {
    Arc::new(Ledger::new(
        &[Capacity { ms_per_s: 1_000.0, worker_ms_per_s: 1_000.0, bytes_per_s: None }],
        None,
    ))
}

fn origin(ledger: &Arc<Ledger>) -> SiteOrigin {
    let spec = OriginSpec { workers: 1, line: 10, ..OriginSpec::default() };
    SiteOrigin::start(PlatformId(0), &spec, ledger).unwrap()
}

/// What comes of one request at `doors`.
async fn answer(ledger: &Arc<Ledger>, stacks: Stacks, doors: Doors, sent: Request) -> Answer {
    let platform = PlayedPlatform { doors, ..platform_at("127.0.0.1:1") };
    answer_after(ledger, (platform, stacks, Vec::new()), sent).await
}

/// What comes of one request after something went wrong.
async fn answer_after(
    ledger: &Arc<Ledger>,
    (platform, stacks, faults): (PlayedPlatform, Stacks, Vec<Fault>),
    sent: Request,
) -> Answer {
    let answer = Arc::new(Mutex::new(None));
    let one = One { request: Some(sent), answer: Arc::clone(&answer) };
    let spec = PlaySpec {
        groups: vec![Box::new(one)],
        platforms: vec![platform],
        stacks,
        faults,
        lasting: Duration::from_secs(30),
    };
    let play = Play::start(spec, ledger).unwrap();
    let heard = || *answer.lock().unwrap();
    while heard().is_none() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(play);
    heard().unwrap()
}

async fn in_manner(manner: Manner, route: RouteId) -> (Answer, u32) {
    let ledger = ledger();
    let origin = origin(&ledger);
    let doors = Doors { plain: origin.address(), tls: None, before: Before::Origin };
    let sent = Request { manner, ..request(route) };
    let answer = answer(&ledger, Stacks::default(), doors, sent).await;
    let reached = ledger.scores()[0].seconds.iter().map(|s| s.admitted[0]).sum();
    (answer, reached)
}

#[tokio::test]
async fn a_stack_of_http2_goes_over_tls_and_http2_where_there_is_such_a_door() {
    let (target, certificate) = tls_front(Behind::Http2).await;
    let tls = Some((target, Trust::Exactly(certificate)));
    let doors = Doors { plain: "127.0.0.1:1".parse().unwrap(), tls, before: Before::Shield };
    let sent = request(RouteId(0));
    let answer = answer(&ledger(), stacks(Protocol::H2, "t13d"), doors, sent).await;
    assert_eq!(answer.fate, Fate::Served);
}

#[tokio::test]
async fn a_stack_with_a_tls_fingerprint_goes_over_tls_and_gets_the_cookie_of_its_member() {
    let ledger = ledger();
    let origin = origin(&ledger);
    let (target, certificate) = tls_front(Behind::Origin(origin.address().address())).await;
    let tls = Some((target, Trust::Exactly(certificate)));
    let doors = Doors { plain: "127.0.0.1:1".parse().unwrap(), tls, before: Before::Shield };
    let stacks = stacks(Protocol::H1, "t13d");
    let sent = Request { look: Look::of(seawall_sim::stack::StackId(0)), ..request(RouteId(0)) };
    let answer = answer(&ledger, stacks, doors, sent).await;
    assert_eq!(answer.fate, Fate::Served);
    assert_eq!(answer.set_cookie, Some(seawall_sim::world::cookie_of(0, 3)));
    assert!(answer.took >= Duration::from_millis(6), "{answer:?}");
}

#[tokio::test]
async fn slow_heads_slow_bodies_and_slow_readers_take_their_time_and_are_served() {
    let lasting = Duration::from_millis(300);
    let least = Duration::from_millis(200);
    // 22,000 bytes at 80,000 a second.
    for (manner, route) in [
        (Manner::SlowHead(lasting), RouteId(0)),
        (Manner::SlowBody(lasting), RouteId(0)),
        (Manner::SlowRead(80_000), RouteId(6)),
    ] {
        let (answer, reached) = in_manner(manner, route).await;
        assert_eq!((answer.fate, reached), (Fate::Served, 1), "{manner:?}");
        assert!(answer.took >= least, "{manner:?} {answer:?}");
    }
}

#[tokio::test]
async fn a_socket_is_agreed_to() {
    let (answer, reached) = in_manner(Manner::Socket(Duration::from_millis(50)), RouteId(17)).await;
    assert_eq!((answer.fate, reached), (Fate::Served, 1));
}

#[tokio::test]
async fn who_cancels_hears_no_answer_and_who_only_connects_reaches_no_origin() {
    let (answer, _) = in_manner(Manner::Reset, RouteId(0)).await;
    assert_eq!(answer.fate, Fate::Cancelled);
    let (answer, reached) = in_manner(Manner::Handshake, RouteId(0)).await;
    assert_eq!((answer.fate, reached), (Fate::Cancelled, 0));
}

#[tokio::test]
async fn a_sender_that_waits_no_longer_leaves_and_a_door_that_is_shut_fails() {
    let ledger = ledger();
    let origin = origin(&ledger);
    let doors = Doors { plain: origin.address(), tls: None, before: Before::Origin };
    let patience = Duration::from_millis(20);
    let sent = Request { patience, ..request(RouteId(10)) };
    let gone = answer(&ledger, Stacks::default(), doors.clone(), sent).await;
    assert_eq!(gone.fate, Fate::GaveUp);
    drop(origin);
    let shut = answer(&self::ledger(), Stacks::default(), doors, request(RouteId(0))).await;
    assert_eq!(shut.fate, Fate::OriginFailed);
}

#[tokio::test]
async fn a_server_that_dies_breaks_off_and_its_platform_can_carry_nothing() {
    let ledger = ledger();
    let origin = Arc::new(origin(&ledger));
    let doors = Doors { plain: origin.address(), tls: None, before: Before::Origin };
    let platform = PlayedPlatform { origin: Some(origin), doors, ..platform_at("127.0.0.1:1") };
    let dies = What::Origin(PlatformId(0), Trouble::Dies(0));
    let faults = vec![Fault { at: Moment::default(), what: dies }];
    let sent = request(RouteId(0));
    let answer = answer_after(&ledger, (platform, Stacks::default(), faults), sent).await;
    assert_eq!(answer.fate, Fate::OriginFailed);
    assert!(ledger.scores()[0].capacity.ms_per_s < 1e-9);
}
