//! What goes wrong in a scenario besides those who mean harm, and how the node's clocks run.

use super::page::{Page, Table, split_off};
use super::place::{self, Around, Written};
use crate::casting::Span;
use crate::clock::NodeClock;
use crate::fault::{Fault, Parameters};
use seawall_types::PlatformId;

/// Faults of one scenario.
const MISHAPS_MAX: usize = 64;

/// A `[[fault]]`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mishap {
    /// Index of the platform whose origin it befalls.
    pub platform: u16,
    /// From when until when.
    pub span: Span,
    /// What it is.
    pub what: Parameters,
}

impl Mishap {
    /// What happens at its begin and at its end.
    pub fn faults(&self) -> Vec<Fault> {
        self.what.faults(PlatformId(self.platform), self.span)
    }
}

/// The faults of these tables; what does not fit is noted on the page.
pub(super) fn read<'t>(
    page: &mut Page<'t>,
    tables: Vec<Table<'t>>,
    around: Around<'_>,
) -> Vec<Mishap> {
    if tables.len() > MISHAPS_MAX {
        page.fault(0, format!("{} faults; at most {MISHAPS_MAX}", tables.len()));
    }
    tables.into_iter().filter_map(|table| read_one(page, table, around)).collect()
}

fn read_one<'t>(page: &mut Page<'t>, mut table: Table<'t>, around: Around<'_>) -> Option<Mishap> {
    let at = table.span().start;
    let written: Option<Written> = page.read(split_off(&mut table, &place::KEYS), "fault");
    let what: Parameters = page.read(table, "fault")?;
    let place = written?.check(page, place::Table { at, of: "fault", calm: false }, around)?;
    let servers = around.platforms.get(usize::from(place.platform))?.origin.servers;
    if let Err(bad) = what.check(servers) {
        page.fault(at, format!("fault: {bad}"));
    }
    Some(Mishap { platform: place.platform, span: place.span?, what })
}

/// The node's clocks; what does not fit is noted on the page.
pub(super) fn clock<'t>(page: &mut Page<'t>, table: Option<Table<'t>>) -> NodeClock {
    let Some(table) = table else {
        return NodeClock::default();
    };
    let at = table.span().start;
    let clock: NodeClock = page.read(table, "clock").unwrap_or_default();
    if let Err(bad) = clock.check() {
        page.fault(at, format!("clock: {bad}"));
    }
    clock
}
