mod conduct;
mod golden;
mod parameters;

use super::*;
use crate::agenda::Agenda;
use crate::defence::Nothing;
use crate::group::{Group, Heard, Outbox, Role};
use crate::network::NetworkClass;
use crate::origin::OriginSpec;
use crate::rate::moment;
use crate::request::{Answer, Fate, Manner, Referer, Request};
use crate::site::Site;
use crate::world::WorldPlatform;
use crate::{Casting, Miscast, Pools, Score, Span, World};
use seawall_types::{Moment, PlatformId, Verdict};
use std::collections::BTreeSet;
use std::time::Duration;

const SECONDS: f64 = 120.0;

/// Anything that casts a group.
pub(crate) type Caster<'a> = &'a dyn Fn(Casting<'_>) -> Result<Box<dyn Group>, Miscast>;

/// What a group does on a platform that serves everything at once.
pub(crate) fn alone(
    seed: u64,
    cast: impl FnOnce(Casting<'_>) -> Result<Box<dyn Group>, Miscast>,
) -> Score {
    let (site, mut pools) = (Site::organisation(), Pools::new());
    let casting = Casting {
        group: 0,
        platform: PlatformId(0),
        site: &site,
        pools: &mut pools,
        span: Span { from: 0.0, until: SECONDS },
        seed,
    };
    let group = cast(casting).unwrap();
    let origin = OriginSpec { workers: 60_000, line: 0, ..OriginSpec::default() };
    let platform = WorldPlatform::new(site, &origin);
    World::new(vec![group], vec![platform], Box::new(Nothing)).run(moment(SECONDS)).remove(0)
}

/// A group that is cast on a site of its own.
fn cast(
    seed: u64,
    cast: impl FnOnce(Casting<'_>) -> Result<Box<dyn Group>, Miscast>,
) -> Box<dyn Group> {
    let (site, mut pools) = (Site::organisation(), Pools::new());
    let span = Span { from: 0.0, until: SECONDS };
    let platform = PlatformId(0);
    cast(Casting { group: 0, platform, site: &site, pools: &mut pools, span, seed }).unwrap()
}

/// Every request that a group sends when each comes to what `fate` says, after 20 ms.
pub(crate) fn play(
    mut group: Box<dyn Group>,
    mut fate: impl FnMut(Moment, &Request) -> Fate,
) -> Vec<(Moment, Request)> {
    let (mut out, mut answers, mut all) = (Outbox::of_group(0), Agenda::default(), Vec::new());
    let (took, mut missed, mut again) = (Duration::from_millis(20), BTreeSet::new(), 0);
    let want = |request: &Request| (request.sender.member, request.route, request.item);
    loop {
        let next = group.next_deadline().into_iter().chain(answers.next_due()).min();
        let Some(now) = next.filter(|next| *next < moment(SECONDS)) else {
            assert!(missed.len() < 200 || again > 0, "nobody asked again for what was missed");
            return all;
        };
        let mut refused = false;
        while let Some((_, (ticket, request))) = answers.take_due(now) {
            let fate = fate(now, &request);
            let set_cookie = (fate == Fate::Served).then_some(1);
            if fate != Fate::Served {
                refused = true;
                missed.insert(want(&request));
            }
            let retry_after = matches!(fate, Fate::Stopped(Verdict::Limit | Verdict::Hold))
                .then_some(Duration::from_secs(2));
            let answer = Answer { fate, took, retry_after, set_cookie, has_passed: true };
            group.on_answer(now, Heard { ticket, request: &request, answer }, &mut out);
        }
        assert!(!refused || group.next_deadline().is_none_or(|due| due > now), "at once");
        group.on_deadline(now, &mut out);
        for (ticket, request) in out.drain() {
            assert!(!ticket.is_again() || missed.contains(&want(&request)), "{request:?}");
            again += usize::from(ticket.is_again());
            all.push((now, request));
            answers.put(now + took, (ticket, request));
        }
    }
}

/// Every request that a group sends on a platform that serves everything.
pub(crate) fn offered(
    seed: u64,
    casting: impl FnOnce(Casting<'_>) -> Result<Box<dyn Group>, Miscast>,
) -> Vec<(Moment, Request)> {
    play(cast(seed, casting), |_, _| Fate::Served)
}

/// Requests per second of honest members between two seconds.
pub(crate) fn rate(score: &Score, from: usize, until: usize) -> f64 {
    let seconds = score.seconds.iter().take(until).skip(from);
    let offered: u32 = seconds
        .map(|second| second.offered[Role::Person.index()] + second.offered[Role::Program.index()])
        .sum();
    f64::from(offered) / f64::from(u32::try_from(until - from).unwrap())
}

pub(crate) fn assert_near(measured: f64, said: f64, what: &str) {
    assert!((measured / said - 1.0).abs() < 0.05, "{what}: {measured} instead of {said}");
}

#[test]
fn people_ask_as_often_as_said_from_their_first_second() {
    for (seed, returning) in [(1, 0.0), (2, 0.1), (3, 0.35), (4, 1.0)] {
        let browsers = browsers::Parameters { returning, ..Default::default() };
        let score = alone(seed, |casting| browsers.cast(casting));
        assert_near(rate(&score, 0, 120), 300.0, &format!("{returning} return"));
        assert_near(rate(&score, 0, 30), rate(&score, 90, 120), "from the start");
    }
}

#[test]
fn a_nat_whose_people_are_mostly_here_asks_as_often_as_said() {
    let nat = nat::Parameters { rps: 900.0, class: NetworkClass::Mobile, ..Default::default() };
    let score = alone(5, |casting| nat.cast(casting));
    assert_near(rate(&score, 0, 120), 900.0, "3,000 people at 900 rps");
}

#[test]
fn people_on_ipv6_ask_as_often_as_said() {
    let privacy = privacy::Parameters { rps: 400.0, ..Default::default() };
    let score = alone(6, |casting| privacy.cast(casting));
    assert_near(rate(&score, 0, 120), 400.0, "privacy addresses");
}

#[test]
fn programs_ask_as_often_as_said_from_their_first_second() {
    let near = |said, what, cast: Caster<'_>| {
        let score = alone(7, cast);
        assert_near(rate(&score, 0, 30), said, what);
        assert_near(rate(&score, 0, 120), said, what);
    };
    let feeds = feeds::Parameters { readers: 6_000, every_s: 60.0 };
    near(100.0, "feeds", &|casting| feeds.cast(casting));
    let monitors = monitors::Parameters { probes: 100, every_s: 2.0, ..Default::default() };
    near(50.0, "monitors", &|casting| monitors.cast(casting));
    let crawler = crawlers::Parameters { rps: 250.0, ..Default::default() };
    near(250.0, "crawler", &|casting| crawler.cast(casting));
    let apps = apps::Parameters { rps: 150.0, ..Default::default() };
    near(150.0, "apps", &|casting| apps.cast(casting));
    let webhooks = webhooks::Parameters { rps: 100.0, ..Default::default() };
    near(100.0, "webhooks", &|casting| webhooks.cast(casting));
}

#[test]
fn as_many_connections_are_held_as_said_and_as_many_files_asked_for() {
    let sockets = sockets::Parameters { held: 1_200, hold_s: 60.0 };
    let requests = offered(8, |casting| sockets.cast(casting));
    let held = |(_, request): &(Moment, Request)| match request.manner {
        Manner::Socket(held) => held.as_secs_f64(),
        other => panic!("{other:?} instead of a socket"),
    };
    let total: f64 = requests.iter().map(held).sum();
    assert_near(total, 1_200.0 * 60.0 + 120.0 * 1_200.0, "seconds held by all who began");
    let downloads = downloads::Parameters { rps: 20.0, ..Default::default() };
    assert_near(rate(&alone(9, |casting| downloads.cast(casting)), 0, 120), 20.0, "downloads");
}
