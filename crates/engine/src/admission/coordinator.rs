//! Learns what each origin can carry and deals it out to the shares that want it.
//!
//! Takes reports of shares; gives grants.
//! What is dealt out for an origin, and what is still out of an earlier grant, is never more than
//! its limit: a slot goes to another share only after the one that had it has said that it is free.
//! Never reads a clock. Bounds: the shares and origins of its plan.

mod bulk;
mod deal;
mod lasting;
mod replan;

use super::limiter::{Limiter, Seen};
use super::request::Kind;
use super::sums::{Answers, Grant, OriginGrant, OriginSums, Report};
use super::{ORIGINS_MAX, ROUND};
use crate::AdmissionSnapshot;
use bulk::{BulkLimit, Gives, Pages, Traffic};
use deal::deal;
use lasting::{Held, LastingLimit};
use seawall_types::{Moment, OriginCapacity};

/// Position of an origin in a [`Plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginIndex(pub usize);

/// Who shares what.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Plan {
    /// What each origin can carry, where the operator says so.
    pub origins: Vec<Option<OriginCapacity>>,
    /// The origins of each platform, at most [`ORIGINS_MAX`] of them; one may be named by several.
    pub platforms: Vec<Vec<OriginIndex>>,
    /// Cores; each has a share of every platform.
    pub cores: usize,
}

/// While the line is full, so many times the slots of pages may be on their way besides.
const SENDING_TIMES: u32 = 4;

/// Rounds after which what does not divide goes to the next: sooner than a wait ends.
const ROUNDS_OF_TURN: usize = 4;
/// So much work at once is taken for granted: nobody divides by nothing.
const LEAST_CARRIED: f64 = 0.1;
/// Rounds over which pressure is a mean: one second.
const PRESSURE_ROUNDS: f64 = 10.0;

#[derive(Debug)]
struct Origin {
    capacity: Option<OriginCapacity>,
    limiter: Limiter,
    bulk: BulkLimit,
    lasting: LastingLimit,
}

/// One share's standing at one origin.
#[derive(Debug, Clone, Copy, Default)]
struct Seat {
    /// What it was last granted.
    granted: [u32; Kind::COUNT],
    /// What it may still use, of this grant or of those before it.
    held: [u32; Kind::COUNT],
    /// Generation of the grant that last took slots away: who has taken that over holds no more than
    /// it says.
    lowered: u64,
    sums: OriginSums,
}

#[derive(Debug, Clone, Default)]
struct Member {
    seats: Vec<Seat>,
    waiting: [u32; Kind::COUNT],
    offered_us: u64,
    /// Of what was offered, let through; and how many were held.
    admitted_us: u64,
    turned_away: u32,
    generation: u64,
    /// Generation of the last report.
    heard: u64,
}

/// All origins of a shield.
#[derive(Debug)]
pub struct Coordinator {
    plan: Plan,
    origins: Vec<Origin>,
    /// By platform, then core.
    members: Vec<Vec<Member>>,
    /// Demand over capacity, smoothed, by platform.
    pressure: Vec<f64>,
    next: Moment,
    rounds: usize,
    learning: Learning,
}

/// Where limits come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Learning {
    /// What comes back tells them; what the operator says bounds them.
    FromAnswers,
    /// What the operator says, and what comes back only where nothing is said.
    AsTold,
}

impl Coordinator {
    /// One that knows nothing but the plan; its first grants stand at once.
    pub fn new(now: Moment, plan: Plan) -> Self {
        let origins = plan.origins.iter().map(|capacity| Origin {
            capacity: *capacity,
            limiter: Limiter::new(now, *capacity),
            bulk: BulkLimit::default(),
            lasting: LastingLimit::default(),
        });
        let member = |platform: &Vec<OriginIndex>| Member {
            seats: vec![Seat::default(); platform.len().min(ORIGINS_MAX)],
            ..Member::default()
        };
        let members = plan.platforms.iter().map(|platform| vec![member(platform); plan.cores]);
        let mut coordinator = Self {
            origins: origins.collect(),
            members: members.collect(),
            pressure: vec![0.0; plan.platforms.len()],
            plan,
            next: now + ROUND,
            rounds: 0,
            learning: Learning::FromAnswers,
        };
        coordinator.deal_out();
        coordinator
    }

