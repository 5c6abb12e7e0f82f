//! A state folder of the demo's own, in the system's folder for what is temporary.
//!
//! Removed again when the demo does not get as far as its show; kept after that.

use crate::failure::Failure;
use crate::state::random;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// A folder that nobody else had a hand in.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    fate: Fate,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Removed,
    Kept,
}

impl Folder {
    /// Makes one, closed to others.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn fresh() -> Result<Self, Failure> {
        let name: [u8; 4] = random().map_err(|fault| Failure::caused_by(&fault))?;
        let name = u32::from_le_bytes(name);
        let path = std::env::temp_dir().join(format!("seawall-demo-{name:08x}"));
        // One that is there already is not taken: whoever made it could have put anything into it.
        let made = DirBuilder::new().mode(0o700).create(&path);
        made.map_err(|cause| {
            let place = path.display();
            Failure::failed(format!(
                "cannot make the folder {place}: {cause}; say with TMPDIR where it may be"
            ))
        })?;
        Ok(Self { path, fate: Fate::Removed })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that only its owner may read.
    ///
    /// # Errors
    /// The system does not let us.
    pub(super) fn write(&self, name: &str, content: &str) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let file = options.create_new(true).write(true).mode(0o600);
        file.open(self.path.join(name))?.write_all(content.as_bytes())
    }

    /// From now on the folder stays.
    pub(super) fn keep(&mut self) {
        self.fate = Fate::Kept;
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.fate == Fate::Removed {
            // What cannot be removed is small, and in a folder that the system clears.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    #[test]
    fn a_folder_is_closed_to_others_and_goes_unless_it_is_kept() {
        let mut kept = Folder::fresh().unwrap();
        let removed = Folder::fresh().unwrap();
        removed.write("a.key", "secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!(mode(removed.path()), 0o700);
        assert_eq!(mode(&removed.path().join("a.key")), 0o600);
        kept.keep();
        let paths = [&kept, &removed].map(|folder| folder.path().to_owned());
        drop((kept, removed));
        assert_eq!([true, false], paths.clone().map(|path| path.exists()));
        fs::remove_dir(&paths[0]).unwrap();
    }
}
