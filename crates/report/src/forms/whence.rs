//! What is known of sources and their places, in sentences that several forms share.

use crate::assess::{Likeness, OPERATOR};
use crate::case::Case;
use crate::known::{Known, thousands};
use crate::place::{Crowd, Group, Places, Share, Split};
use seawall_types::evidence::PlaceCount;
use seawall_types::wall::rfc3339;

/// What is known of the sources, one sentence each.
pub(super) fn sentences(places: &Places) -> Vec<String> {
    let (from, to) = (rfc3339(places.since), rfc3339(places.until));
    let mut said = vec![
        format!(
            "From {from} to {to} {} asked; a measure met, or did not admit, {}.",
            places.asked.counted(),
            places.met.counted()
        ),
        places.own_addresses().to_owned(),
    ];
    if places.unlisted > 0 {
        said.push(format!(
            "Sources of {} requests (measured) were not looked at, so that there may be more.",
            thousands(places.unlisted)
        ));
    }
    if !places.tables.is_empty() {
        let (what, crowd) = places.shown();
        said.push(format!(
            "Shares are of {what}: {} of them ({}), by tables: {}.",
            thousands(crowd.sample.sources),
            crowd.basis().word(),
            places.named()
        ));
        said.push(disagreement(crowd));
    }
    said.extend(groups(places));
    said
}

/// Likely groups of machines, one sentence each; inferred, not counted.
fn groups(places: &Places) -> Vec<String> {
    let all = match &places.clusters {
        Known::Is(all) => all,
        Known::Unknown(why) => {
            return vec![format!("Groups among them are unknown: {}.", why.sentence())];
        }
    };
    let sampled = places.met.sample.sources;
    let mut said = vec![format!(
        "Inferred: groups of sources that look alike, aim alike and began together: {}; {} of {} \
         sources stand in none.",
        all.len(),
        thousands(places.unassigned),
        thousands(sampled)
    )];
    said.extend((1..).zip(all).map(|(number, group)| {
        let Group { look, count, share, aims, began, stability } = group;
        format!(
            "Group {number}, software {look}: {} sources ({}) with {} requests; different things that \
             they asked for first: {}; half of them had begun at {}; it comes out again by {stability} \
             when half of the sources are left out.",
            thousands(count.sources),
            interval(share),
            thousands(count.requests),
            thousands(*aims),
            rfc3339(*began),
        )
    }));
    if !all.is_empty() {
        said.push(
            "A group is likely one set of machines or a part of one; machines that are lent can \
             make two look like one."
                .to_owned(),
        );
    }
    said
}

/// How far two tables differ, in one sentence.
fn disagreement(crowd: &Crowd) -> String {
    match crowd.disagreeing {
        Known::Unknown(_) => {
            "How often tables disagree on the country is unknown: only one names any.".to_owned()
        }
        Known::Is((differ, of)) => format!(
            "The tables disagree on the country of {} of {} sources (measured).",
            thousands(differ),
            thousands(of)
        ),
    }
}

/// What is judged rather than counted, one sentence each.
pub(super) fn assessed(case: &Case) -> Vec<String> {
    let mut said: Vec<String> = case.likenesses.iter().flat_map(Likeness::sentences).collect();
    if said.is_empty() {
        said.push(
            "Likeness to other incidents: unknown: no record tells enough to compare.".into(),
        );
    }
    said.push(OPERATOR.to_owned());
    said
}

/// The splits that are shown, each with its name and its crowd.
pub(super) fn splits(places: &Places) -> [(&'static str, &Known<Split>, &Crowd); 3] {
    let (_, crowd) = places.shown();
    [
        ("Apparent countries", &crowd.countries, crowd),
        ("Networks", &crowd.networks, crowd),
        ("Kinds of network", &crowd.classes, crowd),
    ]
}

/// A share with its interval.
pub(super) fn interval(share: &Share) -> String {
    let Share { share, least, most } = share;
    let (least, most) = (least.number(), most.number());
    format!("{share}, 95 % interval {least} to {most} %")
}

/// What stands in no row.
pub(super) fn rest(left: PlaceCount, split: &Split) -> String {
    format!(
        "in rows not shown: {} sources; in no table: {} sources",
        thousands(left.sources),
        thousands(split.unplaced.sources)
    )
}
