use super::*;
use seawall_engine::SourcesSeen;
use seawall_engine::sources::CrowdSeen;
use seawall_types::evidence::Stamp;
use seawall_types::{FarEnd, Moment, PlatformId, Reason, RequestObservation, Traits, Verdict};

const SINCE: Stamp = Stamp { wall: WallTime(1_772_366_400_000), moment: Moment(5_000_000_000) };

fn sampled(address: &str, requests: u64) -> Sampled {
    let address: IpAddr = address.parse().unwrap();
    let source = SourceKey::of(address);
    let request = RequestObservation {
        at: Moment(6_000_000_000),
        platform: PlatformId(0),
        source,
        far: FarEnd::of(address, 40_000),
        verdict: Verdict::Refuse,
        reason: Reason::Rate,
        cost_us: 1,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    };
    let last = Moment(9_250_000_000);
    let mut seen = Sampled::new(source.to_bits() ^ 0x5eed, &request);
    (seen.requests, seen.peak_per_s, seen.last) = (requests, 7, last);
    seen
}

fn counted(met: Vec<Sampled>) -> Counted {
    let crowd = CrowdSeen { sources: met.len() as u64, sample: met, ..CrowdSeen::default() };
    Counted {
        incident: "www-1".parse().unwrap(),
        platform: "www".to_owned(),
        since: SINCE,
        until: Stamp { wall: WallTime(SINCE.wall.0 + 10_000), moment: Moment(15_000_000_000) },
        seen: SourcesSeen {
            platform: PlatformId(0),
            since: Moment(0),
            until: Moment(0),
            asked: CrowdSeen::default(),
            met: CrowdSeen::default(),
            against: crowd,
            unlisted: 0,
        },
    }
}

fn sealed(counted: &Counted, before: Option<&Sealed>) -> Sealed {
    let sealing = Sealing { chance: [7; 32], reached: None, spared: &[], before };
    Sealed::of(counted, &sealing).expect("somebody is listed")
}

fn addresses(sealed: &Sealed) -> Vec<String> {
    sealed.held().map(|source| source.address.to_string()).collect()
}

#[test]
fn a_source_is_listed_whole_with_its_port_and_exact_times() {
    let sealed = sealed(&counted(vec![sampled("2001:db8:1:2:3:4:5:6", 20)]), None);
    let source = sealed.held().next().unwrap();
    assert_eq!(source.address.to_string(), "2001:db8:1:2:3:4:5:6");
    assert_eq!((source.port, source.requests, source.peak_per_s), (40_000, 20, 7));
    assert_eq!(source.first_ms, SINCE.wall.0 + 1_000);
    assert_eq!(source.last_ms, SINCE.wall.0 + 4_250);
    assert_eq!(sealed.kept_until(), WallTime(SINCE.wall.0 + 10_000 + KEPT_MS));
}

#[test]
fn nobody_is_listed_who_may_be_a_visitor_or_whose_address_is_another_s_word() {
    let mut good = sampled("192.0.2.1", 900);
    good.is_known_good = true;
    let few = sampled("192.0.2.2", REQUESTS_LEAST - 1);
    let mut proxied = sampled("192.0.2.3", 900);
    proxied.far = FarEnd::default();
    let all = vec![good, few, proxied, sampled("192.0.2.4", REQUESTS_LEAST)];
    assert_eq!(addresses(&sealed(&counted(all.clone()), None)), ["192.0.2.4"]);
    let sealing = Sealing { chance: [7; 32], reached: None, spared: &[], before: None };
    assert_eq!(Sealed::of(&counted(all[..3].to_vec()), &sealing), None);
}

#[test]
fn nobody_is_listed_whom_the_operator_lets_through() {
    let all = counted(vec![sampled("192.0.2.1", 900), sampled("198.51.100.1", 900)]);
    let spared = [SourceNetwork::new("192.0.2.0".parse().unwrap(), 24).unwrap()];
    let sealing = Sealing { chance: [7; 32], reached: None, spared: &spared, before: None };
    assert_eq!(addresses(&Sealed::of(&all, &sealing).unwrap()), ["198.51.100.1"]);
}

#[test]
fn who_has_shown_to_be_good_stands_there_no_longer() {
    let mut all = counted(vec![sampled("192.0.2.1", 900)]);
    let before = sealed(&all, None);
    all.seen.against.sample[0].is_known_good = true;
    assert_eq!(addresses(&sealed(&all, Some(&before))), [""; 0]);
}

