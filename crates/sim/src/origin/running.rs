//! An origin under way: requests find a server, a seat, their work done and their answer sent.

use super::balancer::Balancer;
use super::jobs::{Client, Job, JobId, Jobs, Seat, State, Watch};
use super::link::{Link, Reaches, Sending};
use super::processor::Begun;
use super::seats::Offered;
use super::server::{Server, Standing};
use super::spec::{Holds, OriginSpec, span};
use super::{Done, End, FlightId, Trouble, Work};
use crate::agenda::Agenda;
use crate::request::Manner;
use crate::score::Capacity;
use seawall_types::Moment;
use std::collections::VecDeque;
use std::time::Duration;

/// A running origin.
#[derive(Debug)]
pub struct Origin {
    spec: OriginSpec,
    /// Shares of its speed and its link that it has now.
    speed_share: f64,
    link_share: f64,
    jobs: Jobs,
    servers: Vec<Server>,
    balancer: Balancer,
    link: Link,
    agenda: Agenda<Due>,
    timeouts: VecDeque<Watch>,
    heads: VecDeque<FlightId>,
    done: VecDeque<Done>,
    present: u32,
}

/// What is due.
#[derive(Debug, Clone, Copy)]
enum Due {
    /// A request has arrived whole, or a WebSocket closes.
    Job(JobId),
    /// A crashed server is up again.
    Restart(u16),
}

impl Origin {
    /// An idle origin.
    pub fn new(spec: &OriginSpec) -> Self {
        Self {
            speed_share: 1.0,
            link_share: 1.0,
            jobs: Jobs::default(),
            servers: (0..spec.servers).map(|_| Server::new(spec, spec.speed)).collect(),
            balancer: Balancer::default(),
            link: Link::new(spec.link_bytes_per_s),
            agenda: Agenda::default(),
            timeouts: VecDeque::new(),
            heads: VecDeque::new(),
            done: VecDeque::new(),
            present: 0,
            spec: spec.clone(),
        }
    }

    /// Takes a request; its end comes through [`Self::poll_done`].
    pub fn offer(&mut self, now: Moment, flight: FlightId, work: Work) {
        self.present += 1;
        let picked = self.balancer.pick(now, &self.servers);
        let taken = picked.filter(|at| self.servers[*at].connections < self.spec.connections);
        let Some(at) = taken else {
            self.finish(flight, End::Refused);
            return;
        };
        self.servers[at].connections += 1;
        let job = self.jobs.begin(Job {
            flight: Some(flight),
            work,
            server: u16::try_from(at).unwrap_or(u16::MAX),
            state: State::Arriving,
            client: Client::Waits,
            seat: Seat::None,
        });
        self.watch(now + self.spec.timeout(), job);
        let arriving = arriving(work.manner);
        if self.spec.holds == Holds::Connection && !arriving.is_zero() {
            self.agenda.put(now + arriving, Due::Job(job));
        } else {
            self.seat(now, job);
        }
    }

    /// Hears that a request's client has left.
    pub fn left(&mut self, now: Moment, flight: FlightId) {
        let Some((id, state)) = self
            .jobs
            .by_flight(flight)
            .and_then(|id| self.jobs.seen(id).map(|job| (id, job.state)))
        else {
            return;
        };
        match state {
            State::InLine | State::Working => {
                if let Some(job) = self.jobs.of(id) {
                    job.client = Client::Left;
                }
            }
            State::Arriving | State::Sending | State::Open => self.end(now, id, End::Left),
        }
    }

    /// When [`Self::on_deadline`] has something to do; may lie in the past.
    pub fn next_deadline(&self) -> Option<Moment> {
        let servers = self.servers.iter().filter_map(Server::next_deadline);
        let timeout = self.timeouts.front().map(|watch| watch.due);
        servers.chain(self.link.next_deadline()).chain(self.agenda.next_due()).chain(timeout).min()
    }

    /// Does what is due by `now`.
    pub fn on_deadline(&mut self, now: Moment) {
        while let Some((_, due)) = self.agenda.take_due(now) {
            match due {
                Due::Job(job) => self.job_due(now, job),
                Due::Restart(server) => self.trouble(now, Trouble::Returns(server)),
            }
        }
        for at in 0..self.servers.len() {
            while let Some(job) = self.servers[at].finished(now) {
                self.worked(now, job);
            }
        }
        while let Some((job, reaches)) = self.link.reached(now, |job| is_sending(&self.jobs, job)) {
            match reaches {
                Reaches::Buffers => self.leave_seat(now, job),
                Reaches::End => {
                    self.leave_seat(now, job);
                    self.forget(job, End::Served);
                }
            }
        }
        while self.timeouts.front().is_some_and(|watch| watch.due <= now) {
            if let Some(watch) = self.timeouts.pop_front() {
                self.time_out(now, watch.job);
            }
        }
    }

    /// The next request whose answer has begun and is not yet over.
    pub fn poll_head(&mut self) -> Option<FlightId> {
        self.heads.pop_front()
    }

