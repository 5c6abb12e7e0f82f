//! Addresses of the sources of incidents on disk: files of their own, apart from the log.
//!
//! One file for each incident in `sealed` of the state folder, mode 0600; [`Vault`] writes it while
//! the shield runs and takes addresses out of it, in the shield's process or another.
//! What is over its time is removed at start and once an hour.
//! The shield never waits for a command here: where one is at work it comes again.
//! One file that cannot be read keeps no other from being erased or removed.
//! Bounds: [`FILES_MAX`] files, the oldest are removed before another is made; what one holds is
//! [`seawall_evidence::sealed`]'s.

mod folder;
#[cfg(test)]
mod tests;

use crate::places::Placing;
use crate::state::{StateFault, random};
use folder::{Folder, Guard, incident, kept_until, read, remove, write};
use seawall_evidence::sealed::{Proof, Sealed, Sealing, Unreadable};
use seawall_evidence::sources::Counted;
use seawall_types::WallTime;
use seawall_types::evidence::{Fact, IncidentId};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Files that are kept: with the most that one may hold, at most 256 MiB.
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

/// What the shield wanted, unless a command is at work there.
#[derive(Debug)]
pub(crate) enum Tried<T> {
    Done(T),
    /// Come again.
    Busy,
}

/// What became of an erasure or of a removal: of what could be done, and of what could not.
#[derive(Debug, Default)]
pub(crate) struct Swept {
    /// Files that were looked through, or removed.
    pub(crate) files: usize,
    /// Rows whose address was taken out.
    pub(crate) rows: usize,
    /// Files that could not be read or written; the others are done.
    pub(crate) faults: Vec<VaultFault>,
}

/// The files.
#[derive(Debug, Clone)]
pub(crate) struct Vault {
    folder: Folder,
}

impl Vault {
    /// Of a state folder.
    pub(crate) fn of(state: &Path) -> Self {
        Self { folder: Folder::of(state) }
    }

    /// Puts aside what was counted; gives what the log is to tell, none where nobody is listed.
    ///
    /// # Errors
    /// The disk does not take it.
    pub(crate) fn put(
        &self,
        counted: &Counted,
        placing: &Placing,
    ) -> Result<Tried<Option<Fact>>, VaultFault> {
        let Some(guard) = self.folder.try_lock()? else { return Ok(Tried::Busy) };
        let path = self.folder.file(counted.incident());
        let before = read(&path)?;
        let chance = random().map_err(VaultFault::Chance)?;
        let Placing { reached, spared, .. } = placing;
        let sealing = Sealing { chance, reached: *reached, spared, before: before.as_ref() };
        let Some(sealed) = Sealed::of(counted, &sealing) else { return Ok(Tried::Done(None)) };
        if before.is_none() {
            self.make_room(&guard)?;
        }
        write(&path, &sealed)?;
        Ok(Tried::Done(Some(sealed.fact())))
    }

    /// The addresses of an incident; none where nothing was put aside, or its time is over.
    ///
    /// # Errors
    /// They cannot be read.
    pub(crate) fn read(&self, incident: &IncidentId) -> Result<Option<Sealed>, VaultFault> {
        read(&self.folder.file(incident))
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
        let path = self.folder.file(incident);
        if !path.exists() {
            return Ok(false);
        }
        let _guard = self.folder.lock()?;
        let Some(mut sealed) = read(&path)? else { return Ok(false) };
        sealed.keep_until(until, because);
        write(&path, &sealed)?;
        Ok(true)
    }

