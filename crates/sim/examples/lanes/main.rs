//! Whether those in lanes are served during every flood of the scenarios, and readers of feeds.
//!
//! Takes nothing for a table, or `--figures` for the lines that must hold; `--seeds N` plays other than
//! five seeds, and the numbers of scenarios play those alone.
//! Staff come by a link, monitors by their network, webhooks by what they sign, crawlers by a confirmed
//! address; readers of feeds hold nothing, and have the lane that every shield has for them.
//! Bounds: as many threads as the machine has cores.

#[path = "../brain/files.rs"]
mod files;
#[path = "../scenarios/threads.rs"]
mod threads;

mod cast;
mod page;
mod served;

use cast::Party;
use seawall_sim::defence::DefenceKind;
use seawall_sim::scenario::{Prepared, Setting};
use served::Served;
use std::process::ExitCode;

const FOLDER: &str = "scenarios";
const SEEDS: u64 = 5;
/// Scenarios with a flood; a line that holds is about all of them.
const FLOODS: usize = 38;
const USAGE: &str = "lanes [--figures] [--seeds N] [NUMBER…]";

/// What a flood came to for those in lanes, over all seeds.
pub(crate) struct Row {
    pub(crate) scenario: String,
    /// By [`Party`].
    pub(crate) parties: [Served; Party::COUNT],
}

/// What is asked for.
struct Words {
    figures: bool,
    seeds: u64,
    meant: Vec<String>,
}

fn main() -> ExitCode {
    let said = read(std::env::args().skip(1)).and_then(|words| {
        let rows = play(&words)?;
        let wanted = if words.meant.is_empty() { FLOODS } else { words.meant.len() };
        if words.figures { page::lines(&rows, wanted) } else { Ok(page::table(&rows)) }
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

fn read(mut words: impl Iterator<Item = String>) -> Result<Words, String> {
    let mut read = Words { figures: false, seeds: SEEDS, meant: Vec::new() };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--figures" => read.figures = true,
            "--seeds" => {
                let number = words.next().and_then(|number| number.parse().ok());
                read.seeds = number.ok_or(USAGE)?;
            }
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => read.meant.push(word),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok(read)
}

fn play(words: &Words) -> Result<Vec<Row>, String> {
    let mut scenarios = files::scenarios(FOLDER)?;
    scenarios.retain(|scenario| {
        let number = scenario.name.split('-').next().unwrap_or_default();
        let is_meant = words.meant.is_empty() || words.meant.iter().any(|one| one == number);
        is_meant && cast::flood_of(scenario).is_some()
    });
    let prepared = threads::each(&scenarios, |scenario| {
        Prepared::new(cast::with_staff(scenario)).map(|one| one.with_lanes(cast::holds_something))
    });
    let prepared = prepared.into_iter().collect::<Result<Vec<_>, _>>();
    let prepared = prepared.map_err(|miscast| miscast.to_string())?;
    let runs: Vec<_> =
        prepared.iter().flat_map(|one| (1..=words.seeds).map(move |seed| (one, seed))).collect();
    let played = threads::each(&runs, |(one, seed)| watch(one, *seed));
    let played = played.into_iter().collect::<Result<Vec<_>, _>>()?;
    let seeds = usize::try_from(words.seeds).unwrap_or(usize::MAX).max(1);
    let rows = prepared.iter().zip(played.chunks(seeds)).map(|(one, seeds)| {
        let mut parties: [Served; Party::COUNT] = Default::default();
        for of_seed in seeds {
            parties.iter_mut().zip(of_seed).for_each(|(all, one)| all.add(one));
        }
        Row { scenario: one.scenario.name.clone(), parties }
    });
    Ok(rows.collect())
}

/// One run.
fn watch(prepared: &Prepared, seed: u64) -> Result<[Served; Party::COUNT], String> {
    let setting = Setting { seed, defence: DefenceKind::Shield, times_normal: None };
    let world = prepared.world(setting).map_err(|miscast| miscast.to_string())?;
    let mut witness = served::Watching::new(&prepared.scenario);
    world.run_before(&mut witness, prepared.end());
    Ok(witness.parties)
}
