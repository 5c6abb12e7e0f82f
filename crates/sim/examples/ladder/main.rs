//! What the ladder comes to in floods and crowds: tables as Markdown, or single figures.
//!
//! Takes nothing for the tables, `--figures` for the figures of the same runs, `--both` for the one after
//! the other, or `--ends` for what becomes of measures when floods end; `--seeds N` plays fewer seeds than five, and the numbers of
//! scenarios play those alone.
//! Bounds: as many threads as the machine has cores.

#[path = "../brain/files.rs"]
mod files;
#[path = "../scenarios/threads.rs"]
mod threads;

mod ends;
mod figures;
mod play;

use std::process::ExitCode;

/// Seeds of every row.
const SEEDS: u64 = 5;
const USAGE: &str = "ladder [--figures | --both | --ends] [--seeds N] [NUMBER…]";

/// What is asked for.
#[derive(Clone, Copy)]
enum Deed {
    Page,
    Figures,
    Both,
    Ends,
}

fn main() -> ExitCode {
    let said = read(std::env::args().skip(1)).and_then(|(deed, seeds, meant)| match deed {
        Deed::Page => play::all(seeds, &meant).map(|played| play::page(&played)),
        Deed::Figures => play::all(seeds, &meant).map(|played| figures::lines(&played)),
        Deed::Both => play::all(seeds, &meant)
            .map(|played| format!("{}\n{}", play::page(&played), figures::lines(&played))),
        Deed::Ends => ends::lines(),
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

fn read(mut words: impl Iterator<Item = String>) -> Result<(Deed, u64, Vec<String>), String> {
    let (mut deed, mut seeds, mut meant) = (Deed::Page, SEEDS, Vec::new());
    while let Some(word) = words.next() {
        match word.as_str() {
            "--figures" => deed = Deed::Figures,
            "--both" => deed = Deed::Both,
            "--ends" => deed = Deed::Ends,
            "--seeds" => {
                let number = words.next().and_then(|number| number.parse().ok());
                seeds = number.ok_or(USAGE)?;
            }
            number if number.bytes().all(|byte| byte.is_ascii_digit()) => meant.push(word),
            _ => return Err(USAGE.to_owned()),
        }
    }
    Ok((deed, seeds, meant))
}
