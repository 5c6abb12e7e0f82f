//! Identifiers for machines' formats, made from what they stand for: the same case, the same ids.
//!
//! Source: RFC 9562 §5.5.

use crate::case::Case;
use uuid::{Builder, Uuid};

/// Our own namespace, drawn once.
const OURS: Uuid = Uuid::from_u128(0x6f1c_3a52_0b7e_4d0c_9a51_77c2_e0d4_8b13);

/// The identifier of a part of a case: a hash in the layout of version 4, which the formats ask for.
pub(super) fn of(case: &Case, part: &str) -> String {
    let custody = &case.custody;
    let name = format!("{}\n{}\n{}\n{part}", custody.node, case.id, custody.first_record);
    let hash = Uuid::new_v5(&OURS, name.as_bytes());
    Builder::from_random_bytes(*hash.as_bytes()).into_uuid().to_string()
}
