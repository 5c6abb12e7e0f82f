//! The shield without I/O.
//!
//! Takes [`seawall_types::Batch`]es and the time; gives [`Effect`]s and a [`Snapshot`].
//! Never reads a clock, opens a socket or draws a random number: time and seed are arguments, so
//! the same input gives the same decisions, byte for byte.
//! Bounds: [`seawall_types::PLATFORMS_MAX`] platforms; ten seconds of each platform's counts; an
//! episode lists at most [`EPISODE_SOURCES_MAX`] different sources, more are "at least".

pub mod admission;
pub mod challenge;
mod demand;
pub mod detect;
pub mod effect;
mod episode;
pub mod incident;
pub mod integrity;
pub mod lane;
pub mod listing;
pub mod packets;
pub mod policy;
pub mod ring;
pub mod snapshot;
pub mod sources;
mod window;

pub use effect::{Effect, MeasureChange};
pub use episode::EPISODE_SOURCES_MAX;
pub use incident::{Incident, IncidentChange, IncidentKind, Incidents};
pub use integrity::IntegritySeen;
pub use listing::Listing;
pub use ring::RingSeen;
pub use snapshot::{
    AdmissionSnapshot, OriginSnapshot, OriginStanding, PlatformSnapshot, PlatformState, Snapshot,
    Sums, TableSnapshot,
};
pub use sources::SourcesSeen;

use crate::demand::Demand;
use crate::detect::{Asked, Detector, Known, Names, Signature};
use crate::episode::{Episode, Second};
use crate::incident::Tick;
use crate::integrity::Integrity;
use crate::policy::{
    BookFault, CompiledSignature, Ladder, Measure, MeasureBook, Measures, Sight, Wanted,
};
use crate::ring::Ring;
use crate::sources::{Sources, mark};
use crate::window::{Latencies, Window};
use seawall_types::{
    Batch, MeasureId, Moment, OriginCapacity, PLATFORMS_MAX, PlatformCounts, PlatformId, Reason,
    Traits, Verdict,
};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

/// How often the engine draws its conclusions.
pub const TICK: Duration = Duration::from_millis(250);

/// What the engine is told of one platform.
#[derive(Debug, Clone, PartialEq)]
pub struct PlatformSettings {
    /// Its name.
    pub name: String,
    /// What its origins can carry; none while unknown.
    pub capacity: Option<OriginCapacity>,
    /// Whether the ladder may act there; else it only watches.
    pub acts: bool,
}

/// What happened, for the engine.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "nearly every event is a batch")]
pub enum Event {
    /// A core handed its counts over.
    Observed(Batch),
    /// The configuration changed; indices of known platforms stay.
    Configured(Vec<PlatformSettings>),
    /// A bounded table was looked at.
    Table(TableSnapshot),
    /// Origins were looked at, by platform index.
    Origins(Vec<Vec<OriginSnapshot>>),
    /// Admission was looked at, by platform index.
    Admission(Vec<Option<AdmissionSnapshot>>),
}

/// Learns from batches what each platform goes through.
#[derive(Debug)]
pub struct Engine {
    platforms: Vec<Platform>,
    no_platform: [u64; Reason::COUNT],
    resets_at_accept: u64,
    observations_dropped: u64,
    tables: Vec<TableSnapshot>,
    effects: VecDeque<Effect>,
    next_tick: Moment,
    /// Texts of values; they read the same on every platform.
    names: Names,
    /// What stands, by whomever it was wanted.
    book: MeasureBook,
    seed: u64,
    /// Key of the marks of sources.
    source_keys: [u64; 2],
    /// What incidents began with that opened in the last tick.
    rings: Vec<RingSeen>,
}

