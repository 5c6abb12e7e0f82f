//! The bounds of the detector, each as a line `FIGURE <name> <number> <unit>`.
//!
//! `cargo run --profile system -p seawall-engine --example detect_bounds`
//!
//! Measures on full sets of known visitors: a request, a tick under floods of several kinds, the
//! memory of ten platforms after ten million sources as the allocator counts it, which heavy sources
//! the sample names, and how soon a table that has no room is told.

use cap::Cap;
use rustix::time::{ClockId, clock_gettime};
use seawall_engine::detect::{Asked, Detector, Names, Row, Sample};
use seawall_engine::policy::SourceTable;
use seawall_engine::policy::sources::Connect;
use seawall_engine::{Effect, Engine, Event, TICK, TableSnapshot};
use seawall_types::{
    Attribute, FarEnd, Moment, PlatformId, Reason, RequestObservation, SourceKey, Trait, Traits,
    Verdict,
};
use std::alloc::System;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::Duration;

/// Counts every byte that is held.
#[global_allocator]
static HELD: Cap<System> = Cap::new(System, usize::MAX);

const PLATFORMS: u16 = 10;
const SOURCES: u32 = 10_000_000;
/// Requests of one tick under attack.
const REQUESTS: u32 = 10_000;
/// Ticks of each kind of flood.
const TICKS: u32 = 200;
/// What the origins carry, in origin-milliseconds per second.
const CAPACITY: f64 = 30_000.0;
/// Calm ticks until the sets of visitors are full.
const CALM_TICKS: u32 = 1_600;
/// How often a node looks at its tables.
const TABLE_EVERY: Duration = Duration::from_millis(750);

fn main() {
    let before = HELD.allocated();
    let mut platforms: Vec<Platform> = (0..PLATFORMS).map(Platform::calm).collect();
    let (visitors, _) = platforms[0].detector.footing();
    let ns = sources(&mut platforms);
    println!("FIGURE brain.memory_mib {:.1} MiB", mebibytes(HELD.allocated() - before));
    println!("FIGURE brain.observe_ns {ns:.1} ns");
    println!("FIGURE brain.known {visitors} visitors");
    let mut took: Vec<Duration> = Vec::new();
    for (platform, flood) in platforms.iter_mut().zip([0, 1, 2, 3].into_iter().cycle()) {
        took.extend((0..TICKS).map(|_| platform.tick_under(flood)));
    }
    took.sort_unstable();
    let ms = |span: Duration| span.as_secs_f64() * 1e3;
    println!("FIGURE brain.tick_median_ms {:.2} ms", ms(took[took.len() / 2]));
    println!("FIGURE brain.tick_worst_ms {:.2} ms", ms(took[took.len() - 1]));
    println!("FIGURE brain.heavy_recall {:.4} of all", heavy_sources());
    println!("FIGURE brain.saturated_s {:.2} seconds", saturated());
}

/// A detector with its time and names.
struct Platform {
    detector: Detector,
    names: Names,
    now: Moment,
    drawn: u32,
}

impl Platform {
    /// One that has seen calm traffic until its sets are full.
    fn calm(number: u16) -> Self {
        let detector = Detector::new(PlatformId(number), 7);
        let mut platform =
            Self { detector, names: Names::default(), now: Moment(0), drawn: u32::from(number) };
        for tick in 0..CALM_TICKS {
            for at in 0..200 {
                let visitor = mix(tick * 200 + at) % 60_000;
                platform.send(visitor, usual(visitor, mix(tick * 977 + at)), true);
            }
            platform.tick();
        }
        platform
    }

    fn send(&mut self, source: u32, traits: Traits, is_proven: bool) {
        self.drawn = self.drawn.wrapping_add(1);
        let request = request((source, self.now), traits, 5_000 + mix(self.drawn) % 9_000);
        let request = RequestObservation { is_proven, ..request };
        self.detector.observe(black_box(&request), 0.0);
    }

    fn tick(&mut self) -> Duration {
        self.now = self.now + TICK;
        let asked = Asked { capacity_ms_per_s: Some(CAPACITY), ..Asked::default() };
        let (change, span) = timed(|| self.detector.tick(self.now, asked, &mut self.names));
        black_box(change);
        span
    }

    /// One tick of a flood and a tenth as much of what is usual.
    fn tick_under(&mut self, flood: u32) -> Duration {
        for at in 0..REQUESTS {
            let drawn = mix(self.drawn ^ at << 8);
            let plain = usual(drawn % 60_000, drawn);
            let is_usual = at.is_multiple_of(10);
            let traits = if is_usual { plain } else { flooding(plain, (flood, drawn)) };
            self.send(drawn, traits, is_usual);
        }
        self.tick()
    }
}

/// Ten million sources, one request each, over all platforms; gives nanoseconds a request.
fn sources(platforms: &mut [Platform]) -> f64 {
    let each = SOURCES / u32::from(PLATFORMS);
    let requests: Vec<_> = (0..65_536_u32)
        .map(|at| request((mix(at), Moment(0)), usual(at, mix(at)), 5_000 + mix(at) % 9_000))
        .collect();
    let mut took = Duration::ZERO;
    for (number, platform) in (0_u32..).zip(platforms) {
        let own = Ipv4Addr::from(number * each);
        for first in (0..each).step_by(REQUESTS as usize) {
            let ((), span) = timed(|| {
                for at in first..(first + REQUESTS).min(each) {
                    let source = SourceKey::of(Ipv4Addr::from(u32::from(own) + at).into());
                    let known = &requests[at as usize % requests.len()];
                    let request = RequestObservation { source, at: platform.now, ..*known };
                    platform.detector.observe(black_box(&request), 0.0);
                }
            });
            took += span;
            platform.tick();
        }
    }
    took.as_secs_f64() * 1e9 / f64::from(each * u32::from(PLATFORMS))
}

