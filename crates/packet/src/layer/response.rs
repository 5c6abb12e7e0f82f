//! What is done about a flood of packets: found in samples of the kernel, answered there, over by itself.
//!
//! A signature, cookies and budgets each end [`LASTING`] after they were last found to be needed.
//! Nothing here names a source: a packet proves nothing about who sent it.
//! Bounds: [`READ_MAX`] samples a second, [`SIGNATURES_MAX`] signatures.

use crate::Reason;
use crate::abi::{Config, Counter, SIGNATURES_MAX, Sample, flag};
use crate::kernel::{Live, WriteFault};
use crate::signatures::{Action, Rule, compile};
use seawall_engine::packets::{PacketFinding, PacketWatch, Remedy, Sampled, Spoofed, Verdict};
use seawall_types::{Moment, PacketFields};
use seawall_wire::frame::{self, FrameHeaders};
use std::fs;
use std::time::Duration;

/// One packet in so many is sampled on each processor.
pub(super) const SAMPLE_EVERY: u32 = 100;
/// Samples that are read in one go.
const READ_MAX: usize = 8_192;
/// How long an answer stands once its cause was last seen.
const LASTING: Duration = Duration::from_secs(30);
/// What passes of kinds that honest senders send at times.
const RATE: Action = Action::Rate { per_second: 1_000, burst: 1_000 };
/// Packets a second of one source, and at once, while budgets act; TCP has none, its floods get cookies.
const SOURCE_PACKETS: u64 = 10_000;
const SECOND_NS: u64 = 1_000_000_000;
/// How the kernel makes cookies: 2 is always, without which the program cannot.
const COOKIES: &str = "/proc/sys/net/ipv4/tcp_syncookies";

/// What is found, and what stands against it.
pub(super) struct Response {
    watch: PacketWatch,
    fields: Vec<PacketFields>,
    frame: Vec<u8>,
    /// Packets that were counted when the last second ended.
    counted: u64,
    rules: Vec<Rule>,
    cookies_until_ns: u64,
    budgets_until_ns: u64,
    frozen_until_ns: u64,
    ended: Moment,
    next_id: u32,
    /// Signatures that found no room since start.
    pub(super) full: u64,
}

impl Response {
    pub(super) fn new(now_ns: u64) -> Self {
        Self {
            watch: PacketWatch::new(Moment(now_ns), now_ns),
            fields: Vec::new(),
            frame: Vec::new(),
            counted: 0,
            rules: Vec::new(),
            cookies_until_ns: 0,
            budgets_until_ns: 0,
            frozen_until_ns: 0,
            ended: Moment(now_ns),
            next_id: 1,
            full: 0,
        }
    }

    /// Stages that act because of what was found.
    pub(super) fn config(&self, now_ns: u64) -> Config {
        let mut flags = flag::SAMPLES;
        for (until, flag) in [
            (self.cookies_until_ns, flag::COOKIES),
            (self.budgets_until_ns, flag::SOURCES),
            (self.frozen_until_ns, flag::SOURCES_FROZEN),
        ] {
            if now_ns < until {
                flags |= flag;
            }
        }
        Config {
            flags,
            sample_every: SAMPLE_EVERY,
            packet_ns: SECOND_NS / SOURCE_PACKETS,
            packet_burst_ns: SECOND_NS,
            ..Config::default()
        }
    }

    /// Reads samples, and ends a second where one is over; gives sentences about what was found.
    ///
    /// # Errors
    /// A table cannot be read or written.
    pub(super) fn look(&mut self, live: &mut Live, now_ns: u64) -> Result<Vec<String>, WriteFault> {
        let room = READ_MAX.saturating_sub(self.fields.len());
        let (fields, frame) = (&mut self.fields, &mut self.frame);
        live.samples(room, |sample| fields.extend(headers(sample, frame)));
        if Moment(now_ns).since(self.ended) < Duration::from_secs(1) {
            return Ok(Vec::new());
        }
        self.ended = Moment(now_ns);
        let total: u64 = live.counts()?.iter().map(|Counter { packets, .. }| packets).sum();
        let packets = total.saturating_sub(self.counted);
        self.counted = total;
        let each = packets / (self.fields.len() as u64).max(1);
        let stands_for = u32::try_from(each).unwrap_or(u32::MAX);
        for fields in self.fields.drain(..) {
            self.watch.observe(&Sampled { fields, stands_for });
        }
        let knows_usual = self.watch.knows_usual();
        match self.watch.tick(Moment(now_ns)) {
            Some(found) if knows_usual => self.answer(live, &found, now_ns),
            // What a busy machine always gets would be described as well.
            Some(_) => Ok(vec![BUSY_SINCE_START.to_owned()]),
            None => Ok(Vec::new()),
        }
    }