#[derive(Debug)]
struct Platform {
    settings: PlatformSettings,
    window: Window,
    latencies: Latencies,
    episode: Episode,
    totals: [[u64; Reason::COUNT]; Verdict::COUNT],
    would_have: [u64; Verdict::COUNT],
    /// By core, as of its last batch.
    at_origin: Vec<AtOrigin>,
    /// As they were last looked at; none before.
    origins: Option<Vec<OriginSnapshot>>,
    /// None while nothing bounds what reaches them.
    admission: Option<AdmissionSnapshot>,
    demand: Demand,
    incidents: Incidents,
    sums: Sums,
    detector: Detector,
    ladder: Ladder,
    sources: Sources,
    integrity: Integrity,
    ring: Ring,
}

/// Requests of one core that are at the origins.
#[derive(Debug, Clone, Copy, Default)]
struct AtOrigin {
    in_flight: u32,
    waiting: u32,
}

impl Platform {
    fn new(settings: PlatformSettings, (index, seed): (usize, u64)) -> Self {
        let id = PlatformId(u16::try_from(index).unwrap_or(u16::MAX));
        Self {
            detector: Detector::new(id, seed),
            ladder: Ladder::new(id, seed),
            sources: Sources::new(id),
            integrity: Integrity::new(id),
            ring: Ring::default(),
            settings,
            window: Window::default(),
            latencies: Latencies::default(),
            episode: Episode::default(),
            totals: Default::default(),
            would_have: Default::default(),
            at_origin: Vec::new(),
            origins: None,
            admission: None,
            demand: Demand::default(),
            incidents: Incidents::default(),
            sums: Sums::default(),
        }
    }

    fn observe(&mut self, (core, at): (usize, Moment), now: Moment, counts: &PlatformCounts) {
        self.demand.add((core, at), counts);
        self.sums.add(counts);
        for (total, counted) in self.totals.iter_mut().zip(&counts.requests) {
            for (total, counted) in total.iter_mut().zip(counted) {
                *total += u64::from(*counted);
            }
        }
        for (total, counted) in self.would_have.iter_mut().zip(&counts.would_have) {
            *total += u64::from(*counted);
        }
        if self.at_origin.len() <= core {
            self.at_origin.resize(core + 1, AtOrigin::default());
        }
        self.at_origin[core] = AtOrigin { in_flight: counts.in_flight, waiting: counts.waiting };
        self.window.add(now, counts);
    }

    fn in_flight(&self) -> u32 {
        self.at_origin.iter().map(|core| core.in_flight).sum()
    }

    /// What was let through over what the operator says that the origins can carry.
    fn pressure(&self, now: Moment) -> Option<f64> {
        let capacity = self.settings.capacity?.ms_per_second();
        Some(self.window.demand_ms_per_second(now) / capacity)
    }

    /// What asks for the origins over what they can carry, over the last second.
    fn asked(&self, now: Moment) -> Option<f64> {
        self.admission.map(|admission| admission.pressure).or_else(|| self.pressure(now))
    }

    /// What the detector is told of a tick beside single requests.
    fn was_asked(&self, pressure: Option<f64>) -> Asked {
        let told = self.settings.capacity.map(OriginCapacity::ms_per_second);
        match (told, self.admission) {
            (Some(_), _) => Asked { pressure, capacity_ms_per_s: told, ..Asked::default() },
            (None, Some(admission)) => {
                let capacity_ms_per_s = Some(1e3 * admission.carries);
                Asked { pressure, capacity_ms_per_s, ..Asked::default() }
            }
            (None, None) => Asked::default(),
        }
    }

    /// Whether it is known what the origins can carry: without, nothing is too much.
    fn knows_what_is_carried(&self) -> bool {
        self.settings.capacity.is_some() || self.admission.is_some_and(AdmissionSnapshot::bounds)
    }

    /// Requests that the origins can carry at once; none while admission does not see them all.
    fn carries(&self) -> Option<f64> {
        let learned = self.admission?.carries;
        Some(self.settings.capacity.map_or(learned, |told| told.ms_per_second() / 1e3))
    }
}

