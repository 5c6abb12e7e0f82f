//! Keys that are accepted from the first release and whose parts come later.

use super::{Built, KeySpec, Kind, Preset};

/// Interfaces of one machine that face clients.
const INTERFACES_MAX: usize = 32;
/// Characters of a line that names an organisation.
const TEXT_MAX: usize = 200;

const TEXT: Kind = Kind::Text { most: TEXT_MAX };

/// A table that belongs to a part of its own.
const fn whole_table(key: &'static str, part: &'static str, why: &'static str) -> KeySpec {
    KeySpec::new(key, Kind::Anything, Preset::None, why).built(Built::Missing { part })
}

pub(super) const KEYS: &[KeySpec] = &[
    KeySpec::new(
        "packet.mode",
        Kind::Word(&["auto", "native", "generic", "nft", "off"]),
        Preset::Toml("\"auto\""),
        "How packets are dropped in the kernel; \"auto\" takes the first that works and says which. A \
         file without any key of this table leaves the packet layer off.",
    ),
    KeySpec::new(
        "packet.interfaces",
        Kind::Interfaces { most: INTERFACES_MAX },
        Preset::Derived("interface of the default route"),
        "Interfaces that face clients.",
    )
    .example("[\"eth0\"]"),
    KeySpec::new(
        "packet.armed",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether it drops; otherwise it counts what it would have dropped.",
    ),
    KeySpec::new(
        "packet.pin",
        Kind::Flag,
        Preset::Toml("false"),
        "Whether the program stays in the kernel when the shield dies: it drops on for a minute at \
         most, and the next shield takes it over without a gap. Needs a BPF file system at /sys/fs/bpf.",
    ),
    KeySpec::new(
        "geo.country",
        Kind::Path,
        Preset::None,
        "MMDB file that gives an address its apparent country; read at start and at each reload.",
    ),
    KeySpec::new(
        "geo.network",
        Kind::Path,
        Preset::None,
        "MMDB file that gives an address its apparent network; read at start and at each reload.",
    ),
    KeySpec::new(
        "report.organisation",
        TEXT,
        Preset::None,
        "Who reports, as it stands on every form.",
    ),
    KeySpec::new("report.contact", TEXT, Preset::None, "Whom a reader of a report can ask."),
    KeySpec::new(
        "report.tlp",
        Kind::Word(&["red", "amber+strict", "amber", "green", "clear"]),
        Preset::None,
        "How far a report may be passed on: a label of the Traffic Light Protocol 2.0; \"green\" and \
         \"clear\" leave out what only the operator's own circle may read.",
    ),
    whole_table("alert.*", "the part that tells people of incidents", "Webhook and mail."),
    whole_table(
        "fleet.*",
        "the part that joins nodes",
        "The engine that joins nodes; without it, one node.",
    ),
];
