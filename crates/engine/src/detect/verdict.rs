//! Flood or surge or neither, and what separates them.
//!
//! A flood is told by clients, or a way of asking, that no known visitor shows.
//! What only tells where people come from and what they want is what every crowd changes, so it is
//! never called a flood; nor is new software whose users go about the site as visitors do.
//! Programs load no parts of a page, so of a few kinds of client that visitors have it is enough that
//! they ask for what such clients always ask for: an app that asks too often is still the app.
//! Who gets nothing and goes on to something else is no crowd, however it goes about what it gets.
//! How few senders say is nothing: below [`SENDERS_MIN`] that were served nobody is a visitor by it.
//! Where nothing separates, it says so.

use super::certify::Certificate;
use super::finding::{Elsewhere, Habit, Manners, SENDERS_MIN, Shown, Why};
use super::signature::Term;
use crate::incident::IncidentKind;
use seawall_types::{Attribute, Trait};

/// The value of a query that looks drawn by chance, as traits are made.
const RANDOM_QUERY: Trait = Trait::new(4);
/// Visitors must be known before anything is called anything.
const KNOWN_MIN: u32 = 100;
/// Of the share that goes on in calm times, so much is enough to go about as visitors do.
const AS_VISITORS: f64 = 0.5;
/// Requests of visitors cost on the whole what they did: a page brings its parts, which are cheap.
const COSTS_UP_TO: f64 = 1.7;
/// A crowd is more people who go on: those who do ask for so many times what they ask for in calm times.
/// Without that, who goes on may be the usual visitors alone, beside a flood that is kept out.
const MORE_GO_ON: f64 = 1.3;
/// What few of them ask for says little of what all do, since some ask for much: twice the root of how
/// many were looked at may be chance.
const BY_CHANCE: f64 = 2.0;
/// And their requests cost what they always do: of pages without parts one costs half as much again.
const CROWD_COSTS_UP_TO: f64 = 1.3;
/// Of an excess that is the habit of its clients at least so much is alike; the rest is chance and
/// whoever else asks.
const AS_EVER: f64 = 0.8;
/// Of those who came back after they got nothing so many ask for something else where no crowd does:
/// in a crowd whoever shares an address and a look with others seems to.
const GOES_ELSEWHERE: f64 = 0.2;
/// Of fewer who came back nothing is said; what chance may have done to so few is allowed for besides.
const CAME_BACK_MIN: u32 = 20;
/// In calm times at least this share must go on, or the site is not one of pages with parts.
const GOES_ON_MIN: f64 = 0.1;

/// What a verdict is made of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Facts {
    /// Visitors that are known.
    pub(super) known: u32,
    /// Whether signatures describe some of the excess.
    pub(super) described: Structure,
    /// How those who are described go about, or all where nothing is.
    pub(super) manners: Manners,
    /// What those did who came back after they got nothing, described or not.
    pub(super) elsewhere: Elsewhere,
    /// Whether those who ask for more are a few kinds of client with a habit.
    pub(super) habit: Option<Habit>,
}

/// What signatures name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Structure {
    /// There are none.
    Nothing,
    /// Where people come from and what they want.
    Wanted,
    /// What is wanted, by clients whose mix is not the usual one.
    OddMix,
    /// Clients, or a way of asking, that next to no known visitor shows.
    Unlike(Shown),
}

impl Structure {
    /// The more telling of two; of equal ones the first, which matches more.
    pub(super) fn or(self, other: Self) -> Self {
        let tells = |structure: Self| match structure {
            Self::Nothing => 0,
            Self::Wanted => 1,
            Self::OddMix => 2,
            Self::Unlike(_) => 3,
        };
        if tells(other) > tells(self) { other } else { self }
    }
}

/// What to call it, and why.
pub(super) fn call(facts: &Facts) -> (IncidentKind, Why) {
    let Facts { known, described, manners, elsewhere, habit } = *facts;
    if known < KNOWN_MIN {
        return (IncidentKind::Unknown, Why::TooFewKnown(known));
    }
    let as_ever = habit.filter(|habit| habit.in_common >= AS_EVER);
    let is_led_on = !goes_on_unserved(elsewhere);
    match described {
        Structure::Nothing
            if is_led_on && goes_about_as_visitors(&manners) && is_a_crowd(&manners) =>
        {
            (IncidentKind::Surge, Why::LikeVisitors(manners))
        }
        Structure::Unlike(_) | Structure::OddMix if goes_about_as_visitors(&manners) => {
            (IncidentKind::Surge, Why::UnlikeYetVisiting(manners))
        }
        Structure::Unlike(shown) => (IncidentKind::Flood, Why::Unlike(shown, manners)),
        Structure::Wanted if is_led_on && goes_about_as_visitors(&manners) => {
            (IncidentKind::Surge, Why::WantedByMany(manners))
        }
        _ => match (as_ever, described) {
            (Some(habit), _) => (IncidentKind::Surge, Why::AsTheirKind(habit)),
            (None, Structure::OddMix) => (IncidentKind::Flood, Why::OddMix(manners)),
            (None, Structure::Wanted) if !is_led_on => {
                (IncidentKind::Unknown, Why::WantedYetGoesOn(elsewhere))
            }
            (None, _) if !is_led_on => (IncidentKind::Unknown, Why::GoesOnUnserved(elsewhere)),
            (None, Structure::Wanted) => (IncidentKind::Unknown, Why::WantedByMany(manners)),
            (None, _) => (IncidentKind::Unknown, Why::NothingTouchesItAlone(manners)),
        },
    }
}

