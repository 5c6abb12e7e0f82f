//! Plays scenarios for real and in the simulator, and lays the figures side by side.
//!
//! Takes the shield's program and scenario files; prints a table, and writes it where it is told to.
//! All defences of one scenario are tried at the same time, each on a thread of its own.

mod arguments;
mod table;

use arguments::Arguments;
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::{Prepared, Scenario, Setting};
use seawall_stage::trial::{RealDefence, Transport, Trial, Tried, try_once};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::thread;
use table::{Row, Table};

/// The defences that are tried unless told otherwise.
const DEFENCES: [DefenceKind; 4] = [
    DefenceKind::Nothing,
    DefenceKind::PerAddress,
    DefenceKind::PerAddressStrict,
    DefenceKind::Shield,
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::read(std::env::args().skip(1))?;
    let mut table = Table::new(arguments.scale);
    for file in &arguments.files {
        let prepared = prepared(file, arguments.scale)?;
        eprintln!("{}: {} s", prepared.scenario.name, prepared.scenario.seconds);
        table.add(compared(&prepared, &arguments)?);
        // After each, so that a sweep that is broken off leaves what it has.
        if let Some(path) = &arguments.write {
            std::fs::write(path, format!("{}{table}", table.preface(&arguments.made)))?;
        }
    }
    print!("{table}");
    Ok(())
}

fn prepared(file: &Path, scale: f64) -> Result<Prepared, Box<dyn Error>> {
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let scenario = Scenario::parse(&std::fs::read_to_string(file)?, &name)?;
    Ok(Prepared::at_scale(scenario, scale)?)
}

/// The rows of one scenario, every defence tried at once.
fn compared(prepared: &Prepared, arguments: &Arguments) -> Result<Vec<Row>, Box<dyn Error>> {
    let tried = thread::scope(|scope| {
        let trials: Vec<_> = DEFENCES
            .into_iter()
            .filter_map(|kind| Some((kind, RealDefence::of(kind)?)))
            .map(|(kind, real)| (kind, scope.spawn(move || tried(prepared, real, arguments))))
            .collect();
        trials
            .into_iter()
            .map(|(kind, trial)| (kind, trial.join().expect("invariant: trials do not panic")))
            .collect::<Vec<_>>()
    });
    let mut rows = Vec::new();
    for (defence, tried) in tried {
        let Tried { scores, report } = tried.map_err(|fault| chain(&*fault))?;
        let setting = Setting { seed: arguments.seed, defence, times_normal: None };
        let simulated = prepared.play(setting)?;
        let platforms = prepared.scenario.platforms.iter().zip(simulated.iter().zip(&scores));
        rows.extend(platforms.map(|(platform, (simulated, real))| Row {
            scenario: prepared.scenario.name.clone(),
            platform: platform.name.clone(),
            defence,
            simulated: simulated.summary(),
            real: real.summary(),
            report,
        }));
        eprintln!("  {}: {report:?}", defence.name());
    }
    Ok(rows)
}

type Sendable = Box<dyn Error + Send + Sync>;

fn tried(
    prepared: &Prepared,
    defence: RealDefence,
    arguments: &Arguments,
) -> Result<Tried, Sendable> {
    let transport = if arguments.tls { Transport::AsStacksAre } else { Transport::Plain };
    let trial = Trial { transport, ..Trial::of(prepared, arguments.seed)? };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(try_once(trial, defence, &arguments.program))?)
}

/// A fault with its causes.
fn chain(fault: &(dyn Error + 'static)) -> String {
    let mut text = fault.to_string();
    let mut cause = fault.source();
    while let Some(fault) = cause {
        text.push_str(": ");
        text.push_str(&fault.to_string());
        cause = fault.source();
    }
    text
}
