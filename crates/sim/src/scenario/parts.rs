//! A scenario's text by its parts: what stands above the first table, and the lists of tables.

use super::page::{Page, Table};
use toml::Spanned;
use toml::de::DeValue;

/// The parts of a text.
pub(super) struct Parts<'t> {
    pub(super) head: Table<'t>,
    pub(super) platforms: Vec<Table<'t>>,
    pub(super) people: Vec<Table<'t>>,
    pub(super) surges: Vec<Table<'t>>,
    pub(super) floods: Vec<Table<'t>>,
    pub(super) mishaps: Vec<Table<'t>>,
    pub(super) clock: Option<Table<'t>>,
    pub(super) expectations: Vec<Table<'t>>,
}

/// Takes the lists out of `root`; what stays is the head.
pub(super) fn split<'t>(page: &mut Page<'t>, mut root: Table<'t>) -> Parts<'t> {
    let mut take = |name| {
        let found = root.get_mut().remove(name);
        found.map_or_else(Vec::new, |value| tables(page, name, value))
    };
    let (platforms, people) = (take("platform"), take("people"));
    let (surges, floods) = (take("surge"), take("flood"));
    let (mishaps, expectations) = (take("fault"), take("expect"));
    let clock = root.get_mut().remove("clock").and_then(|clock| {
        let at = clock.span();
        if let DeValue::Table(table) = clock.into_inner() {
            return Some(Spanned::new(at, table));
        }
        page.fault(at.start, "clock is no table; write [clock]");
        None
    });
    Parts { head: root, platforms, people, surges, floods, mishaps, clock, expectations }
}

/// The tables of a list; anything else in its place is a fault.
fn tables<'t>(page: &mut Page<'t>, name: &str, value: Spanned<DeValue<'t>>) -> Vec<Table<'t>> {
    let (at, mut list) = (value.span().start, Vec::new());
    let DeValue::Array(entries) = value.into_inner() else {
        page.fault(at, format!("{name} is no list; write [[{name}]] for each"));
        return list;
    };
    for entry in entries {
        let at = entry.span();
        if let DeValue::Table(table) = entry.into_inner() {
            list.push(Spanned::new(at, table));
        } else {
            page.fault(at.start, format!("{name}: no table; write [[{name}]] for each"));
        }
    }
    list
}
