//! A folder in memory that fails as disks do: full, broken, read-only, torn, cut from power.

use super::{Folder, Item, Store};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::rc::Rc;

/// What the disk does to whoever writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Mood {
    #[default]
    Well,
    /// Takes this many more bytes.
    Full(usize),
    /// Fails whatever is asked of it.
    Broken,
    /// Takes bytes and fails to sync them.
    Forgetful,
    /// Takes this many bytes of what it is given, and fails.
    Torn(usize),
    ReadOnly,
    /// Another process writes there.
    Taken,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Content {
    pub(crate) bytes: Vec<u8>,
    synced: usize,
}

impl Content {
    /// All of it on disk.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        Self { bytes: bytes.to_vec(), synced: bytes.len() }
    }
}

/// A folder in memory; clones are the same folder.
#[derive(Debug, Clone, Default)]
pub(crate) struct FailingStore {
    pub(crate) files: Rc<RefCell<BTreeMap<String, Content>>>,
    pub(crate) mood: Rc<Cell<Mood>>,
}

impl FailingStore {
    /// What is left after a loss of power: what was synced, and of the rest what `chance` gives
    /// out of as many bytes as there were.
    pub(crate) fn after_power_loss(&self, mut chance: impl FnMut(usize) -> usize) -> Self {
        let mut files = self.files.borrow().clone();
        for content in files.values_mut() {
            let kept = chance(content.bytes.len() - content.synced + 1);
            content.bytes.truncate(content.synced + kept);
            content.synced = content.bytes.len();
        }
        Self { files: Rc::new(RefCell::new(files)), mood: Rc::default() }
    }

    /// A folder with one file, of which everything is on disk.
    pub(crate) fn with(name: &str, bytes: &[u8]) -> Self {
        let store = Self::default();
        let content = Content::of(bytes);
        store.files.borrow_mut().insert(name.to_owned(), content);
        store
    }

    fn fault(&self) -> io::Result<()> {
        match self.mood.get() {
            Mood::Well | Mood::Forgetful | Mood::Full(_) | Mood::Torn(_) | Mood::Taken => Ok(()),
            Mood::Broken => Err(io::Error::from_raw_os_error(5)),
            Mood::ReadOnly => Err(ErrorKind::ReadOnlyFilesystem.into()),
        }
    }
}

impl Folder for FailingStore {
    fn list(&mut self) -> io::Result<Vec<Item>> {
        let item = |(name, content): (&String, &Content)| Item {
            name: name.clone(),
            length: content.bytes.len() as u64,
        };
        Ok(self.files.borrow().iter().map(item).collect())
    }

    fn read(&mut self, name: &str) -> io::Result<Vec<u8>> {
        let files = self.files.borrow();
        files.get(name).map(|content| content.bytes.clone()).ok_or(ErrorKind::NotFound.into())
    }
}

impl Store for FailingStore {
    fn claim(&mut self) -> io::Result<()> {
        self.fault()?;
        if self.mood.get() == Mood::Taken {
            return Err(ErrorKind::WouldBlock.into());
        }
        Ok(())
    }

    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.fault()?;
        let (taken, fault) = match self.mood.get() {
            Mood::Full(room) if room < bytes.len() => {
                self.mood.set(Mood::Full(0));
                (room, Some(ErrorKind::StorageFull))
            }
            Mood::Full(room) => {
                self.mood.set(Mood::Full(room - bytes.len()));
                (bytes.len(), None)
            }
            Mood::Torn(at) => (at.min(bytes.len()), Some(ErrorKind::Other)),
            Mood::Well | Mood::Broken | Mood::Forgetful | Mood::ReadOnly | Mood::Taken => {
                (bytes.len(), None)
            }
        };
        let mut files = self.files.borrow_mut();
        files.entry(name.to_owned()).or_default().bytes.extend_from_slice(&bytes[..taken]);
        fault.map_or(Ok(()), |kind| Err(kind.into()))
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        self.fault()?;
        if self.mood.get() == Mood::Forgetful {
            return Err(io::Error::from_raw_os_error(5));
        }
        let mut files = self.files.borrow_mut();
        let content = files.get_mut(name).ok_or(ErrorKind::NotFound)?;
        content.synced = content.bytes.len();
        Ok(())
    }

    fn cut(&mut self, name: &str, length: u64) -> io::Result<()> {
        self.fault()?;
        let mut files = self.files.borrow_mut();
        let content = files.get_mut(name).ok_or(ErrorKind::NotFound)?;
        content.bytes.truncate(usize::try_from(length).expect("a small file"));
        content.synced = content.bytes.len();
        Ok(())
    }

    fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        self.fault()?;
        if matches!(self.mood.get(), Mood::Full(room) if room < bytes.len()) {
            return Err(ErrorKind::StorageFull.into());
        }
        let content = Content::of(bytes);
        self.files.borrow_mut().insert(name.to_owned(), content);
        Ok(())
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.fault()?;
        self.files.borrow_mut().remove(name);
        Ok(())
    }
}
