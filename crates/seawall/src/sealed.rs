//! Addresses of the sources of incidents on disk: files of their own, apart from the log.
//!
//! One file for each incident in `sealed` of the state folder, mode 0600; [`Vault`] writes it while
//! the shield runs and takes addresses out of it, in the shield's process or another.
//! What is over its time is removed at start and once an hour.
//! Bounds: [`FILES_MAX`] files, the oldest are removed before another is made; what one holds is
//! [`seawall_evidence::sealed`]'s.

use crate::state::{StateFault, random, write_whole};
use rustix::fs::{FlockOperation, flock};
use seawall_evidence::sealed::{SEALED_BYTES_MAX, Sealed, Sealing, Unreadable};
use seawall_evidence::sources::Counted;
use seawall_types::WallTime;
use seawall_types::evidence::{Fact, IncidentId};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// The folder in the state folder.
const FOLDER: &str = "sealed";
/// Behind the name of an incident.
const SUFFIX: &str = ".jsonl";
/// Behind the name of a file that is being written, see [`write_whole`].
const UNFINISHED: &str = ".new";
/// Files that are kept: with [`SEALED_BYTES_MAX`] each, at most 256 MiB.
pub(crate) const FILES_MAX: usize = 256;

/// Why addresses cannot be put aside, read or taken out.
#[derive(Debug, Error)]
pub(crate) enum VaultFault {
    #[error("cannot use the folder of addresses {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot read or write the addresses in {}", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("{} is not as it was written", path.display())]
    Unreadable { path: PathBuf, source: Unreadable },
    #[error("the system gives no random bytes")]
    Chance(#[source] StateFault),
}

/// What became of an erasure.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Erased {
    /// Files that were looked through.
    pub(crate) files: usize,
    /// Rows whose address was taken out.
    pub(crate) rows: usize,
}

/// The files.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    folder: PathBuf,
}

/// Held while a file is read, changed and written: a shield and a command may want to at once.
struct Guard {
    _file: File,
}

impl Vault {
    /// Of a state folder.
    pub(crate) fn of(state: &Path) -> Self {
        Self { folder: state.join(FOLDER) }
    }

    /// Puts aside what was counted; gives what the log is to tell, none where nobody is listed.
    ///
    /// # Errors
    /// The disk does not take it.
    pub(crate) fn put(
        &self,
        counted: &Counted,
        reached: Option<SocketAddr>,
    ) -> Result<Option<Fact>, VaultFault> {
        let guard = self.lock()?;
        let path = self.path(counted.incident());
        let before = Self::read_from(&path)?;
        let chance = random().map_err(VaultFault::Chance)?;
        let sealing = Sealing { chance, reached, before: before.as_ref() };
        let Some(sealed) = Sealed::of(counted, &sealing) else { return Ok(None) };
        if before.is_none() {
            self.make_room(&guard)?;
        }
        write(&path, &sealed)?;
        Ok(Some(sealed.fact()))
    }

