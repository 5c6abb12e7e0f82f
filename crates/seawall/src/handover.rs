//! Passing listening sockets from a running shield to its successor, so that none is lost.
//!
//! The successor connects to `handover.sock` in the state folder and is sent every listening
//! socket; once it serves it says so, and the predecessor drains.
//! Only the owner of the state folder reaches the socket.

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use std::fs;
use std::io::{self, IoSlice, IoSliceMut, Read as _, Write as _};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Sockets that one message carries; the kernel's own most is 253 (unix(7)).
const SOCKETS_MAX: usize = 200;
/// What the successor says once it serves.
const SERVING: &[u8] = b"serving\n";
/// How long either side waits for the other.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a predecessor that does not answer yet is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// The sockets of a predecessor, and the way to tell it that they are served.
pub(crate) struct Inheritance {
    pub(crate) sockets: Vec<OwnedFd>,
    predecessor: UnixStream,
}

impl Inheritance {
    /// Asks the shield that runs with this state folder for its sockets.
    ///
    /// # Errors
    /// Nobody answers, or what answers hands nothing over.
    pub(crate) fn ask(path: &Path) -> io::Result<Self> {
        let predecessor = connect(path)?;
        predecessor.set_read_timeout(Some(PATIENCE))?;
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_MAX))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut count = [0_u8; 1];
        let flags = RecvFlags::CMSG_CLOEXEC;
        recvmsg(&predecessor, &mut [IoSliceMut::new(&mut count)], &mut ancillary, flags)?;
        let mut sockets = Vec::new();
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(handed_over) = message {
                sockets.extend(handed_over);
            }
        }
        if sockets.len() != usize::from(count[0]) || sockets.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "not every socket came over"));
        }
        Ok(Self { sockets, predecessor })
    }

    /// Tells the predecessor to drain.
    ///
    /// # Errors
    /// It is gone, which is as good.
    pub(crate) fn served(mut self) -> io::Result<()> {
        self.predecessor.write_all(SERVING)
    }
}

fn connect(path: &Path) -> io::Result<UnixStream> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        match UnixStream::connect(path) {
            Ok(stream) => return Ok(stream),
            Err(cause) if Instant::now() > give_up => return Err(cause),
            // It may be starting itself, or draining for somebody else.
            Err(_) => thread::sleep(ASK_AGAIN),
        }
    }
}

/// Offers sockets to a successor; tells once one has taken them and serves.
///
/// # Errors
/// The socket in the state folder cannot be made.
pub(crate) fn offer(
    path: &Path,
    sockets: impl Fn() -> Vec<OwnedFd> + Send + 'static,
) -> io::Result<Receiver<()>> {
    // Left behind by a process that was killed; the state folder's lock says it is ours now.
    match fs::remove_file(path) {
        Ok(()) => {}
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
        Err(cause) => return Err(cause),
    }
    let listener = UnixListener::bind(path)?;
    let (taken, succeeded) = channel();
    let hand_over = move || {
        for successor in listener.incoming().flatten() {
            match give(successor, &sockets()) {
                Ok(()) => {
                    // The main thread may have left already.
                    let _ = taken.send(());
                    return;
                }
                Err(cause) => tracing::warn!(%cause, "a successor asked for sockets and failed"),
            }
        }
    };
    thread::Builder::new().name("handover".to_owned()).spawn(hand_over)?;
    Ok(succeeded)
}

fn give(mut successor: UnixStream, sockets: &[OwnedFd]) -> io::Result<()> {
    let borrowed: Vec<BorrowedFd<'_>> =
        sockets.iter().map(std::os::fd::AsFd::as_fd).take(SOCKETS_MAX).collect();
    let count = [u8::try_from(borrowed.len()).map_err(io::Error::other)?];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(SOCKETS_MAX))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    if !ancillary.push(SendAncillaryMessage::ScmRights(&borrowed)) {
        return Err(io::Error::other("too many sockets for one message"));
    }
    sendmsg(&successor, &[IoSlice::new(&count)], &mut ancillary, SendFlags::empty())?;
    successor.set_read_timeout(Some(PATIENCE))?;
    let mut answer = [0; SERVING.len()];
    successor.read_exact(&mut answer)?;
    if answer == *SERVING { Ok(()) } else { Err(io::ErrorKind::InvalidData.into()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn a_successor_gets_every_socket_and_the_predecessor_learns_that_it_serves() {
        let path = std::env::temp_dir().join(format!("handover-{}.sock", std::process::id()));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let offered = move || vec![OwnedFd::from(listener.try_clone().unwrap())];
        let succeeded = offer(&path, offered).unwrap();
        let inheritance = Inheritance::ask(&path).unwrap();
        assert_eq!(inheritance.sockets.len(), 1);
        assert!(succeeded.try_recv().is_err(), "told before anyone serves");
        let inherited = TcpListener::from(inheritance.sockets[0].try_clone().unwrap());
        assert_eq!(inherited.local_addr().unwrap(), address);
        inheritance.served().unwrap();
        succeeded.recv_timeout(PATIENCE).unwrap();
        fs::remove_file(path).unwrap();
    }
}
