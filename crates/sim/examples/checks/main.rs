//! Whom floods cost something while checks are asked: people whose browsers solve, people whose browsers
//! run no scripts and wait in the line, people who leave, and programs.
//!
//! Takes nothing for a table, or `--figures` for the lines that must hold; `--seeds N` plays other than
//! five seeds, and the numbers of scenarios play those alone.
//! Origins carry three times normal demand, and 35 of 100 earlier visitors hold an old token, as where
//! the ladder's bounds of harm are said.
//! Bounds: as many threads as the machine has cores.

#[path = "../brain/files.rs"]
mod files;
#[path = "../scenarios/threads.rs"]
mod threads;

mod page;
mod watch;

use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::{Prepared, Setting};
use std::process::ExitCode;
use watch::{Kind, Of, Watching};

const FOLDER: &str = "scenarios";
const SEEDS: u64 = 5;
const USAGE: &str = "checks [--figures] [--seeds N] [NUMBER…]";
const TIMES_NORMAL: f64 = 3.0;
const OLD_TOKENS: f64 = 0.35;
/// Floods, and the harm to people in percent that the ladder may do in each.
const BOUNDS: [(&str, f64); 13] = [
    ("01", 0.5),
    ("03", 0.5),
    ("04", 0.5),
    ("06", 0.5),
    ("08", 1.5),
    ("09", 3.0),
    ("10", 1.5),
    ("12", 0.5),
    ("14", 0.5),
    ("16", 1.2),
    ("18", 0.5),
    ("19", 0.5),
    ("20", 0.5),
];

/// What a flood came to, over all seeds.
pub(crate) struct Row {
    pub(crate) scenario: String,
    /// In percent.
    pub(crate) bound: f64,
    /// By [`Kind`].
    pub(crate) kinds: [Of; Kind::COUNT],
}

fn main() -> ExitCode {
    let said = read(std::env::args().skip(1)).and_then(|(figures, seeds, meant)| {
        let rows = play(seeds, &meant)?;
        let wanted = if meant.is_empty() { BOUNDS.len() } else { meant.len() };
        if figures { page::lines(&rows, wanted) } else { Ok(page::table(&rows)) }
    });
    match said {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(sentence) => {
            eprintln!("{sentence}");
            ExitCode::FAILURE
        }
    }
}

fn read(mut words: impl Iterator<Item = String>) -> Result<(bool, u64, Vec<String>), String> {
    let (mut figures, mut seeds, mut meant) = (false, SEEDS, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--figures" => figures = true,
            "--seeds" => {
                let number = words.next().and_then(|number| number.parse().ok());
                seeds = number.ok_or(USAGE)?;
            }
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => meant.push(word),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok((figures, seeds, meant))
}

fn bound(name: &str) -> Option<f64> {
    let number = name.split('-').next()?;
    BOUNDS.iter().find(|(known, _)| *known == number).map(|(_, bound)| *bound)
}

fn play(seeds: u64, meant: &[String]) -> Result<Vec<Row>, String> {
    let mut scenarios = files::scenarios(FOLDER)?;
    scenarios.retain(|one| {
        let is_meant = |number: &String| one.name.split('-').next() == Some(number);
        bound(&one.name).is_some() && (meant.is_empty() || meant.iter().any(is_meant))
    });
    let prepared = threads::each(&scenarios, |scenario| {
        Prepared::new(scenario.clone()).map(|one| one.with_old_tokens(OLD_TOKENS))
    });
    let prepared = prepared.into_iter().collect::<Result<Vec<_>, _>>();
    let prepared = prepared.map_err(|miscast| miscast.to_string())?;
    let runs: Vec<_> =
        prepared.iter().flat_map(|one| (1..=seeds).map(move |seed| (one, seed))).collect();
    let played = threads::each(&runs, |(one, seed)| watch(one, *seed));
    let mut played = played.into_iter();
    let rows = prepared.iter().map(|one| {
        let mut kinds: [Of; Kind::COUNT] = Default::default();
        for _ in 0..seeds {
            let run = played.next().ok_or("a run is missing")??;
            kinds.iter_mut().zip(&run).for_each(|(all, one)| all.add(one));
        }
        let scenario = one.scenario.name.clone();
        let bound = bound(&scenario).unwrap_or_default();
        Ok(Row { scenario, bound, kinds })
    });
    rows.collect()
}

/// One run.
fn watch(prepared: &Prepared, seed: u64) -> Result<[Of; Kind::COUNT], String> {
    let setting = Setting { seed, defence: DefenceKind::Shield, times_normal: Some(TIMES_NORMAL) };
    let world = prepared.world(setting).map_err(|miscast| miscast.to_string())?;
    let mut witness = Watching::new(prepared.event());
    world.run_before(&mut witness, prepared.end());
    Ok(witness.kinds)
}
