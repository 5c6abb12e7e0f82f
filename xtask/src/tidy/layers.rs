//! A crate imports only lower layers, never a sibling edge, and pure crates nothing that acts.

use super::tree::{TextFile, Tree};
use super::{Finding, Weight};
use toml::Spanned;
use toml::de::{DeString, DeTable};

/// Every crate that there may be, with its layer; a crate arrives with its first real code.
const LAYERS: [(&str, Layer); 14] = [
    ("seawall-types", Layer::Words),
    ("seawall-wire", Layer::Pure),
    ("seawall-engine", Layer::Pure),
    ("seawall-evidence", Layer::Forms),
    ("seawall-report", Layer::Forms),
    ("seawall-config", Layer::Forms),
    ("seawall-sim", Layer::Forms),
    ("seawall-packet", Layer::Edge),
    ("seawall-proxy", Layer::Edge),
    ("seawall-control", Layer::Edge),
    ("seawall-fleet", Layer::Edge),
    ("seawall-stage", Layer::Edge),
    ("seawall", Layer::Wiring),
    ("xtask", Layer::Tool),
];

/// What a pure crate could act with.
const ACTING: [&str; 11] = [
    "getrandom",
    "hyper",
    "mio",
    "rand",
    "rustix",
    "rustls",
    "socket2",
    "tokio",
    "tokio-rustls",
    "tracing",
    "tracing-subscriber",
];

/// What turns records and texts into other forms without waiting for anything.
const WAITING: [&str; 4] = ["hyper", "mio", "tokio", "tokio-rustls"];

/// A layer of the house, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    Words,
    Pure,
    Forms,
    Edge,
    Wiring,
    Tool,
}

impl Layer {
    fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Pure => "pure",
            Self::Forms => "forms",
            Self::Edge => "edge",
            Self::Wiring => "wiring",
            Self::Tool => "tool",
        }
    }

    /// Crates from outside that do not belong in this layer.
    fn barred(self) -> &'static [&'static str] {
        match self {
            Self::Words | Self::Pure => &ACTING,
            Self::Forms => &WAITING,
            Self::Edge | Self::Wiring | Self::Tool => &[],
        }
    }
}

/// The layer of the crate of that name.
fn layer(name: &str) -> Option<Layer> {
    LAYERS.iter().find(|(known, _)| *known == name).map(|(_, layer)| *layer)
}

/// The folders under `crates/` that must replay: words and pure crates.
pub(super) fn must_replay(folder: &str) -> bool {
    layer(&format!("seawall-{folder}")).is_some_and(|layer| layer <= Layer::Pure)
}

/// Adds what the manifests of `tree` do against the layers.
pub(super) fn look(tree: &Tree, findings: &mut Vec<Finding>) {
    let manifests = tree.files().filter(|file| is_manifest(&file.path));
    for file in manifests {
        match Manifest::parse(file) {
            Ok(manifest) => manifest.look(findings),
            Err(finding) => findings.push(finding),
        }
    }
}

fn is_manifest(path: &str) -> bool {
    let parts: Vec<_> = path.split('/').collect();
    matches!(parts[..], ["crates", _, "Cargo.toml"] | ["xtask", "Cargo.toml"])
}

/// What a crate's manifest says about who it is and what it imports.
struct Manifest<'a> {
    file: &'a TextFile,
    name: String,
    /// Names, each with its line.
    imports: Vec<(String, usize)>,
}

impl<'a> Manifest<'a> {
    fn parse(file: &'a TextFile) -> Result<Self, Finding> {
        let fault = |line, what: String| Finding {
            path: file.path.clone(),
            line,
            weight: Weight::Fault,
            what,
            remedy: "write it as cargo reads it".to_owned(),
        };
        let document = DeTable::parse(&file.text).map_err(|error| {
            let line = line_of(&file.text, error.span().map_or(0, |span| span.start));
            fault(line, format!("not TOML: {}", error.message()))
        })?;
        let document = document.get_ref();
        let name = table(document, "package")
            .and_then(|package| package.get("name"))
            .and_then(|name| name.get_ref().as_str())
            .ok_or_else(|| fault(1, "a manifest without package.name".to_owned()))?
            .to_owned();
        let imports = dependency_names(document)
            .map(|name| {
                let line = line_of(&file.text, name.span().start);
                (name.get_ref().to_string(), line)
            })
            .collect();
        Ok(Self { file, name, imports })
    }

    fn look(&self, findings: &mut Vec<Finding>) {
        let Some(own) = layer(&self.name) else {
            return findings.push(self.fault(
                1,
                format!("the crate {} is in no layer", self.name),
                "add it to LAYERS in xtask/src/tidy/layers.rs and to docs/architecture.md",
            ));
        };
        for (import, line) in &self.imports {
            if own.barred().contains(&import.as_str()) {
                findings.push(self.fault(
                    *line,
                    format!("a crate of layer {} imports {import}", own.word()),
                    "hand it what it needs as an argument, or do this in an edge crate",
                ));
            }
            if let Some(imported) = layer(import).filter(|imported| *imported >= own) {
                findings.push(self.fault(
                    *line,
                    format!(
                        "{} (layer {}) imports {import} (layer {})",
                        self.name,
                        own.word(),
                        imported.word()
                    ),
                    "import lower layers only; what two crates share moves below both, what joins \
                     them moves above both",
                ));
            }
        }
    }

    fn fault(&self, line: usize, what: String, remedy: &str) -> Finding {
        Finding {
            path: self.file.path.clone(),
            line,
            weight: Weight::Fault,
            what,
            remedy: remedy.to_owned(),
        }
    }
}

const KINDS: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];

/// The names of every kind of dependency, those of single targets included.
fn dependency_names<'a, 'i>(
    document: &'a DeTable<'i>,
) -> impl Iterator<Item = &'a Spanned<DeString<'i>>> {
    let targets = table(document, "target")
        .into_iter()
        .flat_map(|targets| targets.iter())
        .filter_map(|(_, target)| target.get_ref().as_table());
    std::iter::once(document)
        .chain(targets)
        .flat_map(|holder| KINDS.into_iter().filter_map(|kind| table(holder, kind)))
        .flat_map(|dependencies| dependencies.iter().map(|(name, _)| name))
}

fn table<'a, 'i>(holder: &'a DeTable<'i>, key: &str) -> Option<&'a DeTable<'i>> {
    holder.get(key)?.get_ref().as_table()
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|b| *b == b'\n').count() + 1
}
