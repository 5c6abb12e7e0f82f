//! What a log says of addresses that were put aside.
//!
//! Reads one segment at a time; gives the last word on each incident that is asked about.
//! Bounds: as many as are asked about.

use crate::cases::read_segment;
use crate::line::Line;
use crate::segment;
use crate::store::Folder;
use seawall_types::WallTime;
use seawall_types::evidence::{Fact, IncidentId};
use std::collections::{BTreeMap, BTreeSet};
use std::io;

/// The last word on one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The digest over all commitments.
    pub root: String,
    /// When it was told.
    pub at: WallTime,
}

/// What the log in `folder` proves of these incidents.
///
/// # Errors
/// It cannot be read.
pub fn proofs(
    folder: &mut impl Folder,
    of: &BTreeSet<IncidentId>,
) -> io::Result<BTreeMap<IncidentId, Proof>> {
    let mut all = BTreeMap::new();
    for name in segment::in_order(folder)? {
        let bytes = read_segment(folder, &name)?;
        let lines = segment::lines(&bytes).0.filter_map(|(_, line)| Line::read(line));
        for line in lines.filter(|line| line.word == "incident_sealed") {
            let Some(Fact::IncidentSealed(told)) = line.fact() else { continue };
            if of.contains(&told.incident) {
                let proof = Proof { root: told.root, at: line.place.stamp.wall };
                all.insert(told.incident, proof);
            }
        }
    }
    Ok(all)
}
