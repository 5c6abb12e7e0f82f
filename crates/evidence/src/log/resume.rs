//! Goes on where an earlier run left the log, and says what it did not find.

use super::Fault;
use super::tail::Tail;
use super::writer::{Tip, Writer};
use crate::checkpoint::Checkpoint;
use crate::key::NodeKey;
use crate::line::Link;
use crate::merkle::Peaks;
use crate::note::Note;
use crate::segment::{CHECKPOINT, SegmentName};
use crate::store::{Item, Store};
use seawall_types::evidence::{Gap, GapReason, Stamp};

/// A writer behind the last whole record, and what is missing before it.
///
/// A torn end is cut off; a changed record that was signed is left as it is, for a check to find.
pub(super) fn resume(
    store: &mut impl Store,
    key: &NodeKey,
    now: Stamp,
) -> Result<(Writer, Vec<Gap>), Fault> {
    store.claim().map_err(Fault::of("claim", "the evidence folder"))?;
    let items = store.list().map_err(Fault::of("list", "the evidence folder"))?;
    let mut segments = in_order(&items);
    let signed = signed_records(store, &items, key)?;
    let mut gaps = Vec::new();
    let mut tip =
        Tip { segment: None, next_segment: 0, tree: Peaks::default(), previous: Link::default() };
    let mut is_new = segments.is_empty();
    // Only a segment that was just begun can have no head; at most a few are looked at.
    for at in (0..segments.len()).rev() {
        let file = segments[at].0.to_string();
        let bytes = store.read(&file).map_err(Fault::of("read", &file))?;
        let Some(tail) = Tail::of(&bytes, signed) else {
            let detail = format!("{file} has no head");
            if bytes.contains(&b'\n') {
                gaps.push(gap(GapReason::Damaged, (now, now), detail));
            } else {
                store.remove(&file).map_err(Fault::of("remove", &file))?;
                segments.remove(at);
                is_new = segments.is_empty() && bytes.is_empty();
                if !bytes.is_empty() {
                    gaps.push(gap(GapReason::Torn, (now, now), detail));
                }
            }
            continue;
        };
        if tail.length < bytes.len() as u64 {
            store.cut(&file, tail.length).map_err(Fault::of("cut", &file))?;
            segments[at].1 = tail.length;
            let detail =
                format!("{} bytes of {file} were cut off", bytes.len() as u64 - tail.length);
            gaps.push(gap(GapReason::Torn, (tail.last, now), detail));
        }
        gaps.extend(told_by(&tail, now));
        (tip.tree, tip.previous) = (tail.tree, tail.previous);
        break;
    }
    tip.next_segment = segments.last().map_or(0, |(name, _)| name.number + 1);
    gaps.extend(missing(tip.tree.size(), (signed, is_new), now));
    Ok((Writer::new(tip, segments), gaps))
}

fn in_order(items: &[Item]) -> Vec<(SegmentName, u64)> {
    let named = |item: &Item| SegmentName::parse(&item.name).map(|name| (name, item.length));
    let mut segments: Vec<_> = items.iter().filter_map(named).collect();
    segments.sort();
    segments
}

/// How many records the newest checkpoint of this key is over; 0 without one.
fn signed_records(store: &mut impl Store, items: &[Item], key: &NodeKey) -> Result<u64, Fault> {
    if !items.iter().any(|item| item.name == CHECKPOINT) {
        return Ok(0);
    }
    let bytes = store.read(CHECKPOINT).map_err(Fault::of("read", CHECKPOINT))?;
    let note = std::str::from_utf8(&bytes).ok().and_then(|text| Note::parse(text).ok());
    let note = note.filter(|note| note.is_signed_by(key.known()));
    Ok(note.and_then(|note| Checkpoint::parse(&note.text)).map_or(0, |checkpoint| checkpoint.size))
}

fn told_by(tail: &Tail, now: Stamp) -> impl Iterator<Item = Gap> + use<> {
    let damaged = tail.damaged.map(|record| {
        let detail = format!("record {record} does not follow the one before it");
        gap(GapReason::Damaged, (tail.last, now), detail)
    });
    let unclean =
        (!tail.is_clean).then(|| gap(GapReason::UncleanEnd, (tail.last, now), String::new()));
    damaged.into_iter().chain(unclean)
}

fn missing(records: u64, (signed, is_new): (u64, bool), now: Stamp) -> Option<Gap> {
    let lost = signed.checked_sub(records).filter(|lost| *lost > 0)?;
    let detail = if is_new {
        format!("no segment is left of {signed} signed records")
    } else {
        format!("{signed} records were signed, {records} are left")
    };
    Some(Gap { lost: Some(lost), ..gap(GapReason::Missing, (now, now), detail) })
}

fn gap(reason: GapReason, (from, to): (Stamp, Stamp), detail: String) -> Gap {
    Gap { reason, from, to, lost: None, detail }
}
