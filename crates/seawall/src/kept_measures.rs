//! The operator's measures, in `measures.json` of the state folder, so that they outlast a restart and
//! a takeover.
//!
//! Written whenever one is taken up, lifted or expires, on a thread of its own, since a disk may hang;
//! of changes that come faster than the disk the last is written.
//! Their end is kept on the wall clock; what has expired meanwhile is not taken up again.
//! A file that cannot be read is said once and thrown away, and nothing here ever stops a shield.
//! What the ladder set is not kept: it needs fresh evidence.
//! A shield that leaves writes no more, since its successor does.
//! Bounds: [`FILE_MAX`] bytes.

use crate::measures::Asked;
use crate::state::{StateDir, write_whole};
use seawall_control::api::{MitigationMatch, NewMitigation};
use seawall_engine::Engine;
use seawall_engine::policy::{By, Matches, Measure, STANDS_MAX};
use seawall_types::{MeasureId, Moment, PlatformId};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Changes when the format does.
const VERSION: u32 = 1;
/// More than the most measures that may stand, with the longest texts.
const FILE_MAX: u64 = 4 * 1024 * 1024;
/// How long the end of a run waits for a disk.
const PATIENCE: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct File {
    version: u32,
    /// The last name that was given, so that none is given twice.
    last: Option<MeasureId>,
    measures: Vec<Kept>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    id: MeasureId,
    platform: String,
    #[serde(rename = "match")]
    matches: MitigationMatch,
    rung: String,
    rate: Option<String>,
    reason: String,
    /// Milliseconds since 1970 UTC.
    expires_ms: u64,
}

/// Where the operator's measures are kept.
pub(crate) struct KeptMeasures {
    path: PathBuf,
    /// What was handed over to be written last: names and ends.
    written: Vec<(MeasureId, Moment)>,
    /// Set when a successor has the file.
    left: Arc<AtomicBool>,
    writer: Option<(Sender<Vec<u8>>, JoinHandle<()>)>,
}

impl KeptMeasures {
    pub(crate) fn new(state: &StateDir, left: Arc<AtomicBool>) -> Self {
        let path = state.join("measures.json");
        let (sender, texts) = channel();
        let place = path.clone();
        let builder = thread::Builder::new().name("measures".to_owned());
        // A thread too few costs what an operator set when the shield ends, no more.
        let thread = builder.spawn(move || write_all(&place, &texts)).ok();
        Self { path, written: Vec::new(), left, writer: thread.map(|thread| (sender, thread)) }
    }

    /// Hands an engine what was kept and has not expired.
    pub(crate) fn restore(
        &mut self,
        now: Moment,
        (engine, platforms): (&mut Engine, &[(PlatformId, String)]),
    ) {
        let file = match read_measures(&self.path) {
            Ok(Some(file)) => file,
            Ok(None) => return,
            Err(why) => {
                let place = self.path.display();
                tracing::warn!("measures that were set before are thrown away: {place} {why}");
                return;
            }
        };
        if let Some(last) = file.last {
            engine.name_measures_after(last);
        }
        let wall = wall_ms();
        let mut restored = 0;
        for kept in file.measures {
            let Some(left_ms) = kept.expires_ms.checked_sub(wall).filter(|left| *left >= 1_000)
            else {
                continue;
            };
            // A clock that stepped back makes none stand longer than one may.
            let left_ms = left_ms.min(u64::try_from(STANDS_MAX.as_millis()).unwrap_or(u64::MAX));
            let id = kept.id;
            match Asked::read(&kept.wanted(left_ms), platforms) {
                Ok(asked) => {
                    let wanted = asked.wanted(engine);
                    match engine.restore_measure(now, (id, wanted)) {
                        Ok(_) => restored += 1,
                        Err(fault) => tracing::warn!("measure {id} of before is lost: {fault}"),
                    }
                }
                Err(faults) => {
                    tracing::warn!("measure {id} of before is lost: {}", faults.join("; "));
                }
            }
        }
        if restored > 0 {
            tracing::info!(restored, "the operator's measures stand again");
        }
    }

