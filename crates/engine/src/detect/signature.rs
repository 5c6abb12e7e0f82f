//! A description: what all of its requests show, and a sentence that says so.
//!
//! Bounds: at most [`TERMS_MAX`] terms, each of another attribute.

use super::names::Names;
use super::reservoir::Known;
use seawall_types::{Attribute, Trait, Traits};

/// Terms of one signature: with more, a description fits one moment alone.
pub const TERMS_MAX: usize = 4;

/// One thing that all requests of a description show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Term {
    /// This value.
    Is(Attribute, Trait),
    /// Some value that no known-good visitor showed.
    Novel(Attribute),
}

impl Term {
    /// What it is about.
    pub const fn attribute(self) -> Attribute {
        match self {
            Self::Is(attribute, _) | Self::Novel(attribute) => attribute,
        }
    }

    /// Whether a request shows it.
    pub fn matches(self, traits: &Traits, known: &Known) -> bool {
        match self {
            Self::Is(attribute, value) => traits.get(attribute) == value,
            Self::Novel(attribute) => known.is_novel(attribute, traits.get(attribute)),
        }
    }
}

/// A conjunction of terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Signature {
    /// Sorted by attribute; none behind the last.
    terms: [Option<Term>; TERMS_MAX],
}

impl Signature {
    /// A conjunction, or none when there are no terms, too many, or two about one attribute, or one
    /// that asks for an unknown value.
    pub fn new(terms: &[Term]) -> Option<Self> {
        let is_unknown = |term: &Term| matches!(term, Term::Is(_, value) if !value.is_known());
        if terms.is_empty() || terms.len() > TERMS_MAX || terms.iter().any(is_unknown) {
            return None;
        }
        let mut sorted = terms.to_vec();
        sorted.sort_unstable_by_key(|term| term.attribute());
        if sorted.windows(2).any(|pair| pair[0].attribute() == pair[1].attribute()) {
            return None;
        }
        let mut kept = [None; TERMS_MAX];
        for (place, term) in kept.iter_mut().zip(sorted) {
            *place = Some(term);
        }
        Some(Self { terms: kept })
    }

    /// Its terms, by attribute.
    pub fn terms(&self) -> impl Iterator<Item = Term> {
        self.terms.into_iter().flatten()
    }

    /// Whether a request shows all of it.
    pub fn matches(&self, traits: &Traits, known: &Known) -> bool {
        self.terms().all(|term| term.matches(traits, known))
    }

    /// `method=POST and path=/login and new ja4`.
    pub fn text(&self, names: &Names) -> String {
        let mut out = String::new();
        for term in self.terms() {
            if !out.is_empty() {
                out.push_str(" and ");
            }
            match term {
                Term::Is(attribute, value) => {
                    out.push_str(attribute.word());
                    out.push('=');
                    names.write(&mut out, attribute, value);
                }
                Term::Novel(attribute) => {
                    out.push_str("new ");
                    out.push_str(attribute.word());
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_types::TraitName;

    fn is(attribute: Attribute, bits: u32) -> Term {
        Term::Is(attribute, Trait::new(bits))
    }

    #[test]
    fn the_order_in_which_terms_come_does_not_matter() {
        let terms =
            [is(Attribute::Ja4, 7), is(Attribute::Method, 2), Term::Novel(Attribute::Agent)];
        let mut turned = terms;
        turned.reverse();
        assert_eq!(Signature::new(&terms), Signature::new(&turned));
    }

    #[test]
    fn what_is_no_conjunction_is_no_signature() {
        assert_eq!(Signature::new(&[]), None);
        assert_eq!(Signature::new(&[is(Attribute::Ja4, 0)]), None);
        assert_eq!(Signature::new(&[is(Attribute::Ja4, 1), Term::Novel(Attribute::Ja4)]), None);
        let five = Attribute::ALL.map(|attribute| is(attribute, 1));
        assert_eq!(Signature::new(&five[..5]), None);
        assert!(Signature::new(&five[..4]).is_some());
    }

    #[test]
    fn a_signature_reads_as_a_sentence() {
        let mut names = Names::default();
        for (attribute, value, text) in
            [(Attribute::Method, 2, "POST"), (Attribute::Route, 3, "/login")]
        {
            let text = text.into();
            names.learn(TraitName { attribute, value: Trait::new(value), text });
        }
        let terms = [
            is(Attribute::Ja4, 0xBEEF),
            is(Attribute::Route, 3),
            is(Attribute::Method, 2),
            Term::Novel(Attribute::Headers),
        ];
        let text = Signature::new(&terms).unwrap().text(&names);
        assert_eq!(text, "method=POST and path=/login and new headers and ja4=#0000beef");
    }
}
