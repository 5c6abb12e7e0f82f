//! Sources and their places, for programs.

use super::{known, quantity};
use crate::place::{CAVEAT, Crowd, Group, Places, Share, Split};
use seawall_types::evidence::{AddressWord, PlaceCount};
use seawall_types::wall::rfc3339;
use serde_json::{Value, json};

pub(super) fn value(places: &Places) -> Value {
    let tables = places.tables.iter().map(|table| {
        json!({
            "key": table.key.as_str(), "name": table.name.as_str(), "dated": table.dated.as_str(),
            "digest": table.digest.as_str(),
        })
    });
    let spoofed = match places.addresses {
        AddressWord::Handshake => "no",
        AddressWord::Proxies => "may_be",
    };
    json!({
        "record": places.record,
        "since": rfc3339(places.since), "until": rfc3339(places.until),
        "spoofed": {"word": spoofed, "why": places.own_addresses()},
        "unlisted_requests": places.unlisted,
        "caveat": CAVEAT,
        "tables": tables.collect::<Vec<_>>(),
        "asked": crowd(&places.asked),
        "met": crowd(&places.met),
        "groups": known(&places.clusters, |groups| {
            json!({"rows": groups.iter().map(group).collect::<Vec<_>>(), "unassigned": places.unassigned})
        }),
    })
}

fn group(group: &Group) -> Value {
    json!({
        "look": group.look.as_str(), "of_sample": count(group.count),
        "by_sources": share(&group.share), "aims": group.aims, "began": rfc3339(group.began),
        "stability": quantity(&group.stability),
    })
}

fn crowd(crowd: &Crowd) -> Value {
    let split = |of| known(of, |one| split(crowd, one));
    json!({
        "sources": quantity(&crowd.sources), "error_permille": crowd.error_permille,
        "requests": quantity(&crowd.requests),
        "sample": {
            "sources": crowd.sample.sources, "requests": crowd.sample.requests,
            "draws": crowd.draws, "basis": crowd.basis().word(),
        },
        "countries": split(&crowd.countries),
        "networks": split(&crowd.networks),
        "classes": split(&crowd.classes),
        "disagreeing": known(&crowd.disagreeing, |(differ, of)| json!({"differ": differ, "of": of})),
    })
}

fn split(crowd: &Crowd, split: &Split) -> Value {
    let (rows, left) = crowd.rows(split);
    let rows = rows.iter().map(|row| {
        json!({
            "place": row.place.as_str(), "of_sample": count(row.count),
            "by_sources": share(&row.by_sources), "by_requests": share(&row.by_requests),
        })
    });
    json!({
        "rows": rows.collect::<Vec<_>>(), "others": count(left), "unplaced": count(split.unplaced),
    })
}

fn count(count: PlaceCount) -> Value {
    json!({"sources": count.sources, "requests": count.requests})
}

fn share(share: &Share) -> Value {
    json!({
        "share": quantity(&share.share), "least": quantity(&share.least),
        "most": quantity(&share.most),
    })
}