    /// Keeps what stands, if that has changed.
    pub(crate) fn keep(
        &mut self,
        now: Moment,
        (standing, platforms): (&[Measure], &[(PlatformId, String)]),
    ) {
        let own = || standing.iter().filter(|one| one.by == By::Operator);
        let present: Vec<_> = own().map(|one| (one.id, one.expires_at)).collect();
        if present == self.written || self.left.load(Relaxed) {
            return;
        }
        let wall = wall_ms();
        let measures = own().filter_map(|one| kept(one, (now, wall), platforms)).collect();
        let last = standing.iter().map(|one| one.id).max();
        let last = last.max(self.written.iter().map(|(id, _)| *id).max());
        let text = serde_json::to_vec(&File { version: VERSION, last, measures });
        self.written = present;
        if let (Ok(text), Some((writer, _))) = (text, &self.writer) {
            // A writer that is gone has said so.
            let _ = writer.send(text);
        }
    }

    /// Waits until what was handed over is written, as long as a disk may take.
    pub(crate) fn end(mut self) {
        let Some((sender, thread)) = self.writer.take() else { return };
        drop(sender);
        let began = Instant::now();
        while !thread.is_finished() {
            if began.elapsed() > PATIENCE {
                tracing::warn!("the operator's measures could not be written in time");
                return;
            }
            thread::sleep(Duration::from_millis(5));
        }
        let _ = thread.join();
    }
}

impl Kept {
    fn wanted(self, left_ms: u64) -> NewMitigation {
        NewMitigation {
            platform: self.platform,
            matches: self.matches,
            rung: self.rung,
            stands_for: format!("{left_ms}ms"),
            reason: self.reason,
            rate: self.rate,
        }
    }
}

fn kept(
    measure: &Measure,
    (now, wall): (Moment, u64),
    platforms: &[(PlatformId, String)],
) -> Option<Kept> {
    let (_, platform) = platforms.iter().find(|(id, _)| *id == measure.platform)?;
    let mut matches = MitigationMatch::default();
    match &measure.matches {
        Matches::Source(network) => matches.source = Some(network.to_string()),
        Matches::Path(path) => matches.path = Some(path.to_string()),
        Matches::Signature(_) => matches.signature = Some(measure.text.to_string()),
        // Of these there is no match to name: the text says whom the ladder means.
        Matches::Navigations => {}
    }
    let left = u64::try_from(measure.expires_at.since(now).as_millis()).unwrap_or(u64::MAX);
    Some(Kept {
        id: measure.id,
        platform: platform.clone(),
        matches,
        rung: measure.rung.word().to_owned(),
        rate: measure.allowance.rate().map(|rate| rate.to_string()),
        reason: measure.why.to_string(),
        expires_ms: wall.saturating_add(left),
    })
}

/// What a file of the state folder holds; none when there is no file.
///
/// # Errors
/// Why it cannot be read, as the second half of a sentence.
pub(crate) fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, String> {
    let file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(format!("cannot be read: {cause}")),
    };
    let mut bytes = Vec::new();
    let length = file.take(FILE_MAX + 1).read_to_end(&mut bytes);
    let length = length.map_err(|cause| format!("cannot be read: {cause}"))?;
    if length as u64 > FILE_MAX {
        return Err(format!("has more than {FILE_MAX} bytes"));
    }
    serde_json::from_slice(&bytes)
        .map(Some)
        .map_err(|cause| format!("is not what a shield writes there: {cause}"))
}

fn read_measures(path: &Path) -> Result<Option<File>, String> {
    let file: Option<File> = read(path)?;
    let is_known = file.as_ref().is_none_or(|file| file.version == VERSION);
    is_known.then_some(file).ok_or_else(|| "is of another version".to_owned())
}

