//! The shield as a process, in a folder of its own.

use super::papers::{CONFIGURATION, Papers};
use std::io::{self, BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Duration;
use tokio::task::spawn_blocking;
use tokio::time::timeout;

/// How long a shield may take until it says that it is ready.
pub const READY_WITHIN: Duration = Duration::from_secs(20);
/// Bytes that are kept of what it says when it fails.
const LAST_WORDS_MAX: u64 = 4_096;

/// Why a shield is not there.
#[derive(Debug, thiserror::Error)]
pub enum ShieldFault {
    /// Every port that was tried is taken.
    #[error("no port of 127.0.0.1 is free for the shield")]
    NoPort,
    /// No certificate could be made.
    #[error("cannot make a certificate for the shield")]
    Certificate(#[source] rcgen::Error),
    /// Its folder cannot be written.
    #[error("cannot write {}", path.display())]
    Folder {
        /// What was to be written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The program cannot be started.
    #[error("cannot start {}", program.display())]
    Program {
        /// Which one.
        program: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It ended, or said nothing, before it was ready.
    #[error("the shield was not ready within {READY_WITHIN:?}: {said}")]
    NotReady {
        /// The beginning of what it complained of.
        said: String,
    },
}

/// A running shield; ended, and its folder removed, when dropped.
#[derive(Debug)]
pub(super) struct ShieldProcess {
    child: Child,
    folder: Folder,
}

impl ShieldProcess {
    pub(super) async fn start(program: &Path, papers: &Papers) -> Result<Self, ShieldFault> {
        let folder = Folder::new()?;
        for (name, content) in &papers.files {
            let path = folder.0.join(name);
            std::fs::write(&path, content)
                .map_err(|source| ShieldFault::Folder { path, source })?;
        }
        let child = Command::new(program)
            .args(["run", "-c"])
            .arg(folder.0.join(CONFIGURATION))
            .env_remove("SEAWALL_CONTROL")
            .env_remove("SEAWALL_TOKEN_FILE")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::from(folder.file("stderr")?))
            .spawn()
            .map_err(|source| ShieldFault::Program { program: program.to_owned(), source })?;
        let mut process = Self { child, folder };
        let lines = process.child.stdout.take().map(BufReader::new);
        let said_ready = spawn_blocking(move || {
            let mut lines = lines?.lines();
            let ready = lines.by_ref().map_while(Result::ok).any(|line| line == "ready");
            // What it says later is nobody's, and must not fill a pipe.
            std::thread::spawn(move || lines.for_each(drop));
            ready.then_some(())
        });
        match timeout(READY_WITHIN, said_ready).await {
            Ok(Ok(Some(()))) => Ok(process),
            _ => Err(ShieldFault::NotReady { said: process.folder.last_words() }),
        }
    }
}

impl Drop for ShieldProcess {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nobody to end.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder for one shield; removed when dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Self, ShieldFault> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("seawall-trial-{}-{}", std::process::id(), NEXT.fetch_add(1, Relaxed));
        let path = std::env::temp_dir().join(name);
        match std::fs::create_dir(&path) {
            Ok(()) => Ok(Self(path)),
            Err(source) => Err(ShieldFault::Folder { path, source }),
        }
    }

    fn file(&self, name: &str) -> Result<std::fs::File, ShieldFault> {
        let path = self.0.join(name);
        std::fs::File::create(&path).map_err(|source| ShieldFault::Folder { path, source })
    }

    fn last_words(&self) -> String {
        let mut said = String::new();
        let file = std::fs::File::open(self.0.join("stderr"));
        // Without a file it said nothing.
        let _ = file.map(|file| file.take(LAST_WORDS_MAX).read_to_string(&mut said));
        said
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the folder of temporary files.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
