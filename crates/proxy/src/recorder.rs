//! Requests as lines of JSON: written beside the traffic, never in its way.
//!
//! A core hands a request over and goes on; when the writer is behind or the disk is full, the
//! line is lost and counted.
//! Bounds: [`QUEUE_MAX`] requests wait; files rotate so that the folder holds what it may.

mod files;

use crate::client::{Client, Via};
use crate::connection::Connection;
use files::Files;
use seawall_types::{PlatformId, Reason, Record, Verdict};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

/// Requests that may wait for the writer: 16 Ki of about 500 bytes are 8 MiB.
const QUEUE_MAX: usize = 16_384;
/// Lines are on disk this long after they were made, at the latest.
const FLUSH_AFTER: Duration = Duration::from_secs(1);
/// How often a queue that is full is tried again when everything is to be written.
const TRY_AGAIN: Duration = Duration::from_millis(5);

/// A request as it is remembered while it runs.
#[derive(Debug, Default)]
pub(crate) struct RecordedRequest {
    pub(crate) record: Record,
    pub(crate) platform: Option<PlatformId>,
    pub(crate) bytes: u64,
}

impl RecordedRequest {
    /// What is known when the head is complete.
    pub(crate) fn begin<B>(
        request: &http::Request<B>,
        (connection, client): (&Connection, &Client),
        wall_secs: f64,
    ) -> Self {
        let field = |name: http::HeaderName| {
            let value = request.headers().get(name)?;
            Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
        };
        let names: Vec<&str> = request.headers().keys().map(http::HeaderName::as_str).collect();
        // The connection of a proxy shows the proxy.
        let is_own = client.via == Via::Socket;
        let is_h2 = request.version() == http::Version::HTTP_2;
        let record = Record {
            t: wall_secs,
            host: crate::request::authority(request).map(str::to_owned),
            src: client.address.to_string(),
            method: Some(request.method().to_string()),
            path: path(request),
            proto: Some(if is_h2 { "h2" } else { "h1" }.to_owned()),
            ua: field(http::header::USER_AGENT),
            referer: field(http::header::REFERER),
            lang: field(http::header::ACCEPT_LANGUAGE),
            headers: Some(names.join(",")),
            ja4: is_own.then(|| fingerprint(connection.ja4.get(), connection.tls)).flatten(),
            h2: is_own.then(|| fingerprint(connection.h2_fingerprint.get(), is_h2)).flatten(),
            // Of one that is borne nobody has noted yet who set it.
            cookie: (!request.headers().contains_key(http::header::COOKIE)).then_some(false),
            ..Record::default()
        };
        Self { record, platform: None, bytes: 0 }
    }
}

/// A fingerprint; an empty one says that there is none to take.
fn fingerprint(text: Option<&impl ToString>, is_spoken: bool) -> Option<String> {
    match text {
        Some(text) => Some(text.to_string()),
        None if is_spoken => None,
        None => Some(String::new()),
    }
}

/// Path and query as the origin gets them: an absolute form may have a query alone
/// (RFC 9112 §3.2.1).
fn path<B>(request: &http::Request<B>) -> String {
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    let front = if target.starts_with('?') { "/" } else { "" };
    [front, target].concat()
}

impl RecordedRequest {
    /// What the shield did with it, and why.
    pub(crate) fn tell(&mut self, verdict: Verdict, reason: Reason) {
        self.record.verdict = Some(verdict.word().to_owned());
        self.record.reason = Some(reason.word().to_owned());
    }
}

/// What the writer is handed.
enum Work {
    Record(Box<RecordedRequest>),
    /// Everything before it goes to the system; then whoever waits is told.
    Flush(SyncSender<()>),
}

/// Where cores put requests to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Recorder {
    queue: SyncSender<Work>,
    lost: Arc<AtomicU64>,
}

/// What the writer needs.
#[derive(Debug, Clone)]
pub(crate) struct RecorderSetup {
    pub(crate) folder: PathBuf,
    pub(crate) folder_max: u64,
}

impl Recorder {
    /// Starts the writer on a thread of its own; it ends when the last recorder is dropped.
    ///
    /// # Errors
    /// The thread could not be started.
    pub(crate) fn start(
        setup: RecorderSetup,
        platform_name: impl Fn(PlatformId) -> Option<String> + Send + 'static,
    ) -> io::Result<Self> {
        let files = Files::new(setup);
        let (queue, requests) = sync_channel(QUEUE_MAX);
        let lost = Arc::new(AtomicU64::new(0));
        let writer_lost = lost.clone();
        thread::Builder::new()
            .name("recorder".to_owned())
            .spawn(move || write_all(&requests, files, &platform_name, &writer_lost))?;
        Ok(Self { queue, lost })
    }

    /// Takes a request, or counts it as lost.
    pub(crate) fn put(&self, request: Box<RecordedRequest>) {
        if self.queue.try_send(Work::Record(request)).is_err() {
            self.lost.fetch_add(1, Relaxed);
        }
    }

    /// Waits until everything that was put has been handed to the system, for at most `patience`.
    pub(crate) fn flush(&self, patience: Duration) {
        let give_up = Instant::now() + patience;
        let (done, flushed) = sync_channel(1);
        let mut work = Work::Flush(done);
        while let Err(TrySendError::Full(unsent)) = self.queue.try_send(work) {
            if Instant::now() > give_up {
                return;
            }
            work = unsent;
            thread::sleep(TRY_AGAIN);
        }
        // A writer that does not answer hangs in the disk, and nothing here can mend that.
        let _ = flushed.recv_timeout(give_up.saturating_duration_since(Instant::now()));
    }

    /// Lines that were lost since the start.
    pub(crate) fn lost(&self) -> u64 {
        self.lost.load(Relaxed)
    }
}

fn write_all(
    requests: &Receiver<Work>,
    mut files: Files,
    platform_name: &dyn Fn(PlatformId) -> Option<String>,
    lost: &AtomicU64,
) {
    let mut failing = false;
    loop {
        let outcome = match requests.recv_timeout(FLUSH_AFTER) {
            Ok(Work::Record(request)) => files.write(&finished(*request, platform_name)),
            Ok(Work::Flush(done)) => {
                let flushed = files.flush();
                // Whoever waited may have lost patience.
                let _ = done.send(());
                flushed
            }
            Err(RecvTimeoutError::Timeout) => files.flush(),
            Err(RecvTimeoutError::Disconnected) => {
                let _ = files.flush();
                return;
            }
        };
        match outcome {
            Ok(()) => failing = false,
            Err(cause) => {
                lost.fetch_add(1, Relaxed);
                if !std::mem::replace(&mut failing, true) {
                    tracing::warn!(%cause, "requests are not recorded until this is mended");
                }
            }
        }
    }
}

fn finished(
    request: RecordedRequest,
    platform_name: &dyn Fn(PlatformId) -> Option<String>,
) -> Record {
    let mut record = request.record;
    record.platform = request.platform.and_then(platform_name);
    record.bytes = Some(request.bytes);
    record
}

#[cfg(test)]
mod tests;
