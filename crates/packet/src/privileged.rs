//! A process of its own that alone holds the rights of the packet layer.
//!
//! Takes a closed list of requests over a pair of sockets, and gives back what came of them, with the
//! kernel's tables as descriptors.
//! Never reads a byte that came from the network: tables and samples are read by whoever asked.
//! What it may touch is fixed before anything comes from the network: which interfaces, which folder.
//! Bounds: [`words::MESSAGE_MAX`] bytes of a message, [`ANSWER_WITHIN`] for an answer.

mod rights;
mod words;

pub(crate) use words::{Net, Request, Told};

use crate::layer::{Bounds, Works};
use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use words::Heard;

/// How long an answer may take: loading, and nft at each of several interfaces.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How long its end may take, once it was asked to end.
const END_WITHIN: Duration = Duration::from_secs(1);

/// The way to a running helper.
pub struct Helper {
    stream: UnixStream,
    child: Child,
}

impl Helper {
    /// Starts `command`, which runs [`serve`], and tells it what it may touch.
    ///
    /// # Errors
    /// It does not start, or does not answer.
    pub fn start(command: &mut Command, bounds: &Bounds) -> io::Result<Self> {
        let (stream, theirs) = UnixStream::pair()?;
        stream.set_read_timeout(Some(ANSWER_WITHIN))?;
        stream.set_write_timeout(Some(ANSWER_WITHIN))?;
        let child = command
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()?;
        let helper = Self { stream, child };
        words::say(&helper.stream, bounds, &[])?;
        Ok(helper)
    }

    /// Asks for something.
    ///
    /// # Errors
    /// The helper is gone, or does not answer in time.
    pub(crate) fn ask(&mut self, request: &Request) -> io::Result<(Told, Vec<OwnedFd>)> {
        words::say(&self.stream, request, &[])?;
        match words::hear(&self.stream)? {
            Heard::Said(told, descriptors) => Ok((told, descriptors)),
            Heard::Ended => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    /// Whether it still holds its end of the pair.
    pub(crate) fn lives(&self) -> bool {
        words::is_open(&self.stream)
    }
}

impl Drop for Helper {
    /// Its end is waited for, but not for long: it goes on by itself where nft hangs.
    fn drop(&mut self) {
        // A pair that is closed already is as good.
        let _ = self.stream.shutdown(std::net::Shutdown::Both);
        let give_up = Instant::now() + END_WITHIN;
        while matches!(self.child.try_wait(), Ok(None)) && Instant::now() < give_up {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

/// The helper's whole life: serves requests that come over `stream` until that is closed.
///
/// # Errors
/// Rights cannot be given up, or what comes is no request.
pub fn serve(stream: &UnixStream) -> io::Result<()> {
    rights::ignore_interruptions();
    rights::keep_own()?;
    converse(stream)
}

/// Serves requests within the bounds that are told first.
fn converse(stream: &UnixStream) -> io::Result<()> {
    let Heard::Said(bounds, _) = words::hear::<Bounds>(stream)? else { return Ok(()) };
    let mut works = Works::new(bounds);
    let ended = answer(stream, &mut works);
    // However it ended: nft still has tables to take away.
    works.abandon();
    ended
}

/// Answers requests until the other end is closed.
fn answer(stream: &UnixStream, works: &mut Works) -> io::Result<()> {
    while let Heard::Said(request, _) = words::hear::<Request>(stream)? {
        let (told, descriptors) = works.obey(request);
        let descriptors: Vec<_> = descriptors.iter().map(OwnedFd::as_fd).collect();
        words::say(stream, &told, &descriptors)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layer::{Mode, Wanted};
    use std::io::Write as _;
    use std::path::PathBuf;
    use std::thread;

    fn bounds() -> Bounds {
        Bounds {
            wanted: Wanted::Nft,
            interfaces: vec!["none7".to_owned()],
            pins: PathBuf::from("/nowhere"),
            stays: false,
        }
    }

    #[test]
    fn a_request_is_answered_within_its_bounds_and_a_closed_pair_ends_it() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let served = thread::spawn(move || converse(&theirs));
        words::say(&ours, &bounds(), &[]).unwrap();
        let ask = |request: Request| {
            words::say(&ours, &request, &[]).unwrap();
            let Heard::Said(told, descriptors) = words::hear::<Told>(&ours).unwrap() else {
                panic!("it ended")
            };
            assert!(descriptors.is_empty(), "nft has no tables of the kernel");
            told
        };
        assert!(ask(Request::Look).modes.is_empty());
        let (passes, tcp_ports) = (vec![("192.0.2.1".parse().unwrap(), 32)], vec![443]);
        assert_eq!(
            ask(Request::Load { passes, tcp_ports }),
            Told { is_succeeded: true, ..Told::default() }
        );
        let told = ask(Request::Cover);
        assert_eq!(told.modes, [("none7".to_owned(), Mode::Off)]);
        assert!(told.said.iter().any(|said| said.contains("none7")), "{told:?}");
        let told = ask(Request::Cover);
        assert_eq!(told.modes, [("none7".to_owned(), Mode::Off)], "nothing is covered twice");
        assert!(told.said.iter().any(|said| said.contains("already")), "{told:?}");
        let nets = [("192.0.2.1", 33), ("192.0.2.1", 32), ("2001:db8::", 129), ("::", 128)];
        let nets = nets.iter().map(|(own, bits)| (own.parse().unwrap(), *bits)).collect();
        let told = ask(Request::Pass(nets));
        let refused = "refused: 2, the first of them 192.0.2.1/33";
        assert!(told.said.iter().any(|said| said.contains(refused)), "{told:?}");
        assert!(words::is_open(&ours));
        drop(ours);
        served.join().unwrap().unwrap();
    }

    #[test]
    fn a_pair_that_is_closed_before_the_answer_ends_it() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        words::say(&ours, &bounds(), &[]).unwrap();
        words::say(&ours, &Request::Cover, &[]).unwrap();
        drop(ours);
        let fault = converse(&theirs).unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::BrokenPipe);
    }

    #[test]
    fn descriptors_come_with_what_is_said() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        words::say(&ours, &Told::default(), &[ours.as_fd(), ours.as_fd()]).unwrap();
        let Heard::Said(told, descriptors) = words::hear::<Told>(&theirs).unwrap() else {
            panic!("it ended")
        };
        assert_eq!((told, descriptors.len()), (Told::default(), 2));
        drop((ours, descriptors));
        assert!(matches!(words::hear::<Told>(&theirs), Ok(Heard::Ended)));
    }

    #[test]
    fn what_is_no_request_or_too_long_is_refused() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        words::say(&ours, &"Reboot", &[]).unwrap();
        assert!(words::hear::<Request>(&theirs).is_err());
        let long = vec![0_u8; words::MESSAGE_MAX];
        assert!(words::say(&ours, &long, &[]).is_err(), "it is longer once it is written");
        let length = u32::try_from(words::MESSAGE_MAX + 1).unwrap();
        (&ours).write_all(&length.to_le_bytes()).unwrap();
        assert!(
            words::hear::<Request>(&theirs).is_err(),
            "nothing of that length is made room for"
        );
        drop(theirs);
        assert!(!words::is_open(&ours));
    }
}