    /// Takes an address out of every file, and its mark into every one that may still grow.
    ///
    /// # Errors
    /// The files cannot be listed.
    pub(crate) fn erase(
        &self,
        address: IpAddr,
        (mark, now): (Option<&str>, WallTime),
    ) -> Result<Swept, VaultFault> {
        let mut swept = Swept::default();
        if !self.folder.exists() {
            return Ok(swept);
        }
        let guard = self.folder.lock()?;
        let files = self.folder.files(&guard)?;
        drop(guard);
        for path in files {
            match self.erase_from(&path, address, (mark, now)) {
                Ok(None) => {}
                Ok(Some(rows)) => {
                    swept.files += 1;
                    swept.rows += rows;
                }
                Err(fault) => swept.faults.push(fault),
            }
        }
        Ok(swept)
    }

    /// The lock is held for one file: the shield comes in between.
    fn erase_from(
        &self,
        path: &Path,
        address: IpAddr,
        (mark, now): (Option<&str>, WallTime),
    ) -> Result<Option<usize>, VaultFault> {
        let _guard = self.folder.lock()?;
        let Some(mut sealed) = read(path)? else { return Ok(None) };
        let rows = sealed.erase(address);
        let is_new = mark.filter(|_| sealed.is_open(now)).is_some_and(|mark| sealed.forget(mark));
        if rows > 0 || is_new {
            write(path, &sealed)?;
        }
        Ok(Some(rows))
    }

    /// Removes what is over its time.
    ///
    /// # Errors
    /// The files cannot be listed.
    pub(crate) fn sweep(&self, now: WallTime) -> Result<Tried<Swept>, VaultFault> {
        let mut swept = Swept::default();
        if !self.folder.exists() {
            return Ok(Tried::Done(swept));
        }
        let Some(guard) = self.folder.try_lock()? else { return Ok(Tried::Busy) };
        for path in self.folder.files(&guard)? {
            let is_over = |until| until <= now;
            let removed = match kept_until(&path).map(is_over) {
                Ok(true) => remove(&path).map(|()| 1),
                Ok(false) => Ok(0),
                Err(fault) => Err(fault),
            };
            match removed {
                Ok(files) => swept.files += files,
                Err(fault) => swept.faults.push(fault),
            }
        }
        Ok(Tried::Done(swept))
    }

    /// Of which incidents there are files.
    ///
    /// # Errors
    /// They cannot be listed.
    pub(crate) fn incidents(&self) -> Result<Tried<BTreeSet<IncidentId>>, VaultFault> {
        if !self.folder.exists() {
            return Ok(Tried::Done(BTreeSet::new()));
        }
        let Some(guard) = self.folder.try_lock()? else { return Ok(Tried::Busy) };
        let files = self.folder.files(&guard)?;
        Ok(Tried::Done(files.iter().filter_map(|path| incident(path)).collect()))
    }

    /// What the log has yet to tell, by what it tells: a file is written before the log is.
    ///
    /// # Errors
    /// The files cannot be listed.
    pub(crate) fn untold(
        &self,
        proofs: &BTreeMap<IncidentId, Proof>,
    ) -> Result<Tried<Vec<Fact>>, VaultFault> {
        if !self.folder.exists() {
            return Ok(Tried::Done(Vec::new()));
        }
        let Some(guard) = self.folder.try_lock()? else { return Ok(Tried::Busy) };
        // What cannot be read is told of when it is swept.
        let readable = |path: &PathBuf| read(path).ok().flatten();
        let files = self.folder.files(&guard)?;
        let lacking = files
            .iter()
            .filter_map(readable)
            .filter(|sealed| sealed.lacks(proofs.get(sealed.incident())));
        Ok(Tried::Done(lacking.map(|sealed| sealed.fact()).collect()))
    }

    /// Removes those that end first until another finds room.
    fn make_room(&self, guard: &Guard) -> Result<(), VaultFault> {
        let files = self.folder.files(guard)?;
        let Some(over) = (files.len() + 1).checked_sub(FILES_MAX).filter(|over| *over > 0) else {
            return Ok(());
        };
        // What tells no end at all goes first.
        let mut ends: Vec<_> = files
            .into_iter()
            .map(|path| (kept_until(&path).unwrap_or(WallTime(0)), path))
            .collect();
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
}
