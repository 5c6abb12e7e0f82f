//! A small proof of work in the scheme of ALTCHA: find the number whose hash with a salt is given.
//!
//! Takes keys, the time and whom it is for; gives a [`Puzzle`] to set, and says of an [`Answer`]
//! whether it solves one that we set, for this visitor, in time.
//! It keeps out what runs no scripts, and makes phones wait for a moment; it is no wall, since a
//! program of its own solves it ten thousand times as fast.
//! Never stores a puzzle: the salt says until when it holds and what for, and the hash holds the salt.
//! Bounds: [`SALT_MAX`] bytes of a salt are looked at.
//!
//! Source: <https://altcha.org/docs/v2/proof-of-work/>, version 1 of its scheme.

use super::bound::{Bound, first_of};
use super::keys::Keys;
use super::mac::{Mac, same};
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

/// The word of the scheme for what is computed.
pub const ALGORITHM: &str = "SHA-256";
/// How long an answer may take: a phone that was put away is asked anew.
pub const LIFE_SECS: u32 = 300;
/// More than the longest salt.
pub const SALT_MAX: usize = 96;

/// How much work: the number is drawn from two to the power of this many bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difficulty(u32);

impl Difficulty {
    /// For a network of which nothing speaks: 8,192 hashes on average.
    pub const LEAST: Self = Self(14);
    /// For one that passes all the time: 131,072 hashes on average.
    pub const MOST: Self = Self(18);

    /// One bit more each time that a network has passed twice as often of late.
    ///
    /// The first eight are free of it: a household opens some windows.
    pub fn after(passed_lately: u32) -> Self {
        let bits = Self::LEAST.0 + (passed_lately / FREE).checked_ilog2().map_or(0, |log| log + 1);
        Self(bits.min(Self::MOST.0))
    }

    /// Bits of the number.
    pub fn bits(self) -> u32 {
        self.0
    }

    /// The largest number that may be the answer.
    pub fn number_max(self) -> u32 {
        (1 << self.0) - 1
    }
}

const FREE: u32 = 8;

/// A puzzle as it is set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Puzzle {
    /// What the hash must be, in hexadecimal.
    pub challenge: String,
    /// What stands before the number.
    pub salt: String,
    /// The largest number that may be the answer.
    pub number_max: u32,
    /// What vouches for the puzzle, in hexadecimal.
    pub signature: String,
}

/// What a puzzle is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Task {
    /// How much work.
    pub difficulty: Difficulty,
    /// The mitigation that asks for it, 0 for none.
    pub measure: u32,
    /// Tells this puzzle from others of the same second.
    pub nonce: u64,
}

impl Puzzle {
    /// Sets a puzzle for `bound` now; none when the keys are not those of today.
    pub fn set((keys, now_secs): (&Keys, u32), bound: &Bound, task: Task) -> Option<Self> {
        let key = keys.puzzle(now_secs)?;
        let expires = now_secs.saturating_add(LIFE_SECS);
        let Task { difficulty, measure, nonce } = task;
        // It ends with a letter that no number has, so that none of the number passes for salt.
        let salt = format!("{nonce:016x}?expires={expires}&m={measure}&");
        let drawn = first_of(&key.tag(&[b"number", &bound.bytes(), salt.as_bytes()]));
        let number = drawn & u64::from(difficulty.number_max());
        let challenge = HEXLOWER.encode(&hash(&salt, number));
        let signature = HEXLOWER.encode(&vouched(key, &challenge, bound));
        Some(Self { challenge, salt, number_max: difficulty.number_max(), signature })
    }
}

/// What a visitor sends back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    /// As it was set.
    pub challenge: &'a str,
    /// As it was set.
    pub salt: &'a str,
    /// What was found.
    pub number: u64,
    /// As it was set.
    pub signature: &'a str,
}

/// A puzzle that is solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Solved {
    /// The name of the token that it gives.
    pub id: u64,
    /// The mitigation that asked for it, 0 for none.
    pub measure: u32,
}

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unsolved {
    /// It does not look like one.
    Form,
    /// The puzzle no longer holds.
    Late,
    /// We did not set the puzzle, or not for whoever answers.
    Elsewhere,
    /// The number is not the one.
    Wrong,
}

impl Answer<'_> {
    /// Says whether it solves a puzzle that was set for `bound`.
    ///
    /// # Errors
    /// It does not. What anyone can send is found out with two hashes.
    pub fn check(&self, (keys, now_secs): (&Keys, u32), bound: &Bound) -> Result<Solved, Unsolved> {
        let (expires, measure) = told_by(self.salt).ok_or(Unsolved::Form)?;
        if expires < now_secs {
            return Err(Unsolved::Late);
        }
        let set_secs = expires.checked_sub(LIFE_SECS).ok_or(Unsolved::Form)?;
        let key = keys.puzzle(set_secs).ok_or(Unsolved::Late)?;
        let mut signature = [0; 32];
        decode(self.signature, &mut signature)?;
        if !same(&vouched(key, self.challenge, bound), &signature) {
            return Err(Unsolved::Elsewhere);
        }
        let mut challenge = [0; 32];
        decode(self.challenge, &mut challenge)?;
        let found = hash(self.salt, self.number);
        let solved = Solved { id: first_of(&found), measure };
        if same(&found, &challenge) { Ok(solved) } else { Err(Unsolved::Wrong) }
    }
}

fn vouched(key: &Mac, challenge: &str, bound: &Bound) -> [u8; 32] {
    key.tag(&[b"signed", &bound.bytes(), challenge.as_bytes()])
}

fn hash(salt: &str, number: u64) -> [u8; 32] {
    Sha256::new_with_prefix(salt).chain_update(number.to_string()).finalize().into()
}

fn decode(text: &str, into: &mut [u8; 32]) -> Result<(), Unsolved> {
    if text.len() != 2 * into.len() {
        return Err(Unsolved::Form);
    }
    HEXLOWER.decode_mut(text.as_bytes(), into).map(|_| ()).map_err(|_| Unsolved::Form)
}

/// Until when a puzzle holds and which mitigation asks, by its salt.
fn told_by(salt: &str) -> Option<(u32, u32)> {
    if salt.len() > SALT_MAX {
        return None;
    }
    let (_nonce, told) = salt.strip_suffix('&')?.split_once("?expires=")?;
    let (expires, measure) = told.split_once("&m=")?;
    Some((expires.parse().ok()?, measure.parse().ok()?))
}

#[cfg(test)]
mod tests;
