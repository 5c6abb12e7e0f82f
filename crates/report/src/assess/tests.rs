use super::*;
use crate::place::Places;
use seawall_types::evidence::{
    AddressWord, IncidentSources, PlaceCount, PlaceRow, Placed, SourceCrowd, Stamp,
};
use std::collections::BTreeMap;

/// Draws that are the same each time.
struct Dice(u64);

impl Dice {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn roll(&mut self, sides: u64) -> u64 {
        self.draw() % sides
    }
}

const BOTNETS: u64 = 20;
const CAMPAIGNS: usize = 200;
/// Codes that ISO leaves to whoever needs them.
const CODES: [&str; 5] = ["AA", "QM", "QN", "XA", "XB"];

/// A campaign: which botnet, what a record tells, and the true shares of countries in the botnet.
struct Campaign {
    botnet: u64,
    places: Places,
    truth: [u64; 5],
}

/// Bots of a botnet: 30 % of its machines are rented from a pool that all rent from.
fn bots(botnet: u64) -> (Vec<u64>, [u64; 5]) {
    let mut dice = Dice(botnet ^ 0xb07);
    let size = 800 + dice.roll(8_000);
    let weights: Vec<u64> = (0..5).map(|_| 1 + dice.roll(100)).collect();
    let all: u64 = weights.iter().sum();
    let mut truth = [0; 5];
    let bots = (0..size).map(|at| {
        let is_rented = at % 10 < 3;
        let number = if is_rented { dice.roll(1_500) } else { (botnet + 1) << 32 | at };
        // A machine stands in one country, whichever botnet it serves.
        let mut place = Dice(number ^ 0xc0de).roll(all);
        let country = weights.iter().position(|weight| {
            let is_here = place < *weight;
            place = place.saturating_sub(*weight);
            is_here
        });
        truth[country.unwrap_or(0)] += 1;
        (number << 3) | country.unwrap_or(0) as u64
    });
    (bots.collect(), truth)
}

fn campaign(seed: u64) -> Campaign {
    let mut dice = Dice(seed);
    let botnet = dice.roll(BOTNETS);
    let (bots, truth) = bots(botnet);
    // Part of a botnet is awake, and some of it has been cleaned since.
    let awake = 45 + dice.roll(45);
    let mut taking_part: Vec<u64> = bots.into_iter().filter(|_| dice.roll(100) < awake).collect();
    for bot in &mut taking_part {
        if dice.roll(100) < 10 {
            *bot = dice.draw() << 3 | (*bot & 7);
        }
    }
    let mut marks: BTreeMap<u64, u64> =
        taking_part.iter().map(|bot| (Dice(*bot >> 3 ^ 0x5eed).draw(), *bot & 7)).collect();
    let sources = marks.len() as u64;
    while marks.len() > 4_096 {
        marks.pop_last();
    }
    let mut counts = [0; 5];
    for country in marks.values() {
        counts[usize::try_from(*country).unwrap()] += 1;
    }
    let row = |(place, sources): (&str, u64)| PlaceRow {
        place: place.to_owned(),
        count: PlaceCount { sources, requests: sources },
    };
    let crowd = SourceCrowd {
        sources,
        error_permille: if sources > 4_096 { 16 } else { 0 },
        requests: sources,
        sampled: marks.len() as u64,
        sampled_requests: marks.len() as u64,
        effective_requests: marks.len() as u64,
        countries: Some(Placed {
            rows: CODES.into_iter().zip(counts).map(row).collect(),
            ..Placed::default()
        }),
        marks: marks.keys().take(256).map(|mark| format!("{mark:016x}")).collect(),
        ..SourceCrowd::default()
    };
    let told = IncidentSources {
        incident: format!("www-{seed}").parse().unwrap(),
        platform: "www".to_owned(),
        since: Stamp::default(),
        until: Stamp::default(),
        asked: crowd.clone(),
        met: crowd,
        clusters: None,
        unlisted: 0,
        addresses: AddressWord::Handshake,
        tables: vec![seawall_types::evidence::PlaceTable {
            key: "geo.country".to_owned(),
            name: "test".to_owned(),
            built_s: 0,
            digest: String::new(),
        }],
    };
    Campaign { botnet, places: Places::of(1, &told), truth }
}

