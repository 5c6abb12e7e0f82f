//! How many requests of a world are played in a second of machine time, by defence.
//!
//! `cargo run --profile system -p seawall-sim --example speed`

use seawall_sim::casting::{Casting, Pools, Span};
use seawall_sim::defence::{DefenceKind, Protected, Setup};
use seawall_sim::flood::{one_tool, pace::Pace};
use seawall_sim::origin::OriginSpec;
use seawall_sim::people::browsers;
use seawall_sim::rate::moment;
use seawall_sim::site::Site;
use seawall_sim::world::{World, WorldPlatform};
use seawall_types::PlatformId;

#[expect(clippy::disallowed_methods, reason = "a measurement of machine time")]
fn main() {
    for kind in DefenceKind::ALL {
        let (site, mut pools) = (Site::organisation(), Pools::new());
        let casting = |group, from, until| (group, Span { from, until });
        let mut cast = |(group, span), make: &dyn Fn(Casting<'_>) -> _| {
            let platform = PlatformId(0);
            make(Casting { group, platform, site: &site, pools: &mut pools, span, seed: 1 })
        };
        let people = browsers::Parameters { rps: 300.0, ..Default::default() };
        let flood = one_tool::Parameters {
            pace: Pace::steady(3_000.0),
            target: "/search".to_owned(),
            ..Default::default()
        };
        let groups = [
            cast(casting(0, 0.0, 75.0), &|casting| people.cast(casting)),
            cast(casting(1, 20.0, 65.0), &|casting| flood.cast(casting)),
        ];
        let groups = groups.into_iter().filter_map(Result::ok).collect();
        let origin = OriginSpec::default();
        let protected = [Protected {
            name: "www".to_owned(),
            capacity_ms_per_s: Some(origin.capacity_ms_per_s()),
        }];
        let calm_until = moment(20.0);
        let stacks = pools.stacks();
        let setup = Setup { seed: 1, platforms: &protected, stacks, remembered: &[], calm_until };
        let defence = kind.build(&setup);
        let world = World::new(groups, vec![WorldPlatform::new(site.clone(), &origin)], defence);
        let begun = std::time::Instant::now();
        let scores = world.run(moment(75.0));
        let took = begun.elapsed();
        let requests: u64 = scores.iter().flat_map(|score| score.summary().offered).sum();
        let each_ns = took.as_nanos() / u128::from(requests.max(1));
        println!("{:<20} {requests} requests, {each_ns} ns each", kind.name());
    }
}