/// What a signature names, by its terms, by who shows all of them, and by whether each alone is rare
/// among known visitors.
pub(super) fn structure(
    terms: &[Term],
    certificate: Certificate,
    is_rare: impl Fn(&Term) -> bool,
) -> Structure {
    let is_unlike = |term: &Term| {
        let of_client = match *term {
            Term::Is(Attribute::Query, value) => value == RANDOM_QUERY,
            Term::Is(attribute, _) | Term::Novel(attribute) => is_of_client(attribute),
        };
        of_client && is_rare(term)
    };
    // The search names no trait of a client only where the mix of all clients is not the usual one.
    let names_no_client = !terms.iter().any(|term| is_of_client(term.attribute()));
    if terms.iter().any(is_unlike) {
        let Certificate { hits, visitors, .. } = certificate;
        Structure::Unlike(Shown { hits, visitors })
    } else if names_no_client {
        Structure::OddMix
    } else {
        Structure::Wanted
    }
}

/// Whether it tells what a client is, rather than what its user wants and where that user is.
const fn is_of_client(attribute: Attribute) -> bool {
    match attribute {
        Attribute::Agent
        | Attribute::Headers
        | Attribute::Ja4
        | Attribute::H2
        | Attribute::Protocol
        | Attribute::Wire => true,
        Attribute::Method
        | Attribute::Route
        | Attribute::Query
        | Attribute::Referer
        | Attribute::Language
        | Attribute::Cookie
        | Attribute::Prefix
        | Attribute::Country
        | Attribute::Network => false,
    }
}

/// Nothing is described, so among the senders are the usual visitors, whatever else is there.
fn is_a_crowd(manners: &Manners) -> bool {
    let on = f64::from(manners.senders) * manners.goes_on;
    let surely = 1.0 - BY_CHANCE / libm::sqrt(on.max(1.0));
    manners.times_calm * surely >= MORE_GO_ON
        && manners.cost_ms <= CROWD_COSTS_UP_TO * manners.cost_ms_calm
}

/// A page that did not come leads nowhere: a browser asks for it again, or its user leaves.
fn goes_on_unserved(elsewhere: Elsewhere) -> bool {
    let Elsewhere { came_back, for_other } = elsewhere;
    let for_other = f64::from(for_other);
    let surely = for_other - BY_CHANCE * libm::sqrt(for_other);
    came_back >= CAME_BACK_MIN && surely >= GOES_ELSEWHERE * f64::from(came_back)
}

