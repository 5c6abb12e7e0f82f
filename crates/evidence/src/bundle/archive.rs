//! Files in one archive, in the one form of tar that this program writes.
//!
//! Any tool unpacks it; this reads nothing but the very bytes that it would write itself, so that
//! there is no byte in it that could be changed unseen.
//! Bounds: names of [`NAME_MAX`] characters; files of [`FILE_MAX`] bytes.
//!
//! Source: POSIX.1-2017, pax, "ustar Interchange Format".

use std::ops::Range;

/// Characters of a name.
pub(super) const NAME_MAX: usize = 100;
/// Bytes of a file: what eleven octal digits can say.
pub(super) const FILE_MAX: u64 = 0o777_7777_7777;
const BLOCK: usize = 512;
/// Where a header has the sum over itself.
const SUM: Range<usize> = 148..156;

/// The archive of these files.
pub(super) fn write(files: &[(&str, &[u8])]) -> Vec<u8> {
    let room: usize = files.iter().map(|(_, bytes)| bytes.len() + 2 * BLOCK).sum();
    let mut archive = Vec::with_capacity(room + 2 * BLOCK);
    for (name, bytes) in files {
        archive.extend_from_slice(&header(name, bytes.len() as u64));
        archive.extend_from_slice(bytes);
        archive.resize(archive.len().next_multiple_of(BLOCK), 0);
    }
    archive.resize(archive.len() + 2 * BLOCK, 0);
    archive
}

/// The files of an archive, or the byte at which it is not as this program writes it.
pub(super) fn read(archive: &[u8]) -> Result<Vec<(&str, &[u8])>, u64> {
    let mut files = Vec::new();
    let mut at = 0;
    loop {
        let fault = at as u64;
        let head = archive.get(at..at + BLOCK).ok_or(fault)?;
        if head.iter().all(|byte| *byte == 0) {
            let rest = &archive[at..];
            let is_end = rest.len() == 2 * BLOCK && rest.iter().all(|byte| *byte == 0);
            return if is_end { Ok(files) } else { Err(fault) };
        }
        let (name, length) = named(head).ok_or(fault)?;
        at += BLOCK;
        let end = usize::try_from(length).ok().and_then(|length| at.checked_add(length));
        let end = end.ok_or(fault)?;
        let bytes = archive.get(at..end).ok_or(fault)?;
        let next = end.checked_next_multiple_of(BLOCK).ok_or(fault)?;
        let padding = archive.get(end..next).ok_or(fault)?;
        if padding.iter().any(|byte| *byte != 0) {
            return Err(end as u64);
        }
        files.push((name, bytes));
        at = next;
    }
}

/// Name and length of a header, if it is the one that this program writes for them.
fn named(head: &[u8]) -> Option<(&str, u64)> {
    let name = head[..NAME_MAX].split(|byte| *byte == 0).next()?;
    let name = std::str::from_utf8(name).ok().filter(|name| !name.is_empty())?;
    let length = std::str::from_utf8(&head[124..135]).ok()?;
    let length = u64::from_str_radix(length, 8).ok()?;
    (header(name, length) == head).then_some((name, length))
}

fn header(name: &str, length: u64) -> [u8; BLOCK] {
    let mut head = [0; BLOCK];
    let mut put = |at: usize, text: &[u8]| head[at..at + text.len()].copy_from_slice(text);
    put(0, &name.as_bytes()[..name.len().min(NAME_MAX)]);
    put(100, b"0000600\0");
    put(108, b"0000000\0");
    put(116, b"0000000\0");
    put(124, format!("{:011o}\0", length.min(FILE_MAX)).as_bytes());
    put(136, b"00000000000\0");
    put(SUM.start, b"        ");
    put(156, b"0");
    put(257, b"ustar\x0000");
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[SUM].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    head
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_reads_back_and_every_changed_byte_of_its_frame_is_seen() {
        let files: [(&str, &[u8]); 3] = [("a", b"x"), ("empty", b""), ("b.txt", &[7; 700])];
        let archive = write(&files);
        assert_eq!(read(&archive).as_deref(), Ok(&files[..]));
        for at in 0..archive.len() {
            let mut changed = archive.clone();
            changed[at] ^= 1;
            assert_ne!(read(&changed).as_deref(), Ok(&files[..]), "byte {at}");
        }
        for end in 0..archive.len() {
            assert!(read(&archive[..end]).is_err(), "cut at {end}");
        }
        assert!(read(&[&archive[..], b"\0"].concat()).is_err());
    }
}
