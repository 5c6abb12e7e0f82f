//! A folder of the system.
//!
//! Files are made for their owner alone.
//! Bounds: one file is kept open; a file longer than [`SEGMENT_MAX`] is not read.

use super::{Folder, Item, Store};
use crate::segment::SEGMENT_MAX;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// Locked by the one process that writes; released when it ends, however it ends.
const LOCK: &str = "lock";

/// A folder of the system.
#[derive(Debug)]
pub struct DirectoryStore {
    path: PathBuf,
    open: Option<(String, File)>,
    /// Locked while we may write.
    claim: Option<File>,
    /// Whether a file came or went since the folder itself was synced.
    is_changed: bool,
}

impl DirectoryStore {
    /// The folder at `path`; nothing is touched yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), open: None, claim: None, is_changed: false }
    }

    /// Where.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn file(&mut self, name: &str) -> io::Result<&mut File> {
        if self.open.as_ref().is_none_or(|(open, _)| open != name) {
            let path = self.path.join(name);
            let file = OpenOptions::new().create(true).append(true).mode(0o600).open(path)?;
            self.is_changed = true;
            self.open = Some((name.to_owned(), file));
        }
        let (_, file) = self.open.as_mut().expect("invariant: opened just above");
        Ok(file)
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        self.is_changed = false;
        Ok(())
    }
}

impl Folder for DirectoryStore {
    fn list(&mut self) -> io::Result<Vec<Item>> {
        let entries = match fs::read_dir(&self.path) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            other => other?,
        };
        let mut items = Vec::new();
        for entry in entries {
            let entry = entry?;
            let data = entry.metadata()?;
            if let (true, Ok(name)) = (data.is_file(), entry.file_name().into_string()) {
                items.push(Item { name, length: data.len() });
            }
        }
        Ok(items)
    }

    fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        let file = File::open(self.path.join(name))?;
        let length = file.metadata()?.len();
        if length > SEGMENT_MAX {
            let what = format!("{length} bytes; at most {SEGMENT_MAX} are read");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0));
        file.take(SEGMENT_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Store for DirectoryStore {
    fn claim(&mut self) -> io::Result<()> {
        if self.claim.is_some() {
            return Ok(());
        }
        DirBuilder::new().recursive(true).mode(0o700).create(&self.path)?;
        let path = self.path.join(LOCK);
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => self.claim = Some(file),
            Err(TryLockError::WouldBlock) => return Err(io::ErrorKind::WouldBlock.into()),
            Err(TryLockError::Error(cause)) => return Err(cause),
        }
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.file(name)?.write_all(bytes)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.file(name)?.sync_data()?;
        if self.is_changed {
            self.sync_folder()?;
        }
        Ok(())
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.open = None;
        let file = OpenOptions::new().write(true).open(self.path.join(name))?;
        file.set_len(length)?;
        file.sync_all()
    }

    fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let unfinished = self.path.join(format!("{name}.new"));
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(true).mode(0o600).open(&unfinished);
        let mut file = file?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&unfinished, self.path.join(name))?;
        self.sync_folder()
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        if self.open.as_ref().is_some_and(|(open, _)| open == name) {
            self.open = None;
        }
        match fs::remove_file(self.path.join(name)) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(cause) => Err(cause),
            Ok(()) => self.sync_folder(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_claimed_by_one_at_a_time() {
        let name = format!("seawall-claim-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let (mut one, mut other) = (DirectoryStore::new(&path), DirectoryStore::new(&path));
        one.claim().unwrap();
        one.claim().unwrap();
        assert_eq!(other.claim().unwrap_err().kind(), io::ErrorKind::WouldBlock);
        drop(one);
        other.claim().unwrap();
        fs::remove_dir_all(path).unwrap();
    }
}
