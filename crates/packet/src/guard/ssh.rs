//! The ports that sshd listens on, and who is connected to them.
//!
//! Takes what settings, units and running processes say; a port that is named by any of them counts.
//! Which process holds a socket is told only to whoever has rights over it: settings and command lines
//! say the rest.
//! Bounds: [`PORTS_MAX`] ports, [`PEERS_MAX`] peers, [`READ_MAX`] bytes of each file.

use super::{hexadecimal, text};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{IpAddr, SocketAddr};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The port of SSH where nothing says another.
const SSH: u16 = 22;
/// Ports that count.
const PORTS_MAX: usize = 32;
/// Peers that are guarded: more than sshd lets in before they have said who they are (100).
pub(super) const PEERS_MAX: usize = 128;
/// Bytes of a table of connections: some 400,000 of them.
const READ_MAX: u64 = 64 * 1024 * 1024;
/// Names of processes that serve SSH.
const SERVERS: [&str; 2] = ["sshd", "dropbear"];
/// Where units say that systemd listens for sshd.
const UNITS: [&str; 4] = [
    "/usr/lib/systemd/system",
    "/etc/systemd/system",
    "/run/systemd/generator",
    "/run/systemd/system",
];
const LISTENING: &str = "0A";
const ESTABLISHED: &str = "01";

/// Ports that sshd listens on, as far as this process may know.
pub(super) fn ports() -> BTreeSet<u16> {
    let session = std::env::var("SSH_CONNECTION").unwrap_or_default();
    let mut found = BTreeSet::from([SSH]);
    found.extend(own_port(&session));
    for path in with_drop_ins(Path::new("/etc/ssh/sshd_config")) {
        found.extend(of_settings(&text(path)));
    }
    for folder in UNITS.map(Path::new) {
        for unit in ["ssh.socket", "sshd.socket"] {
            for path in with_drop_ins(&folder.join(unit)) {
                found.extend(of_unit(&text(path)));
            }
        }
    }
    found.extend(of_processes());
    found.into_iter().take(PORTS_MAX).collect()
}

/// A file of settings, and those in the folder beside it whose names end in `.conf`.
fn with_drop_ins(file: &Path) -> Vec<PathBuf> {
    let folder = PathBuf::from(format!("{}.d", file.display()));
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let conf = entries.filter(|path| path.extension().is_some_and(|ending| ending == "conf"));
    std::iter::once(file.to_owned()).chain(conf.take(64)).collect()
}

/// Our port in `SSH_CONNECTION`.
fn own_port(session: &str) -> Option<u16> {
    session.split(' ').nth(3)?.parse().ok()
}

/// The peer of `SSH_CONNECTION`: its address, its port, ours, our port.
pub(super) fn session(text: &str) -> Option<IpAddr> {
    text.split(' ').next()?.parse().ok()
}

/// Ports in sshd's settings.
fn of_settings(text: &str) -> Vec<u16> {
    let port = |line: &str| {
        let mut words = line.split([' ', '\t', '=']).filter(|word| !word.is_empty());
        let (key, value) = (words.next()?, words.next()?);
        match key.to_ascii_lowercase().as_str() {
            "port" => value.parse().ok(),
            "listenaddress" => at_end(value),
            _ => None,
        }
    };
    text.lines().filter_map(port).collect()
}

/// Ports of a unit of sockets.
fn of_unit(text: &str) -> Vec<u16> {
    let port = |line: &str| {
        let value = line.trim().strip_prefix("ListenStream=")?.trim();
        value.parse().ok().or_else(|| at_end(value))
    };
    text.lines().filter_map(port).collect()
}

/// The port behind an address or a name, where there is one.
fn at_end(text: &str) -> Option<u16> {
    if let Ok(address) = text.parse::<SocketAddr>() {
        return Some(address.port());
    }
    let (name, port) = text.rsplit_once(':')?;
    // One more colon is an IPv6 address without a port.
    (!name.contains(':')).then(|| port.parse().ok())?
}

/// Ports that running servers hold or were told to.
fn of_processes() -> BTreeSet<u16> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found = BTreeSet::new();
    let mut sockets = BTreeSet::new();
    for process in processes.filter(|path| serves(path)) {
        found.extend(of_command_line(&fs::read(process.join("cmdline")).unwrap_or_default()));
        let held = fs::read_dir(process.join("fd")).into_iter().flatten().flatten();
        let target = |entry: fs::DirEntry| fs::read_link(entry.path()).ok();
        sockets.extend(held.filter_map(target).filter_map(|target| socket(&target)));
    }
    if !sockets.is_empty() {
        rows(|row| {
            if row.state == LISTENING && sockets.contains(row.inode) {
                found.insert(row.port);
            }
        });
    }
    found
}