impl Engine {
    /// An engine that has seen nothing; for whoever needs no secret of it.
    pub fn new(now: Moment, platforms: Vec<PlatformSettings>) -> Self {
        Self::seeded(now, platforms, 0)
    }

    /// An engine that has seen nothing; `seed` keys what no sender should be able to aim at.
    pub fn seeded(now: Moment, platforms: Vec<PlatformSettings>, seed: u64) -> Self {
        let platforms = platforms.into_iter().take(PLATFORMS_MAX).enumerate();
        Self {
            platforms: platforms.map(|(at, own)| Platform::new(own, (at, seed))).collect(),
            seed,
            source_keys: [seed, detect::mixed(seed)],
            rings: Vec::new(),
            names: Names::default(),
            book: MeasureBook::default(),
            no_platform: Default::default(),
            resets_at_accept: 0,
            observations_dropped: 0,
            tables: Vec::new(),
            effects: VecDeque::new(),
            next_tick: now + TICK,
        }
    }

    /// Takes what happened.
    pub fn observe(&mut self, now: Moment, event: Event) {
        match event {
            Event::Observed(batch) => self.observe_batch(now, batch),
            Event::Configured(settings) => self.configure(settings),
            Event::Table(table) => self.observe_table(now, table),
            Event::Origins(origins) => self.observe_origins(origins),
            Event::Admission(looks) => {
                for (platform, look) in self.platforms.iter_mut().zip(looks) {
                    platform.admission = look;
                }
            }
        }
    }

    /// When [`Self::on_deadline`] has something to do.
    pub fn next_deadline(&self) -> Moment {
        self.next_tick
    }

    /// Draws conclusions; call it at or after [`Self::next_deadline`].
    pub fn on_deadline(&mut self, now: Moment) {
        self.next_tick = now + TICK;
        self.rings.clear();
        let expired = self.book.expire(now);
        let ended = |measure| Effect::Measure(MeasureChange::Expired { measure, at: now });
        self.effects.extend(expired.into_iter().map(ended));
        for (index, platform) in self.platforms.iter_mut().enumerate() {
            let waiting = platform.at_origin.iter().map(|core| core.waiting).sum();
            platform.window.look(now, waiting);
            platform.sums.tick();
            let (tick, offered) = platform.demand.tick(now, platform.carries());
            let second = Second {
                platform: PlatformId(u16::try_from(index).unwrap_or(u16::MAX)),
                stopped_rps: platform.window.stopped_rps(now),
                // Where admission bounds what is let through, that never shows that more was asked.
                pressure: offered.or_else(|| platform.pressure(now)),
                is_bounded: platform.admission.is_some_and(AdmissionSnapshot::bounds),
            };
            self.effects.extend(platform.episode.conclude(now, second));
            let asked = Asked { offered, ..platform.was_asked(tick.pressure) };
            let found = platform.detector.tick(now, asked, &mut self.names);
            self.effects.extend(found.map(Effect::Finding));
            let changed = |change| Effect::Incident { platform: second.platform, change };
            let calm_under =
                platform.detector.reading().map_or(tick.calm_under, |reading| reading.calm_under);
            let change = platform.incidents.observe(Tick { calm_under, ..tick });
            platform.ring.tick(now);
            if matches!(change, Some(IncidentChange::Opened(_))) {
                self.rings.push(platform.ring.seen(second.platform));
            }
            self.effects.extend(change.map(changed));
            let is_open = platform.incidents.open().is_some();
            platform.sources.tick(now, tick.pressure, is_open);
            let admitted = platform.totals[Verdict::Admit.index()].iter().sum();
            platform.integrity.tick(now, (platform.sums.bytes_out, admitted), is_open);
            if let Some(finding) = platform.detector.finding() {
                self.effects.extend(platform.incidents.describe(finding).map(changed));
            }
            let (visitors, footing) = platform.detector.footing();
            let sight = Sight {
                at: now,
                reading: platform.detector.reading(),
                kind: platform.detector.finding().map_or(IncidentKind::Unknown, |said| said.kind),
                active: platform.detector.active().collect(),
                prepared: platform.detector.prepared(),
                known: platform.detector.known(),
                visitors,
                footing,
                usual_ms_per_s: platform.detector.usual_ms_per_s(now),
                names: &self.names,
                acts: platform.settings.acts && platform.knows_what_is_carried(),
            };
            let moved = platform.ladder.tick(&sight, &mut self.book);
            if !moved.is_empty() {
                let told = platform.incidents.treat(platform.ladder.treated());
                self.effects.extend(moved.into_iter().map(Effect::Measure));
                self.effects.extend(told.map(changed));
            }
        }
    }

