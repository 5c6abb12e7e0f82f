//! The verdict of every record, as lines in the order of the inputs.

use super::play::Outcome;
use super::recorded::Recorded;
use seawall_engine::policy::Judgement;
use seawall_types::{Reason, Verdict};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::num::NonZeroU16;

/// Bytes of lines that are handed on at once.
const PIECE_BYTES: usize = 64 * 1024;

/// What was decided on one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Decision {
    pub(super) verdict: Verdict,
    pub(super) reason: Reason,
    /// Whether its sender was challenged, came back and was served.
    pub(super) returned: bool,
    /// Which text of [`Outcome::texts`] says whom the measure is about that decided; none where none
    /// did.
    pub(super) text: Option<NonZeroU16>,
}

impl Default for Decision {
    fn default() -> Self {
        Self { verdict: Verdict::Error, reason: Reason::Host, returned: false, text: None }
    }
}

impl Decision {
    pub(super) fn of(judgement: Judgement) -> Self {
        Self { verdict: judgement.verdict, reason: judgement.reason, ..Self::default() }
    }

    /// Whether its origin was asked in the end.
    pub(super) fn is_served(self) -> bool {
        self.is_admitted() || self.returned
    }

    pub(super) fn is_admitted(self) -> bool {
        self.verdict == Verdict::Admit
    }
}

impl Outcome {
    /// Writes a line for every record, in the order of the inputs.
    ///
    /// # Errors
    /// What `out` cannot take.
    pub fn write_verdicts(&self, recorded: &Recorded, out: &mut dyn Write) -> io::Result<()> {
        let mut lines = String::with_capacity(PIECE_BYTES + 256);
        for (record, decision) in recorded.records.iter().zip(&self.decisions) {
            let admitted_ms = record.cost_ms().filter(|_| decision.is_served()).unwrap_or(0.0);
            let text = decision.text.and_then(|at| self.texts.get(usize::from(at.get()) - 1));
            // Verdicts and reasons are words without anything to escape.
            let _ = writeln!(
                lines,
                "{{\"n\": {}, \"verdict\": \"{}\", \"reason\": \"{}\", \"signature\": {}, \
                 \"cost_admitted_ms\": {admitted_ms:?}, \"returned\": {}}}",
                record.line,
                decision.verdict.word(),
                decision.reason.word(),
                text.map_or("null", |text| &**text),
                decision.returned,
            );
            if lines.len() >= PIECE_BYTES {
                out.write_all(lines.as_bytes())?;
                lines.clear();
            }
        }
        out.write_all(lines.as_bytes())
    }

    /// SHA-256 over the verdict lines.
    pub(super) fn hash(&self, recorded: &Recorded) -> String {
        struct Hashing(Sha256);
        impl Write for Hashing {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0.update(bytes);
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let mut hashing = Hashing(Sha256::new());
        self.write_verdicts(recorded, &mut hashing).expect("invariant: hashing takes all bytes");
        let digest = hashing.0.finalize();
        digest.iter().fold("sha256:".to_owned(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