fn campaigns() -> Vec<Campaign> {
    (1..=CAMPAIGNS as u64).map(|seed| campaign(seed * 7_919)).collect()
}

#[test]
fn over_two_hundred_campaigns_the_probability_of_one_botnet_is_calibrated() {
    let all = campaigns();
    let other: IncidentId = "www-0".parse().unwrap();
    let (mut sum, mut pairs, mut same) = (0.0, 0_u32, 0_u32);
    // Hits and pairs by the words of the yardstick.
    let mut bands: BTreeMap<&str, (f64, f64, f64)> = BTreeMap::new();
    for (at, one) in all.iter().enumerate() {
        for two in &all[..at] {
            let crowds = (&one.places.met, &two.places.met);
            let likeness = likeness(&other, crowds).expect("crowds of hundreds");
            let is_same = f64::from(u8::from(one.botnet == two.botnet));
            let said = f64::from(u32::try_from(likeness.probability.value).unwrap()) / 100_000.0;
            sum += (said - is_same).powi(2);
            pairs += 1;
            same += u32::from(one.botnet == two.botnet);
            let band = bands.entry(yardstick(likeness.probability.value / 1_000)).or_default();
            *band = (band.0 + is_same, band.1 + said, band.2 + 1.0);
        }
    }
    let brier = sum / f64::from(pairs);
    println!("FIGURE report.brier {brier:.4} score");
    println!("{pairs} pairs, {same} of one botnet: {bands:?}");
    assert!(brier <= 0.10, "{brier}");
    // Pairs of one botnet are few: saying "no" to all must not pass.
    let of_nothing = f64::from(same) / f64::from(pairs);
    assert!(brier < of_nothing / 2.0, "{brier} is no better than saying no: {of_nothing}");
    for (word, (hits, said, of)) in bands {
        let off = (hits / of - said / of).abs();
        assert!(of < 30.0 || off <= 0.10, "{word}: {hits} of {of}, said {said}");
    }
}

#[test]
fn intervals_of_countries_cover_the_truth_of_the_botnet_in_nine_of_ten_campaigns() {
    let (mut covered, mut all) = (0_u32, 0_u32);
    for campaign in campaigns() {
        let crowd = &campaign.places.met;
        let crate::Known::Is(split) = &crowd.countries else { panic!("a table is there") };
        let whole: u64 = campaign.truth.iter().sum();
        for row in crowd.rows(split).0 {
            let code = CODES.iter().position(|code| *code == row.place.as_str()).unwrap();
            let truth = campaign.truth[code] * 100_000 / whole;
            let share = row.by_sources;
            all += 1;
            covered += u32::from(share.least.value <= truth && truth <= share.most.value);
        }
    }
    let share = f64::from(covered) * 100.0 / f64::from(all);
    println!("FIGURE report.intervals {share:.1} %");
    assert!(share >= 90.0, "{covered} of {all}");
}

#[test]
fn the_yardstick_rounds_a_number_between_two_bands_to_the_less_certain_word() {
    for (percent, word) in [
        (0, "a remote chance"),
        (7, "highly unlikely"),
        (22, "unlikely"),
        (38, "a realistic possibility"),
        (52, "a realistic possibility"),
        (78, "likely"),
        (93, "highly likely"),
        (95, "almost certain"),
        (100, "almost certain"),
    ] {
        assert_eq!(yardstick(percent), word, "{percent} %");
    }
}

#[test]
fn likelihood_and_confidence_stand_in_sentences_of_their_own() {
    let (one, two) = (campaign(3), campaign(5));
    let other = "www-5".parse().unwrap();
    let said = likeness(&other, (&one.places.met, &two.places.met)).unwrap().sentences();
    assert!(!said[0].contains("onfidence") && !said[1].contains("likely"), "{said:?}");
    let few = Crowd { marks: vec![1; MARKS_LEAST - 1], ..one.places.met.clone() };
    assert_eq!(likeness(&other, (&few, &two.places.met)), None, "too few to compare");
}
