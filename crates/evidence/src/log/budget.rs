//! Which segments go when there are too many bytes, and what the log says in their place.

use super::Fault;
use super::writer::Writer;
use crate::line::Line;
use crate::merkle::{Hash, Peaks};
use crate::segment::{self, SegmentName};
use crate::store::Store;
use seawall_types::evidence::Removed;

/// Segments that go, and the record that says so.
#[derive(Debug)]
pub(super) struct Removal {
    pub(super) names: Vec<SegmentName>,
    pub(super) told: Removed,
}

/// What must go so that the rest is at most `total_bytes`; `None` when nothing must.
///
/// The head of the first segment that stays holds the tree over all that goes.
pub(super) fn plan(
    store: &mut impl Store,
    writer: &Writer,
    total_bytes: u64,
) -> Result<Option<Removal>, Fault> {
    let mut over = writer.status().bytes.saturating_sub(total_bytes);
    let complete = writer.complete();
    let mut going = 0;
    let mut bytes = 0;
    // The last complete segment stays: its head is needed, and what was just told with it.
    while over > 0 && going + 1 < complete.len() {
        over = over.saturating_sub(complete[going].1);
        bytes += complete[going].1;
        going += 1;
    }
    if going == 0 {
        return Ok(None);
    }
    // A segment whose head cannot be read goes with those before it: nothing would follow from it.
    for (at, (stays, length)) in complete.iter().enumerate().skip(going) {
        let file = stays.to_string();
        let read = store.read(&file).map_err(Fault::of("read", &file))?;
        let Some((before, root)) = over_all_before(&read) else {
            bytes += length;
            continue;
        };
        let told = Removed { before, root: root.to_string(), segments_before: stays.number, bytes };
        let names = complete[..at].iter().map(|(name, _)| name.clone()).collect();
        return Ok(Some(Removal { names, told }));
    }
    Ok(None)
}

/// Size and head of the tree before a segment, as its own head says.
fn over_all_before(bytes: &[u8]) -> Option<(u64, Hash)> {
    let (_, line) = segment::lines(bytes).0.next()?;
    let head = segment::head(&Line::read(line)?)?;
    let peaks: Option<Vec<_>> = head.peaks.iter().map(|peak| Hash::from_base64(peak)).collect();
    let tree = Peaks::new(head.tree_size, peaks?)?;
    Some((tree.size(), tree.root()))
}
