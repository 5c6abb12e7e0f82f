//! The one table of every key: what may stand there, its default, why, and whether its part is
//! built.
//!
//! Reading a file, `config explain` and `config default` all follow this table, so that they
//! cannot disagree.

mod address;
mod budgets;
mod cache;
mod health;
mod kind;
mod lane;
mod later;
mod lock;
mod nearest;
mod origin;
mod shield;
mod traffic;

pub use kind::Kind;
pub(crate) use nearest::{nearest_key, nearest_table, unknown_key};

/// One key of the file.
#[derive(Debug, Clone, Copy)]
pub struct KeySpec {
    /// Its full name, `limits.source_rps`; `fleet.*` stands for everything in `fleet`.
    pub key: &'static str,
    /// What may stand there, with its bounds.
    pub kind: Kind,
    /// What holds when the file does not say.
    pub default: Preset,
    /// A value to start from, as TOML, where the default cannot be written down.
    pub example: Option<&'static str>,
    /// One or two sentences for the operator.
    pub why: &'static str,
    /// How much of its part is built.
    pub built: Built,
}

/// What holds when the file does not name a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preset {
    /// Nothing: the file must say.
    Required,
    /// The key is absent, which `"none"` says too.
    None,
    /// This value, as TOML.
    Toml(&'static str),
    /// What these words say.
    Derived(&'static str),
}

/// How much of the part behind a key is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Built {
    /// All of it.
    Whole,
    /// All but what these words need.
    Without {
        /// Words that are a fault for now.
        words: &'static [&'static str],
        /// The part that they need.
        part: &'static str,
        /// What to write for now.
        instead: &'static str,
    },
    /// Nothing: any value but the default is a fault.
    Missing {
        /// The part that it needs.
        part: &'static str,
    },
}

impl KeySpec {
    /// A key of a part that is built; the calls below say what differs.
    const fn new(key: &'static str, kind: Kind, default: Preset, why: &'static str) -> Self {
        Self { key, kind, default, example: None, why, built: Built::Whole }
    }

    const fn example(mut self, toml: &'static str) -> Self {
        self.example = Some(toml);
        self
    }

    const fn built(mut self, built: Built) -> Self {
        self.built = built;
        self
    }

    /// The table it stands in; empty for a key above all tables.
    pub fn table(&self) -> &'static str {
        self.key.rsplit_once('.').map_or("", |(table, _)| table)
    }

    /// Its name inside its table.
    pub fn name(&self) -> &'static str {
        self.key.rsplit_once('.').map_or(self.key, |(_, name)| name)
    }
}

/// How often a table may stand in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Once: `[limits]`.
    Once,
    /// Once for each of several: `[[platform]]`.
    Listed,
    /// The same, and none will do.
    Any,
}

/// One table of the file.
#[derive(Debug, Clone, Copy)]
pub struct TableSpec {
    /// Its name.
    pub name: &'static str,
    /// How often it may stand there.
    pub shape: Shape,
    /// One sentence for the operator.
    pub why: &'static str,
}

/// Every table, in the order of the default file; the first holds the keys above all tables.
pub const TABLES: [TableSpec; 15] = [
    once("", "What belongs to the whole shield."),
    once("control", "Dashboard, API and metrics."),
    listed("listener", "A socket that clients reach; write one table for each."),
    listed("platform", "A protected service; write one table for each."),
    once("trusted", "Proxies in front of the shield whose word about the client is believed."),
    once("allow", "Who is never limited, challenged, refused or dropped."),
    once("limits", "Budgets of one source: an IPv4 address or an IPv6 /64."),
    once("timeouts", "How long a client or an origin may take before its connection is closed."),
    once("log", "What is recorded in `state_dir`."),
    once("packet", "Dropping in the kernel, before a connection costs anything."),
    once("geo", "Tables that place addresses, as facts about the tables."),
    once("report", "Who reports."),
    TableSpec {
        name: "lane",
        shape: Shape::Any,
        why: "Identity lanes: people and programs that are known by something they hold, each lane with \
              its own turn and rate; write one table for each, or none.",
    },
    once("alert", "Who is told of an incident."),
    once("fleet", "Nodes that share what they know."),
];

const fn once(name: &'static str, why: &'static str) -> TableSpec {
    TableSpec { name, shape: Shape::Once, why }
}

const fn listed(name: &'static str, why: &'static str) -> TableSpec {
    TableSpec { name, shape: Shape::Listed, why }
}

/// Every key, in the order of the default file.
pub fn all() -> impl Iterator<Item = &'static KeySpec> + Clone {
    let tables = [
        shield::KEYS,
        traffic::KEYS,
        cache::KEYS,
        origin::KEYS,
        health::KEYS,
        lock::KEYS,
        address::KEYS,
        budgets::KEYS,
        lane::KEYS,
        later::KEYS,
    ];
    tables.into_iter().flatten()
}

/// The keys of one table.
pub fn of_table(table: &str) -> impl Iterator<Item = &'static KeySpec> {
    all().filter(move |spec| spec.table() == table)
}

pub(crate) fn find(table: &str, name: &str) -> Option<&'static KeySpec> {
    of_table(table).find(|spec| spec.name() == name || spec.name() == "*")
}

pub(crate) fn find_table(name: &str) -> Option<&'static TableSpec> {
    TABLES.iter().find(|table| table.name == name && !name.is_empty())
}

#[cfg(test)]
mod tests;
