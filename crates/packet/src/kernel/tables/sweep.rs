//! Takes blocks that are over out of the tables of hosts, a piece at a time.
//!
//! Whoever wrote them does that by himself; these are left by a shield that was killed.
//! Bounds: [`LOOKED_AT_MAX`] entries are looked at in one go.

use super::{Tables, take, told};
use crate::abi::Entry;
use crate::kernel::WriteFault;
use crate::kernel::calls::{Place, look_up_batch};
use crate::kernel::plain::{Plain, read};
use std::os::fd::RawFd;

/// Some milliseconds of work: the whole of a full table in a minute of looks.
const LOOKED_AT_MAX: u32 = 8_192;

/// How far a walk through both tables has come.
#[derive(Debug, Default)]
pub struct Sweep {
    place: Place,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    #[default]
    Four,
    Six,
    Done,
}

impl Sweep {
    /// Whether every entry was looked at.
    pub fn is_done(&self) -> bool {
        self.stage == Stage::Done
    }
}

impl Tables {
    /// Goes on with a walk and removes what ended before `now_ns`; tells how many entries that were.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn sweep(&self, sweep: &mut Sweep, now_ns: u64) -> Result<usize, WriteFault> {
        let (swept, next) = match sweep.stage {
            Stage::Four => (piece::<u32>(("HOST4", self.host4), sweep, now_ns)?, Stage::Six),
            Stage::Six => (piece::<u64>(("HOST6", self.host6), sweep, now_ns)?, Stage::Done),
            Stage::Done => return Ok(0),
        };
        let (swept, is_end) = swept;
        if is_end {
            *sweep = Sweep { place: Place::default(), stage: next };
        }
        Ok(swept)
    }
}

/// Sweeps a piece of one table; how many entries were over, and whether it was the last piece.
fn piece<K: Plain>(
    (table, fd): (&'static str, RawFd),
    sweep: &mut Sweep,
    now_ns: u64,
) -> Result<(usize, bool), WriteFault> {
    let (key, value) = (size_of::<K>(), size_of::<Entry>());
    let room = LOOKED_AT_MAX as usize;
    let (mut keys, mut values) = (vec![0; room * key], vec![0; room * value]);
    let read_into = (keys.as_mut_slice(), values.as_mut_slice());
    let (count, stopped) = look_up_batch(fd, &mut sweep.place, read_into, LOOKED_AT_MAX);
    let is_end = match stopped {
        Ok(()) => false,
        Err(cause) if cause.raw_os_error() == Some(libc::ENOENT) => true,
        Err(cause) => return told(table, Err(cause)),
    };
    let entries = values.chunks_exact(value).filter_map(read::<Entry>);
    let found = keys.chunks_exact(key).filter_map(read::<K>).zip(entries).take(count as usize);
    // An end of 0 is none.
    let is_over = |entry: &Entry| entry.expires_ns != 0 && entry.expires_ns <= now_ns;
    let over: Vec<K> = found.filter(|(_, entry)| is_over(entry)).map(|(key, _)| key).collect();
    take(table, fd, &over)?;
    Ok((over.len(), is_end))
}
