//! Lines of the origin lock and of evidence.

use super::{Line, Probe, line};
use crate::score::bar::Bar::AtLeast;

pub(super) const LINES: &[Line] = &[
    // The origin lock.
    line(
        "lock.ways",
        "kinds of way around the shield that check-origin finds in a real set-up",
        (AtLeast(4.0), "kinds"),
        Probe::Test("lock::check_origin_finds_every_kind_of_way_around_a_real_set_up"),
    ),
    // Evidence.
    line(
        "evidence.tamper",
        "changes to evidence that `verify` finds, of a thousand of seven kinds",
        (AtLeast(1_000.0), "changes"),
        Probe::Test("evidence::tamper::a_thousand_changes_to_evidence_are_all_found"),
    ),
    line(
        "evidence.crash",
        "kills at any moment after which the log holds up to its last sync and names the gap",
        (AtLeast(100.0), "kills"),
        Probe::Test("evidence::crash::a_log_killed_at_a_hundred_moments_holds_up_to_its_last_sync"),
    ),
    line(
        "evidence.disk",
        "kinds of disk (full, read-only, broken) that fail no caller and whose loss is counted",
        (AtLeast(3.0), "kinds"),
        Probe::Test("evidence::disk::no_disk_fails_a_caller_and_every_loss_is_counted"),
    ),
    line(
        "evidence.verify",
        "evidence checked by `verify`",
        (AtLeast(200.0), "MB/s"),
        Probe::Test("evidence::speed::evidence_is_checked_faster_than_it_could_be_sent"),
    ),
    line(
        "evidence.note",
        "checkpoints that hold for Go's sumdb/note and sumdb/tlog",
        (AtLeast(1.0), "checkpoints"),
        Probe::Test("evidence::go::checkpoints_hold_for_another_implementation"),
    ),
];
