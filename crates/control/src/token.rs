//! The bearer token: made once, kept in a file that only its owner can read.
//!
//! Takes a path; gives a [`Token`] or a sentence with the remedy.
//! Never logs, prints or shows the token: its `Debug` is a word.
//! Bounds: [`LENGTH_MIN`] to [`LENGTH_MAX`] characters.

use data_encoding::HEXLOWER;
use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq as _;

/// Shorter ones could be guessed: 32 characters of hex are 128 bits.
pub const LENGTH_MIN: usize = 32;

/// Longer ones do not fit a header with comfort.
pub const LENGTH_MAX: usize = 256;

/// Random bytes of a token that is made here.
const RANDOM_BYTES: usize = 32;

/// What a program must show to be obeyed.
#[derive(Clone)]
pub struct Token(Box<str>);

impl Token {
    /// Whether `shown` is this token; takes the same time wherever they differ.
    pub fn matches(&self, shown: &str) -> bool {
        self.0.as_bytes().ct_eq(shown.as_bytes()).into()
    }

    /// The text, for the one header that carries it.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(not shown)")
    }
}

impl std::str::FromStr for Token {
    type Err = NotAToken;
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let text = text.trim_ascii();
        let fits = (LENGTH_MIN..=LENGTH_MAX).contains(&text.len());
        if fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(text.into()))
        } else {
            Err(NotAToken)
        }
    }
}

/// The text is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not hold one word of {LENGTH_MIN} to {LENGTH_MAX} printable ASCII characters")]
pub struct NotAToken;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenFault {
    /// The file cannot be opened, read or written.
    #[error("cannot {action} control token {}", path.display())]
    File {
        /// `read` or `create`.
        action: &'static str,
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is none.
    #[error(
        "control token {} is missing; the shield makes it as it starts: is `seawall run` up, and \
         does it use this file (control.token_file)?",
        path.display()
    )]
    Missing {
        /// Which file.
        path: PathBuf,
    },
    /// Someone else may have read it.
    #[error(
        "control token {} can be used by others (mode {mode:04o}); run: chmod 600 {}",
        path.display(),
        path.display()
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It holds something else.
    #[error("control token {} cannot be used; remove it, and the shield makes a new one as it starts", path.display())]
    Unusable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: NotAToken,
    },
    /// The system gave no random bytes.
    #[error("cannot draw random bytes for control token {}", path.display())]
    Random {
        /// Which file was to be made.
        path: PathBuf,
        /// Why.
        source: getrandom::Error,
    },
}

/// The token of a file, which is made when missing: 32 random bytes in hex, mode 0600.
///
/// # Errors
/// Every [`TokenFault`]; a file that others can read or write is refused, since what it holds may
/// be known.
pub fn load_or_create(path: &Path) -> Result<Token, TokenFault> {
    match load(path) {
        Err(TokenFault::Missing { .. }) => {}
        loaded => return loaded,
    }
    match create(path) {
        // Another process was quicker; what it wrote is as good.
        Err(TokenFault::File { source, .. }) if source.kind() == io::ErrorKind::AlreadyExists => {
            load(path)
        }
        created => created,
    }
}

/// The token of a file, which must be there: for programs that talk to a running shield.
///
/// # Errors
/// As [`load_or_create`].
pub fn load(path: &Path) -> Result<Token, TokenFault> {
    let fault = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => TokenFault::Missing { path: path.to_owned() },
        _ => TokenFault::File { action: "read", path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(fault)?;
    // Asked of the open file: its name may point elsewhere a moment later.
    let mode = file.metadata().map_err(fault)?.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(TokenFault::Exposed { path: path.to_owned(), mode });
    }
    let mut text = String::new();
    file.take(LENGTH_MAX as u64 * 2).read_to_string(&mut text).map_err(fault)?;
    text.parse().map_err(|source| TokenFault::Unusable { path: path.to_owned(), source })
}

fn create(path: &Path) -> Result<Token, TokenFault> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes)
        .map_err(|source| TokenFault::Random { path: path.to_owned(), source })?;
    let text = HEXLOWER.encode(&bytes);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{text}")?;
        file.sync_all()
    };
    write().map_err(|source| TokenFault::File {
        action: "create",
        path: path.to_owned(),
        source,
    })?;
    Ok(Token(text.into()))
}

#[cfg(test)]
mod tests;
