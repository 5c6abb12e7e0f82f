//! Plays scenarios from files and prints what they came to.
//!
//! Takes names of files and options ([`arguments::USAGE`]); a table as Markdown goes to stdout, or
//! one run second by second; progress goes to stderr.
//! Ends with 1 where a file has faults or something that it expects does not hold.
//! Bounds: as many threads as the machine has cores.

mod arguments;
mod files;
mod threads;

use arguments::{Arguments, Deed, USAGE};
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::sweep::{Grid, Sweep};
use seawall_sim::scenario::timeline::{self, Shown};
use seawall_sim::scenario::{Prepared, Scenario, Setting, record, table};
use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> ExitCode {
    let ended = Arguments::read(std::env::args().skip(1)).and_then(|arguments| run(&arguments));
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    if let Deed::Help = arguments.deed {
        print!("{USAGE}");
        return Ok(());
    }
    let scenarios = read(arguments)?;
    if let Deed::List = arguments.deed {
        for Scenario { name, model, .. } in &scenarios {
            println!("{name}: {model}");
        }
        return Ok(());
    }
    let prepared = threads::each(&scenarios, |scenario| Prepared::new(scenario.clone()));
    let prepared = prepared.into_iter().zip(&scenarios).map(|(prepared, scenario)| {
        let prepared = prepared.map(|prepared| prepared.with_old_tokens(arguments.old_tokens));
        prepared.map_err(|miscast| format!("{}.toml: {miscast}", scenario.name))
    });
    let prepared = prepared.collect::<Result<Vec<_>, _>>()?;
    match &arguments.deed {
        Deed::Table | Deed::Ladder | Deed::List | Deed::Help => sweep(prepared, arguments),
        Deed::Timeline { svg } => {
            let prepared = one(&prepared)?;
            show(prepared, setting(arguments), svg.as_deref())
        }
        Deed::Record(path) => {
            let mut file = files::Recording::begin(path)?;
            let mut sink = |line: &str| file.put(line);
            let played = record::play(one(&prepared)?, setting(arguments), &mut sink);
            played.map_err(|miscast| miscast.to_string())?;
            file.end()
        }
    }
}

/// Every scenario that the words name; all where they name none.
fn read(arguments: &Arguments) -> Result<Vec<Scenario>, String> {
    let mut scenarios = Vec::new();
    let mut faults = Vec::new();
    for (name, text) in files::scenarios(&arguments.folder, &arguments.names)? {
        match Scenario::parse(&text, &name) {
            Ok(scenario) => scenarios.push(scenario),
            Err(found) => faults.push(found.to_string()),
        }
    }
    if faults.is_empty() { Ok(scenarios) } else { Err(faults.join("\n")) }
}

fn sweep(prepared: Vec<Prepared>, arguments: &Arguments) -> Result<(), String> {
    let grid = Grid {
        seeds: (1..=arguments.seeds).collect(),
        capacities: arguments.capacities.clone(),
        defences: arguments.defences.clone(),
    };
    let mut sweep = Sweep::new(prepared, grid);
    let cells = sweep.cells();
    let done = AtomicUsize::new(0);
    let played = threads::each(&cells, |cell| {
        let summaries = sweep.play(cell);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        eprint!("\r{done} of {} runs", cells.len());
        summaries
    });
    eprintln!();
    let played = played.into_iter().collect::<Result<Vec<_>, _>>();
    sweep.keep(played.map_err(|miscast| miscast.to_string())?);
    if let Deed::Ladder = arguments.deed {
        print!("{}", table::ladder(&sweep));
        return Ok(());
    }
    print!("{}", table::page(&sweep));
    let broken = sweep.broken();
    if broken.is_empty() { Ok(()) } else { Err(broken.join("\n")) }
}

fn one(prepared: &[Prepared]) -> Result<&Prepared, String> {
    match prepared {
        [only] => Ok(only),
        _ => Err(format!("{} scenarios are named; name one", prepared.len())),
    }
}

/// The run that is shown or recorded: the last defence that is named, the first seed.
fn setting(arguments: &Arguments) -> Setting {
    Setting {
        seed: arguments.seeds,
        defence: arguments.defences.last().copied().unwrap_or(DefenceKind::Nothing),
        times_normal: arguments.capacities.first().copied().flatten(),
    }
}

fn show(prepared: &Prepared, setting: Setting, svg: Option<&str>) -> Result<(), String> {
    let scenario = &prepared.scenario;
    let played = prepared.play(setting).map_err(|miscast| miscast.to_string())?;
    for (at, (platform, score)) in scenario.platforms.iter().zip(&played).enumerate() {
        let title = format!("{}: {}, {}", scenario.name, platform.name, setting.defence.name());
        let happenings = timeline::happenings(scenario, at);
        let shown = Shown { title: &title, score, happenings: &happenings };
        println!("{}", timeline::text(shown));
        if let Some(path) = svg {
            files::write(path, &timeline::svg(shown))?;
        }
    }
    Ok(())
}
