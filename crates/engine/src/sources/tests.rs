use super::*;
use seawall_types::{FarEnd, Moment, Reason, SourceKey, Traits};
use std::net::{IpAddr, Ipv4Addr};

fn request(source: u32, at_ms: u64, verdict: Verdict) -> RequestObservation {
    RequestObservation {
        at: Moment(at_ms * 1_000_000),
        platform: PlatformId(0),
        source: SourceKey::of(IpAddr::V4(Ipv4Addr::from(source))),
        far: FarEnd::default(),
        verdict,
        reason: Reason::Clear,
        cost_us: 0,
        is_proven: false,
        measure: None,
        traits: Traits::default(),
    }
}

fn second(at: u64) -> Moment {
    Moment(at * 1_000_000_000)
}

/// Sources under one key.
struct Keyed {
    sources: Sources,
    keys: [u64; 2],
}

impl Keyed {
    fn new(seed: u64) -> Self {
        Self { sources: Sources::new(PlatformId(0)), keys: [seed, 1] }
    }

    fn observe(&mut self, request: &RequestObservation) {
        self.sources.observe(request, mark(self.keys, request.source));
    }

    fn tick(&mut self, now: Moment, pressure: Option<f64>, is_open: bool) {
        self.sources.tick(now, pressure, is_open);
    }

    fn due(&mut self, now: Moment) -> Option<SourcesSeen> {
        self.sources.due(now)
    }

    fn of_open(&self, now: Moment) -> Option<SourcesSeen> {
        self.sources.of_open(now)
    }
}

/// Sources under load from the first second on.
fn loaded(seed: u64) -> Keyed {
    let mut sources = Keyed::new(seed);
    sources.tick(second(0), Some(1.0), true);
    sources.tick(second(0), Some(1.0), true);
    sources
}

#[test]
fn few_sources_are_counted_one_by_one_and_many_within_five_percent() {
    for (seed, count) in [(1, 1), (2, 4_095), (3, 5_000), (4, 50_000), (5, 80_000), (6, 300_000)] {
        let mut sources = loaded(seed);
        for source in 0..count {
            sources.observe(&request(source, 1, Verdict::Limit));
            // A source that asks again is the same source.
            sources.observe(&request(source, 2, Verdict::Limit));
        }
        let seen = sources.due(second(10)).expect("ten seconds have gone by");
        let crowd = &seen.met;
        assert_eq!(crowd.requests, 2 * u64::from(count));
        let off = f64::from(u32::try_from(crowd.sources.abs_diff(count.into())).unwrap())
            / f64::from(count);
        let within = if crowd.error_permille == 0 { 0.0 } else { 0.05 };
        assert!(off <= within, "{count}: {} sources", crowd.sources);
        assert!(crowd.sample.iter().all(|one| one.requests == 2 && one.peak_per_s == 2));
        assert_eq!(crowd.sample.len(), CROWD_SAMPLE_MAX.min(count as usize));
    }
}

#[test]
fn who_asks_much_is_no_likelier_in_the_sample_than_who_asks_once() {
    let mut sources = loaded(7);
    for source in 0..40_000_u32 {
        for _ in 0..if source < 20_000 { 20 } else { 1 } {
            sources.observe(&request(source, 1, Verdict::Refuse));
        }
    }
    let seen = sources.due(second(10)).expect("ten seconds have gone by");
    let much = seen.met.sample.iter().filter(|one| one.requests == 20).count();
    // Half of 4,096 and four standard errors.
    assert!(much.abs_diff(CROWD_SAMPLE_MAX / 2) < 128, "{much}");
}

#[test]
fn who_was_admitted_without_a_measure_has_asked_but_was_not_met() {
    let mut sources = loaded(1);
    sources.observe(&request(1, 1, Verdict::Admit));
    sources.observe(&request(2, 1, Verdict::Error));
    sources.observe(&request(3, 1, Verdict::Challenge));
    let measured = seawall_types::MeasureId::new(3);
    sources.observe(&RequestObservation { measure: measured, ..request(4, 1, Verdict::Admit) });
    let seen = sources.due(second(10)).expect("ten seconds have gone by");
    assert_eq!((seen.asked.sources, seen.met.sources), (4, 2));
}

