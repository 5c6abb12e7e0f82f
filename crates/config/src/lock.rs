//! From the section of a platform to what it says in its own name, and the files that are part of it.

use crate::faults::Fault;
use crate::model::{Hsts, HstsReach, OriginSecret, OwnAnswers, PageFile};
use crate::sections::{Section, Sections};
use std::path::Path;

/// What a file that is no certificate holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// The secret that requests to an origin carry; it may be missing.
    OriginSecret,
    /// A page for people.
    Page,
    /// Hashes of the keys that open a lane.
    LaneKeys,
    /// The secret by which webhooks are signed.
    WebhookSecret,
    /// Networks that the operator of a crawler publishes.
    CrawlerRanges,
    /// Keys of signed bots.
    BotKeys,
    /// Authorities that sign client certificates.
    ClientAuthorities,
}

/// Every key that names such a file.
const FILES: [(&str, FileKind); 3] = [
    ("origin_secret_file", FileKind::OriginSecret),
    ("error_page", FileKind::Page),
    ("maintenance", FileKind::Page),
];

/// The secret of a platform's origins; relative paths start from `folder`.
pub(crate) fn origin_secret(platform: &Section, folder: &Path) -> Option<OriginSecret> {
    let file: String = platform.find("origin_secret_file")?;
    Some(OriginSecret {
        header: platform.read::<String>("origin_secret_header").to_ascii_lowercase(),
        file: folder.join(file),
        line: platform.line_of("origin_secret_file"),
    })
}

/// What a platform's visitors are told in its name; relative paths start from `folder`.
pub(crate) fn own_answers(platform: &Section, folder: &Path) -> OwnAnswers {
    let page = |name| {
        let path: String = platform.find(name)?;
        Some(PageFile { path: folder.join(path), line: platform.line_of(name) })
    };
    let reach =
        if platform.read("hsts_subdomains") { HstsReach::Subdomains } else { HstsReach::Host };
    OwnAnswers {
        hsts: platform.find("hsts").map(|max_age| Hsts { max_age, reach }),
        error_page: page("error_page"),
        maintenance: page("maintenance"),
    }
}

/// What `look` finds wrong with the files of all platforms that are no certificates.
pub(crate) fn look_at_all(
    sections: &Sections,
    folder: &Path,
    look: &mut impl FnMut(FileKind, &Path) -> Option<String>,
) -> Vec<Fault> {
    let mut faults = Vec::new();
    for platform in sections.all("platform") {
        for (name, kind) in FILES {
            let Some(path) = platform.find::<String>(name) else { continue };
            faults.extend(look(kind, &folder.join(&path)).map(|problem| Fault {
                line: platform.line_of(name),
                key: format!("platform.{name}"),
                problem: format!("platform.{name} is {path:?}; {problem}"),
            }));
        }
    }
    faults
}
