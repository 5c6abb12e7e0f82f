//! The state folder: made when missing, locked by one process, home of the node's key.

use rustix::fs::{FlockOperation, flock};
use seawall_wire::code::CodeKey;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, fchown};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Bytes of the node's key.
const KEY_LENGTH: usize = 32;

/// Why the state folder cannot be used.
#[derive(Debug, Error)]
pub(crate) enum StateFault {
    #[error("cannot make the state folder {}; make it and give it to the shield's user, or name another in state_dir", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot lock {}", path.display())]
    Lock { path: PathBuf, source: io::Error },
    #[error("cannot read or make the node's key {}", path.display())]
    Key { path: PathBuf, source: io::Error },
    #[error(
        "{} can be read by others; run: chmod 600 {}", path.display(), path.display()
    )]
    KeyIsOpen { path: PathBuf },
    #[error(
        "{} does not hold a key of {KEY_LENGTH} bytes; move it away and a new one is made, which \
         no longer opens the codes of earlier answers", path.display()
    )]
    KeyIsBroken { path: PathBuf },
    #[error("the system gives no random bytes")]
    Random(#[source] getrandom::Error),
}

/// A state folder that exists.
#[derive(Debug, Clone)]
pub(crate) struct StateDir {
    path: PathBuf,
}

/// Held by the one process that runs with a state folder; released when it ends, however it ends.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl StateDir {
    /// Makes the folder, closed to others, when it is missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub(crate) fn open(path: &Path) -> Result<Self, StateFault> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| StateFault::Folder { path: path.to_owned(), source })?;
        Ok(Self { path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// Takes the lock, or `None` when another process holds it.
    ///
    /// # Errors
    /// The lock file cannot be made.
    pub(crate) fn try_lock(&self) -> Result<Option<Lock>, StateFault> {
        let path = self.join("lock");
        let fault = |source| StateFault::Lock { path: path.clone(), source };
        let mut options = OpenOptions::new();
        let file = options.create(true).write(true).truncate(false).mode(0o600).open(&path);
        let file = file.map_err(fault)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Lock { _file: file })),
            Err(rustix::io::Errno::WOULDBLOCK) => Ok(None),
            Err(cause) => Err(fault(cause.into())),
        }
    }

    /// The node's secret, made when missing.
    ///
    /// # Errors
    /// It cannot be read or made, is open to others, or is not a key.
    pub(crate) fn secret(&self) -> Result<Secret, StateFault> {
        let path = self.join(KEY_FILE);
        if !path.exists() {
            let secret = random::<KEY_LENGTH>()?;
            let fault = |source| StateFault::Key { path: path.clone(), source };
            write_whole(&path, &secret).map_err(fault)?;
        }
        read_secret(&path)
    }

    /// The key of answers' codes.
    ///
    /// # Errors
    /// As [`Self::secret`].
    pub(crate) fn code_key(&self) -> Result<CodeKey, StateFault> {
        Ok(CodeKey::new(&self.secret()?))
    }
}

/// What a node's keys are derived from.
pub(crate) type Secret = [u8; KEY_LENGTH];

/// The file of the node's secret, in its state folder.
pub(crate) const KEY_FILE: &str = "node.key";

/// Reads a node's secret.
///
/// # Errors
/// It cannot be read, is open to others, or is not a key.
pub(crate) fn read_secret(path: &Path) -> Result<Secret, StateFault> {
    let path = path.to_owned();
    let fault = |source| StateFault::Key { path: path.clone(), source };
    let file = File::open(&path).map_err(fault)?;
    if file.metadata().map_err(fault)?.mode() & 0o077 != 0 {
        return Err(StateFault::KeyIsOpen { path });
    }
    let mut secret = Vec::new();
    file.take(KEY_LENGTH as u64 + 1).read_to_end(&mut secret).map_err(fault)?;
    secret.try_into().map_err(|_| StateFault::KeyIsBroken { path })
}

/// Bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], StateFault> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(StateFault::Random)?;
    Ok(bytes)
}

/// Writes a file that is either there whole or not at all, and is there after a power cut; it belongs
/// to whom its folder belongs to.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{}.new", std::process::id()));
    let mut file =
        OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&unfinished)?;
    give_to_owner(&file, &unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(unfinished, path)?;
    sync_folder_of(path)
}

/// Makes it last what became of a name: without this a power cut brings a removed file back.
pub(crate) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(folder_of(path))?.sync_all()
}

/// Gives what root made to whom the folder around it belongs to: a shield that does not run as root
/// could not use it.
pub(crate) fn give_to_owner(made: &File, path: &Path) -> io::Result<()> {
    let (about, home) = (made.metadata()?, fs::metadata(folder_of(path))?);
    if about.uid() == 0 && home.uid() != 0 {
        fchown(made, Some(home.uid()), Some(home.gid()))?;
    }
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    fn scratch(name: &str) -> StateDir {
        let path = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        StateDir::open(&path).unwrap()
    }

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let state = scratch("key");
        state.code_key().unwrap();
        let first = fs::read(state.join("node.key")).unwrap();
        state.code_key().unwrap();
        assert_eq!(fs::read(state.join("node.key")).unwrap(), first);
        assert_eq!(fs::metadata(&state.path).unwrap().mode() & 0o777, 0o700);
        fs::set_permissions(state.join("node.key"), fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(state.code_key(), Err(StateFault::KeyIsOpen { .. })));
        fs::remove_dir_all(state.path).unwrap();
    }

    #[test]
    fn a_truncated_key_is_told_and_not_replaced() {
        let state = scratch("broken-key");
        write_whole(&state.join("node.key"), b"short").unwrap();
        assert!(matches!(state.code_key(), Err(StateFault::KeyIsBroken { .. })));
        assert_eq!(fs::read(state.join("node.key")).unwrap(), b"short");
        fs::remove_dir_all(state.path).unwrap();
    }

    #[test]
    fn what_root_makes_belongs_to_whom_the_folder_belongs_to() {
        let state = scratch("owner");
        if fs::metadata(&state.path).unwrap().uid() == 0 {
            std::os::unix::fs::chown(&state.path, Some(4_242), Some(4_243)).unwrap();
        }
        write_whole(&state.join("a"), b"a").unwrap();
        let (home, made) =
            (fs::metadata(&state.path).unwrap(), fs::metadata(state.join("a")).unwrap());
        assert_eq!((made.uid(), made.gid()), (home.uid(), home.gid()));
        assert_eq!(made.mode() & 0o777, 0o600);
        fs::remove_dir_all(state.path).unwrap();
    }

    #[test]
    fn a_folder_is_locked_by_one_at_a_time() {
        let state = scratch("lock");
        let held = state.try_lock().unwrap();
        assert!(held.is_some());
        assert!(state.try_lock().unwrap().is_none());
        drop(held);
        assert!(state.try_lock().unwrap().is_some());
        fs::remove_dir_all(state.path).unwrap();
    }
}
