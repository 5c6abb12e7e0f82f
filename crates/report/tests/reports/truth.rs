//! Random incidents over several platforms whose truth is known: what a report says of each platform,
//! and how its sums compare.
//!
//! What happened is drawn first; records of it are then written as a node writes them, with late
//! ticks, and some of them are lost.

use crate::simulated::{Dice, Records, at, case_about, ended, incident};
use seawall_report::About;
use seawall_report::case::{PlatformView, Standing};
use seawall_types::Verdict;
use seawall_types::evidence::{Fact, GapReason, IncidentKind};

const INCIDENTS: u64 = 50;
const PLATFORMS: [&str; 6] = ["www", "donate", "events", "shop", "app", "press"];

/// What really happened to a platform.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    /// A flood, which the shield told of.
    Flooded,
    /// A flood, of which no record is left.
    FloodedUnseen,
    /// More visitors than its origins carry, and no flood.
    Overrun,
    Calm,
}

/// What became of its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Telemetry {
    Whole,
    /// Some seconds in the middle were never written.
    Holes,
    /// From some second on nothing was written.
    CutOff,
    Never,
    /// Whole, and nobody knows what its origins carry.
    NoCapacity,
}

struct Platform {
    name: &'static str,
    truth: Truth,
    telemetry: Telemetry,
    /// Requests that the generator sent in the incident's time, by admitted and held.
    sent: (u64, u64),
}

struct World {
    platforms: Vec<Platform>,
    records: Records,
    /// Whether the log tells of records that are lost in this time.
    has_gap: bool,
}

/// An incident on `www` from second 10 to its end; what happens beside it by chance.
fn world(seed: u64) -> World {
    let mut dice = Dice(0x5eed_0000 + seed);
    let end = 60 + dice.roll(300);
    let count = 2 + usize::try_from(dice.roll(5)).expect("small");
    let mut platforms: Vec<_> =
        PLATFORMS.iter().take(count).map(|name| drawn(name, &mut dice)).collect();
    platforms[0].truth = Truth::Flooded;
    platforms[0].telemetry = Telemetry::Whole;
    let has_gap = dice.roll(100) < 15;
    let mut records = Records::default();
    let (version, configuration) = ("0.1.0".to_owned(), "sha256:0f3a".to_owned());
    records.fact(0, Fact::NodeStarted { version, configuration });
    let holes = (12 + dice.roll(20), 1 + dice.roll(20));
    for second in 1..=end + 3 {
        // A tick comes late, never early, and the next one is not later for it.
        let ms = second * 1_000 + dice.roll(90);
        for platform in &mut platforms {
            let (admit, hold, pressure) = one_second(platform.truth, second, end, &mut dice);
            // What is told of a time is every second that touches it.
            if ms > 10_000 && ms <= end * 1_000 + 999 {
                platform.sent.0 += admit;
                platform.sent.1 += hold;
            }
            if is_written(platform.telemetry, second, holes, end) {
                let known = platform.telemetry != Telemetry::NoCapacity;
                records.second(ms, platform.name, (admit, hold, known.then_some(pressure)));
            }
        }
        if second == 11 {
            told(&platforms, &mut records, ms);
        }
        if second == 40 && has_gap {
            records.gap(ms, (ms - 700, ms), GapReason::DiskSlow);
        }
    }
    let closed = ended(incident("www-1", "www", IncidentKind::Flood), end * 1_000);
    records.fact((end + 3) * 1_000 + 100, Fact::IncidentClosed(closed));
    World { platforms, records, has_gap }
}

fn drawn(name: &'static str, dice: &mut Dice) -> Platform {
    let telemetry = match dice.roll(10) {
        0 => Telemetry::Holes,
        1 => Telemetry::CutOff,
        2 => Telemetry::Never,
        3 => Telemetry::NoCapacity,
        _ => Telemetry::Whole,
    };
    let truth = match dice.roll(8) {
        0 | 1 => Truth::Flooded,
        2 => Truth::Overrun,
        3 => Truth::FloodedUnseen,
        _ => Truth::Calm,
    };
    // What nobody saw left no record of the platform at all.
    let telemetry = if truth == Truth::FloodedUnseen { Telemetry::Never } else { telemetry };
    Platform { name, truth, telemetry, sent: (0, 0) }
}

/// Requests admitted and held, and demand over capacity in thousandths.
fn one_second(truth: Truth, second: u64, end: u64, dice: &mut Dice) -> (u64, u64, u32) {
    let is_on = (11..=end).contains(&second);
    let calm = (30 + dice.roll(200), 0, 200 + u32::try_from(dice.roll(300)).expect("small"));
    match truth {
        Truth::Flooded | Truth::FloodedUnseen if is_on => {
            (calm.0, 2_000 + dice.roll(9_000), 950 + u32::try_from(dice.roll(400)).expect("small"))
        }
        Truth::Overrun if is_on => {
            (calm.0 * 4, dice.roll(2), 1_050 + u32::try_from(dice.roll(200)).expect("small"))
        }
        Truth::Flooded | Truth::FloodedUnseen | Truth::Overrun | Truth::Calm => calm,
    }
}

