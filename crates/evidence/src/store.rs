//! Where segments lie: what the log and its check need of a folder.

mod directory;
#[cfg(test)]
pub(crate) mod failing;

pub use directory::DirectoryStore;

use std::io;

/// A file and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its name, without a folder.
    pub name: String,
    /// Bytes.
    pub length: u64,
}

/// A folder that can be read.
pub trait Folder {
    /// Every file in it, in any order.
    ///
    /// # Errors
    /// The folder cannot be read.
    fn list(&mut self) -> io::Result<Vec<Item>>;

    /// All bytes of a file.
    ///
    /// # Errors
    /// There is none of that name, or it cannot be read.
    fn read(&mut self, name: &str) -> io::Result<Vec<u8>>;
}

/// A folder that can be written to.
pub trait Store: Folder {
    /// Makes sure that nobody else writes here, until this store is dropped.
    ///
    /// # Errors
    /// Somebody does ([`io::ErrorKind::WouldBlock`]), or nobody can.
    fn claim(&mut self) -> io::Result<()>;

    /// Adds bytes to the end of a file, which is made when missing.
    ///
    /// # Errors
    /// Any number of the bytes may have been written.
    fn append(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Makes what was appended outlast a loss of power.
    ///
    /// # Errors
    /// Nothing is known of what was appended since the last success.
    fn sync(&mut self, name: &str) -> io::Result<()>;

    /// Shortens a file to `length` bytes.
    ///
    /// # Errors
    /// It may be as it was.
    fn cut(&mut self, name: &str, length: u64) -> io::Result<()>;

    /// Gives a file this content, whole or not at all, and makes it outlast a loss of power.
    ///
    /// # Errors
    /// It is as it was.
    fn replace(&mut self, name: &str, bytes: &[u8]) -> io::Result<()>;

    /// Takes a file away; it may be missing already.
    ///
    /// # Errors
    /// It is still there.
    fn remove(&mut self, name: &str) -> io::Result<()>;
}
