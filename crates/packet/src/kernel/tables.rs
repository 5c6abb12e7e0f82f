//! The program's tables, written one by one or in batches.
//!
//! Bounds: those of `bpf/seawall.c`; what finds no room is counted and told, never dropped silently.

mod sweep;

use super::GENERATED_LEN;
use super::calls::{delete, delete_batch, look_up, update, update_batch};
use super::fault::{LoadFault, WriteFault};
use super::plain::{Plain, bytes, read, row};
use crate::Reason;
use crate::abi::{Beat, Config, Counter, Entry, Page, Ports, SIGNATURES_MAX, Signatures};
use crate::model::{Network, Party};
use std::io;
use std::net::IpAddr;
use std::os::fd::RawFd;
pub use sweep::Sweep;

/// Entries that are handed to the kernel in one call: it holds a lock for each of them.
pub const BATCH_MAX: usize = 16_384;

/// Lines in which the program knows whom it dropped, and their length.
const FRONT_LINES: u32 = 1 << 15;
const FRONT_LINE_LEN: usize = 64;
/// After so many lifts they are emptied.
const FORGOTTEN_EVERY: u32 = 1 << 18;

/// The file descriptors of the maps, which live as long as the loaded program.
#[derive(Debug)]
pub struct Tables {
    config: RawFd,
    beat: RawFd,
    allow4: RawFd,
    allow6: RawFd,
    host4: RawFd,
    host6: RawFd,
    net4: RawFd,
    net6: RawFd,
    class4: RawFd,
    class_until: RawFd,
    signatures: RawFd,
    hits: RawFd,
    counts: RawFd,
    ports: RawFd,
    frame: RawFd,
    front4: RawFd,
    lifts: RawFd,
    processors: usize,
}

/// A set of ports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PortSet {
    /// Source ports whose services answer more than they are asked.
    Reflectors,
    /// TCP ports whose SYNs are answered with cookies.
    Cookies,
    /// UDP ports that take datagrams.
    ServedUdp,
}

/// How far a batch came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Written {
    /// Entries that are in the table now.
    pub written: usize,
    /// Entries that found it full.
    pub full: usize,
}

impl std::ops::AddAssign for Written {
    fn add_assign(&mut self, other: Self) {
        self.written += other.written;
        self.full += other.full;
    }
}

/// A key of the tries for IPv4: bits that count, address.
type Key4 = [u32; 2];
/// The same for IPv6.
type Key6 = [u32; 5];

impl Tables {
    pub(super) fn find(
        mut fd: impl FnMut(&'static str) -> Result<RawFd, LoadFault>,
    ) -> Result<Self, LoadFault> {
        let processors = aya::util::nr_cpus().map_err(|(_, cause)| LoadFault::of(&cause))?;
        Ok(Self {
            config: fd("CONFIG")?,
            beat: fd("BEAT")?,
            allow4: fd("ALLOW4")?,
            allow6: fd("ALLOW6")?,
            host4: fd("HOST4")?,
            host6: fd("HOST6")?,
            net4: fd("NET4")?,
            net6: fd("NET6")?,
            class4: fd("CLASS4")?,
            class_until: fd("CLASS_UNTIL")?,
            signatures: fd("SIGNATURES")?,
            hits: fd("SIGNATURE_HITS")?,
            counts: fd("COUNTS")?,
            ports: fd("PORTS")?,
            frame: fd("FRAME")?,
            front4: fd("FRONT4")?,
            lifts: fd("LIFTS")?,
            processors,
        })
    }

    pub(super) fn write_config(&self, config: &Config) -> Result<(), WriteFault> {
        told("CONFIG", update(self.config, bytes(&0_u32), bytes(config)))
    }

    pub(super) fn write_frame(&self, frame: &[u8; GENERATED_LEN]) -> Result<(), WriteFault> {
        told("FRAME", update(self.frame, bytes(&0_u32), frame))
    }

    /// Shows life; after `stale_ns` without another sign everything passes.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn beat(&self, beat: Beat) -> Result<(), WriteFault> {
        told("BEAT", update(self.beat, bytes(&0_u32), bytes(&beat)))
    }

    pub(super) fn write_signatures(&self, half: u32, table: &Signatures) -> Result<(), WriteFault> {
        told("SIGNATURES", update(self.signatures, bytes(&half), bytes(table)))
    }