    fn answer(
        &mut self,
        live: &mut Live,
        found: &PacketFinding,
        now_ns: u64,
    ) -> Result<Vec<String>, WriteFault> {
        let until = now_ns + u64::try_from(LASTING.as_nanos()).unwrap_or(u64::MAX);
        self.rules.retain(|rule| rule.expires_ns.is_some_and(|ends| now_ns < ends));
        let mut said = Vec::new();
        for vector in &found.vectors {
            let name = vector.kind.vector_name();
            match &vector.verdict {
                Verdict::Described(described) => {
                    let action = if described.is_rate { RATE } else { Action::Drop };
                    let known =
                        self.rules.iter_mut().find(|rule| rule.signature == described.signature);
                    if let Some(rule) = known {
                        rule.expires_ns = Some(until);
                    } else if self.rules.len() < SIGNATURES_MAX {
                        let rule = Rule {
                            id: self.next_id,
                            signature: described.signature,
                            action,
                            expires_ns: Some(until),
                        };
                        self.next_id += 1;
                        self.rules.push(rule);
                        said.push(format!("{name}: {}", described.signature));
                    } else {
                        self.full += 1;
                    }
                }
                Verdict::Undescribed(Remedy::Cookies) => {
                    said.extend(self.cookies((name.as_str(), now_ns), until));
                }
                Verdict::Undescribed(Remedy::Budgets) => {
                    if now_ns >= self.budgets_until_ns {
                        said.push(format!("{name}: {}", Remedy::Budgets.sentence()));
                    }
                    self.budgets_until_ns = until;
                }
            }
        }
        if found.spoofed == Spoofed::OwnSources {
            self.frozen_until_ns = until;
        }
        // There are no more rules than the table has room for.
        if let Ok(table) = compile(&self.rules) {
            live.put_signatures(&table)?;
        }
        Ok(said)
    }

    fn cookies(&mut self, (name, now_ns): (&str, u64), until: u64) -> Option<String> {
        let was_on = now_ns < self.cookies_until_ns;
        self.cookies_until_ns = until;
        if was_on {
            return None;
        }
        let can = fs::read_to_string(COOKIES).is_ok_and(|text| text.trim() == "2");
        let without = if can {
            ""
        } else {
            "; the kernel makes none for us before net.ipv4.tcp_syncookies is 2"
        };
        Some(format!("{name}: {}{without}", Remedy::Cookies.sentence()))
    }
}

/// Said while no second was seen that could be usual.
const BUSY_SINCE_START: &str = "packets came as fast as in a flood since the start: what is usual is not known, and nothing is described";

/// The headers of a sample whose packet nothing else had decided about.
fn headers(sample: &Sample, frame: &mut Vec<u8>) -> Option<PacketFields> {
    let undecided = [Reason::Pass, Reason::Signature, Reason::SignatureRate, Reason::CookieSent];
    let reason = Reason::of(sample.reason)?;
    let is_of_kind = undecided.contains(&reason)
        || matches!(reason, Reason::CookieBad | Reason::SourcePackets | Reason::SourceSyns);
    if !is_of_kind {
        return None;
    }
    frame.clear();
    frame.extend(sample.head.iter().take(usize::from(sample.captured)));
    // What was not captured is read as zeros: lengths fit, and signatures look at the beginning.
    frame.resize(usize::from(sample.len), 0);
    match frame::ethernet(frame) {
        FrameHeaders::Packet(fields) => Some(fields),
        FrameHeaders::Other | FrameHeaders::Malformed(_) | FrameHeaders::Extensions(_) => None,
    }
}
