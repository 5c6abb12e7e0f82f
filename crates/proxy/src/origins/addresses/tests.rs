use super::*;

fn named() -> Addresses {
    Addresses::of(&"http://origin.example.org:8080".parse().unwrap())
}

fn name(place: &Addresses) -> &Name {
    match place {
        Addresses::Named(name) => name,
        Addresses::Fixed(address) => panic!("{address} is no name"),
    }
}

fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn at(ms: u64) -> Moment {
    Moment(1) + Duration::from_millis(ms)
}

fn tried(place: &Addresses) -> io::Result<Vec<SocketAddr>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(place.in_turn())
}

const ONE: &str = "192.0.2.1:8080";
const TWO: &str = "192.0.2.2:8080";
const THREE: &str = "192.0.2.3:8080";

#[test]
fn an_address_needs_no_resolver() {
    let place = Addresses::of(&"http://[2001:db8::5]:8080".parse().unwrap());
    assert_eq!(tried(&place).unwrap(), addresses(&["[2001:db8::5]:8080"]));
}

#[test]
fn all_addresses_of_a_name_are_used_in_turn() {
    let place = named();
    name(&place).learn(at(0), Ok(addresses(&[TWO, ONE, TWO])));
    let firsts: Vec<_> = (0..4).map(|_| tried(&place).unwrap()[0]).collect();
    assert_eq!(firsts, addresses(&[ONE, TWO, ONE, TWO]));
    assert_eq!(tried(&place).unwrap().len(), 2, "the others are tried behind it");
}

#[test]
fn the_last_good_addresses_stay_when_a_name_stops_resolving() {
    let place = named();
    name(&place).learn(at(0), Ok(addresses(&[ONE])));
    name(&place).learn(at(5_000), Err(io::ErrorKind::NotFound.into()));
    name(&place).learn(at(10_000), Ok(Vec::new()));
    assert_eq!(tried(&place).unwrap(), addresses(&[ONE]));
    assert_eq!(place.generation(), 1);
}

#[test]
fn a_name_that_never_resolved_is_a_fault_until_it_does() {
    let place = named();
    name(&place).learn(at(0), Err(io::ErrorKind::NotFound.into()));
    assert_eq!(tried(&place).unwrap_err().kind(), io::ErrorKind::NotFound);
    name(&place).learn(at(1_000), Ok(addresses(&[ONE])));
    assert_eq!(tried(&place).unwrap(), addresses(&[ONE]));
}

#[test]
fn a_connection_is_known_to_lead_elsewhere_once_its_address_vanished() {
    let place = named();
    let [one, two] = [ONE, TWO].map(|text| text.parse().unwrap());
    assert!(place.still_has(one), "nothing is known yet");
    name(&place).learn(at(0), Ok(addresses(&[ONE, TWO])));
    let before = place.generation();
    name(&place).learn(at(5_000), Ok(addresses(&[TWO, ONE])));
    assert_eq!(place.generation(), before, "the same in another order");
    name(&place).learn(at(10_000), Ok(addresses(&[TWO, THREE])));
    assert_ne!(place.generation(), before);
    assert!(!place.still_has(one) && place.still_has(two));
}

#[test]
fn a_name_is_looked_for_every_five_seconds_and_every_second_while_it_has_no_address() {
    let looks = |found: fn() -> io::Result<Vec<SocketAddr>>| {
        let place = named();
        let name = name(&place);
        let due = |ms: &u64| {
            let is_due = name.is_due(at(*ms));
            if is_due {
                assert!(!name.is_due(at(*ms)), "one look at once");
                name.learn(at(*ms), found());
                name.looking.store(false, Relaxed);
            }
            is_due
        };
        (0..10_000).step_by(100).filter(due).count()
    };
    assert_eq!(looks(|| Ok(addresses(&[ONE]))), 2);
    assert_eq!(looks(|| Err(io::ErrorKind::NotFound.into())), 10);
}
