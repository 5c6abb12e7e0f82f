//! Other programs: run, watched line by line, and what went wrong as a sentence.

use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::{Sender, channel};
use std::thread;
use std::time::Duration;

/// Why a chore could not do what it was asked, as a sentence for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure(String);

impl Failure {
    /// A failure that reads `sentence`.
    pub(crate) fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// A failure of `deed`, with what the system said about it.
    pub(crate) fn of(deed: impl fmt::Display, cause: impl fmt::Display) -> Self {
        Self(format!("cannot {deed}: {cause}"))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Failure {
    fn from(sentence: &str) -> Self {
        Self(sentence.to_owned())
    }
}

/// The program that ends others.
const TIMEOUT: &str = "timeout";

/// What it ends with when it had to.
pub(crate) const TIMED_OUT: i32 = 124;

/// The cargo that runs us, so that a chore and its builds use one toolchain.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// `program` that is ended, with all it started, once `limit` is over.
pub(crate) fn timed(limit: Duration, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(TIMEOUT);
    command.arg("--kill-after=10").arg(limit.as_secs().to_string()).arg(program);
    command
}

/// A command as one would type it: without its time limit and the folder of its program.
pub(crate) fn spoken(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words = words.map(OsStr::to_string_lossy);
    let limit = if command.get_program() == TIMEOUT { 3 } else { 0 };
    let said = words.skip(limit).enumerate().map(|(place, word)| {
        let word = match place {
            0 => word.rsplit('/').next().unwrap_or_default(),
            _ => &word,
        };
        if word.contains([' ', '*']) { format!("'{word}'") } else { word.to_owned() }
    });
    said.collect::<Vec<_>>().join(" ")
}

/// Runs `command` with our own input and outputs.
///
/// # Errors
/// When it cannot be started or does not end with 0.
pub(crate) fn run(command: &mut Command) -> Result<(), Failure> {
    ended(command.status(), command)
}

/// Runs `command` and gives what it wrote to stdout; stderr stays ours.
///
/// # Errors
/// When it cannot be started or does not end with 0.
pub(crate) fn capture(command: &mut Command) -> Result<String, Failure> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|cause| Failure::of(format!("run `{}`", spoken(command)), cause))?;
    ended(Ok(output.status), command)?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a watched program wrote, line by line, and how it ended.
pub(crate) struct Watched {
    /// Lines of stdout and stderr, in the order in which they came.
    pub(crate) lines: Vec<String>,
    /// Whether it ended with 0, or why not.
    pub(crate) ended: Result<(), Failure>,
}

/// Runs `command`, passes on everything that it writes, and keeps it.
///
/// # Errors
/// When it cannot be started.
pub(crate) fn watch(command: &mut Command) -> Result<Watched, Failure> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|cause| Failure::of(format!("run `{}`", spoken(command)), cause))?;
    let (sender, receiver) = channel();
    let readers = [
        child.stdout.take().map(|pipe| copy(pipe, io::stdout(), sender.clone())),
        child.stderr.take().map(|pipe| copy(pipe, io::stderr(), sender)),
    ];
    let lines: Vec<String> = receiver.iter().collect();
    for reader in readers.into_iter().flatten() {
        reader.join().map_err(|_| Failure::from("the reader of a program's output broke"))?;
    }
    Ok(Watched { lines, ended: ended(child.wait(), command) })
}

fn copy(
    from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    lines: Sender<String>,
) -> thread::JoinHandle<()> {
    thread::spawn(move || {
        let mut from = BufReader::new(from);
        let mut line = Vec::new();
        while matches!(from.read_until(b'\n', &mut line), Ok(1..)) {
            // A closed terminal must not end the run that it watches.
            let _ = to.write_all(&line).and_then(|()| to.flush());
            let _ = lines.send(String::from_utf8_lossy(&line).trim_end().to_owned());
            line.clear();
        }
    })
}

fn ended(status: io::Result<ExitStatus>, command: &Command) -> Result<(), Failure> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::new(match status.code() {
            Some(TIMED_OUT) => format!("`{}` took too long", spoken(command)),
            _ => format!("`{}` ended with {status}", spoken(command)),
        })),
        Err(cause) => Err(Failure::of(format!("run `{}`", spoken(command)), cause)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_watched_program_gives_both_its_outputs_and_its_end() {
        let watched = watch(Command::new("sh").args(["-c", "echo out; echo err >&2; exit 3"]));
        let watched = watched.expect("a shell starts");
        let mut lines = watched.lines;
        lines.sort();
        assert_eq!(lines, ["err", "out"]);
        let failure = watched.ended.expect_err("it ended with 3");
        assert!(failure.to_string().contains("exit status: 3"), "{failure}");
    }

    #[test]
    fn a_program_that_is_not_there_is_a_sentence() {
        let failure = run(&mut Command::new("no-such-program")).expect_err("not there");
        assert!(failure.to_string().starts_with("cannot run `no-such-program`: "), "{failure}");
    }

    #[test]
    fn a_command_reads_as_it_would_be_typed() {
        let mut command = timed(Duration::from_mins(1), "/usr/bin/cargo");
        command.args(["test", "--test", "*"]);
        assert_eq!(spoken(&command), "cargo test --test '*'");
    }
}