    /// Takes up a measure that somebody wants.
    ///
    /// # Errors
    /// The platform has no room for another, or its span is none that a measure may have.
    pub fn add_measure(&mut self, now: Moment, wanted: Wanted) -> Result<MeasureId, BookFault> {
        let id = self.book.add(now, wanted)?;
        self.tell_begun(id);
        Ok(id)
    }

    /// Takes up a measure of an earlier run, under the name that it had.
    ///
    /// # Errors
    /// As [`Self::add_measure`].
    pub fn restore_measure(
        &mut self,
        now: Moment,
        named: (MeasureId, Wanted),
    ) -> Result<MeasureId, BookFault> {
        let id = self.book.restore(now, named)?;
        self.tell_begun(id);
        Ok(id)
    }

    /// Names of measures that were given before are not given again soon.
    pub fn name_measures_after(&mut self, id: MeasureId) {
        self.book.not_before(id);
    }

    fn tell_begun(&mut self, id: MeasureId) {
        let stands = self.book.standing().iter().find(|one| one.id == id).cloned();
        self.effects.extend(stands.map(|one| Effect::Measure(MeasureChange::Began(one))));
    }

    /// A signature with what is known of a platform's visitors now.
    pub fn compiled(&self, platform: PlatformId, signature: Signature) -> CompiledSignature {
        let known = self.platforms.get(platform.index()).and_then(|one| one.detector.known());
        CompiledSignature::new(signature, known.unwrap_or(&Known::nobody()))
    }

    /// Takes every measure away that stands on a platform: it is gone.
    pub fn lift_measures_on(&mut self, now: Moment, platform: PlatformId) {
        let ids: Vec<_> = self.book.on(platform).map(|one| one.id).collect();
        for id in ids {
            self.lift_measure(now, id);
        }
    }

    /// Takes a measure away; false when there is no such one.
    pub fn lift_measure(&mut self, now: Moment, id: MeasureId) -> bool {
        let lifted = self.book.lift(id);
        for platform in &mut self.platforms {
            platform.ladder.lifted(now, id);
        }
        let is_lifted = lifted.is_some();
        let ended = |measure| Effect::Measure(MeasureChange::Lifted { measure, at: now });
        self.effects.extend(lifted.map(ended));
        is_lifted
    }

    /// The measures that the hot path is to look up; compared by version.
    pub fn measures(&self) -> &Arc<Measures> {
        self.book.compiled()
    }

    /// What stands, in the order in which it was taken up.
    pub fn standing(&self) -> &[Measure] {
        self.book.standing()
    }

    /// The next thing the engine wants done or told.
    pub fn poll_effect(&mut self) -> Option<Effect> {
        self.effects.pop_front()
    }

    /// Marks sources by this key from now on: one that outlives the process lets crowds of different
    /// runs be compared.
    pub const fn mark_sources_by(&mut self, keys: [u64; 2]) {
        self.source_keys = keys;
    }

    /// What incidents began with that opened in the last tick.
    pub fn rings(&mut self) -> Vec<RingSeen> {
        std::mem::take(&mut self.rings)
    }

