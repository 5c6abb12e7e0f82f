//! Everybody who sends in a scenario: of which kind, towards which platform, from when until when.

use super::bounds::GROUPS_MAX;
use super::kinds::{Kind, Party, kind};
use super::page::{Page, Table, split_off};
use super::place::{self, Around, Written};
use crate::casting::{Casting, Miscast, Pools, Span};
use crate::group::Group;
use seawall_types::PlatformId;
use serde::Deserialize;

/// One group of a scenario.
#[derive(Debug, Clone, PartialEq)]
pub struct GroupEntry {
    /// Its name, of which there is one in a scenario; fixes its draws together with the seed.
    pub name: String,
    /// In which list it stands.
    pub party: Party,
    /// What it is.
    pub kind: &'static Kind,
    /// Index of the platform that it visits or floods.
    pub platform: u16,
    /// From which second of the world until which one; none for as long as the world lasts.
    pub span: Option<Span>,
    /// What its kind is told beside.
    pub parameters: toml::Table,
}

/// What stands in a group's table for every kind, beside its place.
#[derive(Debug, Deserialize)]
struct Entry {
    kind: String,
    name: Option<String>,
}

/// The groups of these lists, of people, surges and floods; what does not fit is noted on the page.
pub(super) fn read<'t>(
    page: &mut Page<'t>,
    lists: [Vec<Table<'t>>; Party::COUNT],
    around: Around<'_>,
) -> Vec<GroupEntry> {
    let mut groups: Vec<GroupEntry> = Vec::new();
    // Everybody is cast once, in order, since some stand where others do.
    let mut pools = Pools::new();
    for (party, tables) in Party::ALL.into_iter().zip(lists) {
        for table in tables {
            let at = table.span().start;
            let Some(group) = read_one(page, party, table, around) else {
                continue;
            };
            if groups.iter().any(|other| other.name == group.name) {
                page.fault(at, format!("name {} is there twice; name one otherwise", group.name));
            }
            if let Err(miscast) = cast_once(&group, &mut pools, around) {
                page.fault(at, format!("{} {}: {miscast}", party.word(), group.name));
            }
            groups.push(group);
        }
    }
    if groups.len() > GROUPS_MAX {
        page.fault(0, format!("{} groups; at most {GROUPS_MAX}", groups.len()));
    }
    groups
}

fn read_one<'t>(
    page: &mut Page<'t>,
    party: Party,
    mut table: Table<'t>,
    around: Around<'_>,
) -> Option<GroupEntry> {
    let at = table.span().start;
    let word = party.word();
    let entry = split_off(&mut table, &["kind", "name"]);
    let written = split_off(&mut table, &place::KEYS);
    let (entry, written) = (page.read(entry, word), page.read(written, word));
    let (entry, written): (Entry, Written) = (entry?, written?);
    let kind = match kind(party, &entry.kind) {
        Ok(kind) => kind,
        Err(problem) => {
            page.fault(at, format!("{word}: {problem}"));
            return None;
        }
    };
    let name = entry.name.clone().unwrap_or_else(|| entry.kind.clone());
    let of = format!("{word} {name}");
    let parameters = page.read::<toml::Table>(table.clone(), &of);
    page.read_with(table, &of, kind.check)?;
    let place = place::Table { at, of: &of, calm: party == Party::People };
    let place::Place { platform, span } = written.check(page, place, around)?;
    Some(GroupEntry { name, party, kind, platform, span, parameters: parameters? })
}

/// What is wrong with a group's parameters, if anything is.
fn cast_once(group: &GroupEntry, pools: &mut Pools, around: Around<'_>) -> Result<(), Miscast> {
    let Some(platform) = around.platforms.get(usize::from(group.platform)) else {
        return Ok(());
    };
    let seconds = around.head.map_or(1, |head| head.seconds);
    let casting = Casting {
        group: 0,
        platform: PlatformId(0),
        site: &platform.site,
        pools,
        span: group.span.unwrap_or(Span { from: 0.0, until: f64::from(seconds) }),
        seed: 0,
    };
    group.cast(casting).map(drop)
}

impl GroupEntry {
    /// A group as this entry says, before its first request.
    ///
    /// # Errors
    /// A sentence, when its parameters do not fit the platform or one another.
    pub fn cast(&self, casting: Casting<'_>) -> Result<Box<dyn Group>, Miscast> {
        (self.kind.cast)(&self.parameters, casting)
    }
}
