//! `seawall replay`: what the shield would have done with recorded traffic.
//!
//! Opens files, and hands their bytes to the simulator; what is decided and told is decided there.

mod inputs;
mod plan;
mod progress;

use super::print;
use crate::cli::Replay;
use crate::failure::{DID_NOT_HOLD, Failure};
use progress::Progress;
use seawall_sim::replay::{
    Bounds, Comparison, Outcome, Plan, Recorded, Recording, compare, json, play, text,
};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Replays recorded traffic.
///
/// # Errors
/// An input, the configuration or the bounds cannot be read, or the verdicts cannot be written.
pub(crate) fn replay(arguments: &Replay) -> Result<ExitCode, Failure> {
    // Everything that can be wrong with the command line is told before the work begins.
    let bounds = arguments.expect.as_deref().map(bounds).transpose()?;
    let configs = [&arguments.config, &arguments.compare].map(|file| file.as_deref());
    let [config, other] = configs.map(|file| file.map(plan::read).transpose());
    let (config, other) = (config?, other?);
    let inputs = inputs::open(&arguments.inputs)?;
    let verdicts = arguments.verdicts.as_deref();
    let read = [&arguments.config, &arguments.compare, &arguments.expect];
    let read = arguments.inputs.iter().chain(read.into_iter().flatten());
    let verdicts = verdicts.map(|path| create(path, read)).transpose()?;

    let mut progress = Progress::new();
    let mut recording = Recording::new();
    for input in inputs {
        let counted = progress.reading(&input.name, input.bytes, input.file);
        let added = recording.add(&input.name, counted);
        added.map_err(|fault| Failure::caused_by(&fault))?;
    }
    let recorded = recording.finish();
    let mut played =
        |plan| play(&recorded, plan, &mut |done| progress.playing(done, recorded.records()));
    let seed = arguments.seed;
    let outcome = played(match &config {
        Some(config) => plan::plan(config, seed),
        None => Plan::without_configuration(&recorded, seed),
    });
    let second = other.as_ref().map(|other| played(plan::plan(other, seed)));
    progress.end();
    let comparison = second.map(|second| compare(&recorded, &outcome, &second));

    if let Some((mut file, path)) = verdicts.zip(arguments.verdicts.as_deref()) {
        let written = outcome.write_verdicts(&recorded, &mut file);
        written.map_err(|cause| unwritable(path, &cause))?;
    }
    tell(arguments, &recorded, &outcome, comparison.as_ref())?;
    bounds.map_or(Ok(ExitCode::SUCCESS), |bounds| held(&bounds, &outcome))
}

fn tell(
    arguments: &Replay,
    recorded: &Recorded,
    outcome: &Outcome,
    comparison: Option<&Comparison>,
) -> Result<(), Failure> {
    for unread in recorded.unread_named() {
        eprintln!("{unread}");
    }
    let more = recorded.unread_unnamed();
    if more > 0 {
        eprintln!("… and {more} more that were not read");
    }
    if arguments.json {
        let summary = json(&outcome.summary, comparison);
        print(&format!("{}\n", summary.map_err(|cause| Failure::caused_by(&cause))?));
        return Ok(());
    }
    if arguments.config.is_none() && recorded.records() > 0 {
        eprintln!("no configuration is given (-c FILE): the platforms of the records, no limits");
    }
    print(&text(recorded, outcome, comparison));
    Ok(())
}

fn bounds(path: &Path) -> Result<Bounds, Failure> {
    let place = path.display();
    let wrong = |what: String| Failure::wrong(vec![format!("{place}: {what}")]);
    let bytes = fs::read(path).map_err(|cause| wrong(format!("cannot be read: {cause}")))?;
    Bounds::parse(&bytes).map_err(|fault| wrong(fault.to_string()))
}

/// Tells each bound that does not hold.
fn held(bounds: &Bounds, outcome: &Outcome) -> Result<ExitCode, Failure> {
    let broken = bounds.broken(&outcome.summary);
    let broken = broken.map_err(|fault| Failure::wrong(vec![fault.to_string()]))?;
    for sentence in &broken {
        eprintln!("does not hold: {sentence}");
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(DID_NOT_HOLD) })
}

/// Makes the file of verdicts, unless it is one of the inputs.
fn create<'a>(path: &Path, mut read: impl Iterator<Item = &'a PathBuf>) -> Result<File, Failure> {
    let same = |input: &PathBuf| {
        let [input, output] = [input, path].map(fs::canonicalize);
        input.is_ok_and(|input| output.is_ok_and(|output| input == output))
    };
    if read.any(same) {
        let place = path.display();
        let sentence = format!("--verdicts {place} is also a file that is read; name another file");
        return Err(Failure::wrong(vec![sentence]));
    }
    File::create(path).map_err(|cause| unwritable(path, &cause))
}

fn unwritable(path: &Path, cause: &std::io::Error) -> Failure {
    Failure::failed(format!(
        "{}: the verdicts cannot be written: {cause}; name a place with room that may be written to",
        path.display()
    ))
}
