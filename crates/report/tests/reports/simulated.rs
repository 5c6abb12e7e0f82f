//! Simulated incidents: records as a node would write them, from a seed.

use seawall_report::case::{Case, Check, Evidence};
use seawall_report::entry::{Entry, Statement};
use seawall_report::finding::Signature;
use seawall_report::known::{Basis, Bound, Known, Quantity, Unit, Why};
use seawall_report::place::Places;
use seawall_report::source::{Seal, SourceSeen};
use seawall_report::{About, Line, Tlp};
use seawall_types::evidence::{
    AddressWord, Aspect, Bookkeeping, Clocks, Cluster, Clusters, Fact, Gap, GapReason, Incident,
    IncidentKind, IncidentSources, IntegrityLook, Measured, PlaceCount, PlaceRow, PlaceTable,
    Placed, PlatformSecond, RequestCounts, Seen, SourceCrowd, Stamp, Standing, VisitorsHarmed,
};
use seawall_types::{Moment, Reason, Rung, Verdict, WallTime};

/// 2026-03-01T12:00:00Z.
pub(crate) const NOON_MS: u64 = 1_772_366_400_000;

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// From 0 to below `sides`.
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % sides
    }

    fn is(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }
}

pub(crate) fn at(ms: u64) -> Stamp {
    Stamp { wall: WallTime(NOON_MS + ms), moment: Moment(ms * 1_000_000) }
}

/// A log in the making.
#[derive(Default)]
pub(crate) struct Records(pub(crate) Vec<Entry>);

impl Records {
    pub(crate) fn fact(&mut self, ms: u64, fact: Fact) {
        self.push(ms, Statement::Fact(Box::new(fact)));
    }

    pub(crate) fn gap(&mut self, ms: u64, (from, to): (u64, u64), reason: GapReason) {
        let gap = Gap { reason, from: at(from), to: at(to), lost: Some(3), detail: "sda1".into() };
        self.push(ms, Statement::Own(Bookkeeping::Gap(gap)));
    }

    fn push(&mut self, ms: u64, statement: Statement) {
        let number = self.0.len() as u64;
        self.0.push(Entry { number, node: "a".to_owned(), stamp: at(ms), statement });
    }

    /// What was watched over a time: the shield and each platform, of which some may depart.
    pub(crate) fn watched(&mut self, (from, to): (u64, u64), platforms: &[&str], dice: &mut Dice) {
        let departs = (dice.is(20)).then(|| from + dice.roll(to - from));
        let mut looks = vec![(None, Aspect::Shield)];
        for platform in platforms {
            looks.extend([Aspect::Content, Aspect::Egress].map(|of| (Some(*platform), of)));
        }
        for second in (from..=to).step_by(30) {
            for (platform, aspect) in &looks {
                let is_odd = departs.is_some_and(|at| at <= second) && *aspect == Aspect::Content;
                let (seen, detail) = if is_odd {
                    (Seen::Departs, "page / is not what it was at the origin")
                } else {
                    (Seen::AsBefore, "2 pages are as they were")
                };
                self.fact(
                    second * 1_000,
                    Fact::IntegrityLook(IntegrityLook {
                        platform: platform.map(str::to_owned),
                        aspect: *aspect,
                        since: at(second.saturating_sub(15) * 1_000),
                        until: at(second * 1_000),
                        looks: 2,
                        seen,
                        detail: detail.to_owned(),
                    }),
                );
            }
        }
    }

    /// The same with requests that waited long.
    pub(crate) fn slow_second(&mut self, ms: u64, platform: &str, seen: (u64, u64, Option<u32>)) {
        self.second(ms, platform, seen);
        let Some(Entry { statement: Statement::Fact(fact), .. }) = self.0.last_mut() else {
            return;
        };
        if let Fact::PlatformSecond(second) = fact.as_mut() {
            second.queue_wait_max_ms = Some(500);
        }
    }

    /// A second of a platform that ends at `ms`: requests by verdict, and pressure.
    pub(crate) fn second(&mut self, ms: u64, platform: &str, seen: (u64, u64, Option<u32>)) {
        let (admit, hold, pressure) = seen;
        let mut requests = RequestCounts::default();
        requests.add(Verdict::Admit, Reason::Clear, admit);
        requests.add(Verdict::Hold, Reason::Overload, hold);
        let second = PlatformSecond {
            platform: platform.to_owned(),
            incident: None,
            requests,
            origin_ms: admit * 9,
            bytes_out: admit * 20_000 + hold * 900,
            pressure_permille: pressure,
            limit: Some(64),
            in_flight: 12,
            queue_wait_max_ms: Some(if hold > 0 { 420 } else { 3 }),
        };
        self.fact(ms, Fact::PlatformSecond(second));
    }
}

