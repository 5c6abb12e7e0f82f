//! What is done about a flood of packets: found in samples of the kernel, answered there, over by itself.
//!
//! A signature and each stage end [`LASTING`] after they were last found to be needed.
//! Nothing here names a source: a packet proves nothing about who sent it.
//! Bounds: [`READ_MAX`] samples a second, [`SIGNATURES_MAX`] signatures.

mod flood;
mod served;

use crate::Reason;
use crate::abi::{Config, Counter, SIGNATURES_MAX, Sample, flag};
use crate::kernel::{Live, PortSet, WriteFault};
use crate::signatures::{Action, Rule, compile};
pub use flood::Flood;
use flood::Floods;
use seawall_engine::packets::{
    Described, Fate, PacketFinding, PacketKind, PacketWatch, Remedy, Sampled, Standing, Vector,
    Verdict,
};
use seawall_types::packet::{Piece, UDP};
use seawall_types::{Moment, PacketFields};
use seawall_wire::frame::{self, FrameHeaders};
use served::Served;
use std::collections::BTreeMap;
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
/// Packets of DHCP a second, and at once, that pass before everything else: a machine needs a few a day, and
/// hears those of its neighbours.
const DHCP_PACKETS: u64 = 200;
const SECOND_NS: u64 = 1_000_000_000;
/// How the kernel makes cookies: 2 is always, without which the program cannot.
const COOKIES: &str = "/proc/sys/net/ipv4/tcp_syncookies";

/// What is found, and what stands against it.
pub(super) struct Response {
    watch: PacketWatch,
    fields: Vec<(PacketFields, Fate)>,
    frame: Vec<u8>,
    /// Packets that were counted when the last second ended.
    counted: u64,
    rules: Vec<Rule>,
    /// Until when a stage acts.
    until_ns: BTreeMap<Remedy, u64>,
    /// What the kernel was told last that takes datagrams.
    served: Option<Served>,
    floods: Floods,
    /// When the last second ended; none before the first look at a program that covers.
    ended: Option<Moment>,
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
            until_ns: BTreeMap::new(),
            served: None,
            floods: Floods::default(),
            ended: None,
            next_id: 1,
            full: 0,
        }
    }

    /// Floods that are met now.
    pub(super) fn floods(&self) -> &[Flood] {
        self.floods.all()
    }

    fn acts(&self, remedy: Remedy, now_ns: u64) -> bool {
        self.until_ns.get(&remedy).is_some_and(|until| now_ns < *until)
    }

    /// Stages that act because of what was found.
    pub(super) fn config(&self, now_ns: u64) -> Config {
        let acting = Remedy::ALL.into_iter().filter(|remedy| self.acts(*remedy, now_ns));
        Config {
            flags: acting.map(stage).fold(flag::SAMPLES, |flags, flag| flags | flag),
            sample_every: SAMPLE_EVERY,
            packet_ns: SECOND_NS / SOURCE_PACKETS,
            packet_burst_ns: SECOND_NS,
            dhcp_ns: SECOND_NS / DHCP_PACKETS,
            dhcp_burst_ns: SECOND_NS,
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
        if self.acts(Remedy::Served, now_ns) {
            // Who opens a port waits no longer than one look for his first datagram.
            self.serve(live)?;
        }
        let now = Moment(now_ns);
        let Some(ended) = self.ended else {
            // Seconds are whole ones of a program that covers, or the first would look calmer than it was.
            self.watch.begin(now);
            self.fields.clear();
            (self.counted, self.ended) = (looked_at(live)?, Some(now));
            return Ok(Vec::new());
        };
        if now.since(ended) < Duration::from_secs(1) {
            return Ok(Vec::new());
        }
        self.ended = Some(now);
        let total = looked_at(live)?;
        let packets = total.saturating_sub(self.counted);
        self.counted = total;
        let each = packets / (self.fields.len() as u64).max(1);
        let stands_for = u32::try_from(each).unwrap_or(u32::MAX);
        for (fields, fate) in self.fields.drain(..) {
            self.watch.observe(&Sampled { fields, stands_for, fate });
        }
        self.floods.forget(now_ns);
        match self.watch.tick(now, self.standing(now_ns)) {
            Some(found) if found.vectors.is_empty() => Ok(vec![BUSY_SINCE_START.to_owned()]),
            Some(found) => self.answer(live, &found, now_ns),
            None => Ok(Vec::new()),
        }
    }

    /// Nothing is answered any more.
    pub(super) fn forget(&mut self) {
        self.floods = Floods::default();
        self.rules.clear();
        self.until_ns.clear();
        self.ended = None;
    }

    /// Nothing covers: seconds begin at the next look.
    pub(super) fn wait(&mut self) {
        self.ended = None;
    }

    /// Whether something acts because of what was found.
    fn standing(&self, now_ns: u64) -> Standing {
        let is_ruled = |rule: &Rule| rule.expires_ns.is_none_or(|ends| now_ns < ends);
        let is_staged = |remedy| self.acts(remedy, now_ns);
        if Remedy::ALL.into_iter().any(is_staged) || self.rules.iter().any(is_ruled) {
            Standing::Answered
        } else {
            Standing::Untouched
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
        for remedy in &found.remedies {
            let acts = *remedy != Remedy::Served || self.serve(live)?;
            if acts {
                self.until_ns.insert(*remedy, until);
            }
        }
        if found.remedies.contains(&Remedy::Served) {
            // What goes to a served port is left to them.
            self.until_ns.insert(Remedy::Budgets, until);
        }
        let mut said = Vec::new();
        for vector in &found.vectors {
            let answer = self.answer_to(vector, now_ns, until);
            said.extend(self.floods.see((vector, found.packets_per_s), answer, until));
        }
        // There are no more rules than the table has room for.
        if let Ok(table) = compile(&self.rules) {
            live.put_signatures(&table)?;
        }
        Ok(said)
    }

    /// Meets one vector; tells how.
    fn answer_to(&mut self, vector: &Vector, now_ns: u64, until: u64) -> String {
        let is_reflected = matches!(vector.kind, PacketKind::Reflected(_));
        if is_reflected && self.acts(Remedy::Reflectors, now_ns) {
            return Remedy::Reflectors.sentence().to_owned();
        }
        match &vector.verdict {
            Verdict::Described(described) => self.rule(described, until),
            Verdict::Undescribed(Remedy::Cookies) => {
                format!("{}{}", Remedy::Cookies.sentence(), cookies_need())
            }
            Verdict::Undescribed(Remedy::Served) if !self.acts(Remedy::Served, now_ns) => {
                NOT_SERVED.to_owned()
            }
            Verdict::Undescribed(remedy) => remedy.sentence().to_owned(),
        }
    }

    /// Puts a signature in force or keeps it there.
    fn rule(&mut self, described: &Described, until: u64) -> String {
        let signature = described.signature;
        let (action, word) =
            if described.is_rate { (RATE, "rate") } else { (Action::Drop, "drop") };
        let known = self.rules.iter_mut().find(|rule| rule.signature == signature);
        if let Some(rule) = known {
            rule.expires_ns = Some(until);
        } else if self.rules.len() < SIGNATURES_MAX {
            let id = self.next_id;
            self.next_id += 1;
            self.rules.push(Rule { id, signature, action, expires_ns: Some(until) });
        } else {
            self.full += 1;
            return format!("no room for {signature}");
        }
        format!("{word} {signature}")
    }

    /// Tells the kernel what takes datagrams; false where datagrams elsewhere are usual, or too little is
    /// known to say that they are not.
    fn serve(&mut self, live: &Live) -> Result<bool, WriteFault> {
        let Ok(served) = Served::look() else { return Ok(false) };
        let is_unserved = |fields: &PacketFields| {
            let is_datagram = fields.protocol == UDP && fields.piece == Piece::Whole;
            is_datagram && !served.ports.holds(fields.target_port)
        };
        let may = self.watch.is_strange(is_unserved);
        if may && self.served.as_ref() != Some(&served) {
            live.tables().put_ports(PortSet::ServedUdp, &served.ports)?;
            self.served = Some(served);
        }
        Ok(may)
    }
}

/// The stage of the program.
const fn stage(remedy: Remedy) -> u32 {
    match remedy {
        Remedy::Cookies => flag::COOKIES,
        Remedy::Fragments => flag::FRAGMENTS,
        Remedy::Reflectors => flag::REFLECTORS,
        Remedy::Served => flag::SERVED,
        Remedy::Budgets => flag::SOURCES,
        Remedy::Frozen => flag::SOURCES_FROZEN,
    }
}

/// What is missing for cookies, if anything.
fn cookies_need() -> &'static str {
    if fs::read_to_string(COOKIES).is_ok_and(|text| text.trim() == "2") {
        ""
    } else {
        "; the kernel makes none for us before net.ipv4.tcp_syncookies is 2"
    }
}

