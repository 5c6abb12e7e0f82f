//! One standing measure: what it is about, what those get that it meets, and until when.

use super::allowance::Allowance;
use crate::detect::{Known, Signature, Term, mixed};
use seawall_types::{
    Attribute, MeasureId, MeasureTotals, Moment, PlatformId, RequestRate, Rung, SourceKey,
    SourceNetwork, Trait, Traits,
};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// The longest that a measure stands without being renewed.
pub const STANDS_MAX: Duration = Duration::from_hours(7 * 24);

/// Values of one attribute that a measure remembers as known: many times what is known at once, 256 KiB.
/// Beyond it nothing of the attribute is new to the measure.
const KNOWN_VALUES_MAX: usize = 65_536;

/// A standing measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Measure {
    /// Its name in codes, pages and evidence.
    pub id: MeasureId,
    /// Where it stands.
    pub platform: PlatformId,
    /// Whom it meets.
    pub matches: Matches,
    /// What they get.
    pub rung: Rung,
    /// Whom it spares of that for now; none when it treats all alike.
    pub partly: Option<Partly>,
    /// Who wanted it.
    pub by: By,
    /// Since when.
    pub began_at: Moment,
    /// Until when, unless it is renewed.
    pub expires_at: Moment,
    /// What it lets through while it is on the rung `limit`.
    pub allowance: Allowance,
    /// What it met, as far as the book was told; what the hot path looks up does not keep it.
    pub totals: MeasureTotals,
    /// What it is about, for people.
    pub text: Arc<str>,
    /// Why, for people.
    pub why: Arc<str>,
}

impl Measure {
    /// What who comes from an address gets, when it is met.
    pub fn rung_for(&self, address: IpAddr) -> Rung {
        match &self.partly {
            Some(partly) if !partly.takes(SourceKey::of(address)) => partly.others,
            Some(_) | None => self.rung,
        }
    }
}

/// A measure that takes some sources before all others: whom, nobody can choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partly {
    /// Sources that get the measure's rung, of [`Self::WHOLE`].
    pub share: u16,
    /// What the others get.
    pub others: Rung,
    /// Keys the hash that decides.
    pub key: u64,
}

impl Partly {
    /// All of them.
    pub const WHOLE: u16 = 1_000;

    /// Whether a source gets the measure's rung: who does with a small share does with a larger one.
    pub fn takes(&self, source: SourceKey) -> bool {
        let hash = mixed(source.to_bits() ^ self.key);
        hash % u64::from(Self::WHOLE) < u64::from(self.share)
    }
}

/// Who wanted a measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The ladder, from what was found.
    Ladder,
    /// A person who runs the shield.
    Operator,
}

impl By {
    /// For people and programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ladder => "ladder",
            Self::Operator => "operator",
        }
    }
}

/// A measure that somebody wants.
#[derive(Debug, Clone, PartialEq)]
pub struct Wanted {
    /// Where.
    pub platform: PlatformId,
    /// Whom it meets.
    pub matches: Matches,
    /// What they get.
    pub rung: Rung,
    /// Who wants it.
    pub by: By,
    /// For how long, at most [`STANDS_MAX`].
    pub stands_for: Duration,
    /// What the rung `limit` lets through of all that it meets together; none for
    /// [`super::LIMIT_RPS_DEFAULT`].
    pub rate: Option<RequestRate>,
    /// What it is about, for people.
    pub text: Arc<str>,
    /// Why, for people.
    pub why: Arc<str>,
}

/// Whom a measure meets.
#[derive(Debug, Clone, PartialEq)]
pub enum Matches {
    /// Who comes from a network.
    Source(SourceNetwork),
    /// Who asks for a path that begins so; whole segments: `/shop` meets `/shop/cart`, not `/shopping`.
    Path(Box<str>),
    /// Who shows everything that a signature names.
    Signature(CompiledSignature),
    /// Everybody who opens a page.
    Navigations,
}

impl Matches {
    /// Whether a request is met.
    pub fn meets(&self, address: IpAddr, target: &str, traits: &Traits) -> bool {
        match self {
            Self::Source(network) => network.contains(address.to_canonical()),
            Self::Path(start) => is_under(target, start),
            Self::Signature(signature) => signature.matches(traits),
            Self::Navigations => true,
        }
    }
}

/// Whether the path of a target lies at or below `start`.
fn is_under(target: &str, start: &str) -> bool {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    match path.strip_prefix(start) {
        Some(rest) => rest.is_empty() || start.ends_with('/') || rest.starts_with('/'),
        None => false,
    }
}

/// A signature that needs nothing else to be looked up: what was known when it was compiled is in it.
#[derive(Debug, Clone, PartialEq)]
pub struct CompiledSignature {
    signature: Signature,
    terms: Vec<CompiledTerm>,
    /// Of [`Known`], when it was compiled.
    version: u64,
}

#[derive(Debug, Clone, PartialEq)]
enum CompiledTerm {
    Is(Attribute, Trait),
    /// A value that is none of these, sorted.
    NotAmong(Attribute, Arc<[u32]>),
    /// Nothing can be said of it, so nothing is met.
    Never,
}