/// Whether a process serves SSH; one of another user than root may call itself what it likes.
fn serves(process: &Path) -> bool {
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    SERVERS.contains(&name.trim_end()) && fs::metadata(process).is_ok_and(|own| own.uid() == 0)
}

/// The ports behind `-p` of a command line, whose words may be one text or several.
fn of_command_line(line: &[u8]) -> Vec<u16> {
    let line = String::from_utf8_lossy(line);
    let mut words = line.split(['\0', ' ']);
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let Some(behind) = word.strip_prefix("-p") else { continue };
        let value = if behind.is_empty() { words.next().unwrap_or_default() } else { behind };
        found.extend(value.parse::<u16>().ok().or_else(|| at_end(value)));
    }
    found
}

/// The inode of a socket that a descriptor is.
fn socket(target: &Path) -> Option<String> {
    let inner = target.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?;
    Some(inner.to_owned())
}

/// Peers of open connections to these ports.
pub(super) fn peers(ports: &BTreeSet<u16>) -> BTreeSet<IpAddr> {
    let mut found = BTreeSet::new();
    rows(|row| {
        if row.state == ESTABLISHED && ports.contains(&row.port) && found.len() < PEERS_MAX {
            found.extend(hexadecimal(row.peer));
        }
    });
    found
}

/// One connection or listener.
struct Row<'a> {
    port: u16,
    peer: &'a str,
    state: &'a str,
    inode: &'a str,
}

/// Hands over the rows of the kernel's tables of TCP.
fn rows(mut take: impl FnMut(Row<'_>)) {
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(file) = File::open(table) else { continue };
        let mut lines = BufReader::new(file.take(READ_MAX));
        let mut line = String::new();
        while lines.read_line(&mut line).is_ok_and(|length| length > 0) {
            if let Some(row) = row(&line) {
                take(row);
            }
            line.clear();
        }
    }
}

/// A row as the kernel writes it; its head is none.
fn row(line: &str) -> Option<Row<'_>> {
    let mut words = line.split_whitespace().skip(1);
    let (own, peer, state) = (words.next()?, words.next()?, words.next()?);
    let port = u16::from_str_radix(own.rsplit_once(':')?.1, 16).ok()?;
    let inode = words.nth(5).unwrap_or_default();
    Some(Row { port, peer: peer.rsplit_once(':')?.0, state, inode })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_found_in_settings_units_sessions_and_command_lines() {
        let settings = "#Port 22\nPort 2222\nport=2200\nListenAddress [2001:db8::1]:2022\n\
                        ListenAddress 192.0.2.1\nListenAddress 2001:db8::1\nListenAddress box:24\n";
        assert_eq!(of_settings(settings), [2222, 2200, 2022, 24]);
        assert_eq!(
            of_unit("[Socket]\nListenStream=\nListenStream=[::]:2222\nListenStream=23\n"),
            [2222, 23]
        );
        assert_eq!(own_port("192.0.2.9 51000 198.51.100.1 2222"), Some(2222));
        assert_eq!(own_port(""), None);
        let titled = b"sshd: /usr/sbin/sshd -D -p 2222 [listener] 0 of 10-100 startups\0";
        assert_eq!(of_command_line(titled), [2222]);
        let words: [&[u8]; 5] = [b"dropbear", b"-F", b"-p", b"192.0.2.1:2022", b"-p23"];
        assert_eq!(of_command_line(&words.join(&0)), [2022, 23]);
        assert_eq!(of_command_line(b"/usr/sbin/sshd\0-D\0"), [0_u16; 0]);
    }

    #[test]
    fn a_row_of_the_kernel_is_read_and_its_head_is_none() {
        let line = "   0: 016433C6:0016 090200C0:C738 01 00000000:00000000 00:00000000 00000000     \
                    0        0 41217 1 0000000000000000 20 4 30 10 -1\n";
        let row = row(line).unwrap();
        assert_eq!((row.port, row.peer, row.state, row.inode), (22, "090200C0", "01", "41217"));
        assert!(super::row("  sl  local_address rem_address   st tx_queue\n").is_none());
        assert_eq!(socket(Path::new("socket:[41217]")).as_deref(), Some("41217"));
        assert_eq!(socket(Path::new("/dev/null")), None);
    }
}
