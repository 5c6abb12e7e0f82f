//! Every kind of group by name: the type that reads its table and becomes the group.

use crate::casting::{Casting, Miscast};
use crate::flood::{
    cache_bust, cookie_replay, costly_search, egress, handshakes, headless, hijacked_browsers,
    ipv6_rotation, login_posts, mimicry, odd_headers, one_tool, pulses, random_everything,
    random_looks, resets, rotating_look, slow_bodies, slow_heads, slow_holds, slow_ramp,
    slow_reads, socket_holds, thin_sources, warm_sources,
};
use crate::group::Group;
use crate::people::{
    apps, browsers, crawlers, downloads, feeds, monitors, nat, privacy, sockets, webhooks,
};
use crate::surge::{campaign, crowd, day, push, retry_storm, sale, series};
use serde::Deserialize;
use std::fmt;
use toml::Spanned;
use toml::de::{DeTable, Deserializer};

/// In which list of a scenario a group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// Who comes every day.
    People,
    /// Honest demand out of the ordinary.
    Surge,
    /// Those who mean harm.
    Flood,
}

impl Party {
    /// How many there are.
    pub const COUNT: usize = 3;
    /// The whole list.
    pub const ALL: [Self; Self::COUNT] = [Self::People, Self::Surge, Self::Flood];

    /// The name of the list in a file.
    pub const fn word(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Surge => "surge",
            Self::Flood => "flood",
        }
    }
}

/// Makes a group of a table.
type Cast = fn(&toml::Table, Casting<'_>) -> Result<Box<dyn Group>, Miscast>;

/// A kind of group.
pub struct Kind {
    /// What `kind` says.
    pub name: &'static str,
    /// In which lists it may stand.
    pub parties: &'static [Party],
    /// Whether a table says what the kind needs.
    pub(super) check: fn(Spanned<DeTable<'_>>) -> Result<(), toml::de::Error>,
    /// A group of a table that was checked.
    pub(super) cast: Cast,
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

macro_rules! kinds {
    ($($parties:ident: $($name:literal $kind:ident,)*)*) => {
        &[$($(Kind {
            name: $name,
            parties: $parties,
            check: |table| $kind::Parameters::deserialize(Deserializer::from(table)).map(drop),
            cast: |table, casting| {
                let parameters = $kind::Parameters::deserialize(table.clone());
                let parameters = parameters.map_err(|error| Miscast::Told(error.to_string()));
                parameters?.cast(casting)
            },
        },)*)*]
    };
}

/// Honest kinds that come every day, or out of the ordinary.
const HONEST: &[Party] = &[Party::People, Party::Surge];
/// Kinds that are always out of the ordinary.
const SURGES: &[Party] = &[Party::Surge];
const FLOODS: &[Party] = &[Party::Flood];

/// Every kind.
pub static KINDS: &[Kind] = kinds![
    HONEST:
    "apps" apps,
    "browsers" browsers,
    "crawlers" crawlers,
    "day" day,
    "downloads" downloads,
    "feeds" feeds,
    "monitors" monitors,
    "nat" nat,
    "privacy" privacy,
    "sockets" sockets,
    "webhooks" webhooks,
    SURGES:
    "campaign" campaign,
    "crowd" crowd,
    "push" push,
    "retry-storm" retry_storm,
    "sale" sale,
    "series" series,
    FLOODS:
    "cache-bust" cache_bust,
    "cookie-replay" cookie_replay,
    "costly-search" costly_search,
    "egress" egress,
    "handshakes" handshakes,
    "headless" headless,
    "hijacked-browsers" hijacked_browsers,
    "ipv6-rotation" ipv6_rotation,
    "login-posts" login_posts,
    "mimicry" mimicry,
    "odd-headers" odd_headers,
    "one-tool" one_tool,
    "pulses" pulses,
    "random-everything" random_everything,
    "random-looks" random_looks,
    "resets" resets,
    "rotating-look" rotating_look,
    "slow-bodies" slow_bodies,
    "slow-heads" slow_heads,
    "slow-holds" slow_holds,
    "slow-ramp" slow_ramp,
    "slow-reads" slow_reads,
    "socket-holds" socket_holds,
    "thin-sources" thin_sources,
    "warm-sources" warm_sources,
];

/// The kind of a list that is called `name`.
///
/// # Errors
/// A sentence that says what was probably meant, or where what there is stands.
pub fn kind(party: Party, name: &str) -> Result<&'static Kind, String> {
    let of_party = || KINDS.iter().filter(|kind| kind.parties.contains(&party));
    of_party().find(|kind| kind.name == name).ok_or_else(|| {
        let list = party.word();
        let cut: String = name.chars().take(NAME_SHOWN).collect();
        let near = of_party().map(|kind| (strsim::osa_distance(&cut, kind.name), kind.name));
        match near.min().filter(|(distance, _)| *distance <= NEAR) {
            Some((_, near)) => format!("no kind of {list} is called {cut}; did you mean {near}?"),
            None => format!("no kind of {list} is called {cut}; docs/scenarios.md lists them"),
        }
    })
}

/// Characters of a wrong name that are shown.
const NAME_SHOWN: usize = 60;
/// Slips of the pen in a name; more is another name.
const NEAR: usize = 3;
