//! The folder of files of addresses: locked, listed, read and written.
//!
//! Files and folder belong to whom the state folder belongs to, whoever makes them.
//! What was written or removed is so after a power cut as well.
//! Bounds: [`SEALED_BYTES_MAX`] bytes of a file are read.

use super::VaultFault;
use crate::state::{give_to_owner, sync_folder_of, write_whole};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use seawall_evidence::sealed::{KEPT_MS, SEALED_BYTES_MAX, Sealed};
use seawall_types::WallTime;
use seawall_types::evidence::IncidentId;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// The folder in the state folder.
const FOLDER: &str = "sealed";
/// Behind the name of an incident.
const SUFFIX: &str = ".jsonl";
/// Behind the name of a file that is being written, see [`write_whole`].
const UNFINISHED: &str = ".new";

/// The folder.
#[derive(Debug, Clone)]
pub(super) struct Folder {
    path: PathBuf,
}

/// Held while a file is read, changed and written: a shield and a command may want to at once.
pub(super) struct Guard {
    _file: File,
}

impl Folder {
    pub(super) fn of(state: &Path) -> Self {
        Self { path: state.join(FOLDER) }
    }

    pub(super) fn exists(&self) -> bool {
        self.path.exists()
    }

    pub(super) fn file(&self, incident: &IncidentId) -> PathBuf {
        self.path.join(format!("{incident}{SUFFIX}"))
    }

    /// Waits until nobody else holds it: for commands, and held for one file at a time.
    pub(super) fn lock(&self) -> Result<Guard, VaultFault> {
        let file = self.lock_file()?;
        flock(&file, FlockOperation::LockExclusive).map_err(|cause| self.fault(cause.into()))?;
        Ok(Guard { _file: file })
    }

    /// None while somebody else holds it: for the shield, which waits for no command.
    pub(super) fn try_lock(&self) -> Result<Option<Guard>, VaultFault> {
        let file = self.lock_file()?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Guard { _file: file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(cause) => Err(self.fault(cause.into())),
        }
    }

    /// Every file.
    pub(super) fn files(&self, _: &Guard) -> Result<Vec<PathBuf>, VaultFault> {
        let fault = |source| self.fault(source);
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(fault)? {
            let entry = entry.map_err(fault)?;
            match entry.file_name().to_str() {
                Some(name) if name.ends_with(SUFFIX) => files.push(entry.path()),
                // What a process that was killed had not finished holds addresses as well.
                Some(name) if name.ends_with(UNFINISHED) => remove(&entry.path())?,
                _ => {}
            }
        }
        files.sort();
        Ok(files)
    }

    fn lock_file(&self) -> Result<File, VaultFault> {
        let fault = |source| self.fault(source);
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.path);
        made.map_err(fault)?;
        let folder = File::open(&self.path).map_err(fault)?;
        give_to_owner(&folder, &self.path).map_err(fault)?;
        let path = self.path.join("lock");
        let mut options = OpenOptions::new();
        let options = options.create(true).write(true).truncate(false).mode(0o600);
        let file = options.open(&path).map_err(fault)?;
        give_to_owner(&file, &path).map_err(fault)?;
        Ok(file)
    }

    fn fault(&self, source: io::Error) -> VaultFault {
        VaultFault::Folder { path: self.path.clone(), source }
    }
}

/// What a file holds; none where there is none.
pub(super) fn read(path: &Path) -> Result<Option<Sealed>, VaultFault> {
    let fault = |source| VaultFault::File { path: path.to_owned(), source };
    match fs::metadata(path) {
        Ok(about) if about.len() <= SEALED_BYTES_MAX => {}
        Ok(about) => {
            let what = format!("has {} bytes; at most {SEALED_BYTES_MAX} are read", about.len());
            return Err(fault(io::Error::new(io::ErrorKind::FileTooLarge, what)));
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(fault(cause)),
    }
    let bytes = fs::read(path).map_err(fault)?;
    let unreadable = |source| VaultFault::Unreadable { path: path.to_owned(), source };
    Sealed::read(&bytes).map(Some).map_err(unreadable)
}

/// The end of a file's time: where it cannot be read, as long after it was written as files are kept.
pub(super) fn kept_until(path: &Path) -> Result<WallTime, VaultFault> {
    if let Ok(sealed) = read(path) {
        return Ok(sealed.map_or(WallTime(0), |sealed| sealed.kept_until()));
    }
    let fault = |source| VaultFault::File { path: path.to_owned(), source };
    let written = fs::metadata(path).and_then(|about| about.modified()).map_err(fault)?;
    let since = written.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let written_ms = u64::try_from(since).unwrap_or(u64::MAX);
    Ok(WallTime(written_ms.saturating_add(KEPT_MS)))
}

pub(super) fn write(path: &Path, sealed: &Sealed) -> Result<(), VaultFault> {
    let fault = |source| VaultFault::File { path: path.to_owned(), source };
    write_whole(path, &sealed.bytes()).map_err(fault)
}

pub(super) fn remove(path: &Path) -> Result<(), VaultFault> {
    let fault = |source| VaultFault::File { path: path.to_owned(), source };
    fs::remove_file(path).and_then(|()| sync_folder_of(path)).map_err(fault)
}

/// Of which incident a file is, by its name.
pub(super) fn incident(path: &Path) -> Option<IncidentId> {
    path.file_name()?.to_str()?.strip_suffix(SUFFIX)?.parse().ok()
}
