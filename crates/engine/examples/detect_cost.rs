//! What the detector's parts cost: one search, one certificate, one row, and memory.
//!
//! `cargo run --release -p seawall-engine --example detect_cost`

use seawall_engine::detect::{Promises, Question, Reservoirs, Row, Sample, answer};
use seawall_types::{Attribute, Moment, SourceKey, Trait, Traits};
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

const PLATFORMS: u64 = 10;
/// Of each kind.
const TICKS: u32 = 400;

fn main() {
    let before = resident_kib();
    let platforms: Vec<(Reservoirs, Vec<Sample>)> = (0..PLATFORMS).map(platform).collect();
    let known = &platforms[0].0;
    println!("known: {} searched, {} certified", known.visitors_searched(), known.visitors());
    println!("memory of {PLATFORMS} platforms: {} KiB", resident_kib() - before);
    for (known, _) in &platforms {
        ticks("the first one", known, (1, 1));
    }
    for (name, flood) in [("one tool", 0), ("random", 1), ("three vectors", 2), ("usual", 3)] {
        ticks(name, known, (flood, TICKS));
    }
    observe();
}

/// Full reservoirs, and the four slots of a second.
fn platform(number: u64) -> (Reservoirs, Vec<Sample>) {
    let mut reservoirs = Reservoirs::new([number, 7]);
    for visitor in 0..40_000 {
        (0..4).for_each(|visit| {
            reservoirs.learn(Moment(0), &row(visitor, mix(visitor * 4 + visit)));
        });
    }
    let slot = |at: u64| {
        let mut sample = Sample::new(1_024, at);
        (0..4_096).for_each(|at| sample.observe(&row(at, mix(at))));
        sample
    };
    (reservoirs, (0..4).map(slot).collect())
}

fn ticks(name: &str, known: &Reservoirs, (flood, count): (u32, u32)) {
    let mut took = Vec::new();
    let (mut tried, mut proposals) = (0, 0);
    for tick in 0..count {
        let rows: Vec<Row> = (0..4_096).map(|at| window_row(tick * 4_096 + at, flood)).collect();
        let weights: Vec<f64> = rows.iter().map(|row| f64::from(row.cost_us)).collect();
        let question = Question {
            window: &rows,
            weights: &weights,
            known,
            demand_ms_per_s: 20_000.0,
            normal_ms_per_s: 2_000.0,
            capacity_ms_per_s: 6_000.0,
            persistence: &|_| 0,
            budget: 0.01,
            is_first: false,
        };
        let mut promises = Promises::default();
        let (answer, span) = timed(|| answer(black_box(&question), &mut promises));
        took.push(span);
        tried = answer.tried;
        proposals = answer.proposals.len();
    }
    took.sort_unstable();
    let (median, worst) = (took[took.len() / 2], took[took.len() - 1]);
    let p99 = took[took.len() * 99 / 100];
    println!(
        "tick, {name}: median {median:?}, 99 % {p99:?}, worst {worst:?}; {tried} conjunctions, {proposals} proposals"
    );
}

fn observe() {
    let rows: Vec<Row> = (0..65_536).map(|at| row(at, mix(at))).collect();
    let mut sample = Sample::new(1_024, 3);
    let ((), span) = timed(|| {
        for (at, row) in rows.iter().cycle().take(4_000_000).enumerate() {
            // A slot of a quarter of a second at 40,000 requests a second.
            if at % 10_000 == 0 {
                sample.restart(at as u64);
            }
            sample.observe(black_box(row));
        }
    });
    println!("observe: {:.1} ns a row", span.as_secs_f64() * 1e9 / 4e6);
}

/// One of ten rows is usual; the others are the flood.
fn window_row(at: u32, flood: u32) -> Row {
    let usual = row(at, mix(at));
    if at.is_multiple_of(10) || flood == 3 {
        return usual;
    }
    let tool = match (flood, at % 3) {
        (0, _) | (2, 0) => 1,
        (2, 1) => 2,
        _ => mix(at) | 1 << 31,
    };
    let mut flooding = usual;
    for attribute in [Attribute::Ja4, Attribute::H2, Attribute::Headers, Attribute::Agent] {
        flooding.traits.set(attribute, Trait::new(tool.wrapping_mul(77) | 1 << 30));
    }
    if flood != 1 {
        flooding.traits.set(Attribute::Route, Trait::new(at % 3 + 1));
    }
    flooding
}

fn row(visitor: u32, random: u32) -> Row {
    let mut traits = Traits::default();
    for (attribute, at) in Attribute::ALL.into_iter().zip(0..) {
        let drawn = mix(random ^ at << 20) & 0xFFFF;
        let values = [3, 200, 4, 5, 12, 800, 120, 60, 20, 2, 2, 3_000, 40, 300, 3][at as usize];
        let value = drawn * drawn % 65_521 * values / 65_521;
        traits.set(attribute, Trait::new(value + 1));
    }
    let source = SourceKey::of(Ipv4Addr::from(mix(visitor)).into());
    Row { traits, source, cost_us: 5_000 + random % 9_000, is_proven: false }
}

fn mix(number: u32) -> u32 {
    let z = number.wrapping_add(0x9E37_79B9).wrapping_mul(0x85EB_CA6B);
    let z = (z ^ z >> 15).wrapping_mul(0xC2B2_AE35);
    z ^ z >> 13
}

#[expect(clippy::disallowed_methods, reason = "an example that measures")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}

#[expect(clippy::disallowed_methods, reason = "an example that measures")]
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|text| text.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}