    /// Replaces a set of ports.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn put_ports(&self, set: PortSet, ports: &Ports) -> Result<(), WriteFault> {
        told("PORTS", update(self.ports, bytes(&(set as u32)), bytes(ports)))
    }

    /// Blocks hosts until the moments beside them (0: for good); those that find no room are counted.
    ///
    /// An end that is sooner than the one before may hold four seconds later: a lift does not.
    ///
    /// # Errors
    /// The kernel refuses it for another reason.
    pub fn block_hosts(&self, hosts: &[(Party, u64)]) -> Result<Written, WriteFault> {
        let mut written = Written::default();
        for piece in hosts.chunks(BATCH_MAX) {
            let (four, six) = split(piece);
            written += put("HOST4", self.host4, &four)?;
            written += put("HOST6", self.host6, &six)?;
        }
        Ok(written)
    }

    /// Lifts blocks of hosts; what is not blocked is passed over.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn lift_hosts(&self, hosts: &[Party]) -> Result<(), WriteFault> {
        let lifted = hosts.chunks(BATCH_MAX).try_for_each(|piece| {
            let with_ends: Vec<_> = piece.iter().map(|party| (*party, 0)).collect();
            let (four, six) = split(&with_ends);
            take("HOST4", self.host4, &keys(&four))?;
            take("HOST6", self.host6, &keys(&six))
        });
        // Whatever became of the others: some may be let go.
        if hosts.is_empty() { lifted } else { self.outdate().and(lifted) }
    }

    /// Has the program look into its tables for everybody: whom it dropped it knows for four seconds, until
    /// this number changes.
    ///
    /// The program keeps the number's lower 19 bits: what it knows is forgotten twice before they come round,
    /// so that nothing of the time before is taken for new, however it was written between.
    fn outdate(&self) -> Result<(), WriteFault> {
        let lifts = self.lifts()?.wrapping_add(1);
        if lifts.is_multiple_of(FORGOTTEN_EVERY) {
            let lines: Vec<u32> = (0..FRONT_LINES).collect();
            let empty = vec![0; lines.len() * FRONT_LINE_LEN];
            told("FRONT4", update_batch(self.front4, row(&lines), &empty, FRONT_LINES).1)?;
        }
        self.count_lifts_from(lifts)
    }

    fn lifts(&self) -> Result<u32, WriteFault> {
        let mut lifts = 0_u32.to_ne_bytes();
        told("LIFTS", look_up(self.lifts, bytes(&0_u32), &mut lifts))?;
        Ok(u32::from_ne_bytes(lifts))
    }

    /// Has the program take this for the number of lifts so far, as it does after so many.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn count_lifts_from(&self, lifts: u32) -> Result<(), WriteFault> {
        told("LIFTS", update(self.lifts, bytes(&0_u32), bytes(&lifts)))
    }

    /// Blocks networks until the moments beside them (0: for good).
    ///
    /// # Errors
    /// The kernel refuses it for another reason than that there is no room.
    pub fn block_nets(&self, nets: &[(Network, u64)]) -> Result<Written, WriteFault> {
        put_nets((("NET4", self.net4), ("NET6", self.net6)), nets)
    }

    /// Lifts the block of a network.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn lift_net(&self, net: Network) -> Result<(), WriteFault> {
        match key(net) {
            Key::V4(key) => told("NET4", delete(self.net4, bytes(&key))),
            Key::V6(key) => told("NET6", delete(self.net6, bytes(&key))),
        }
    }

    /// Has networks always pass, until the moments beside them (0: for good).
    ///
    /// # Errors
    /// As for [`Self::block_nets`].
    pub fn allow(&self, nets: &[(Network, u64)]) -> Result<Written, WriteFault> {
        let written = put_nets((("ALLOW4", self.allow4), ("ALLOW6", self.allow6)), nets);
        // Whatever became of the others: some may be allowed.
        self.outdate()?;
        written
    }

    /// Takes a network off the allow list.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn disallow(&self, net: Network) -> Result<(), WriteFault> {
        match key(net) {
            Key::V4(key) => told("ALLOW4", delete(self.allow4, bytes(&key))),
            Key::V6(key) => told("ALLOW6", delete(self.allow6, bytes(&key))),
        }
    }

    /// The classes of the 4,096 networks (/24) of which `page` is the number of the first twelve bits.
    ///
    /// # Errors
    /// The kernel refuses it: there are 4,096 pages.
    pub fn put_classes(&self, page: u32, classes: &Page) -> Result<(), WriteFault> {
        told("CLASS4", update(self.class4, bytes(&page), bytes(classes)))
    }

    /// Blocks a class until a moment, in one write; 0 lifts it.
    ///
    /// # Errors
    /// The kernel refuses it.
    pub fn block_class(&self, class: u8, until_ns: u64) -> Result<(), WriteFault> {
        told("CLASS_UNTIL", update(self.class_until, bytes(&u32::from(class)), bytes(&until_ns)))
    }

    pub(super) fn counts(&self) -> Result<[Counter; Reason::COUNT], WriteFault> {
        let mut counts = [Counter::default(); Reason::COUNT];
        for (at, count) in (0_u32..).zip(&mut counts) {
            *count = told("COUNTS", self.sum(self.counts, at))?;
        }
        Ok(counts)
    }

    pub(super) fn hits(&self, half: u32) -> Result<[Counter; SIGNATURES_MAX], WriteFault> {
        let mut hits = [Counter::default(); SIGNATURES_MAX];
        let first = half * u32::try_from(SIGNATURES_MAX).unwrap_or(0);
        for (at, count) in (first..).zip(&mut hits) {
            *count = told("SIGNATURE_HITS", self.sum(self.hits, at))?;
        }
        Ok(hits)
    }

    /// A counter over all processors.
    fn sum(&self, fd: RawFd, at: u32) -> io::Result<Counter> {
        let size = size_of::<Counter>();
        let mut values = vec![0; size * self.processors];
        look_up(fd, bytes(&at), &mut values)?;
        let mut sum = Counter::default();
        for one in values.chunks_exact(size).filter_map(read::<Counter>) {
            sum.packets += one.packets;
            sum.bytes += one.bytes;
        }
        Ok(sum)
    }
}

