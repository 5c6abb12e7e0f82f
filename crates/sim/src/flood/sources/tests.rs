use super::*;
use std::collections::BTreeSet;

/// Distinct addresses and distinct networks of all sources, each asked twice.
fn census(sources: &Sources) -> (usize, usize) {
    let standing = sources.stand(&mut Pools::new()).unwrap();
    let mut chance = Chance::new(1);
    let mut places = BTreeSet::new();
    for member in (0..sources.count).chain(0..sources.count) {
        let (address, network) = standing.source(member, &mut chance).unwrap();
        places.insert((network.index, address));
    }
    let networks: BTreeSet<_> = places.iter().map(|(network, _)| *network).collect();
    (places.len(), networks.len())
}

#[test]
fn sources_are_as_many_and_as_close_together_as_is_said() {
    let apart = Sources::homes(3_000);
    let close = Sources { per_network: 100, class: Class::Hosting, ..apart.clone() };
    let people = Sources { place: Place::AmongPeople, ..apart.clone() };
    let own_64 = Sources { place: Place::Ipv6, per_network: 1_000, ..apart.clone() };
    let rotating = Sources { place: Place::Ipv6Rotating, per_network: 3_000, ..apart.clone() };
    assert_eq!(census(&apart), (3_000, 3_000));
    assert_eq!(census(&close), (3_000, 30));
    assert_eq!(census(&people), (3_000, 1_500));
    assert_eq!(census(&own_64), (3_000, 3));
    assert_eq!(census(&rotating), (6_000, 1), "a new address each time");
}

#[test]
fn a_flood_among_people_uses_addresses_that_people_have() {
    let mut pools = Pools::new();
    let sources = Sources { place: Place::AmongPeople, ..Sources::homes(500) };
    let standing = sources.stand(&mut pools).unwrap();
    let home: BTreeSet<_> = pools.people_networks().iter().map(|network| network.index).collect();
    let apart = Sources::homes(500).stand(&mut pools).unwrap();
    let mut chance = Chance::new(1);
    for member in 0..500 {
        assert!(home.contains(&standing.source(member, &mut chance).unwrap().1.index));
        assert!(!home.contains(&apart.source(member, &mut chance).unwrap().1.index));
    }
}

#[test]
fn the_share_of_a_country_and_the_mix_of_kinds_are_kept() {
    let mostly_in = Some(MostlyIn { country: "BR".to_owned(), share: 0.7 });
    let sources = Sources { mostly_in, class: Class::Mixed, ..Sources::homes(4_000) };
    let standing = sources.stand(&mut Pools::new()).unwrap();
    let share = |is: &dyn Fn(&Network) -> bool| {
        let mut chance = Chance::new(1);
        let at = (0..4_000).filter_map(|member| standing.source(member, &mut chance));
        { at }.filter(|(_, network)| is(network)).count() * 100 / 4_000
    };
    let there = share(&|network| network.country == *b"BR");
    assert!((70..=74).contains(&there), "{there} %: 70 and their part of the rest");
    let hosting = share(&|network| network.class == NetworkClass::Hosting);
    assert!((18..=22).contains(&hosting), "{hosting} %");
}

#[test]
fn more_sources_than_the_world_has_room_for_are_refused() {
    let crowd = Sources::homes(SOURCES_MAX);
    assert!(crowd.stand(&mut Pools::new()).is_ok(), "58,500 networks hold them");
    let mut pools = Pools::new();
    pools.fresh_networks(58_000, NetworkClass::Hosting);
    assert!(crowd.stand(&mut pools).is_err());
    assert!(Sources::homes(0).stand(&mut Pools::new()).is_err());
    assert!(Sources::homes(SOURCES_MAX + 1).stand(&mut Pools::new()).is_err());
    let nowhere = Some(MostlyIn { country: "Br".to_owned(), share: 0.5 });
    let sources = Sources { mostly_in: nowhere, ..Sources::homes(1) };
    assert!(sources.stand(&mut Pools::new()).is_err());
}

#[test]
fn sources_behind_nats_have_the_very_addresses_that_people_share() {
    let mut pools = Pools::new();
    let sources = Sources { place: Place::BehindNats, ..Sources::homes(500) };
    assert!(sources.stand(&mut pools).is_err(), "nobody shares an address yet");
    let campus = pools.fresh_networks(1, NetworkClass::Residential)[0];
    pools.share(campus, campus.v4(0));
    pools.share(campus, campus.v4(1));
    let standing = sources.stand(&mut pools).unwrap();
    let mut chance = Chance::new(1);
    let seen: BTreeSet<_> =
        (0..500).map(|member| standing.source(member, &mut chance).unwrap().0).collect();
    assert_eq!(seen, BTreeSet::from([campus.v4(0), campus.v4(1)]));
}