    /// The addresses of an incident; none where nothing was put aside, or its time is over.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn read(&self, incident: &IncidentId) -> Result<Option<Sealed>, VaultFault> {
        Self::read_from(&self.path(incident))
    }

    /// Keeps the addresses of an incident until then; false where there are none.
    ///
    /// # Errors
    /// The disk does not take it.
    pub(crate) fn keep(
        &self,
        incident: &IncidentId,
        (until, because): (WallTime, &str),
    ) -> Result<bool, VaultFault> {
        let _guard = self.lock()?;
        let path = self.path(incident);
        let Some(mut sealed) = Self::read_from(&path)? else { return Ok(false) };
        sealed.keep_until(until, because);
        write(&path, &sealed)?;
        Ok(true)
    }

    /// Takes an address out of every file.
    ///
    /// # Errors
    /// One of them cannot be read or written; those before it are done.
    pub(crate) fn erase(&self, address: IpAddr) -> Result<Erased, VaultFault> {
        let _guard = self.lock()?;
        let mut erased = Erased::default();
        for path in self.files()? {
            let Some(mut sealed) = Self::read_from(&path)? else { continue };
            erased.files += 1;
            let rows = sealed.erase(address);
            if rows > 0 {
                write(&path, &sealed)?;
                erased.rows += rows;
            }
        }
        Ok(erased)
    }

    /// Removes what is over its time; gives how many files that were.
    ///
    /// # Errors
    /// One of them cannot be read or removed.
    pub(crate) fn sweep(&self, now: WallTime) -> Result<usize, VaultFault> {
        if !self.folder.exists() {
            return Ok(0);
        }
        let _guard = self.lock()?;
        let mut removed = 0;
        for path in self.files()? {
            let is_over = Self::read_from(&path)?.is_some_and(|sealed| sealed.kept_until() <= now);
            if is_over {
                remove(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Removes those that end first until another finds room.
    fn make_room(&self, _: &Guard) -> Result<(), VaultFault> {
        let files = self.files()?;
        let Some(over) = (files.len() + 1).checked_sub(FILES_MAX).filter(|over| *over > 0) else {
            return Ok(());
        };
        let mut ends = Vec::new();
        for path in files {
            let ends_at = Self::read_from(&path)?.map_or(WallTime(0), |one| one.kept_until());
            ends.push((ends_at, path));
        }
        ends.sort();
        for (_, path) in ends.into_iter().take(over) {
            tracing::warn!(
                file = %path.display(),
                "addresses of an incident are removed before their time: {FILES_MAX} files are kept"
            );
            remove(&path)?;
        }
        Ok(())
    }

    fn path(&self, incident: &IncidentId) -> PathBuf {
        self.folder.join(format!("{incident}{SUFFIX}"))
    }

    /// Every file; whoever asks holds the guard.
    fn files(&self) -> Result<Vec<PathBuf>, VaultFault> {
        let fault = |source| VaultFault::Folder { path: self.folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(fault)? {
            let path = entry.map_err(fault)?.path();
            match path.to_str() {
                Some(name) if name.ends_with(SUFFIX) => files.push(path),
                // What a process that was killed had not finished holds addresses as well.
                Some(name) if name.ends_with(UNFINISHED) => remove(&path)?,
                _ => {}
            }
        }
        files.sort();
        Ok(files)
    }

    fn read_from(path: &Path) -> Result<Option<Sealed>, VaultFault> {
        let fault = |source| VaultFault::File { path: path.to_owned(), source };
        match fs::metadata(path) {
            Ok(about) if about.len() <= SEALED_BYTES_MAX => {}
            Ok(about) => {
                let what =
                    format!("has {} bytes; at most {SEALED_BYTES_MAX} are read", about.len());
                return Err(fault(io::Error::new(io::ErrorKind::FileTooLarge, what)));
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(fault(cause)),
        }
        let bytes = fs::read(path).map_err(fault)?;
        let unreadable = |source| VaultFault::Unreadable { path: path.to_owned(), source };
        Sealed::read(&bytes).map(Some).map_err(unreadable)
    }

    fn lock(&self) -> Result<Guard, VaultFault> {
        let fault = |source| VaultFault::Folder { path: self.folder.clone(), source };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(&self.folder);
        made.map_err(fault)?;
        let mut options = OpenOptions::new();
        let options = options.create(true).write(true).truncate(false).mode(0o600);
        let file = options.open(self.folder.join("lock")).map_err(fault)?;
        flock(&file, FlockOperation::LockExclusive).map_err(|cause| fault(cause.into()))?;
        Ok(Guard { _file: file })
    }
}

fn write(path: &Path, sealed: &Sealed) -> Result<(), VaultFault> {
    let fault = |source| VaultFault::File { path: path.to_owned(), source };
    write_whole(path, &sealed.bytes()).map_err(fault)
}

fn remove(path: &Path) -> Result<(), VaultFault> {
    fs::remove_file(path).map_err(|source| VaultFault::File { path: path.to_owned(), source })
}
