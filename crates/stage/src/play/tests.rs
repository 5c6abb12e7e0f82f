//! Groups on real sockets, and the simulator beside them.

mod ways;

use super::*;
use seawall_sim::defence::Nothing;
use seawall_sim::flood::one_tool;
use seawall_sim::flood::pace::Pace;
use seawall_sim::flood::sources::Sources;
use seawall_sim::network::{Network, NetworkClass};
use seawall_sim::origin::OriginSpec;
use seawall_sim::people::browsers;
use seawall_sim::rate::moment;
use seawall_sim::request::{Manner, Query, Referer, Request, Sender};
use seawall_sim::score::Capacity;
use seawall_sim::site::RouteId;
use seawall_sim::stack::{Look, StackId};
use seawall_sim::world::WorldPlatform;
use seawall_sim::{Casting, Pools, Role, Score, Span, World};
use seawall_types::PlatformId;

const SECONDS: f64 = 6.0;

fn network(index: u32) -> Network {
    Network { index, class: NetworkClass::Residential, country: *b"GB", asn: 64_500 }
}

/// A platform whose door is at `address`.
pub(super) fn platform_at(address: &str) -> PlayedPlatform {
    PlayedPlatform {
        host: "www.example.org".to_owned(),
        site: Site::organisation(),
        origin: None,
        doors: Doors { plain: address.parse().unwrap(), tls: None, before: Before::Origin },
    }
}

/// A page opened by a person.
pub(super) fn request(route: RouteId) -> Request {
    Request {
        sender: Sender { group: 0, member: 3 },
        platform: PlatformId(0),
        source: network(0).v4(3),
        network: network(0),
        look: Look::of(StackId(0)),
        language: 0,
        route,
        item: 1,
        query: Query::None,
        referer: Referer::None,
        cookie: None,
        navigates: true,
        manner: Manner::Plain,
        patience: Duration::from_secs(3),
    }
}

/// Some 100 requests a second by people, and from second 2 to 5 a flood of searches that asks for
/// five times what there is.
fn cast() -> (Vec<Box<dyn Group>>, Stacks) {
    let site = Site::organisation();
    let mut pools = Pools::new();
    let people = browsers::Parameters { rps: 100.0, ..Default::default() };
    let casting = Casting {
        group: 0,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span: Span { from: 0.0, until: SECONDS },
        seed: 1,
    };
    let people = people.cast(casting).unwrap();
    let flood = one_tool::Parameters {
        pace: Pace::steady(300.0),
        sources: Sources::homes(100),
        target: "/search".to_owned(),
        patience_s: 1.0,
        ..Default::default()
    };
    let casting = Casting {
        group: 1,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span: Span { from: 2.0, until: 5.0 },
        seed: 2,
    };
    let flood = flood.cast(casting).unwrap();
    (vec![people, flood], pools.stacks().clone())
}

fn origin() -> OriginSpec {
    OriginSpec { workers: 4, line: 100, ..OriginSpec::default() }
}

fn simulated() -> Score {
    let platform = WorldPlatform::new(Site::organisation(), &origin());
    World::new(cast().0, vec![platform], Box::new(Nothing)).run(moment(SECONDS)).remove(0)
}

async fn played() -> (Score, PlayReport) {
    let capacity = Capacity { ms_per_s: 4_000.0, worker_ms_per_s: 1_000.0, bytes_per_s: None };
    let ledger = Arc::new(Ledger::new(&[capacity], None));
    let origin = SiteOrigin::start(PlatformId(0), &origin(), &ledger).unwrap();
    let door = origin.address().to_string();
    let (groups, stacks) = cast();
    let spec = PlaySpec {
        groups,
        platforms: vec![platform_at(&door)],
        stacks,
        faults: Vec::new(),
        lasting: Duration::from_secs_f64(SECONDS),
    };
    let play = Play::start(spec, &ledger).unwrap();
    play.ended().await;
    (ledger.scores().remove(0), play.report())
}

fn share(score: &Score, role: Role, from: usize, until: usize) -> f64 {
    let role = role.index();
    let seconds = &score.seconds[from..until];
    let served: u32 = seconds.iter().map(|second| second.served[role]).sum();
    let offered: u32 = seconds.iter().map(|second| second.offered[role]).sum();
    f64::from(served) / f64::from(offered)
}

#[tokio::test]
async fn an_origin_on_real_sockets_is_taken_from_its_visitors_as_the_simulated_one_is() {
    let simulated = simulated();
    let (real, report) = played().await;
    assert_eq!((report.overrun, report.unconnected), (0, 0), "{report:?}");
    assert!(share(&real, Role::Person, 0, 1) > 0.98, "calm: {:?}", real.seconds[0]);
    let harm = |score: &Score| 1.0 - share(score, Role::Person, 2, 5);
    let (simulated, real) = (harm(&simulated), harm(&real));
    assert!(simulated > 0.2, "the flood does harm: {simulated}");
    assert!((simulated - real).abs() < 0.15, "simulated {simulated}, real {real}");
}
