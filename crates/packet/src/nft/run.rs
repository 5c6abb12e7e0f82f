//! Runs nft, for as long as is fair.
//!
//! Bounds: [`WITHIN`] for one run, which is killed then; [`SAID_MAX`] bytes of what it says.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};
use thiserror::Error;

/// What one run may take.
pub const WITHIN: Duration = Duration::from_secs(5);
/// How often its end is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(5);
/// Bytes that are read of what it says.
const SAID_MAX: u64 = 4_096;

/// Why nft did nothing.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NftFault {
    /// It is not installed, or the system starts no more processes.
    #[error("nft cannot be run: {0}")]
    NotRun(String),
    /// It took longer than it may.
    #[error("nft took longer than {} s and was killed", .0.as_secs_f64())]
    Hung(Duration),
    /// What it said first.
    #[error("{0}")]
    Refused(String),
}

/// Has nft do all of a text or nothing of it.
///
/// # Errors
/// It is not installed, takes longer than [`WITHIN`], or refuses.
pub fn run(text: &str) -> Result<(), NftFault> {
    if text.is_empty() {
        return Ok(());
    }
    // Its words are read, so that they are in one language.
    run_by(Command::new("nft").env("LC_ALL", "C"), text, WITHIN)
}

fn run_by(command: &mut Command, text: &str, within: Duration) -> Result<(), NftFault> {
    let told = |cause: io::Error| NftFault::NotRun(cause.to_string());
    // Files in memory: a program that neither reads nor is read would hold up a pipe.
    let mut input = in_memory().map_err(told)?;
    input.write_all(text.as_bytes()).and_then(|()| input.rewind()).map_err(told)?;
    let mut said = in_memory().map_err(told)?;
    let ears = said.try_clone().map_err(told)?;
    let child = command
        .args(["-f", "-"])
        .stdin(Stdio::from(input))
        .stdout(Stdio::null())
        .stderr(Stdio::from(ears))
        .spawn()
        .map_err(told)?;
    let Some(status) = ended(child, within).map_err(told)? else {
        return Err(NftFault::Hung(within));
    };
    if status.success() {
        return Ok(());
    }
    let mut text = Vec::new();
    // What cannot be read was not said.
    let _ = said.rewind().and_then(|()| said.take(SAID_MAX).read_to_end(&mut text));
    let text = String::from_utf8_lossy(&text);
    let first = text.lines().next().unwrap_or("nft refuses and does not say why");
    Err(NftFault::Refused(first.to_owned()))
}

fn in_memory() -> io::Result<File> {
    let flags = rustix::fs::MemfdFlags::CLOEXEC;
    Ok(File::from(rustix::fs::memfd_create("seawall-nft", flags)?))
}

/// How a program ended; nothing where it had to be killed.
fn ended(mut child: Child, within: Duration) -> io::Result<Option<ExitStatus>> {
    let give_up = Instant::now() + within;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if Instant::now() >= give_up {
            break;
        }
        sleep(LOOK_EVERY);
    }
    child.kill()?;
    // The kernel ends it as soon as it can; one that hangs in the kernel is not waited for.
    for _ in 0..100 {
        if child.try_wait()?.is_some() {
            break;
        }
        sleep(LOOK_EVERY);
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ran(script: &str, text: &str) -> Result<(), String> {
        let mut command = Command::new("sh");
        run_by(command.args(["-c", script, "nft"]), text, Duration::from_millis(200))
            .map_err(|fault| fault.to_string())
    }

    #[test]
    fn a_run_that_succeeds_refuses_or_hangs_is_told_apart() {
        let long = "add rule\n".repeat(100_000);
        assert_eq!(ran("test $(wc -l) = 100000", &long), Ok(()));
        assert_eq!(ran("echo no such table >&2; exit 1", ""), Err("no such table".to_owned()));
        assert_eq!(ran("exit 1", ""), Err("nft refuses and does not say why".to_owned()));
        let began = Instant::now();
        let hung = ran("exec sleep 60", &long);
        assert_eq!(hung, Err("nft took longer than 0.2 s and was killed".to_owned()));
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
        let none = run_by(&mut Command::new("/nowhere/nft"), "", Duration::from_secs(1));
        assert!(none.is_err_and(|fault| fault.to_string().starts_with("nft cannot be run: ")));
    }
}