fn write_all(path: &Path, texts: &Receiver<Vec<u8>>) {
    while let Ok(text) = texts.recv() {
        let newest = texts.try_iter().last().unwrap_or(text);
        if let Err(cause) = write_whole(path, &newest) {
            tracing::warn!("cannot keep the operator's measures in {}: {cause}", path.display());
        }
    }
}

fn wall_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use seawall_engine::PlatformSettings;
    use std::fs;

    fn engine() -> Engine {
        Engine::new(
            Moment(0),
            vec![PlatformSettings { name: "www".to_owned(), capacity: None, acts: false }],
        )
    }

    fn platforms() -> Vec<(PlatformId, String)> {
        vec![(PlatformId(0), "www".to_owned())]
    }

    fn state(name: &str) -> (StateDir, PathBuf) {
        let folder = std::env::temp_dir().join(format!("seawall-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        (StateDir::open(&folder).unwrap(), folder)
    }

    fn add(engine: &mut Engine, matches: MitigationMatch, stands_for: &str) -> MeasureId {
        let wanted = NewMitigation {
            platform: "www".to_owned(),
            matches,
            rung: "limit".to_owned(),
            stands_for: stands_for.to_owned(),
            reason: "test".to_owned(),
            rate: Some("5 rps".to_owned()),
        };
        let wanted = Asked::read(&wanted, &platforms()).unwrap().wanted(engine);
        engine.add_measure(Moment(0), wanted).unwrap()
    }

    fn texts(engine: &Engine) -> Vec<String> {
        let told = |one: &Measure| {
            format!("{} {} {:?}", one.id, one.text, one.allowance.rate().map(|r| r.to_string()))
        };
        engine.standing().iter().map(told).collect()
    }

    #[test]
    fn what_an_operator_set_stands_again_under_its_name_until_its_end() {
        let (state, folder) = state("kept-measures");
        let mut before = engine();
        let by = |text: &str| Some(text.to_owned());
        add(
            &mut before,
            MitigationMatch { source: by("192.0.2.0/24"), ..Default::default() },
            "1h",
        );
        let signature = by("path=/login and ua=\"a b\"");
        add(&mut before, MitigationMatch { signature, ..Default::default() }, "1h");
        add(&mut before, MitigationMatch { path: by("/pay"), ..Default::default() }, "1s");
        let mut kept = KeptMeasures::new(&state, Arc::default());
        let later = Moment(0) + Duration::from_millis(10);
        kept.keep(later, (before.standing(), &platforms()));
        kept.end();

        let mut after = engine();
        KeptMeasures::new(&state, Arc::default()).restore(Moment(0), (&mut after, &platforms()));
        assert_eq!(texts(&after), texts(&before)[..2], "the third has expired, nearly");
        let left = after.standing()[0].expires_at.since(Moment(0));
        assert!(left > Duration::from_mins(59) && left <= Duration::from_hours(1), "{left:?}");
        let next = add(&mut after, MitigationMatch { path: by("/x"), ..Default::default() }, "1m");
        assert_eq!(next.number(), 4, "a name is not given twice");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_file_that_cannot_be_read_stops_nobody_and_a_shield_that_left_writes_none() {
        let (state, folder) = state("kept-broken");
        for text in ["{", "{\"version\": 9, \"last\": null, \"measures\": []}", ""] {
            fs::write(state.join("measures.json"), text).unwrap();
            let mut engine = engine();
            let mut kept = KeptMeasures::new(&state, Arc::default());
            kept.restore(Moment(0), (&mut engine, &platforms()));
            assert_eq!(engine.standing(), []);
        }
        let left = Arc::new(AtomicBool::new(true));
        let mut engine = engine();
        add(
            &mut engine,
            MitigationMatch { path: Some("/".to_owned()), ..Default::default() },
            "1h",
        );
        let mut kept = KeptMeasures::new(&state, left);
        kept.keep(Moment(0), (engine.standing(), &platforms()));
        kept.end();
        assert_eq!(fs::read(state.join("measures.json")).unwrap(), b"");
        fs::remove_dir_all(folder).unwrap();
    }
}
