//! What the detector has learned, in `learned/` of the state folder: one file for each platform.
//!
//! It is read at start and written now and then and at the end; a file that cannot be read or is not
//! whole is said once and thrown away, and nothing here ever stops a shield.
//! Writing happens on a thread of its own, since a disk may hang; while one write goes on the next
//! is left out.
//! Bounds: one file a platform, of what the detector keeps; one write at a time.

use crate::state::{StateDir, write_whole};
use seawall_engine::Engine;
use seawall_types::Moment;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How often it is written.
const EVERY: Duration = Duration::from_mins(10);
/// How long the end of a run waits for a disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// The folder of what was learned.
pub(crate) struct Learned {
    folder: PathBuf,
    due: Moment,
    writing: Option<JoinHandle<()>>,
    /// Whether another process has the folder now.
    succeeded: Arc<AtomicBool>,
}

impl Learned {
    pub(crate) fn new(state: &StateDir, succeeded: Arc<AtomicBool>) -> Self {
        Self { folder: state.join("learned"), due: Moment(0), writing: None, succeeded }
    }

    /// Hands an engine what was learned before, and the hour of the week.
    pub(crate) fn restore(&mut self, now: Moment, engine: &mut Engine) {
        self.due = now + EVERY;
        engine.set_calendar(seconds_into_week(now));
        for name in engine.platform_names() {
            let path = self.path(&name);
            match fs::read(&path) {
                Ok(bytes) if engine.restore(now, &name, &bytes) => {
                    tracing::info!(platform = name, "what was learned before is known again");
                }
                Ok(_) => {
                    tracing::warn!(
                        platform = name,
                        "what was learned before is not readable and is thrown away: {}",
                        path.display()
                    );
                }
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => {
                    tracing::warn!(platform = name, "cannot read {}: {cause}", path.display());
                }
            }
        }
    }

    /// Writes what was learned, when it is time.
    pub(crate) fn keep(&mut self, now: Moment, engine: &Engine) {
        if now < self.due {
            return;
        }
        self.due = now + EVERY;
        if self.writing.as_ref().is_none_or(JoinHandle::is_finished) {
            self.write(now, engine);
        }
    }

    /// Writes what was learned for the last time, and waits for it; a successor's files are left
    /// alone.
    pub(crate) fn end(mut self, now: Moment, engine: &Engine) {
        self.wait();
        if self.succeeded.load(Relaxed) {
            return;
        }
        self.write(now, engine);
        self.wait();
    }

    fn write(&mut self, now: Moment, engine: &Engine) {
        let folder = self.folder.clone();
        let files: Vec<_> = engine
            .platform_names()
            .into_iter()
            .filter_map(|name| Some((self.path(&name), engine.learned(now, &name)?)))
            .collect();
        let write = move || {
            let written = fs::create_dir_all(&folder)
                .and_then(|()| files.iter().try_for_each(|(path, bytes)| write_whole(path, bytes)));
            if let Err(cause) = written {
                tracing::warn!("cannot keep what was learned in {}: {cause}", folder.display());
            }
        };
        // A thread too few costs what was learned since the last time, no more.
        self.writing = thread::Builder::new().name("learned".to_owned()).spawn(write).ok();
    }

    /// Waits for what is being written, as long as a disk may take.
    fn wait(&mut self) {
        let Some(writing) = self.writing.take() else { return };
        let began = Instant::now();
        while !writing.is_finished() {
            if began.elapsed() > PATIENCE {
                tracing::warn!("what was learned could not be written in time");
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = writing.join();
    }

    /// Names of platforms are short and plain; anything else in them is written as its number.
    fn path(&self, platform: &str) -> PathBuf {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        let name: String =
            platform
                .bytes()
                .map(|byte| {
                    if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02x}") }
                })
                .collect();
        self.folder.join(format!("{name}.detector"))
    }
}

/// Where in the week moment zero lies, from Monday's midnight, by the wall clock.
fn seconds_into_week(now: Moment) -> u32 {
    /// The first of January 1970 was a Thursday.
    const THURSDAY: u64 = 3 * 86_400;
    const WEEK: u64 = 7 * 86_400;
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let since_start = now.0 / 1_000_000_000;
    u32::try_from((wall.saturating_sub(since_start) + THURSDAY) % WEEK).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_engine::PlatformSettings;

    fn engine() -> Engine {
        let settings = PlatformSettings { name: "www".to_owned(), capacity: None, acts: false };
        Engine::new(Moment(0), vec![settings])
    }

    fn state() -> (StateDir, PathBuf) {
        let folder = std::env::temp_dir().join(format!("seawall-learned-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        (StateDir::open(&folder).unwrap(), folder)
    }

    #[test]
    fn what_was_learned_is_written_and_read_and_a_broken_file_stops_nobody() {
        let (state, folder) = state();
        Learned::new(&state, Arc::default()).end(Moment(5), &engine());
        let file = folder.join("learned").join("www.detector");
        let bytes = fs::read(&file).unwrap();
        assert!(engine().restore(Moment(0), "www", &bytes));
        fs::write(&file, &bytes[..bytes.len() / 2]).unwrap();
        assert!(!engine().restore(Moment(0), "www", &fs::read(&file).unwrap()));
        Learned::new(&state, Arc::default()).restore(Moment(0), &mut engine());
        // Who was succeeded leaves what is there.
        let succeeded = Arc::new(AtomicBool::new(true));
        Learned::new(&state, succeeded).end(Moment(5), &engine());
        assert_eq!(fs::read(&file).unwrap().len(), bytes.len() / 2);
        fs::remove_dir_all(folder).unwrap();
    }
}