fn told<T>(table: &'static str, done: io::Result<T>) -> Result<T, WriteFault> {
    done.map_err(|source| WriteFault { table, source })
}

enum Key {
    V4(Key4),
    V6(Key6),
}

fn key(net: Network) -> Key {
    match net.first() {
        IpAddr::V4(address) => Key::V4([u32::from(net.bits), u32::from_ne_bytes(address.octets())]),
        IpAddr::V6(address) => {
            let words = address.octets();
            let word = |at: usize| {
                u32::from_ne_bytes([words[at], words[at + 1], words[at + 2], words[at + 3]])
            };
            Key::V6([u32::from(net.bits), word(0), word(4), word(8), word(12)])
        }
    }
}

/// Keys with the ends of their entries.
type Entries<K> = Vec<(K, Entry)>;

fn split(hosts: &[(Party, u64)]) -> (Entries<u32>, Entries<u64>) {
    let (mut four, mut six) = (Vec::new(), Vec::new());
    for (party, expires_ns) in hosts {
        let entry = Entry { expires_ns: *expires_ns };
        match party {
            Party::V4(address) => four.push((u32::from_ne_bytes(address.octets()), entry)),
            Party::V6(prefix) => six.push((u64::from_ne_bytes(*prefix), entry)),
        }
    }
    (four, six)
}

fn keys<K: Copy>(entries: &[(K, Entry)]) -> Vec<K> {
    entries.iter().map(|(key, _)| *key).collect()
}

fn put_nets(
    (four, six): ((&'static str, RawFd), (&'static str, RawFd)),
    nets: &[(Network, u64)],
) -> Result<Written, WriteFault> {
    let mut written = Written::default();
    for piece in nets.chunks(BATCH_MAX) {
        let (mut of_four, mut of_six): (Entries<Key4>, Entries<Key6>) = Default::default();
        for (net, expires_ns) in piece {
            let entry = Entry { expires_ns: *expires_ns };
            match key(*net) {
                Key::V4(key) => of_four.push((key, entry)),
                Key::V6(key) => of_six.push((key, entry)),
            }
        }
        written += put(four.0, four.1, &of_four)?;
        written += put(six.0, six.1, &of_six)?;
    }
    Ok(written)
}

/// Writes a batch; goes on behind an entry that finds no room, since a later one may be there already.
fn put<K: Plain>(
    table: &'static str,
    fd: RawFd,
    entries: &[(K, Entry)],
) -> Result<Written, WriteFault> {
    let keys: Vec<K> = keys(entries);
    let values: Vec<Entry> = entries.iter().map(|(_, entry)| *entry).collect();
    let mut written = Written::default();
    let mut from = 0;
    while from < entries.len() {
        let left = u32::try_from(entries.len() - from).unwrap_or(u32::MAX);
        let (done, stopped) = update_batch(fd, row(&keys[from..]), row(&values[from..]), left);
        let done = (done as usize).min(entries.len() - from);
        written.written += done;
        from += done;
        match stopped.map_err(|cause| cause.raw_os_error()) {
            Ok(()) => {}
            // E2BIG of hashes, ENOSPC of tries: the table is full.
            Err(Some(libc::E2BIG | libc::ENOSPC)) => {
                written.full += 1;
                from += 1;
            }
            Err(number) => {
                let source = io::Error::from_raw_os_error(number.unwrap_or(libc::EIO));
                return Err(WriteFault { table, source });
            }
        }
    }
    Ok(written)
}

/// Removes a batch; the kernel stops at each entry that is not there, so it is asked again behind it.
fn take<K: Plain>(table: &'static str, fd: RawFd, keys: &[K]) -> Result<(), WriteFault> {
    let mut from = 0;
    while from < keys.len() {
        let left = u32::try_from(keys.len() - from).unwrap_or(u32::MAX);
        let (done, stopped) = delete_batch(fd, row(&keys[from..]), left);
        from += done as usize;
        match stopped.map_err(|cause| cause.raw_os_error()) {
            Ok(()) => {}
            Err(Some(libc::ENOENT)) => from += 1,
            Err(number) => {
                let source = io::Error::from_raw_os_error(number.unwrap_or(libc::EIO));
                return Err(WriteFault { table, source });
            }
        }
    }
    Ok(())
}