#[test]
fn who_was_erased_before_it_was_listed_is_never_listed() {
    let first = counted(vec![sampled("192.0.2.1", 900)]);
    let mut before = sealed(&first, None);
    let second = counted(vec![sampled("192.0.2.1", 900), sampled("192.0.2.2", 900)]);
    assert!(before.forget(&mark(&second.seen.against.sample[1])));
    assert!(!before.forget(&mark(&second.seen.against.sample[1])));
    assert_eq!(addresses(&sealed(&second, Some(&before))), ["192.0.2.1"]);
    let ended = second.until.wall.0;
    assert!(before.is_open(WallTime(ended + OPEN_FOR_MS)));
    assert!(!before.is_open(WallTime(ended + OPEN_FOR_MS + 1)));
}

#[test]
fn what_the_log_did_not_get_to_tell_is_lacking_and_what_was_changed_is_not() {
    let sealed = sealed(&counted(vec![sampled("192.0.2.1", 900)]), None);
    let until = SINCE.wall.0 + 10_000;
    let proof = |root: &str, at| Proof { root: root.to_owned(), at: WallTime(at) };
    let root = sealed.root().to_string();
    assert!(sealed.lacks(None));
    assert!(sealed.lacks(Some(&proof("of ten seconds before", until - 1))));
    assert!(!sealed.lacks(Some(&proof(&root, until - 1))));
    assert!(!sealed.lacks(Some(&proof("of another file", until))));
}

#[test]
fn an_erased_address_is_gone_for_good_and_what_the_log_says_still_holds() {
    let counted = counted((1..=9).map(|n| sampled(&format!("192.0.2.{n}"), 100 - n)).collect());
    let mut sealed = sealed(&counted, None);
    let Fact::IncidentSealed(recorded) = sealed.fact() else { panic!("another fact") };
    let other = Sealing { chance: [8; 32], reached: None, spared: &[], before: None };
    let unsalted = Sealed::of(&counted, &other).unwrap();
    assert_ne!(unsalted.root(), sealed.root(), "the same addresses have other commitments");
    assert_eq!(sealed.erase("192.0.2.3".parse().unwrap()), 1);
    assert_eq!(sealed.erase("192.0.2.3".parse().unwrap()), 0);
    let bytes = sealed.bytes();
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.contains("192.0.2.3\"") && text.contains("192.0.2.4\""), "{text}");
    let read = Sealed::read(&bytes).unwrap();
    assert_eq!((read.root().to_string(), read.erased()), (recorded.root, 1));
    assert_eq!(addresses(&read).len(), 8);
    // It asks on while the incident is open: it is not listed again.
    let again = self::sealed(&counted, Some(&read));
    assert!(!addresses(&again).contains(&"192.0.2.3".to_owned()));
    assert_eq!(addresses(&again).len(), 8);
}

#[test]
fn a_changed_row_gives_another_root() {
    let sealed =
        sealed(&counted((1..=9).map(|n| sampled(&format!("192.0.2.{n}"), 50)).collect()), None);
    let text = String::from_utf8(sealed.bytes()).unwrap();
    for (was, now) in [("192.0.2.5\"", "192.0.2.77\""), ("\"port\":40000", "\"port\":40001")] {
        let changed = text.replacen(was, now, 1);
        assert_ne!(changed, text);
        assert_ne!(Sealed::read(changed.as_bytes()).unwrap().root(), sealed.root(), "{was}");
    }
    let shorter: String = text.lines().take(9).flat_map(|line| [line, "\n"]).collect();
    assert_ne!(Sealed::read(shorter.as_bytes()).unwrap().root(), sealed.root());
    assert_eq!(Sealed::read(b"{}\n"), Err(Unreadable(1)));
}

#[test]
fn at_most_a_thousand_are_listed_and_they_are_those_with_most_requests() {
    let many = |from: u32| {
        let address = |n: u32| std::net::Ipv4Addr::from(0x0a00_0000 + n).to_string();
        (0..u32::try_from(SEALED_MAX).unwrap() + from)
            .map(|n| sampled(&address(n), 10 + u64::from(n)))
            .collect()
    };
    assert_eq!(sealed(&counted(many(0)), None).held().count(), SEALED_MAX);
    let most = sealed(&counted(many(1)), None);
    assert_eq!(most.held().count(), SEALED_MAX);
    assert!(!addresses(&most).contains(&"10.0.0.0".to_owned()), "the one with least is left out");
    let bytes = most.bytes();
    assert!(bytes.len() as u64 <= SEALED_BYTES_MAX, "{}", bytes.len());
    assert_eq!(Sealed::read(&bytes), Ok(most));
}

#[test]
fn an_extension_outlasts_what_is_sealed_anew() {
    let counted = counted(vec![sampled("192.0.2.1", 20)]);
    let mut sealed = sealed(&counted, None);
    let until = WallTime(sealed.kept_until().0 + 1);
    sealed.keep_until(until, "the police asked for it");
    let again = self::sealed(&counted, Some(&sealed));
    assert_eq!(again.kept_until(), until);
    let mut shorter = again.clone();
    shorter.keep_until(WallTime(1), "less");
    assert_eq!(shorter, again);
}
