//! What a shield gives up before it reads a byte from the network.
//!
//! Ports are bound and the helper of the packet layer runs by then; nothing later needs a right.
//! Where files that the shield needs belong to another user, the right to reach them stays, and that is
//! said.
//! Done once, before there is a second thread.
//! Bounds: [`LOOKED_AT_MAX`] entries of a folder.

use rustix::thread::{
    CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs,
};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// Entries of a folder whose owner is looked at.
const LOOKED_AT_MAX: usize = 1_000;
/// Reading, writing and giving away files of others.
const FILES: CapabilitySet =
    CapabilitySet::DAC_OVERRIDE.union(CapabilitySet::DAC_READ_SEARCH).union(CapabilitySet::CHOWN);

/// Gives up every capability of this thread and of all that it starts, for good; `needed` are files and
/// folders that the shield reads and writes.
pub(crate) fn give_up<'a>(needed: impl Iterator<Item = &'a Path>) {
    let kept = if rustix::process::geteuid().is_root() {
        match needed.into_iter().find_map(foreign) {
            Some(path) => {
                tracing::warn!(
                    "root keeps the right to files of others, since {} belongs to another user: \
                     start the shield as that user instead",
                    path.display()
                );
                FILES
            }
            None => CapabilitySet::empty(),
        }
    } else {
        // Whoever gave such a right to another user than root meant its files to be read.
        capabilities(None).map_or(CapabilitySet::empty(), |had| had.permitted & FILES)
    };
    let sets =
        CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() };
    let done = set_capabilities(None, sets).and_then(|()| set_no_new_privs(true));
    if let Err(cause) = done {
        tracing::warn!(%cause, "the shield keeps the rights that it was started with");
    }
}

/// The file, a folder above it or a thing right below it, where that belongs to another user than root.
fn foreign(path: &Path) -> Option<PathBuf> {
    let is_foreign = |path: &Path| fs::metadata(path).is_ok_and(|about| about.uid() != 0);
    let above = path.ancestors().find(|one| is_foreign(one)).map(Path::to_owned);
    let below = || {
        let inside = fs::read_dir(path).ok()?.flatten().map(|entry| entry.path());
        inside.take(LOOKED_AT_MAX).find(|one| is_foreign(one))
    };
    above.or_else(below)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::chown;

    /// A folder of this test alone, with a file in a folder in it.
    fn made(name: &str) -> (PathBuf, PathBuf, PathBuf) {
        let root =
            std::env::temp_dir().join(format!("seawall-rights-{name}-{}", std::process::id()));
        let folder = root.join("state");
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("file");
        fs::write(&file, "").unwrap();
        (root, folder, file)
    }

    /// Another user than root, whoever runs this.
    const OTHER: u32 = 65_534;

    #[test]
    fn a_file_of_another_user_is_found_where_it_is_named_above_it_and_right_below() {
        if !rustix::process::geteuid().is_root() {
            eprintln!("skipped: only root may give files away");
            return;
        }
        let (root, folder, file) = made("foreign");
        for (given, named) in
            [(&file, &file), (&folder, &file), (&root, &file), (&file, &folder), (&folder, &folder)]
        {
            assert_eq!(foreign(named), None, "{}: all of it is root's", named.display());
            chown(given, Some(OTHER), None).unwrap();
            assert_eq!(foreign(named).as_ref(), Some(given), "{}", named.display());
            chown(given, Some(0), None).unwrap();
        }
        let missing = folder.join("missing");
        assert_eq!(foreign(&missing), None, "what is not there belongs to nobody");
        chown(&folder, Some(OTHER), None).unwrap();
        assert_eq!(
            foreign(&missing),
            Some(folder.clone()),
            "it would be made in a folder of another"
        );
        chown(&folder, Some(0), None).unwrap();
        chown(&file, Some(OTHER), None).unwrap();
        assert_eq!(foreign(&root), None, "two folders down is not looked at");
        fs::remove_dir_all(&root).unwrap();
    }
}