fn goes_about_as_visitors(manners: &Manners) -> bool {
    manners.senders >= SENDERS_MIN
        && manners.goes_on_calm >= GOES_ON_MIN
        && manners.goes_on >= AS_VISITORS * manners.goes_on_calm
        && manners.cost_ms <= COSTS_UP_TO * manners.cost_ms_calm
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manners(goes_on: f64, cost_ms: f64) -> Manners {
        Manners {
            senders: 200,
            goes_on,
            goes_on_calm: 0.8,
            times_calm: 2.0,
            requests: 3.0,
            requests_calm: 3.0,
            cost_ms,
            cost_ms_calm: 3.0,
        }
    }

    const NONE: Elsewhere = Elsewhere { came_back: 0, for_other: 0 };
    const UNLIKE: Structure = Structure::Unlike(Shown { hits: 2, visitors: 500 });

    fn called(described: Structure, manners: Manners) -> IncidentKind {
        call(&Facts { known: 500, described, manners, elsewhere: NONE, habit: None }).0
    }

    #[test]
    fn unlike_clients_are_a_flood_unless_they_go_about_as_visitors_do() {
        for structure in [UNLIKE, Structure::OddMix] {
            assert_eq!(called(structure, manners(0.1, 3.0)), IncidentKind::Flood);
            assert_eq!(called(structure, manners(0.8, 9.0)), IncidentKind::Flood);
            assert_eq!(called(structure, manners(0.8, 3.0)), IncidentKind::Surge);
        }
    }

    #[test]
    fn why_says_how_many_visitors_show_it_and_nothing_of_manners_that_were_hardly_seen() {
        let facts = |manners| Facts {
            known: 500,
            described: UNLIKE,
            manners,
            elsewhere: NONE,
            habit: None,
        };
        let why = |manners| call(&facts(manners)).1.sentence();
        assert_eq!(
            why(manners(0.1, 3.0)),
            "2 of 500 known visitors show this, and 10 % of 200 senders went on from a page, 80 % in \
             calm times, and those asked for 2.0 times as much as then"
        );
        assert_eq!(
            why(Manners { senders: 3, ..manners(0.1, 3.0) }),
            "2 of 500 known visitors show this, and too few of its senders were served to tell how \
             they go about (3)"
        );
    }

    #[test]
    fn usual_visitors_beside_what_is_kept_out_make_no_surge() {
        let beside = |times_calm| Manners { times_calm, ..manners(0.8, 3.0) };
        assert_eq!(called(Structure::Nothing, beside(1.0)), IncidentKind::Unknown);
        assert_eq!(called(Structure::Nothing, beside(1.6)), IncidentKind::Surge);
        // Of 160 who go on; of forty it may be chance.
        let few = Manners { senders: 50, ..beside(1.6) };
        assert_eq!(called(Structure::Nothing, few), IncidentKind::Unknown);
        assert_eq!(called(Structure::Nothing, manners(0.8, 4.2)), IncidentKind::Unknown);
        assert_eq!(called(UNLIKE, beside(0.5)), IncidentKind::Surge, "they are told from others");
    }

    #[test]
    fn who_gets_nothing_and_goes_on_to_other_things_is_no_crowd() {
        let with = |described, came_back, for_other| {
            let elsewhere = Elsewhere { came_back, for_other };
            let manners = manners(0.8, 3.0);
            call(&Facts { known: 500, described, manners, elsewhere, habit: None })
        };
        for (structure, begins) in [
            (Structure::Nothing, "no description touches the excess alone"),
            (Structure::Wanted, "it differs only in what is asked for and where it comes from"),
        ] {
            assert_eq!(with(structure, 200, 10).0, IncidentKind::Surge);
            assert_eq!(with(structure, 200, 45).0, IncidentKind::Surge, "that may be chance");
            let (kind, why) = with(structure, 200, 100);
            assert_eq!(kind, IncidentKind::Unknown);
            assert_eq!(
                why.sentence(),
                format!(
                    "{begins}, but of 200 senders who came back after nothing was served to them, \
                     50 % asked for something else"
                )
            );
            assert_eq!(with(structure, CAME_BACK_MIN, CAME_BACK_MIN).0, IncidentKind::Unknown);
            assert_eq!(
                with(structure, CAME_BACK_MIN - 1, CAME_BACK_MIN - 1).0,
                IncidentKind::Surge
            );
        }
        for structure in [UNLIKE, Structure::OddMix] {
            assert_eq!(with(structure, 200, 100).0, IncidentKind::Surge, "those may be others");
        }
    }

    #[test]
    fn a_handful_of_senders_makes_no_surge() {
        let few = Manners { senders: SENDERS_MIN - 1, ..manners(0.8, 3.0) };
        assert_eq!(called(Structure::Nothing, few), IncidentKind::Unknown);
        assert_eq!(called(UNLIKE, few), IncidentKind::Flood);
    }

    #[test]
    fn what_only_tells_what_is_wanted_is_never_a_flood() {
        for structure in [Structure::Wanted, Structure::Nothing] {
            assert_eq!(called(structure, manners(0.1, 9.0)), IncidentKind::Unknown);
            assert_eq!(called(structure, manners(0.8, 3.0)), IncidentKind::Surge);
        }
    }

    #[test]
    fn who_does_as_such_clients_always_do_is_a_surge_unless_no_visitor_is_like_it() {
        let with = |described, in_common| {
            let habit = Some(Habit { in_common, known: 200 });
            let manners = manners(0.0, 9.0);
            call(&Facts { known: 500, described, manners, elsewhere: NONE, habit }).0
        };
        for structure in [Structure::Nothing, Structure::Wanted, Structure::OddMix] {
            assert_eq!(with(structure, 0.85), IncidentKind::Surge);
            assert_eq!(with(structure, 0.75), called(structure, manners(0.0, 9.0)));
        }
        assert_eq!(with(UNLIKE, 1.0), IncidentKind::Flood);
    }

    #[test]
    fn a_client_that_visitors_have_too_makes_no_flood_of_a_description() {
        let value = Trait::new(7);
        let common = Term::Is(Attribute::Agent, value);
        let page = Term::Is(Attribute::Route, value);
        let of = |terms: &[Term], is_rare| {
            structure(terms, Certificate::with(0.05, (2, 500)), |_| is_rare)
        };
        assert_eq!(of(&[common, page], false), Structure::Wanted);
        assert_eq!(of(&[common, page], true), UNLIKE);
        assert_eq!(of(&[page], true), Structure::OddMix);
    }
}
