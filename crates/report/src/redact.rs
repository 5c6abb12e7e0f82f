//! What the label of a document lets its readers have.
//!
//! Takes a case, gives the same with what its label keeps back replaced by words that say so.
//! Red, both ambers and no label keep nothing back: addresses of sources are the forms' own matter.
//! Never adds anything, and never turns what was recorded into "not recorded".

use crate::about::Tlp;
use crate::case::{Case, Deed};
use crate::known::{Known, Why};
use crate::line::Line;
use std::borrow::Cow;

/// The case as readers under its label may have it.
pub(crate) fn for_readers(case: &Case) -> Cow<'_, Case> {
    let Some(tlp) = case.about.tlp.filter(|tlp| !tlp.carries_inner()) else {
        return Cow::Borrowed(case);
    };
    let mut case = case.clone();
    for action in &mut case.actions {
        if is_kept_back(action.deed, tlp) {
            action.what = withheld(kind_of(action.deed), tlp);
        }
    }
    if !tlp.carries_descriptions() {
        for signature in &mut case.signatures {
            signature.text = withheld("a description of traffic", tlp);
        }
        case.custody.configuration = Known::Unknown(Why::Withheld);
    }
    Cow::Owned(case)
}

/// Whoever knows where the origins are can go around the shield, and whoever knows what they carry,
/// or which table is full, knows how much to send.
const fn is_kept_back(deed: Deed, tlp: Tlp) -> bool {
    match deed {
        Deed::Origin | Deed::Capacity => !tlp.carries_inner(),
        Deed::Configuration | Deed::Saturation => !tlp.carries_descriptions(),
        Deed::Run | Deed::Limits => false,
    }
}

const fn kind_of(deed: Deed) -> &'static str {
    match deed {
        Deed::Run => "a run of the shield",
        Deed::Configuration => "a configuration",
        Deed::Limits => "limits of single sources",
        Deed::Origin => "a change of an origin's standing",
        Deed::Capacity => "a change of what can be carried",
        Deed::Saturation => "a table without room",
    }
}

fn withheld(what: &str, tlp: Tlp) -> Line {
    Line::of(&format!("{what}, withheld under TLP:{}", tlp.word().to_uppercase()))
}