/// Said where datagrams to ports without a socket are usual.
const NOT_SERVED: &str = "honest senders send the like, and datagrams to ports that nothing here serves may be others': budgets";

/// Said while no second was seen that could be usual.
pub(super) const BUSY_SINCE_START: &str = "packets came as fast as in a flood since the start, and none of them is one by itself: what is usual is not known for a minute";

/// Whether packets with this fate are looked at: those that nothing had decided about before, and those
/// that an answer to a flood met, so that it stands as long as the flood.
const fn is_looked_at(reason: Reason) -> bool {
    match reason {
        Reason::Pass
        | Reason::Fragment
        | Reason::Reflector
        | Reason::Unserved
        | Reason::Signature
        | Reason::SignatureRate
        | Reason::SourcePackets
        | Reason::SourceSyns
        | Reason::CookieSent
        | Reason::CookieBad => true,
        Reason::Allowed
        | Reason::Control
        | Reason::CookieGood
        | Reason::NoListener
        | Reason::Unanswered
        | Reason::Malformed
        | Reason::Extensions
        | Reason::Land
        | Reason::Bogon
        | Reason::TcpFlags
        | Reason::Host
        | Reason::Net
        | Reason::Class => false,
    }
}

/// Packets that were looked at so far.
fn looked_at(live: &Live) -> Result<u64, WriteFault> {
    let counts = live.counts()?;
    let looked_at = Reason::ALL.iter().zip(counts).filter(|(reason, _)| is_looked_at(**reason));
    Ok(looked_at.map(|(_, Counter { packets, .. })| packets).sum())
}

/// The headers of a sample that is looked at, and what became of it.
fn headers(sample: &Sample, frame: &mut Vec<u8>) -> Option<(PacketFields, Fate)> {
    let reason = Reason::of(sample.reason)?;
    if !is_looked_at(reason) {
        return None;
    }
    let fate = if reason == Reason::Pass { Fate::Passed } else { Fate::Met };
    frame.clear();
    frame.extend(sample.head.iter().take(usize::from(sample.captured)));
    // What was not captured is read as zeros: lengths fit, and signatures look at the beginning.
    frame.resize(usize::from(sample.len), 0);
    match frame::ethernet(frame) {
        FrameHeaders::Packet(fields) => Some((fields, fate)),
        FrameHeaders::Other | FrameHeaders::Malformed(_) | FrameHeaders::Extensions(_) => None,
    }
}