/// Sources with more than a hundredth of a second's work that the sample of that second names, of
/// all there are: named is who has more than six thousandths of what the sample stands for.
fn heavy_sources() -> f64 {
    let (mut found, mut all) = (0_u32, 0_u32);
    for second in 0..200_u32 {
        let mut sample = Sample::new(4_096, u64::from(second));
        for at in 0..40_000_u32 {
            let drawn = mix(second * 40_000 + at);
            // Twenty sources with a hundredth and a half each, and a crowd.
            let source = if drawn % 100 < 30 { drawn % 20 } else { 1_000 + drawn };
            let traits = usual(source, drawn);
            let cost_us = 5_000 + mix(drawn) % 9_000;
            let source = SourceKey::of(Ipv4Addr::from(source).into());
            sample.observe(&Row { traits, source, cost_us, is_proven: false });
        }
        let weighted = sample.weighted();
        let total: f64 = weighted.weights.iter().sum();
        all += 20;
        for heavy in 0..20_u32 {
            let source = SourceKey::of(Ipv4Addr::from(heavy).into());
            let rows = weighted.rows.iter().zip(&weighted.weights);
            let own: f64 = rows.filter(|(row, _)| row.source == source).map(|(_, w)| w).sum();
            found += u32::from(own >= 0.006 * total);
        }
    }
    f64::from(found) / f64::from(all)
}

/// Seconds from the first source that finds no room in the table of sources until that is told.
fn saturated() -> f64 {
    let table = SourceTable::new([3, 4]);
    let mut engine = Engine::new(Moment(0), Vec::new());
    let (mut now, mut source, mut first) = (Moment(0), 0_u32, None);
    let mut look_at = Moment(0);
    loop {
        // A hundred thousand new sources a second, each of which stays.
        now = now + Duration::from_millis(10);
        for _ in 0..1_000 {
            source += 1;
            let key = SourceKey::of(Ipv4Addr::from(mix(source)).into());
            if matches!(table.connect(now, key, 8), Connect::Unjudged) {
                first.get_or_insert(now);
            }
        }
        if now < engine.next_deadline() {
            continue;
        }
        if now >= look_at {
            let (entries, saturated) = (table.entries(now), table.saturated());
            let look = TableSnapshot { name: "sources", entries, capacity: 262_144, saturated };
            engine.observe(now, Event::Table(look));
            look_at = now + TABLE_EVERY;
        }
        engine.on_deadline(now);
        while let Some(effect) = engine.poll_effect() {
            if let (Effect::TableSaturated { at, .. }, Some(first)) = (effect, first) {
                return at.since(first).as_secs_f64();
            }
        }
    }
}

fn request((source, at): (u32, Moment), traits: Traits, cost_us: u32) -> RequestObservation {
    RequestObservation {
        at,
        platform: PlatformId(0),
        source: SourceKey::of(Ipv4Addr::from(mix(source)).into()),
        far: FarEnd::default(),
        verdict: Verdict::Admit,
        reason: Reason::Clear,
        cost_us,
        is_proven: true,
        measure: None,
        traits,
    }
}

/// What one of many visitors shows.
fn usual(visitor: u32, drawn: u32) -> Traits {
    let mut traits = Traits::default();
    for (attribute, at) in Attribute::ALL.into_iter().zip(0_u32..) {
        // Clients are a visitor's own, what is asked for is not.
        let of_client = matches!(attribute, Attribute::Ja4 | Attribute::Agent | Attribute::Headers);
        let spread = mix(if of_client { visitor } else { drawn } ^ at << 20) & 0xFFFF;
        let values = [3, 200, 4, 5, 12, 800, 120, 60, 20, 2, 2, 3_000, 40, 300, 3][at as usize];
        traits.set(attribute, Trait::new(spread * spread % 65_521 * values / 65_521 + 1));
    }
    traits
}

/// The same by one tool, by random looks, by three tools, or as it is.
fn flooding(plain: Traits, (flood, drawn): (u32, u32)) -> Traits {
    let tool = match (flood, drawn % 3) {
        (3, _) => return plain,
        (0, _) | (2, 0) => 1,
        (2, 1) => 2,
        (2, _) => 3,
        _ => drawn | 1 << 31,
    };
    let client = [Attribute::Ja4, Attribute::H2, Attribute::Headers, Attribute::Agent];
    client.into_iter().fold(plain, |traits, attribute| {
        traits.with(attribute, Trait::new(tool.wrapping_mul(77) | 1 << 30))
    })
}

fn mix(number: u32) -> u32 {
    let z = number.wrapping_add(0x9E37_79B9).wrapping_mul(0x85EB_CA6B);
    let z = (z ^ z >> 15).wrapping_mul(0xC2B2_AE35);
    z ^ z >> 13
}

/// What work gives, and the processor time that it took.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = used();
    let done = work();
    (done, used().saturating_sub(start))
}

fn used() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let secs = u64::try_from(time.tv_sec).expect("time goes on");
    Duration::new(secs, u32::try_from(time.tv_nsec).expect("less than a second"))
}

#[expect(clippy::cast_precision_loss, reason = "bytes of one process")]
fn mebibytes(bytes: usize) -> f64 {
    bytes as f64 / f64::from(1_u32 << 20)
}
