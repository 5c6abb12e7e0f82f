//! What the detector says of every scenario over five seeds, as Markdown or as single figures.
//!
//! Takes nothing, or `--figures`, or `--day` for the figures of whole days alone, or the beginnings of the names of those that are meant; plays each
//! scenario before the shield, told that its origins carry three times normal demand, and compares
//! what it said with the truth.
//! Bounds: as many seeds at a time as the machine has cores.

#[path = "../scenarios/threads.rs"]
mod threads;

mod figures;
mod files;
mod outcome;
mod page;
mod play;

use play::Parts;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (options, meant): (Vec<String>, Vec<String>) =
        words.into_iter().partition(|word| word.starts_with("--"));
    let said = match &options[..] {
        [] => play::all(&meant, Parts::All).map(|tables| page::page(&tables)),
        [word] if word == "--figures" => {
            play::all(&meant, Parts::Figures).map(|tables| figures::lines(&tables))
        }
        [word] if word == "--day" => {
            play::all(&meant, Parts::Day).map(|tables| figures::of_days(&tables))
        }
        words => Err(format!("not understood: {}", words.join(" "))),
    };
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