    /// Sources of incidents that are due to be told, after the effects of their tick.
    pub fn sources_due(&mut self, now: Moment) -> Vec<SourcesSeen> {
        self.platforms.iter_mut().filter_map(|platform| platform.sources.due(now)).collect()
    }

    /// Signs of a change that nobody ordered, and that there are none, as far as due.
    pub fn integrity_due(&mut self, now: Moment) -> Vec<IntegritySeen> {
        let is_open = self.platforms.iter().any(|platform| platform.incidents.open().is_some());
        let platforms = self.platforms.iter_mut();
        platforms.flat_map(|platform| platform.integrity.due(now, is_open)).collect()
    }

    /// Sources of the incidents that are open.
    pub fn sources_of_open(&self, now: Moment) -> Vec<SourcesSeen> {
        self.platforms.iter().filter_map(|platform| platform.sources.of_open(now)).collect()
    }

    /// The hour of the week at moment zero, in seconds since Monday's midnight.
    pub fn set_calendar(&mut self, seconds_into_week: u32) {
        for platform in &mut self.platforms {
            platform.detector.set_calendar(seconds_into_week);
        }
    }

    /// Names of the platforms.
    pub fn platform_names(&self) -> Vec<String> {
        self.platforms.iter().map(|platform| platform.settings.name.clone()).collect()
    }

    /// What was learned of a platform, for the next process.
    pub fn learned(&self, now: Moment, platform: &str) -> Option<Vec<u8>> {
        let named = self.platforms.iter().find(|known| known.settings.name == platform);
        named.map(|known| known.detector.to_bytes(now))
    }

    /// Takes back what was learned of a platform; false, and nothing is changed, when there is no
    /// such platform or the bytes are not whole or of another version.
    #[must_use]
    pub fn restore(&mut self, now: Moment, platform: &str, bytes: &[u8]) -> bool {
        let named = self.platforms.iter_mut().find(|known| known.settings.name == platform);
        named.is_some_and(|known| known.detector.restore(now, bytes))
    }

    /// Whether what is described now matches a request; nothing follows from it yet.
    pub fn is_described(&self, platform: PlatformId, traits: &Traits) -> bool {
        self.platforms.get(platform.index()).is_some_and(|one| one.detector.describes(traits))
    }

    /// What the shield thinks of a platform now; calm where there is none.
    pub fn state(&self, now: Moment, platform: PlatformId) -> PlatformState {
        self.platforms.get(platform.index()).map(|one| state(one, now)).unwrap_or_default()
    }

    /// Everything the engine knows now.
    pub fn snapshot(&self, now: Moment) -> Snapshot {
        Snapshot {
            at: now,
            platforms: self.platforms.iter().map(|platform| snapshot(platform, now)).collect(),
            no_platform: self.no_platform,
            resets_at_accept: self.resets_at_accept,
            observations_dropped: self.observations_dropped,
            tables: self.tables.clone(),
        }
    }

