//! Files of lanes, read whole: hashes of keys, secrets of senders, networks of crawlers.
//!
//! What is wrong with one is the second half of a sentence.
//! Bounds: [`FILE_MAX`] bytes.

use super::bots::Bots;
use super::certificate::Authorities;
use crate::secret::SecretWord;
use seawall_config::FileKind;
use seawall_engine::lane::listed::{self, KeyHash};
use seawall_types::SourceNetwork;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// The largest list that is published today has half a megabyte.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// What is wrong with a file of a lane; nothing for files of other kinds.
pub(crate) fn inspect(kind: FileKind, path: &Path) -> Option<String> {
    match kind {
        FileKind::LaneKeys => keys(path).err(),
        FileKind::WebhookSecret => secret(path).err(),
        FileKind::CrawlerRanges => ranges(path).err(),
        FileKind::BotKeys => Bots::load(path).err(),
        FileKind::ClientAuthorities => Authorities::load(path).err(),
        FileKind::OriginSecret | FileKind::Page => None,
    }
}

/// Hashes of the keys that open a lane.
pub(super) fn keys(path: &Path) -> Result<Vec<KeyHash>, String> {
    let form = "write the SHA-256 of each key there, 64 hexadecimal digits a line, as in \
                `printf %s KEY | sha256sum`";
    listed::keys(&text(path)?).map_err(|fault| format!("{fault}; {form}"))
}

/// The secret of a sender of webhooks.
pub(super) fn secret(path: &Path) -> Result<SecretWord, String> {
    SecretWord::read(path)
}

/// Networks that the operator of a crawler publishes.
pub(super) fn ranges(path: &Path) -> Result<Vec<SourceNetwork>, String> {
    let form = "put the list there that the operator publishes, or networks, one a line";
    listed::networks(&text(path)?).map_err(|fault| format!("{fault}; {form}"))
}

pub(super) fn text(path: &Path) -> Result<String, String> {
    let unreadable = |cause: io::Error| {
        format!("the file cannot be read ({cause}); let the shield's user read it")
    };
    // Opening a pipe would wait for its other end.
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("it is not a file".to_owned());
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(FILE_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() as u64 > FILE_MAX {
        return Err(format!("it has more than {FILE_MAX} bytes"));
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
}
