//! Origins as mathematics: what they do with requests, in virtual time.

use seawall_types::Moment;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, VecDeque};

/// How an origin works.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Model {
    /// So many workers; more wait in the order in which they came.
    Workers(u32),
    /// So many processors that all requests share: latency grows with each beyond.
    Sharing(u32),
    /// Workers that each request beyond them slows by a part: goodput collapses.
    Thrashing { workers: u32, slows: f64 },
    /// Half a request's work is waiting for something else, the rest is shared processors: no knee.
    Smooth(u32),
    /// Takes requests and says nothing.
    Hangs,
    /// So many workers, and a third of the requests finds none: it is said to have failed after 5 s.
    HangsInPart(u32),
    /// Refuses at once.
    Dead,
}

#[derive(Debug, Clone, Copy)]
struct Job {
    id: u64,
    work_ns: u64,
}

/// One origin at work.
#[derive(Debug)]
pub(super) struct Origin {
    pub(super) model: Model,
    /// Slower by this factor.
    pub(super) slower: f64,
    waiting: VecDeque<Job>,
    busy: BinaryHeap<Reverse<(u64, u64)>>,
    /// Virtual finish of shared work, in nanoseconds of work.
    shared: BTreeSet<(u64, u64)>,
    attained: u64,
    attained_at: Moment,
    /// Requests in their own waiting before shared work.
    apart: BinaryHeap<Reverse<(u64, u64, u64)>>,
    /// When they are said to have failed.
    hung: VecDeque<(u64, u64)>,
    begun: u64,
    failed: Vec<u64>,
}

impl Origin {
    pub(super) fn new(model: Model) -> Self {
        Self {
            model,
            slower: 1.0,
            waiting: VecDeque::new(),
            busy: BinaryHeap::new(),
            shared: BTreeSet::new(),
            attained: 0,
            attained_at: Moment(0),
            apart: BinaryHeap::new(),
            hung: VecDeque::new(),
            begun: 0,
            failed: Vec::new(),
        }
    }

    /// A request that would take `work_ns` alone.
    pub(super) fn begin(&mut self, now: Moment, id: u64, work_ns: u64) {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a test's times"
        )]
        let work_ns = (work_ns as f64 * self.slower) as u64;
        match self.model {
            Model::Workers(_) | Model::Thrashing { .. } => {
                self.waiting.push_back(Job { id, work_ns });
                self.fill(now);
            }
            Model::Sharing(_) => self.share(now, id, work_ns),
            Model::Smooth(_) => self.apart.push(Reverse((now.0 + work_ns / 2, id, work_ns / 2))),
            Model::Hangs => self.hung.push_back((u64::MAX, id)),
            Model::HangsInPart(_) => {
                self.begun += 1;
                if self.begun.is_multiple_of(3) {
                    self.hung.push_back((now.0 + 5_000_000_000, id));
                } else {
                    self.waiting.push_back(Job { id, work_ns });
                    self.fill(now);
                }
            }
            Model::Dead => self.failed.push(id),
        }
    }

    /// When something is next done.
    pub(super) fn next(&self) -> Option<Moment> {
        if !self.failed.is_empty() || (!self.hung.is_empty() && !self.hangs()) {
            return Some(Moment(0));
        }
        let told = self.hung.front().map(|(at, _)| *at).filter(|at| *at < u64::MAX);
        let busy = self.busy.peek().map(|Reverse((at, _))| *at);
        let apart = self.apart.peek().map(|Reverse((at, _, _))| *at);
        let shared = self.shared.first().map(|(finish, _)| {
            let left = finish.saturating_sub(self.attained);
            self.attained_at.0 + left * self.shared_count().max(1) / self.speed()
        });
        [busy, apart, shared, told].into_iter().flatten().min().map(Moment)
    }

    /// Requests that are done by now: answered, and failed.
    pub(super) fn done(&mut self, now: Moment) -> (Vec<u64>, Vec<u64>) {
        let mut answered = Vec::new();
        while self.busy.peek().is_some_and(|Reverse((at, _))| *at <= now.0) {
            answered.extend(self.busy.pop().map(|Reverse((_, id))| id));
            self.fill(now);
        }
        while let Some(Reverse((at, id, work_ns))) = self.apart.peek().copied()
            && at <= now.0
        {
            self.apart.pop();
            self.share(now, id, work_ns);
        }
        self.attain(now);
        // Rounding of the speed leaves a few nanoseconds.
        while let Some((finish, id)) = self.shared.first().copied()
            && finish <= self.attained + 1_000
        {
            self.shared.remove(&(finish, id));
            answered.push(id);
        }
        // Whoever hung is told so when the origin is itself again.
        let hangs = self.hangs();
        while let Some((_, id)) = self.hung.pop_front_if(|(at, _)| !hangs || *at <= now.0) {
            self.failed.push(id);
        }
        (answered, std::mem::take(&mut self.failed))
    }

    fn hangs(&self) -> bool {
        matches!(self.model, Model::Hangs | Model::HangsInPart(_))
    }

    fn fill(&mut self, now: Moment) {
        let (workers, slows) = match self.model {
            Model::Workers(workers) | Model::HangsInPart(workers) => (workers, 0.0),
            Model::Thrashing { workers, slows } => (workers, slows),
            _ => return,
        };
        while self.busy.len() < workers as usize {
            let Some(job) = self.waiting.pop_front() else { return };
            #[expect(clippy::cast_precision_loss, reason = "a test's times")]
            let factor = 1.0 + slows * self.waiting.len() as f64;
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a test's times"
            )]
            let took = (job.work_ns as f64 * factor) as u64;
            self.busy.push(Reverse((now.0 + took, job.id)));
        }
    }

    fn share(&mut self, now: Moment, id: u64, work_ns: u64) {
        self.attain(now);
        self.shared.insert((self.attained + work_ns, id));
    }

    /// Work that each of those who share has had.
    fn attain(&mut self, now: Moment) {
        let passed = now.0 - self.attained_at.0;
        if !self.shared.is_empty() {
            self.attained += passed * self.speed() / self.shared_count();
        }
        self.attained_at = now;
    }

    /// Processors in use.
    fn speed(&self) -> u64 {
        let (Model::Sharing(cpus) | Model::Smooth(cpus)) = self.model else { return 1 };
        u64::from(cpus).min(self.shared_count().max(1))
    }

    fn shared_count(&self) -> u64 {
        self.shared.len() as u64
    }
}
