//! Floods of packets that are met now, for people.
//!
//! Bounds: [`FLOODS_MAX`] at once.

use seawall_engine::packets::{PacketKind, Vector};

/// Floods that are told apart; the kinds of packets are fewer, but for protocols and ports.
const FLOODS_MAX: usize = 32;

/// One flood: what it is, and what is done about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flood {
    /// Which kind of packets: several may bear one name.
    pub(super) kind: PacketKind,
    /// What it consists of, such as `udp: dns reflection`.
    pub vector: String,
    /// Packets a second, when it was last seen.
    pub packets_per_s: u64,
    /// What it is for.
    pub target: String,
    /// Whether its sources look forged: `likely`, `unlikely` or `unknown`.
    pub forged: &'static str,
    /// What that rests on.
    pub forged_why: &'static str,
    /// What is done about it.
    pub answer: String,
    /// When its answer ends, on the monotonic clock, unless it is seen again.
    pub(super) until_ns: u64,
}

impl Flood {
    /// It in one sentence; rates change each second and are not in it.
    fn sentence(&self) -> String {
        let Self { vector, target, forged, forged_why, answer, .. } = self;
        format!("{vector} at {target}, forged sources {forged} ({forged_why}): {answer}")
    }
}

/// Those that are met now.
#[derive(Debug, Default)]
pub(super) struct Floods(Vec<Flood>);

impl Floods {
    pub(super) fn all(&self) -> &[Flood] {
        &self.0
    }

    /// Takes those off the list whose answer has ended.
    pub(super) fn forget(&mut self, now_ns: u64) {
        self.0.retain(|flood| now_ns < flood.until_ns);
    }

    /// Sees one, in a second of so many packets; gives a sentence where it is new or met otherwise.
    pub(super) fn see(
        &mut self,
        (vector, packets_per_s): (&Vector, f64),
        answer: String,
        until_ns: u64,
    ) -> Option<String> {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate of packets, shown without fractions"
        )]
        let flood = Flood {
            kind: vector.kind,
            vector: vector.kind.vector_name(),
            packets_per_s: (vector.share * packets_per_s) as u64,
            target: vector.aim.to_string(),
            forged: vector.spoofed.word(),
            forged_why: vector.spoofed.reason(),
            answer,
            until_ns,
        };
        let at = self.0.iter().position(|own| own.kind == flood.kind);
        let is_news = at.is_none_or(|at| self.0[at].answer != flood.answer);
        let sentence = is_news.then(|| flood.sentence());
        match at {
            Some(at) => self.0[at] = flood,
            None if self.0.len() < FLOODS_MAX => self.0.push(flood),
            None => {}
        }
        sentence
    }
}
