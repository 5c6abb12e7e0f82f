//! Text to typed values, all faults at once.
//!
//! Takes the text of a configuration file and its path, which names it in faults and whose folder
//! relative paths start from; gives a [`Config`] in which every value is inside its bounds, or
//! every [`Fault`] together.
//! Never opens a file, resolves a name or starts anything.
//! Bounds: every list has a named maximum; what a fault quotes of the file is cut.

mod build;
mod certificates;
mod check;
mod cross;
mod default_file;
mod explain;
mod faults;
mod hosts;
pub mod keys;
mod lanes;
mod lines;
mod lock;
mod missing;
mod model;
mod notes;
mod origins;
mod sections;
mod syntax;
mod unbuilt;
mod units;
mod value;
mod walk;

pub use certificates::{FileFault, Files, NamedBy};
pub use default_file::default_file;
pub use explain::{Meant, UnknownKey, explain};
pub use faults::{Fault, Faults};
pub use hosts::{HostPattern, NotAHost};
pub use lock::FileKind;
pub use model::{
    Cache, Capacity, Certificate, Challenge, ChallengeWhen, Config, Control, CrawlerLane, Geo,
    Health, Hsts, HstsReach, KeyLane, Ladder, Lane, Limits, Listener, Log, LogRequests, OnExceed,
    OriginProof, OriginSecret, OriginTls, OwnAnswers, PacketLayer, PacketMode, PageFile, Platform,
    Reporter, SourceRate, Timeouts, Tlp, Trusted, TrustedHeader, Watched, WebhookForm, WebhookLane,
};
pub use origins::{NotAnOrigin, OriginUrl, Protocol};

use lines::Lines;
use std::path::Path;

/// The configuration that `text` says.
///
/// `file` names the text in faults; relative paths in it start from the folder of `file`.
///
/// # Errors
/// Every fault of the text, sorted by line.
/// Where the text is not TOML, faults that need the whole file (what is missing, what is there
/// twice) wait until it is.
pub fn parse(text: &str, file: &Path) -> Result<Config, Faults> {
    parse_with(text, file, |_| Vec::new(), |_, _| None)
}

/// The configuration that `text` says, with `inspect` looking into the files that TLS needs and
/// `look` into every other file, so that what they find is told together with the faults of the text.
///
/// What `look` finds is the second half of a sentence: `the file is missing`.
///
/// # Errors
/// As [`parse`], and what `inspect` and `look` find.
pub fn parse_with(
    text: &str,
    file: &Path,
    inspect: impl FnMut(Files<'_>) -> Vec<FileFault>,
    mut look: impl FnMut(FileKind, &Path) -> Option<String>,
) -> Result<Config, Faults> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let lines = Lines::new(text);
    let document = syntax::read(text, &lines);
    let (sections, mut faults) = walk::walk(document.root.get_ref(), &lines);
    if document.faults.is_empty() {
        faults.extend(missing::missing(&sections, &faults));
        faults.extend(cross::cross(&sections));
        faults.extend(certificates::inspect_all(&sections, folder, inspect));
        faults.extend(lock::look_at_all(&sections, folder, &mut look));
        faults.extend(lanes::look_at_all(&sections, folder, &mut look));
    } else {
        faults.retain(|fault| document.believable(fault));
        faults.extend(document.faults);
    }
    if faults.is_empty() {
        Ok(build::build(&sections, folder))
    } else {
        Err(Faults::new(file, faults))
    }
}

#[cfg(test)]
mod tests;
