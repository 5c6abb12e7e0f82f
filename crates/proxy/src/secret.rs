//! The secret by which origins know the shield: read once, written on every request to them.
//!
//! Takes a file with one word; gives a header.
//! Never shows the word: not in a fault, not in a `Debug`.
//! Bounds: [`SECRET_MIN`] to [`SECRET_MAX`] characters.

use http::{HeaderName, HeaderValue};
use seawall_config as config;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

/// Shorter ones could be guessed.
pub(crate) const SECRET_MIN: usize = 16;
/// Longer ones do not fit a header with comfort.
pub(crate) const SECRET_MAX: usize = 256;

/// One word that nobody may see.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretWord(Box<str>);

impl SecretWord {
    /// Reads the word that a file holds.
    ///
    /// # Errors
    /// What is wrong with the file and what to do, as the second half of a sentence.
    pub fn read(path: &Path) -> Result<Self, String> {
        let unreadable = |cause: io::Error| {
            format!("the file cannot be read ({cause}); let the shield's user read it")
        };
        // Opening a pipe would wait for its other end.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err("it is not a file; write one word into a file there".to_owned());
        }
        let file = File::open(path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(SECRET_MAX as u64 * 2).read_to_end(&mut bytes).map_err(unreadable)?;
        let word = bytes.trim_ascii();
        let fits = (SECRET_MIN..=SECRET_MAX).contains(&word.len());
        if !fits || !word.iter().all(u8::is_ascii_graphic) {
            return Err(format!(
                "the file does not hold one word of {SECRET_MIN} to {SECRET_MAX} printable ASCII \
                 characters; write one, or remove the file and `run` makes a new one"
            ));
        }
        Ok(Self(String::from_utf8_lossy(word).into()))
    }

    /// The word, for the one header that carries it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for SecretWord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretWord(not shown)")
    }
}

/// The header that origins ask for.
#[derive(Debug, Clone)]
pub(crate) struct OriginSecret {
    pub(crate) name: HeaderName,
    /// Marked as sensitive, so that its `Debug` shows nothing.
    pub(crate) value: HeaderValue,
}

impl OriginSecret {
    /// Reads the secret of one platform.
    ///
    /// # Errors
    /// As [`SecretWord::read`].
    pub(crate) fn read(told: &config::OriginSecret) -> Result<Self, String> {
        let word = SecretWord::read(&told.file)?;
        let name = HeaderName::from_bytes(told.header.as_bytes());
        let value = HeaderValue::from_str(word.expose());
        match (name, value) {
            (Ok(name), Ok(mut value)) => {
                value.set_sensitive(true);
                Ok(Self { name, value })
            }
            _ => Err("its header cannot be written; choose another name".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_one_word_of_sixteen_characters_or_more_and_is_never_shown() {
        let path = std::env::temp_dir().join(format!("seawall-secret-{}", std::process::id()));
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            SecretWord::read(&path)
        };
        let word = "0123456789abcdef";
        assert_eq!(read(&format!("{word}\n")).unwrap().expose(), word);
        assert_eq!(read(&"x".repeat(SECRET_MAX)).unwrap().expose().len(), SECRET_MAX);
        for bad in ["", "0123456789abcde", "0123456789 abcdef", "0123456789abcdeé"] {
            let fault = read(bad).unwrap_err();
            assert!(fault.contains("one word of 16"), "{fault}");
            assert!(bad.is_empty() || !fault.contains(bad), "{fault}");
        }
        assert!(read(&"x".repeat(SECRET_MAX + 1)).is_err());
        let shown = format!("{:?}", read(word).unwrap());
        assert!(!shown.contains(word));
        let told =
            config::OriginSecret { header: "x-ours".to_owned(), file: path.clone(), line: 1 };
        let secret = OriginSecret::read(&told).unwrap();
        assert!(!format!("{secret:?}").contains(word));
        fs::remove_file(path).unwrap();
    }
}
