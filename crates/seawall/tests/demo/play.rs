//! Starts the demo and reads it.

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Below the ports that Linux gives to outgoing connections, so that none of those takes one.
const PORTS: std::ops::Range<u16> = 20_000..31_000;
/// TLS listens this far above the plain port.
const TLS_ABOVE: u16 = 363;
/// A demo that has not ended this long after it should is broken.
const PATIENCE: Duration = Duration::from_mins(1);

/// Demos share the machine's cores and block of source addresses: one at a time.
static STAGE: Mutex<()> = Mutex::new(());

/// Addresses that nobody holds.
pub(crate) struct Ports {
    pub(crate) plain: SocketAddr,
    pub(crate) tls: SocketAddr,
    pub(crate) control: SocketAddr,
}

impl Ports {
    pub(crate) fn free() -> Self {
        let own = u16::try_from(std::process::id() % 1_000).unwrap() * 11;
        let ports = PORTS.cycle().skip(usize::from(own)).take(PORTS.len());
        let address = |port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        ports
            .map(|port| Self {
                plain: address(port),
                tls: address(port + TLS_ABOVE),
                control: address(port + 1),
            })
            .find(|ports| {
                let all = [ports.plain, ports.tls, ports.control];
                let held: Vec<_> = all.iter().flat_map(TcpListener::bind).collect();
                held.len() == all.len()
            })
            .expect("three free ports")
    }
}

/// A folder of the test's own for the state folder of the demo.
pub(crate) fn scratch(name: &str) -> PathBuf {
    let folder = format!("seawall-test-demo-{name}-{}", std::process::id());
    let path = std::env::temp_dir().join(folder);
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir(&path).unwrap();
    path
}

fn command(ports: &Ports, temporary: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seawall"));
    command.arg("demo").args(arguments).env("TMPDIR", temporary);
    command.arg("--listen").arg(ports.plain.to_string());
    command.arg("--control").arg(ports.control.to_string());
    command
}

/// Exit code and stderr of a demo that does not get as far as its show.
pub(crate) fn ended(ports: &Ports, temporary: &Path) -> (Option<i32>, String) {
    let output = command(ports, temporary, &["--for", "2s"]).output().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), errors)
}

/// A demo that runs; killed when dropped.
pub(crate) struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    output: String,
    _stage: MutexGuard<'static, ()>,
}

impl Running {
    pub(crate) fn start(ports: &Ports, temporary: &Path, arguments: &[&str]) -> Self {
        let stage = STAGE.lock().unwrap_or_else(PoisonError::into_inner);
        let mut command = command(ports, temporary, arguments);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = child.stdout.take().map(BufReader::new);
        Self { child, stdout, output: String::new(), _stage: stage }
    }

    /// The next line; none once the demo has closed its output.
    pub(crate) fn next_line(&mut self) -> Option<String> {
        let mut line = String::new();
        let length = self.stdout.as_mut()?.read_line(&mut line).unwrap();
        self.output.push_str(&line);
        (length > 0).then(|| line.trim_end().to_owned())
    }

    pub(crate) fn read_until(&mut self, wanted: &str) {
        while let Some(line) = self.next_line() {
            if line == wanted {
                return;
            }
        }
        panic!("the demo ended without {wanted:?}:\n{}", self.output);
    }

    pub(crate) fn interrupt(&self) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, Signal::INT).unwrap();
    }

    /// As a pager does that was quit.
    pub(crate) fn close_stdout(&mut self) {
        self.stdout = None;
    }

    /// Exit code and everything printed.
    pub(crate) fn end(self) -> (Option<i32>, String) {
        self.end_within(PATIENCE)
    }

    pub(crate) fn end_within(mut self, patience: Duration) -> (Option<i32>, String) {
        let give_up = Instant::now() + patience;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.code(), std::mem::take(&mut self.output));
            }
            assert!(Instant::now() < give_up, "still running:\n{}", self.output);
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended cannot be killed, and need not be.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The whole answer to one request.
pub(crate) fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}
