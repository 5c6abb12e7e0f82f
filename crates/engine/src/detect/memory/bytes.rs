//! Remembered signatures as bytes, so that the second wave is known after a restart.
//!
//! Times are kept as ages, since a new process counts from its own beginning.
//! Bounds: [`REMEMBERED_MAX`] signatures of [`ENTRY_BYTES`] bytes.

use super::{CLEAN_MAX, Memory, REMEMBERED_MAX, Remembered};
use crate::detect::certify::Certificate;
use crate::detect::signature::{Signature, TERMS_MAX, Term};
use seawall_types::{Attribute, Moment, Trait};

/// A kind, an attribute and a value.
const TERM_BYTES: usize = 6;
/// Terms; hits and visitors; bound, share and peak; clean windows.
const ENTRY_BYTES: usize = TERMS_MAX * TERM_BYTES + 2 * 4 + 3 * 8 + 4;

impl Memory {
    /// Everything that is remembered, with its count in front.
    pub(in crate::detect) fn put(&self, out: &mut Vec<u8>) {
        out.push(u8::try_from(self.all.len()).unwrap_or(0));
        for known in &self.all {
            let mut terms: Vec<_> = known.signature.terms().map(term_bytes).collect();
            terms.resize(TERMS_MAX, [0; TERM_BYTES]);
            out.extend(terms.concat());
            out.extend(known.certificate.hits.to_le_bytes());
            out.extend(known.certificate.visitors.to_le_bytes());
            let numbers = [known.certificate.bound, known.share_of_excess, known.peak_ms_per_s];
            out.extend(numbers.map(f64::to_le_bytes).concat());
            out.extend(known.clean_windows.to_le_bytes());
        }
    }

    /// Takes that back; with the bytes behind it, or none when they are not whole.
    ///
    /// What was active rests: it acts again as soon as it is seen.
    pub(in crate::detect) fn take(now: Moment, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (count, rest) = bytes.split_first()?;
        let count = usize::from(*count);
        if count > REMEMBERED_MAX {
            return None;
        }
        let (own, rest) = rest.split_at_checked(count * ENTRY_BYTES)?;
        let all: Option<Vec<_>> =
            own.as_chunks::<ENTRY_BYTES>().0.iter().map(|entry| read(now, entry)).collect();
        Some((Self { all: all?, ..Self::default() }, rest))
    }
}

fn term_bytes(term: Term) -> [u8; TERM_BYTES] {
    let (kind, value) = match term {
        Term::Is(_, value) => (1, value.to_bits()),
        Term::Novel(_) => (2, 0),
    };
    let attribute = u8::try_from(term.attribute().index()).unwrap_or(u8::MAX);
    let [a, b, c, d] = value.to_le_bytes();
    [kind, attribute, a, b, c, d]
}

fn read(now: Moment, entry: &[u8; ENTRY_BYTES]) -> Option<Remembered> {
    let (terms, rest) = entry.split_at(TERMS_MAX * TERM_BYTES);
    let mut read = Vec::with_capacity(TERMS_MAX);
    for [kind, attribute, value @ ..] in terms.as_chunks::<TERM_BYTES>().0 {
        let attribute = Attribute::ALL.get(usize::from(*attribute)).copied();
        match kind {
            0 => {}
            1 => read.push(Term::Is(attribute?, Trait::new(u32::from_le_bytes(*value)))),
            2 => read.push(Term::Novel(attribute?)),
            _ => return None,
        }
    }
    let (hits, rest) = rest.split_first_chunk::<4>()?;
    let (visitors, rest) = rest.split_first_chunk::<4>()?;
    let (numbers, rest) = rest.split_at_checked(24)?;
    let numbers = numbers.as_chunks::<8>().0.first_chunk::<3>()?;
    let [bound, share_of_excess, peak_ms_per_s] = numbers.map(f64::from_le_bytes);
    let clean_windows = u32::from_le_bytes(*rest.first_chunk::<4>()?);
    let is_sensible = (0.0..=1.0).contains(&bound)
        && share_of_excess.is_finite()
        && peak_ms_per_s.is_finite()
        && peak_ms_per_s >= 0.0;
    let (hits, visitors) = (u32::from_le_bytes(*hits), u32::from_le_bytes(*visitors));
    is_sensible.then_some(Remembered {
        signature: Signature::new(&read)?,
        certificate: Certificate { hits, visitors, bound },
        share_of_excess,
        peak_ms_per_s,
        now_ms_per_s: 0.0,
        clean_windows: clean_windows.min(CLEAN_MAX),
        seen_at: now,
        window_at: now,
        is_active: false,
        is_of_episode: false,
    })
}
