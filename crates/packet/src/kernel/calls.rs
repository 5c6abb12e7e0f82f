//! The system calls on maps, those of whole batches among them.

#![expect(unsafe_code, reason = "the calls take addresses")]

use std::io;
use std::os::fd::RawFd;

const LOOKUP: libc::c_int = 1;
const UPDATE: libc::c_int = 2;
const DELETE: libc::c_int = 3;
const LOOKUP_BATCH: libc::c_int = 24;
const UPDATE_BATCH: libc::c_int = 26;
const DELETE_BATCH: libc::c_int = 27;

#[repr(C)]
struct Element {
    map: u32,
    padding: u32,
    key: u64,
    value: u64,
    flags: u64,
}

#[repr(C)]
struct Batch {
    in_batch: u64,
    out_batch: u64,
    keys: u64,
    values: u64,
    count: u32,
    map: u32,
    element_flags: u64,
    flags: u64,
}

fn address<T>(bytes: &[T]) -> u64 {
    bytes.as_ptr().expose_provenance() as u64
}

fn map(fd: RawFd) -> u32 {
    u32::try_from(fd).unwrap_or(u32::MAX)
}

fn element(command: libc::c_int, fd: RawFd, key: &[u8], value: u64) -> io::Result<()> {
    let asked = Element { map: map(fd), padding: 0, key: address(key), value, flags: 0 };
    // SAFETY: the struct is what the call reads for these commands; key and value are as long as the
    // map's, which `Tables` sees to, and live until it returns.
    let done =
        unsafe { libc::syscall(libc::SYS_bpf, command, &raw const asked, size_of::<Element>()) };
    if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Writes one element.
pub(super) fn update(fd: RawFd, key: &[u8], value: &[u8]) -> io::Result<()> {
    element(UPDATE, fd, key, address(value))
}

/// Reads one element into `value`.
pub(super) fn look_up(fd: RawFd, key: &[u8], value: &mut [u8]) -> io::Result<()> {
    element(LOOKUP, fd, key, value.as_mut_ptr().expose_provenance() as u64)
}

/// Removes one element; one that is not there is no fault.
pub(super) fn delete(fd: RawFd, key: &[u8]) -> io::Result<()> {
    match element(DELETE, fd, key, 0) {
        Err(cause) if cause.raw_os_error() == Some(libc::ENOENT) => Ok(()),
        other => other,
    }
}

/// Hands a batch over; how many elements were done, and what stopped it.
fn batch(command: libc::c_int, fd: RawFd, keys: u64, rest: (u64, u32)) -> (u32, io::Result<()>) {
    let (values, count) = rest;
    let mut asked = Batch {
        in_batch: 0,
        out_batch: 0,
        keys,
        values,
        count,
        map: map(fd),
        element_flags: 0,
        flags: 0,
    };
    // SAFETY: the struct is what the call reads and writes for these commands; keys and values hold
    // `count` elements of the map's sizes, which `Tables` sees to, and live until it returns.
    let done = unsafe { libc::syscall(libc::SYS_bpf, command, &raw mut asked, size_of::<Batch>()) };
    (asked.count, if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) })
}

/// Writes `count` elements; how many were written, and what stopped it.
pub(super) fn update_batch(
    fd: RawFd,
    keys: &[u8],
    values: &[u8],
    count: u32,
) -> (u32, io::Result<()>) {
    batch(UPDATE_BATCH, fd, address(keys), (address(values), count))
}

/// Removes `count` elements; it stops at one that is not there.
pub(super) fn delete_batch(fd: RawFd, keys: &[u8], count: u32) -> (u32, io::Result<()>) {
    batch(DELETE_BATCH, fd, address(keys), (0, count))
}

/// Where a walk through a hash goes on: the kernel's word for it, which says nothing to anybody else.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place(Option<u32>);

/// Reads elements of a hash from a place on; how many were read, and what stopped it: `ENOENT` is the end.
///
/// Keys and values have room for `count` elements.
pub(super) fn look_up_batch(
    fd: RawFd,
    from: &mut Place,
    (keys, values): (&mut [u8], &mut [u8]),
    count: u32,
) -> (u32, io::Result<()>) {
    let (before, mut after) = (from.0.unwrap_or(0), 0_u32);
    let mut asked = Batch {
        in_batch: if from.0.is_some() { (&raw const before).expose_provenance() as u64 } else { 0 },
        out_batch: (&raw mut after).expose_provenance() as u64,
        keys: keys.as_mut_ptr().expose_provenance() as u64,
        values: values.as_mut_ptr().expose_provenance() as u64,
        count,
        map: map(fd),
        element_flags: 0,
        flags: 0,
    };
    // SAFETY: the struct is what the call reads and writes for this command; places are four bytes in a
    // hash, keys and values have room for `count` elements, which `Tables` sees to, and all live until it
    // returns.
    let done =
        unsafe { libc::syscall(libc::SYS_bpf, LOOKUP_BATCH, &raw mut asked, size_of::<Batch>()) };
    let stopped = if done < 0 { Err(io::Error::last_os_error()) } else { Ok(()) };
    *from = Place(Some(after));
    (asked.count, stopped)
}

/// Now, on the clock that expiries are written in.
pub fn monotonic_ns() -> u64 {
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes into the struct that it is given.
    let done = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut now) };
    let (seconds, nanoseconds) = (u64::try_from(now.tv_sec), u64::try_from(now.tv_nsec));
    match (done, seconds, nanoseconds) {
        (0, Ok(seconds), Ok(nanoseconds)) => seconds * 1_000_000_000 + nanoseconds,
        _ => 0,
    }
}
