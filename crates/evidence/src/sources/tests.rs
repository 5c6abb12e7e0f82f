use super::*;
use crate::places::TableKind;
use crate::places::made::{Value, map, table};
use expect_test::expect;
use seawall_engine::{AdmissionSnapshot, Engine, Event, PlatformSettings};
use seawall_types::{
    Batch, FarEnd, Moment, OriginCapacity, PlatformCounts, PlatformId, Reason, RequestObservation,
    SourceKey, Traits, Verdict,
};

/// What an engine tells of a platform that is asked for too much by these sources.
fn seen(sources: &[(&str, usize)]) -> SourcesSeen {
    let capacity = OriginCapacity::new(100.0);
    let settings = PlatformSettings { name: "www".to_owned(), capacity, acts: false };
    let mut engine = Engine::new(Moment(0), vec![settings]);
    let look = AdmissionSnapshot { limit: 1, carries: 1.0, pressure: 4.0 };
    let mut now = Moment(0);
    for step in 0..60 {
        now = Moment(step * 250_000_000);
        let counts =
            PlatformCounts { asked_us: 1_000_000, offered_us: 1_000_000, ..Default::default() };
        let mut batch = Batch { at: now, platforms: vec![counts], ..Batch::default() };
        if step == 20 {
            for (address, requests) in sources {
                let request = RequestObservation {
                    at: now,
                    platform: PlatformId(0),
                    source: SourceKey::of(address.parse().unwrap()),
                    far: FarEnd::default(),
                    verdict: Verdict::Hold,
                    reason: Reason::Overload,
                    cost_us: 10,
                    is_proven: false,
                    measure: None,
                    traits: Traits::default(),
                };
                batch.requests.extend(std::iter::repeat_n(request, *requests));
            }
        }
        engine.observe(now, Event::Admission(vec![Some(look)]));
        engine.observe(now, Event::Observed(batch));
        engine.on_deadline(now);
    }
    engine.sources_of_open(now).pop().expect("an incident is open")
}

fn counted(seen: SourcesSeen) -> Counted {
    let at = Stamp::default();
    let incident = "www-1".parse().unwrap();
    Counted { incident, platform: "www".to_owned(), since: at, until: at, seen }
}

#[test]
fn a_record_tells_rows_of_tables_and_holds_no_address() {
    let country = |code| map("country", map("iso_code", Value::Text(code)));
    let mut tables = Tables::default();
    let countries = [("192.0.2.0/24", country("DE")), ("198.51.100.0/24", country("FR"))];
    tables.add(TableKind::Country, table("Test-Country", &countries)).unwrap();
    let network = Value::Map(vec![
        ("autonomous_system_number", Value::Number(64_496)),
        ("country_code", Value::Text("NL")),
    ]);
    tables.add(TableKind::Network, table("Test-Network", &[("192.0.2.0/25", network)])).unwrap();
    let sources = [("192.0.2.1", 3), ("192.0.2.200", 1), ("198.51.100.1", 5), ("203.0.113.9", 1)];
    let fact = counted(seen(&sources)).fact(&tables, AddressWord::Handshake);
    let Fact::IncidentSources(told) = &fact else { panic!("another fact") };
    let json = serde_json::to_string(&told.met).unwrap();
    expect![[r#"{"sources":4,"error_permille":0,"requests":10,"sampled":4,"sampled_requests":10,"effective_requests":2,"countries":{"rows":[{"place":"DE","sources":2,"requests":4},{"place":"FR","sources":1,"requests":5}],"others":{"sources":0,"requests":0},"unplaced":{"sources":1,"requests":1}},"networks":{"rows":[{"place":"AS64496","sources":1,"requests":3}],"others":{"sources":0,"requests":0},"unplaced":{"sources":3,"requests":7}},"classes":null,"marks":["5d2f347f780fe8f8","6d787a5a2bd76694","b46e4f12b22c6da2","c57b82a9b97bf1e2"],"compared":1,"disagreeing":1}"#]].assert_eq(&json);
    let whole = serde_json::to_string(&fact).unwrap();
    for (address, _) in sources {
        assert!(!whole.contains(address), "{address} stands in {whole}");
    }
    assert_eq!(serde_json::from_str::<Fact>(&whole).unwrap(), fact);
}

#[test]
fn without_tables_no_place_is_told() {
    let fact = counted(seen(&[("192.0.2.1", 3)])).fact(&Tables::default(), AddressWord::Proxies);
    let Fact::IncidentSources(told) = fact else { panic!("another fact") };
    assert_eq!((told.met.sources, told.met.sampled), (1, 1));
    assert_eq!((told.met.countries, told.met.networks, told.met.classes), (None, None, None));
    assert!(told.tables.is_empty());
}

#[test]
fn a_record_of_many_networks_is_bounded_and_the_rest_is_summed() {
    let rows: Vec<_> = (0..100_u8).map(|at| format!("192.0.{at}.0/24")).collect();
    let numbered = (64_496..).zip(&rows);
    let rows: Vec<_> =
        numbered.map(|(number, row)| (row.as_str(), map("asn", Value::Number(number)))).collect();
    let mut tables = Tables::default();
    tables.add(TableKind::Network, table("Test", &rows)).unwrap();
    let addresses: Vec<_> = (0..100_u8).map(|at| format!("192.0.{at}.1")).collect();
    let sources: Vec<_> = addresses.iter().map(|address| (address.as_str(), 1)).collect();
    let fact = counted(seen(&sources)).fact(&tables, AddressWord::Handshake);
    let Fact::IncidentSources(told) = fact else { panic!("another fact") };
    let networks = told.met.networks.expect("the table names networks");
    assert_eq!((networks.rows.len(), networks.others.sources), (ROWS_MAX, 60));
    assert_eq!(networks.unplaced, PlaceCount::default());
}

#[test]
fn of_a_thousand_addresses_none_stands_in_a_record_of_sources() {
    let addresses: Vec<_> = (0..1_000_u32)
        .map(|at| format!("203.{}.{}.{}", at % 7 + 100, at / 200 + 100, at % 200 + 50))
        .collect();
    let sources: Vec<_> = addresses.iter().map(|address| (address.as_str(), 1)).collect();
    let fact = counted(seen(&sources)).fact(&Tables::default(), AddressWord::Handshake);
    let told = serde_json::to_string(&fact).unwrap();
    for address in &addresses {
        assert!(!told.contains(address.as_str()), "{address} stands in {told}");
        let number = u32::from(address.parse::<std::net::Ipv4Addr>().unwrap());
        for hidden in [number.to_string(), format!("{number:08x}")] {
            assert!(!told.contains(&hidden), "{address} stands in {told} as {hidden}");
        }
    }
    assert!(told.contains(r#""marks":["#));
}