fn is_written(telemetry: Telemetry, second: u64, (hole, length): (u64, u64), end: u64) -> bool {
    match telemetry {
        Telemetry::Whole | Telemetry::NoCapacity => true,
        Telemetry::Holes => !(hole..hole + length).contains(&second),
        Telemetry::CutOff => second < end / 2,
        Telemetry::Never => false,
    }
}

/// The incidents that the shield opens: of each flood that it sees.
fn told(platforms: &[Platform], records: &mut Records, ms: u64) {
    for platform in platforms.iter().filter(|platform| platform.truth == Truth::Flooded) {
        if platform.telemetry != Telemetry::Never {
            let id = format!("{}-1", platform.name);
            let mut opened = incident(&id, platform.name, IncidentKind::Flood);
            opened.clocks.detected_at = Some(at(ms));
            records.fact(ms, Fact::IncidentOpened(opened));
        }
    }
}

/// What a report must say of it.
fn right(platform: &Platform, has_gap: bool) -> Standing {
    match (platform.truth, platform.telemetry) {
        (_, Telemetry::Never)
        | (Truth::FloodedUnseen, _)
        // Demand over capacity is all that speaks for it.
        | (Truth::Overrun, Telemetry::NoCapacity) => Standing::Unknown,
        (Truth::Flooded, _) => Standing::Confirmed,
        (Truth::Overrun, _) => Standing::Suspected,
        (Truth::Calm, Telemetry::Whole) if !has_gap => Standing::RuledOut,
        (Truth::Calm, _) => Standing::Unknown,
    }
}

#[test]
fn of_fifty_incidents_every_platform_is_judged_right_and_none_is_ruled_out_wrongly() {
    let (mut all, mut wrong, mut ruled_out) = (0_u32, Vec::new(), 0_u32);
    let (mut wrongly_ruled_out, mut off_most) = (0_u32, 0_u32);
    let mut of_truth = std::collections::BTreeMap::new();
    for seed in 0..INCIDENTS {
        let World { platforms, records, has_gap } = world(seed);
        let names = platforms.iter().map(|p| seawall_report::Line::of(p.name)).collect();
        let about = About { platforms: names, ..About::default() };
        let case = case_about(&records, "www-1", about);
        for platform in &platforms {
            let view = case.platforms.iter().find(|view| view.name.as_str() == platform.name);
            let view: &PlatformView = view.expect("every platform of the configuration is listed");
            let standing = view.standing;
            all += 1;
            ruled_out += u32::from(standing == Standing::RuledOut);
            *of_truth
                .entry(format!(
                    "{:?} {:?}: {}",
                    platform.truth,
                    platform.telemetry,
                    standing.word()
                ))
                .or_insert(0_u32) += 1;
            let is_calm = platform.truth == Truth::Calm;
            wrongly_ruled_out += u32::from(!is_calm && standing == Standing::RuledOut);
            if standing != right(platform, has_gap) {
                wrong.push(format!("{seed} {}: {}, {}", view.name, standing.word(), view.because));
            }
            if platform.telemetry == Telemetry::Whole {
                let counted = &view.impact.requests;
                let (admitted, held) =
                    (counted[Verdict::Admit.index()], counted[Verdict::Hold.index()]);
                for (counted, sent) in [(admitted, platform.sent.0), (held, platform.sent.1)] {
                    let off = counted.abs_diff(sent) * 100_000 / sent.max(1);
                    off_most = off_most.max(u32::try_from(off).unwrap_or(u32::MAX));
                }
            }
        }
    }
    let right = u32::try_from(wrong.len()).map_or(0, |wrong| all - wrong);
    println!("FIGURE report.truth {:.1} %", f64::from(right) * 100.0 / f64::from(all));
    println!("FIGURE report.truth.ruled-out {wrongly_ruled_out} platforms");
    println!("FIGURE report.truth.requests {:.3} %", f64::from(off_most) / 1_000.0);
    println!("{all} platforms, {ruled_out} ruled out, {} wrong; {of_truth:#?}", wrong.len());
    assert_eq!(wrongly_ruled_out, 0);
    assert!(off_most <= 100, "{off_most} thousandths of a percent");
    assert!(ruled_out > 20 && of_truth.len() > 10, "{of_truth:?}");
    assert!(wrong.len() * 50 <= usize::try_from(all).expect("small"), "{wrong:#?}");
}
