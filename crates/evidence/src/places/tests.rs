use super::made::{Value, map, table};
use super::*;

fn source(text: &str) -> SourceKey {
    SourceKey::of(text.parse().unwrap())
}

fn countries() -> Vec<u8> {
    let country = |code| map("country", map("iso_code", Value::Text(code)));
    table(
        "Test-Country",
        &[
            ("192.0.2.0/24", country("DE")),
            ("198.51.100.0/25", country("FR")),
            ("2001:db8:1::/48", country("SE")),
            ("203.0.113.0/24", country("<b")),
        ],
    )
}

fn networks() -> Vec<u8> {
    table(
        "Test-Network",
        &[
            (
                "192.0.2.0/24",
                Value::Map(vec![
                    ("autonomous_system_number", Value::Number(64_496)),
                    ("country_code", Value::Text("NL")),
                    ("is_hosting_provider", Value::Flag(true)),
                ]),
            ),
            (
                "198.51.100.0/24",
                Value::Map(vec![
                    ("asn", Value::Text("AS64497")),
                    ("country", Value::Text("FR")),
                    ("user_type", Value::Text("residential")),
                ]),
            ),
        ],
    )
}

#[test]
fn each_table_says_what_it_holds_and_nothing_of_what_it_does_not() {
    let mut tables = Tables::default();
    assert_eq!(tables.place(source("192.0.2.7")), Place::default());
    tables.add(TableKind::Country, countries()).unwrap();
    tables.add(TableKind::Network, networks()).unwrap();
    let place = tables.place(source("192.0.2.7"));
    let hosting = Place {
        country: Some(*b"DE"),
        second_country: Some(*b"NL"),
        network: Some(64_496),
        class: Some(NetworkClass::Hosting),
    };
    assert_eq!(place, hosting);
    let home = tables.place(source("198.51.100.9"));
    assert_eq!((home.country, home.second_country), (Some(*b"FR"), Some(*b"FR")));
    assert_eq!((home.network, home.class), (Some(64_497), Some(NetworkClass::Residential)));
    // The network's table names the country where the first does not.
    assert_eq!(tables.place(source("198.51.100.200")).country, Some(*b"FR"));
    assert_eq!(tables.place(source("2001:db8:1:2::1")).country, Some(*b"SE"));
    assert_eq!(tables.place(source("2001:db8:2::1")), Place::default());
    // What is no code of two capital letters is not said.
    assert_eq!(tables.place(source("203.0.113.1")).country, None);
}

#[test]
fn a_table_says_its_name_its_date_and_its_digest() {
    let mut tables = Tables::default();
    tables.add(TableKind::Country, countries()).unwrap();
    let about = tables.about();
    assert_eq!(about.len(), 1);
    let PlaceTable { key, name, built_s, digest } = &about[0];
    assert_eq!((key.as_str(), name.as_str()), ("geo.country", "Test-Country"));
    assert_eq!((*built_s, digest.clone()), (1_772_323_200, crate::digest(&countries())));
}

#[test]
fn bytes_that_are_no_table_are_refused_and_a_cut_one_never_panics() {
    let whole = countries();
    assert!(Tables::default().add(TableKind::Country, b"no table".to_vec()).is_err());
    for cut in 0..whole.len() {
        let mut tables = Tables::default();
        if tables.add(TableKind::Country, whole[cut..].to_vec()).is_ok() {
            tables.place(source("192.0.2.7"));
        }
        let mut spoilt = whole.clone();
        spoilt[cut] ^= 0x5a;
        let mut tables = Tables::default();
        if tables.add(TableKind::Country, spoilt).is_ok() {
            tables.place(source("192.0.2.7"));
            tables.place(source("2001:db8:1::1"));
        }
    }
}
