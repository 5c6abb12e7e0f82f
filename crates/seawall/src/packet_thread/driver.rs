//! The packet layer with the rule of who is blocked, on its thread.
//!
//! Bounds: [`NOTES_MAX`] sentences, and [`FLOOD_LINES_MAX`] lines of the log a minute about floods.

use super::guards::{Guards, Named};
use super::setup::{network, setup};
use super::{Exempt, Message, Prepared, Said, Seen};
use seawall_config::Config;
use seawall_control::api;
use seawall_control::{self as control, PacketOrder};
use seawall_packet::Reason;
use seawall_packet::abi::Counter;
use seawall_packet::hosts::HostBlocks;
use seawall_packet::layer::{Flood, Layer, Mode, Setup, Standing};
use seawall_packet::model::Party;
use seawall_proxy::{Clock, Queue};
use seawall_types::SourceKey;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

/// How often life is shown and counters are read.
const TICK: Duration = Duration::from_millis(250);
/// How often a place is asked for that another program was in: a shield that we follow leaves it soon.
const RECLAIM_TICKS: u32 = 8;
/// How often, while it drops, the list of who is guarded is read anew.
const GUARD_TICKS: u32 = 120;
/// How long a start and arming wait for that list.
const GUARD_WAIT: Duration = Duration::from_secs(2);
/// How long a successor has to put its program where ours is pinned; what it does not name is taken off.
const SUCCEEDED_WITHIN: Duration = Duration::from_secs(5);
/// Sentences that are kept for status, the newest.
const NOTES_MAX: usize = 32;
/// Sentences about floods that one minute of the log has room for.
const FLOOD_LINES_MAX: u32 = 32;
const FLOOD_LINES_TICKS: u32 = 240;

pub(super) struct Driver {
    setup: Setup,
    guards: Guards,
    layer: Layer,
    hosts: HostBlocks,
    pressures: Vec<f64>,
    clock: Clock,
    control: Arc<control::Shared>,
    lost: Arc<AtomicU64>,
    is_direct: bool,
    /// Sources that the kernel's tables had no room for.
    full: u64,
    notes: VecDeque<String>,
    /// Sentences about floods in this minute of the log.
    flood_lines: u32,
    /// What was not as it should be at the last look; it is told while it lasts.
    troubles: Vec<String>,
    ticks: u32,
}

impl Driver {
    pub(super) fn start(
        config: &Config,
        Prepared { hands, machine }: Prepared,
        (clock, control, lost): (Clock, Arc<control::Shared>, Arc<AtomicU64>),
    ) -> Self {
        let mut guards = Guards::new(Named::of(config), machine);
        // Whoever we follow waits for us, and takes everything off when that takes too long.
        let (guard, has_names) = guards.first(GUARD_WAIT);
        let setup = setup(config, guard);
        let exempt = Exempt::of(config);
        let layer = Layer::start_by(hands, setup.clone());
        let mut driver = Self {
            setup,
            guards,
            notes: VecDeque::new(),
            flood_lines: 0,
            troubles: Vec::new(),
            layer,
            hosts: HostBlocks::new(exempt.networks),
            pressures: Vec::new(),
            clock,
            control,
            lost,
            is_direct: exempt.is_direct,
            full: 0,
            ticks: 0,
        };
        driver.note_start();
        if !has_names {
            tracing::warn!(
                "packet layer: names of origins are not found yet; guarded once they are"
            );
        }
        driver.publish();
        driver
    }

    fn note_start(&mut self) {
        for sentence in self.layer.sentences().to_vec() {
            self.say(sentence);
        }
        if !self.is_direct {
            self.say(
                "behind trusted proxies no source is blocked in the kernel: it sees the proxies alone"
                    .to_owned(),
            );
        }
        for one in self.layer.standing() {
            let does = match (one.mode, one.armed) {
                (Mode::Off, _) => "covers nothing",
                (_, true) => "drops",
                (_, false) => "counts what it would drop",
            };
            tracing::info!("packet layer on {}: {}, {does}", one.interface, one.mode.word());
        }
    }