pub(crate) fn incident(id: &str, platform: &str, kind: IncidentKind) -> Incident {
    Incident {
        id: id.parse().expect("a name"),
        platform: platform.to_owned(),
        kind,
        clocks: Clocks {
            onset_at: Some(at(10_000)),
            detected_at: Some(at(10_500)),
            ..Clocks::default()
        },
        requests: [(Verdict::Admit, 3_000), (Verdict::Hold, 47_000)].into(),
        visitors_harmed: VisitorsHarmed::Unknown,
        measured: Measured { peak_requests_per_s: Some(5_200), ..Measured::default() },
        signatures: Vec::new(),
    }
}

/// The same with all of its clocks.
pub(crate) fn ended(mut incident: Incident, ended_ms: u64) -> Incident {
    incident.clocks.mitigated_at = Some(at(10_750));
    incident.clocks.relieved_at = Some(at(11_000));
    incident.clocks.ended_at = Some(at(ended_ms));
    incident
}

pub(crate) fn about() -> About {
    About {
        organisation: Some(Line::of("Example Party")),
        contact: Some(Line::of("security@example.net")),
        tlp: Some(Tlp::Amber),
        aware_at: Some(WallTime(NOON_MS + 600_000)),
        platforms: vec![Line::of("www"), Line::of("donate")],
    }
}

pub(crate) fn case_of(records: &Records, id: &str) -> Case {
    case_about(records, id, about())
}

pub(crate) fn case_about(records: &Records, id: &str, about: About) -> Case {
    let check = Check::Holds { signed_before: records.0.len() as u64 };
    let evidence = Evidence { entries: &records.0, unread: 0, check: &check };
    Case::of(&evidence, &id.parse().expect("a name"), about).expect("it was recorded")
}

/// The incident `www-1` of a seed: length, kinds, platforms, gaps, what is known, all by chance.
pub(crate) fn simulated(seed: u64) -> Case {
    let mut dice = Dice(seed);
    let mut records = Records::default();
    let (version, configuration) = ("0.1.0".to_owned(), "sha256:0f3a".to_owned());
    records.fact(0, Fact::NodeStarted { version, configuration });
    let end_s = 20 + dice.roll(400);
    let kinds = [IncidentKind::Flood, IncidentKind::Surge, IncidentKind::Unknown];
    let kind = kinds[usize::try_from(dice.roll(3)).expect("small")];
    let knows_capacity = dice.is(80);
    let others = dice.roll(4);
    let strength = 200 + dice.roll(20_000);
    let opened = incident("www-1", "www", kind);
    for second in 1..=end_s + 5 {
        let ms = second * 1_000;
        let is_on = (10..end_s).contains(&second);
        let hold = if is_on { strength } else { 0 };
        let pressure = knows_capacity.then_some(if is_on { 940 + dice.roll(200) } else { 300 });
        let pressure = pressure.map(|pressure| u32::try_from(pressure).expect("small"));
        if !dice.is(1) || dice.is(50) {
            records.second(ms, "www", (300 + dice.roll(50), hold, pressure));
        }
        for (other, name) in (0..others).zip(["donate", "events", "shop"]) {
            if other < 2 || dice.is(90) {
                records.second(ms, name, (40 + dice.roll(20), 0, Some(200)));
            }
        }
        if second == 10 {
            records.fact(ms + 500, Fact::IncidentOpened(opened.clone()));
        }
        if second == 15 && dice.is(30) {
            records.gap(ms, (ms - 900, ms), GapReason::DiskSlow);
        }
        if second == 12 && dice.is(50) {
            let (was, now) = (Standing::Healthy, Standing::Out);
            let origin = "http://192.0.2.10:8080".to_owned();
            records.fact(ms + 300, Fact::OriginStanding { origin, was, now });
        }
    }
    if others > 2 {
        let beside = incident("shop-1", "shop", IncidentKind::Flood);
        records.fact(end_s * 1_000, Fact::IncidentOpened(beside));
    }
    if dice.is(80) {
        let mut closed = ended(opened, end_s * 1_000);
        if dice.is(50) {
            closed.visitors_harmed = VisitorsHarmed::Between { least: 2, most: 40 };
            closed.measured.sources_least = Some(900 + dice.roll(9_000));
        }
        records.fact((end_s + 4) * 1_000, Fact::IncidentClosed(closed));
    }
    // Draws of their own: what is watched changes nothing else of an incident.
    let mut watch = Dice(seed ^ 0x5eed);
    if watch.is(70) {
        let told = IncidentSources { until: at(end_s * 1_000), ..sources(&mut watch) };
        records.fact((end_s + 4) * 1_000, Fact::IncidentSources(Box::new(told)));
    }
    records.watched((0, end_s + 5), &["www", "donate"], &mut watch);
    let mut case = case_of(&records, "www-1");
    if dice.is(60) {
        describe(&mut case, &mut dice);
    }
    if seed.is_multiple_of(3) {
        case.about = About::default();
    }
    case
}