    /// Takes what a share saw.
    pub fn report(&mut self, platform: usize, core: usize, report: &Report) {
        let Some(member) = self.members.get_mut(platform).and_then(|cores| cores.get_mut(core))
        else {
            return;
        };
        member.waiting = report.waiting;
        member.offered_us += report.offered_us;
        member.admitted_us += report.admitted_us;
        member.turned_away = member.turned_away.saturating_add(report.held);
        member.heard = report.generation;
        for (seat, (sums, origin)) in
            member.seats.iter_mut().zip(report.origins.iter().zip(&self.plan.platforms[platform]))
        {
            for kind in Kind::ALL {
                let at = kind.index();
                let hung = if kind == Kind::Brief { sums.hung } else { 0 };
                let out = (sums.in_flight[at] + hung).max(seat.granted[at]);
                let is_heard = report.generation >= seat.lowered;
                seat.held[at] = if is_heard { out } else { out.max(seat.held[at]) };
            }
            let epoch = self.origins[origin.0].limiter.epoch();
            seat.take(sums, epoch);
        }
    }

    /// When [`Self::on_deadline`] has something to do.
    pub fn next_deadline(&self) -> Moment {
        self.next
    }

    /// Learns from the round's reports and deals out anew.
    pub fn on_deadline(&mut self, now: Moment) {
        self.next = now + ROUND;
        self.rounds += 1;
        for index in 0..self.origins.len() {
            self.learn(now, OriginIndex(index));
        }
        for seat in self.members.iter_mut().flatten().flat_map(|member| &mut member.seats) {
            // What was measured stays until the next report.
            seat.sums = seat.sums.gauges();
        }
        self.weigh_pressure();
        self.deal_out();
    }

    /// What a share may use from now on.
    pub fn grant(&self, platform: usize, core: usize) -> Option<Grant> {
        let member = self.members.get(platform)?.get(core)?;
        let origins = member.seats.iter().zip(&self.plan.platforms[platform]);
        let grant = |(seat, index): (&Seat, &OriginIndex)| {
            let origin = &self.origins[index.0];
            OriginGrant {
                slots: seat.granted,
                epoch: origin.limiter.epoch(),
                ratio: narrow(origin.limiter.ratio()),
                pace_us: origin.pace_us(seat),
                sending_free: origin.sending_free(seat),
            }
        };
        Some(Grant {
            generation: member.generation,
            origins: origins.map(grant).collect(),
            pressure: self.pressure[platform],
        })
    }

    /// Brief requests that `origin` may be given at once.
    pub fn limit(&self, origin: OriginIndex) -> u32 {
        self.origins[origin.0].limiter.limit()
    }

    /// What shares may use of `origin` now: its limit, or what is still out above it after a fall.
    pub fn held(&self, origin: OriginIndex) -> u32 {
        self.seats_of(origin).map(|(seat, _)| seat.held[Kind::Brief.index()]).sum()
    }

    /// Latency over base at `origin`, at least 1.
    pub fn ratio(&self, origin: OriginIndex) -> f64 {
        self.origins[origin.0].limiter.ratio()
    }

    /// What a platform was asked for over what its origins can carry, over the last second.
    pub fn pressure(&self, platform: usize) -> f64 {
        self.pressure[platform]
    }

    /// What is known of a platform; none of one without origins.
    pub fn look(&self, platform: usize) -> Option<AdmissionSnapshot> {
        let origins = self.plan.platforms.get(platform).filter(|origins| !origins.is_empty())?;
        let limit = origins.iter().take(ORIGINS_MAX).map(|origin| self.limit(*origin)).sum();
        let (carries, pressure) = (self.carries(platform), self.pressure(platform));
        Some(AdmissionSnapshot { limit, carries, pressure })
    }

    /// Work at once that the origins of a platform do for it: of what each can carry, the part of
    /// the slots that it has there.
    fn carries(&self, platform: usize) -> f64 {
        let brief = Kind::Brief.index();
        let of = |(at, index): (usize, &OriginIndex)| {
            let cores = self.members[platform].iter();
            let granted: u32 = cores.map(|member| member.seats[at].granted[brief]).sum();
            let limiter = &self.origins[index.0].limiter;
            let limit = limiter.limit();
            // Slots on their way between shares, or lent to a neighbour, are its own all the same.
            let named = self.plan.platforms.iter().filter(|others| others.contains(index)).count();
            let fair = limit / u32::try_from(named.max(1)).unwrap_or(1);
            f64::from(granted.max(fair).min(limit)) * limiter.carries() / f64::from(limit)
        };
        let origins = self.plan.platforms[platform].iter().take(ORIGINS_MAX);
        origins.enumerate().map(of).sum::<f64>().max(LEAST_CARRIED)
    }