impl CompiledTerm {
    /// What meets no more than this did, and nothing of what is known by now.
    fn narrowed(&self, now: &Self) -> Self {
        let (Self::NotAmong(attribute, before), Self::NotAmong(_, now)) = (self, now) else {
            return self.clone();
        };
        let is_added = |value: &&u32| before.binary_search(value).is_err();
        let mut all: Vec<u32> = now.iter().filter(is_added).copied().collect();
        if all.is_empty() {
            return self.clone();
        }
        if before.len() + all.len() > KNOWN_VALUES_MAX {
            return Self::Never;
        }
        all.extend_from_slice(before);
        all.sort_unstable();
        Self::NotAmong(*attribute, all.into())
    }
}

impl CompiledSignature {
    /// Compiles a signature with the values that known-good visitors show now.
    pub fn new(signature: Signature, known: &Known) -> Self {
        let compiled = |term| match term {
            Term::Is(attribute, value) => CompiledTerm::Is(attribute, value),
            Term::Novel(attribute) if known.tells_novelty(attribute) => {
                let mut shown = known.shown_values(attribute);
                shown.sort_unstable();
                CompiledTerm::NotAmong(attribute, shown.into())
            }
            Term::Novel(_) => CompiledTerm::Never,
        };
        let terms = signature.terms().map(compiled).collect();
        Self { terms, signature, version: known.version() }
    }

    /// The same with what known-good visitors have come to show since; none where that meets the same
    /// requests.
    ///
    /// It never meets more than before: who is forgotten, or known in another way, is not new by that,
    /// and no certificate was given for it.
    /// What was looked at needs no second look before somebody else becomes known.
    pub fn renewed(&mut self, known: &Known) -> Option<Self> {
        if self.version == known.version() {
            return None;
        }
        self.version = known.version();
        let names_new = self.signature.terms().any(|term| matches!(term, Term::Novel(_)));
        let now = names_new.then(|| Self::new(self.signature, known))?;
        let both = self.terms.iter().zip(&now.terms);
        let terms: Vec<_> = both.map(|(before, now)| before.narrowed(now)).collect();
        (terms != self.terms).then_some(Self { terms, ..now })
    }

    /// What it was compiled from.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// Whether a request shows all of it; a few comparisons, and a binary search for a new value.
    pub fn matches(&self, traits: &Traits) -> bool {
        self.terms.iter().all(|term| match term {
            CompiledTerm::Is(attribute, value) => traits.get(*attribute) == *value,
            CompiledTerm::NotAmong(attribute, known) => {
                let value = traits.get(*attribute);
                value.is_known() && known.binary_search(&value.to_bits()).is_err()
            }
            CompiledTerm::Never => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_meets_whole_segments_below_it() {
        for (target, start, meets) in [
            ("/shop", "/shop", true),
            ("/shop?x=1", "/shop", true),
            ("/shop/cart", "/shop", true),
            ("/shopping", "/shop", false),
            ("/shop/cart", "/shop/", true),
            ("/", "/", true),
            ("/any", "/", true),
            ("/a", "/b", false),
        ] {
            assert_eq!(is_under(target, start), meets, "{target} under {start}");
        }
    }

    #[test]
    fn a_network_meets_its_addresses_in_either_form() {
        let matches = Matches::Source("192.0.2.0/24".parse().unwrap());
        let meets = |text: &str| matches.meets(text.parse().unwrap(), "/", &Traits::default());
        assert!(meets("192.0.2.7") && meets("::ffff:192.0.2.7"));
        assert!(!meets("198.51.100.7"));
    }

    #[test]
    fn a_compiled_signature_meets_what_shows_all_of_it() {
        let term = Term::Is(Attribute::Ja4, Trait::new(7));
        let other = Term::Is(Attribute::Route, Trait::new(9));
        let signature = Signature::new(&[term, other]).unwrap();
        let compiled = CompiledSignature::new(signature, &Known::nobody());
        let shows = Traits::default().with(Attribute::Ja4, Trait::new(7));
        assert!(!compiled.matches(&shows));
        assert!(compiled.matches(&shows.with(Attribute::Route, Trait::new(9))));
    }

    #[test]
    fn what_a_measure_knows_is_only_ever_added_to_and_past_its_bound_nothing_is_new_to_it() {
        let not_among = |values: std::ops::Range<u32>| {
            CompiledTerm::NotAmong(Attribute::Ja4, values.collect::<Vec<_>>().into())
        };
        let half = 32_768;
        let whole = not_among(0..half).narrowed(&not_among(half..2 * half));
        assert_eq!(whole, not_among(0..2 * half));
        assert_eq!(whole.narrowed(&not_among(7..8)), whole);
        assert_eq!(whole.narrowed(&CompiledTerm::Never), whole);
        assert_eq!(whole.narrowed(&not_among(2 * half..2 * half + 1)), CompiledTerm::Never);
        assert_eq!(CompiledTerm::Never.narrowed(&whole), CompiledTerm::Never);
    }

    #[test]
    fn where_nobody_is_known_nothing_is_new() {
        let signature = Signature::new(&[Term::Novel(Attribute::Ja4)]).unwrap();
        let compiled = CompiledSignature::new(signature, &Known::nobody());
        assert!(!compiled.matches(&Traits::default().with(Attribute::Ja4, Trait::new(7))));
    }
}