    /// The next request that has ended.
    pub fn poll_done(&mut self) -> Option<Done> {
        self.done.pop_front()
    }

    /// What it can carry now; a server that is down or hangs carries nothing.
    pub fn capacity(&self) -> Capacity {
        let up = self.servers.iter().filter(|server| server.standing == Standing::Up).count();
        let up = u16::try_from(up).unwrap_or(u16::MAX);
        let ms_per_s = self.spec.capacity_ms_per_s() / f64::from(self.spec.servers);
        Capacity {
            ms_per_s: ms_per_s * f64::from(up) * self.speed_share,
            worker_ms_per_s: self.spec.speed * self.speed_share * 1e3,
            bytes_per_s: self.spec.link_bytes_per_s.map(|bytes| bytes * self.link_share),
        }
    }

    /// Requests that it has.
    pub fn present(&self) -> u32 {
        self.present
    }

    /// Requests that wait for a worker.
    pub fn in_line(&self) -> u32 {
        let waiting = self.servers.iter().map(|server| server.seats.in_line()).sum::<usize>();
        u32::try_from(waiting).unwrap_or(u32::MAX)
    }

    /// Something happens to it; servers that it does not have are nobody's trouble.
    pub fn trouble(&mut self, now: Moment, trouble: Trouble) {
        match trouble {
            Trouble::Speed(share) => {
                self.speed_share = share;
                for server in &mut self.servers {
                    server.processor.set_speed(now, self.spec.speed * share);
                }
            }
            Trouble::Link(share) => {
                self.link_share = share;
                if let Some(bytes) = self.spec.link_bytes_per_s {
                    self.link.set_capacity(now, bytes * share);
                }
            }
            Trouble::Dies(server) => self.die(now, server),
            Trouble::Hangs(server) => {
                if let Some(server) = self.servers.get_mut(usize::from(server)) {
                    server.standing = Standing::Hung;
                }
            }
            Trouble::Returns(server) => {
                if let Some(server) = self.servers.get_mut(usize::from(server)) {
                    server.standing = Standing::Up;
                    server.processor.skip_to(now);
                }
            }
        }
    }

    fn seat(&mut self, now: Moment, id: JobId) {
        let Some(at) = self.server_of(id) else {
            return;
        };
        self.servers[at].tidy_line(&self.jobs);
        let offered = self.servers[at].seats.offer(id);
        if let Some(job) = self.jobs.of(id) {
            job.state = State::InLine;
        }
        match offered {
            Offered::Seated => self.start(now, id),
            Offered::InLine => {}
            // Nobody there says that it is full: the request waits for its time-out.
            Offered::Full if self.servers[at].standing == Standing::Hung => {}
            Offered::Full => {
                self.end(now, id, End::LineFull);
                self.overrun(now, at);
            }
        }
    }

    /// A server's line was full: it may crash of that.
    fn overrun(&mut self, now: Moment, at: usize) {
        let since = *self.servers[at].full_since.get_or_insert(now);
        let Some(crash) = self.spec.crash else {
            return;
        };
        if now.since(since) >= span(crash.after_s) {
            let server = u16::try_from(at).unwrap_or(u16::MAX);
            self.die(now, server);
            self.agenda.put(now + span(crash.restart_s), Due::Restart(server));
        }
    }

    /// A request has a seat: it is read to its end there, or worked on.
    fn start(&mut self, now: Moment, id: JobId) {
        let holds = self.spec.holds;
        let Some(job) = self.jobs.of(id) else {
            return;
        };
        job.seat = Seat::Held;
        let arriving = arriving(job.work.manner);
        if holds == Holds::Worker && !arriving.is_zero() {
            job.state = State::Arriving;
            self.agenda.put(now + arriving, Due::Job(id));
        } else {
            self.work(now, id);
        }
    }

    fn work(&mut self, now: Moment, id: JobId) {
        let Some(job) = self.jobs.of(id) else {
            return;
        };
        job.state = State::Working;
        let (server, cost) = (usize::from(job.server), job.work.cost);
        let server = &mut self.servers[server];
        let waiting = server.seats.in_line();
        server.processor.begin(now, Begun { job: id, cost, waiting });
    }

    /// A request has arrived whole, or a WebSocket closes.
    fn job_due(&mut self, now: Moment, id: JobId) {
        let Some(job) = self.jobs.seen(id) else {
            return;
        };
        match (job.state, job.seat) {
            (State::Arriving, Seat::Held) => self.work(now, id),
            (State::Arriving, Seat::None) => self.seat(now, id),
            (State::Open, _) => self.end(now, id, End::Served),
            (State::InLine | State::Working | State::Sending, _) => {}
        }
    }