    /// The operator changed what an origin can carry.
    pub fn configure(&mut self, origin: OriginIndex, capacity: Option<OriginCapacity>) {
        let origin = &mut self.origins[origin.0];
        origin.capacity = capacity;
        origin.limiter.configure(capacity);
    }

    fn seats_of(&self, origin: OriginIndex) -> impl Iterator<Item = (&Seat, &Member)> {
        let platforms = self.plan.platforms.iter().zip(&self.members);
        platforms.flat_map(move |(origins, cores)| {
            let at = origins.iter().take(ORIGINS_MAX).position(|index| *index == origin);
            at.into_iter()
                .flat_map(move |at| cores.iter().map(move |member| (&member.seats[at], member)))
        })
    }

    fn learn(&mut self, now: Moment, index: OriginIndex) {
        let mut seen = Seen::default();
        let (mut bulk, mut open) = (0, 0);
        for (seat, member) in self.seats_of(index) {
            let brief = Kind::Brief.index();
            seen.sums.add_counts(&seat.sums);
            seen.in_flight += seat.sums.in_flight[brief];
            seen.waiting += member.waiting[brief];
            bulk += seat.sums.in_flight[Kind::Bulk.index()];
            open += seat.sums.in_flight[Kind::Lasting.index()];
        }
        let origin = &mut self.origins[index.0];
        let traffic = Traffic {
            ratio: origin.limiter.ratio_of_round(&seen.sums.answers).unwrap_or(1.0),
            bytes: seen.sums.bytes,
            pages_sent: seen.sums.sent,
            pages_sent_us: seen.sums.sent_us,
            pages_wait: seen.waiting > 0,
            pages: pages_of(&seen),
            bulk_in_flight: bulk,
        };
        let gives = origin.bulk.observe(&traffic);
        let (answered, unreached) = (seen.sums.answers.count, seen.sums.unreached);
        origin.lasting.observe(&Held { open, answered, unreached });
        if self.learning == Learning::AsTold && origin.capacity.is_some() {
            return;
        }
        match gives {
            // Pages are slow because the line is full: fewer of them would not help.
            Gives::Bulk => {
                seen.sums.answers = Answers::default();
                seen.sums.full = Answers::default();
                // Errors are a share of answers, of which none are counted.
                (seen.sums.failed, seen.sums.faulted) = (0, 0);
            }
            Gives::Pages => {}
        }
        origin.limiter.observe(now, &seen);
    }

    /// A limit that was learned may be far above what works at once, where answers are short beside
    /// the noise; so while any are held, what was let through is what can be carried.
    fn weigh_pressure(&mut self) {
        let platforms = 0..self.members.len();
        let parts: Vec<_> = platforms.map(|platform| self.carries(platform)).collect();
        for (platform, cores) in self.members.iter_mut().enumerate() {
            let is_told = |origin: &OriginIndex| self.origins[origin.0].capacity.is_some();
            let is_told = self.plan.platforms[platform].iter().any(is_told);
            let (mut offered, mut admitted, mut held) = (0, 0, 0);
            for core in cores {
                offered += std::mem::take(&mut core.offered_us);
                admitted += std::mem::take(&mut core.admitted_us);
                held += std::mem::take(&mut core.turned_away);
            }
            let round_us = float(u64::try_from(ROUND.as_micros()).unwrap_or(u64::MAX));
            let carried = round_us * parts[platform];
            let is_learned = held > 0 && admitted > 0 && !is_told;
            let carried = if is_learned { carried.min(float(admitted)) } else { carried };
            let demand = float(offered) / carried;
            self.pressure[platform] += (demand - self.pressure[platform]) / PRESSURE_ROUNDS;
        }
    }

    fn deal_out(&mut self) {
        let totals: Vec<[u32; Kind::COUNT]> = self.origins.iter().map(Origin::totals).collect();
        for (index, totals) in totals.iter().enumerate() {
            for kind in Kind::ALL {
                self.deal_out_of(OriginIndex(index), kind, totals[kind.index()]);
            }
        }
        for member in self.members.iter_mut().flatten() {
            member.generation += 1;
        }
    }