    fn observe_batch(&mut self, now: Moment, mut batch: Batch) {
        for (platform, counts) in self.platforms.iter_mut().zip(&batch.platforms) {
            platform.observe((usize::from(batch.core), batch.at), now, counts);
        }
        for request in &batch.requests {
            let Some(platform) = self.platforms.get_mut(request.platform.index()) else {
                continue;
            };
            platform.episode.observe(request);
            platform.detector.observe(request, batch.stands_for_us);
            platform.ladder.observe(request, batch.stands_for_us);
            let mark = mark(self.source_keys, request.source);
            platform.sources.observe(request, mark);
            platform.ring.observe(request, mark);
        }
        for counts in &batch.measures {
            let index = self.book.get(counts.measure).map(|measure| measure.platform.index());
            if let Some(platform) = index.and_then(|index| self.platforms.get_mut(index)) {
                platform.ladder.count(counts);
            }
        }
        for passed in &batch.passes {
            let index = self.book.get(passed.measure).map(|measure| measure.platform.index());
            if let Some(platform) = index.and_then(|index| self.platforms.get_mut(index)) {
                platform.ladder.passed(batch.at, passed);
            }
        }
        for answer in &batch.answers {
            if let Some(platform) = self.platforms.get_mut(answer.platform.index()) {
                platform.latencies.add(now, answer.took_us);
            }
        }
        for used in &batch.uses {
            if let Some(platform) = self.platforms.get_mut(used.platform.index()) {
                let is_open = platform.incidents.open().is_some();
                platform.integrity.observe(used, is_open);
            }
        }
        self.book.count(&batch.measures);
        for name in batch.names.drain(..) {
            self.names.learn(name);
        }
        for (total, counted) in self.no_platform.iter_mut().zip(&batch.no_platform) {
            *total += u64::from(*counted);
        }
        self.resets_at_accept += u64::from(batch.resets_at_accept);
        self.observations_dropped += u64::from(batch.unlisted);
        self.platforms.iter_mut().for_each(|platform| platform.sources.miss(batch.unlisted));
    }

    fn configure(&mut self, settings: Vec<PlatformSettings>) {
        for (index, settings) in settings.into_iter().take(PLATFORMS_MAX).enumerate() {
            match self.platforms.get_mut(index) {
                Some(platform) => platform.settings = settings,
                None => self.platforms.push(Platform::new(settings, (index, self.seed))),
            }
        }
    }

    fn observe_origins(&mut self, origins: Vec<Vec<OriginSnapshot>>) {
        for (platform, origins) in self.platforms.iter_mut().zip(origins) {
            platform.origins = Some(origins);
        }
    }

    fn observe_table(&mut self, now: Moment, table: TableSnapshot) {
        let known = self.tables.iter_mut().find(|known| known.name == table.name);
        let before = known.as_ref().map_or(0, |known| known.saturated);
        match known {
            Some(known) => *known = table,
            None => self.tables.push(table),
        }
        if table.saturated > before {
            let times = table.saturated - before;
            self.effects.push_back(Effect::TableSaturated { table: table.name, at: now, times });
        }
    }
}

fn state(platform: &Platform, now: Moment) -> PlatformState {
    let is_near = || platform.asked(now).is_some_and(|pressure| pressure > WATCH_PRESSURE);
    match platform.incidents.open() {
        Some(incident) if !incident.rests(now) => PlatformState::Incident,
        Some(_) => PlatformState::Watch,
        None if platform.episode.is_open() || is_near() => PlatformState::Watch,
        None => PlatformState::Calm,
    }
}

fn snapshot(platform: &Platform, now: Moment) -> PlatformSnapshot {
    PlatformSnapshot {
        name: platform.settings.name.clone(),
        state: state(platform, now),
        rps: platform.window.rps(now),
        totals: platform.totals,
        would_have: platform.would_have,
        pressure: platform.asked(now),
        in_flight: platform.in_flight(),
        limit: platform
            .admission
            .filter(|admission| admission.bounds())
            .map(|admission| admission.limit),
        p50_ms: platform.latencies.quantile_ms(now, 0.5),
        p99_ms: platform.latencies.quantile_ms(now, 0.99),
        healthy: platform.origins.as_deref().map(healthy),
        origins: platform.origins.clone().unwrap_or_default(),
        incident: platform.incidents.open().cloned(),
        sums: platform.sums,
        finding: platform.detector.finding().cloned(),
    }
}

fn healthy(origins: &[OriginSnapshot]) -> u32 {
    let up = origins.iter().filter(|origin| origin.standing != OriginStanding::Out).count();
    u32::try_from(up).unwrap_or(u32::MAX)
}

/// Above this share of what the origins can carry a platform is watched.
const WATCH_PRESSURE: f64 = 0.85;

#[cfg(test)]
mod tests;