    /// A request's work is done: its answer goes out.
    fn worked(&mut self, now: Moment, id: JobId) {
        let Some(job) = self.jobs.of(id) else {
            return;
        };
        let Work { bytes, manner, .. } = job.work;
        if job.flight.is_none() || job.client == Client::Left {
            self.end(now, id, End::Left);
            return;
        }
        if let Manner::Socket(held) = manner {
            job.state = State::Open;
            self.heads.extend(job.flight);
            self.agenda.put(now + held, Due::Job(id));
            if self.spec.holds == Holds::Connection {
                self.leave_seat(now, id);
            }
            return;
        }
        let reads_per_s = reads_per_s(manner);
        if bytes == 0 || self.link.is_instant(reads_per_s) {
            self.end(now, id, End::Served);
            return;
        }
        job.state = State::Sending;
        self.heads.extend(job.flight);
        let buffer = self.spec.buffer_bytes;
        self.link.begin(now, Sending { job: id, bytes, reads_per_s, buffer });
        if self.spec.holds == Holds::Connection || bytes <= buffer {
            self.leave_seat(now, id);
        }
    }

    fn time_out(&mut self, now: Moment, id: JobId) {
        let Some(job) = self.jobs.of(id) else {
            return;
        };
        match job.state {
            State::Sending | State::Open => {}
            State::Arriving | State::InLine => {
                let at = usize::from(job.server);
                let state = job.state;
                self.end(now, id, End::TimedOut);
                if state == State::InLine {
                    self.servers[at].tidy_line(&self.jobs);
                }
                self.servers[at].passed_over_until = now + self.spec.passed_over();
            }
            State::Working => {
                // The work goes on and nobody hears of it.
                let (flight, at) = (job.flight.take(), usize::from(job.server));
                if let Some(flight) = flight {
                    self.finish(flight, End::TimedOut);
                }
                self.servers[at].passed_over_until = now + self.spec.passed_over();
            }
        }
    }

    fn die(&mut self, now: Moment, server: u16) {
        let at = usize::from(server);
        if at >= self.servers.len() {
            return;
        }
        // Before its requests end, so that none of its line takes their seats.
        let fresh = Server::new(&self.spec, self.spec.speed * self.speed_share);
        self.servers[at] = Server { standing: Standing::Down, ..fresh };
        for id in self.jobs.at_server(server) {
            if let Some(job) = self.jobs.of(id) {
                job.seat = Seat::None;
                self.servers[at].connections += 1;
            }
            self.end(now, id, End::Lost);
        }
    }

    /// Ends a job wherever it is.
    fn end(&mut self, now: Moment, id: JobId, end: End) {
        if let Some(job) = self.jobs.seen(id).filter(|job| job.state == State::Sending) {
            self.link.left(now, reads_per_s(job.work.manner));
        }
        self.leave_seat(now, id);
        self.forget(id, end);
    }

    fn forget(&mut self, id: JobId, end: End) {
        if let Some(job) = self.jobs.end(id) {
            let server = &mut self.servers[usize::from(job.server)];
            server.connections = server.connections.saturating_sub(1);
            if let Some(flight) = job.flight {
                self.finish(flight, end);
            }
        }
    }

    fn leave_seat(&mut self, now: Moment, id: JobId) {
        let Some(job) = self.jobs.of(id).filter(|job| job.seat == Seat::Held) else {
            return;
        };
        job.seat = Seat::None;
        let at = usize::from(job.server);
        if let Some(next) = self.servers[at].leave_seat(&self.jobs) {
            self.start(now, next);
        }
    }

    fn finish(&mut self, flight: FlightId, end: End) {
        self.present -= 1;
        self.done.push_back(Done { flight, end });
    }

    fn server_of(&self, id: JobId) -> Option<usize> {
        self.jobs.seen(id).map(|job| usize::from(job.server))
    }

    /// Watches a new job's time; all have the same, so the first to come is the first due.
    fn watch(&mut self, due: Moment, job: JobId) {
        while self.timeouts.front().is_some_and(|watch| self.jobs.seen(watch.job).is_none()) {
            self.timeouts.pop_front();
        }
        self.timeouts.push_back(Watch { due, job });
    }
}

fn is_sending(jobs: &Jobs, id: JobId) -> bool {
    jobs.seen(id).is_some_and(|job| job.state == State::Sending)
}

/// How long a request takes to arrive.
fn arriving(manner: Manner) -> Duration {
    match manner {
        Manner::SlowHead(span) | Manner::SlowBody(span) => span,
        Manner::Plain
        | Manner::SlowRead(_)
        | Manner::Reset
        | Manner::Socket(_)
        | Manner::Handshake => Duration::ZERO,
    }
}

/// Bytes that a client reads in a second.
fn reads_per_s(manner: Manner) -> f64 {
    match manner {
        Manner::SlowRead(bytes) => f64::from(bytes.max(1)),
        Manner::Plain
        | Manner::SlowHead(_)
        | Manner::SlowBody(_)
        | Manner::Reset
        | Manner::Socket(_)
        | Manner::Handshake => f64::INFINITY,
    }
}
