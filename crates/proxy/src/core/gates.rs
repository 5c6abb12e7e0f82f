//! The gates of one core, and its part in the rounds.

use super::{Core, Shared};
use crate::admission::{Alarm, Gate};
use crate::connection::Connection;
use crate::settings::Settings;
use seawall_engine::admission::{
    MarkSeed, OriginSet, PREFIXES_MAX, Proofs, RouteSeed, ShareSettings,
};
use seawall_types::{Mode, Moment, PlatformId};
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

/// Prefixes of all gates of one core: 4 MiB.
const PREFIXES_OF_CORE: usize = 8 * PREFIXES_MAX;
/// What each gate has at least.
const PREFIXES_MIN: usize = 1_024;

/// A reader that takes less than 2 KiB a second has little of a large answer.
const HURRIED: Duration = Duration::from_secs(2);

/// Where gates stand.
pub(super) struct Site {
    pub(super) core: u16,
    pub(super) alarm: Rc<Alarm>,
}

impl Site {
    /// A gate for each platform: the one there was, where its origins are the same.
    pub(super) fn gates(
        &self,
        shared: &Shared,
        settings: &Settings,
        old: &[Rc<Gate>],
    ) -> Vec<Rc<Gate>> {
        let count = settings.planned.platforms.len();
        let prefixes = (PREFIXES_OF_CORE / count.max(1)).clamp(PREFIXES_MIN, PREFIXES_MAX);
        let gate = |platform: usize| {
            let urls = || settings.planned.urls(platform);
            if let Some(gate) = old.get(platform).filter(|gate| gate.stands_before(urls())) {
                return gate.clone();
            }
            let seed = [shared.seed[0], shared.seed[1] ^ u64::from(self.core)];
            // One that bounds nothing keeps nothing.
            let prefixes = if urls().next().is_some() { prefixes } else { 0 };
            let share = ShareSettings { origins: 0, prefixes, seed };
            let gate =
                Gate::new((shared.clock, self.alarm.clone()), urls().cloned().collect(), share);
            let of_core = (usize::from(self.core), settings.planned.number);
            if let Some(grant) = shared.rounds.first(of_core, platform) {
                gate.accept(shared.clock.now(), &grant);
            }
            Rc::new(gate)
        };
        let gates: Vec<_> = (0..count).map(gate).collect();
        let is_gone = |known: &&Rc<Gate>| !gates.iter().any(|gate| Rc::ptr_eq(gate, known));
        old.iter().filter(is_gone).for_each(|gate| gate.close());
        gates
    }

    /// What all cores remember of the visitors of each platform that is bounded.
    pub(super) fn proofs(shared: &Shared, gates: &[Rc<Gate>]) -> Vec<Option<Arc<Proofs>>> {
        let bounded = gates.iter().filter(|gate| gate.bounds()).count();
        let of = |(platform, gate): (usize, &Rc<Gate>)| {
            gate.bounds().then(|| shared.proofs.of(shared.clock.now(), (platform, bounded)))
        };
        gates.iter().enumerate().map(of).collect()
    }
}

impl Core {
    /// The gate of a platform; none where nothing bounds what reaches its origins.
    pub(crate) fn gate(&self, platform: PlatformId) -> Option<Rc<Gate>> {
        let view = self.view.borrow();
        view.gates.get(platform.index()).filter(|gate| gate.bounds()).cloned()
    }

    /// In how long a client must take a little of what there is for it: less of a large answer
    /// while others need its slot.
    pub(crate) fn send_span(&self, connection: &Connection) -> Duration {
        let span = self.timeouts().send;
        let asked = connection.asks_for.get().filter(|_| connection.downloads.get());
        let is_hurried = asked.is_some_and(|platform| {
            let view = self.view.borrow();
            let gate = view.gates.get(platform.index()).filter(|gate| gate.bounds());
            gate.is_some_and(|gate| gate.downloads_press())
                && view.settings.rules.mode(platform) == Mode::Protect
        });
        if is_hurried { span.min(HURRIED) } else { span }
    }

    /// Bytes of bodies that are read before they have a slot.
    pub(crate) fn bodies_read(&self) -> &Cell<usize> {
        &self.bodies_read
    }

    /// Whether a platform has a gate.
    pub(crate) fn is_gated(&self, platform: PlatformId) -> bool {
        self.view.borrow().gates.get(platform.index()).is_some_and(|gate| gate.bounds())
    }

    /// Whether every origin of a platform refuses connections, or gives nothing that is an answer.
    pub(crate) fn are_broken(&self, platform: PlatformId) -> bool {
        let view = self.view.borrow();
        let pools = view.origins.get(platform.index()).map(|origins| &origins.pools[..]);
        pools.is_some_and(|pools| {
            !pools.is_empty() && pools.iter().all(|pool| pool.state().health.is_broken())
        })
    }

    /// Keys the classes of like questions, the same on all cores.
    pub(crate) fn route_seed(&self) -> RouteSeed {
        RouteSeed(self.shared.seed)
    }

    /// Keys the marks of visitors, the same on all cores.
    pub(crate) fn mark_seed(&self) -> MarkSeed {
        MarkSeed(self.shared.seed)
    }

    /// Asks what is remembered of a platform's visitors; nothing where nothing is bounded.
    pub(crate) fn with_proofs<T>(
        &self,
        platform: PlatformId,
        ask: impl FnOnce(&Proofs) -> T,
    ) -> Option<T> {
        let view = self.view.borrow();
        Some(ask(view.proofs.get(platform.index())?.as_ref()?))
    }

    pub(crate) fn alarm(&self) -> Rc<Alarm> {
        self.alarm.clone()
    }

    /// When the first wait at any gate ends; none while nobody waits.
    pub(crate) fn next_wait_ends(&self) -> Option<Moment> {
        self.view.borrow().gates.iter().filter_map(|gate| gate.next_wait_ends()).min()
    }

    /// Lets in or sends away those whose time has come.
    pub(crate) fn end_waits(&self) {
        let now = self.now();
        let view = self.view.borrow();
        let due = |gate: &&Rc<Gate>| gate.next_wait_ends().is_some_and(|due| due <= now);
        view.gates.iter().filter(due).for_each(|gate| gate.on_deadline(now));
    }

    /// Tells what this core saw and takes over what it may use from now on.
    pub(super) fn turn_round(&self, now: Moment) {
        let view = self.view.borrow();
        if !view.gates.iter().any(|gate| gate.bounds()) {
            return;
        }
        for (gate, origins) in view.gates.iter().zip(&view.origins) {
            gate.use_origins(now, healthy(origins.pools.iter().map(|pool| pool.state())));
            gate.on_deadline(now);
        }
        let reports: Vec<_> = view.gates.iter().map(|gate| gate.report(now)).collect();
        for (platform, report) in (0_u16..).zip(&reports) {
            self.tally.gate(PlatformId(platform), report);
        }
        let of_core = (usize::from(self.index), view.settings.planned.number);
        let grants = self.shared.rounds.exchange(now, of_core, &reports);
        for ((gate, proofs), grant) in view.gates.iter().zip(&view.proofs).zip(grants) {
            if let Some(grant) = grant {
                gate.accept(now, &grant);
                if let Some(proofs) = proofs {
                    proofs.weigh(now, grant.pressure);
                }
            }
        }
    }
}

fn healthy<'a>(states: impl Iterator<Item = &'a Arc<crate::origins::OriginState>>) -> OriginSet {
    let healthy = states.enumerate().filter(|(_, state)| state.health.is_healthy());
    healthy.fold(OriginSet::EMPTY, |set, (origin, _)| set.with(origin))
}