    pub(super) fn drive(mut self, messages: &Receiver<Message>) {
        let mut due = Instant::now() + TICK;
        loop {
            let wait = due.saturating_duration_since(Instant::now());
            match messages.recv_timeout(wait) {
                Ok(Message::Seen(seen)) => self.see(&seen),
                Ok(Message::Pressures(pressures)) => self.pressures = pressures,
                Ok(Message::Exempt(exempt, named)) => {
                    self.exempt(exempt);
                    self.guards.name(named);
                }
                Ok(Message::Order(order, reply)) => drop(reply.send(self.obey(order))),
                Ok(Message::End(queue)) => return self.end(queue),
                Err(RecvTimeoutError::Disconnected) => return self.end(Queue::Ours),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= due {
                due = Instant::now() + TICK;
                self.tick();
            }
        }
    }

    fn see(&mut self, seen: &[Seen]) {
        if !self.is_direct || !self.layer.covers() {
            return;
        }
        let now = self.clock.now();
        let (mut blocks, mut lifts) = (Vec::new(), Vec::new());
        for one in seen {
            match one.what {
                Said::Proven => lifts.extend(self.hosts.prove(now, one.source)),
                Said::Refused => {
                    let pressure = self.pressures.get(one.platform.index());
                    let pressure = pressure.copied().unwrap_or(f64::NAN);
                    let block = self.hosts.refuse(now, one.source, pressure);
                    blocks.extend(block.map(|one| (Party::from(one.source), one.until.since(now))));
                }
            }
        }
        if !blocks.is_empty() {
            match self.layer.block(&blocks) {
                Ok(written) => self.full += written.full as u64,
                Err(sentence) => self.say(sentence),
            }
        }
        self.lift(lifts);
    }

    fn lift(&mut self, sources: Vec<SourceKey>) {
        let parties: Vec<_> = sources.into_iter().map(Party::from).collect();
        if !parties.is_empty()
            && let Err(sentence) = self.layer.lift(&parties)
        {
            self.say(sentence);
        }
    }

    fn exempt(&mut self, Exempt { networks, is_direct }: Exempt) {
        self.is_direct = is_direct;
        self.setup.allowed = networks.iter().map(network).collect();
        if let Err(sentence) = self.layer.allow(self.setup.allowed.clone()) {
            self.say(sentence);
        }
        let freed = self.hosts.exempt(networks);
        self.lift(freed);
    }

    /// Takes up who is guarded, once that was read within this time.
    fn guard(&mut self, within: Duration) {
        let Some(found) = self.guards.take(within) else { return };
        if found.left_out > 0 {
            self.say(format!("{} addresses found no room on the guard list", found.left_out));
        }
        self.setup.guard.renew(found, self.clock.now());
        if let Err(sentence) = self.layer.guard(&self.setup.guard) {
            self.say(sentence);
        }
    }

    fn obey(&mut self, order: PacketOrder) -> Result<api::PacketLayer, String> {
        match order {
            PacketOrder::Arm => {
                self.guards.begin();
                self.guard(GUARD_WAIT);
                if !self.layer.covers() {
                    let setup = Setup { armed: false, ..self.setup.clone() };
                    self.layer.start_again(setup);
                    self.notes.clear();
                    self.note_start();
                }
                if !self.layer.covers() {
                    return Err(format!(
                        "No interface is covered: {}.",
                        self.notes.make_contiguous().join("; ")
                    ));
                }
                self.layer.arm();
            }
            PacketOrder::Confirm => {
                if !self.layer.confirm() {
                    let sentence = "Nothing is armed: arm it first, then confirm within a minute.";
                    return Err(sentence.to_owned());
                }
            }
            PacketOrder::Off => {
                self.layer.end();
                // The tables are gone with the program.
                self.hosts.forget();
            }
        }
        self.publish();
        Ok(self.look())
    }

    fn tick(&mut self) {
        self.ticks = self.ticks.wrapping_add(1);
        let mut said = self.layer.tick();
        if self.ticks.is_multiple_of(RECLAIM_TICKS) {
            said.extend(self.layer.reclaim());
        }
        if self.ticks.is_multiple_of(GUARD_TICKS) && self.layer.drops() {
            self.guards.begin();
        }
        self.guard(Duration::ZERO);
        self.tell_troubles();
        self.tell_floods();
        for sentence in said {
            self.say(sentence);
        }
        let forgotten = self.hosts.tick(self.clock.now());
        self.lift(forgotten);
        self.publish();
    }

    fn say(&mut self, sentence: String) {
        // The same again is no news, and the list stays short.
        if !self.notes.contains(&sentence) {
            tracing::warn!("packet layer: {sentence}");
            if self.notes.len() == NOTES_MAX {
                self.notes.pop_front();
            }
            self.notes.push_back(sentence);
        }
    }

    /// Logs what is new about floods; status tells them by itself, and whoever floods does not fill the log.
    fn tell_floods(&mut self) {
        if self.ticks.is_multiple_of(FLOOD_LINES_TICKS) {
            self.flood_lines = 0;
        }
        for sentence in self.layer.take_flood_sentences() {
            self.flood_lines = self.flood_lines.saturating_add(1);
            match self.flood_lines {
                ..=FLOOD_LINES_MAX => tracing::warn!("packet layer: {sentence}"),
                lines if lines == FLOOD_LINES_MAX + 1 => {
                    tracing::warn!(
                        "packet layer: more about floods within a minute is in status alone"
                    );
                }
                _ => {}
            }
        }
    }

    /// Logs what is not as it should be when it begins, and when it is over.
    fn tell_troubles(&mut self) {
        let troubles = self.layer.troubles().to_vec();
        if troubles != self.troubles {
            for trouble in troubles.iter().filter(|trouble| !self.troubles.contains(trouble)) {
                tracing::warn!("packet layer: {trouble}");
            }
            if troubles.is_empty() {
                tracing::info!("packet layer: everything is as it should be again");
            }
            self.troubles = troubles;
        }
    }

    fn publish(&self) {
        self.control.publish_packet(self.look());
    }

    fn look(&self) -> api::PacketLayer {
        let interface = |one: Standing| api::PacketInterface {
            interface: one.interface,
            mode: one.mode.word().to_owned(),
            armed: one.armed,
        };
        // What a program is run over before it is attached is no traffic.
        let counts = self.layer.covers().then(|| self.layer.counts()).flatten();
        let packets = Reason::ALL.iter().zip(counts.iter().flatten());
        let count = |(reason, counter): (&Reason, &Counter)| api::PacketCount {
            verdict: reason.verdict().word().to_owned(),
            reason: reason.word().to_owned(),
            packets: counter.packets,
        };
        let flood = |one: &Flood| api::PacketFlood {
            vector: one.vector.clone(),
            packets_per_s: one.packets_per_s,
            target: one.target.clone(),
            forged: one.forged.to_owned(),
            forged_why: one.forged_why.to_owned(),
            answer: one.answer.clone(),
        };
        let mut notes: Vec<_> = self.notes.iter().cloned().collect();
        notes.extend(self.layer.troubles().iter().cloned());
        api::PacketLayer {
            interfaces: self.layer.standing().into_iter().map(interface).collect(),
            blocked: self.hosts.blocked(self.clock.now()) as u64,
            full: self.full + self.hosts.full() + self.lost.load(Relaxed),
            packets: packets.map(count).collect(),
            floods: self.layer.floods().iter().map(flood).collect(),
            notes,
        }
    }

    /// Everything is left as it was, but for what a successor has taken over.
    fn end(mut self, queue: Queue) {
        if queue == Queue::Ours {
            self.layer.end();
            return;
        }
        let give_up = Instant::now() + SUCCEEDED_WITHIN;
        while self.layer.stays() && !self.layer.is_succeeded() && Instant::now() < give_up {
            thread::sleep(Duration::from_millis(50));
        }
        self.layer.leave();
    }
}