#[test]
fn only_who_was_stopped_for_what_it_did_is_counted_against() {
    let mut sources = loaded(1);
    let measured = seawall_types::MeasureId::new(3);
    let asks = |source, verdict, reason, measure| RequestObservation {
        reason,
        measure,
        ..request(source, 1, verdict)
    };
    let all = [
        asks(1, Verdict::Hold, Reason::Overload, None),
        asks(2, Verdict::Challenge, Reason::Challenge, None),
        asks(3, Verdict::Challenge, Reason::Flood, measured),
        asks(4, Verdict::Admit, Reason::Clear, measured),
        asks(5, Verdict::Hold, Reason::Overload, measured),
        asks(6, Verdict::Refuse, Reason::Method, None),
        asks(7, Verdict::Limit, Reason::Rate, None),
        asks(8, Verdict::Refuse, Reason::Flood, measured),
    ];
    for request in &all {
        sources.observe(request);
    }
    sources.observe(&asks(8, Verdict::Hold, Reason::Overload, None));
    let seen = sources.due(second(10)).expect("ten seconds have gone by");
    let mut listed: Vec<_> = seen.against.sample.iter().map(|one| one.source).collect();
    listed.sort_unstable();
    let of = |source: u32| SourceKey::of(IpAddr::V4(Ipv4Addr::from(source)));
    assert_eq!(listed, [of(7), of(8)]);
    assert!(seen.against.sample.iter().all(|one| one.requests == 1), "{:?}", seen.against);
}

#[test]
fn a_source_is_known_good_by_any_of_its_requests_and_beyond_the_bound_taken_for_it() {
    let mut sources = loaded(1);
    sources.observe(&RequestObservation { is_proven: true, ..request(1, 1, Verdict::Admit) });
    let limited = |sources: &mut Keyed, source| {
        sources.observe(&RequestObservation {
            reason: Reason::Rate,
            ..request(source, 2, Verdict::Limit)
        });
    };
    limited(&mut sources, 1);
    limited(&mut sources, 2);
    let good = |sources: &Keyed| {
        let seen = sources.of_open(second(9)).expect("an incident is open");
        seen.against.sample.iter().filter(|one| one.is_known_good).count()
    };
    assert_eq!(good(&sources), 1);
    // So many others are known that nobody remembers whether the source with the largest mark is.
    let unknown = (2..1_000).find(|source| {
        mark(sources.keys, request(*source, 1, Verdict::Admit).source) > u64::MAX / 8 * 7
    });
    limited(&mut sources, unknown.expect("one in eight"));
    assert_eq!(good(&sources), 1);
    for source in 0..40_000 {
        let other = request(1_000_000 + source, 3, Verdict::Admit);
        sources.observe(&RequestObservation { is_proven: true, ..other });
    }
    assert!(good(&sources) >= 2);
}

#[test]
fn a_time_of_load_is_told_every_ten_seconds_and_once_more_when_its_incident_closes() {
    let mut sources = Keyed::new(1);
    sources.observe(&request(9, 0, Verdict::Admit));
    sources.tick(second(1), Some(0.86), false);
    // Nothing is told before there is an incident, but what asked is counted.
    sources.observe(&request(1, 1_100, Verdict::Admit));
    assert_eq!(sources.due(second(20)), None);
    sources.tick(second(20), Some(1.2), true);
    assert_eq!(sources.due(second(20)).map(|seen| seen.asked.sources), Some(1));
    assert_eq!(sources.due(second(29)), None);
    sources.observe(&request(2, 29_000, Verdict::Admit));
    assert_eq!(sources.of_open(second(29)).map(|seen| seen.asked.sources), Some(2));
    sources.tick(second(60), Some(0.1), false);
    let last = sources.due(second(60)).expect("it has closed");
    assert_eq!((last.since, last.asked.sources), (second(1), 2));
    assert_eq!(sources.due(second(61)), None);
    // What asks afterwards is not part of it, and an incident that goes on goes on counting.
    sources.observe(&request(3, 61_000, Verdict::Admit));
    sources.tick(second(100), Some(1.2), true);
    sources.observe(&request(4, 100_000, Verdict::Admit));
    assert_eq!(sources.of_open(second(101)).map(|seen| seen.asked.sources), Some(3));
    sources.tick(second(110), Some(0.1), false);
    sources.tick(second(500), Some(0.1), false);
    assert!(sources.sources.counting.is_none(), "what is over for good is forgotten");
}

#[test]
fn load_without_an_incident_is_forgotten() {
    let mut sources = Keyed::new(1);
    sources.tick(second(1), Some(0.9), false);
    sources.tick(second(2), Some(0.8), false);
    assert!(sources.sources.counting.is_some());
    sources.tick(second(3), Some(0.6), false);
    assert!(sources.sources.counting.is_none());
}

#[test]
fn the_same_requests_and_key_give_the_same_sample() {
    let told = || {
        let mut sources = loaded(11);
        (0..10_000).for_each(|source| sources.observe(&request(source, 1, Verdict::Hold)));
        sources.due(second(10))
    };
    assert_eq!(told(), told());
}