/// What a record tells of the sources of a case.
pub(crate) fn sources(dice: &mut Dice) -> IncidentSources {
    let at = |ms: u64| Stamp { wall: WallTime(NOON_MS + ms), moment: Moment(ms * 1_000_000) };
    let row = |place: &str, sources, requests| PlaceRow {
        place: place.to_owned(),
        count: PlaceCount { sources, requests },
    };
    let last = 100 + dice.roll(50);
    let placed = |rows: Vec<PlaceRow>| {
        let sum = |of: fn(&PlaceCount) -> u64| rows.iter().map(|row| of(&row.count)).sum::<u64>();
        let unplaced = PlaceCount {
            sources: 1_000 - sum(|count| count.sources),
            requests: 40_000 - sum(|count| count.requests),
        };
        Some(Placed { rows, others: PlaceCount::default(), unplaced })
    };
    let met = SourceCrowd {
        sources: 81_300,
        error_permille: 16,
        requests: 3_200_000,
        sampled: 1_000,
        sampled_requests: 40_000,
        effective_requests: 900,
        countries: placed(vec![
            row("AA", 630, 26_000),
            row("QM", 200, 4_000),
            row("ZZ", last, 3_000),
        ]),
        networks: placed(vec![row("AS64496", 500, 20_000), row("AS64511", 100, 9_000)]),
        classes: placed(vec![row("residential", 700, 30_000), row("hosting", 50, 2_000)]),
        marks: Vec::new(),
        compared: 900,
        disagreeing: 40,
    };
    let table = |key: &str, name: &str| PlaceTable {
        key: key.to_owned(),
        name: name.to_owned(),
        built_s: 1_771_891_200,
        digest: format!("sha256:{}", "ab".repeat(32)),
    };
    IncidentSources {
        incident: "www-1".parse().expect("a name"),
        platform: "www".to_owned(),
        since: at(10_000),
        until: at(19_000),
        asked: SourceCrowd { sources: 90_100, ..met.clone() },
        met,
        clusters: Some(clusters()),
        unlisted: dice.roll(2) * 1_200,
        addresses: AddressWord::Handshake,
        tables: vec![
            table("geo.country", "example-country"),
            table("geo.network", "example-network"),
        ],
    }
}

/// Two groups of machines.
fn clusters() -> Clusters {
    let one = |look: &str, sources, stability_permille| Cluster {
        look: look.to_owned(),
        sources,
        requests: sources * 31,
        aims: 1 + sources % 7,
        began_ms: NOON_MS + 10_400,
        stability_permille,
    };
    Clusters { rows: vec![one("5f0c21aa", 640, 991), one("00b7d3e1", 120, 870)], unassigned: 240 }
}

/// Adds what detection and tables may tell one day.
pub(crate) fn describe(case: &mut Case, dice: &mut Dice) {
    let percent = |value| Quantity::measured(value, Unit::Percent);
    case.signatures.push(Signature {
        text: Line::of_sender("method=POST and path=/login and ja4=t13d1516h2_8daaf6152771"),
        at: WallTime(NOON_MS + 10_500),
        rung: Some(Rung::Refuse),
        share_of_excess: Known::Is(percent(99_400).by(Basis::Sampled)),
        known_good: Known::Is((0, 8_192)),
        collateral_most: Known::Is(percent(70).by(Basis::Estimated).bounded(Bound::AtMost)),
        collateral_measured: Known::Unknown(Why::NotMeasured),
    });
    case.places = Known::Is(Places::of(7, &sources(dice)));
    let source = |last: u8| SourceSeen {
        address: format!("198.51.100.{last}").parse().expect("an address"),
        port: 40_000 + u16::from(last),
        first: WallTime(NOON_MS + 10_000),
        last: WallTime(NOON_MS + 19_000),
        requests: 9_000 - u64::from(last),
        peak_per_s: 900,
    };
    case.seal = Known::Is(Seal {
        record: 8,
        sources: 12,
        root: Line::of("HF9ulV+D+aOcNKdN+T5odAgX28wGU9LuMBarzciyPl8="),
    });
    case.sources = (0..12).map(source).collect();
    case.reached = dice.is(50).then(|| "203.0.113.7:443".parse().expect("an address"));
}
