//! Configuration files, read and checked.

use crate::failure::Failure;
use seawall_config::{Config, Fault, Faults};
use std::fs;
use std::path::Path;
use std::time::SystemTime;

/// The largest configuration that is read: 256 platforms need a tenth of it.
const FILE_MAX: u64 = 4 * 1024 * 1024;

/// Reads a configuration and everything that it names.
///
/// # Errors
/// Every fault, each a sentence with place, value and remedy.
pub(crate) fn read(path: &Path) -> Result<Config, Failure> {
    let text = read_text(path)?;
    parse(&text, path).map_err(|faults| Failure::wrong(sentences(&faults)))
}

/// The same, and the digest of the file's text where it could be read.
pub(crate) fn read_with_digest(path: &Path) -> (Option<String>, Result<Config, Failure>) {
    match read_text(path) {
        Ok(text) => {
            let config = parse(&text, path).map_err(|faults| Failure::wrong(sentences(&faults)));
            (Some(seawall_evidence::digest(text.as_bytes())), config)
        }
        Err(failure) => (None, Err(failure)),
    }
}

/// The text of a configuration file.
///
/// # Errors
/// It cannot be read.
pub(crate) fn read_text(path: &Path) -> Result<String, Failure> {
    let place = path.display();
    let unreadable = |what: &str| Failure::wrong(vec![format!("{place}: {what}")]);
    let length = fs::metadata(path).map(|file| file.len());
    let length = length.map_err(|cause| unreadable(&format!("cannot be read: {cause}")))?;
    if length > FILE_MAX {
        return Err(unreadable(&format!("has {length} bytes; at most {FILE_MAX} are read")));
    }
    let bytes = fs::read(path).map_err(|cause| unreadable(&format!("cannot be read: {cause}")))?;
    String::from_utf8(bytes).map_err(|cause| {
        let good = cause.utf8_error().valid_up_to();
        let line = cause.as_bytes()[..good].split(|&byte| byte == b'\n').count();
        Failure::wrong(vec![format!("{place}:{line}: not UTF-8; save the file as UTF-8")])
    })
}

/// A configuration with the files that it names opened; what they give reason to say is among its
/// notes.
pub(crate) fn parse(text: &str, path: &Path) -> Result<Config, Faults> {
    let (inspect, look) = (seawall_proxy::inspect, seawall_proxy::inspect_file);
    let mut config = seawall_config::parse_with(text, path, inspect, look)?;
    let notes = crate::notes::of_files(&config, SystemTime::now());
    config.notes.extend(notes);
    Ok(config)
}

/// Each fault with its place.
pub(crate) fn sentences(faults: &Faults) -> Vec<String> {
    let place = faults.file().display();
    let sentence = |fault: &Fault| format!("{place}:{}: {fault}", fault.line);
    faults.list().iter().map(sentence).collect()
}
