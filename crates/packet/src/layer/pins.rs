//! Where programs and blocked hosts outlive this process: names in a folder of a BPF file system.
//!
//! Bounds: four names for each interface.

use crate::kernel::{KEPT_TABLES, XdpKind, detach_pinned};
use std::fs;
use std::path::{Path, PathBuf};

/// The layout of what is kept in tables; another one gets other names, so that no shield reads the
/// entries of another layout.
const LAYOUT: u32 = 1;

/// The pin of the program on an interface.
pub(super) fn program(folder: &Path, interface: &str, kind: XdpKind) -> PathBuf {
    folder.join(format!("seawall-{}-{}", plain(interface), kind.word()))
}

/// The pin of a table; the interface is the first of its shield.
pub(super) fn table(folder: &Path, interface: &str, name: &str) -> PathBuf {
    folder.join(format!("seawall-{}-{name}-{LAYOUT}", plain(interface)))
}

/// The name of an interface as a BPF file system takes it: without dots.
///
/// No interface's name holds a colon, so that no two become one.
fn plain(interface: &str) -> String {
    interface.replace('.', ":")
}

/// How an interface is covered by what a shield left behind.
pub(super) fn left_behind(folder: &Path, interface: &str) -> Option<(XdpKind, PathBuf)> {
    XdpKind::ALL
        .into_iter()
        .map(|kind| (kind, program(folder, interface, kind)))
        .find(|(_, pin)| pin.exists())
}

/// Takes off what a shield left pinned for an interface; how many programs that were.
pub fn unpin(folder: &Path, interface: &str) -> usize {
    let programs = XdpKind::ALL.map(|kind| program(folder, interface, kind));
    // A name that is not there, or that this process may not remove, was not taken off.
    let removed = programs.iter().filter(|pin| detach_pinned(pin).is_ok()).count();
    unpin_tables(folder, interface);
    removed
}

/// Takes off the tables of a shield whose first interface this was.
pub(super) fn unpin_tables(folder: &Path, interface: &str) {
    for name in KEPT_TABLES {
        // A name that is not there is as good.
        let _ = detach_pinned(&table(folder, interface, name));
    }
}

/// Whether names in `folder` are kept by the kernel.
pub(super) fn is_bpf(folder: &Path) -> bool {
    fs::read_to_string("/proc/self/mounts").is_ok_and(|mounts| holds_bpf(&mounts, folder))
}

/// Whether the mount that a folder lies in is a BPF file system.
fn holds_bpf(mounts: &str, folder: &Path) -> bool {
    let mount = |line: &str| {
        let mut words = line.split(' ').skip(1);
        let (place, kind) = (words.next()?.to_owned(), words.next()? == "bpf");
        folder.starts_with(&place).then_some((place.len(), kind))
    };
    // The innermost decides, and of several on one place the last.
    mounts.lines().filter_map(mount).max_by_key(|(length, _)| *length).is_some_and(|(_, bpf)| bpf)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_named_without_dots_and_after_one_interface_alone() {
        let named = |interface| program(Path::new("/pins"), interface, XdpKind::Native);
        assert_eq!(named("eth0.10"), Path::new("/pins/seawall-eth0:10-native"));
        assert_ne!(named("eth0.10"), named("eth0-10"));
        let table = table(Path::new("/pins"), "eth0.10", "HOST4");
        assert_eq!(table, Path::new("/pins/seawall-eth0:10-HOST4-1"));
    }

    #[test]
    fn the_innermost_and_last_mount_decides_whether_names_are_kept() {
        let kept = |mounts: &str| holds_bpf(mounts, Path::new("/sys/fs/bpf"));
        let sys = "sysfs /sys sysfs rw 0 0\n";
        assert!(!kept(sys));
        assert!(kept(&format!("{sys}bpf /sys/fs/bpf bpf rw,mode=700 0 0\n")));
        assert!(!kept(&format!(
            "{sys}bpf /sys/fs/bpf bpf rw 0 0\ntmpfs /sys/fs/bpf tmpfs rw 0 0\n"
        )));
        assert!(!kept("bpf /sys/fs/bp bpf rw 0 0\n"));
    }
}