    /// First between platforms, then between the cores of each.
    fn deal_out_of(&mut self, origin: OriginIndex, kind: Kind, total: u32) {
        let at = kind.index();
        // A slot on its way from one share to another serves nobody for a round.
        let turn = self.rounds / ROUNDS_OF_TURN;
        let named = self.plan.platforms.iter().enumerate().filter_map(|(platform, origins)| {
            let seat = origins.iter().take(ORIGINS_MAX).position(|index| *index == origin)?;
            Some((platform, seat))
        });
        let named: Vec<_> = named.collect();
        let wants = |member: &Member, seat: usize| {
            // The waiting are told to each origin of their platform: any may serve them.
            member.seats[seat].sums.in_flight[at].saturating_add(member.waiting[at])
        };
        let by_core = |platform: usize, seat: usize| -> Vec<u32> {
            self.members[platform].iter().map(|member| wants(member, seat)).collect()
        };
        let wanted: Vec<Vec<u32>> = named.iter().map(|named| by_core(named.0, named.1)).collect();
        let by_platform: Vec<u32> = wanted.iter().map(|cores| cores.iter().sum()).collect();
        let parts = deal(total, &by_platform, turn);
        let mut targets = Vec::new();
        for ((platform, seat), (part, wanted)) in
            named.into_iter().zip(parts.into_iter().zip(&wanted))
        {
            for (core, target) in deal(part, wanted, turn).into_iter().enumerate() {
                targets.push((platform, core, seat, target));
            }
        }
        self.move_towards(&targets, at, total);
    }

    /// Grants less at once, and more only of what nobody holds any more.
    fn move_towards(&mut self, targets: &[(usize, usize, usize, u32)], at: usize, total: u32) {
        let mut held = 0;
        for (platform, core, seat, target) in targets {
            let member = &mut self.members[*platform][*core];
            let seat = &mut member.seats[*seat];
            if *target < seat.granted[at] {
                seat.granted[at] = *target;
                // That of the grant that is being made.
                seat.lowered = member.generation + 1;
            }
            held += seat.held[at];
        }
        let mut free = total.saturating_sub(held);
        for (platform, core, seat, target) in targets {
            let seat = &mut self.members[*platform][*core].seats[*seat];
            // What it holds above its grant is its own to keep.
            let kept = (*target).min(seat.held[at]).max(seat.granted[at]);
            let more = (*target).saturating_sub(kept).min(free);
            free -= more;
            seat.granted[at] = kept + more;
            seat.held[at] = seat.held[at].max(seat.granted[at]);
        }
    }
}

/// What came of pages in a round.
fn pages_of(seen: &Seen) -> Pages {
    let failed = seen.sums.failed + seen.sums.faulted;
    match seen.sums.answers.count {
        // Answers to what was sent before a fall are work that was done, and nothing else.
        // Nothing can be told while nobody waits: a long poll is silent by itself.
        0 if failed == 0 && seen.sums.done_us == 0 && seen.waiting > 0 => Pages::Silent,
        count if failed > count => Pages::Failing,
        _ => Pages::Answered,
    }
}

impl Seat {
    /// Keeps what a share reports until the round is over; answers to permits of another epoch
    /// than the one in force say nothing of the limit in force.
    fn take(&mut self, sums: &OriginSums, epoch: u32) {
        let before = self.sums;
        self.sums = *sums;
        if sums.epoch != epoch {
            self.sums.forget_answers();
        }
        self.sums.add_counts(&before);
    }
}

impl Origin {
    /// Its pace where the operator gave it one, in the part of its slots that a share has.
    fn pace_us(&self, seat: &Seat) -> Option<u64> {
        let capacity = self.capacity?.ms_per_second() * 1_000.0;
        let granted = seat.granted[Kind::Brief.index()];
        // Without a slot there is nothing to pace.
        let part = f64::from(granted) / f64::from(self.limiter.limit());
        (granted > 0).then(|| super::sums::whole(capacity * part).max(1))
    }

    /// Where the operator told of work, the time that a full line takes for an answer is none of it.
    fn sending_free(&self, seat: &Seat) -> u32 {
        if self.capacity.is_some() && self.bulk.fills_the_line() {
            seat.granted[Kind::Brief.index()].saturating_mul(SENDING_TIMES)
        } else {
            0
        }
    }

    fn totals(&self) -> [u32; Kind::COUNT] {
        [self.limiter.limit(), self.bulk.slots(), self.lasting.slots()]
    }
}

#[expect(clippy::cast_precision_loss, reason = "a ratio needs no more than 53 bits")]
fn float(us: u64) -> f64 {
    us as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a ratio needs no more than 24 bits")]
fn narrow(ratio: f64) -> f32 {
    ratio as f32
}

#[cfg(test)]
mod tests;
